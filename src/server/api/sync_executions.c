/*
 * sync_executions.c
 *	  Synchronous executions of EXPRESS machines: sfn.start_sync_execution() and what StartSyncExecution shares with it.
 *
 * A call that repeats an earlier one of this session asks no table: the machine's
 * revision is known by name until a machine is changed, its compiled form by
 * revision.  Everything that a call needs is in a memory context of its own, which
 * goes with it.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "api/arguments.h"
#include "api/sync_executions.h"
#include "api/versions.h"
#include "runtime/express.h"
#include "runtime/machine_names.h"

static Datum start_sync_execution(FunctionCallInfo fcinfo, char *input);

/* ---- which machine ---- */

/* Asks the tables, with all that may be said about it; call is in its scope. */
static NamedMachine
ask_for_machine(const ApiCall *call, const char *text, MachineRow **row_out)
{
	uint64 moment = machine_names_moment();
	MachineRow *row = api_qualified_machine(call, call->scope.caller, text, MACHINE_START);
	NamedMachine machine = {.id = row->id,
							.revision_id = row->revision_id,
							.role = row->role,
							.is_express = row->is_express};

	if (strcmp(row->status, "ACTIVE") != 0)
		api_error(call, API_STATE_MACHINE_DELETING, machine_arn(row->name), row->name, NULL);
	if (!row->is_express)
		api_error(call, API_STATE_MACHINE_NOT_EXPRESS, machine_arn(row->name), row->name, NULL);
	/* versions and aliases are called otherwise, and an alias may mean one of two */
	if (strcmp(text, row->name) == 0 || strcmp(text, machine_arn(row->name)) == 0)
		machine_names_keep(text, &machine, moment);
	*row_out = row;
	return machine;
}

/* Known from an earlier call; whoever is no member of the machine's role is asked about every time. */
static bool
know_machine(const char *text, Oid caller, NamedMachine *machine)
{
	const NamedMachine *known = machine_names_find(text);

	if (known == NULL || !is_member_of_role(caller, known->role))
		return false;
	*machine = *known;
	return true;
}

/* The machine that a SQL caller names. */
static NamedMachine
find_machine(ApiCall *call, const char *text, MachineRow **row)
{
	NamedMachine machine;

	*row = NULL;
	if (know_machine(text, GetUserId(), &machine))
		return machine;
	api_enter(call, API_SQL, "StartSyncExecution");
	machine = ask_for_machine(call, text, row);
	api_leave(call);
	return machine;
}

static const CachedMachine *
compiled_machine(const NamedMachine *machine)
{
	const CachedMachine *cached = machine_cache_get(machine->revision_id);

	if (cached == NULL)
		elog(ERROR, "revision " INT64_FORMAT " of a state machine is gone", machine->revision_id);
	if (cached->machine == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("state machine \"%s\" cannot be run", cached->name),
				 errdetail_internal("%s", cached->problem)));
	return cached;
}

/* Notes which version and alias the machine was named by; row NULL: by none. */
static void
note_version(ExpressRun *run, const MachineRow *row)
{
	if (row != NULL && row->version != 0)
		run->version_arn = version_arn(row->name, row->version);
	if (row != NULL && row->alias != NULL)
		run->alias_arn = alias_arn(row->name, row->alias);
}

/* ---- StartSyncExecution ---- */

void
execution_run_sync(const ApiCall *call, const char *machine, const char *input, int input_length, const char *name,
				   SyncExecution *execution)
{
	ExpressRun run = {.input_text = input, .name = name, .is_described = true};
	StoreScope scope = call->scope;
	MachineRow *row = NULL;
	NamedMachine found;

	if (!arn_looks_like(machine) || !know_machine(machine, call->scope.caller, &found))
		found = ask_for_machine(call, machine, &row);
	run.cached = compiled_machine(&found);
	if (name != NULL)
		check_name(call, name, "an execution");
	note_version(&run, row);
	run.input = check_input(call, input, input_length);

	store_leave(&scope);
	express_run(&run);
	store_enter(&scope);

	execution->status = run.status;
	execution->machine_arn = run.cached->arn;
	execution->arn = run.arn;
	execution->name = run.name;
	execution->output = run.output;
	execution->error = run.error;
	execution->cause = run.cause;
	execution->start_date = run.start_time;
	execution->stop_date = run.stop_time;
	execution->memory_mb =
		64 * (1 + (int64) (MemoryContextMemAllocated(CurrentMemoryContext, true) / (64 * 1024 * 1024)));
}

/* ---- start_sync_execution(state_machine, input, name) ---- */

extern PGDLLEXPORT Datum sfn_start_sync_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_start_sync_execution);
Datum
sfn_start_sync_execution(PG_FUNCTION_ARGS)
{
	return start_sync_execution(fcinfo, text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_start_sync_execution_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_start_sync_execution_jsonb);
Datum
sfn_start_sync_execution_jsonb(PG_FUNCTION_ARGS)
{
	return start_sync_execution(fcinfo, jsonb_argument(fcinfo, 1));
}

static void
raise_failure(const ApiCall *call, const ExpressRun *run)
{
	ApiErrorId id = run->status == EXECUTION_TIMED_OUT ? API_EXECUTION_TIMED_OUT : API_EXECUTION_FAILED;
	const char *error = run->error != NULL ? run->error : "(no error name)";

	api_error_with_detail(call, id, run->cause, run->cached->name, error, run->cause != NULL ? run->cause : "", NULL);
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
	ApiCall call = {API_SQL, "StartSyncExecution", {.caller = GetUserId()}};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn express", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	MachineRow *row;
	NamedMachine machine = find_machine(&call, required_text(&call, fcinfo, 0, "state_machine"), &row);
	char *name = text_argument(fcinfo, 2);
	ExpressRun run = {.cached = compiled_machine(&machine), .input_text = input, .name = name};
	Datum result;

	if (input == NULL)
		run.input_text = "{}";
	if (name != NULL)
		check_name(&call, name, "an execution");
	note_version(&run, row);
	run.input = check_input(&call, run.input_text, (int) strlen(run.input_text));

	express_run(&run);
	if (run.status != EXECUTION_SUCCEEDED)
		raise_failure(&call, &run);
	result = output_datum(caller_context, run.output);
	MemoryContextSwitchTo(caller_context);
	MemoryContextDelete(context);
	return result;
}
