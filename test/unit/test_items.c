/*
 * test_items.c
 *	  The readers of a Distributed Map's items: formats, errors, any cut of the bytes.
 */
#include "unit/unit.h"

#include "aws/s3_listing.h"
#include "base/error.h"
#include "base/timestamps.h"
#include "items/item_reader.h"

/* Items as one JSON array, a member's item as {"name": item}. */
static bool
collect(void *arg, const JsonVal *item, const char *key, SfnError *error)
{
	StringInfo all = arg;

	appendStringInfoString(all, all->len == 1 ? "" : ",");
	if (key != NULL)
	{
		JvObjectBuilder member;

		jv_object_begin(&member);
		jv_object_add(&member, key, item);
		item = jv_object_end(&member);
	}
	jv_print(all, item);
	return true;
}

/* What is read from the text, fed in pieces of that many bytes; or "error: cause". */
static const char *
read_in_pieces(const ItemReaderConfig *config, const char *text, size_t length, size_t piece)
{
	StringInfoData all;
	ItemReader *reader;
	SfnError error;

	initStringInfo(&all);
	appendStringInfoChar(&all, '[');
	reader = item_reader_begin(config, collect, &all);
	for (size_t i = 0; i < length; i += piece)
	{
		/* a copy of its own, so that reading beyond it is seen */
		size_t part = Min(piece, length - i);
		char *copy = palloc(part);

		memcpy(copy, text + i, part);
		if (!item_reader_feed(reader, copy, part, &error))
			return psprintf("%s: %s", error.name, error.cause);
		pfree(copy);
	}
	if (!item_reader_end(reader, &error))
		return psprintf("%s: %s", error.name, error.cause);
	appendStringInfoChar(&all, ']');
	return all.data;
}

static void
check_bytes(const char *config_text, int64 max_items, const char *text, size_t length, const char *expected)
{
	static const size_t pieces[] = {1, 2, 3, 7, 1000000};
	ItemReaderConfig config;
	SfnError error;

	if (!item_reader_config(unit_json(config_text), max_items, &config, &error))
	{
		unit_text(psprintf("%s: %s", error.name, error.cause), expected, "%s", config_text);
		return;
	}
	for (int i = 0; i < (int) lengthof(pieces); i++)
		unit_text(read_in_pieces(&config, text, length, pieces[i]), expected, "pieces of %zu: %.40s", pieces[i], text);
}

static void
check_read(const char *config_text, const char *text, const char *expected)
{
	check_bytes(config_text, 0, text, strlen(text), expected);
}

/* ---- CSV ---- */

#define FIRST_ROW "{'InputType': 'CSV', 'CSVHeaderLocation': 'FIRST_ROW'}"
#define GIVEN(names) "{'InputType': 'CSV', 'CSVHeaderLocation': 'GIVEN', 'CSVHeaders': [" names "]}"
#define FAILED "States.ItemReaderFailed: "
#define RECORDED_ROWS "Value4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n"

