/*
 * test_jsonata.c
 *	  JSONata: what the folders of cases do not ask.  Results, errors with their
 *	  places, bounds, numbers as spelled, names an expression needs, AWS's additions.
 */
#include "unit/unit.h"

#include "jsonata/jsonata.h"

/* 2018-03-23T10:33:36.617Z */
#define SOME_TIME (INT64CONST(1521801216617000) - INT64CONST(946684800000000))

static const JsonataLimits *limits;
static JsonataOptions options;
static const JsonVal *bound_values;
static int lookups;

static const JsonVal *
lookup(const JsonataBindings *bindings, const char *name, int length)
{
	lookups++;
	return bindings->owner == NULL ? NULL : jv_get_n(bindings->owner, name, length);
}

static double
half(const JsonataBindings *bindings)
{
	(void) bindings;
	return 0.5;
}

/* Result or error of an expression as one text: JSON, "undefined", or "code: message". */
static const char *
outcome(const char *text, const JsonVal *input)
{
	JsonataBindings bindings = {lookup, half, unconstify(JsonVal *, bound_values)};
	JsonataError error;
	const JsonVal *result = NULL;
	JsonataExpression *expression = jsonata_compile(text, strlen(text), &options, &error);

	if (expression == NULL)
		return psprintf("%s: %s", error.code, error.message);
	if (!jsonata_eval(expression, input, &bindings, limits, SOME_TIME, &result, &error))
		return psprintf("%s: %s", error.code, error.message);
	return result == NULL ? "undefined" : jv_to_text(result);
}

static void
gives_on(const char *text, const char *input, const char *expected)
{
	unit_text(outcome(text, input == NULL ? NULL : unit_json(input)), expected, "%.100s", text);
	unit_reset_memory();
}

static void
gives(const char *text, const char *expected)
{
	gives_on(text, NULL, expected);
}

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static void
fails_with(const char *text, const char *code)
{
	const char *got = outcome(text, NULL);

	unit_check(begins_with(got, code), "%.60s gives %s: %.60s", text, code, got);
	unit_reset_memory();
}

/* ---- values ---- */

static void
test_numbers(void)
{
	gives_on("a", "{'a':1.50}", "1.50");
	gives_on("$.[a,b]", "{'a':12345678901234567890123,'b':1e400}", "[12345678901234567890123,1e400]");
	gives_on("$max(a)", "{'a':[1.0,2.50]}", "2.50");
	gives_on("a + 0", "{'a':1.50}", "1.5");
	gives_on("$string(a)", "{'a':1.50}", "\"1.5\"");
	gives_on("{'k': a}", "{'a':-0.0}", "{\"k\":-0.0}");
	gives_on("1 + a", "{'a':1e400}", "D1001: Number out of range: null");
	gives("0.1 + 0.2", "0.30000000000000004");
	gives("$string(0.1 + 0.2)", "\"0.3\"");
	gives("1e21 * 10", "1e+22");
	gives("885527570601 * 1000000", "885527570601000000");
	gives("[1/0, 0/0, -1/0]", "[null,null,null]");
	gives("1e400", "S0102: Number out of range: \"1e400\"");
	gives("5 % -3", "2");
	gives("-5 % 3", "-2");
}

static void
test_strings(void)
{
	gives("'\\ud83d\\ude00'", "\"\xf0\x9f\x98\x80\"");
	gives("'\\ud83d' & '\\ude00'", "\"\xf0\x9f\x98\x80\"");
	gives("'x\\udc00'", "\"x\xef\xbf\xbd\"");
	gives("$encodeUrlComponent('\\ud800')", "D3140: Malformed URL passed to $encodeUrlComponent(): \"\\ud800\"");
	gives("'\\u0000'", "S0103: Unsupported escape sequence: \\\"u0000\"");
	gives("$base64decode('AA==')", "D3150: The decoded string contains a NUL character, which no string can hold");
	gives("$length('a\xf0\x9f\x98\x80')", "2");
	gives("$uppercase('\xc3\xa9\xc3\x9f')", "\"\xc3\x89SS\"");
	gives("$lowercase('\xce\x91\xce\xa3')", "\"\xce\xb1\xcf\x82\"");
	gives("'\xf0\x9f\x98\x80' < '\xee\x80\x80'", "true");
	gives("$match('\xf0\x9f\x98\x80x', /x/).index", "2");
	gives("$split('a\xf0\x9f\x98\x80', '')", "[\"a\",\"\xf0\x9f\x98\x80\"]");
}

