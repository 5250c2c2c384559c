/*
 * task_guard.c
 *	  Ends the worker when a task does not end that was cancelled.
 *
 * A cancel is an error, which the task's code can catch; it may even do so again and
 * again.  A worker's own termination cannot be caught: sfn.cancel_grace after the cancel
 * a timer notes what is given up and sets it, as SIGTERM would.  Code that looks at no
 * interrupts at all does not notice that either; then others are told that this process
 * will not come back.
 *
 * All but the two functions below runs in a signal handler.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "services/task_guard.h"
#include "settings/guc.h"
#include "shared/in_hand.h"
#include "shared/worker_registry.h"

#define LONGEST_TICK_MS 1000

static TimeoutId guard_timeout = MAX_TIMEOUTS;
static TimestampTz guarded_until; /* when it is cancelled, at the latest */
static bool guards_alone;
static TimestampTz asked_since; /* somebody wants it to end; 0: nobody has been seen to */
static bool has_ended;          /* as far as we can */

static bool
is_over_for(TimestampTz since, int milliseconds)
{
	return GetCurrentTimestamp() >= TimestampTzPlusMilliseconds(since, milliseconds);
}

static void
end_worker(bool has_timed_out)
{
	worker_give_up(has_timed_out);
	has_ended = true;
	ProcDiePending = true;
	InterruptPending = true;
	SetLatch(MyLatch);
}

static void
guard_tick(void)
{
	bool is_asked = my_worker->cancel_requested || worker_must_leave();

	if (has_ended)
	{
		worker_is_stuck();
		return;
	}
	if (is_asked && asked_since == 0)
		asked_since = GetCurrentTimestamp();
	if (guarded_until != DT_NOEND && is_over_for(guarded_until, sfn_cancel_grace))
		end_worker(guards_alone);
	else if (is_asked && is_over_for(asked_since, sfn_cancel_grace + (worker_must_leave() ? sfn_ddl_grace : 0)))
		end_worker(false);
}

void
task_guard_begin(TimestampTz deadline, bool is_alone)
{
	int tick = Min(LONGEST_TICK_MS, sfn_cancel_grace);

	if (guard_timeout == MAX_TIMEOUTS)
		guard_timeout = RegisterTimeout(USER_TIMEOUT, guard_tick);
	guarded_until = deadline;
	guards_alone = is_alone;
	asked_since = 0;
	enable_timeout_every(guard_timeout, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), tick), tick);
}

void
task_guard_end(void)
{
	disable_timeout(guard_timeout, false);
}
