/*
 * executor_failures.c
 *	  What becomes of an execution that makes turns fail: put aside, tried alone, in the end quarantined.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "actions/engine_events.h"
#include "shared/machine_stats.h"
#include "shared/worker_registry.h"
#include "shared/worker_stats.h"
#include "store/claims.h"
#include "workers/executor_failures.h"
#include "workers/executor_transaction.h"

#define POSTPONED_MS 60000

SuspectFault
fault_of(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
			return FAULT_OF_SERVER;
		case ERRCODE_SYSTEM_ERROR:
			return sqlstate == ERRCODE_IO_ERROR ? FAULT_OF_SERVER : FAULT_IN_DOUBT;
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_INTERNAL_ERROR:
		case ERRCODE_TRANSACTION_ROLLBACK: /* deadlocks and the like */
			return FAULT_IN_DOUBT;
		default:
			return FAULT_OF_EXECUTION;
	}
}

static void
postpone_work(void *arg)
{
	execution_postpone(*(int64 *) arg, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), POSTPONED_MS));
}

bool
execution_put_aside(int64 execution)
{
	if (suspect_add(execution))
		return true;
	if (executor_transaction(postpone_work, &execution) != NULL)
		return false;
	ereport(WARNING,
			(errmsg("too many executions of database \"%s\" fail: execution %lld is tried again in %d s",
					my_database_entry()->name, (long long) execution, POSTPONED_MS / 1000)));
	return true;
}

typedef struct Quarantine
{
	int64 execution;
	int64 state_machine;
	bool is_for_good;
	char reason[2 * REGISTRY_REASON_SIZE];
} Quarantine;

static void
quarantine_work(void *arg)
{
	Quarantine *work = arg;

	work->state_machine = execution_quarantine(work->execution, work->reason, work->is_for_good);
	if (work->state_machine != 0)
		(void) engine_event_tell(ENGINE_EXECUTION_QUARANTINED, work->execution);
}

void
quarantine_suspect(int64 execution, bool has_crashed)
{
	Quarantine work = {.execution = execution, .is_for_good = has_crashed};
	/* what has crashed leaves no error of its own, and another's may quote what is not for those who see this one */
	const char *last_error = has_crashed ? "" : my_database_entry()->reason;

	snprintf(work.reason, sizeof(work.reason), "It %s %d times when it ran by itself.%s%s",
			 has_crashed ? "crashed its worker" : "failed", SUSPECT_TRIES, last_error[0] != '\0' ? " Last error: " : "",
			 last_error);
	if (executor_transaction(quarantine_work, &work) != NULL)
	{
		suspect_failed(execution, FAULT_OF_EXECUTION);
		return;
	}
	suspect_passed(execution);
	if (work.state_machine != 0)
	{
		worker_stats_count(WORKER_QUARANTINED);
		machine_stats_of_turn(work.state_machine)->counts[MACHINE_QUARANTINED]++;
		machine_stats_turn_ended(true);
	}
	ereport(WARNING,
			(errmsg("execution %lld of database \"%s\" is quarantined", (long long) execution,
					my_database_entry()->name),
			 errdetail("%s", work.reason), errhint("sfn.stop_execution() ends it.")));
}
