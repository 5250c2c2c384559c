/*
 * jsonpath_cases.c
 *	  Runs files of JSONPath cases: one JSON object a line with the members id,
 *	  path, input, and result or error ("invalid": cannot be parsed,
 *	  "not_found": parsed, but fails on the input) and, if wanted, message and
 *	  definite.
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
answer_case(const JsonVal *test)
{
	const JsonVal *text = jv_get(test, "path");
	EvalScope scope = {.input = jv_get(test, "input")};
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
print_answer(const JsonVal *test, const Answer *answer)
{
	JvObjectBuilder line;

	jv_object_begin(&line);
	jv_object_add(&line, "id", jv_get(test, "id"));
	jv_object_add(&line, "path", jv_get(test, "path"));
	jv_object_add(&line, "input", jv_get(test, "input"));
	if (answer->result != NULL)
		jv_object_add(&line, "result", answer->result);
	else
	{
		jv_object_add(&line, "error", jv_string(answer->kind));
		jv_object_add(&line, "message", jv_string(answer->message));
	}
	jv_object_add(&line, "definite", jv_bool(answer->is_definite));
	printf("%s\n", jv_to_text(jv_object_end(&line)));
}

int
main(int argc, char **argv)
{
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;

	for (int i = print ? 2 : 1; i < argc; i++)
	{
		int length;
		char *line = unit_read_file(argv[i], &length);

		while (*line != '\0')
		{
			int size = strcspn(line, "\n");
			JvParseError error;
			const JsonVal *test = jv_parse(line, size, &error);
			Answer answer;

			line += size + (line[size] == '\n');
			if (test == NULL)
				continue;
			answer = answer_case(test);
			if (print)
				print_answer(test, &answer);
			else if (!unit_check(is_right(test, &answer), "%s %s", jv_get_string(test, "id"),
								 jv_get_string(test, "path")))
				printf("#   gives %s\n", answer.result ? jv_to_text(answer.result) : answer.message);
		}
	}
	if (print)
	{
		unit_reset_memory();
		return 0;
	}
	return unit_done();
}