/* As recorded from AWS. */
static void
test_csv_recorded(void)
{
	check_read(FIRST_ROW, "Col1,Col2,Col3\nValue1,Value2,Value3\n" RECORDED_ROWS,
			   "[{\"Col1\":\"Value1\",\"Col2\":\"Value2\",\"Col3\":\"Value3\"},"
			   "{\"Col1\":\"Value4\",\"Col2\":\"Value5\",\"Col3\":\"Value6\"},"
			   "{\"Col1\":\"\",\"Col2\":\"\",\"Col3\":\"\"},"
			   "{\"Col1\":\"true\",\"Col2\":\"1\",\"Col3\":\"'HelloWorld'\"},"
			   "{\"Col1\":\"Null\",\"Col2\":\"None\",\"Col3\":\"\"},"
			   "{\"Col1\":\"   \",\"Col2\":\"\",\"Col3\":\"\"}]");
	check_read(GIVEN("'H1', 'H2', 'H3'"), "Value1,Value2,Value3\n" RECORDED_ROWS,
			   "[{\"H1\":\"Value1\",\"H2\":\"Value2\",\"H3\":\"Value3\"},"
			   "{\"H1\":\"Value4\",\"H2\":\"Value5\",\"H3\":\"Value6\"},"
			   "{\"H1\":\"\",\"H2\":\"\",\"H3\":\"\"},"
			   "{\"H1\":\"true\",\"H2\":\"1\",\"H3\":\"'HelloWorld'\"},"
			   "{\"H1\":\"Null\",\"H2\":\"None\",\"H3\":\"\"},"
			   "{\"H1\":\"   \",\"H2\":\"\",\"H3\":\"\"}]");
	check_read(FIRST_ROW, "H1,\n" RECORDED_ROWS,
			   "[{\"H1\":\"Value4\",\"\":\"Value5\"},{\"H1\":\"\",\"\":\"\"},{\"H1\":\"true\",\"\":\"1\"},"
			   "{\"H1\":\"Null\",\"\":\"None\"},{\"H1\":\"   \",\"\":\"\"}]");
	check_read(FIRST_ROW, "0,True,{}\n" RECORDED_ROWS,
			   "[{\"0\":\"Value4\",\"True\":\"Value5\",\"{}\":\"Value6\"},{\"0\":\"\",\"True\":\"\",\"{}\":\"\"},"
			   "{\"0\":\"true\",\"True\":\"1\",\"{}\":\"'HelloWorld'\"},"
			   "{\"0\":\"Null\",\"True\":\"None\",\"{}\":\"\"},{\"0\":\"   \",\"True\":\"\",\"{}\":\"\"}]");
	check_read(GIVEN("'H1'"), "Value1,Value2,Value3\n" RECORDED_ROWS,
			   "[{\"H1\":\"Value1\"},{\"H1\":\"Value4\"},{\"H1\":\"\"},{\"H1\":\"true\"},{\"H1\":\"Null\"},"
			   "{\"H1\":\"   \"}]");
	check_read(GIVEN("'H1', 'H1', 'H3'"), "", FAILED "CSV headers cannot contain duplicates.");
	check_read(FIRST_ROW, "H1,H2,H1\n1,2,3\n", FAILED "CSV headers cannot contain duplicates.");
}

