/*
 * tools.c
 *	  sfn.jsonpath(): a path as a state machine evaluates it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "api/answers.h"
#include "api/errors.h"
#include "jsonpath/jsonpath.h"
#include "runtime/transition_budget.h"
#include "store/sql_version.h"

static const JsonVal *
no_context(const EvalScope *scope)
{
	(void) scope;
	return jv_empty_object();
}

static const JsonVal *
no_variable(const EvalScope *scope, const char *name, int length)
{
	(void) scope;
	(void) name;
	(void) length;
	return NULL;
}

/* In the words of the settings that bound it, as they do in a state machine. */
static void
check_budget(const Budget *budget)
{
	SfnError error;

	if (budget->verdict == BUDGET_LEFT)
		return;
	(void) budget_fail(budget, &error);
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("the path cannot be evaluated: %s", error.cause)));
}

static void
raise_path_error(ApiErrorId id, const SfnError *error)
{
	ActionCall call = {ACTION_SQL, "JSONPath"};

	api_error(&call, id, psprintf("%s: %s", error->name, error->cause != NULL ? error->cause : ""));
}

SFN_FUNCTION(sfn_jsonpath)
{
	text *path_text = PG_GETARG_TEXT_PP(0);
	text *input_text = PG_GETARG_TEXT_PP(1);
	Budget budget = transition_budget_of_session();
	EvalScope scope = {.context = no_context, .variable = no_variable, .budget = &budget};
	JvParseError problem;
	SfnError error = {0};
	JPath *path;
	const JsonVal *result;

	path = jpath_parse(VARDATA_ANY(path_text), (int) VARSIZE_ANY_EXHDR(path_text), JPATH_PATH, &error);
	if (path == NULL)
		raise_path_error(API_INVALID_PATH, &error);

	scope.input = jv_parse(VARDATA_ANY(input_text), (int) VARSIZE_ANY_EXHDR(input_text), &problem);
	if (scope.input == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("input cannot be read: %s at line %d, column %d", problem.message, problem.line,
						problem.column)));
	budget_begin(&budget, false);
	if (!jpath_eval(path, &scope, &result, &error))
	{
		check_budget(&budget);
		raise_path_error(strcmp(error.name, ERROR_INVALID_PATH) == 0 ? API_INVALID_PATH : API_PATH_NOT_FOUND, &error);
	}
	return json_datum(result);
}
