/*
 * jsonpath_cases.c
 *	  Runs files of JSONPath cases: one JSON object a line with the members id,
 *	  path, input, and result or error ("invalid": cannot be parsed,
 *	  "not_found": parsed, but fails on the input) and, if wanted, message and
 *	  definite.  An input without a path is that of the lines below; a line with
 *	  neither tells about the file.
 *
 *	  jsonpath_cases FILE...		says which cases fail; fails if any does
 *	  jsonpath_cases --print FILE	writes what we answer, in the same form
 */
#include "unit/unit.h"

#include <stdio.h>

#include "jsonpath/jsonpath.h"

typedef struct Answer
{
	const JsonVal *result; /* NULL: error */
	const char *kind;
	const char *message;
	bool is_definite;
} Answer;

static Answer
answer_case(const JsonVal *test, const JsonVal *input)
{
	const JsonVal *text = jv_get(test, "path");
	EvalScope scope = {.input = input};
	Answer answer = {NULL, "invalid", NULL, false};
	SfnError error;
	JPath *path = jpath_parse(text->u.text, text->count, JPATH_PATH, &error);

	if (path == NULL)
	{
		answer.message = error.cause;
		return answer;
	}
	answer.is_definite = jpath_is_definite(path);
	answer.kind = "not_found";
	if (!jpath_eval(path, &scope, &answer.result, &error))
	{
		answer.result = NULL;
		answer.message = error.cause;
	}
	return answer;
}

static bool
is_right(const JsonVal *test, const Answer *answer)
{
	const JsonVal *expected = jv_get(test, "result");
	const JsonVal *definite = jv_get(test, "definite");
	const char *kind = jv_get_string(test, "error");
	const char *message = jv_get_string(test, "message");

	if (jv_is(definite, JV_BOOL) && definite->boolean != answer->is_definite)
		return false;
	if (kind == NULL)
		return answer->result != NULL && jv_equal(answer->result, expected);
	return answer->result == NULL && strcmp(kind, answer->kind) == 0 &&
		(message == NULL || strcmp(message, answer->message) == 0);
}

static void
print_answer(const JsonVal *test, const JsonVal *input)
{
	Answer answer = answer_case(test, input);
	JvObjectBuilder line;

	jv_object_begin(&line);
	if (jv_get(test, "id") != NULL)
		jv_object_add(&line, "id", jv_get(test, "id"));
	jv_object_add(&line, "path", jv_get(test, "path"));
	jv_object_add(&line, "input", input);
	if (answer.result != NULL)
		jv_object_add(&line, "result", answer.result);
	else
	{
		jv_object_add(&line, "error", jv_string(answer.kind));
		jv_object_add(&line, "message", jv_string(answer.message));
	}
	jv_object_add(&line, "definite", jv_bool(answer.is_definite));
	printf("%s\n", jv_to_text(jv_object_end(&line)));
}

static void
check_case(const JsonVal *test, const JsonVal *input, const char *place)
{
	const JsonVal *id = jv_get(test, "id");
	Answer answer = answer_case(test, input);

	if (!unit_check(is_right(test, &answer), "%s %s", id != NULL ? id->u.text : place, jv_get_string(test, "path")))
		printf("#   gives %s\n", answer.result ? jv_to_text(answer.result) : answer.message);
}

static void
run_file(const char *file, bool print)
{
	int length;
	char *line = unit_read_file(file, &length);
	const JsonVal *shared_input = NULL;

	for (int number = 1; *line != '\0'; number++)
	{
		int size = strcspn(line, "\n");
		JvParseError error;
		const JsonVal *test = jv_parse(line, size, &error);
		const JsonVal *input = test != NULL ? jv_get(test, "input") : NULL;

		line += size + (line[size] == '\n');
		if (test == NULL)
			unit_check(false, "%s:%d is no JSON", file, number);
		else if (jv_get(test, "path") == NULL)
			shared_input = input;
		else if (print)
			print_answer(test, input != NULL ? input : shared_input);
		else
			check_case(test, input != NULL ? input : shared_input, psprintf("%s:%d", file, number));
	}
}

int
main(int argc, char **argv)
{
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;

	for (int i = print ? 2 : 1; i < argc; i++)
		run_file(argv[i], print);
	if (print)
	{
		unit_reset_memory();
		return 0;
	}
	return unit_done();
}
