/*
 * sigv4.c
 *	  AWS Signature Version 4: who sends a request, and that it is as he wrote it.
 */
#include "aws/sigv4.h"

#include "aws/url_encoding.h"
#include "base/hashes.h"
#include "base/texts.h"
#include "base/timestamps.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TERMINATION "aws4_request"
#define SIGNATURE_PARAMETER "X-Amz-Signature"
#define DAY_LENGTH 8 /* "20130524" */

/*
 * Derived keys that were used: half of what signing and checking cost.  A process has so many; another secret of the
 * same access key, or another day, takes the place of the one before, which is wiped.
 */
#define KEPT_KEYS 64
#define KEPT_TEXT 256

typedef struct DerivedKey
{
	char made_of[KEPT_TEXT]; /* day, region, service, secret; "": the place is free */
	uint8 key[HMAC_SHA256_BYTES];
} DerivedKey;

static DerivedKey derived_keys[KEPT_KEYS];

/* A header or a parameter of the query. */
typedef struct NamedValue
{
	const char *name;
	const char *value;
	int number; /* as they came */
} NamedValue;

/* ---- times and scopes ---- */

char *
sigv4_time(TimestampTz now)
{
	StringInfoData printed;
	char *end;

	initStringInfo(&printed);
	timestamp_print(&printed, now - now % USECS_PER_SEC);
	end = printed.data;
	for (const char *c = printed.data; *c != '\0'; c++)
	{
		if (*c != '-' && *c != ':')
			*end++ = *c;
	}
	*end = '\0';
	return printed.data;
}

/* What the key is good for: "20130524/us-east-1/s3/aws4_request". */
static char *
scope_of(const char *time, const Sigv4Key *key)
{
	return psprintf("%.8s/%s/%s/" TERMINATION, time, key->region, key->service);
}

char *
sigv4_payload_hash(const char *payload, int length)
{
	return hash_hex("SHA-256", payload, length);
}

/* ---- the canonical form ---- */

static bool
is_s3(const char *service)
{
	return strcmp(service, "s3") == 0;
}

/*
 * S3's paths are names of objects, taken as they are.  Elsewhere superfluous parts are left out and what is encoded
 * is encoded again.
 */
static char *
canonical_path(const char *path, const char *service)
{
	size_t length = strlen(path);
	char **parts = palloc(sizeof(char *) * (length + 1));
	int count = 0;
	StringInfoData out;

	if (is_s3(service))
		return length > 0 ? pstrdup(path) : pstrdup("/");
	for (const char *c = path; *c != '\0';)
	{
		int part_length = (int) strcspn(c, "/");
		char *part = pnstrdup(c, part_length);

		if (strcmp(part, "..") == 0)
			count = Max(count - 1, 0);
		else if (part_length > 0 && strcmp(part, ".") != 0)
			parts[count++] = part;
		c += part_length + (c[part_length] == '/');
	}
	initStringInfo(&out);
	for (int i = 0; i < count; i++)
	{
		appendStringInfoChar(&out, '/');
		url_encode_append(&out, parts[i], false);
	}
	if (count == 0 || path[length - 1] == '/')
		appendStringInfoChar(&out, '/');
	return out.data;
}

static int
compare_parameters(const void *left, const void *right)
{
	const NamedValue *a = left;
	const NamedValue *b = right;
	int names = strcmp(a->name, b->name);

	return names != 0 ? names : strcmp(a->value, b->value);
}

static int
compare_headers(const void *left, const void *right)
{
	const NamedValue *a = left;
	const NamedValue *b = right;
	int names = strcmp(a->name, b->name);

	return names != 0 ? names : a->number - b->number;
}

/* Encoded anew, so that there is one spelling; NULL: it cannot be decoded. */
static const char *
encoded_anew(const char *text, int length)
{
	char *decoded = url_decode(text, length);

	return decoded != NULL ? url_encode(decoded, false) : NULL;
}

/* Reads "name=value" or "name"; false: not encoded as it should be. */
static bool
read_parameter(const char *text, int length, NamedValue *parameter)
{
	const char *equals = memchr(text, '=', length);
	int name_length = equals != NULL ? (int) (equals - text) : length;

	parameter->name = encoded_anew(text, name_length);
	parameter->value = equals != NULL ? encoded_anew(equals + 1, length - name_length - 1) : "";
	return parameter->name != NULL && parameter->value != NULL;
}