static void
test_csv_text(void)
{
	check_read(FIRST_ROW, "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "[{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\"}]");
	check_read(FIRST_ROW, "a,b\n\"two\r\nlines\",1\n", "[{\"a\":\"two\\r\\nlines\",\"b\":\"1\"}]");
	check_read(FIRST_ROW, "a,b\r\n1,2\r\n3,4", "[{\"a\":\"1\",\"b\":\"2\"},{\"a\":\"3\",\"b\":\"4\"}]");
	check_read(FIRST_ROW, "a\r1\r2\r", "[{\"a\":\"1\"},{\"a\":\"2\"}]");
	check_read(FIRST_ROW, "\n\na,b\n\n\r\n1,2\n\n", "[{\"a\":\"1\",\"b\":\"2\"}]");
	check_read(FIRST_ROW, "a\n\"\"\n", "[{\"a\":\"\"}]");
	check_read(FIRST_ROW, "a,b\nx\\,y,\\\"\\\\\\n\n", "[{\"a\":\"x,y\",\"b\":\"\\\"\\\\n\"}]");
	check_read(FIRST_ROW, "a\n\"q\\\"q\"\nend\\\nlast\\", "[{\"a\":\"q\\\"q\"},{\"a\":\"end\"},{\"a\":\"last\"}]");
	check_read(FIRST_ROW, "a,b\nx\"y\"z,\"q\"r\n", "[{\"a\":\"x\\\"y\\\"z\",\"b\":\"qr\"}]");
	check_read(FIRST_ROW, "\"a,1\",b\n1,2\n", "[{\"a,1\":\"1\",\"b\":\"2\"}]");
	check_read(FIRST_ROW,
			   "\xEF\xBB\xBF"
			   "a\n\xC3\xA9\n",
			   "[{\"a\":\"\xC3\xA9\"}]");
	check_read(FIRST_ROW, "", "[]");
	check_read(FIRST_ROW, "a,b\n", "[]");
	check_read(FIRST_ROW, "a,b\n1,\"2,3,4,5", FAILED "The CSV text ends within a quoted field of row 2.");
	check_read(FIRST_ROW, "a\nb\n\xC3\n", FAILED "Row 3 of the CSV text is not valid UTF-8 text.");
	check_bytes(FIRST_ROW, 0, "a\n1\0\n", 5, FAILED "Row 2 of the CSV text is not valid UTF-8 text.");
	check_read("{'InputType': 'CSV', 'CSVHeaderLocation': 'FIRST_ROW', 'CSVDelimiter': 'TAB'}", "a\tb,c\n1\\\t2\t3\n",
			   "[{\"a\":\"1\\t2\",\"b,c\":\"3\"}]");
	check_read("{'InputType': 'CSV', 'CSVHeaderLocation': 'FIRST_ROW', 'CSVDelimiter': 'SPACE'}", "a b\n1 2\n",
			   "[{\"a\":\"1\",\"b\":\"2\"}]");
}

static void
test_csv_config(void)
{
	check_read("{'InputType': 'CSV'}", "",
			   FAILED "The field 'CSVHeaderLocation' of ReaderConfig must be FIRST_ROW or GIVEN.");
	check_read("{'InputType': 'CSV', 'CSVHeaderLocation': 'GIVEN'}", "",
			   FAILED "The field 'CSVHeaders' of ReaderConfig must be an array of strings.");
	check_read(GIVEN("'a', 1"), "", FAILED "The field 'CSVHeaders' of ReaderConfig must be an array of strings.");
	check_read("{'InputType': 'CSV', 'CSVHeaderLocation': 'FIRST_ROW', 'CSVDelimiter': ','}", "",
			   FAILED "The CSVDelimiter , is none of COMMA, PIPE, SEMICOLON, SPACE, TAB.");
	check_read("{'InputType': 'PARQUET'}", "",
			   FAILED "The InputType PARQUET cannot be read here. Items can be read as CSV, JSON or JSONL.");
	check_read("{}", "", FAILED "The field 'InputType' of ReaderConfig is required: CSV, JSON or JSONL.");
	check_bytes(FIRST_ROW, -1, "", 0, FAILED "field MaxItems must be positive");
}

/* ---- JSON ---- */

#define JSON "{'InputType': 'JSON'}"
#define AT(pointer) "{'InputType': 'JSON', 'ItemsPointer': '" pointer "'}"

static void
test_json(void)
{
	check_read(JSON, "[]", "[]");
	check_read(JSON, "\xEF\xBB\xBF [ ] \n", "[]");
	check_read(JSON, "[1,\"a,]\",null,[1,[2]],{\"b\":{\"c\":\"}\"}},-1.5e3]",
			   "[1,\"a,]\",null,[1,[2]],{\"b\":{\"c\":\"}\"}},-1.5e3]");
	check_read(JSON, " [ 1 ,\n \"\\\"\\\\\" , true ] ", "[1,\"\\\"\\\\\",true]");
	check_read(JSON, "{\"Hello\": \"world\"}", FAILED "Attempting to map over non-iterable node.");
	check_read(JSON, "12", FAILED "Attempting to map over non-iterable node.");
	check_read(JSON, "\"x\"", FAILED "Attempting to map over non-iterable node.");
}

static void
test_json_errors(void)
{
	check_read(JSON, "", FAILED "The text is not valid JSON: The text ends unexpectedly.");
	check_read(JSON, "[1,2", FAILED "The text is not valid JSON: The text ends unexpectedly.");
	check_read(JSON, "[1,]", FAILED "The text is not valid JSON: unexpected character at byte 3.");
	check_read(JSON, "[1 2]", FAILED "The text is not valid JSON: unexpected character at byte 3.");
	check_read(JSON, "[] x", FAILED "The text is not valid JSON: unexpected character at byte 3.");
	check_read(JSON, "[][]", FAILED "The text is not valid JSON: unexpected character at byte 2.");
	check_read(JSON, "[1}", FAILED "The text is not valid JSON: unexpected character at byte 2.");
	check_read(JSON, "[1, 01]", FAILED "Item 2 is not valid JSON: Token \"01\" is invalid.");
	check_read(JSON, "[{\"a\":tru}]", FAILED "Item 1 is not valid JSON: Token \"tru\" is invalid.");
	check_read(JSON, "[\"\\x\"]", FAILED "Item 1 is not valid JSON: The escape is invalid.");
	check_read(JSON, "[\"a\nb\"]", FAILED "The text is not valid JSON: unexpected character at byte 3.");
	check_read(JSON, "[\"\xC3\"]", FAILED "Item 1 is not valid UTF-8 text.");
	check_read(JSON, "\xEF\xBB[]", FAILED "The text is not valid JSON: unexpected character at byte 0.");
	check_read(JSON, "\xEF\xBB", FAILED "The text is not valid JSON: unexpected character at byte 0.");
}

static void
test_json_pointer(void)
{
	const char *text = "{\"a\":{\"b\":[{},[7,[8,9]]],\"c/d\":{\"~\":[1]}},\"b\":[0],\"\":{\"x\":1,\"\\u0079\":[2]}}";

	check_read(AT("/b"), text, "[0]");
	check_read(AT("/a/b"), text, "[{},[7,[8,9]]]");
	check_read(AT("/a/b/1/1"), text, "[8,9]");
	check_read(AT("/a/c~1d/~0"), text, "[1]");
	check_read(AT("/a/c~1d"), text, "[{\"~\":[1]}]");
	check_read(AT("/"), text, "[{\"x\":1},{\"y\":[2]}]");
	check_read(AT("/a/b/0"), text, "[]");
	check_read(AT(""), "[5]", "[5]");
	check_read(AT("/1"), "[[1],[2],[3]]", "[2]");
	check_read(AT("/x"), text, FAILED "The ItemsPointer '/x' does not point to an array or object.");
	check_read(AT("/a/b/2"), text, FAILED "The ItemsPointer '/a/b/2' does not point to an array or object.");
	check_read(AT("/a/b/01"), text, FAILED "The ItemsPointer '/a/b/01' does not point to an array or object.");
	check_read(AT("/b/0/x"), text, FAILED "The ItemsPointer '/b/0/x' does not point to an array or object.");
	check_read(AT("/b/0"), text, FAILED "Attempting to map over non-iterable node.");
	check_read(AT("/b"), "{\"b\":[1],\"c\":[01]}", FAILED "The text is not valid JSON: Token \"01\" is invalid.");
	check_read(AT("/b"), "{\"b\":[1],\"c\":2", FAILED "The text is not valid JSON: The text ends unexpectedly.");
	check_read(AT("b"), "",
			   FAILED "The field 'ItemsPointer' of ReaderConfig must be a JSON Pointer of less than 2000 "
					  "characters.");
	check_read(AT("/a~2"), "", FAILED "The ItemsPointer '/a~2' is no JSON Pointer: '~' must be followed by 0 or 1.");
}

/* ---- JSON Lines ---- */

#define JSONL "{'InputType': 'JSONL'}"

static void
test_jsonl(void)
{
	check_read(JSONL, "{\"a\":1}\n\n  \r\n[2]\r\n\"x\"", "[{\"a\":1},[2],\"x\"]");
	check_read(JSONL, "", "[]");
	check_read(JSONL, "1\n{\n", FAILED "Line 2 is not valid JSON: The text ends unexpectedly.");
	check_read(JSONL, "1\n\n1 2", FAILED "Line 3 is not valid JSON: Expected the end of the text, but found \"2\".");
	check_read(JSONL, "\"\xFF\"", FAILED "Line 1 is not valid UTF-8 text.");
}

/* ---- limits ---- */

static void
test_max_items(void)
{
	const char *broken = "[1,2,3 what follows is not looked at";

	check_bytes(JSON, 2, broken, strlen(broken), "[1,2]");
	check_bytes(JSONL, 2, "1\n2\n{\n", 6, "[1,2]");
	check_bytes(FIRST_ROW, 1, "a\n1\n\"", 6, "[{\"a\":\"1\"}]");
	check_bytes(JSONL, 100000000, "1\n2\n", 4, "[1,2]");
	check_bytes(JSONL, INT64CONST(1) << 40, "1\n2\n", 4, "[1,2]");
}

/* An item of that many bytes, quotes and all, between head and tail. */
static const char *
long_text(const char *head, int bytes, const char *tail)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, head);
	enlargeStringInfo(&text, bytes);
	memset(text.data + text.len, 'x', bytes - 2);
	text.data[text.len + bytes - 2] = '\0';
	text.len += bytes - 2;
	appendStringInfoString(&text, tail);
	return text.data;
}

