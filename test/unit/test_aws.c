/*
 * test_aws.c
 *	  Percent-encoding and signatures.
 *
 * The expected signatures were computed by another program, from HMAC and SHA-256 alone; the first of the
 * presigned ones is AWS's own example, but for the time that the URL is good for.
 */
#include "unit/unit.h"

#include "aws/sigv4.h"
#include "aws/url_encoding.h"
#include "base/timestamps.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define TIME "20260704T112233Z"

/* ---- encoding ---- */

static void
test_encoding(void)
{
	char all[256];
	char *encoded;

	unit_text(url_encode("a/b c+\xC3\xA9~", true), "a/b%20c%2B%C3%A9~", "a path is encoded");
	unit_text(url_encode("a/b=&", false), "a%2Fb%3D%26", "a parameter is encoded");
	unit_text(url_encode("-._~AZaz09", false), "-._~AZaz09", "what needs no encoding stays");
	unit_text(url_encode("", false), "", "nothing is encoded");

	for (int i = 1; i < 256; i++)
		all[i - 1] = (char) i;
	all[255] = '\0';
	encoded = url_encode(all, false);
	unit_text(url_decode(encoded, (int) strlen(encoded)), all, "every byte comes back");

	unit_text(url_decode("a%2fb+c%C3%A9d", 14),
			  "a/b+c\xC3\xA9"
			  "d",
			  "small digits, and a plus");
	unit_text(url_decode("a%20b", 1), "a", "no more than the length says");
	OK(url_decode("a%2", 3) == NULL);
	OK(url_decode("a%20b", 3) == NULL);
	OK(url_decode("%", 1) == NULL);
	OK(url_decode("%2g", 3) == NULL);
	OK(url_decode("%g2", 3) == NULL);
	OK(url_decode("%00", 3) == NULL);
}

/* ---- the canonical form ---- */

static void
test_canonical(void)
{
	static const char *const headers[] = {"X-Amz-Date: " TIME, "My-Header:   a   b  c ", "Host: x.y",
										  "my-header:second", NULL};
	Sigv4Request request = {.method = "GET",
							.path = "/documents%20and/./x/../settings/",
							.query = "flag&a=z&a-b=2&X-Amz-Signature=00&a=B%20c&%c3%a4=/",
							.headers = headers,
							.payload_hash = EMPTY_HASH};
	Sigv4Key key = {.access_key = "AKIDEXAMPLE", .secret_key = SECRET, .region = "us-east-1", .service = "execute-api"};
	char *names;
	char *canonical = sigv4_canonical_request(&request, key.service, &names);

	unit_text(
		canonical,
		"GET\n/documents%2520and/settings/\n%C3%A4=%2F&a=B%20c&a=z&a-b=2&flag=\nhost:x.y\nmy-header:a b c,second\n"
		"x-amz-date:" TIME "\n\nhost;my-header;x-amz-date\n" EMPTY_HASH,
		"a canonical form");
	unit_text(names, "host;my-header;x-amz-date", "its headers");
	unit_text(sigv4_signature(canonical, TIME, &key),
			  "a611160623a851b3e3c5e3ed7ea9e60e01ab9b5876463ab4a6d5cf1947a33a8d", "its signature");

	request.query = "a=%2";
	OK(sigv4_canonical_request(&request, key.service, &names) == NULL);
	OK(sigv4_signature(NULL, TIME, &key) == NULL);
}

static void
check_path(const char *path, const char *service, const char *expected)
{
	static const char *const headers[] = {"Host: h", NULL};
	Sigv4Request request = {.method = "GET", .path = path, .query = "", .headers = headers, .payload_hash = EMPTY_HASH};
	char *names;

	unit_text(sigv4_canonical_request(&request, service, &names),
			  psprintf("GET\n%s\n\nhost:h\n\nhost\n" EMPTY_HASH, expected), "%s path \"%s\"", service, path);
}

static void
test_paths(void)
{
	check_path("", "sqs", "/");
	check_path("/", "sqs", "/");
	check_path("/..", "sqs", "/");
	check_path("/a/b/..", "sqs", "/a");
	check_path("//a//b/", "sqs", "/a/b/");
	check_path("/a%2Fb", "sqs", "/a%252Fb");
	check_path("", "s3", "/");
	check_path("/a//./b/../c%20d", "s3", "/a//./b/../c%20d");
}

/* ---- signed headers ---- */

static TimestampTz
moment_of(const char *text)
{
	TimestampTz moment = 0;

	OK(timestamp_parse(text, (int) strlen(text), &moment));
	return moment;
}

static void
check_lines(const char **lines, const char *expected)
{
	StringInfoData joined;

	initStringInfo(&joined);
	for (int i = 0; lines != NULL && lines[i] != NULL; i++)
		appendStringInfo(&joined, "%s\n", lines[i]);
	unit_text(joined.data, expected, "lines added");
}

