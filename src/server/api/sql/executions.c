/*
 * executions.c
 *	  The SQL functions for executions.
 *
 * run_execution() holds no snapshot while it waits, wait_for_execution() gives its
 * query's back where it can (api/waiting.c).
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/executions.h"
#include "actions/links.h"
#include "actions/resources.h"
#include "actions/start.h"
#include "actions/tokens.h"
#include "actions/versions.h"
#include "actions/why.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/waiting.h"
#include "engine/execution.h"
#include "engine/history_data.h"
#include "shared/worker_absence.h"
#include "store/sql_version.h"

static Datum start_execution(FunctionCallInfo fcinfo, char *input);
static Datum run_execution(FunctionCallInfo fcinfo, char *input);

/* ---- start_execution(state_machine, input, name) ---- */

SFN_FUNCTION(sfn_start_execution)
{
	return start_execution(fcinfo, text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_start_execution_jsonb)
{
	return start_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

/* The machine of the first argument, which the caller may start. */
static MachineRow *
machine_to_start(ActionCall *call, FunctionCallInfo fcinfo)
{
	const char *name = required_text(call, fcinfo, 0, "state_machine");
	MachineRow *machine = action_qualified_machine(call, call->scope.caller, name, MACHINE_START);

	api_check(call, machine != NULL);
	return machine;
}

static void
start_one(FunctionCallInfo fcinfo, const char *input, const char *name, StartedExecution *started)
{
	ActionCall call;
	MachineRow *machine;

	api_enter(&call, ACTION_SQL, "StartExecution");
	machine = machine_to_start(&call, fcinfo);
	if (input == NULL)
		input = "{}";
	api_check(&call,
			  execution_start(&call, machine, call.scope.caller, input, (int) strlen(input), name, NULL, started));
	api_leave(&call);
}

static Datum
start_execution(FunctionCallInfo fcinfo, char *input)
{
	StartedExecution started;

	start_one(fcinfo, input, text_argument(fcinfo, 2), &started);
	return CStringGetTextDatum(started.arn);
}

/* ---- start_executions(state_machine, inputs, names) ---- */

typedef struct ArrayArgument
{
	Datum *values; /* NULL: it is null, or not there */
	bool *nulls;
	int count;
} ArrayArgument;

static ArrayArgument
array_argument(FunctionCallInfo fcinfo, int number, Oid type)
{
	ArrayArgument array = {0};

	if (PG_NARGS() > number && !PG_ARGISNULL(number))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), type, -1, false, TYPALIGN_INT, &array.values, &array.nulls,
						  &array.count);
	return array;
}

static char *
array_text(const ArrayArgument *array, int i)
{
	return i < array->count && !array->nulls[i] ? TextDatumGetCString(array->values[i]) : NULL;
}

/* Raises the error of the call, if there is one, saying whose it is. */
static void
check_started(ActionCall *call, const ExecutionStarter *starter, int count)
{
	if (starter->failed > 0 && call->error.detail == NULL)
		call->error.detail = psprintf("This is input " INT64_FORMAT " of %d.", starter->failed, count);
	api_check(call, starter->failed == 0);
}

