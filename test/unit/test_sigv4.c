/*
 * test_sigv4.c
 *	  Checking signatures: AWS's published examples pass, and no request that was changed behind the signature.
 */
#include "unit/unit.h"

#include "aws/sigv4.h"
#include "aws/sigv4_verify.h"
#include "base/timestamps.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MAX_HEADERS 16

typedef struct Message
{
	Sigv4Received received;
	Sigv4Header headers[MAX_HEADERS];
} Message;

static TimestampTz
moment_of(const char *text)
{
	TimestampTz moment = 0;

	OK(timestamp_parse(text, (int) strlen(text), &moment));
	return moment;
}

static void
add_header(Message *message, const char *name, const char *value)
{
	message->headers[message->received.header_count++] = (Sigv4Header){name, value};
	message->received.headers = message->headers;
}

static void
set_header(Message *message, const char *name, const char *value)
{
	for (int i = 0; i < message->received.header_count; i++)
	{
		if (strcmp(message->headers[i].name, name) == 0)
			message->headers[i].value = value;
	}
}

/* AWS's code of what is wrong; "": nothing. */
static const char *
verdict(Message *message, const char *secret, const char *now)
{
	Sigv4Claim claim;
	Sigv4Problem problem = {"", ""};
	char *canonical;

	message->received.headers = message->headers;
	if (sigv4_claim_read(&message->received, moment_of(now), &claim, &problem))
		(void) sigv4_claim_check(&message->received, &claim, secret, &canonical, &problem);
	return problem.code;
}

/* ---- AWS's examples ---- */

static Message
example(const char *method, const char *query, const char *scope, const char *names, const char *signature)
{
	Message message = {.received = {.method = method, .path = "/", .query = query, .body_hash = EMPTY_HASH}};

	add_header(&message, "X-Amz-Date", "20150830T123600Z");
	add_header(&message, "Authorization",
			   psprintf("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/%s/aws4_request, SignedHeaders=%s, "
						"Signature=%s",
						scope, names, signature));
	return message;
}

