/*
 * test_intrinsics.c
 *	  Intrinsic functions: parsing of calls, results, limits, failures.
 */
#include "unit/unit.h"

#include "jsonpath/jsonpath.h"

static const JsonVal *
scope_context(const EvalScope *scope)
{
	return unit_json("{'Execution':{'Name':'run'}}");
}

static double
scope_random(const EvalScope *scope)
{
	return 0.5;
}

/* The result's text, "? cause" when the call cannot be parsed, "! cause" when it fails. */
static const char *
call_text(const char *text, const JsonVal *input)
{
	EvalScope scope = {.input = input, .context = scope_context, .random = scope_random};
	SfnError error;
	const JPath *missing;
	const JsonVal *result;
	Intrinsic *call = intrinsic_parse(text, strlen(text), &error);

	if (call == NULL)
		return psprintf("? %s", error.cause);
	if (!intrinsic_eval(call, &scope, &result, &error, &missing))
		return psprintf("! %s%s%s", missing != NULL ? jpath_source(missing) : "", missing != NULL ? ": " : "",
						error.cause);
	return jv_to_text(result);
}

static void
check(const char *call, const char *input, const char *expected)
{
	unit_text(call_text(call, unit_json(input)), expected, "%s", call);
}

/* Fails at run time, whatever it says. */
static void
check_fails(const char *call, const char *input)
{
	unit_check(*call_text(call, unit_json(input)) == '!', "%s fails", call);
}

static void
check_refused(const char *call)
{
	unit_check(*call_text(call, jv_null()) == '?', "%s is refused", call);
}

static void
test_calls(void)
{
	check("States.Array()", "1", "[]");
	check("States.Array( )", "1", "[]");
	check("States.Array(1, 'a' ,true,null, -1.50e2)", "1", "[1,\"a\",true,null,-1.50e2]");
	check("States.Array($, $.a[?(@.b == 'x,)')].b, $['c,d'], $$.Execution.Name)", "{'a':[{'b':'x,)'}],'c,d':2}",
		  "[{\"a\":[{\"b\":\"x,)\"}],\"c,d\":2},[\"x,)\"],2,\"run\"]");
	check("States.Array(States.Array(States.MathAdd(1,2)), States.Format('{}', 'a)'))  ", "1", "[[3],\"a)\"]");
	check("States.Array('it\\'s', '\\{\\}', '\\\\', '{x}', \"\")", "1",
		  "? an argument is a string in single quotes, a "
		  "number, true, false, null, a path or a call");
	check("States.Array('it\\'s', '\\{\\}', '\\\\', '{x}', '')", "1", "[\"it's\",\"{}\",\"\\\\\",\"{x}\",\"\"]");
	check_refused("States.Array(");
	check_refused("States.Array(1");
	check_refused("States.Array(1,)");
	check_refused("States.Array(,1)");
	check_refused("States.Array(1 2)");
	check_refused("States.Array(1))");
	check_refused("States.Array(1) x");
	check_refused("States.Array('a)");
	check_refused("States.Array(a)");
	check_refused("States.Array(01)");
	check_refused("States.Array(True)");
	check_refused("States.Array($.a[)");
	check_refused("States.Array($.)");
	check_refused("States.array(1)");
	check_refused("States.Nope(1)");
	check_refused("States.Array (1)");
	check_refused("Array(1)");
	check_refused("States.Array('say \\\"hi\\\"')");
	check_refused("States.ArrayLength()");
	check_refused("States.ArrayLength(1, 2)");
	check_refused("States.MathRandom(1)");
	check_refused("States.MathRandom(1,2,3,4)");
	check_refused("States.UUID(1)");
	check_refused("States.Format()");
	check("States.Hash('x')", "1", "? States.Hash takes 2 arguments, not 1");
	check("States.MathRandom(1)", "1", "? States.MathRandom takes 2 to 3 arguments, not 1");
	check("States.Format()", "1", "? States.Format takes at least 1 argument, not 0");
	check_fails("States.Array('a\\nb')", "1");
	check_fails("States.Array(States.Array('a\\q'))", "1");
}

