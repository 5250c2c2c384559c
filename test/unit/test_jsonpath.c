/*
 * test_jsonpath.c
 *	  JSONPath beyond the cases of test/cases/jsonpath.jsonl: roots, reference
 *	  paths, writing, positions of errors, and bounds on depth and work.
 */
#include "unit/unit.h"

#include <time.h>

#include "jsonpath/jsonpath.h"

static const JsonVal *
scope_context(const EvalScope *scope)
{
	return unit_json("{'Execution':{'Name':'run'}}");
}

static const JsonVal *
scope_variable(const EvalScope *scope, const char *name, int length)
{
	return length == 1 && *name == 'x' ? unit_json("{'y':[10,20]}") : NULL;
}

static EvalScope
make_scope(const JsonVal *input)
{
	EvalScope scope = {.input = input, .context = scope_context, .variable = scope_variable};

	return scope;
}

/* The result's text, or the cause of the failure behind "!". */
static const char *
eval_text(const char *text, const JsonVal *input)
{
	EvalScope scope = make_scope(input);
	SfnError error;
	const JsonVal *result;
	JPath *path = jpath_parse(text, strlen(text), JPATH_PATH, &error);

	if (path == NULL)
		return psprintf("? %s", error.name);
	if (!jpath_eval(path, &scope, &result, &error))
		return psprintf("! %s", error.cause);
	return jv_to_text(result);
}

static void
check(const char *path, const char *input, const char *expected)
{
	unit_text(eval_text(path, unit_json(input)), expected, "%s on %s", path, input);
}

static void
test_roots(void)
{
	check("$$", "1", "{\"Execution\":{\"Name\":\"run\"}}");
	check("$$.Execution.Name", "1", "\"run\"");
	check("$$['Execution']", "1", "{\"Name\":\"run\"}");
	check("$$.Nope", "1", "! No results for path: $['Nope']");
	check("$x", "1", "{\"y\":[10,20]}");
	check("$x.y[1]", "1", "20");
	check("$x['y'][*]", "1", "[10,20]");
	check("$x.y[?(@ > $.y[0])]", "1", "[20]");
	check("$z", "1", "! No results for path: $z");
	check("$z.a[*]", "1", "! No results for path: $z");
	check("$ x", "1", "? InvalidPath");
	check("$x y", "1", "? InvalidPath");
	check("$1", "1", "? InvalidPath");
	check("$$$", "1", "? InvalidPath");
	check("a", "1", "? InvalidPath");
	check("@.a", "1", "? InvalidPath");
	check("$", "null", "null");
	check("$.a", "null", "! Unable to apply Path transformation to null or empty input.");
}

/* A position outside an array is null in what is selected, and no node for who asks. */
static void
test_outside(void)
{
	static const struct
	{
		const char *path;
		JPathFinding finding;
	} rows[] = {
		{"$.a[1]", JPATH_OUTSIDE}, {"$.a[-1]", JPATH_OUTSIDE},  {"$.a[0]", JPATH_FOUND}, {"$.a[0,5]", JPATH_FOUND},
		{"$.n[0]", JPATH_FOUND},   {"$.a[1].b", JPATH_MISSING}, {"$.c[0]", JPATH_UNFIT},
	};
	EvalScope scope = make_scope(unit_json("{'a':[1],'n':[null],'c':1}"));

	check("$.a[5]", "{'a':[1]}", "null");
	check("$.a[0]", "{'a':[]}", "null");
	check("$.a[-1]", "{'a':[1]}", "null");
	check("$.a[0,6]", "{'a':['p']}", "[\"p\",null]");
	check("$.a[*][0]", "{'a':[[1],[],[2]]}", "[1,null,2]");
	check("$.a[1:9]", "{'a':[1,2]}", "[2]");
	check("$.a[5].b", "{'a':[1]}", "! Property ['b'] not found in path $['a'][5]");
	check("$.a[5][0]", "{'a':[1]}", "! The path $['a'][5] is null");
	check("$.a[0][0]", "{'a':[null]}", "! Filter: [0] can only be applied to arrays. Current context is: null");
	check("$.a.b[0]", "{'a':{'b':null}}", "! The path $['a']['b'] is null");
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		SfnError error;
		const JsonVal *result;
		JPathFinding finding;

		(void) jpath_eval_kind(jpath_parse(rows[i].path, strlen(rows[i].path), JPATH_PATH, &error), &scope, &result,
							   &error, &finding);
		unit_check(finding == rows[i].finding, "what %s finds", rows[i].path);
	}
}

