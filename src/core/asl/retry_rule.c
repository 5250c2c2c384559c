/*
 * retry_rule.c
 *	  Retry and Catch: their fields, and the rules about error names.
 */
#include "base/port.h"

#include <float.h>

#include "asl/compile_private.h"
#include "base/nearest.h"

#define DEFAULT_INTERVAL_SECONDS 1
#define DEFAULT_MAX_ATTEMPTS 3
#define DEFAULT_BACKOFF_RATE 2.0
#define MAX_DELAY_SECONDS 31622400 /* a leap year */

static const FieldRule retrier_fields[] = {
	{"ErrorEquals", FIELD_ARRAY, IN_BOTH, FIELD_REQUIRED},
	{"IntervalSeconds", FIELD_INTEGER, IN_BOTH, 0, 1, FIELD_MAX_SECONDS},
	{"MaxAttempts", FIELD_INTEGER, IN_BOTH, 0, 0, FIELD_MAX_SECONDS},
	{"BackoffRate", FIELD_NUMBER, IN_BOTH, 0, 1, DBL_MAX},
	{"MaxDelaySeconds", FIELD_INTEGER, IN_BOTH, 0, 1, MAX_DELAY_SECONDS},
	{"JitterStrategy", FIELD_STRING, IN_BOTH, .values = "NONE, FULL"},
	{"Comment", FIELD_STRING, IN_BOTH},
};

static const FieldRule catcher_fields[] = {
	{"ErrorEquals", FIELD_ARRAY, IN_BOTH, FIELD_REQUIRED},
	{"Next", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"ResultPath", FIELD_PATH_OR_NULL, IN_JSONPATH},
	{"Output", FIELD_ANY, IN_JSONATA},
	{"Assign", FIELD_OBJECT, IN_BOTH},
	{"Comment", FIELD_STRING, IN_BOTH},
};

/* Reserved names that ErrorEquals may hold; others beginning "States." are mistakes. */
static const char *const reserved_names[] = {
	"States.ALL",
	"States.BranchFailed",
	"States.DataLimitExceeded",
	"States.ExceedToleratedFailureThreshold",
	"States.HeartbeatTimeout",
	"States.Http.Socket",
	"States.IntrinsicFailure",
	"States.ItemReaderFailed",
	"States.NoChoiceMatched",
	"States.ParameterPathFailure",
	"States.Permissions",
	"States.QueryEvaluationError",
	"States.ResultPathMatchFailure",
	"States.ResultWriterFailed",
	"States.Runtime",
	"States.TaskFailed",
	"States.Timeout",
};

/* Conditions of the server, for names like Sql.unique_violation. */
static const char *const sql_error_names[] = {
#define SQL_CONDITION(sqlstate, name) "Sql." name,
#include "asl/sql_condition_list.h"
#undef SQL_CONDITION
};

/* A code that has no name is raised as it is. */
static bool
is_sqlstate(const char *text)
{
	return strlen(text) == 5 && strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

/* A condition that the server does not have: never raised, unless a function makes it up. */
static void
check_condition_name(CompileContext *compile, const char *name)
{
	const char *nearest;

	for (int i = 0; i < (int) lengthof(sql_error_names); i++)
	{
		if (strcmp(sql_error_names[i], name) == 0)
			return;
	}
	if (is_sqlstate(name + 4))
		return;
	nearest = diagnostics_are_full(compile->diagnostics, DIAGNOSTIC_WARNING)
		? NULL
		: nearest_name(name, sql_error_names, lengthof(sql_error_names));
	compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL,
					nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest),
					"The error name '%s' is not one of those that begin with 'Sql.'", name);
}

/* States.ALL stands alone and last; other reserved names must be known ones. */
static void
check_error_name(CompileContext *compile, const char *name, bool is_alone, bool is_last)
{
	const char *nearest;

	if (strcmp(name, ERROR_ALL) == 0)
	{
		if (!is_alone)
			compile_error(compile, NULL, "'States.ALL' must appear alone in ErrorEquals");
		else if (!is_last)
			compile_error(compile, NULL, "'States.ALL' is only allowed in the last element of the list");
		return;
	}
	if (strncmp(name, "Sql.", 4) == 0)
		check_condition_name(compile, name);
	if (strncmp(name, "States.", 7) != 0 || strncmp(name, "States.Http.StatusCode.", 23) == 0)
		return;
	for (int i = 0; i < (int) lengthof(reserved_names); i++)
	{
		if (strcmp(reserved_names[i], name) == 0)
			return;
	}
	nearest = diagnostics_are_full(compile->diagnostics, DIAGNOSTIC_WARNING)
		? NULL
		: nearest_name(name, reserved_names, lengthof(reserved_names));
	compile_warning(compile, SCHEMA_VALIDATION_FAILED, NULL,
					nearest == NULL ? NULL : psprintf("Did you mean '%s'?", nearest),
					"The error name '%s' is not one of those that begin with 'States.'", name);
}

