/*
 * retention.c
 *	  Deleting what has ended long ago.
 *
 * There is no index on the end of executions (it would cost every execution an index entry).  Ids grow with start dates, so what
 * has expired is found by walking in the order of starts until executions are too young to have ended before the cutoff: by the primary
 * key for most, by the index of its executions for a machine with periods of its own (retention_walks.c).
 *
 * What is still there behind a walk is to be kept for longer: it runs, or failures are kept.  So a pass goes on where the one
 * before came to, an hour of starts before the cutoff, and only once in a while begins at the lowest again: the
 * more it has to pass over, the more seldom.
 *
 * Each step is a transaction of its own: it locks executions that have ended, looks again whether they are to go, and deletes them
 * with all that is theirs.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "settings/guc.h"
#include "settings/periods.h"
#include "store/deletions.h"
#include "store/redrives.h"
#include "store/retention.h"
#include "store/retention_walks.h"
#include "store/store.h"

#define WINDOW 500
#define WINDOWS_PER_STEP 20
#define EVENTS_PER_STEP 10000
#define LOGS_PER_STEP 1000
#define SLACK USECS_PER_HOUR
#define PASSED_OVER_COST \
	INT64CONST(1000) /* of rest until the next full pass, for each execution that was looked at in vain */
#define MAX_REFUSED 1000
#define REFUSED_FOR_MS (60 * 60 * 1000)
#define MACHINES_PER_PASS 100

/* Executions that something keeps from being deleted, and since when the first of them is known. */
static int64 refused[MAX_REFUSED];
static int refused_count = 0;
static TimestampTz refused_since;

static TimestampTz next_full_pass = 0;

/* What a window of a walk has found. */
typedef struct Expired
{
	int64 plain[WINDOW]; /* has succeeded and can only be deleted */
	int plain_count;
	int64 others[WINDOW];  /* may be redriven, or have a map run that may */
	int64 parents[WINDOW]; /* of these: whose map run's children they are, which may be redriven with it; else 0 */
	int other_count;
	WalkPlace last; /* what was looked at */
	bool is_last;   /* window of the walk */
} Expired;

static void delete_logs(RetentionPass *pass);
static void walk_window(RetentionPass *pass);
static void find_expired(RetentionPass *pass, const RetentionWalk *walk, Expired *found);
static int lock_expired(Expired *found, int64 *ids, TimestampTz cutoff);

void
retention_begin(RetentionPass *pass)
{
	TimestampTz now = GetCurrentTimestamp();

	memset(pass, 0, sizeof(RetentionPass));
	pass->is_full = now >= next_full_pass;
	retention_walks_may_have_changed();
}

/* One transaction's worth; the caller repeats it until is_end. */
void
retention_step(RetentionPass *pass)
{
	StoreScope scope;

	store_enter(&scope);
	pass->deleted = 0;
	if (!pass->logs_are_done)
		delete_logs(pass);
	else
	{
		if (retention_walks_read())
		{
			pass->walk = 0;
			pass->is_walking = false;
			pass->is_full = true;
		}
		for (int i = 0; i < WINDOWS_PER_STEP && pass->deleted == 0 && !pass->is_end; i++)
			walk_window(pass);
	}
	store_leave(&scope);
}

void
retention_refused(RetentionPass *pass)
{
	TimestampTz now = GetCurrentTimestamp();

	pass->is_end = false;
	if (!pass->logs_are_done)
	{
		pass->logs_are_done = true; /* not in this pass */
		return;
	}
	if (pass->singles == 0)
	{
		pass->singles = WINDOW;
		return;
	}
	pass->singles--;
	pass->place = pass->tried;
	if (refused_count == 0)
		refused_since = now;
	if (refused_count < MAX_REFUSED)
		refused[refused_count++] = pass->tried.id;
	else
		pass->is_end = true; /* somebody wants to keep them: that will do for this pass */
}

/* Those that were refused are tried again once in a while. */
static bool
is_refused(int64 execution_id)
{
	if (refused_count > 0 && TimestampDifferenceExceeds(refused_since, GetCurrentTimestamp(), REFUSED_FOR_MS))
		refused_count = 0;
	for (int i = 0; i < refused_count; i++)
	{
		if (refused[i] == execution_id)
			return true;
	}
	return false;
}