static void
start_each(ActionCall *call, ExecutionStarter *starter, const ArrayArgument *inputs, const ArrayArgument *names,
		   ReturnSetInfo *result)
{
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "sfn execution start", ALLOCSET_DEFAULT_SIZES);
	MemoryContext call_context = MemoryContextSwitchTo(row_context);

	for (int i = 0; i < inputs->count; i++)
	{
		char *given = array_text(inputs, i);
		const char *input = given != NULL ? given : "{}";
		char *arn = starter_add(starter, array_text(names, i), input, (int) strlen(input));
		Datum values[1];
		bool nulls[1] = {false};

		check_started(call, starter, inputs->count);
		values[0] = CStringGetTextDatum(arn);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextReset(row_context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(call_context);
}

SFN_FUNCTION(sfn_start_executions)
{
	ActionCall call;
	MachineRow *machine;
	ExecutionStarter starter;
	ArrayArgument inputs = array_argument(fcinfo, 1, JSONOID);
	ArrayArgument names = array_argument(fcinfo, 2, TEXTOID);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	api_enter(&call, ACTION_SQL, "StartExecution");
	machine = machine_to_start(&call, fcinfo);
	if (names.values != NULL && names.count != inputs.count)
		api_check(&call,
				  action_invalid(&call,
								 psprintf("names must have as many elements as inputs: %d, not %d", inputs.count,
										  names.count)));
	api_check(&call, starter_begin(&starter, &call, machine, call.scope.caller));
	start_each(&call, &starter, &inputs, &names, (ReturnSetInfo *) fcinfo->resultinfo);
	if (!starter_end(&starter))
		check_started(&call, &starter, inputs.count);
	api_leave(&call);
	return (Datum) 0;
}

/* ---- stop_execution(execution, error, cause) ---- */

SFN_FUNCTION(sfn_stop_execution)
{
	ActionCall call;
	TimestampTz stop_date;

	api_enter(&call, ACTION_SQL, "StopExecution");
	api_check(&call,
			  execution_stop(&call, required_text(&call, fcinfo, 0, "execution"), text_argument(fcinfo, 1),
							 text_argument(fcinfo, 2), &stop_date));
	api_leave(&call);
	PG_RETURN_TIMESTAMPTZ(stop_date);
}

/* ---- redrive_execution(execution, client_token), release_execution(execution) ---- */

SFN_FUNCTION(sfn_redrive_execution)
{
	ActionCall call;
	TimestampTz redrive_date;

	api_enter(&call, ACTION_SQL, "RedriveExecution");
	api_check(&call,
			  execution_redrive(&call, required_text(&call, fcinfo, 0, "execution"), text_argument(fcinfo, 1),
								&redrive_date));
	api_leave(&call);
	PG_RETURN_TIMESTAMPTZ(redrive_date);
}

SFN_FUNCTION(sfn_release_execution)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "ReleaseExecution");
	api_check(&call, execution_unquarantine(&call, required_text(&call, fcinfo, 0, "execution")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- delete_execution(execution), delete_executions(executions) ---- */

SFN_FUNCTION(sfn_delete_execution)
{
	ActionCall call;
	char *execution;
	int64 deleted;

	api_enter(&call, ACTION_SQL, "DeleteExecution");
	execution = required_text(&call, fcinfo, 0, "execution");
	api_check(&call, executions_drop(&call, &execution, 1, &deleted));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_delete_executions)
{
	ActionCall call;
	char **executions;
	int count;
	int64 deleted;

	api_enter(&call, ACTION_SQL, "DeleteExecution");
	executions = required_texts(&call, fcinfo, 0, "executions", &count);
	api_check(&call, executions_drop(&call, executions, count, &deleted));
	api_leave(&call);
	PG_RETURN_INT64(deleted);
}

/* ---- describe_execution(execution) ---- */

SFN_FUNCTION(sfn_describe_execution)
{
	ActionCall call;
	ExecutionDescription execution;
	Datum values[18] = {0};
	bool nulls[18] = {false};

	api_enter(&call, ACTION_SQL, "DescribeExecution");
	api_check(&call, execution_describe(&call, required_text(&call, fcinfo, 0, "execution"), &execution));
	api_leave(&call);

	put_text(values, nulls, 0, execution.arn);
	put_text(values, nulls, 1, machine_arn(execution.machine->name));
	put_text(values, nulls, 2, execution.name);
	put_text(values, nulls, 3, execution.status);
	put_moment(values, nulls, 4, execution.row->start_date);
	put_moment(values, nulls, 5, execution.row->stop_date);
	put_shown(values, nulls, 6, execution.reads_data ? execution.row->input : NULL, call.scope.caller);
	put_shown(values, nulls, 7, execution.reads_data ? execution.row->output : NULL, call.scope.caller);
	put_text(values, nulls, 8, execution.error);
	put_shown(values, nulls, 9, execution.cause, call.scope.caller);
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

/* ---- list_executions(state_machine, status, max_results, map_run, since, until, after) ---- */

/* The page begins behind this execution. */
static void
begin_behind(ActionCall *call, const char *after, ExecutionFilter *filter)
{
	ExecutionRow *execution;

	if (after == NULL)
		return;
	execution = action_execution(call, after, MACHINE_SEE, false, NULL);
	api_check(call, execution != NULL);
	filter->before = execution->start_date;
	filter->before_id = execution->id;
}

SFN_FUNCTION(sfn_list_executions)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	ExecutionFilter filter = {.since = PG_ARGISNULL(4) ? 0 : PG_GETARG_TIMESTAMPTZ(4),
							  .until = PG_ARGISNULL(5) ? 0 : PG_GETARG_TIMESTAMPTZ(5)};
	ListedExecution *executions;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListExecutions");
	api_check(&call, check_max_results(&call, PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2), &filter.max));
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(3))
		api_error(&call, API_VALIDATION, "", "state_machine and map_run exclude each other");
	begin_behind(&call, text_argument(fcinfo, 6), &filter);
	api_check(&call,
			  executions_of(&call, text_argument(fcinfo, 0), text_argument(fcinfo, 3), text_argument(fcinfo, 1), NULL,
							&filter, &executions, &count));
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

typedef struct EventWriter
{
	ReturnSetInfo *result;
	Oid viewer;
} EventWriter;

static void
put_event(const JsonVal *event, void *arg)
{
	const EventWriter *writer = arg;
	const JsonVal *details = history_event_details(event);
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
		values[4] = shown_datum(details, writer->viewer);
	tuplestore_putvalues(writer->result->setResult, writer->result->setDesc, values, nulls);
}

SFN_FUNCTION(sfn_get_execution_history)
{
	EventWriter writer = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	bool descending = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	bool includes_data = PG_ARGISNULL(2) || PG_GETARG_BOOL(2);
	ActionCall call;
	ExecutionRow *execution;
	MachineRow *machine;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "GetExecutionHistory");
	execution = action_execution(&call, required_text(&call, fcinfo, 0, "execution"), MACHINE_SEE, false, &machine);
	api_check(&call, execution != NULL);
	includes_data = includes_data && machine_privilege(machine, call.scope.caller, MACHINE_READ_DATA);

	writer.viewer = call.scope.caller;
	history_each_event(execution->id, descending, includes_data, put_event, &writer);
	api_leave(&call);
	return (Datum) 0;
}