/* ErrorEquals of the object at the current place; is_last says that nothing follows it in its list. */
static void
compile_errors(CompileContext *compile, const JsonVal *object, bool is_last, ErrorList *errors)
{
	const JsonVal *names = field_typed(object, "ErrorEquals", JV_ARRAY);
	Place list;

	if (names == NULL)
		return;
	errors->names = palloc0(Max(names->count, 1) * sizeof(char *));
	place_enter(compile, &list, "ErrorEquals");
	for (int i = 0; i < names->count; i++)
	{
		const JsonVal *name = names->u.items[i];
		Place here;

		place_enter_element(compile, &here, i);
		if (name->type != JV_STRING)
			compile_error(compile, NULL, "Expected value of type String");
		else
		{
			errors->names[errors->count++] = name->u.text;
			check_error_name(compile, name->u.text, names->count == 1, is_last);
		}
		place_leave(compile);
	}
	place_leave(compile);
}

static void
compile_retrier(CompileContext *compile, const JsonVal *object, bool is_last, Retrier *retrier)
{
	const char *jitter;

	fields_check(compile, object, retrier_fields, lengthof(retrier_fields));
	compile_errors(compile, object, is_last, &retrier->errors);
	retrier->interval_seconds = field_integer(compile, object, "IntervalSeconds", DEFAULT_INTERVAL_SECONDS);
	retrier->max_attempts = field_integer(compile, object, "MaxAttempts", DEFAULT_MAX_ATTEMPTS);
	retrier->backoff_rate = field_number(compile, object, "BackoffRate", DEFAULT_BACKOFF_RATE);
	retrier->max_delay_seconds = field_integer(compile, object, "MaxDelaySeconds", 0);
	jitter = field_string(compile, object, "JitterStrategy");
	retrier->full_jitter = jitter != NULL && strcmp(jitter, "FULL") == 0;
}

void
retriers_compile(CompileContext *compile, const JsonVal *definition, AslState *state)
{
	const JsonVal *list = field_typed(definition, "Retry", JV_ARRAY);
	Place here;

	if (list == NULL)
		return;
	state->retrier_count = list->count;
	state->retriers = palloc0(Max(list->count, 1) * sizeof(Retrier));
	place_enter(compile, &here, "Retry");
	for (int i = 0; i < list->count; i++)
	{
		Place element;

		place_enter_element(compile, &element, i);
		compile_retrier(compile, list->u.items[i], i == list->count - 1, &state->retriers[i]);
		place_leave(compile);
	}
	place_leave(compile);
}

static void
compile_catcher(CompileContext *compile, const JsonVal *object, bool is_last, Catcher *catcher)
{
	fields_check(compile, object, catcher_fields, lengthof(catcher_fields));
	compile_errors(compile, object, is_last, &catcher->errors);
	field_target(compile, object, "Next", &catcher->next);
	field_result_path(compile, object, "ResultPath", &catcher->result_path);
	catcher->output = field_template(compile, object, "Output");
	catcher->assign = field_assign(compile, object);
}

void
catchers_compile(CompileContext *compile, const JsonVal *definition, AslState *state)
{
	const JsonVal *list = field_typed(definition, "Catch", JV_ARRAY);
	Place here;

	if (list == NULL)
		return;
	state->catcher_count = list->count;
	state->catchers = palloc0(Max(list->count, 1) * sizeof(Catcher));
	place_enter(compile, &here, "Catch");
	for (int i = 0; i < list->count; i++)
	{
		Place element;

		place_enter_element(compile, &element, i);
		compile_catcher(compile, list->u.items[i], i == list->count - 1, &state->catchers[i]);
		place_leave(compile);
	}
	place_leave(compile);
}