/* In the order of the encoded names, then of the values. */
static char *
canonical_query(const char *query)
{
	NamedValue *parameters = palloc(sizeof(NamedValue) * (strlen(query) + 1));
	int count = 0;
	StringInfoData out;

	for (const char *c = query; *c != '\0';)
	{
		int length = (int) strcspn(c, "&");

		if (length > 0 && !read_parameter(c, length, &parameters[count]))
			return NULL;
		if (length > 0 && strcmp(parameters[count].name, SIGNATURE_PARAMETER) != 0)
			count++;
		c += length + (c[length] == '&');
	}
	qsort(parameters, count, sizeof(NamedValue), compare_parameters);
	initStringInfo(&out);
	for (int i = 0; i < count; i++)
		appendStringInfo(&out, "%s%s=%s", i > 0 ? "&" : "", parameters[i].name, parameters[i].value);
	return out.data;
}

/* Without blanks around it, and one where there are several. */
static char *
trimmed(const char *text)
{
	char *out = palloc(strlen(text) + 1);
	char *end = out;

	for (const char *c = text; *c != '\0'; c++)
	{
		bool is_blank = *c == ' ' || *c == '\t';

		if (!is_blank)
			*end++ = *c;
		else if (end > out && end[-1] != ' ')
			*end++ = ' ';
	}
	if (end > out && end[-1] == ' ')
		end--;
	*end = '\0';
	return out;
}

/* "Name: value" */
static void
read_header(const char *line, NamedValue *header)
{
	size_t length = strcspn(line, ":");

	header->name = text_lower(pnstrdup(line, length));
	header->value = trimmed(line[length] == ':' ? line + length + 1 : "");
}

/* A line for each name, in their order; several headers of one name are one, with commas. */
static char *
canonical_headers(const char *const *lines, char **signed_headers)
{
	NamedValue *headers;
	int count = 0;
	StringInfoData out;
	StringInfoData names;

	while (lines[count] != NULL)
		count++;
	headers = palloc(sizeof(NamedValue) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		read_header(lines[i], &headers[i]);
		headers[i].number = i;
	}
	qsort(headers, count, sizeof(NamedValue), compare_headers);
	initStringInfo(&out);
	initStringInfo(&names);
	for (int i = 0; i < count; i++)
	{
		if (i > 0 && strcmp(headers[i].name, headers[i - 1].name) == 0)
			appendStringInfo(&out, ",%s", headers[i].value);
		else
		{
			appendStringInfo(&out, "%s%s:%s", i > 0 ? "\n" : "", headers[i].name, headers[i].value);
			appendStringInfo(&names, "%s%s", i > 0 ? ";" : "", headers[i].name);
		}
	}
	appendStringInfoChar(&out, '\n');
	*signed_headers = names.data;
	return out.data;
}

char *
sigv4_canonical_request(const Sigv4Request *request, const char *service, char **signed_headers)
{
	char *query = canonical_query(request->query);
	char *headers = canonical_headers(request->headers, signed_headers);

	if (query == NULL)
		return NULL;
	return psprintf("%s\n%s\n%s\n%s\n%s\n%s", request->method, canonical_path(request->path, service), query, headers,
					*signed_headers, request->payload_hash);
}

/* ---- signing ---- */

/* Day, region, service, request: each is signed with what the one before gave. */
static bool
derive_key(const char *time, const Sigv4Key *key, uint8 *derived)
{
	char *secret = psprintf("AWS4%s", key->secret_key);
	const char *steps[] = {pnstrdup(time, DAY_LENGTH), key->region, key->service, TERMINATION};
	bool is_done = hmac_sha256(secret, strlen(secret), steps[0], strlen(steps[0]), derived);

	for (int i = 1; i < (int) lengthof(steps) && is_done; i++)
		is_done = hmac_sha256(derived, HMAC_SHA256_BYTES, steps[i], strlen(steps[i]), derived);
	return is_done;
}

/* Where the key for that access key, region and service stands. */
static DerivedKey *
place_of(const Sigv4Key *key)
{
	const char *const parts[] = {key->access_key, key->region, key->service};
	uint32 hash = 2166136261U;

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		for (const char *c = parts[i] != NULL ? parts[i] : ""; *c != '\0'; c++)
			hash = (hash ^ (unsigned char) *c) * 16777619U;
	}
	return &derived_keys[hash % KEPT_KEYS];
}