/* ---- wait_for_execution(execution, timeout) ---- */

/* The time is over, and it still runs. */
static void
notice_why(const char *arn)
{
	ActionCall call;
	List *rows = NIL;
	bool is_known;
	char *reason;
	char *shown;

	api_enter(&call, ACTION_SQL, "DescribeExecution");
	is_known = execution_why(&call, arn, &rows);
	api_leave(&call);
	if (!is_known)
		return;
	reason = why_in_short(rows);
	shown = tokens_hide(reason, (int) strlen(reason), call.scope.caller);
	ereport(NOTICE,
			(errmsg("execution \"%s\" still runs: it waits for %s", arn, shown != NULL ? shown : reason),
			 errhint("SELECT * FROM sfn.why(%s) tells more.", quote_literal_cstr(arn))));
}

SFN_FUNCTION(sfn_wait_for_execution)
{
	ActionCall call;
	ExecutionRow *execution;
	TimestampTz deadline = deadline_argument(fcinfo, 1);
	bool only_looks = deadline <= GetCurrentTimestamp();
	bool gave_up_snapshot;
	int status;

	api_enter(&call, ACTION_SQL, "DescribeExecution");
	execution = action_execution(&call, required_text(&call, fcinfo, 0, "execution"), MACHINE_SEE, true, NULL);
	api_check(&call, execution != NULL && check_execution_can_end(&call, execution));
	api_leave(&call);

	status = execution->status;
	if (status == EXECUTION_RUNNING)
	{
		if (!only_looks)
			worker_absence_notice(true);
		gave_up_snapshot = query_gives_up_snapshot();
		status = execution_await_end(execution->id, deadline);
		if (gave_up_snapshot)
			query_takes_snapshot();
		if (status == EXECUTION_RUNNING && !only_looks)
			notice_why(text_argument(fcinfo, 0));
	}
	return CStringGetTextDatum(execution_status_name(status));
}

/* ---- CALL run_execution(state_machine, input, timeout) ---- */

SFN_FUNCTION(sfn_run_execution)
{
	return run_execution(fcinfo, text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_run_execution_jsonb)
{
	return run_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

/* What became of the execution, in the columns of the procedure. */
static Datum
run_result(FunctionCallInfo fcinfo, const StartedExecution *started)
{
	StoreScope scope;
	ExecutionRow *execution;
	Datum values[5];
	bool nulls[5];

	PushActiveSnapshot(GetTransactionSnapshot()); /* large values are fetched with it */
	store_enter(&scope);
	execution = execution_by_id(started->id);
	store_leave(&scope);
	PopActiveSnapshot();
	if (execution == NULL)
		elog(ERROR, "execution \"%s\" is gone", started->arn);

	put_text(values, nulls, 0, started->arn);
	put_text(values, nulls, 1, execution_status_name(execution->status));
	put_text(values, nulls, 2, execution->output);
	put_text(values, nulls, 3, execution->error);
	put_text(values, nulls, 4, execution->cause);
	return result_row(fcinfo, values, nulls);
}

/* Before it waits, so that one can look at it meanwhile. */
static void
notice_page(const char *arn)
{
	char *page = link_to_page(arn);

	if (page != NULL)
		ereport(NOTICE, (errmsg("the execution is shown at %s", page)));
}

static Datum
run_execution(FunctionCallInfo fcinfo, char *input)
{
	MemoryContext call_context = CurrentMemoryContext;
	TimestampTz deadline = deadline_argument(fcinfo, 2);
	bool only_looks = deadline <= GetCurrentTimestamp();
	StartedExecution started;
	Datum result;
	int status;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) || ((CallContext *) fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("sfn.run_execution() cannot run inside a transaction block"),
				 errhint("It commits, so that the execution can run. Use sfn.start_execution() here.")));

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(call_context);
	start_one(fcinfo, input, NULL, &started);
	SPI_commit();
	notice_page(started.arn);
	status = execution_await_end(started.id, deadline);
	MemoryContextSwitchTo(call_context);
	if (status == EXECUTION_RUNNING && !only_looks)
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		notice_why(started.arn);
		PopActiveSnapshot();
	}
	result = run_result(fcinfo, &started);
	SPI_finish();
	return result;
}

/* ---- for the views ---- */

/* execution_arn(state_machine, name [, express_id]) */
SFN_FUNCTION(sfn_execution_arn)
{
	bool has_uuid = PG_NARGS() > 2 && !PG_ARGISNULL(2);
	char *name;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (has_uuid)
		name = psprintf("%s:%s", name, DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(2))));
	return CStringGetTextDatum(execution_arn(strchr(name, ':') != NULL, text_to_cstring(PG_GETARG_TEXT_PP(0)), name));
}

SFN_FUNCTION(sfn_status_name)
{
	return CStringGetTextDatum(execution_status_name(PG_GETARG_INT16(0)));
}