static void
check_long(const char *config_text, const char *text, const char *expected_error)
{
	ItemReaderConfig config;
	SfnError error;
	static const size_t pieces[] = {65536, 100000000};

	OK(item_reader_config(unit_json(config_text), 0, &config, &error));
	for (int i = 0; i < (int) lengthof(pieces); i++)
	{
		const char *result = read_in_pieces(&config, text, strlen(text), pieces[i]);

		if (expected_error != NULL)
			unit_text(result, expected_error, "%s with a long item", config_text);
		else
			unit_check(result[0] == '[' && strlen(result) >= ITEM_MAX_BYTES - 2, "%s with an item of the limit",
					   config_text);
	}
}

static void
test_sizes(void)
{
	const char *too_large = FAILED "An item cannot be larger than 8 MB.";

	check_long(JSON, long_text("[\"", ITEM_MAX_BYTES, "\"]"), NULL);
	check_long(JSON, long_text("[\"", ITEM_MAX_BYTES + 1, "\"]"), too_large);
	check_long(JSONL, long_text("\"", ITEM_MAX_BYTES, "\"\n"), NULL);
	check_long(JSONL, long_text("\"", ITEM_MAX_BYTES + 1, "\"\n"), too_large);
	check_long(FIRST_ROW, long_text("a\n\"", ITEM_MAX_BYTES, "\""), NULL);
	check_long(FIRST_ROW, long_text("a\n\"", ITEM_MAX_BYTES + 10, "\""), too_large);
	check_long(FIRST_ROW, long_text("", 10 * 1024 + 3, "\n1\n"), FAILED "CSV headers cannot be larger than 10 KiB.");
	unit_reset_memory();
}

