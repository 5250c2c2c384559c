/*
 * graph.c
 *	  sfn.graph(), a machine or an execution drawn, and sfn.states(), how its states went.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "actions/executions.h"
#include "actions/state_machines.h"
#include "actions/versions.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/errors.h"
#include "api/sql/graph.h"
#include "asl/compile.h"
#include "base/timestamps.h"
#include "engine/engine.h"
#include "engine/execution.h"
#include "graph/graph.h"
#include "graph/visits.h"
#include "store/sql_version.h"
#include "json/json_value.h"

static AslMachine *
compiled(ActionCall *call, const RevisionRow *revision)
{
	DiagnosticList problems;
	AslMachine *machine = asl_compile(revision->definition, (int) strlen(revision->definition), revision->is_express,
									  state_types, state_type_count, &problems);

	if (machine == NULL)
		api_error_with_detail(call, API_INVALID_DEFINITION, problems.items[0].message, problems.items[0].message,
							  revision->machine_name);
	return machine;
}

typedef struct VisitsReader
{
	Visits *visits;
	MemoryContext context; /* of what the visits keep */
} VisitsReader;

static void
read_event(const JsonVal *event, void *arg)
{
	VisitsReader *reader = arg;
	MemoryContext context = MemoryContextSwitchTo(reader->context);

	visits_add(reader->visits, event);
	MemoryContextSwitchTo(context);
}

static Visits *
visits_of_execution(const AslMachine *machine, const ExecutionRow *execution, bool keeps_data, bool includes_data)
{
	VisitsReader reader = {visits_begin(machine, keeps_data), CurrentMemoryContext};

	history_each_event(execution->id, false, includes_data, read_event, &reader);
	return reader.visits;
}

/* ---- graph(state_machine_or_execution, format) ---- */

static GraphFormat
graph_format(ActionCall *call, const char *format)
{
	static const char *const names[] = {
		[GRAPH_MERMAID] = "mermaid",
		[GRAPH_DOT] = "dot",
		[GRAPH_JSON] = "json",
		[GRAPH_SVG] = "svg",
	};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (strcmp(format, names[i]) == 0)
			return (GraphFormat) i;
	api_error(call, API_VALIDATION, "", psprintf("unknown format \"%s\": mermaid, dot, json or svg", format));
}

char *
graph_drawing(const char *subject, const char *format_name)
{
	ActionCall call;
	GraphFormat format;
	Arn arn;
	char *problem;
	ExecutionRow *execution = NULL;
	RevisionRow *revision;
	AslMachine *machine;
	GraphMarks *marks = NULL;
	char *drawing;

	api_enter(&call, ACTION_SQL, "DescribeStateMachine");
	format = graph_format(&call, format_name);
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
	machine = compiled(&call, revision);
	if (execution != NULL)
		marks = visits_marks(visits_of_execution(machine, execution, false, true));
	drawing = graph_render(machine, format, marks);
	if (drawing == NULL)
		api_error(&call, API_VALIDATION, "", "the machine is too large for a picture: draw it as mermaid, dot or json");
	api_leave(&call);
	return drawing;
}

SFN_FUNCTION(sfn_graph)
{
	require_arguments(fcinfo);
	return CStringGetTextDatum(graph_drawing(text_argument(fcinfo, 0), text_argument(fcinfo, 1)));
}

/* ---- states(execution) ---- */

enum
{
	STATES_ID,
	STATES_PARENT,
	STATES_PATH,
	STATES_STATE,
	STATES_TYPE,
	STATES_ITERATION,
	STATES_STATUS,
	STATES_ENTERED,
	STATES_EXITED,
	STATES_ATTEMPTS,
	STATES_ERROR,
	STATES_CAUSE,
	STATES_INPUT,
	STATES_ARGUMENTS,
	STATES_RESULT,
	STATES_OUTPUT,
	STATES_TRIES,
	STATES_COLUMNS
};

static const JsonVal *
moment_json(double seconds)
{
	StringInfoData text;

	if (seconds == 0)
		return jv_null();
	initStringInfo(&text);
	timestamp_print(&text, moment_of_epoch_seconds(seconds));
	return jv_string(text.data);
}

/* Each attempt, where there was more than one; of one, the visit tells. */
static const char *
tries_of(const Visit *visit)
{
	JvArrayBuilder tries;

	if (visit->attempts < 2)
		return NULL;
	jv_array_begin(&tries);
	for (int i = 0; i < visit->attempts; i++)
	{
		const Attempt *one = &visit->tries[i];
		JvObjectBuilder about;

		jv_object_begin(&about);
		jv_object_add(&about, "began", moment_json(one->began));
		jv_object_add(&about, "ended", moment_json(one->ended));
		jv_object_add(&about, "error", one->error != NULL ? jv_string(one->error) : jv_null());
		jv_array_add(&tries, jv_object_end(&about));
	}
	return jv_to_text(jv_array_end(&tries));
}

static void
put_visit(ReturnSetInfo *result, const Visits *visits, int index, Oid viewer)
{
	const Visit *visit = visits_get(visits, index);
	Datum values[STATES_COLUMNS] = {0};
	bool nulls[STATES_COLUMNS] = {false};

	values[STATES_ID] = Int64GetDatum(visit->event_id);
	nulls[STATES_PARENT] = visit->parent < 0;
	if (visit->parent >= 0)
		values[STATES_PARENT] = Int64GetDatum(visits_get(visits, visit->parent)->event_id);
	put_text(values, nulls, STATES_PATH, visit_path(visits, index));
	put_text(values, nulls, STATES_STATE, visit->state->name);
	put_text(values, nulls, STATES_TYPE, visit->state->type->name);
	nulls[STATES_ITERATION] = visit->iteration < 0;
	values[STATES_ITERATION] = Int32GetDatum(visit->iteration);
	put_text(values, nulls, STATES_STATUS, visit_status_name(visit->status));
	values[STATES_ENTERED] = TimestampTzGetDatum(moment_of_epoch_seconds(visit->entered));
	nulls[STATES_EXITED] = visit->status == VISIT_RUNNING;
	values[STATES_EXITED] = TimestampTzGetDatum(moment_of_epoch_seconds(visit->left));
	values[STATES_ATTEMPTS] = Int32GetDatum(visit->attempts);
	put_shown(values, nulls, STATES_ERROR, visit->error, viewer);
	put_shown(values, nulls, STATES_CAUSE, visit->cause, viewer);
	put_shown(values, nulls, STATES_INPUT, visit->input, viewer);
	put_shown(values, nulls, STATES_ARGUMENTS, visit->arguments, viewer);
	put_shown(values, nulls, STATES_RESULT, visit->result, viewer);
	put_shown(values, nulls, STATES_OUTPUT, visit->output, viewer);
	put_shown(values, nulls, STATES_TRIES, tries_of(visit), viewer);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

SFN_FUNCTION(sfn_states)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	ExecutionRow *execution;
	MachineRow *owner;
	AslMachine *machine;
	Visits *visits;
	bool may_read;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "GetExecutionHistory");
	execution = action_execution(&call, required_text(&call, fcinfo, 0, "execution"), MACHINE_SEE, false, &owner);
	api_check(&call, execution != NULL);
	may_read = machine_privilege(owner, call.scope.caller, MACHINE_READ_DATA);
	machine = compiled(&call, revision_by_id(execution->revision_id));
	visits = visits_of_execution(machine, execution, may_read, may_read);
	for (int i = 0; i < visits_count(visits); i++)
		put_visit(result, visits, i, call.scope.caller);
	api_leave(&call);
	return (Datum) 0;
}