static void
test_nesting(void)
{
	StringInfoData text;

	for (int depth = 10; depth <= 11; depth++)
	{
		initStringInfo(&text);
		for (int i = 0; i < depth; i++)
			appendStringInfoString(&text, "States.Array(");
		for (int i = 0; i < depth; i++)
			appendStringInfoChar(&text, ')');
		unit_check((*call_text(text.data, jv_null()) == '?') == (depth > 10), "calls nested %d deep", depth);
	}
}

static void
test_missing(void)
{
	check("States.Format('{}', $.nope)", "{'a':1}", "! $.nope: No results for path: $['nope']");
	check("States.Format('{}', States.Array($.a[5]))", "{'a':[1]}",
		  "! $.a[5]: Index out of bounds when evaluating path $.a[5]");
	check("States.Format('{}', $$.Nope.Deep)", "{'a':1}", "! $$.Nope.Deep: Missing property in path $['Nope']");
	check("States.Format('{}', $.a[0])", "{'a':1}",
		  "! Filter: [0] can only be applied to arrays. Current context is: 1");
	check("States.ArrayLength($.items[*].nope)", "{'items':[1,2]}", "0");
}

static void
test_format(void)
{
	check("States.Format('plain')", "1", "\"plain\"");
	check("States.Format('{} and {}', $.a, 'b')", "{'a':'x'}", "\"x and b\"");
	check("States.Format('{}{}{}{}', 1.0, true, null, 1e2)", "1", "\"1.0truenull1e2\"");
	check("States.Format('{}', $)", "{'Arg1':1,'Arg2':[],'c':['x',null,{'d':false}]}",
		  "\"{Arg1=1, Arg2=[], c=[x, null, {d=false}]}\"");
	check("States.Format('\\{\\} {} \\'q\\' \\\\', 1)", "1", "\"{} 1 'q' \\\\\"");
	check("States.Format('{x} {', 1)", "1",
		  "! The number of values, 1, does not match the 0 occurrences of {} in the "
		  "template");
	check("States.Format('a { b } {}', 1)", "1", "\"a { b } 1\"");
	check("States.Format($.t, 1)", "{'t':'n={}'}", "\"n=1\"");
	check("States.Format($.t, 1)", "{'t':'C:\\\\dir \\\\{ {}'}", "\"C:\\\\dir { 1\"");
	check("States.Format('{}', $.t)", "{'t':'{}'}", "\"{}\"");
	check_fails("States.Format('{}')", "1");
	check_fails("States.Format('{} {}', 1)", "1");
	check_fails("States.Format('{}', 1, 2)", "1");
	check_refused("States.Format(1)");
	check_fails("States.Format($.t)", "{'t':null}");
}

static void
test_strings(void)
{
	check("States.StringSplit(',a,,b,', ',')", "1", "[\"a\",\"b\"]");
	check("States.StringSplit(' , ', ',')", "1", "[\" \",\" \"]");
	check("States.StringSplit(',,,,', ',')", "1", "[]");
	check("States.StringSplit('', ',')", "1", "[]");
	check("States.StringSplit('abc', '')", "1", "[\"abc\"]");
	check("States.StringSplit('This.is+a,test=string', '.+,=')", "1", "[\"This\",\"is\",\"a\",\"test\",\"string\"]");
	check("States.StringSplit('a\xf0\x9f\x98\x81z', '\xf0\x9f\x98\x80')", "1", "[\"a\xf0\x9f\x98\x81z\"]");
	check("States.StringSplit('a\xf0\x9f\x98\x80z', '\xf0\x9f\x98\x80')", "1", "[\"a\",\"z\"]");
	check_refused("States.StringSplit(1, ',')");
	check_refused("States.StringSplit('a', 1)");
	check("States.UUID()", "1", "\"80008000-8000-4000-8000-800080008000\"");

	check("States.JsonToString($)", "{'a':[1.0,'x\\ny',null]}", "\"{\\\"a\\\":[1.0,\\\"x\\\\ny\\\",null]}\"");
	check("States.JsonToString('x')", "1", "\"\\\"x\\\"\"");
	check("States.StringToJson('{\"a\": [1, 2.0]}')", "1", "{\"a\":[1,2.0]}");
	check("States.StringToJson('')", "1", "null");
	check("States.StringToJson('  ')", "1", "null");
	check("States.StringToJson('-0')", "1", "0");
	check("States.StringToJson(' 1.1 ')", "1", "1.1");
	check("States.StringToJson('\"HelloWorld\"')", "1", "\"HelloWorld\"");
	check_fails("States.StringToJson('{')", "1");
	check_fails("States.StringToJson('HelloWorld')", "1");
	check_refused("States.StringToJson(1)");
}

