/*
 * sigv4_verify.c
 *	  Checking AWS Signature Version 4: is a request from who has the secret, as he wrote it, and of now?
 *
 * Everything that decides what a request does has to be signed: the host, the time, the
 * action (X-Amz-Target) and the bytes of its body.  A body's hash that comes as a header
 * counts only if it is that of the body.
 */
#include "aws/sigv4_verify.h"

#include "aws/sigv4.h"
#include "base/texts.h"
#include "base/timestamps.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATION "aws4_request"
#define TIME_LENGTH 16 /* 20130524T000000Z */
#define DAY_LENGTH 8
#define SIGNATURE_LENGTH 64
#define MAX_SKEW (5 * USECS_PER_MINUTE)

/* What has to be signed when it is there; the first has to be there. */
static const char *const must_be_signed[] = {"host", "x-amz-date", "x-amz-target"};

static bool
fail(Sigv4Problem *problem, const char *code, const char *message)
{
	problem->code = code;
	problem->message = message;
	return false;
}

static bool
incomplete(Sigv4Problem *problem, const char *message)
{
	return fail(problem, "IncompleteSignatureException", message);
}

static bool
differs(Sigv4Problem *problem, const char *message)
{
	return fail(problem, "InvalidSignatureException", message);
}

bool
secret_equals(const char *a, const char *b)
{
	size_t length = strlen(a);
	unsigned char difference = 0;

	if (length != strlen(b))
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char) (a[i] ^ b[i]);
	return difference == 0;
}

const char *
sigv4_header(const Sigv4Received *request, const char *name)
{
	for (int i = 0; i < request->header_count; i++)
	{
		if (pg_strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	}
	return NULL;
}

bool
sigv4_is_signed(const Sigv4Received *request)
{
	const char *authorization = sigv4_header(request, "authorization");

	return authorization != NULL && strncmp(authorization, ALGORITHM, strlen(ALGORITHM)) == 0;
}

/* ---- what it says of itself ---- */

/* The value of "name=value" in a list of such, separated by commas and blanks; NULL: it is not there, or empty. */
static char *
parameter_of(const char *list, const char *name)
{
	size_t name_length = strlen(name);

	for (const char *c = list; *c != '\0';)
	{
		size_t length;

		c += strspn(c, ", ");
		length = strcspn(c, ", ");
		if (length > name_length + 1 && strncmp(c, name, name_length) == 0 && c[name_length] == '=')
			return pnstrdup(c + name_length + 1, length - name_length - 1);
		c += length;
	}
	return NULL;
}

/* "key/20130524/us-east-1/states/aws4_request"; the key may not have a slash. */
static bool
read_scope(char *credential, Sigv4Claim *claim)
{
	char *parts[5] = {credential};

	for (int i = 1; i < (int) lengthof(parts); i++)
	{
		parts[i] = strchr(parts[i - 1], '/');
		if (parts[i] == NULL)
			return false;
		*parts[i]++ = '\0';
	}
	if (strchr(parts[4], '/') != NULL)
		return false;
	claim->access_key = parts[0];
	claim->day = parts[1];
	claim->region = parts[2];
	claim->service = parts[3];
	return strcmp(parts[4], TERMINATION) == 0 && parts[0][0] != '\0' && parts[2][0] != '\0' && parts[3][0] != '\0' &&
		strlen(parts[1]) == DAY_LENGTH && strspn(parts[1], "0123456789") == DAY_LENGTH;
}

/* "20130524T000000Z" */
static bool
read_time(const char *text, TimestampTz *moment)
{
	char *iso;

	if (strlen(text) != TIME_LENGTH || strspn(text, "0123456789") != DAY_LENGTH || text[DAY_LENGTH] != 'T' ||
		strspn(text + DAY_LENGTH + 1, "0123456789") != 6 || text[TIME_LENGTH - 1] != 'Z')
		return false;
	iso = psprintf("%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6, text + 9, text + 11, text + 13);
	return timestamp_parse(iso, (int) strlen(iso), moment);
}

static bool
is_hexadecimal(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static bool
check_clock(const Sigv4Claim *claim, TimestampTz moment, TimestampTz now, Sigv4Problem *problem)
{
	if (moment < now - MAX_SKEW)
		return differs(problem,
					   psprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)", claim->time,
								sigv4_time(now - MAX_SKEW), sigv4_time(now)));
	if (moment > now + MAX_SKEW)
		return differs(problem,
					   psprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)", claim->time,
								sigv4_time(now + MAX_SKEW), sigv4_time(now)));
	return true;
}