static void
test_headers(void)
{
	static const char *const headers[] = {"Content-Type: application/x-amz-json-1.0",
										  "X-Amz-Target: DynamoDB_20120810.DescribeTable",
										  "Host: dynamodb.eu-central-1.amazonaws.com", NULL};
	const char *body = "{\"TableName\":\"orders\"}";
	Sigv4Request request = {.method = "POST",
							.path = "/",
							.query = "",
							.headers = headers,
							.payload_hash = sigv4_payload_hash(body, (int) strlen(body))};
	Sigv4Key key = {.access_key = "AKIDEXAMPLE", .secret_key = SECRET, .region = "eu-central-1", .service = "dynamodb"};
	TimestampTz now = moment_of("2026-07-04T11:22:33.987Z");

	check_lines(sigv4_headers(&request, &key, now),
				"X-Amz-Date: " TIME "\n"
				"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260704/eu-central-1/dynamodb/aws4_request, "
				"SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
				"Signature=e4b242830e46c466be9247c8f639d7c40b7d13a05dc254a0af9c735c0f445941\n");
	key.session_token = "tok/en+==";
	check_lines(sigv4_headers(&request, &key, now),
				"X-Amz-Date: " TIME "\nX-Amz-Security-Token: tok/en+==\n"
				"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260704/eu-central-1/dynamodb/aws4_request, "
				"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
				"Signature=0a419203fdf9b799b1da4c5b6acbedebfdf1a9fc6909ac6d80f585c6e75e6321\n");
}

/* S3 has the payload's digest, or that it is not signed, as a header; its path is signed as it is. */
static void
test_s3_headers(void)
{
	static const char *const headers[] = {"Host: b.s3.eu-central-1.amazonaws.com", NULL};
	Sigv4Request request = {.method = "PUT",
							.path = "/a%20b/../c//d",
							.query = "",
							.headers = headers,
							.payload_hash = SIGV4_UNSIGNED_PAYLOAD};
	Sigv4Key key = {.access_key = "AKIDEXAMPLE", .secret_key = SECRET, .region = "eu-central-1", .service = "s3"};

	check_lines(sigv4_headers(&request, &key, moment_of("2026-07-04T11:22:33Z")),
				"X-Amz-Date: " TIME "\nX-Amz-Content-Sha256: UNSIGNED-PAYLOAD\n"
				"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260704/eu-central-1/s3/aws4_request, "
				"SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
				"Signature=a6cb46dc8a7e82c0ecd41be32bf78b0fc7923899900477158642ecca295d8b62\n");
}

/* ---- presigned URLs ---- */

static void
test_presigned(void)
{
	Sigv4Key key = {.access_key = "AKIAIOSFODNN7EXAMPLE", .secret_key = SECRET, .region = "us-east-1", .service = "s3"};
	TimestampTz moment = moment_of("2013-05-24T00:00:00.999Z");

	unit_text(
		sigv4_presign("GET", "https://examplebucket.s3.amazonaws.com/test.txt", "", NULL, SIGV4_UNSIGNED_PAYLOAD, &key,
					  moment, 3600),
		"https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=b6853c82ee714d27db80198e4344d53703faf33b6bcce8dbc96a96879a857a22",
		"a signature");
	unit_text(
		sigv4_presign("PUT", "http://localhost:9000/bucket/a%20b", "list-type=2&prefix=x%2F", NULL,
					  SIGV4_UNSIGNED_PAYLOAD, &key, moment, 3600),
		"http://localhost:9000/bucket/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&list-type=2&prefix=x%2F&X-Amz-Signature=5be6b44eca7b6bb383e89e1785d9515b392456dd96ef17ec205a12bf75ca6212",
		"another");
	key.access_key = "AKIDEXAMPLE";
	key.session_token = "tok/en+==";
	unit_text(
		sigv4_presign("GET", "http://localhost:9000/b/k%2Bz", "versionId=1%2F2", NULL, SIGV4_UNSIGNED_PAYLOAD, &key,
					  moment_of("2026-07-04T11:22:33Z"), 60),
		"http://localhost:9000/b/k%2Bz?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260704%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260704T112233Z&X-Amz-Expires=60&X-Amz-Security-Token=tok%2Fen%2B%3D%3D&X-Amz-SignedHeaders=host&versionId=1%2F2&X-Amz-Signature=84670c00768beaa89d062611749412b92a0fb64c0e93fce147fa6866e78b37a3",
		"one with a session's token");
}

int
main(void)
{
	test_encoding();
	test_canonical();
	test_paths();
	test_headers();
	test_s3_headers();
	test_presigned();
	return unit_done();
}
