/*
 * schedules.c
 *	  Schedules in the table.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "shared/wakeup.h"
#include "store/schedules.h"
#include "store/store.h"

Oid
schedule_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("schedule", schema) : InvalidOid;
}

/* Who sleeps until the next one is due has to look again. */
static void
schedules_changed(void)
{
	CacheInvalidateRelcacheByRelid(schedule_table());
	wakeup_at_commit();
}

bool
schedule_insert(ScheduleRow *schedule)
{
	static StoreQuery query = {
		"INSERT INTO sfn.schedule (group_name, name, owner, role, expression, timezone, start_date, end_date, flexible,"
		" target, input, retry, catch_up, deletes_itself, is_enabled, machine_id, due, next_due, description,"
		" creation_date) VALUES ($1, $2, $3::pg_catalog.regrole, $4::pg_catalog.regrole, $5, $6, $7, $8,"
		" $9 * interval '1 microsecond', $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
		" ON CONFLICT (group_name, name) DO NOTHING RETURNING id",
		20,
		{TEXTOID,        TEXTOID, OIDOID,         OIDOID,         TEXTOID, TEXTOID,       TIMESTAMPTZOID,
		 TIMESTAMPTZOID, INT8OID, TEXTOID,        JSONOID,        JSONOID, TEXTOID,       BOOLOID,
		 BOOLOID,        INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[21] = "                    ";
	Datum args[20] = {CStringGetTextDatum(schedule->group),
					  CStringGetTextDatum(schedule->name),
					  ObjectIdGetDatum(schedule->owner),
					  ObjectIdGetDatum(schedule->role),
					  CStringGetTextDatum(schedule->expression),
					  CStringGetTextDatum(schedule->timezone),
					  store_moment_or_null(schedule->start_date, &nulls[6]),
					  store_moment_or_null(schedule->end_date, &nulls[7]),
					  Int64GetDatum(schedule->flexible),
					  CStringGetTextDatum(schedule->target),
					  CStringGetTextDatum(schedule->input),
					  store_text_or_null(schedule->retry, &nulls[11]),
					  CStringGetTextDatum(schedule->catch_up),
					  BoolGetDatum(schedule->deletes_itself),
					  BoolGetDatum(schedule->is_enabled),
					  Int64GetDatum(schedule->machine_id),
					  store_moment_or_null(schedule->due, &nulls[16]),
					  store_moment_or_null(schedule->next_due, &nulls[17]),
					  store_text_or_null(schedule->description, &nulls[18]),
					  TimestampTzGetDatum(schedule->creation_date)};

	nulls[8] = schedule->flexible != 0 ? ' ' : 'n';
	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	schedule->id = store_int64(0, ONLY_COLUMN);
	schedules_changed();
	return true;
}

#define SCHEDULE_COLUMNS \
	"s.id, s.group_name, s.name, s.owner::pg_catalog.oid, s.role::pg_catalog.oid, s.expression, s.timezone," \
	" s.start_date, s.end_date, (extract(epoch FROM s.flexible) * 1000000)::bigint, s.target, s.input, s.catch_up," \
	" s.deletes_itself, s.is_enabled, s.machine_id, s.due, s.next_due, s.last_due, s.runs, s.missed, s.creation_date" \
	" FROM sfn.schedule s"
enum
{
	SCHEDULE_ID = 1,
	SCHEDULE_GROUP,
	SCHEDULE_NAME,
	SCHEDULE_OWNER,
	SCHEDULE_ROLE,
	SCHEDULE_EXPRESSION,
	SCHEDULE_TIMEZONE,
	SCHEDULE_START_DATE,
	SCHEDULE_END_DATE,
	SCHEDULE_FLEXIBLE,
	SCHEDULE_TARGET,
	SCHEDULE_INPUT,
	SCHEDULE_CATCH_UP,
	SCHEDULE_DELETES_ITSELF,
	SCHEDULE_IS_ENABLED,
	SCHEDULE_MACHINE_ID,
	SCHEDULE_DUE,
	SCHEDULE_NEXT_DUE,
	SCHEDULE_LAST_DUE,
	SCHEDULE_RUNS,
	SCHEDULE_MISSED,
	SCHEDULE_CREATION_DATE
};

static ScheduleRow
schedule_row(uint64 row)
{
	return (ScheduleRow){.id = store_int64(row, SCHEDULE_ID),
						 .group = store_text(row, SCHEDULE_GROUP),
						 .name = store_text(row, SCHEDULE_NAME),
						 .owner = store_oid(row, SCHEDULE_OWNER),
						 .role = store_oid(row, SCHEDULE_ROLE),
						 .expression = store_text(row, SCHEDULE_EXPRESSION),
						 .timezone = store_text(row, SCHEDULE_TIMEZONE),
						 .start_date = store_timestamp(row, SCHEDULE_START_DATE),
						 .end_date = store_timestamp(row, SCHEDULE_END_DATE),
						 .flexible = store_is_null(row, SCHEDULE_FLEXIBLE) ? 0 : store_int64(row, SCHEDULE_FLEXIBLE),
						 .target = store_text(row, SCHEDULE_TARGET),
						 .input = store_text(row, SCHEDULE_INPUT),
						 .catch_up = store_text(row, SCHEDULE_CATCH_UP),
						 .deletes_itself = store_bool(row, SCHEDULE_DELETES_ITSELF),
						 .is_enabled = store_bool(row, SCHEDULE_IS_ENABLED),
						 .machine_id = store_int64(row, SCHEDULE_MACHINE_ID),
						 .due = store_timestamp(row, SCHEDULE_DUE),
						 .next_due = store_timestamp(row, SCHEDULE_NEXT_DUE),
						 .last_due = store_timestamp(row, SCHEDULE_LAST_DUE),
						 .runs = store_int64(row, SCHEDULE_RUNS),
						 .missed = store_int64(row, SCHEDULE_MISSED),
						 .creation_date = store_timestamp(row, SCHEDULE_CREATION_DATE)};
}

ScheduleRow *
schedule_lock(const char *group, const char *name)
{
	static StoreQuery query = {"SELECT " SCHEDULE_COLUMNS " WHERE s.group_name = $1 AND s.name = $2 FOR NO KEY UPDATE",
							   2,
							   {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(group), CStringGetTextDatum(name)};
	ScheduleRow *schedule;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	schedule = palloc(sizeof(ScheduleRow));
	*schedule = schedule_row(0);
	return schedule;
}

void
schedule_update(const ScheduleRow *schedule)
{
	static StoreQuery query = {"UPDATE sfn.schedule SET is_enabled = $2, due = $3, next_due = $4, last_due = $5,"
							   " runs = $6, missed = $7 WHERE id = $1",
							   7,
							   {INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, INT8OID}};
	char nulls[8] = "       ";
	Datum args[7] = {Int64GetDatum(schedule->id),
					 BoolGetDatum(schedule->is_enabled),
					 store_moment_or_null(schedule->due, &nulls[2]),
					 store_moment_or_null(schedule->next_due, &nulls[3]),
					 store_moment_or_null(schedule->last_due, &nulls[4]),
					 Int64GetDatum(schedule->runs),
					 Int64GetDatum(schedule->missed)};

	(void) store_run(&query, args, nulls, 0);
	schedules_changed();
}

void
schedule_put_off(int64 id, TimestampTz until)
{
	static StoreQuery query = {"UPDATE sfn.schedule SET next_due = $2 WHERE id = $1 AND next_due < $2",
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(id), TimestampTzGetDatum(until)};

	(void) store_run(&query, args, NULL, 0);
	schedules_changed();
}

void
schedule_delete(int64 id)
{
	static StoreQuery query = {"DELETE FROM sfn.schedule WHERE id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	schedules_changed();
}

int
schedules_due(TimestampTz now, int limit, ScheduleRow **schedules)
{
	static StoreQuery query = {"SELECT " SCHEDULE_COLUMNS " WHERE s.is_enabled AND s.next_due <= $1"
							   " ORDER BY s.next_due LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
							   2,
							   {TIMESTAMPTZOID, INT4OID}};
	Datum args[2] = {TimestampTzGetDatum(now), Int32GetDatum(limit)};
	int count = (int) store_run(&query, args, NULL, 0);

	*schedules = palloc(sizeof(ScheduleRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*schedules)[i] = schedule_row((uint64) i);
	return count;
}

TimestampTz
schedules_next_due(void)
{
	static StoreQuery query = {"SELECT next_due FROM sfn.schedule WHERE is_enabled AND next_due IS NOT NULL"
							   " ORDER BY next_due LIMIT 1",
							   0};

	return store_run(&query, NULL, NULL, 1) == 1 ? store_timestamp(0, ONLY_COLUMN) : 0;
}