static void
test_results(void)
{
	gives("$sum", "null");
	gives("[function(){1}, {'f': $sum}]", "[\"\",{\"f\":\"\"}]");
	gives("{'b': 1, 'a': 2, '1': 3}", "{\"b\":1,\"a\":2,\"1\":3}");
	gives("{'a': $x, 'b': null}", "{\"b\":null}");
	gives_on("$", "[1,2]", "[1,2]");
	gives_on("$[0]", "[[1,2],3]", "[1,2]");
	gives_on("[{'a':1},{'a':2}][0].a", "{}", "1");
	gives_on("a.b[]", "{'a':{'b':1}}", "[1]");
	gives_on("a{b: c}", "{'a':[{'b':'x','c':1},{'b':'x','c':[2,3]},{'b':'y'}]}", "{\"x\":[1,2,3]}");
	gives_on("$ ~> |a|{'n': $count(*)}, 'b'|", "{'a':[{'b':1},{'c':2}]}", "{\"a\":[{\"n\":1},{\"c\":2,\"n\":1}]}");
	gives_on("a@$x{'k': $x.b, 'l': $x.c}", "{'a':{'b':1,'c':2}}", "{\"k\":1,\"l\":2}");
	gives("($f := function($x, $y){[$x, $y]}; $f(?, 2)(1))", "[1,2]");
	gives("[1..3] ~> $map(function($v, $i, $a){ $v * $count($a) + $i })", "[3,7,11]");
}

/* A result keeps nothing of the expression or of the evaluation. */
static void
test_result_memory(void)
{
	const char *text = "{'lit': 'abc', 'num': 1 + 1, 'in': a, 'list': [a, 'x', 2.50], 'key' & a: $uppercase('q')}";
	char *source = pstrdup(text);
	JsonataError error;
	JsonataExpression *expression = jsonata_compile(source, strlen(source), NULL, &error);
	const JsonVal *result = NULL;

	memset(source, '?', strlen(source));
	OK(jsonata_eval(expression, unit_json("{'a':'v'}"), NULL, NULL, 0, &result, &error));
	memset(unconstify(char *, jv_get(result, "lit")->u.text), 'z', 3);
	OK(jsonata_eval(expression, unit_json("{'a':'v'}"), NULL, NULL, 0, &result, &error));
	unit_text(jv_to_text(result), "{\"lit\":\"abc\",\"num\":2,\"in\":\"v\",\"list\":[\"v\",\"x\",2.50],\"keyv\":\"Q\"}",
			  "evaluated twice");
	OK(result->depth == 2);
	unit_reset_memory();
}

static void
test_many_members(void)
{
	gives("$count($keys($merge([1..500].{$string($): $})))", "500");
	gives("$lookup($merge([1..500].{$string($): $}), '321')", "321");
	gives("$merge([1..30].{$string($ % 20): $}).`7`", "27");
	gives("$count($distinct([1..2000].($ % 7)))", "7");
	gives("$count($distinct([1..100].{'a': $ % 3, 'b': [$ % 2]}))", "6");
	gives("$sum(([1..1000].{'g': $string($ % 10), 'v': $}{g: $sum(v)}).*)", "500500");
}

/* ---- errors ---- */

