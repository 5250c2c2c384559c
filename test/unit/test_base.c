/*
 * test_base.c
 *	  Errors, moments, ARNs, digests, UTF-8, seeded random numbers.
 */
#include "unit/unit.h"

#include "aws/arn.h"
#include "base/hashes.h"
#include "base/java_random.h"
#include "base/timestamps.h"
#include "base/utf8.h"

static void
test_errors(void)
{
	SfnError error;
	char long_text[5000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	OK(!sfn_error(&error, ERROR_RUNTIME, "%d of %s", 1, long_text));
	unit_text(error.name, "States.Runtime", "name of an error");
	OK(strlen(error.cause) == 5 + sizeof(long_text) - 1);
	OK(error.position == -1 && error.location == NULL && !error.is_evaluation);
	OK(!sfn_error_at(&error, ERROR_INVALID_PATH, 7, "here"));
	OK(error.position == 7);
	OK(!sfn_error(NULL, ERROR_RUNTIME, "nobody listens"));
}

/* What the text means, written anew; "-" for what is no moment. */
static void
check_moment(const char *text, const char *expected)
{
	TimestampTz moment;
	StringInfoData out;

	initStringInfo(&out);
	if (timestamp_parse(text, strlen(text), &moment))
		timestamp_print(&out, moment);
	else
		appendStringInfoChar(&out, '-');
	unit_text(out.data, expected, "moment %s", text);
}

static void
test_moments(void)
{
	TimestampTz moment;
	StringInfoData out;

	check_moment("2016-03-14T01:59:00Z", "2016-03-14T01:59:00Z");
	check_moment("2016-03-05T21:29:29.243167252Z", "2016-03-05T21:29:29.243167Z");
	check_moment("2016-03-05T21:29:29.5Z", "2016-03-05T21:29:29.500Z");
	check_moment("2016-03-05T21:29:29.000000Z", "2016-03-05T21:29:29Z");
	check_moment("2016-03-05T21:29:29.000001Z", "2016-03-05T21:29:29.000001Z");
	check_moment("2016-03-05T21:29:29+05:30", "2016-03-05T15:59:29Z");
	check_moment("2016-03-05T21:29:29-05:30:15", "2016-03-06T02:59:44Z");
	check_moment("2016-03-05T21:29Z", "2016-03-05T21:29:00Z");
	check_moment("2000-02-29T23:59:59.999999Z", "2000-02-29T23:59:59.999999Z");
	check_moment("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z");
	check_moment("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
	check_moment("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z");
	check_moment("+12345-06-07T08:09:10Z", "+12345-06-07T08:09:10Z");
	check_moment("+294276-12-31T23:59:59Z", "+294276-12-31T23:59:59Z");

	check_moment("+294277-01-01T00:00:00Z", "-");
	check_moment("+999999-01-01T00:00:00Z", "-");
	check_moment("2016-12-05 21:29:29Z", "-");
	check_moment("2016-12-05T21:29:29", "-");
	check_moment("05-12-2016T21:29:29Z", "-");
	check_moment("2016-13-05T21:29:29Z", "-");
	check_moment("2016-00-05T21:29:29Z", "-");
	check_moment("2016-12-00T21:29:29Z", "-");
	check_moment("2016-04-31T21:29:29Z", "-");
	check_moment("2015-02-29T00:00:00Z", "-");
	check_moment("1900-02-29T00:00:00Z", "-");
	check_moment("2016-12-05T24:00:00Z", "-");
	check_moment("2016-12-05T21:60:00Z", "-");
	check_moment("2016-12-05T21:29:60Z", "-");
	check_moment("2016-12-05t21:29:29Z", "-");
	check_moment("2016-12-05T21:29:29z", "-");
	check_moment("2016-12-05T21:29:29.Z", "-");
	check_moment("2016-12-05T21:29:29.1234567890Z", "-");
	check_moment("2016-12-05T21:29:29+19:00", "-");
	check_moment("2016-12-05T21:29:29+0530", "-");
	check_moment("2016-12-05T21:29:29Z ", "-");
	check_moment("2016-12-05T21:29:29ZZ", "-");
	check_moment("2016-12-05", "-");
	check_moment("", "-");

	initStringInfo(&out);
	OK(timestamp_parse("2023-11-14T22:13:20.123456Z", 27, &moment));
	timestamp_print_epoch(&out, moment);
	unit_text(out.data, "1700000000.123", "seconds since 1970");
	resetStringInfo(&out);
	OK(timestamp_parse("1969-12-31T23:59:59.500Z", 24, &moment));
	timestamp_print_epoch(&out, moment);
	unit_text(out.data, "-0.500", "a moment before 1970");
	resetStringInfo(&out);
	timestamp_print(&out, DT_NOEND);
	unit_text(out.data, "infinity", "no moment at all");
}

static void
check_hmac(const char *key, const char *text, const char *expected)
{
	uint8 digest[HMAC_SHA256_BYTES];

	OK(hmac_sha256(key, strlen(key), text, strlen(text), digest));
	unit_text(bytes_to_hex(digest, sizeof(digest)), expected, "HMAC of \"%s\"", text);
}

static void
test_hashes(void)
{
	int length;

	unit_text(hash_hex("MD5", "input data", 10), "812f45842bc6d66ee14572ce20db8e86", "MD5");
	unit_text(hash_hex("SHA-1", "input data", 10), "aaff4a450a104cd177d28d18d74485e8cae074b7", "SHA-1");
	unit_text(hash_hex("SHA-256", "", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			  "SHA-256 of nothing");
	OK(strlen(hash_hex("SHA-384", "x", 1)) == 96);
	OK(strlen(hash_hex("SHA-512", "x", 1)) == 128);
	OK(hash_hex("SHA256", "x", 1) == NULL);
	OK(hash_hex("md5", "x", 1) == NULL);

	check_hmac("key", "The quick brown fox jumps over the lazy dog",
			   "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
	check_hmac("kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
			   "", "d46761768ee3c864fc76c08b3d73c8092853ae3fefa01b990963dfa2d56e7334");

	unit_text(base64_encode("Data to encode", 14), "RGF0YSB0byBlbmNvZGU=", "base64");
	unit_text(base64_encode("", 0), "", "base64 of nothing");
	unit_text(base64_decode("RGF0YSB0byBlbmNvZGU=", 20, &length), "Data to encode", "base64 undone");
	unit_text(base64_decode("RGF0YSB0byBlbmNvZGU", 19, &length), "Data to encode", "base64 without padding");
	unit_text(base64_decode("YQ", 2, &length), "a", "base64 without two paddings");
	OK(base64_decode("YQ=", 3, &length) == NULL);
	OK(base64_decode("Y", 1, &length) == NULL);
	OK(base64_decode("YW\nE=", 5, &length) == NULL);
	OK(base64_decode("YW!=", 4, &length) == NULL);
	OK(base64_decode("", 0, &length) != NULL && length == 0);
}

static void
test_utf8(void)
{
	const char *mixed = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

	OK(utf8_count(mixed, 10) == 4);
	OK(utf8_utf16_length(mixed, 10) == 5);
	OK(utf8_char_length(mixed + 6, 4) == 4);
	OK(utf8_char_length("\xf0", 1) == 1);
	OK(utf8_is_valid(mixed, 10));
	OK(!utf8_is_valid(mixed, 9));
	OK(!utf8_is_valid("\xc0\x80", 2));
	OK(!utf8_is_valid("\xed\xa0\x80", 3));
	OK(!utf8_is_valid("\xf4\x90\x80\x80", 4));
	OK(!utf8_is_valid("\x80", 1));
	OK(utf8_compare_utf16("a", 1, "b", 1) < 0);
	OK(utf8_compare_utf16("a", 1, "a", 1) == 0);
	OK(utf8_compare_utf16("ab", 2, "a", 1) > 0);
	/* U+FFFD comes before U+1F600 in bytes, behind it in UTF-16 */
	OK(utf8_compare_utf16("\xef\xbf\xbd", 3, "\xf0\x9f\x98\x80", 4) > 0);
	OK(utf8_compare_utf16("\xed\x9f\xbf", 3, "\xf0\x9f\x98\x80", 4) < 0);
	OK(utf8_compare_utf16("\xee\x80\x80", 3, "\xef\xbf\xbd", 3) < 0);
}

static void
test_java_random(void)
{
	JavaRandom random;

	java_random_seed(&random, 42);
	OK(java_random_double(&random) == 0.7275636800328681);
	java_random_seed(&random, 42);
	OK(java_random_below(&random, 10) == 0);
	OK(java_random_below(&random, 10) == 3);
	OK(java_random_below(&random, 10) == 8);
	java_random_seed(&random, 42);
	OK(java_random_below(&random, 16) == 11);
	/* bounds that leave an incomplete last round */
	java_random_seed(&random, -7);
	OK(java_random_below(&random, 1000000007) == 577934662);
	OK(java_random_below(&random, 1500000000) == 1445645590);
	OK(java_random_below(&random, 1500000000) == 1119890478);
	java_random_seed(&random, 3);
	OK(java_random_below(&random, 0x50000001) == 1207763660);
	OK(java_random_below(&random, 0x50000001) == 152454210);
	OK(java_random_below(&random, 0x50000001) == 144139128);
}

/* The ARN's type, name, label and rest, or what is wrong with it. */
static void
check_arn(const char *text, const char *expected)
{
	Arn arn;
	char *problem;
	StringInfoData out;

	initStringInfo(&out);
	if (arn_parse(text, &arn, &problem))
		appendStringInfo(&out, "%d %s %s %s", (int) arn.type, arn.name, arn.label != NULL ? arn.label : "-",
						 arn.rest != NULL ? arn.rest : "-");
	else
		appendStringInfoString(&out, problem);
	unit_text(out.data, expected, "ARN %s", text);
}

static void
test_arns(void)
{
	static const struct
	{
		const char *rest; /* behind the account */
		ArnType type;
		const char *expected;
	} good[] = {
		{"stateMachine:m", ARN_STATE_MACHINE, "m - -"},
		{"stateMachine:m:7", ARN_STATE_MACHINE, "m - 7"},
		{"stateMachine:m/each", ARN_STATE_MACHINE, "m each -"},
		{"execution:m:x", ARN_EXECUTION, "m - x"},
		{"execution:m/each:x", ARN_EXECUTION, "m/each - x"},
		{"express:m:x:u", ARN_EXPRESS_EXECUTION, "m - x:u"},
		{"mapRun:m/each:u", ARN_MAP_RUN, "m/each - u"},
		{"activity:a", ARN_ACTIVITY, "a - -"},
		{"other:a:b", ARN_OTHER, "a:b - -"},
	};

	for (int i = 0; i < (int) lengthof(good); i++)
		check_arn(psprintf("arn:aws:states:us-east-1:000000000000:%s", good[i].rest),
				  psprintf("%d %s", (int) good[i].type, good[i].expected));
	check_arn("x", "Invalid ARN prefix: x");
	check_arn("arn:", "ARN has too few parts: arn:");
	check_arn("arn:aws:states:r:a:mapRun", "ARN has too few parts: arn:aws:states:r:a:mapRun");
	check_arn("arn:aws:states:r:a:mapRun:m/l", "ARN has no map run: arn:aws:states:r:a:mapRun:m/l");
	check_arn("arn:aws:states:r:a:mapRun:m/l:", "ARN has an empty part: arn:aws:states:r:a:mapRun:m/l:");
	check_arn("arn:aws:states:r:a:execution:m", "ARN has no execution name: arn:aws:states:r:a:execution:m");
	unit_text(arn_of_map_run("r", "a", "m/l", "u"), "arn:aws:states:r:a:mapRun:m/l:u", "ARN of a map run");
}

int
main(void)
{
	test_arns();
	test_errors();
	test_moments();
	test_hashes();
	test_utf8();
	test_java_random();
	return unit_done();
}