/* Those there is an index for: executions that run synchronously have no other row. */
static void
delete_logs(RetentionPass *pass)
{
	static StoreQuery delete_events =
		{"DELETE FROM sfn.log_event WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM sfn.log_event l"
		 " WHERE l.log_date < $1 ORDER BY l.log_date LIMIT " CppAsString2(LOGS_PER_STEP) "))",
		 1,
		 {TIMESTAMPTZOID}};
	Datum args[1] = {TimestampTzGetDatum(retention_cutoff(sfn_history_retention))};

	if (sfn_history_retention != FOR_EVER_MINUTES)
		pass->deleted = (int) store_run(&delete_events, args, NULL, 0);
	pass->logs_are_done = pass->deleted < LOGS_PER_STEP;
}

/* ---- one walk ---- */

static void
begin_walk(RetentionPass *pass, const RetentionWalk *walk)
{
	pass->is_walking = true;
	pass->place = pass->is_full ? (WalkPlace){0} : walk->resume;
	pass->resume = pass->place;
}

static void
end_walk(RetentionPass *pass, RetentionWalk *walk)
{
	walk->resume = pass->resume;
	pass->is_walking = false;
	pass->walk++;
	pass->is_end = pass->walk == retention_walk_count();
	if (pass->is_end && pass->is_full)
		next_full_pass = GetCurrentTimestamp() + pass->passed_over * PASSED_OVER_COST;
}

/* A walk is over before it begins where everything is kept for ever. */
static void
walk_window(RetentionPass *pass)
{
	RetentionWalk *walk = retention_walk(pass->walk);
	int64 ids[WINDOW];
	Expired found;

	if (walk_cutoff(walk) == DT_NOBEGIN)
	{
		end_walk(pass, walk);
		return;
	}
	if (!pass->is_walking)
		begin_walk(pass, walk);
	find_expired(pass, walk, &found);
	pass->tried = found.last;
	pass->deleted = lock_expired(&found, ids, walk_cutoff(walk));
	if (pass->deleted > 0)
		executions_delete_locked(ids, pass->deleted);
	pass->place = found.last;
	pass->singles = Max(pass->singles - 1, 0);
	if (found.is_last)
		end_walk(pass, walk);
}

/* ---- what has expired ---- */

enum
{
	EXPIRING_ID = 1,
	EXPIRING_MACHINE,
	EXPIRING_START_DATE,
	EXPIRING_STOP_DATE,
	EXPIRING_FAILED,
	EXPIRING_HAS_MAP_RUN,
	EXPIRING_EVENTS,
	EXPIRING_PARENT
};

/* Children of a map run that can be redriven are kept until that is deleted, with the execution it belongs to. */
#define EXPIRING \
	"SELECT e.id, e.state_machine_id, e.start_date, CASE WHEN r.status = :EXECUTION_RUNNING" \
	" OR r.status > :EXECUTION_SUCCEEDED AND p.stop_date IS NOT NULL THEN NULL ELSE e.stop_date END," \
	" e.status > :EXECUTION_SUCCEEDED, EXISTS (SELECT FROM sfn.map_run o WHERE o.execution_id = e.id), e.last_event_id," \
	" coalesce(r.execution_id, 0)" \
	" FROM sfn.execution e LEFT JOIN sfn.map_run r ON r.id = e.map_run_id" \
	" LEFT JOIN sfn.execution p ON p.id = r.execution_id WHERE "

/* The next executions of the walk, in the last result. */
static int
read_window(const RetentionWalk *walk, const WalkPlace *place, int size)
{
	static StoreQuery of_all = {EXPIRING "e.id > $1 ORDER BY e.id LIMIT $2", 2, {INT8OID, INT4OID}};
	static StoreQuery of_machine = {EXPIRING "e.state_machine_id = $3 AND (e.start_date, e.id) > ($4, $1)"
											 " ORDER BY e.start_date, e.id LIMIT $2",
									4,
									{INT8OID, INT4OID, INT8OID, TIMESTAMPTZOID}};
	Datum args[4] = {Int64GetDatum(place->id), Int32GetDatum(size), Int64GetDatum(walk->machine),
					 TimestampTzGetDatum(place->id == 0 ? DT_NOBEGIN : place->start_date)};

	return (int) store_run(walk->machine == 0 ? &of_all : &of_machine, args, NULL, 0);
}

