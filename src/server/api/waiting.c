/*
 * waiting.c
 *	  Waiting for an execution: sfn.wait_for_execution(), CALL sfn.run_execution().
 *
 * A wait may be long, so it should not hold back vacuum: between two looks at
 * the execution no snapshot is held.  The procedure has committed by then and
 * holds none.  A function stands inside a query with a snapshot of its own; it
 * gives that back while it waits, where nothing else can have a use for it: a
 * plain SELECT of the client that reads no table.  Any other caller's snapshot
 * stays.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/execdesc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/latch.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/portal.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "api/arguments.h"
#include "api/executions.h"
#include "api/versions.h"
#include "api/waiting.h"
#include "engine/execution.h"

#define FIRST_PAUSE_MS 1
#define LONGEST_PAUSE_MS 50

static int wait_until_ended(int64 execution_id, TimestampTz deadline);
static Datum run_execution(FunctionCallInfo fcinfo, char *input);

/* ---- wait_for_execution(execution, timeout) ---- */

/* An execution that cannot end while this transaction looks at it would be waited for in vain. */
static void
require_that_it_can_end(const ApiCall *call, const ExecutionRow *execution)
{
	TransactionId writer;

	if (IsolationUsesXactSnapshot())
		api_error(
			call, API_CANNOT_WAIT, "cannot wait for an execution at this isolation level",
			"A transaction at REPEATABLE READ or SERIALIZABLE does not see the execution end; use READ COMMITTED.",
			NULL);
	if (execution_status(execution->id, &writer) == EXECUTION_RUNNING && TransactionIdIsCurrentTransactionId(writer))
		api_error(call, API_CANNOT_WAIT, "cannot wait for an execution that this transaction has started",
				  "It runs once the transaction is committed. CALL sfn.run_execution() starts, commits and waits.",
				  NULL);
}

extern PGDLLEXPORT Datum sfn_wait_for_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_wait_for_execution);
Datum
sfn_wait_for_execution(PG_FUNCTION_ARGS)
{
	ApiCall call;
	ExecutionRow *execution;
	TimestampTz deadline = deadline_argument(fcinfo, 1);
	bool gave_up_snapshot;
	int status;

	api_enter(&call, API_SQL, "DescribeExecution");
	execution = api_execution(&call, required_text(&call, fcinfo, 0, "execution"), MACHINE_SEE, true, NULL);
	require_that_it_can_end(&call, execution);
	api_leave(&call);

	status = execution->status;
	if (status == EXECUTION_RUNNING)
	{
		gave_up_snapshot = query_gives_up_snapshot();
		status = wait_until_ended(execution->id, deadline);
		if (gave_up_snapshot)
			query_takes_snapshot();
	}
	return CStringGetTextDatum(execution_status_name(status));
}

/* The moment until which to wait, from an interval. */
TimestampTz
deadline_argument(FunctionCallInfo fcinfo, int number)
{
	TimestampTz now = GetCurrentTimestamp();

	if (PG_ARGISNULL(number))
		return now + USECS_PER_MINUTE;
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now),
												   IntervalPGetDatum(PG_GETARG_INTERVAL_P(number))));
}

/*
 * The status now.  The snapshot is made and given back here: SPI would otherwise
 * leave one with the portal.
 */
static int
status_now(int64 execution_id)
{
	StoreScope scope;
	TransactionId writer;
	int status;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	status = execution_status(execution_id, &writer);
	store_leave(&scope);
	PopActiveSnapshot();
	InvalidateCatalogSnapshot();
	return status;
}

/* Looks until the execution has ended or the deadline has passed; returns its status then. */
static int
wait_until_ended(int64 execution_id, TimestampTz deadline)
{
	long pause = FIRST_PAUSE_MS;

	for (;;)
	{
		int status = status_now(execution_id);
		long left;

		if (status != EXECUTION_RUNNING)
			return status;

		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		if (left <= 0)
			return status;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(pause, left), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		pause = Min(pause * 2, LONGEST_PAUSE_MS);
	}
}

/*
 * Gives the calling query's snapshot back; false: somebody may still need it.
 * Registered by the query and by its executor state, and active: all three go.
 */
bool
query_gives_up_snapshot(void)
{
	QueryDesc *query = ActivePortal != NULL ? ActivePortal->queryDesc : NULL;

	if (query == NULL || query->estate == NULL || ActivePortal->strategy != PORTAL_ONE_SELECT ||
		CurrentResourceOwner != ActivePortal->resowner || !ActiveSnapshotSet() ||
		GetActiveSnapshot() != query->snapshot || query->estate->es_snapshot != query->snapshot ||
		query->plannedstmt->relationOids != NIL || query->plannedstmt->rowMarks != NIL)
		return false;

	UnregisterSnapshot(query->estate->es_snapshot);
	UnregisterSnapshot(query->snapshot);
	query->estate->es_snapshot = NULL;
	query->snapshot = NULL;
	PopActiveSnapshot();
	InvalidateCatalogSnapshot();
	return true;
}

/* Gives the query a new one. */
void
query_takes_snapshot(void)
{
	QueryDesc *query = ActivePortal->queryDesc;

	query->snapshot = RegisterSnapshot(GetTransactionSnapshot());
	query->estate->es_snapshot = RegisterSnapshot(query->snapshot);
	PushActiveSnapshot(query->snapshot);
}

/* ---- CALL run_execution(state_machine, input, timeout) ---- */

extern PGDLLEXPORT Datum sfn_run_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_run_execution);
Datum
sfn_run_execution(PG_FUNCTION_ARGS)
{
	return run_execution(fcinfo, text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_run_execution_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_run_execution_jsonb);
Datum
sfn_run_execution_jsonb(PG_FUNCTION_ARGS)
{
	return run_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

/* Starts the execution and commits; memory of the call outlives that. */
static StartedExecution
start_and_commit(FunctionCallInfo fcinfo, char *input)
{
	ApiCall call;
	MachineRow *machine;
	StartedExecution started;

	api_enter(&call, API_SQL, "StartExecution");
	machine = api_qualified_machine(&call, call.scope.caller, required_text(&call, fcinfo, 0, "state_machine"),
									MACHINE_START);
	if (input == NULL)
		input = "{}";
	started = execution_start(&call, machine, call.scope.caller, input, (int) strlen(input), NULL, NULL);
	api_leave(&call);

	SPI_commit();
	return started;
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

static Datum
run_execution(FunctionCallInfo fcinfo, char *input)
{
	MemoryContext call_context = CurrentMemoryContext;
	TimestampTz deadline = deadline_argument(fcinfo, 2);
	StartedExecution started;
	Datum result;

	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) || ((CallContext *) fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("sfn.run_execution() cannot run inside a transaction block"),
				 errhint("It commits, so that the execution can run. Use sfn.start_execution() here.")));

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(call_context);
	started = start_and_commit(fcinfo, input);
	(void) wait_until_ended(started.id, deadline);
	MemoryContextSwitchTo(call_context);
	result = run_result(fcinfo, &started);
	SPI_finish();
	return result;
}