static void
error_at(const char *text, const char *code, int position, int offset, const char *token)
{
	JsonataError error;
	const JsonVal *result;
	JsonataExpression *expression = jsonata_compile(text, strlen(text), NULL, &error);

	if (expression != NULL && jsonata_eval(expression, unit_json("{'a':1,'s':'x'}"), NULL, NULL, 0, &result, &error))
	{
		unit_check(false, "%s fails", text);
		return;
	}
	unit_text(error.code, code, "code of %s", text);
	unit_check(error.position == position && error.offset == offset, "place of %s: %d %d", text, error.position,
			   error.offset);
	unit_text(error.token == NULL ? "(none)" : error.token, token, "token of %s", text);
	unit_reset_memory();
}

static void
test_error_places(void)
{
	error_at("a + s", "T2002", 3, 2, "+");
	error_at("a.b.c[", "S0203", 6, 6, "(end)");
	error_at("[1,2)", "S0202", 5, 4, ")");
	error_at("1 2", "S0201", 3, 2, "2");
	error_at("$nope(1)", "T1006", 6, 5, "nope");
	error_at("sum(a)", "T1005", 4, 3, "sum");
	error_at("$sum(s)", "T0412", 5, 4, "sum");
	error_at("'\xc3\xa9\xf0\x9f\x98\x80' + 1", "T2001", 7, 9, "+");
	error_at("/* x", "S0106", 0, 0, "(none)");
	error_at("'abc", "S0101", 4, 4, "(none)");
	error_at("/(/", "S0302", 3, 3, "(none)");
	error_at("$map([1], $uppercase)", "T0410", 5, 4, "uppercase");
	error_at("function($x)<n<n>>{1}", "S0401", 15, -1, "(none)");
	gives("s < 1 > true",
		  "T2010: The expressions either side of operator \">\" must evaluate to numeric or string values");
	gives("$error('no' & 1)", "D3137: no1");
	gives("$eval('1 +')",
		  "D3120: Syntax error in expression passed to function eval: \"Unexpected end of expression\"");
	gives("/(?<n/", "S0302: No terminating / in regular expression");
	gives("/a**/", "S0303: Invalid regular expression: Nothing to repeat");
	gives("/(?i)a/", "S0303: Invalid regular expression: Invalid group");
	gives("/(*COMMIT)a/", "S0303: Invalid regular expression: Nothing to repeat");
}

/* ---- bounds ---- */

