/*
 * tools.c
 *	  sfn.jsonpath(), a path as a state machine evaluates it, and sfn.graph(), a drawing.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "actions/executions.h"
#include "actions/state_machines.h"
#include "actions/versions.h"
#include "api/answers.h"
#include "api/errors.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "engine/execution.h"
#include "graph/graph.h"
#include "jsonpath/jsonpath.h"

#define EVENTS_AT_ONCE 1000

/* ---- jsonpath(path, input) ---- */

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

static void
raise_path_error(ApiErrorId id, const SfnError *error)
{
	ActionCall call = {ACTION_SQL, "JSONPath"};

	api_error(&call, id, psprintf("%s: %s", error->name, error->cause != NULL ? error->cause : ""));
}

extern PGDLLEXPORT Datum sfn_jsonpath(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_jsonpath);
Datum
sfn_jsonpath(PG_FUNCTION_ARGS)
{
	text *path_text = PG_GETARG_TEXT_PP(0);
	text *input_text = PG_GETARG_TEXT_PP(1);
	EvalScope scope = {.context = no_context, .variable = no_variable};
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
	if (!jpath_eval(path, &scope, &result, &error))
		raise_path_error(strcmp(error.name, ERROR_INVALID_PATH) == 0 ? API_INVALID_PATH : API_PATH_NOT_FOUND, &error);
	return json_datum(result);
}

/* ---- graph(state_machine_or_execution, format) ---- */

/* How often each state was entered and left, by its number. */
typedef struct StateVisits
{
	const AslMachine *machine;
	int *entered;
	int *exited;
} StateVisits;

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void
count_visit(StateVisits *visits, const JsonVal *event)
{
	const char *type = jv_get_string(event, "type");
	bool is_entered = ends_with(type, "StateEntered");
	const JsonVal *details;
	const char *name;
	const AslState *state;

	if (!is_entered && !ends_with(type, "StateExited"))
		return;
	details = jv_get(event, is_entered ? "stateEnteredEventDetails" : "stateExitedEventDetails");
	name = jv_get_string(details, "name");
	state = name != NULL ? machine_state(visits->machine, name) : NULL;
	if (state != NULL)
		(is_entered ? visits->entered : visits->exited)[state->number]++;
}

/* What a state is drawn as; one that was not left is where the execution is, or where it ended. */
static GraphMark
mark_of(int entered, int exited, int status)
{
	if (entered == 0)
		return GRAPH_UNMARKED;
	if (exited >= entered)
		return GRAPH_SUCCEEDED;
	if (status == EXECUTION_RUNNING)
		return GRAPH_CURRENT;
	return status == EXECUTION_FAILED ? GRAPH_FAILED : GRAPH_ENTERED;
}

static GraphMarks *
marks_of_execution(const AslMachine *machine, const ExecutionRow *execution)
{
	GraphMarks *marks = graph_marks_make(machine);
	StateVisits visits = {machine, palloc0(sizeof(int) * (machine->state_count + 1)),
						  palloc0(sizeof(int) * (machine->state_count + 1))};
	MemoryContext page_context =
		AllocSetContextCreate(CurrentMemoryContext, "sfn history page", ALLOCSET_DEFAULT_SIZES);
	int64 next_id = 1;

	while (next_id != 0)
	{
		MemoryContext call_context = MemoryContextSwitchTo(page_context);
		const JsonVal *events = history_events(execution->id, next_id, false, true, EVENTS_AT_ONCE, &next_id);

		for (int i = 0; i < events->count; i++)
			count_visit(&visits, events->u.items[i]);
		MemoryContextSwitchTo(call_context);
		MemoryContextReset(page_context);
	}
	for (int i = 0; i < machine->state_count; i++)
		marks->by_number[i] = mark_of(visits.entered[i], visits.exited[i], execution->status);
	return marks;
}

static GraphFormat
graph_format(ActionCall *call, const char *format)
{
	if (strcmp(format, "mermaid") == 0)
		return GRAPH_MERMAID;
	if (strcmp(format, "dot") != 0)
		api_error(call, API_VALIDATION, "", psprintf("unknown format \"%s\": mermaid or dot", format));
	return GRAPH_DOT;
}

extern PGDLLEXPORT Datum sfn_graph(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_graph);
Datum
sfn_graph(PG_FUNCTION_ARGS)
{
	char *subject = text_to_cstring(PG_GETARG_TEXT_PP(0));
	ActionCall call;
	GraphFormat format;
	Arn arn;
	char *problem;
	ExecutionRow *execution = NULL;
	RevisionRow *revision;
	DiagnosticList problems;
	AslMachine *machine;
	char *drawing;

	api_enter(&call, ACTION_SQL, "DescribeStateMachine");
	format = graph_format(&call, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (arn_parse(subject, &arn, &problem) && (arn.type == ARN_EXECUTION || arn.type == ARN_EXPRESS_EXECUTION))
	{
		execution = action_execution(&call, subject, MACHINE_SEE, true, NULL);
		api_check(&call, execution != NULL);
		revision = revision_by_id(execution->revision_id);
	}
	else
	{
		MachineRow *named = action_qualified_machine(&call, call.scope.caller, subject, MACHINE_SEE);

		api_check(&call, named != NULL);
		revision = revision_by_id(named->revision_id);
	}
	machine = asl_compile(revision->definition, (int) strlen(revision->definition), revision->is_express, state_types,
						  state_type_count, &problems);
	if (machine == NULL)
		api_error_with_detail(&call, API_INVALID_DEFINITION, problems.items[0].message, problems.items[0].message,
							  revision->machine_name);
	drawing = graph_render(machine, format, execution != NULL ? marks_of_execution(machine, execution) : NULL);
	api_leave(&call);
	return CStringGetTextDatum(drawing);
}