bool
sigv4_claim_read(const Sigv4Received *request, TimestampTz now, Sigv4Claim *claim, Sigv4Problem *problem)
{
	const char *authorization = sigv4_header(request, "authorization");
	char *credential;
	TimestampTz moment;

	if (authorization == NULL)
		return fail(problem, "MissingAuthenticationTokenException", "Missing Authentication Token");
	if (!sigv4_is_signed(request) || strchr(" ,", authorization[strlen(ALGORITHM)]) == NULL)
		return incomplete(problem, "Authorization header must begin with '" ALGORITHM "'.");
	authorization += strlen(ALGORITHM);
	credential = parameter_of(authorization, "Credential");
	claim->signed_headers = parameter_of(authorization, "SignedHeaders");
	claim->signature = parameter_of(authorization, "Signature");
	claim->time = sigv4_header(request, "x-amz-date");
	claim->session_token = sigv4_header(request, "x-amz-security-token");
	if (credential == NULL)
		return incomplete(problem, "Authorization header requires 'Credential' parameter.");
	if (claim->signature == NULL || !is_hexadecimal(claim->signature, SIGNATURE_LENGTH))
		return incomplete(problem, "Authorization header requires 'Signature' parameter.");
	if (claim->signed_headers == NULL)
		return incomplete(problem, "Authorization header requires 'SignedHeaders' parameter.");
	if (claim->time == NULL || !read_time(claim->time, &moment))
		return incomplete(problem, "Authorization header requires existence of a valid 'X-Amz-Date' header.");
	if (!read_scope(credential, claim))
		return incomplete(problem,
						  "Credential must have exactly 5 slash-delimited elements, e.g. "
						  "keyid/date/region/service/aws4_request.");
	if (strncmp(claim->time, claim->day, DAY_LENGTH) != 0)
		return differs(problem, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.");
	return check_clock(claim, moment, now, problem);
}

/* ---- the signature ---- */

static bool
is_in_list(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *c = list; *c != '\0';)
	{
		size_t item = strcspn(c, ";");

		if (item == length && strncmp(c, name, item) == 0)
			return true;
		c += item + (c[item] == ';');
	}
	return false;
}

/* The lines "Name: value" of all headers that are signed, NULL at the end. */
static const char **
signed_lines(const Sigv4Received *request, const Sigv4Claim *claim)
{
	const char **lines = palloc(sizeof(char *) * (request->header_count + 1));
	int count = 0;

	for (int i = 0; i < request->header_count; i++)
	{
		char *name = text_lower(pstrdup(request->headers[i].name));

		if (is_in_list(claim->signed_headers, name))
			lines[count++] = psprintf("%s: %s", name, request->headers[i].value);
	}
	lines[count] = NULL;
	return lines;
}

/* The body's hash that is signed; NULL: what the request says of it is not true. */
static const char *
payload_hash(const Sigv4Received *request)
{
	const char *said = sigv4_header(request, "x-amz-content-sha256");

	if (said == NULL)
		return request->body_hash;
	if (strcmp(said, SIGV4_UNSIGNED_PAYLOAD) == 0)
		return request->is_private ? said : NULL;
	return strcmp(said, request->body_hash) == 0 ? said : NULL;
}

bool
sigv4_claim_check(const Sigv4Received *request, const Sigv4Claim *claim, const char *secret, char **canonical,
				  Sigv4Problem *problem)
{
	Sigv4Key key = {.access_key = claim->access_key,
					.secret_key = secret,
					.region = claim->region,
					.service = claim->service};
	Sigv4Request form = {.method = request->method, .path = request->path, .query = request->query};
	char *names;
	char *expected;

	*canonical = NULL;
	for (int i = 0; i < (int) lengthof(must_be_signed); i++)
	{
		if ((sigv4_header(request, must_be_signed[i]) != NULL || i == 0) &&
			!is_in_list(claim->signed_headers, must_be_signed[i]))
			return differs(problem,
						   psprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", must_be_signed[i]));
	}
	form.headers = signed_lines(request, claim);
	form.payload_hash = payload_hash(request);
	if (form.payload_hash == NULL)
		return differs(problem, "The value of 'x-amz-content-sha256' is not the SHA-256 of the body.");
	*canonical = sigv4_canonical_request(&form, key.service, &names);
	expected = *canonical != NULL ? sigv4_signature(*canonical, claim->time, &key) : NULL;
	if (expected == NULL || strcmp(names, claim->signed_headers) != 0 || !secret_equals(expected, claim->signature))
		return differs(problem,
					   "The request signature we calculated does not match the signature you provided. Check your AWS "
					   "Secret Access Key and signing method. Consult the service documentation for details.");
	return true;
}
