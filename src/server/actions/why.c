/*
 * why.c
 *	  Why an execution does not go on: what it waits for, and who can end that.
 *
 * Tables say what an execution waits for, shared memory which processes there are and what
 * they run, the server who holds a lock.  All of it is read as it is now; nothing waits.
 * What the states wait for is in why_waits.c, what processes do in why_processes.c.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "actions/why_rows.h"
#include "engine/execution_status.h"
#include "settings/clock.h"
#include "shared/worker_absence.h"
#include "store/waits.h"

#define MAX_LEVELS 10
#define MAX_ROWS 200 /* of all executions together */

static void why_execution(Why *why, const ExecutionRow *execution, const MachineRow *machine, int level);

/* ---- rows ---- */

WhyRow *
why_add(Waiter *waiter, const char *state, const char *waits_for, const char *detail, TimestampTz since)
{
	WhyRow *row = palloc0(sizeof(WhyRow));

	row->level = waiter->level;
	row->execution_arn = waiter->arn;
	row->state = state;
	row->waits_for = waits_for;
	row->detail = detail;
	row->since = since;
	row->until = waiter->times_out;
	waiter->why->rows = lappend(waiter->why->rows, row);
	return row;
}

const char *
why_role_name(Oid role)
{
	const char *name = OidIsValid(role) ? GetUserNameFromId(role, true) : NULL;

	return name != NULL ? name : "(dropped)";
}

TimestampTz
why_earlier(TimestampTz a, TimestampTz b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

void
why_ended_by(WhyRow *row, const char *who, const char *statement)
{
	row->ended_by = who;
	row->statement = statement;
}

void
why_ended_by_privilege(WhyRow *row, const Waiter *waiter, MachinePrivilege privilege, const char *function)
{
	why_ended_by(row,
				 psprintf("members of role \"%s\", and who has the privilege %s", why_role_name(waiter->machine->role),
						  privilege_name(privilege)),
				 psprintf("SELECT sfn.%s(%s)", function, quote_literal_cstr(waiter->arn)));
}

void
why_ended_by_stop(WhyRow *row, const Waiter *waiter)
{
	why_ended_by_privilege(row, waiter, MACHINE_STOP, "stop_execution");
}

char *
why_in_short(const List *rows)
{
	const WhyRow *row = rows != NIL ? linitial(rows) : NULL;

	if (row == NULL)
		return pstrdup("nothing that is known");
	return row->detail != NULL ? psprintf("%s: %s", row->waits_for, row->detail) : pstrdup(row->waits_for);
}

/* ---- from the outside in ---- */

bool
execution_why(ActionCall *call, const char *arn, List **rows)
{
	Why why = {.call = call};
	MachineRow *machine;
	ExecutionRow *execution = action_execution(call, arn, MACHINE_SEE, true, &machine);

	if (execution == NULL)
		return false;
	why_execution(&why, execution, machine, 0);
	*rows = why.rows;
	return true;
}

/* The server has no worker here, which is nothing to a session with a clock of its own: it does the turns. */
static void
why_no_worker(Waiter *waiter)
{
	WorkerAbsence absence;
	WhyRow *row;

	if (waiter->level > 0 || sfn_clock_is_fixed() || !worker_absence(&absence) || absence.is_resting)
		return;
	row = why_add(waiter, NULL, "a worker", absence.reason, absence.since);
	if (absence.hint != NULL)
		why_ended_by(row, "a superuser", absence.statement);
}

static void
why_nothing(Waiter *waiter, const ExecutionRow *execution)
{
	WhyRow *row = why_add(waiter, NULL, "nothing", psprintf("it has %s", execution_status_name(execution->status)),
						  execution->stop_date);

	row->until = 0;
	if (execution->status != EXECUTION_SUCCEEDED && !waiter->machine->is_express && execution->map_run_id == 0)
		why_ended_by_privilege(row, waiter, MACHINE_REDRIVE, "redrive_execution");
}

static void
why_quarantined(Waiter *waiter, const WaitingExecution *execution)
{
	WhyRow *row;

	if (execution->quarantined_at == 0)
		return;
	row = why_add(waiter, NULL, "the end of its quarantine", execution->quarantine_reason, execution->quarantined_at);
	row->until = execution->released_at;
	why_ended_by_privilege(row, waiter, MACHINE_MANAGE, "release_execution");
}

static void
why_running(Waiter *waiter)
{
	const WaitingExecution *row = waiting_execution(waiter->id);
	int rows = list_length(waiter->why->rows);

	if (row == NULL)
		return;
	waiter->times_out = execution_times_out(waiter->id);
	waiter->worker_pid = worker_of_execution(waiter->id, &waiter->task);
	why_no_worker(waiter);
	why_quarantined(waiter, row);
	if (waiter->worker_pid == 0)
		why_row_locked(waiter);
	why_waits(waiter);
	if (list_length(waiter->why->rows) == rows)
		why_ended_by_stop(why_add(waiter, NULL, "nothing that is known", "nothing is to happen to it; see sfn.check()",
								  0),
						  waiter);
}

static void
why_execution(Why *why, const ExecutionRow *execution, const MachineRow *machine, int level)
{
	Waiter waiter = {.why = why,
					 .level = level,
					 .id = execution->id,
					 .arn = execution_arn(machine->is_express, machine->name, execution->name),
					 .machine = machine};

	if (execution->status == EXECUTION_RUNNING)
		why_running(&waiter);
	else
		why_nothing(&waiter, execution);
}

static bool
may_see_other(const Waiter *waiter, const ExecutionRow *execution, const MachineRow *machine)
{
	Oid caller = waiter->why->call->scope.caller;

	return machine_privilege(machine, caller, MACHINE_SEE) ||
		starter_privilege(execution->starter, caller, MACHINE_SEE);
}

const char *
why_name_other(const Waiter *waiter, int64 execution_id)
{
	const ExecutionRow *execution = execution_by_id(execution_id);
	const MachineRow *machine = execution != NULL ? machine_by_id(execution->state_machine_id) : NULL;

	if (machine == NULL)
		return "it is gone";
	if (!may_see_other(waiter, execution, machine))
		return "one that is not yours to see";
	return psprintf("%s, %s", execution_arn(strchr(execution->name, ':') != NULL, machine->name, execution->name),
					execution_status_name(execution->status));
}

void
why_other(Waiter *waiter, int64 execution_id)
{
	ExecutionRow *execution = execution_by_id(execution_id);
	MachineRow *machine = execution != NULL ? machine_by_id(execution->state_machine_id) : NULL;

	if (machine == NULL || waiter->level >= MAX_LEVELS || list_length(waiter->why->rows) >= MAX_ROWS)
		return;
	if (may_see_other(waiter, execution, machine))
		why_execution(waiter->why, execution, machine, waiter->level + 1);
}