static void
test_bounds(void)
{
	static const JsonataLimits few = {.max_depth = 200,
									  .timeout_ms = 20000,
									  .max_sequence = 1000,
									  .max_memory = 4 * 1024 * 1024};
	static const JsonataLimits quick = {.timeout_ms = 200};
	StringInfoData deep;

	fails_with("($f := function($x){1 + $f($x)}; $f(1))", "U1001: Stack overflow error");
	fails_with("[0..1e9]", "D2014");
	fails_with("$contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)", "U1001: Regular expression");
	fails_with("$pad('x', 1e9)", "U1001");
	fails_with("$reduce([1..60], function($s){$s & $s}, 'xy')", "D3050");
	fails_with("$reduce([1..60], function($s, $i){$s & $s}, 'xy')", "U1001: Expression evaluation memory limit");
	fails_with("$reduce([1..60], function($s, $i){[$s, $s]}, [1])", "D2015");
	fails_with("$reduce([1..2000], function($s, $i){{'a': $s}}, 1)", "U1001");
	fails_with("{'a': 1} ~> |$|{'self': $}|", "U1001");
	gives("$string(({'a': 1} ~> |$|{'self': $}|).a)", "\"1\"");

	/* small values with an endless text */
	fails_with("$reduce([1..40], function($s, $i){{'a': $s, 'b': $s}}, 1)",
			   "U1001: Expression evaluation memory limit");
	fails_with("($s := $reduce([1..40], function($s, $i){{'a': $s, 'b': $s}}, 1); $string($s))", "U1001");
	gives("$boolean($reduce([1..40], function($s, $i){[[$s], [$s]]}, [0]))", "false");
	fails_with("$replace($pad('', 9999, 'a'), /a+/, $pad('', 9999999, '$0'))", "U1001");
	gives("$count([1..20000].$fromMillis($, '[Y0001]-[M01]-[D01]'))", "20000");
	gives("$sum([1..500].$toMillis($string($ % 28 + 1), '[D]') ~> $map(function($v){1}))", "500");

	limits = &quick;
	fails_with("($f := function(){$f()}; $f())", "U1001: Expression evaluation timeout");
	fails_with("[1..1000].([1..1000].([1..1000].$))[0]", "U1001");
	limits = &few;
	fails_with("[1..1001]", "D2015: The maximum sequence length of 1001 was exceeded.");
	fails_with("$append([1..999], [1..999])", "D2015");
	fails_with("[1..900].$pad('x', 9000)", "U1001: Expression evaluation memory limit");
	fails_with("($f := function($n){$n = 0 ? 0 : 1 + $f($n - 1)}; $f(100))", "U1001: Stack");
	gives("($f := function($n){$n = 0 ? 0 : 1 + $f($n - 1)}; $f(60))", "60");
	gives("($f := function($n, $a){$n = 0 ? $a : $f($n - 1, $a + $n)}; $f(900, 0))", "405450");
	limits = NULL;

	initStringInfo(&deep);
	for (int i = 0; i < 100000; i++)
		appendStringInfoChar(&deep, '[');
	fails_with(deep.data, "U1001: The expression is nested too deeply");
	initStringInfo(&deep);
	for (int i = 0; i < 100000; i++)
		appendStringInfoString(&deep, "a.");
	fails_with(deep.data, "U1001: The expression is nested too deeply");
	initStringInfo(&deep);
	appendStringInfoString(&deep, "1");
	for (int i = 0; i < 1500; i++)
		appendStringInfoString(&deep, " + 1");
	unit_text(outcome(deep.data, NULL), "1501", "a long sum");
	unit_reset_memory();
}

/* ---- regular expressions as JavaScript has them ---- */

static void
test_regex_syntax(void)
{
	gives("$match('a\\u2028b', /./).match", "[\"a\",\"b\"]");
	gives("$contains('\\u00a0', /^\\s$/)", "true");
	gives("$contains('x', /^\\S$/)", "true");
	gives("$match('a\\nb', /^b$/m).match", "\"b\"");
	gives("$contains('a\\n', /a$/)", "false");
	gives("$contains('aA', /\\u0061\\x41/)", "true");
	gives("$contains('K', /\\K/)", "true");
	gives("$contains('a', /[]/)", "false");
	gives("$contains('\\n', /[^]/)", "true");
	gives("$contains('a{2', /a\\{2/)", "true");
	gives("$contains('-', /[\\w-]/)", "true");
	gives("$contains('[:alpha:]', /^[\\[:alph]+\\]$/)", "true");
	gives("$contains('aa', /(a)\\1/)", "true");
	gives("$contains('\\u0001', /\\1/)", "true");
	gives("$contains('aa', /(?<n>a)\\k<n>/)", "true");
	gives("$contains('e', /\\e/)", "true");
	gives("$contains('\xc3\xa9', /\xc3\x89/i)", "true");
	gives("$replace('John Smith', /(\\w+)\\s(\\w+)/, '$2, $1')", "\"Smith, John\"");
	gives("$replace('ab', /(a)(b)?/, function($m){ $m.groups[1] & $m.groups[0] })", "\"ba\"");
	gives("$split('a1b2c', /\\d/, 2)", "[\"a\",\"b\"]");
}

/* ---- time, chance, bindings, AWS ---- */

