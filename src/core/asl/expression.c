/*
 * expression.c
 *	  Single expressions: compiling them by their look, and evaluating them.
 */
#include "base/port.h"

#include "asl/compile_private.h"

/* ---- compiling ---- */

/* A path or an intrinsic call, as values of ".$" members are; NULL when it is neither (nothing is reported). */
Expression *
expression_compile(CompileContext *compile, const char *text, int length, const char *field)
{
	Expression *expression = palloc0(sizeof(Expression));
	SfnError error;

	expression->source = text;
	expression->field = field;
	if (intrinsic_looks_like(text, length))
	{
		expression->kind = EXPRESSION_INTRINSIC;
		expression->u.intrinsic = intrinsic_parse(text, length, &error);
		if (expression->u.intrinsic == NULL)
			return NULL;
		note_intrinsic(compile, expression->u.intrinsic, field);
	}
	else
	{
		expression->kind = EXPRESSION_PATH;
		expression->u.path = jpath_parse(text, length, JPATH_PATH, &error);
		if (expression->u.path == NULL)
			return NULL;
		note_path(compile, expression->u.path, field);
	}
	return expression;
}

/* True for a string meant as a JSONata expression, complete or not. */
bool
looks_like_jsonata(const char *text, int length)
{
	return length >= 2 && (strncmp(text, "{%", 2) == 0 || strcmp(text + length - 2, "%}") == 0);
}

/* "{% ... %}" without its frame; NULL after reporting a frame with one half only. */
Expression *
expression_compile_jsonata(CompileContext *compile, const JsonVal *text, const char *field)
{
	const char *begin = text->u.text + 2;
	const char *end = text->u.text + text->count - 2;
	Expression *expression;

	if (text->count < 4 || strncmp(text->u.text, "{%", 2) != 0 || strcmp(end, "%}") != 0)
	{
		compile_error(compile, NULL, "A JSONata expression must begin with '{%%' and end with '%%}'");
		return NULL;
	}
	while (begin < end && strchr(" \t\r\n", *begin) != NULL)
		begin++;
	while (end > begin && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	if (begin == end)
	{
		compile_error(compile, NULL, "A JSONata expression can not be empty");
		return NULL;
	}
	expression = palloc0(sizeof(Expression));
	expression->kind = EXPRESSION_JSONATA;
	expression->source = pnstrdup(begin, end - begin);
	expression->field = field;
	return expression;
}

/* ---- variables that are read ---- */

typedef struct NoteContext
{
	CompileContext *compile;
	const char *field;
} NoteContext;

void
note_path(CompileContext *compile, const JPath *path, const char *field)
{
	if (jpath_root(path) == JPATH_ROOT_VARIABLE)
		note_use(compile, &compile->read, jpath_variable(path), field);
}

static void
note_argument(const JPath *path, void *arg)
{
	NoteContext *note = arg;

	note_path(note->compile, path, note->field);
}

void
note_intrinsic(CompileContext *compile, const Intrinsic *call, const char *field)
{
	NoteContext note = {compile, field};

	intrinsic_each_path(call, note_argument, &note);
}

/* ---- evaluating ---- */

bool
expression_eval(const Expression *expression, const EvalScope *scope, const JsonVal **result, SfnError *error)
{
	const JPath *missing;

	switch (expression->kind)
	{
		case EXPRESSION_PATH:
			return jpath_eval(expression->u.path, scope, result, error);
		case EXPRESSION_INTRINSIC:
			return intrinsic_eval(expression->u.intrinsic, scope, result, error, &missing);
		case EXPRESSION_JSONATA:
			break;
	}
	/* asl_compile() lets no such machine pass */
	return sfn_error(error, ERROR_QUERY_EVALUATION_ERROR, "QueryLanguage 'JSONata' is not supported by this version.");
}
