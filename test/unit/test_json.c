/*
 * test_json.c
 *	  JSON values: text to value and back, numbers, names, positions, updates.
 */
#include "unit/unit.h"

#include <math.h>

#include "json/json_error.h"

/* ---- text ---- */

static void
check_round_trip(const char *text, const char *expected)
{
	JvParseError error;
	const JsonVal *value = jv_parse(text, strlen(text), &error);

	unit_text(value ? jv_to_text(value) : error.message, expected, "text %.60s", text);
}

static void
test_round_trips(void)
{
	check_round_trip("null", "null");
	check_round_trip(" [ 1 , 2.50 , -0 , 1e400 , 1E-7 ] ", "[1,2.50,-0,1e400,1E-7]");
	check_round_trip("{}", "{}");
	check_round_trip("[]", "[]");
	check_round_trip("{\"b\":1,\"a\":{\"z\":[],\"y\":{}}}", "{\"b\":1,\"a\":{\"z\":[],\"y\":{}}}");
	check_round_trip("\"\"", "\"\"");
	check_round_trip("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"a\\\"\\\\/\\b\\f\\n\\r\\t\"");
	check_round_trip("\"\\u001f\\u007f\\u00e9\\ud83d\\ude00\"", "\"\\u001F\x7f\xc3\xa9\xf0\x9f\x98\x80\"");
	check_round_trip("\"\xc3\xa9\xe2\x82\xac\"", "\"\xc3\xa9\xe2\x82\xac\"");
	check_round_trip("{\"\":1}", "{\"\":1}");
	check_round_trip("{\"a\\nb\":1}", "{\"a\\nb\":1}");
}

static void
check_error(const char *text, int offset, const char *message)
{
	JvParseError error;
	const JsonVal *value = jv_parse(text, strlen(text), &error);

	if (!unit_check(value == NULL, "refused: %.40s", text))
		return;
	unit_check(error.offset == offset, "offset %d is %d: %.40s", error.offset, offset, text);
	unit_check(strstr(error.message, message) != NULL, "message \"%s\" has \"%s\"", error.message, message);
}

static void
test_errors(void)
{
	check_error("", 0, "ends unexpectedly");
	check_error("  ", 2, "ends unexpectedly");
	check_error("{", 1, "ends unexpectedly");
	check_error("[1,]", 3, "Expected a JSON value");
	check_error("[1 2]", 3, "Expected \",\" or \"]\"");
	check_error("{\"a\" 1}", 5, "Expected \":\"");
	check_error("{\"a\":1,}", 7, "Expected a string");
	check_error("{a:1}", 1, "is invalid");
	check_error("{1:1}", 1, "Expected a string or \"}\"");
	check_error("{\"a\":1 \"b\":2}", 7, "Expected \",\" or \"}\"");
	check_error("[1}", 2, "Expected \",\" or \"]\"");
	check_error("1 2", 2, "Expected the end");
	check_error("01", 0, "is invalid");
	check_error("NaN", 0, "is invalid");
	check_error("'a'", 0, "is invalid");
	check_error("\"a", 0, "is invalid");
	check_error("\"\\x\"", 3, "invalid");
	check_error("\"a\\u0000\"", 2, "\\u0000 cannot be stored");
	check_error("\"\\ud800\"", 1, "low surrogate must follow each other");
	check_error("\"\\ud800\\ud800\"", 1, "high surrogate must not follow");
	check_error("\"x\\udc00y\"", 2, "low surrogate must follow each other");
	check_error("\"\n\"", 1, "must be escaped");
}

static void
test_error_place(void)
{
	const char *text = "{\n  \"\xc3\xa9\": bad\n}";
	JvParseError error;

	OK(jv_parse(text, strlen(text), &error) == NULL);
	OK(error.line == 2);
	OK(error.column == 8);
	unit_text(error.token, "bad", "the offending token");
}

/* ---- depth and size ---- */

static char *
nested(int levels, const char *open, const char *core, const char *close)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < levels; i++)
		appendStringInfoString(&text, open);
	appendStringInfoString(&text, core);
	for (int i = 0; i < levels; i++)
		appendStringInfoString(&text, close);
	return text.data;
}