static void
test_surroundings(void)
{
	gives("[$millis(), $now()]", "[1521801216617,\"2018-03-23T10:33:36.617Z\"]");
	gives("$now('[FNn] [D1o] [MNn] [Y]', '+1400')", "\"Saturday 24th March 2018\"");
	gives("$fromMillis(0, '[Y]-[M01]-[D01]T[H01]:[m01][Z]', '-0130')", "\"1969-12-31T22:30-01:30\"");
	gives("$toMillis('2018-082 10:30', '[Y]-[d] [H]:[m]')", "1521801000000");
	gives("[$random(), $random()]", "[0.5,0.5]");
	gives("$shuffle([1,2,3,4])", "[1,4,2,3]");

	bound_values = unit_json("{'x':7,'sum':'mine','list':[1,2]}");
	unit_text(outcome("[$x, $x, $sum, $list[1], $count($list)]", NULL), "[7,7,\"mine\",2,2]", "bindings");
	lookups = 0;
	unit_text(outcome("[1..50].($x + $ + $nothing)", NULL), "undefined", "a name that nobody knows");
	OK(lookups == 2);
	unit_text(outcome("($x := $x + 1; $x)", NULL), "8", "a variable hides a binding");
	unit_text(outcome("$f($x)", NULL), "T1006: Attempted to invoke a non-function", "an unknown function");
	bound_values = NULL;
	unit_reset_memory();
}

static void
test_aws_functions(void)
{
	gives("$uuid()", "T1006: Attempted to invoke a non-function");
	options.aws_functions = options.as_aws = true;
	gives("$eval('1')", "T1006: Attempted to invoke a non-function");
	gives("$partition([1..5], 2)", "[[1,2],[3,4],[5]]");
	gives("$partition([0], 4)", "[[0]]");
	gives("$partition([1..5], 2.9)", "[[1,2],[3,4],[5]]");
	gives("$partition([1,2])", "[[1,2]]");
	gives("$partition([1], 0)", "undefined");
	gives("$partition([1], -0.5)", "undefined");
	gives("$partition([], 2)", "undefined");
	gives("$partition([1], -1)", "D3137: Second argument must be zero or greater");
	gives("$range(0, 10, 3)", "[0,3,6,9]");
	gives("$range(1, 9, 9)", "1");
	gives("$range(3, 1, -1)", "[3,2,1]");
	gives("$range(-1.7, 2, 1)", "[-1,0,1,2]");
	gives("$range(5, 1, -1.5)", "[5,4,3,2,1]");
	gives("$count($range(1, 200000, 1))", "200000");
	gives("$range(1, 2, 0)", "undefined");
	gives("$range(1, 2)", "undefined");
	gives("$range(5, 1, 1)", "undefined");
	fails_with("$range(1)", "T0410");
	fails_with("$range(1, 1e12, 1)", "D2015");
	gives("$count($range(-9223372036854775808, 9223372036854775807, 9223372036854775807))", "3");
	gives("$hash('input data', 'SHA-1')", "\"aaff4a450a104cd177d28d18d74485e8cae074b7\"");
	gives("$hash('x', 'CRC')", "D3137: The hash algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512");
	gives("$parse('{\"a\":[1.0,null]}').a[0]", "1.0");
	gives("$parse('-0')", "0");
	gives("$parse('{')", "D3137: Invalid JSON");
	gives("$parse('')", "D3137: Invalid JSON");
	gives("$random(5) = $random(5)", "true");
	gives("$random(0.9) = $random(-0.9)", "true");
	gives("$base64decode('YQ==') & $base64decode('YWI') & $base64decode('')", "\"aab\"");
	fails_with("$base64decode('!!!')", "D3137: The argument of the base64decode function");
	fails_with("$base64decode('YWJjZ')", "D3137");
	fails_with("$base64decode('YQ=')", "D3137");
	fails_with("$base64decode('YQ==YQ==')", "D3137");
	gives("$base64decode(nothing)", "undefined");
	gives("$random()", "0.5");
	gives("$contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)", "true");
	options.aws_functions = options.as_aws = false;
}