static void
test_depth(void)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < SFN_MAX_DEPTH; i++)
		appendStringInfoChar(&text, '[');
	appendStringInfoChar(&text, '[');
	check_read(JSON, text.data, FAILED "The text is not valid JSON: nested more than 1000 levels deep.");
}

static bool
refuse(void *arg, const JsonVal *item, const char *key, SfnError *error)
{
	(*(int *) arg)++;
	return sfn_error(error, ERROR_RUNTIME, "no more");
}

static void
test_sink_error(void)
{
	ItemReaderConfig config;
	SfnError error;
	int calls = 0;
	ItemReader *reader;

	OK(item_reader_config(unit_json(JSON), 0, &config, &error));
	reader = item_reader_begin(&config, refuse, &calls);
	OK(!item_reader_feed(reader, "[1,2,3]", 7, &error));
	OK(strcmp(error.name, ERROR_RUNTIME) == 0 && strcmp(error.cause, "no more") == 0);
	OK(calls == 1);
}

/* ---- lists of S3 ---- */

#define OBJECT(key, more) \
	"<Contents><Key>" key "</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>" \
	"<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size>" more "</Contents>"
#define LIST(inside) "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\">" inside "</ListBucketResult>"
#define LISTED(key, class) \
	"{\"Etag\":\"\\\"fba9dede5f27731c9771645a39863328\\\"\",\"LastModified\":1255369830,\"Key\":\"" key \
	"\",\"Size\":434234,\"StorageClass\":\"" class "\"}"

static void
check_list(const char *xml, const char *expected, const char *expected_token)
{
	const char *token;
	SfnError error = {0};
	const JsonVal *objects = s3_list_page(xml, (int) strlen(xml), &token, &error);

	unit_text(objects != NULL ? jv_to_text(objects) : error.cause, expected, "%.60s", xml);
	if (objects != NULL)
		unit_text(token, expected_token, "the token of it");
}

static void
test_s3_lists(void)
{
	check_list(LIST("<IsTruncated>false</IsTruncated>"), "[]", NULL);
	check_list(LIST("<IsTruncated>false</IsTruncated>" OBJECT("a/b.txt", "<StorageClass>GLACIER</StorageClass>")
						OBJECT("x &amp; &#x20AC;&#65;", "")),
			   "[" LISTED("a/b.txt", "GLACIER") "," LISTED("x & \xE2\x82\xAC"
														   "A",
														   "STANDARD") "]",
			   NULL);
	check_list(LIST("<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/=</NextContinuationToken>"), "[]",
			   "a+b/=");
	check_list(LIST("<IsTruncated>true</IsTruncated>"), "The answer is no list of objects as S3 sends it.", NULL);
	check_list("<html></html>", "The answer is no list of objects as S3 sends it.", NULL);
	check_list("", "The answer is no list of objects as S3 sends it.", NULL);
	check_list(LIST("<IsTruncated>false</IsTruncated><Contents><Key>k</Key></Contents>"),
			   "The answer has an object that is not described as S3 does it.", NULL);
	check_list(LIST("<IsTruncated>false</IsTruncated>" OBJECT("a&b", "")),
			   "The answer has an object that is not described as S3 does it.", NULL);
	check_list(LIST("<IsTruncated>false</IsTruncated>" OBJECT("a&#0;", "")),
			   "The answer has an object that is not described as S3 does it.", NULL);
}

int
main(void)
{
	test_csv_recorded();
	test_csv_text();
	test_csv_config();
	test_json();
	test_json_errors();
	test_json_pointer();
	test_jsonl();
	test_max_items();
	test_sizes();
	test_depth();
	test_sink_error();
	test_s3_lists();
	return unit_done();
}
