/*
 * execution_functions.c
 *	  The SQL functions for executions; waiting for one is in waiting.c.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "api/arguments.h"
#include "api/executions.h"
#include "api/versions.h"

#define EVENTS_AT_ONCE 1000

static Datum start_execution(FunctionCallInfo fcinfo, char *input);

/* ---- start_execution(state_machine, input, name) ---- */

extern PGDLLEXPORT Datum sfn_start_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_start_execution);
Datum
sfn_start_execution(PG_FUNCTION_ARGS)
{
	return start_execution(fcinfo, text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_start_execution_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_start_execution_jsonb);
Datum
sfn_start_execution_jsonb(PG_FUNCTION_ARGS)
{
	return start_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

static Datum
start_execution(FunctionCallInfo fcinfo, char *input)
{
	ApiCall call;
	MachineRow *machine;
	StartedExecution started;

	api_enter(&call, API_SQL, "StartExecution");
	machine = api_qualified_machine(&call, call.scope.caller, required_text(&call, fcinfo, 0, "state_machine"),
									MACHINE_START);
	if (input == NULL)
		input = "{}";
	started =
		execution_start(&call, machine, call.scope.caller, input, (int) strlen(input), text_argument(fcinfo, 2), NULL);
	api_leave(&call);
	return CStringGetTextDatum(started.arn);
}

/* ---- start_executions(state_machine, inputs) ---- */

extern PGDLLEXPORT Datum sfn_start_executions(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_start_executions);
Datum
sfn_start_executions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext call_context;
	MemoryContext row_context;
	ApiCall call;
	MachineRow *machine;
	ExecutionStarter starter;
	Datum *inputs = NULL;
	bool *input_nulls = NULL;
	int count = 0;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	api_enter(&call, API_SQL, "StartExecution");
	machine = api_qualified_machine(&call, call.scope.caller, required_text(&call, fcinfo, 0, "state_machine"),
									MACHINE_START);
	if (!PG_ARGISNULL(1))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), JSONOID, -1, false, TYPALIGN_INT, &inputs, &input_nulls, &count);

	starter_begin(&starter, &call, machine, call.scope.caller);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "sfn execution start", ALLOCSET_DEFAULT_SIZES);
	call_context = MemoryContextSwitchTo(row_context);
	for (int i = 0; i < count; i++)
	{
		char *input = input_nulls[i] ? "{}" : TextDatumGetCString(inputs[i]);
		Datum values[1] = {CStringGetTextDatum(starter_add(&starter, input, (int) strlen(input)))};
		bool nulls[1] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(call_context);
	starter_end(&starter);
	api_leave(&call);
	return (Datum) 0;
}

/* ---- stop_execution(execution, error, cause) ---- */

extern PGDLLEXPORT Datum sfn_stop_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_stop_execution);
Datum
sfn_stop_execution(PG_FUNCTION_ARGS)
{
	ApiCall call;
	TimestampTz stop_date;

	api_enter(&call, API_SQL, "StopExecution");
	stop_date = execution_stop(&call, required_text(&call, fcinfo, 0, "execution"), text_argument(fcinfo, 1),
							   text_argument(fcinfo, 2));
	api_leave(&call);
	PG_RETURN_TIMESTAMPTZ(stop_date);
}

/* ---- describe_execution(execution) ---- */

extern PGDLLEXPORT Datum sfn_describe_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_describe_execution);
Datum
sfn_describe_execution(PG_FUNCTION_ARGS)
{
	ApiCall call;
	ExecutionDescription execution;
	Datum values[18] = {0};
	bool nulls[18] = {false};

	api_enter(&call, API_SQL, "DescribeExecution");
	execution_describe(&call, required_text(&call, fcinfo, 0, "execution"), &execution);
	api_leave(&call);

	put_text(values, nulls, 0, execution.arn);
	put_text(values, nulls, 1, machine_arn(execution.machine->name));
	put_text(values, nulls, 2, execution.name);
	put_text(values, nulls, 3, execution.status);
	put_moment(values, nulls, 4, execution.row->start_date);
	put_moment(values, nulls, 5, execution.row->stop_date);
	put_text(values, nulls, 6, execution.row->input);
	put_text(values, nulls, 7, execution.row->output);
	put_text(values, nulls, 8, execution.error);
	put_text(values, nulls, 9, execution.cause);
	put_text(values, nulls, 10, execution.row->trace_header);
	values[11] = Int32GetDatum(execution.row->redrive_count);
	put_moment(values, nulls, 12, execution.row->redrive_date);
	put_text(values, nulls, 13, execution.redrive_status);
	put_text(values, nulls, 14, execution.redrive_status_reason);
	put_text(values, nulls, 15, execution.version_arn);
	put_text(values, nulls, 16, execution.alias_arn);
	put_text(values, nulls, 17, execution.map_run_arn);

	return result_row(fcinfo, values, nulls);
}

