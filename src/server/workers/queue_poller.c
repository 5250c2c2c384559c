/*
 * queue_poller.c
 *	  Triggers of queues: executions are started with messages between turns.
 *
 * The permanent executor looks when a message becomes visible, a window ends or a pause is over, and when a commit has woken it:
 * who sends to a queue with a trigger sees to that (store/queues.c).  A database without triggers costs nothing.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/queue_triggers.h"
#include "shared/relation_watch.h"
#include "shared/wakeup.h"
#include "workers/executor_transaction.h"
#include "workers/queue_poller.h"

#define AFTER_ERROR (10 * USECS_PER_SEC)
#define LONGEST (60 * USECS_PER_SEC) /* for who began to send before there was a trigger, and so wakes nobody */

static TimestampTz next_due = 0;
static bool any_enabled = true;
static uint64 seen_wakeups = 0;
static RelationWatch watch;

static void
fire_work(void *arg)
{
	(void) arg;
	relation_watch(&watch, queue_trigger_table()); /* a change that is announced from here on counts */
	seen_wakeups = worker_wakeups();
	next_due = queue_triggers_fire(&any_enabled);
}

TimestampTz
queue_poller_step(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (watch.is_current && (!any_enabled || (seen_wakeups == worker_wakeups() && next_due > now)))
		return any_enabled ? next_due : 0;
	if (executor_transaction(fire_work, NULL) != NULL)
		next_due = now + AFTER_ERROR;
	else if (any_enabled && (next_due == 0 || next_due > now + LONGEST))
		next_due = now + LONGEST;
	return any_enabled ? next_due : 0;
}