/* As derive_key(), once a day. */
static bool
find_derived_key(const char *time, const Sigv4Key *key, uint8 *derived)
{
	DerivedKey *kept = place_of(key);
	char *made_of = psprintf("%.*s\n%s\n%s\n%s", DAY_LENGTH, time, key->region, key->service, key->secret_key);
	size_t length = strlen(made_of);

	if (strcmp(kept->made_of, made_of) != 0)
	{
		explicit_bzero(kept, sizeof(DerivedKey));
		if (!derive_key(time, key, kept->key))
			return false;
		if (length < sizeof(kept->made_of))
			memcpy(kept->made_of, made_of, length);
	}
	memcpy(derived, kept->key, HMAC_SHA256_BYTES);
	return true;
}

char *
sigv4_signature(const char *canonical, const char *time, const Sigv4Key *key)
{
	char *digest = canonical != NULL ? hash_hex("SHA-256", canonical, (int) strlen(canonical)) : NULL;
	uint8 derived[HMAC_SHA256_BYTES];
	uint8 signature[HMAC_SHA256_BYTES];
	char *text;

	if (digest == NULL || !find_derived_key(time, key, derived))
		return NULL;
	text = psprintf(ALGORITHM "\n%s\n%s\n%s", time, scope_of(time, key), digest);
	if (!hmac_sha256(derived, sizeof(derived), text, strlen(text), signature))
		return NULL;
	return bytes_to_hex(signature, sizeof(signature));
}

/* The lines that signing adds, all of which are signed; returns how many. */
static int
added_headers(const Sigv4Request *request, const Sigv4Key *key, const char *time, const char **lines)
{
	int count = 0;

	lines[count++] = psprintf("X-Amz-Date: %s", time);
	if (key->session_token != NULL)
		lines[count++] = psprintf("X-Amz-Security-Token: %s", key->session_token);
	if (is_s3(key->service))
		lines[count++] = psprintf("X-Amz-Content-Sha256: %s", request->payload_hash);
	lines[count] = NULL;
	return count;
}

const char **
sigv4_headers(const Sigv4Request *request, const Sigv4Key *key, TimestampTz now)
{
	char *time = sigv4_time(now);
	const char **added = palloc(sizeof(char *) * 5);
	int added_count = added_headers(request, key, time, added);
	int own_count = 0;
	const char **all;
	Sigv4Request signed_request = *request;
	char *names;
	char *signature;

	while (request->headers[own_count] != NULL)
		own_count++;
	all = palloc(sizeof(char *) * (own_count + added_count + 1));
	memcpy(all, request->headers, sizeof(char *) * own_count);
	memcpy(all + own_count, added, sizeof(char *) * (added_count + 1));
	signed_request.headers = all;
	signature = sigv4_signature(sigv4_canonical_request(&signed_request, key->service, &names), time, key);
	if (signature == NULL)
		return NULL;
	added[added_count] = psprintf("Authorization: " ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
								  key->access_key, scope_of(time, key), names, signature);
	added[added_count + 1] = NULL;
	return added;
}

/* The query with everything but the signature. */
static char *
query_to_sign(const char *query, const char *header, const Sigv4Key *key, const char *time, int seconds)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfo(&out, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=");
	url_encode_append(&out, psprintf("%s/%s", key->access_key, scope_of(time, key)), false);
	appendStringInfo(&out, "&X-Amz-Date=%s&X-Amz-Expires=%d", time, seconds);
	if (key->session_token != NULL)
		appendStringInfo(&out, "&X-Amz-Security-Token=%s", url_encode(key->session_token, false));
	appendStringInfoString(&out, "&X-Amz-SignedHeaders=host");
	if (header != NULL)
		appendStringInfo(&out, "%%3B%.*s", (int) strcspn(header, ":"), header);
	appendStringInfo(&out, "%s%s", query[0] != '\0' ? "&" : "", query);
	return out.data;
}

char *
sigv4_presign(const char *method, const char *url, const char *query, const char *header, const char *payload_hash,
			  const Sigv4Key *key, TimestampTz now, int seconds)
{
	const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
	int host_length = (int) strcspn(host, "/");
	const char *headers[] = {psprintf("Host: %.*s", host_length, host), header, NULL};
	char *time = sigv4_time(now);
	char *full_query = query_to_sign(query, header, key, time, seconds);
	Sigv4Request request = {.method = method,
							.path = host + host_length,
							.query = full_query,
							.headers = headers,
							.payload_hash = payload_hash};
	char *names;
	char *signature = sigv4_signature(sigv4_canonical_request(&request, key->service, &names), time, key);

	return signature != NULL ? psprintf("%s?%s&" SIGNATURE_PARAMETER "=%s", url, full_query, signature) : NULL;
}