static void
test_arrays(void)
{
	check("States.ArrayPartition($, 4)", "[1,2,3,4,5,6,7,8,9]", "[[1,2,3,4],[5,6,7,8],[9]]");
	check("States.ArrayPartition($, 1.9)", "[1,2]", "[[1],[2]]");
	check("States.ArrayPartition($, 1e300)", "[1,2]", "[[1,2]]");
	check("States.ArrayPartition($, 3)", "[]", "[]");
	check_fails("States.ArrayPartition($, 0)", "[1]");
	check_fails("States.ArrayPartition($, 0.9)", "[1]");
	check_fails("States.ArrayPartition($, -1)", "[1]");
	check_refused("States.ArrayPartition($, '1')");
	check_fails("States.ArrayPartition($, 1)", "{}");

	check("States.ArrayContains($, 2)", "[1,2.0]", "true");
	check("States.ArrayContains($, '2')", "[1,2]", "false");
	check("States.ArrayContains($.a, $.b)", "{'a':[{'x':1,'y':[]}],'b':{'y':[],'x':1.0}}", "true");
	check("States.ArrayContains($, null)", "[]", "false");
	check("States.ArrayContains($, null)", "[null]", "true");
	check_fails("States.ArrayContains($, 1)", "'1'");

	check("States.ArrayRange(1, 9, 2)", "1", "[1,3,5,7,9]");
	check("States.ArrayRange(0, 9, 3)", "1", "[0,3,6,9]");
	check("States.ArrayRange(5, 1, -2)", "1", "[5,3,1]");
	check("States.ArrayRange(9, 9, 9)", "1", "[9]");
	check("States.ArrayRange(9, 1, 1)", "1", "[]");
	check("States.ArrayRange(0.5, 2.4, 1.2)", "1", "[1,2]");
	unit_check(strlen(call_text("States.ArrayRange(1, 1000, 1)", jv_null())) > 1000, "a thousand elements");
	check_fails("States.ArrayRange(1, 1001, 1)", "1");
	check_fails("States.ArrayRange(-2147483648, 2147483647, 1)", "1");
	check_fails("States.ArrayRange(1, 2, 0)", "1");
	check_fails("States.ArrayRange(1, 2, 0.4)", "1");
	check_refused("States.ArrayRange(1, 2, null)");
	check_fails("States.ArrayRange(1, 1e10, 1e10)", "1");

	check("States.ArrayGetItem($, 5)", "[1,2,3,4,5,6,7,8,9]", "6");
	check("States.ArrayGetItem($, 1.0)", "[1,null]", "null");
	check_fails("States.ArrayGetItem($, 2)", "[1,2]");
	check_fails("States.ArrayGetItem($, -1)", "[1,2]");
	check_fails("States.ArrayGetItem($, 0.5)", "[1,2]");
	check_fails("States.ArrayGetItem($, 18446744073709551616)", "[1,2]");
	check_refused("States.ArrayGetItem($, '0')");
	check_fails("States.ArrayGetItem($, 0)", "'x'");

	check("States.ArrayLength($)", "[1,[2,3]]", "2");
	check_fails("States.ArrayLength($)", "{}");
	check("States.ArrayUnique($)", "[1,1.0,'1',null,null,true,{'a':1,'b':[]},{'b':[],'a':1e0},[1],[1],-0,0]",
		  "[1,\"1\",null,true,{\"a\":1,\"b\":[]},[1],-0]");
	check_fails("States.ArrayUnique($)", "1");
}