/* ---- list_executions(state_machine, status, max_results, map_run) ---- */

extern PGDLLEXPORT Datum sfn_list_executions(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_list_executions);
Datum
sfn_list_executions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ApiCall call;
	ListedExecution *executions;
	int max;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, API_SQL, "ListExecutions");
	max = check_max_results(&call, PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2));
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(3))
		api_error(&call, API_VALIDATION, "", "state_machine and map_run exclude each other", NULL);
	count = executions_of(&call, text_argument(fcinfo, 0), text_argument(fcinfo, 3), text_argument(fcinfo, 1), NULL,
						  max, 0, 0, &executions);
	api_leave(&call);

	for (int i = 0; i < count; i++)
	{
		const ListedExecution *execution = &executions[i];
		Datum values[10];
		bool nulls[10] = {false};

		put_text(values, nulls, 0, execution_arn(execution->is_express, execution->machine_name, execution->name));
		put_text(values, nulls, 1, machine_arn(execution->machine_name));
		put_text(values, nulls, 2, execution_name_of_stored(execution->name));
		put_text(values, nulls, 3, execution_status_name(execution->status));
		put_moment(values, nulls, 4, execution->start_date);
		put_moment(values, nulls, 5, execution->stop_date);
		values[6] = Int32GetDatum(execution->redrive_count);
		put_moment(values, nulls, 7, execution->redrive_date);
		put_text(values, nulls, 8, map_run_of_listed(execution));
		values[9] = Int32GetDatum(execution->map_items);
		nulls[9] = execution->map_run == NULL;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- get_execution_history(execution, reverse_order, include_execution_data) ---- */

/* The ...EventDetails object of an event, or NULL. */
static const JsonVal *
event_details(const JsonVal *event)
{
	static const char suffix[] = "EventDetails";

	for (int i = event->count - 1; i >= 0; i--)
	{
		const JvMember *member = &event->u.members[i];
		int start = member->key_length - (int) strlen(suffix);

		if (start > 0 && strcmp(member->key + start, suffix) == 0)
			return member->value;
	}
	return NULL;
}

static void
put_event(ReturnSetInfo *result, const JsonVal *event)
{
	const JsonVal *details = event_details(event);
	int64 id = 0;
	int64 previous_id = 0;
	Datum values[5] = {0};
	bool nulls[5] = {false};

	(void) jv_to_int64(jv_get(event, "id"), &id);
	(void) jv_to_int64(jv_get(event, "previousEventId"), &previous_id);
	values[0] = Int64GetDatum(id);
	values[1] = Int64GetDatum(previous_id);
	values[2] = TimestampTzGetDatum(moment_of_epoch_seconds(jv_get(event, "timestamp")->number));
	put_text(values, nulls, 3, jv_get_string(event, "type"));
	nulls[4] = details == NULL;
	if (details != NULL)
		values[4] = json_datum(details);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

extern PGDLLEXPORT Datum sfn_get_execution_history(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_get_execution_history);
Datum
sfn_get_execution_history(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool descending = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	bool includes_data = PG_ARGISNULL(2) || PG_GETARG_BOOL(2);
	ApiCall call;
	ExecutionRow *execution;
	MemoryContext page_context;
	int64 next_id = descending ? PG_INT64_MAX : 1;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, API_SQL, "GetExecutionHistory");
	execution = api_execution(&call, required_text(&call, fcinfo, 0, "execution"), MACHINE_SEE, false, NULL);

	page_context = AllocSetContextCreate(CurrentMemoryContext, "sfn history page", ALLOCSET_DEFAULT_SIZES);
	while (next_id != 0)
	{
		MemoryContext call_context = MemoryContextSwitchTo(page_context);
		const JsonVal *events =
			history_events(execution->id, next_id, descending, includes_data, EVENTS_AT_ONCE, &next_id);

		for (int i = 0; i < events->count; i++)
			put_event(result, events->u.items[i]);
		MemoryContextSwitchTo(call_context);
		MemoryContextReset(page_context);
	}
	api_leave(&call);
	return (Datum) 0;
}

/* ---- for the views ---- */

extern PGDLLEXPORT Datum sfn_state_machine_arn(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_state_machine_arn);
Datum
sfn_state_machine_arn(PG_FUNCTION_ARGS)
{
	return CStringGetTextDatum(machine_arn(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

extern PGDLLEXPORT Datum sfn_execution_arn(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_execution_arn);
Datum
sfn_execution_arn(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool is_express = strchr(name, ':') != NULL;

	return CStringGetTextDatum(execution_arn(is_express, text_to_cstring(PG_GETARG_TEXT_PP(0)), name));
}

extern PGDLLEXPORT Datum sfn_status_name(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_status_name);
Datum
sfn_status_name(PG_FUNCTION_ARGS)
{
	return CStringGetTextDatum(execution_status_name(PG_GETARG_INT16(0)));
}
