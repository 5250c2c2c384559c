/*
 * sync_executions.c
 *	  The SQL function for synchronous executions: start_sync_execution().
 *
 * Everything that a call needs is in a memory context of its own, which goes with
 * it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "actions/sync_machines.h"
#include "api/arguments.h"
#include "api/sync_executions.h"
#include "store/sql_version.h"

static Datum start_sync_execution(FunctionCallInfo fcinfo, char *input);

SFN_FUNCTION(sfn_start_sync_execution)
{
	return start_sync_execution(fcinfo, text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_start_sync_execution_jsonb)
{
	return start_sync_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

/* The machine that the caller names; *row NULL: known, by neither version nor alias. */
static NamedMachine
find_machine(ActionCall *call, const char *text, MachineRow **row)
{
	NamedMachine machine;

	*row = NULL;
	if (sync_machine_known(text, GetUserId(), &machine))
		return machine;
	api_enter(call, ACTION_SQL, "StartSyncExecution");
	api_check(call, sync_machine_find(call, text, &machine, row));
	api_leave(call);
	return machine;
}

static void
raise_failure(ActionCall *call, const ExpressRun *run)
{
	ApiErrorId id = run->status == EXECUTION_TIMED_OUT ? API_EXECUTION_TIMED_OUT : API_EXECUTION_FAILED;
	const char *error = run->error != NULL ? run->error : "(no error name)";

	api_error_with_detail(call, id, run->cause, run->cached->name, error, run->cause != NULL ? run->cause : "");
}

/* The value as a datum in this context, printed where it stays. */
static Datum
output_datum(MemoryContext context, const JsonVal *output)
{
	MemoryContext call_context = MemoryContextSwitchTo(context);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoSpaces(&text, VARHDRSZ);
	jv_print(&text, output);
	SET_VARSIZE(text.data, text.len);
	MemoryContextSwitchTo(call_context);
	return PointerGetDatum(text.data);
}

static Datum
start_sync_execution(FunctionCallInfo fcinfo, char *input)
{
	ActionCall call = {ACTION_SQL, "StartSyncExecution", {.caller = GetUserId()}};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn express", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	MachineRow *row;
	NamedMachine machine = find_machine(&call, required_text(&call, fcinfo, 0, "state_machine"), &row);
	ExpressRun run = {.input_text = input != NULL ? input : "{}", .name = text_argument(fcinfo, 2)};
	Datum result;

	api_check(&call, sync_run_begin(&call, &machine, row, &run));
	express_run(&run);
	if (run.status != EXECUTION_SUCCEEDED)
		raise_failure(&call, &run);
	result = output_datum(caller_context, run.output);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
	return result;
}
