/*
 * executor_tries.c
 *	  Tasks for which there is no helper: the permanent executor tries them itself, for a second.
 *
 * There is none in this database, and none can be had: max_worker_processes are in use.  What takes longer than that
 * is rolled back and stays due; it is not tried again for a while.
 */
#include "postgres.h"

#include "shared/in_hand.h"
#include "shared/worker_registry.h"
#include "workers/executor_tries.h"

#define TRY_MS 1000
#define TRY_AGAIN_MS 60000 /* until the same one */
#define TRY_GUARD_MS 60000 /* after one that took the process with it */

typedef struct Tried
{
	int64 execution;
	TimestampTz until; /* it is not tried again before */
} Tried;

static Tried tried[TRIED_MAX];
static int next_tried = 0;
static bool was_due = false;

/* Every other turn, so that timers and transitions go on. */
bool
try_is_due(bool takes_alone)
{
	const DatabaseEntry *entry = my_database_entry();

	was_due = my_worker->is_permanent && !takes_alone && !was_due && entry->is_waiting_for_process &&
		registry_count_executors(my_worker->database) == 1 && GetCurrentTimestamp() >= entry->next_try;
	return was_due;
}

bool
try_was_due(void)
{
	return was_due;
}

/* Should it take the process with it, the next one waits. */
int
try_choose(TurnRequest *request, int64 *excluded)
{
	TimestampTz now = GetCurrentTimestamp();
	int passed_over = 0;

	request->mode = TURN_ALONE;
	request->takes_alone = true;
	request->max_executions = 1;
	request->limit_ms = TRY_MS;
	for (int i = 0; i < TRIED_MAX; i++)
	{
		if (tried[i].until <= now)
			continue;
		excluded[request->excluded_count++] = tried[i].execution;
		passed_over++;
	}
	my_database_entry()->next_try = TimestampTzPlusMilliseconds(now, TRY_GUARD_MS);
	return passed_over;
}

static void
note_tried(int64 execution, TimestampTz now)
{
	tried[next_tried].execution = execution;
	tried[next_tried].until = TimestampTzPlusMilliseconds(now, TRY_AGAIN_MS);
	next_tried = (next_tried + 1) % TRIED_MAX;
}

/* The reason goes when no task waits any more. */
void
try_done(int passed_over, const TurnResult *result, bool has_failed, TimestampTz started)
{
	DatabaseEntry *entry = my_database_entry();
	TimestampTz now = GetCurrentTimestamp();
	const int64 *executions;
	int count = worker_turn_executions(&executions);

	entry->next_try = 0;
	if (count > 0 && (has_failed || TimestampDifferenceExceeds(started, now, TRY_MS)))
	{
		note_tried(executions[count - 1], now);
		entry->next_try = TimestampTzPlusMilliseconds(now, TRY_PAUSE_MS);
	}
	else if (result->rows_claimed == 0)
	{
		entry->next_try = TimestampTzPlusMilliseconds(now, HELPERS_WATCH_MS);
		if (passed_over > 0)
			return;
		entry->is_waiting_for_process = false;
		pg_atomic_write_u32(&entry->help_wanted, 0);
	}
}