/* Of the row: has it expired, and does nothing keep it? */
static bool
is_expired(const RetentionWalk *walk, int row)
{
	int64 id = store_int64(row, EXPIRING_ID);
	int minutes = store_bool(row, EXPIRING_FAILED) ? walk->failure_minutes : walk->minutes;

	return !store_is_null(row, EXPIRING_STOP_DATE) &&
		store_timestamp(row, EXPIRING_STOP_DATE) < retention_cutoff(minutes) &&
		(walk->machine != 0 || !retention_has_walk(store_int64(row, EXPIRING_MACHINE))) && !is_refused(id);
}

static void
add_expired(Expired *found, int row)
{
	int64 id = store_int64(row, EXPIRING_ID);

	if (store_bool(row, EXPIRING_FAILED) || store_bool(row, EXPIRING_HAS_MAP_RUN))
	{
		found->parents[found->other_count] = store_int64(row, EXPIRING_PARENT);
		found->others[found->other_count++] = id;
	}
	else
		found->plain[found->plain_count++] = id;
}

/* As many as have about as many events as a step deletes. */
static void
find_expired(RetentionPass *pass, const RetentionWalk *walk, Expired *found)
{
	TimestampTz cutoff = walk_cutoff(walk);
	int size = pass->singles > 0 ? 1 : WINDOW;
	int rows = read_window(walk, &pass->place, size);
	bool are_all_young = true;
	int64 events = 0;

	found->plain_count = found->other_count = 0;
	found->last = pass->place;
	found->is_last = rows < size;
	for (int row = 0; row < rows; row++)
	{
		found->last = (WalkPlace){store_timestamp(row, EXPIRING_START_DATE), store_int64(row, EXPIRING_ID)};
		if (found->last.start_date < cutoff)
			are_all_young = false;
		if (found->last.start_date < cutoff - SLACK)
			pass->resume = found->last;
		if (!is_expired(walk, row))
			pass->passed_over++;
		else
		{
			add_expired(found, row);
			events += store_int64(row, EXPIRING_EVENTS);
		}
		if (events >= EVENTS_PER_STEP && row + 1 < rows)
		{
			found->is_last = false;
			return;
		}
	}
	if (are_all_young)
		found->is_last = true;
}

static int
compare_ids(const void *a, const void *b)
{
	int64 left = *(const int64 *) a;
	int64 right = *(const int64 *) b;

	return left < right ? -1 : left > right ? 1 : 0;
}

/*
 * Those that are still to go, in the order of their ids: nobody redrives them, has redriven them or moves them on.  What is looked at
 * is what was committed until the locks were had.
 */
static int
lock_expired(Expired *found, int64 *ids, TimestampTz cutoff)
{
	static StoreQuery plain = {"SELECT e.id FROM sfn.execution e WHERE e.id = ANY ($1) FOR UPDATE SKIP LOCKED",
							   1,
							   {INT8ARRAYOID}};
	static StoreQuery others =
		{"SELECT e.id FROM sfn.execution e WHERE e.id = ANY ($1) AND e.stop_date < $2" GOES_ON_NO_MORE
		 " FOR UPDATE OF e SKIP LOCKED",
		 2,
		 {INT8ARRAYOID, TIMESTAMPTZOID}};
	Datum args[2] = {0, TimestampTzGetDatum(cutoff)};
	int count = 0;
	int free = 0;
	int rows;

	args[0] = store_int64_array(found->plain, found->plain_count);
	rows = found->plain_count > 0 ? (int) store_run(&plain, args, NULL, 0) : 0;
	for (int row = 0; row < rows; row++)
		ids[count++] = store_int64(row, ONLY_COLUMN);
	for (int i = 0; i < found->other_count; i++)
		if (redrive_lock_if_free(found->others[i]) &&
			(found->parents[i] == 0 || redrive_lock_if_free(found->parents[i])))
			found->others[free++] = found->others[i];
	args[0] = store_int64_array(found->others, free);
	rows = free > 0 ? (int) store_run(&others, args, NULL, 0) : 0;
	for (int row = 0; row < rows; row++)
		ids[count++] = store_int64(row, ONLY_COLUMN);
	qsort(ids, count, sizeof(int64), compare_ids);
	return count;
}

