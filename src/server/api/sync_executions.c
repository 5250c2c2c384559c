/*
 * sync_executions.c
 *	  Synchronous executions of EXPRESS machines: what the SQL function and sfn.api() share.
 *
 * That is no action: rights and machine come from actions, the run is the runtime's.
 */
#include "postgres.h"

#include "actions/charges.h"
#include "actions/checks.h"
#include "actions/resources.h"
#include "api/sync_executions.h"

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

bool
sync_run_begin(ActionCall *call, const NamedMachine *machine, const MachineRow *row, ExpressRun *run)
{
	run->cached = compiled_machine(machine);
	if (run->name != NULL && !check_name(call, run->name, "an execution"))
		return false;
	if (!charge_sync_start(call, run->cached->role))
		return false;
	note_version(run, row);
	run->input = check_input(call, run->input_text, (int) strlen(run->input_text));
	return run->input != NULL;
}