static void
test_aws_numbers(void)
{
	options.as_aws = true;
	gives("1/0", "\"Infinity\"");
	gives("-1/0", "\"-Infinity\"");
	gives("0/0", "\"NaN\"");
	gives("1e308 * 10", "\"Infinity\"");
	gives("$parseInteger('abc', '0')", "\"NaN\"");
	gives("[{'k': [1/0, 1]}]", "[{\"k\":[\"Infinity\",1]}]");
	gives("$string(1/0) & -1/0", "\"Infinity-Infinity\"");
	gives("$string([0/0])", "\"[\\\"NaN\\\"]\"");
	gives("$type(1/0)", "\"number\"");
	fails_with("1 + 1/0", "D1001");
	options.as_aws = false;
	gives("$string(1/0)", "D3001: Attempting to invoke string function on Infinity or NaN");
}

/* The expression is `before`, `part` so many times, `after`; it passes with `most` and fails with one more. */
static void
check_border(const char *before, const char *part, const char *after, int most, const char *message)
{
	for (int count = most; count <= most + 1; count++)
	{
		StringInfoData text;
		const char *got;

		initStringInfo(&text);
		appendStringInfoString(&text, before);
		for (int i = 0; i < count; i++)
			appendStringInfoString(&text, part);
		appendStringInfoString(&text, "1");
		for (int i = 0; *after != '\0' && i < count; i++)
			appendStringInfoString(&text, after);
		got = outcome(text.data, NULL);
		unit_check(begins_with(got, message) == (count > most), "%d times %s%s: %.60s", count, part, after, got);
		unit_reset_memory();
	}
}

/* The borders that were found on AWS: the last that passes, the first that fails. */
static void
test_aws_bounds(void)
{
	static const JsonataLimits as_aws = {.max_depth = 100, .max_held = 6990256};
	static const char *deep = "U1001: Stack overflow error: Check for non-terminating recursive function. "
							  "Consider rewriting as tail-recursive";
	static const char *large = "U1001: Expression evaluation memory limit exceeded: Check for excessive memory usage";
	static const char *sum = "($f := function($x){ $x <= 0 ? 0 : 1 + $f($x-1) }; $f(%d))";
	static const char *doubled = "($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', %d)))";

	options.aws_functions = options.as_aws = true;
	limits = &as_aws;
	check_border("", "1+", "", 99, deep);
	check_border("", "(", ")", 99, deep);
	check_border("", "[", "]", 99, deep);
	check_border("", "", "~>$string", 99, deep);
	gives(psprintf(sum, 31), "31");
	gives(psprintf(sum, 32), deep);
	gives("[1..873782] ~> $count()", "873782");
	gives("[1..873783] ~> $count()", large);
	gives("$sum([1..900000])", large);
	gives(psprintf(doubled, 22), "4194304");
	gives(psprintf(doubled, 23), large);
	gives("$count($range(1, 360145, 1))", "360145");
	gives("$range(1, 360146, 1)", large);
	gives("$range(1, 1e9, 1)", large);

	/* what a value holds, not what was made on the way; a shared part counts wherever it stands */
	gives("$count([1..500000]) + $count([1..500000])", "1000000");
	gives("$count([[1..400000], [1..400000]])", "2");
	gives("$count([[[1..400000]], [[1..480000]]])", large);
	gives("($a := [1..100000]; $count({'a': $a, 'b': $a, 'c': $a, 'd': $a}.*))", "400000");
	gives("$type($reduce([1..60], function($s, $i){{'a': $s, 'b': $s}}, 1))", large);
	gives("$length($pad('\u00e9', 5000000))", "5000000");
	gives("$sum($map([1..200000], function($v){$v * 2}))", "40000200000");
	limits = NULL;
	options.aws_functions = options.as_aws = false;
}

/* ---- what an expression needs ---- */

