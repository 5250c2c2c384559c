/*
 * scheduler.c
 *	  Schedules: what is due is done between turns.
 *
 * The permanent executor knows when something is due next, and looks at the table when that
 * has come, or when a change of it was announced (store/schedules.c): by the wake-up, and for
 * transactions that were prepared by an invalidation.  Schedules that are not due cost nothing.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/schedule_runs.h"
#include "settings/guc.h"
#include "shared/relation_watch.h"
#include "shared/worker_registry.h"
#include "store/instance.h"
#include "store/schedules.h"
#include "store/store.h"
#include "workers/executor_transaction.h"
#include "workers/scheduler.h"

#define SCHEDULES_PER_COMMIT 1000
#define DRIVER_AGAIN (60 * USECS_PER_SEC) /* looks whether somebody else does it still */
#define AFTER_ERROR (10 * USECS_PER_SEC)
#define PATIENCE (5 * 60 * USECS_PER_SEC) /* with whom does what is due in our place */

static TimestampTz next_due = 0;
static RelationWatch watch;

/* Whoever does it has been stopped, or the job was deleted. */
static bool
is_left_undone(void)
{
	TimestampTz oldest = schedules_next_due();

	if (oldest == 0 || oldest + PATIENCE > GetCurrentTimestamp())
		return false;
	ereport(WARNING,
			(errmsg("pg_cron has not done what schedules have been due for since %s: the executor does",
					timestamptz_to_str(oldest)),
			 errhint("sfn.use_pg_cron() makes its job again, sfn.leave_pg_cron() has the executor do it always.")));
	return true;
}

static void
run_work(void *arg)
{
	StoreScope scope;

	(void) arg;
	store_enter(&scope);
	relation_watch(&watch, schedule_table()); /* a change that is announced from here on counts */
	if (instance_has_own_schedules() || is_left_undone())
	{
		(void) schedules_run(SCHEDULES_PER_COMMIT, InvalidOid);
		next_due = schedules_next_due();
	}
	else
		next_due = GetCurrentTimestamp() + DRIVER_AGAIN;
	store_leave(&scope);
}

/* One that fails must not hold up the others: they are done without it. */
static void
put_off_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	schedule_put_off(*(int64 *) arg, GetCurrentTimestamp() + AFTER_ERROR);
	store_leave(&scope);
}

TimestampTz
scheduler_step(void)
{
	TimestampTz now = GetCurrentTimestamp();
	int64 failed;

	if (pg_atomic_exchange_u32(&my_database_entry()->schedules_changed, 0) != 0)
		watch.is_current = false;
	if (watch.is_current && (next_due == 0 || next_due > now))
		return next_due;
	if (executor_transaction(run_work, NULL) == NULL)
		return next_due;
	failed = schedules_failed();
	watch.is_current = failed == 0 || executor_transaction(put_off_work, &failed) != NULL;
	next_due = watch.is_current ? now + AFTER_ERROR : now;
	return next_due;
}