/* ---- machines ---- */

static int
delete_rows(StoreQuery *query, const int64 *ids, int count)
{
	Datum args[1] = {store_int64_array(ids, count)};

	return (int) store_run(query, args, NULL, 0);
}

/*
 * A deleted machine without executions goes for good, but only when it was found
 * so in the pass before and no transaction is left from then: one of them might
 * have started an execution that is not visible yet.  Machines that the children
 * of its Distributed Maps run go the same way, before it.
 */
int
retention_finish_machines(void)
{
	static StoreQuery finish =
		{"UPDATE sfn.state_machine m SET status = 'DELETED' WHERE (m.status = 'DELETING' OR m.status = 'ACTIVE'"
		 " AND m.map_of IS NOT NULL"
		 " AND NOT EXISTS (SELECT FROM sfn.state_machine p WHERE p.id = m.map_of AND p.status <> 'DELETED'))"
		 " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.state_machine_id = m.id AND e.stop_date IS NULL)",
		 0};
	static StoreQuery unused =
		{"SELECT m.id FROM sfn.state_machine m WHERE m.status = 'DELETED'"
		 " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.state_machine_id = m.id)"
		 " AND NOT EXISTS (SELECT FROM sfn.state_machine c WHERE c.map_of = m.id AND c.id <> m.id)"
		 " ORDER BY m.id LIMIT " CppAsString2(MACHINES_PER_PASS),
		 0};
	static StoreQuery delete_revisions = {"DELETE FROM sfn.state_machine_revision WHERE state_machine_id = ANY ($1)",
										  1,
										  {INT8ARRAYOID}};
	static StoreQuery delete_machines =
		{"WITH tags AS (DELETE FROM sfn.tag WHERE state_machine_id = ANY ($1)),"
		 " aliases AS (DELETE FROM sfn.state_machine_alias WHERE state_machine_id = ANY ($1)),"
		 " versions AS (DELETE FROM sfn.state_machine_version WHERE state_machine_id = ANY ($1)),"
		 " grants AS (DELETE FROM sfn.state_machine_grant WHERE state_machine_id = ANY ($1)),"
		 " deliveries AS (DELETE FROM sfn.log_delivery WHERE state_machine_id = ANY ($1))"
		 " DELETE FROM sfn.state_machine WHERE id = ANY ($1)",
		 1,
		 {INT8ARRAYOID}};
	static int64 seen_before[MACHINES_PER_PASS];
	static int seen_count = 0;
	static TransactionId seen_until;
	int64 ids[MACHINES_PER_PASS];
	int count = 0;
	int changed;
	int unused_count;
	bool are_all_over = TransactionIdFollowsOrEquals(GetTransactionSnapshot()->xmin, seen_until);
	StoreScope scope;

	store_enter(&scope);
	changed = (int) store_run(&finish, NULL, NULL, 0);
	unused_count = (int) store_run(&unused, NULL, NULL, 0);
	for (int i = 0; i < unused_count; i++)
	{
		int64 id = store_int64(i, ONLY_COLUMN);

		for (int j = 0; are_all_over && j < seen_count; j++)
		{
			if (seen_before[j] == id)
				ids[count++] = id;
		}
	}
	if (are_all_over || seen_count == 0)
	{
		store_int64s(seen_before, unused_count);
		seen_count = unused_count;
		seen_until = XidFromFullTransactionId(ReadNextFullTransactionId());
	}
	if (count > 0)
	{
		(void) delete_rows(&delete_revisions, ids, count);
		changed += delete_rows(&delete_machines, ids, count);
	}
	store_leave(&scope);
	return changed;
}