static void
test_depth(void)
{
	JvParseError error;
	char *text = nested(SFN_MAX_DEPTH, "[", "1", "]");
	const JsonVal *value = jv_parse(text, strlen(text), &error);

	OK(value != NULL && value->depth == SFN_MAX_DEPTH);
	unit_text(jv_to_text(value), text, "deepest arrays come back");
	OK(jv_equal(value, jv_clone(value)));

	text = nested(SFN_MAX_DEPTH + 1, "[", "", "]");
	OK(jv_parse(text, strlen(text), &error) == NULL);
	unit_text(error.message, "JSON text is nested more than 1000 levels deep", "one level too many");
	OK(error.offset == SFN_MAX_DEPTH);

	text = nested(100000, "{\"a\":", "1", "}");
	OK(jv_parse(text, strlen(text), &error) == NULL);
	text = nested(100000, "[", "", "");
	OK(jv_parse(text, strlen(text), &error) == NULL);

	OK(unit_json("1")->depth == 0);
	OK(unit_json("[]")->depth == 0);
	OK(unit_json("{'a':[1],'b':2}")->depth == 2);
}

static void
test_large_object(void)
{
	StringInfoData text;
	const JsonVal *object;
	int64 n = 0;
	JvParseError error;

	initStringInfo(&text);
	for (int i = 0; i < 30000; i++)
		appendStringInfo(&text, "%s\"key%d\":%d", i == 0 ? "{" : ",", i, i);
	appendStringInfo(&text, ",\"key7\":\"again\"}");
	object = jv_parse(text.data, text.len, &error);
	OK(object != NULL && object->count == 30000);
	OK(jv_to_int64(jv_get(object, "key29999"), &n) && n == 29999);
	unit_text(jv_get_string(object, "key7"), "again", "the last value of a name");
	unit_text(object->u.members[7].key, "key7", "at the place of the first");
	OK(jv_get(object, "key30000") == NULL);
	OK(jv_equal(object, jv_clone(object)));
	object = jv_object_set(object, "key30000", 8, jv_true_value.type ? jv_bool(true) : jv_null());
	OK(object->count == 30001 && jv_get(object, "key30000") == jv_bool(true));
}