static void
test_math(void)
{
	check("States.MathAdd(1.49, 1.5)", "1", "3");
	check("States.MathAdd(1.5, 1.51)", "1", "4");
	check("States.MathAdd(-0.5, 0.5)", "1", "1");
	check("States.MathAdd(-2.5, 0)", "1", "-2");
	check("States.MathAdd(-1.51, 0)", "1", "-2");
	check("States.MathAdd(2147483647, 2147483647)", "1", "4294967294");
	check_fails("States.MathAdd(2147483648, 0)", "1");
	check_fails("States.MathAdd(-2147483649, 0)", "1");
	check_fails("States.MathAdd(1e400, 0)", "1");
	check_refused("States.MathAdd('1', 0)");
	check_refused("States.MathAdd(null, 0)");

	check("States.MathRandom(0, 10)", "1", "5");
	check("States.MathRandom(-10, 0)", "1", "-5");
	check("States.MathRandom(7, 8)", "1", "7");
	check("States.MathRandom(0, 999, 3)", "1", "239");
	unit_text(call_text("States.MathRandom(-2147483648, 2147483647, 3)", jv_null()),
			  call_text("States.MathRandom(-2147483648, 2147483647, 3)", jv_null()), "the same seed, the same number");
	check_fails("States.MathRandom(1, 1)", "1");
	check_fails("States.MathRandom(2, 1)", "1");
	check_refused("States.MathRandom('a', 1)");
}

static void
test_json_and_encoding(void)
{
	char *long_text = palloc0(10002);

	check("States.JsonMerge($.a, $.b, false)", "{'a':{'x':1,'y':{'p':1}},'b':{'y':{'q':2},'z':3}}",
		  "{\"x\":1,\"y\":{\"q\":2},\"z\":3}");
	check("States.JsonMerge($, States.StringToJson('{}'), false)", "{}", "{}");
	check_fails("States.JsonMerge($, $, true)", "{}");
	check_refused("States.JsonMerge($, $, 0)");
	check_fails("States.JsonMerge($, $, false)", "[]");

	check("States.Base64Encode('Data to encode')", "1", "\"RGF0YSB0byBlbmNvZGU=\"");
	check("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "1", "\"Data to encode\"");
	check("States.Base64Decode('')", "1", "\"\"");
	check("States.Base64Decode('/w==')", "1", "\"\xef\xbf\xbd\"");
	check_fails("States.Base64Decode('not base64!!!')", "1");
	check_fails("States.Base64Decode('AAAA')", "1");
	check_refused("States.Base64Decode(1)");
	check_refused("States.Base64Encode(1)");

	memset(long_text, 'a', 10000);
	unit_check(*call_text("States.Base64Encode($)", jv_string(long_text)) == '"', "10,000 characters");
	unit_check(*call_text("States.Hash($, 'MD5')", jv_string(long_text)) == '"', "10,000 characters hashed");
	long_text[10000] = 'a';
	unit_check(*call_text("States.Base64Encode($)", jv_string(long_text)) == '!', "10,001 characters");
	unit_check(*call_text("States.Hash($, 'MD5')", jv_string(long_text)) == '!', "10,001 characters hashed");

	check("States.Hash('input data', 'SHA-1')", "1", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"");
	check("States.Hash('input data', 'MD5')", "1", "\"812f45842bc6d66ee14572ce20db8e86\"");
	check_fails("States.Hash('input data', 'SHA256')", "1");
	check_fails("States.Hash('input data', 'sha-256')", "1");
	check_refused("States.Hash('input data', 1)");
}

static void
count_path(const JPath *path, void *arg)
{
	(*(int *) arg)++;
}

static void
test_questions(void)
{
	SfnError error;
	const char *text = "States.Format('{}{}', $.a, States.Array($$.b, 1, $c))";
	Intrinsic *call = intrinsic_parse(text, strlen(text), &error);
	int count = 0;

	intrinsic_each_path(call, count_path, &count);
	OK(count == 3);
	unit_text(intrinsic_source(call), text, "the source");
	unit_text(intrinsic_name(call), "States.Format", "the name");
	OK(intrinsic_looks_like("States.X(", 9));
	OK(!intrinsic_looks_like("States.X", 8));
	OK(!intrinsic_looks_like("$.States.X(", 11));
	unit_text(intrinsic_nearest_name("States.format"), "States.Format", "nearest in another case");
	unit_text(intrinsic_nearest_name("States.ArrayLenght"), "States.ArrayLength", "nearest with letters swapped");
	unit_text(intrinsic_nearest_name("States.Frobnicate"), NULL, "nothing is near");
	OK(intrinsic_parse("States.Array(1, $.a[)", 21, &error) == NULL && error.position == 19);
}

int
main(void)
{
	test_calls();
	test_nesting();
	test_missing();
	test_format();
	test_strings();
	test_arrays();
	test_math();
	test_json_and_encoding();
	test_questions();
	return unit_done();
}
