/*
 * retention_walks.c
 *	  Which executions are kept for how long: one walk for each machine that says so, one for all others.
 *
 * They are kept by the process that prunes, in the context "sfn retention", so that a pass goes on where the one before came to. They
 * are read anew when a state machine has changed, and once for each pass; only when they differ then, all begin at the beginning.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "settings/guc.h"
#include "settings/periods.h"
#include "shared/relation_watch.h"
#include "store/machines.h"
#include "store/retention_walks.h"
#include "store/store.h"

static MemoryContext walks_context = NULL;
static RetentionWalk *walks = NULL;
static int walk_count = 0;
static RelationWatch watch; /* of machines */

void
retention_walks_may_have_changed(void)
{
	watch.is_current = false;
}

enum
{
	WALK_MACHINE = 1,
	WALK_IS_OF_CHILDREN,
	WALK_RETENTION,
	WALK_FAILURES_FOR,
	WALK_CHILDREN_FOR
};

/* The first of the columns that says something. */
static int
minutes_of_row(uint64 row, const int *columns, int count)
{
	int minutes;

	for (int i = 0; i < count; i++)
		if (!store_is_null(row, columns[i]) && period_read(store_text(row, columns[i]), &minutes))
			return minutes;
	return sfn_history_retention;
}

static RetentionWalk
walk_of_row(uint64 row)
{
	static const int columns[] = {WALK_CHILDREN_FOR, WALK_FAILURES_FOR, WALK_RETENTION};
	static const int columns_of_success[] = {WALK_CHILDREN_FOR, WALK_RETENTION};
	int skipped = store_bool(row, WALK_IS_OF_CHILDREN) ? 0 : 1;

	return (RetentionWalk){.machine = store_int64(row, WALK_MACHINE),
						   .minutes = minutes_of_row(row, columns_of_success + skipped, 2 - skipped),
						   .failure_minutes = minutes_of_row(row, columns + skipped, 3 - skipped)};
}

/* What machines say now, and those that the children of their Distributed Maps run with them; a new array, by machine. */
static RetentionWalk *
read_walks(int *count)
{
	static StoreQuery query =
		{"SELECT c.id, c.id <> m.id, r.retention, r.failures_for, r.children_for FROM sfn.state_machine_revision r"
		 " JOIN sfn.state_machine m ON m.id = r.state_machine_id AND m.revision_id = r.id"
		 " CROSS JOIN LATERAL (SELECT m.id UNION SELECT o.id FROM sfn.state_machine o WHERE o.map_of = m.id) c (id)"
		 " WHERE r.retention IS NOT NULL OR r.failures_for IS NOT NULL OR r.children_for IS NOT NULL ORDER BY 1",
		 0};
	uint64 rows = store_run(&query, NULL, NULL, 0);
	RetentionWalk *read = palloc(sizeof(RetentionWalk) * (rows + 1));

	read[0] = (RetentionWalk){.minutes = sfn_history_retention, .failure_minutes = sfn_history_retention};
	for (uint64 row = 0; row < rows; row++)
		read[row + 1] = walk_of_row(row);
	*count = (int) rows + 1;
	return read;
}

static bool
are_the_same(const RetentionWalk *read, int count)
{
	for (int i = 0; i < Min(count, walk_count); i++)
		if (read[i].machine != walks[i].machine || read[i].minutes != walks[i].minutes ||
			read[i].failure_minutes != walks[i].failure_minutes)
			return false;
	return count == walk_count;
}

bool
retention_walks_read(void)
{
	RetentionWalk *read;
	int count;

	if (watch.is_current && watch.relation == machine_table() && walks[0].minutes == sfn_history_retention)
		return false;
	relation_watch(&watch, machine_table());
	read = read_walks(&count);
	if (are_the_same(read, count))
		return false;
	if (walks_context == NULL)
		walks_context = AllocSetContextCreate(TopMemoryContext, "sfn retention", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(walks_context);
	walks = MemoryContextAlloc(walks_context, sizeof(RetentionWalk) * count);
	memcpy(walks, read, sizeof(RetentionWalk) * count);
	walk_count = count;
	return true;
}

int
retention_walk_count(void)
{
	return walk_count;
}

RetentionWalk *
retention_walk(int number)
{
	return &walks[number];
}

static int
compare_machine(const void *machine, const void *walk)
{
	int64 key = *(const int64 *) machine;
	int64 other = ((const RetentionWalk *) walk)->machine;

	return key < other ? -1 : key > other ? 1 : 0;
}

bool
retention_has_walk(int64 machine)
{
	return walk_count > 1 &&
		bsearch(&machine, walks + 1, walk_count - 1, sizeof(RetentionWalk), compare_machine) != NULL;
}

TimestampTz
retention_cutoff(int minutes)
{
	return minutes == FOR_EVER_MINUTES ? DT_NOBEGIN
									   : GetCurrentTransactionStartTimestamp() - minutes * (int64) USECS_PER_MINUTE;
}

TimestampTz
walk_cutoff(const RetentionWalk *walk)
{
	return Max(retention_cutoff(walk->minutes), retention_cutoff(walk->failure_minutes));
}