static void
test_questions(void)
{
	SfnError error;
	JPath *path = jpath_parse("$count.a", 8, JPATH_PATH, &error);

	unit_text(jpath_source(path), "$count.a", "the source");
	OK(jpath_root(path) == JPATH_ROOT_VARIABLE);
	unit_text(jpath_variable(path), "count", "the variable");
	OK(!jpath_is_root_only(path));
	OK(jpath_is_definite(path));
	path = jpath_parse(" $$ ", 4, JPATH_PATH, &error);
	OK(jpath_root(path) == JPATH_ROOT_CONTEXT && jpath_is_root_only(path) && jpath_variable(path) == NULL);
	OK(!jpath_is_definite(jpath_parse("$.a[*]", 6, JPATH_PATH, &error)));
	OK(jpath_is_definite(jpath_parse("$.a[(@.length-1)]", 17, JPATH_PATH, &error)));
}

static void
check_reference(const char *text, bool expected)
{
	SfnError error;

	unit_check((jpath_parse(text, strlen(text), JPATH_REFERENCE, &error) != NULL) == expected,
			   "%s is %s reference path", text, expected ? "a" : "no");
}

static void
test_references(void)
{
	check_reference("$", true);
	check_reference("$.a", true);
	check_reference("$.a['b c'][0].d", true);
	check_reference("$$.a", true);
	check_reference("$v[1]", true);
	check_reference("$.a[*]", false);
	check_reference("$.a.*", false);
	check_reference("$..a", false);
	check_reference("$.a[1:2]", false);
	check_reference("$.a[0,1]", false);
	check_reference("$['a','b']", false);
	check_reference("$.a[?(@.b)]", false);
	check_reference("$.a[(@.length-1)]", false);
	check_reference("$.", false);
}

static void
check_write(const char *path, const char *root, const char *value, const char *expected)
{
	SfnError error;
	const JsonVal *result;
	JPath *parsed = jpath_parse(path, strlen(path), JPATH_REFERENCE, &error);

	if (jpath_write(parsed, unit_json(root), unit_json(value), &result, &error))
		unit_text(jv_to_text(result), expected, "%s := %s in %s", path, value, root);
	else
	{
		unit_text(error.name, "States.ResultPathMatchFailure", "the error of writing %s", path);
		unit_text(error.cause, expected, "%s := %s in %s fails", path, value, root);
	}
}

static void
test_writes(void)
{
	check_write("$", "{'a':1}", "[2]", "[2]");
	check_write("$.b", "{'a':1}", "2", "{\"a\":1,\"b\":2}");
	check_write("$.a", "{'a':1,'b':2}", "null", "{\"a\":null,\"b\":2}");
	check_write("$.x.y.z", "{'a':1}", "2", "{\"a\":1,\"x\":{\"y\":{\"z\":2}}}");
	check_write("$.x['y z']", "{'x':{'q':1}}", "2", "{\"x\":{\"q\":1,\"y z\":2}}");
	check_write("$.a[1]", "{'a':[1,2,3]}", "{}", "{\"a\":[1,{},3]}");
	check_write("$[1].p", "[{'a':1},{'id':7},4]", "1", "[{\"a\":1},{\"id\":7,\"p\":1},4]");
	check_write("$.a", "null", "1", "{\"a\":1}");
	check_write("$.a.b", "{'a':null}", "1", "{\"a\":{\"b\":1}}");
	check_write("$.a", "'text'", "1", "Unable to apply step \"a\" to input \"text\"");
	check_write("$.a", "[1]", "1", "Unable to apply step \"a\" to input [1]");
	check_write("$.a.b", "{'a':5}", "1", "Unable to apply step \"b\" to input 5");
	check_write("$.a[3]", "{'a':[1]}", "1", "Unable to apply step \"3\" to input [1]");
	check_write("$.a[0]", "{'a':{}}", "1", "Unable to apply step \"0\" to input {}");
	check_write("$.a[0]", "{}", "1", "Unable to apply step \"0\" to input null");
}

