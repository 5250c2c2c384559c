/*
 * fuzz_jsonpath.c
 *	  A path or an intrinsic call, a line feed, and the JSON input.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>

#include "jsonpath/jsonpath.h"

static const char *const default_input =
	"{'a':[{'b':1,'c':'x'},{'b':2.5,'c':null},{'c':true}],'s':'text','n':-3,'o':{'a':{'b':[[1,2],[3]]}},'e':[]}";

static const JsonVal *
scope_context(const EvalScope *scope)
{
	return scope->input;
}

static const JsonVal *
scope_variable(const EvalScope *scope, const char *name, int length)
{
	return length == 1 && name[0] == 'v' ? scope->input : NULL;
}

static void
run_path(const char *text, int length, const EvalScope *scope)
{
	SfnError error;
	const JsonVal *result;
	JPath *path = jpath_parse(text, length, JPATH_PATH, &error);
	JPath *reference = jpath_parse(text, length, JPATH_REFERENCE, &error);

	FUZZ_ASSERT(reference == NULL || path != NULL);
	if (path == NULL)
	{
		FUZZ_ASSERT(error.cause != NULL && error.position >= 0 && error.position <= length);
		return;
	}
	if (jpath_eval(path, scope, &result, &error))
		FUZZ_ASSERT(jpath_is_definite(path) || result->type == JV_ARRAY);
	else
		FUZZ_ASSERT(strcmp(error.name, "States.Runtime") == 0 && error.cause != NULL);
	if (reference != NULL && jpath_root(path) == JPATH_ROOT_INPUT &&
		jpath_write(reference, scope->input, jv_int(42), &result, &error))
	{
		EvalScope written = {.input = result};

		FUZZ_ASSERT(jpath_eval(reference, &written, &result, &error));
		FUZZ_ASSERT(jv_equal(result, jv_int(42)));
	}
}

static void
run_intrinsic(const char *text, int length, const EvalScope *scope)
{
	SfnError error;
	const JsonVal *result;
	const JPath *missing;
	Intrinsic *call = intrinsic_parse(text, length, &error);

	if (call == NULL)
	{
		FUZZ_ASSERT(error.cause != NULL && error.position >= 0 && error.position <= length);
		return;
	}
	if (intrinsic_eval(call, scope, &result, &error, &missing))
		FUZZ_ASSERT(result->depth <= SFN_MAX_DEPTH);
	else
		FUZZ_ASSERT(error.cause != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	const char *line_feed = memchr(text, '\n', size);
	int length = line_feed == NULL ? (int) size : line_feed - text;
	EvalScope scope = {.context = scope_context, .variable = scope_variable};
	JvParseError error;

	if (size > 20000)
		return 0;
	if (line_feed != NULL)
		scope.input = jv_parse(line_feed + 1, size - length - 1, &error);
	if (scope.input == NULL)
		scope.input = unit_json(default_input);
	if (intrinsic_looks_like(text, length))
		run_intrinsic(text, length, &scope);
	else
		run_path(text, length, &scope);
	unit_reset_memory();
	return 0;
}