static void
test_published(void)
{
	Message message = example("GET", "Action=ListUsers&Version=2010-05-08", "iam", "content-type;host;x-amz-date",
							  "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
	Sigv4Claim claim;
	Sigv4Problem problem;
	const char *secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

	add_header(&message, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
	add_header(&message, "Host", "iam.amazonaws.com");
	unit_text(verdict(&message, secret, "2015-08-30T12:36:00Z"), "", "the example of the documentation");
	OK(sigv4_claim_read(&message.received, moment_of("2015-08-30T12:36:00Z"), &claim, &problem));
	unit_text(claim.access_key, "AKIDEXAMPLE", "its key");
	unit_text(claim.region, "us-east-1", "its region");
	unit_text(claim.service, "iam", "its service");
	OK(claim.session_token == NULL);

	message = example("GET", "", "service", "host;x-amz-date",
					  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
	add_header(&message, "host", "example.amazonaws.com");
	unit_text(verdict(&message, secret, "2015-08-30T12:40:59Z"), "", "get-vanilla of the test suite");
	message = example("POST", "", "service", "host;x-amz-date",
					  "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
	add_header(&message, "HOST", " example.amazonaws.com ");
	unit_text(verdict(&message, secret, "2015-08-30T12:31:00Z"), "", "post-vanilla of the test suite");
}

/* ---- changes ---- */

/* As botocore signs StartExecution. */
static Message
signed_call(void)
{
	static const char *const lines[] = {"Host: 127.0.0.1:8083", "Content-Type: application/x-amz-json-1.0",
										"X-Amz-Target: AWSStepFunctions.StartExecution", NULL};
	Message message = {.received = {.method = "POST", .path = "/", .query = "a=1&b=2"}};
	Sigv4Request request = {.method = "POST", .path = "/", .query = "a=1&b=2", .headers = lines};
	Sigv4Key key = {.access_key = "AKIDEXAMPLE",
					.secret_key = SECRET,
					.session_token = "token",
					.region = "eu-central-1",
					.service = "states"};
	const char **added;

	request.payload_hash = message.received.body_hash = sigv4_payload_hash("{\"input\":\"{}\"}", 14);
	added = sigv4_headers(&request, &key, moment_of("2026-07-04T11:22:33Z"));
	add_header(&message, "Host", "127.0.0.1:8083");
	add_header(&message, "Content-Type", "application/x-amz-json-1.0");
	add_header(&message, "X-Amz-Target", "AWSStepFunctions.StartExecution");
	for (int i = 0; added[i] != NULL; i++)
	{
		const char *colon = strchr(added[i], ':');

		add_header(&message, pnstrdup(added[i], colon - added[i]), colon + 2);
	}
	add_header(&message, "User-Agent", "not signed");
	return message;
}

static void
refused(Message message, const char *code, const char *what)
{
	unit_text(verdict(&message, SECRET, "2026-07-04T11:22:33Z"), code, "%s", what);
}

static void
refused_header(const char *name, const char *value, const char *code)
{
	Message message = signed_call();

	set_header(&message, name, value);
	refused(message, code, psprintf("%s: %s", name, value));
}

static const char *
authorization_of(const Message *message)
{
	return sigv4_header(&message->received, "authorization");
}

/* The Authorization header with one text in place of another. */
static void
refused_authorization(const char *from, const char *to, const char *code)
{
	Message message = signed_call();
	const char *old = authorization_of(&message);
	const char *at = strstr(old, from);

	if (!OK(at != NULL))
		return;
	set_header(&message, "Authorization", psprintf("%.*s%s%s", (int) (at - old), old, to, at + strlen(from)));
	refused(message, code, psprintf("\"%s\" instead of \"%s\"", to, from));
}

#define MISMATCH "InvalidSignatureException"
#define INCOMPLETE "IncompleteSignatureException"

static void
test_changed_requests(void)
{
	Message message = signed_call();

	refused(message, "", "as it was signed");
	set_header(&message, "User-Agent", "another");
	refused(message, "", "what is not signed may change");
	unit_text(verdict(&message, "another secret", "2026-07-04T11:22:33Z"), MISMATCH, "another secret");

	message = signed_call();
	message.received.method = "PUT";
	refused(message, MISMATCH, "another method");
	message = signed_call();
	message.received.path = "/start/x";
	refused(message, MISMATCH, "another path");
	message = signed_call();
	message.received.query = "a=1&b=3";
	refused(message, MISMATCH, "another query");
	message.received.query = "b=2&a=1";
	refused(message, "", "the order of the query does not matter");
	message.received.query = "a=%zz";
	refused(message, MISMATCH, "a query that cannot be decoded");
	message.received.query = "a=1&b=2&c";
	refused(message, MISMATCH, "a parameter more");
	message = signed_call();
	message.received.body_hash = sigv4_payload_hash("{\"input\":\"[]\"}", 14);
	refused(message, MISMATCH, "another body");

	refused_header("Host", "127.0.0.1:8084", MISMATCH);
	refused_header("X-Amz-Target", "AWSStepFunctions.DeleteStateMachine", MISMATCH);
	refused_header("X-Amz-Security-Token", "another", MISMATCH);
	refused_header("X-Amz-Date", "20260704T112234Z", MISMATCH);
	refused_header("X-Amz-Date", "20260705T112233Z", MISMATCH);
	refused_header("X-Amz-Date", "2026-07-04T11:22:33Z", INCOMPLETE);
	refused_header("X-Amz-Date", "20260704T112233", INCOMPLETE);
	refused_header("X-Amz-Date", "20260799T112233Z", INCOMPLETE);
	refused_header("X-Amz-Date", "", INCOMPLETE);
	refused_header("Authorization", "Bearer x", INCOMPLETE);
	refused_header("Authorization", "AWS4-HMAC-SHA256", INCOMPLETE);
	refused_header("Authorization", "AWS4-HMAC-SHA256X Credential=a", INCOMPLETE);
	refused_header("Authorization", "", INCOMPLETE);
	message = signed_call();
	message.received.header_count = 3;
	refused(message, "MissingAuthenticationTokenException", "no signature");
	message = signed_call();
	add_header(&message, "host", "evil");
	refused(message, MISMATCH, "a second host");
	message = signed_call();
	add_header(&message, "x-amz-target", "AWSStepFunctions.DeleteStateMachine");
	refused(message, MISMATCH, "a second target");
}

static void
test_changed_authorizations(void)
{
	refused_authorization("AKIDEXAMPLE", "", INCOMPLETE);
	refused_authorization("AKIDEXAMPLE", "a/b", INCOMPLETE);
	refused_authorization("Credential=", "Credentials=", INCOMPLETE);
	refused_authorization("eu-central-1", "us-east-1", MISMATCH);
	refused_authorization("eu-central-1", "", INCOMPLETE);
	refused_authorization("/states/", "/sts/", MISMATCH);
	refused_authorization("/states/", "/", INCOMPLETE);
	refused_authorization("20260704", "20260703", MISMATCH);
	refused_authorization("20260704", "2026070x", INCOMPLETE);
	refused_authorization("aws4_request", "aws5_request", INCOMPLETE);
	refused_authorization("aws4_request", "aws4_request/x", INCOMPLETE);
	refused_authorization("content-type;host;", "content-type;", MISMATCH);
	refused_authorization(";x-amz-target", "", MISMATCH);
	refused_authorization(";x-amz-date", "", MISMATCH);
	refused_authorization("content-type;host", "host;content-type", MISMATCH);
	refused_authorization("content-type;host", "content-type;host;host", MISMATCH);
	refused_authorization("content-type;host", "content-type;host;user-agent", MISMATCH);
	refused_authorization("SignedHeaders=", "SignedHeader=", INCOMPLETE);
	refused_authorization("Signature=", "Signature=0", INCOMPLETE);
	refused_authorization("Signature=", "Sig=", INCOMPLETE);
	refused_authorization(", Signature=", ", Signature=zz", INCOMPLETE);
}

/* Each digit of the signature counts. */
static void
test_signature_digits(void)
{
	int passed = 0;

	for (int i = 0; i < 64; i++)
	{
		Message message = signed_call();
		char *changed = pstrdup(authorization_of(&message));
		char *digit = strstr(changed, "Signature=") + strlen("Signature=") + i;

		*digit = *digit == '0' ? '1' : '0';
		set_header(&message, "Authorization", changed);
		if (strcmp(verdict(&message, SECRET, "2026-07-04T11:22:33Z"), MISMATCH) != 0)
			passed++;
	}
	OK(passed == 0);
}

static void
test_body_hash(void)
{
	Message message = signed_call();

	add_header(&message, "x-amz-content-sha256", message.received.body_hash);
	refused(message, "", "the body's hash");
	message = signed_call();
	add_header(&message, "x-amz-content-sha256", EMPTY_HASH);
	refused(message, MISMATCH, "another's hash");
	message = signed_call();
	add_header(&message, "x-amz-content-sha256", SIGV4_UNSIGNED_PAYLOAD);
	refused(message, MISMATCH, "an unsigned body, not over TLS");
}

static void
test_clock(void)
{
	Message message = signed_call();
	Sigv4Claim claim;
	Sigv4Problem problem;

	unit_text(verdict(&message, SECRET, "2026-07-04T11:27:33Z"), "", "five minutes late");
	unit_text(verdict(&message, SECRET, "2026-07-04T11:17:33Z"), "", "five minutes early");
	unit_text(verdict(&message, SECRET, "2026-07-04T11:27:34Z"), MISMATCH, "later");
	unit_text(verdict(&message, SECRET, "2026-07-04T11:17:32Z"), MISMATCH, "earlier");
	OK(!sigv4_claim_read(&message.received, moment_of("2026-07-04T12:00:00Z"), &claim, &problem));
	unit_text(problem.message,
			  "Signature expired: 20260704T112233Z is now earlier than 20260704T115500Z (20260704T120000Z - 5 min.)",
			  "in AWS's words, by which clients set their clocks");
}

/* Keys that were derived are kept, each for what it was made of. */
static void
test_derived_keys(void)
{
	Message message = signed_call();

	for (int i = 0; i < 3; i++)
	{
		unit_text(verdict(&message, SECRET, "2026-07-04T11:22:33Z"), "", "its secret");
		unit_text(verdict(&message, "another", "2026-07-04T11:22:33Z"), MISMATCH, "another secret in its place");
		unit_text(verdict(&message, SECRET "x", "2026-07-04T11:22:33Z"), MISMATCH, "a longer one");
		unit_text(verdict(&message, psprintf("%0500d", i), "2026-07-04T11:22:33Z"), MISMATCH, "one that is not kept");
	}
	test_published();
}

static void
test_equals(void)
{
	OK(secret_equals("", "") && secret_equals("abc", "abc"));
	OK(!secret_equals("abc", "abd") && !secret_equals("abc", "ab") && !secret_equals("", "a"));
}

int
main(void)
{
	test_published();
	test_changed_requests();
	test_changed_authorizations();
	test_signature_digits();
	test_body_hash();
	test_clock();
	test_derived_keys();
	test_equals();
	return unit_done();
}