static void
check_position(const char *text, int position)
{
	SfnError error = {.position = -2};

	OK(jpath_parse(text, strlen(text), JPATH_PATH, &error) == NULL);
	unit_check(error.position == position, "%s fails at %d, found %d: %s", text, position, error.position, error.cause);
}

static void
test_positions(void)
{
	check_position("x", 0);
	check_position("$x!", 2);
	check_position("$.a .b", 3);
	check_position("$.a.", 4);
	check_position("$.a[", 3);
	check_position("$.a[x]", 3);
	check_position("$.a['b'", 7);
	check_position("$.a..", 3);
}

/* A text made of parts that are repeated. */
static char *
repeat(const char *before, const char *part, int times, const char *after)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, before);
	for (int i = 0; i < times; i++)
		appendStringInfoString(&text, part);
	appendStringInfoString(&text, after);
	return text.data;
}

static const JsonVal *
nested_objects(int depth)
{
	const JsonVal *value = jv_int(1);

	for (int i = 0; i < depth; i++)
		value = jv_object_set(jv_empty_object(), "a", 1, value);
	return value;
}

static void
test_bounds(void)
{
	SfnError error;
	EvalScope scope = make_scope(nested_objects(999));
	const JsonVal *result;
	clock_t start = clock();
	JPath *path;

	OK(strcmp(eval_text(repeat("$", ".a", 999, ""), scope.input), "1") == 0);
	OK(jpath_parse(repeat("$", ".a", 100000, ""), 200001, JPATH_PATH, &error) == NULL);
	OK(jpath_parse(repeat("$", "[?(@.a", 10000, ")]"), 60003, JPATH_PATH, &error) == NULL);
	OK(jpath_parse(repeat("$", "[", 100000, ""), 100001, JPATH_PATH, &error) == NULL);

	/* as many ways through as there are subsets */
	path = jpath_parse(repeat("$", "..a", 40, ""), 121, JPATH_PATH, &error);
	OK(path != NULL && !jpath_eval(path, &scope, &result, &error));
	unit_text(error.cause, "The path selects from more than 10000000 nodes", "too much work");
	path = jpath_parse(repeat("$", "..*", 10, ""), 31, JPATH_PATH, &error);
	OK(path != NULL && !jpath_eval(path, &scope, &result, &error));

	/* nothing but backtracking would take long here */
	scope.input = unit_json(repeat("['", "a", 3000, "']"));
	path = jpath_parse("$[?(@ =~ /(a*)*(a|a)*((a+)+)+b/)]", 33, JPATH_PATH, &error);
	OK(path != NULL && jpath_eval(path, &scope, &result, &error) && result->count == 0);
	path = jpath_parse("$[?(@ =~ /(((a{100}){100}){100})/)]", 35, JPATH_PATH, &error);
	OK(path == NULL);

	/* the result of one write is no deeper than a text may be */
	path = jpath_parse(repeat("$", ".a", 900, ""), 1801, JPATH_REFERENCE, &error);
	OK(!jpath_write(path, jv_null(), nested_objects(101), &result, &error));
	OK(jpath_write(path, jv_null(), nested_objects(100), &result, &error) && result->depth == 1000);
	unit_check(clock() - start < 20 * CLOCKS_PER_SEC, "all that in %.1f s",
			   (double) (clock() - start) / CLOCKS_PER_SEC);
}

int
main(void)
{
	test_roots();
	test_outside();
	test_questions();
	test_references();
	test_writes();
	test_positions();
	test_bounds();
	return unit_done();
}