static void
test_duplicates(void)
{
	check_round_trip("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
	check_round_trip("{\"a\":1,\"\\u0061\":2}", "{\"a\":2}");
	check_round_trip("{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"1\":9}",
					 "{\"1\":9,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1}");
}

/* ---- numbers ---- */

static void
check_double(double d, const char *expected)
{
	const JsonVal *value = jv_double(d);

	unit_text(jv_to_text(value), expected, "spelling of %.17g", d);
	if (value->type == JV_NUMBER)
		OK(value->number == d);
}

static void
check_int(const char *text, bool is_integer, int64 expected, bool is_plain)
{
	const JsonVal *value = unit_json(text);
	int64 n = 0;
	bool got = jv_to_int64(value, &n);

	unit_check(got == is_integer && (!got || n == expected), "integer of %s", text);
	unit_check(jv_to_plain_int64(value, &n) == is_plain, "plain integer of %s", text);
}

static void
test_numbers(void)
{
	OK(isinf(unit_json("1e400")->number));
	OK(unit_json("-1e400")->number < 0);
	OK(unit_json("0.1")->number == 0.1);
	OK(unit_json("123456789012345678901234567890")->number == 123456789012345678901234567890.0);
	OK(unit_json("9007199254740993")->number == 9007199254740992.0);
	OK(unit_json("1.7976931348623157e308")->number == 1.7976931348623157e308);
	OK(unit_json("5e-324")->number == 5e-324);
	OK(unit_json("0.30000000000000004")->number == 0.30000000000000004);

	check_double(0, "0");
	check_double(-0.0, "0");
	check_double(1, "1");
	check_double(-17.5, "-17.5");
	check_double(0.1, "0.1");
	check_double(1e15, "1000000000000000");
	check_double(1e20, "100000000000000000000");
	check_double(1e21, "1e+21");
	check_double(1.5e300, "1.5e+300");
	check_double(1e-6, "0.000001");
	check_double(1e-7, "1e-7");
	check_double(1.25e-9, "1.25e-9");
	check_double(0.30000000000000004, "0.30000000000000004");
	check_double(123456789.125, "123456789.125");
	check_double(9007199254740993.0, "9007199254740992");
	check_double(5e-324, "5e-324");
	check_double(INFINITY, "null");
	check_double(NAN, "null");

	unit_text(jv_int(PG_INT64_MIN)->u.text, "-9223372036854775808", "least integer");
	unit_text(jv_int(PG_INT64_MAX)->u.text, "9223372036854775807", "greatest integer");
	unit_text(jv_int(0)->u.text, "0", "zero");

	check_int("1", true, 1, true);
	check_int("-0", true, 0, true);
	check_int("1.0", true, 1, false);
	check_int("1e2", true, 100, false);
	check_int("1200e-2", true, 12, false);
	check_int("1.5", false, 0, false);
	check_int("0.05e2", true, 5, false);
	check_int("0.0e999999999999", true, 0, false);
	check_int("1e-1", false, 0, false);
	check_int("1e19", false, 0, false);
	check_int("9223372036854775807", true, PG_INT64_MAX, true);
	check_int("9223372036854775808", false, 0, false);
	check_int("-9223372036854775808", true, PG_INT64_MIN, true);
	check_int("-9223372036854775809", false, 0, false);
	check_int("99999999999999999999", false, 0, false);
	check_int("1e99999999999999999999", false, 0, false);
	check_int("'1'", false, 0, false);
}

static void
check_equal(const char *a, const char *b, bool expected)
{
	unit_check(jv_equal(unit_json(a), unit_json(b)) == expected, "%s %s %s", a, expected ? "=" : "<>", b);
	unit_check(jv_equal(unit_json(b), unit_json(a)) == expected, "%s %s %s", b, expected ? "=" : "<>", a);
}

static void
test_equality(void)
{
	check_equal("1", "1.0", true);
	check_equal("1", "1e0", true);
	check_equal("100", "1.00e2", true);
	check_equal("0", "-0.0", true);
	check_equal("0.1", "0.10", true);
	check_equal("9007199254740993", "9007199254740992", false);
	check_equal("1e400", "1e401", false);
	check_equal("1e400", "10e399", true);
	check_equal("1", "'1'", false);
	check_equal("1", "-1", false);
	check_equal("null", "false", false);
	check_equal("[1,2]", "[2,1]", false);
	check_equal("[1,[2,{'a':null}]]", "[1.0,[2,{'a':null}]]", true);
	check_equal("{'a':1,'b':2}", "{'b':2,'a':1}", true);
	check_equal("{'a':1,'b':2}", "{'a':1,'c':2}", false);
	check_equal("{'a':1}", "{'a':1,'b':2}", false);
	check_equal("{}", "[]", false);
	check_equal("[]", "[]", true);
}

/* ---- updates, positions, printing ---- */

static void
test_updates(void)
{
	const JsonVal *object = unit_json("{'a':1,'b':{'c':2}}");
	const JsonVal *changed = jv_object_set(object, "a", 1, jv_string("x"));

	unit_text(jv_to_text(changed), "{\"a\":\"x\",\"b\":{\"c\":2}}", "a member replaced in place");
	unit_text(jv_to_text(object), "{\"a\":1,\"b\":{\"c\":2}}", "the old object is as it was");
	OK(changed->u.members[1].value == object->u.members[1].value);
	unit_text(jv_to_text(jv_object_set(object, "z", 1, jv_null())), "{\"a\":1,\"b\":{\"c\":2},\"z\":null}",
			  "a new member comes last");
	unit_text(jv_to_text(jv_object_set(jv_empty_object(), "", 0, jv_int(1))), "{\"\":1}", "into the empty object");
	unit_text(jv_to_text(jv_array_set(unit_json("[1,2,3]"), 1, object)), "[1,{\"a\":1,\"b\":{\"c\":2}},3]",
			  "an element replaced");
	OK(jv_array_set(unit_json("[1,2,3]"), 1, object)->depth == 3);
}

static void
check_position(const JvPositions *positions, const char *pointer, int line, int column)
{
	int found_line = 0;
	int found_column = 0;

	jv_position_of(positions, pointer, &found_line, &found_column);
	unit_check(found_line == line && found_column == column, "%s is at %d:%d, found %d:%d", pointer, line, column,
			   found_line, found_column);
}

static void
test_positions(void)
{
	const char *text = "{\n \"a\" : [ true, true,\n  {\"x/y\": null} ],\n \"\xc3\xa9\":1, \"b\":2, \"a~\":[]\n}";
	JvParseError error;
	JvPositions *positions;
	int line;
	int column;

	OK(jv_parse_positions(text, strlen(text), &error, &positions) != NULL);
	check_position(positions, "", 1, 1);
	check_position(positions, "/a", 2, 2);
	check_position(positions, "/a/0", 2, 10);
	check_position(positions, "/a/1", 2, 16);
	check_position(positions, "/a/2", 3, 3);
	check_position(positions, "/a/2/x~1y", 3, 4);
	check_position(positions, "/b", 4, 9);
	check_position(positions, "/a~0", 4, 16);
	OK(!jv_position_of(positions, "/nosuch", &line, &column));
	OK(!jv_position_of(positions, "/a/9", &line, &column));
	OK(!jv_position_of(positions, "a", &line, &column));

	text = "{\"a\":1,\"a\":[2]}";
	OK(jv_parse_positions(text, strlen(text), &error, &positions) != NULL);
	check_position(positions, "/a", 1, 8);
	OK(jv_parse_positions("[", 1, &error, &positions) == NULL);
	OK(!jv_position_of(positions, "", &line, &column));
}

static void
test_printing(void)
{
	StringInfoData out;

	initStringInfo(&out);
	jv_print_in_string(&out, unit_json("{'a':'x\\ny'}"));
	unit_text(out.data, "\"{\\\"a\\\":\\\"x\\\\ny\\\"}\"", "a text within a text");
	resetStringInfo(&out);
	jv_print_pretty(&out, unit_json("{'a':[1,{}],'b':{'c':[]}}"));
	unit_text(out.data, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}", "pretty");
}

/* Escapes are looked for eight bytes at a time: they are found wherever they stand. */
static void
test_escapes_anywhere(void)
{
	static const char special[] = {'"', '\\', '\n', 0x1f, 0x01};

	for (int length = 1; length <= 20; length++)
	{
		for (int at = 0; at < length; at++)
		{
			char text[32];
			bool same = true;

			for (int i = 0; i < (int) lengthof(special); i++)
			{
				StringInfoData out;
				JvParseError error;
				const JsonVal *value;

				memset(text, at % 2 ? 0xe9 : 'x', length);
				memset(text, ' ', length / 2);
				text[at] = special[i];
				initStringInfo(&out);
				jv_print_string(&out, text, length);
				value = jv_parse(out.data, out.len, &error);
				same = same && jv_is(value, JV_STRING) && value->count == length &&
					memcmp(value->u.text, text, length) == 0;
			}
			unit_check(same, "escapes at %d of %d", at, length);
		}
	}
}

static void
test_builders(void)
{
	JvObjectBuilder object;
	JvArrayBuilder array;

	jv_object_begin(&object);
	for (int i = 0; i < 20; i++)
		jv_object_add(&object, psprintf("k%d", i % 12), jv_int(i));
	unit_text(jv_to_text(jv_object_end(&object)),
			  "{\"k0\":12,\"k1\":13,\"k2\":14,\"k3\":15,\"k4\":16,\"k5\":17,\"k6\":18,\"k7\":19,\"k8\":8,"
			  "\"k9\":9,\"k10\":10,\"k11\":11}",
			  "names given twice to a builder");
	jv_array_begin(&array);
	for (int i = 0; i < 20; i++)
		jv_array_add(&array, jv_int(i));
	OK(jv_array_end(&array)->count == 20);
	jv_array_begin(&array);
	OK(jv_array_end(&array) == jv_empty_array());
	jv_object_begin(&object);
	OK(jv_object_end(&object) == jv_empty_object());
	unit_text(jv_type_name(jv_bool(true)), "boolean", "name of a type");
	OK(jv_get(jv_int(1), "a") == NULL);
	OK(jv_get(NULL, "a") == NULL);
}

/* ---- the words of AWS's parser ---- */

static void
json_message(const char *text, const char *expected)
{
	JvParseError error;

	OK(jv_parse(text, strlen(text), &error) == NULL);
	unit_text(json_error_message(text, strlen(text), &error, NULL), expected, "JSON error of %s", text);
	unit_reset_memory();
}

static void
test_json_messages(void)
{
	char *location;
	JvParseError error;
	char *deep;

	json_message("not some json",
				 "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
				 "'null', 'true' or 'false')");
	json_message("{'not': 'json'",
				 "Unexpected character (''' (code 39)): was expecting double-quote to start field name");
	json_message("{\"a\" 1}",
				 "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value");
	json_message("{\"a\":1 \"b\":2}",
				 "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries");
	json_message("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries");
	json_message("[1,]",
				 "Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or "
				 "token 'null', 'true' or 'false')");
	json_message("{\"a\":",
				 "Unexpected end-of-input: expected close marker for Object (start marker at [Source: "
				 "(String)\"{\"a\":\"; line: 1, column: 1])");
	json_message("[\xe2\x82\xac]",
				 "Unrecognized token '\xe2\x82\xac': was expecting (JSON String, Number, Array, Object or "
				 "token 'null', 'true' or 'false')");

	deep = palloc0(SFN_MAX_DEPTH + 2);
	memset(deep, '[', SFN_MAX_DEPTH + 1);
	json_message(deep, "JSON text is nested more than 1000 levels deep");

	OK(jv_parse("{\n  x", 5, &error) == NULL);
	(void) json_error_message("{\n  x", 5, &error, &location);
	unit_text(location, "[Source: (String)\"{\n  x\"; line: 2, column: 4]", "location on the second line");
	unit_reset_memory();
}

int
main(void)
{
	test_round_trips();
	test_errors();
	test_error_place();
	test_depth();
	test_large_object();
	test_duplicates();
	test_numbers();
	test_equality();
	test_updates();
	test_positions();
	test_printing();
	test_escapes_anywhere();
	test_builders();
	test_json_messages();
	return unit_done();
}
