/*
 * waiting.c
 *	  Waiting inside a query, for the end of an execution, an activity's task or an event, without holding back vacuum.
 *
 * A wait may be long: between two looks no snapshot is held.  A procedure has
 * committed by then and holds none.  A function stands inside a query with a
 * snapshot of its own; it gives that back while it waits, where nothing else can
 * have a use for it: a plain SELECT of the client that reads no table.  Any other
 * caller's snapshot stays.
 *
 * A worker that finds no task sleeps on its latch until a commit brings one of that
 * activity (shared/activity_waiters.c), as who waits for an event does (shared/event_waiters.c).
 */
#include "postgres.h"

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

#include "actions/activities.h"
#include "api/arguments.h"
#include "api/waiting.h"
#include "engine/execution.h"
#include "settings/guc.h"
#include "shared/activity_waiters.h"
#include "shared/event_waiters.h"
#include "store/execution_pages.h"
#include "store/executions.h"
#include "store/store.h"

#define FIRST_PAUSE_MS 1
#define LONGEST_PAUSE_MS 50

/* ---- the query's snapshot ---- */

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

/* The moment until which to wait, from an interval. */
TimestampTz
deadline_argument(FunctionCallInfo fcinfo, int number)
{
	TimestampTz now = GetCurrentTimestamp();

	if (PG_ARGISNULL(number))
		return now + USECS_PER_MINUTE;
	return moment_after_argument(fcinfo, number, now);
}

/* ---- for the end of an execution ---- */

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
int
execution_await_end(int64 execution_id, TimestampTz deadline)
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

/* ---- for a task of an activity ---- */

int
activity_await_tasks(const ActivityRow *activity, const char *worker_name, int max, TimestampTz deadline,
					 TaskRow **tasks)
{
	bool gave_up_snapshot = query_gives_up_snapshot();
	int count;

	for (int looks = 0;; looks++)
	{
		long left;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		activity_wait_arm(activity->id);
		count = activity_look_for_tasks(activity, worker_name, max, tasks);
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		if (count > 0 || left <= 0)
			break;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(left, activity_wait_pause(looks)), PG_WAIT_EXTENSION);
	}
	activity_wait_end();
	if (gave_up_snapshot)
		query_takes_snapshot();
	return count;
}

/* ---- for an event ---- */

/* The looks between wake-ups are for what was prepared, which wakes nobody. */
char *
event_await(const EventWait *wait, TimestampTz deadline)
{
	bool gave_up_snapshot = query_gives_up_snapshot();
	int64 ticket = event_wait_begin(wait->bus_id, wait->role, wait->pattern, deadline);
	char *event;

	for (;;)
	{
		bool was_told;
		long left;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		was_told = event_wait_is_told();
		event = event_wait_look(ticket);
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		if (event != NULL || left <= 0)
			break;
		if (!was_told && event_wait_is_told()) /* the look may have reset the latch */
			continue;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(left, sfn_poll_interval),
						 PG_WAIT_EXTENSION);
	}
	event_wait_end();
	if (gave_up_snapshot)
		query_takes_snapshot();
	return event;
}