static char *
list_names(const JsonataFreeName *names, int count)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < count; i++)
		appendStringInfo(&out, "%s%.*s@%d%s", i > 0 ? " " : "", names[i].length, names[i].name, names[i].offset,
						 names[i].is_builtin ? "*" : "");
	return out.data;
}

static void
needs(const char *text, const char *variables, const char *fields)
{
	JsonataError error;
	JsonataExpression *expression = jsonata_compile(text, strlen(text), NULL, &error);
	const JsonataFreeName *names;
	int count = jsonata_free_variables(expression, &names);

	unit_text(list_names(names, count), variables, "variables of %s", text);
	count = jsonata_free_fields(expression, &names);
	unit_text(list_names(names, count), fields, "fields of %s", text);
	unit_reset_memory();
}

static void
test_needs(void)
{
	needs("$states.input.a + $x", "states@0 x@18", "");
	needs("($x := $x + 1; $y := 2; $x + $y + $z)", "x@7 z@34", "");
	needs("($f := function($n){$n = 0 ? 1 : $f($n - 1) * $k}; $f(3))", "k@46", "");
	needs("($a := function(){$b()}; $b := function(){$a()}; $a())", "", "");
	needs("$sum($states.input.items[qty > $limit].price)", "sum@0* states@5 limit@31", "");
	needs("a.b[c].d & $map(e, function($v){f})", "map@11*", "a@0 e@16 f@32");
	needs("$ & $$.x & *", "@0 $@4", "*@11");
	needs("$states.input@$i.($i.x)#$n{$i.y: $n, z: $o}", "states@0 o@40", "");
	needs("$states.input ~> |a|{'b': $ + $w}|", "states@0 w@30", "");
	needs("{'k': x, $q: $states.input.{'a': y}}", "q@9 states@13", "x@6");
}

static void
test_variable_fields(void)
{
	const char *text = "$states.result.a & $states.input & $x.result & ($states := {'b': 1}; $states.b) & $states";
	JsonataError error;
	JsonataExpression *expression = jsonata_compile(text, strlen(text), NULL, &error);
	const JsonataFreeName *names;
	int count = jsonata_variable_fields(expression, "states", &names);
	int offset;

	unit_text(list_names(names, count), "result@8 input@27 @82", "fields of $states");
	OK(jsonata_newer_syntax(expression, &offset) == NULL);
	expression = jsonata_compile("a ?? b ?: c", 11, NULL, &error);
	unit_text(jsonata_newer_syntax(expression, &offset), "??", "newer syntax");
	OK(offset == 2);
	unit_text(jv_to_text(jsonata_constant(jsonata_compile("'x'", 3, NULL, &error))), "\"x\"", "a constant");
	OK(jsonata_constant(expression) == NULL);
	OK(jsonata_has_function("sum", 3, NULL) && !jsonata_has_function("uuid", 4, NULL));
	unit_reset_memory();
}

static void
test_function_results(void)
{
	JsonataError error;
	JsonataExpression *expression = jsonata_compile("$x ? $sum : null", 16, NULL, &error);
	JsonataBindings bindings = {lookup, NULL, unconstify(JsonVal *, unit_json("{'x':true}"))};
	const JsonVal *result = NULL;
	bool is_function = false;

	OK(jsonata_eval_typed(expression, NULL, &bindings, NULL, 0, &result, &is_function, &error));
	OK(is_function && jv_is(result, JV_NULL));
	OK(jsonata_eval_typed(expression, NULL, NULL, NULL, 0, &result, &is_function, &error));
	OK(!is_function && jv_is(result, JV_NULL));
	unit_reset_memory();
}

int
main(void)
{
	test_numbers();
	test_strings();
	test_results();
	test_result_memory();
	test_many_members();
	test_error_places();
	test_bounds();
	test_regex_syntax();
	test_surroundings();
	test_aws_functions();
	test_aws_numbers();
	test_aws_bounds();
	test_needs();
	test_variable_fields();
	test_function_results();
	return unit_done();
}
