/*
 * expression.c
 *	  Single expressions: compiling them by their look, and evaluating them.  JSONata
 *	  has its own file (jsonata_field.c).
 */
#include "base/port.h"

#include "asl/compile_private.h"
#include "asl/jsonata_field.h"

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

bool
expression_is_volatile(const Expression *expression)
{
	switch (expression->kind)
	{
		case EXPRESSION_PATH:
			return false;
		case EXPRESSION_INTRINSIC:
			return true; /* States.UUID, States.MathRandom; where it matters none is allowed */
		case EXPRESSION_JSONATA:
			return jsonata_field_is_volatile(expression);
	}
	return true;
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
			return jsonata_field_eval(expression, scope, result, error);
	}
	return false;
}
