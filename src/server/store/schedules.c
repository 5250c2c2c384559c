/*
 * schedules.c
 *	  Schedules in the table.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "shared/wakeup.h"
#include "store/machines.h"
#include "store/schedules.h"
#include "store/store.h"

Oid
schedule_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("schedule", schema) : InvalidOid;
}

void
schedules_changed(void)
{
	CacheInvalidateRelcacheByRelid(schedule_table());
	schedules_wakeup_at_commit();
}

/* What its maker says of it, from $1 on, and an argument for each. */
#define MADE_COLUMNS \
	"role, expression, timezone, start_date, end_date, flexible, target, input, retry, aws_members, catch_up," \
	" deletes_itself, is_enabled, machine_id, due, next_due, description, client_token, last_modification_date, rule_id"
#define MADE_VALUES \
	"$1::pg_catalog.regrole, $2, $3, $4, $5, $6 * interval '1 microsecond', $7, $8, $9, $10, $11, $12, $13, nullif($14, 0), $15," \
	" $16, $17, $18, $19, nullif($20, 0)"
#define MADE_TYPES \
	OIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTOID, JSONOID, JSONOID, JSONOID, TEXTOID, \
		BOOLOID, BOOLOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, INT8OID
#define MADE_COUNT 20

static void
fill_made(const ScheduleRow *schedule, Datum *args, char *nulls)
{
	const Datum made[MADE_COUNT] = {ObjectIdGetDatum(schedule->role),
									CStringGetTextDatum(schedule->expression),
									CStringGetTextDatum(schedule->timezone),
									store_moment_or_null(schedule->start_date, &nulls[3]),
									store_moment_or_null(schedule->end_date, &nulls[4]),
									Int64GetDatum(schedule->flexible),
									CStringGetTextDatum(schedule->target),
									store_text_or_null(schedule->input, &nulls[7]),
									store_text_or_null(schedule->retry, &nulls[8]),
									store_text_or_null(schedule->aws_members, &nulls[9]),
									CStringGetTextDatum(schedule->catch_up),
									BoolGetDatum(schedule->deletes_itself),
									BoolGetDatum(schedule->is_enabled),
									Int64GetDatum(schedule->machine_id),
									store_moment_or_null(schedule->due, &nulls[14]),
									store_moment_or_null(schedule->next_due, &nulls[15]),
									store_text_or_null(schedule->description, &nulls[16]),
									store_text_or_null(schedule->client_token, &nulls[17]),
									TimestampTzGetDatum(schedule->last_modification_date),
									Int64GetDatum(schedule->rule_id)};

	nulls[5] = schedule->flexible != 0 ? ' ' : 'n';
	memcpy(args, made, sizeof(made));
}

bool
schedule_insert(ScheduleRow *schedule)
{
	static StoreQuery query = {"INSERT INTO sfn.schedule (" MADE_COLUMNS ", group_name, name, owner, creation_date)"
							   " VALUES (" MADE_VALUES ", $21, $22, $23::pg_catalog.regrole, $24)"
							   " ON CONFLICT (group_name, name) DO NOTHING RETURNING id",
							   MADE_COUNT + 4,
							   {MADE_TYPES, TEXTOID, TEXTOID, OIDOID, TIMESTAMPTZOID}};
	char nulls[MADE_COUNT + 5] = "                        ";
	Datum args[MADE_COUNT + 4];

	fill_made(schedule, args, nulls);
	args[MADE_COUNT] = CStringGetTextDatum(schedule->group);
	args[MADE_COUNT + 1] = CStringGetTextDatum(schedule->name);
	args[MADE_COUNT + 2] = ObjectIdGetDatum(schedule->owner);
	args[MADE_COUNT + 3] = TimestampTzGetDatum(schedule->creation_date);
	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	schedule->id = store_int64(0, ONLY_COLUMN);
	schedules_changed();
	return true;
}

void
schedule_replace(const ScheduleRow *schedule)
{
	static StoreQuery query = {"UPDATE sfn.schedule SET (" MADE_COLUMNS ", disabled_reason) = ROW(" MADE_VALUES
							   ", NULL)"
							   " WHERE id = $21",
							   MADE_COUNT + 1,
							   {MADE_TYPES, INT8OID}};
	char nulls[MADE_COUNT + 2] = "                     ";
	Datum args[MADE_COUNT + 1];

	fill_made(schedule, args, nulls);
	args[MADE_COUNT] = Int64GetDatum(schedule->id);
	(void) store_run(&query, args, nulls, 0);
	schedules_changed();
}

#define SCHEDULE_COLUMNS \
	"s.id, s.group_name, s.name, s.owner::pg_catalog.oid, s.role::pg_catalog.oid, s.expression, s.timezone," \
	" s.start_date, s.end_date, (extract(epoch FROM s.flexible) * 1000000)::bigint, s.target, s.input, s.catch_up," \
	" s.deletes_itself, s.is_enabled, coalesce(s.machine_id, 0), s.due, s.next_due, s.last_due, s.runs, s.missed, s.creation_date," \
	" s.retry, s.aws_members, s.client_token, s.description, s.last_modification_date," \
	" coalesce(s.rule_id, 0)" \
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
	SCHEDULE_CREATION_DATE,
	SCHEDULE_RETRY,
	SCHEDULE_AWS_MEMBERS,
	SCHEDULE_CLIENT_TOKEN,
	SCHEDULE_DESCRIPTION,
	SCHEDULE_LAST_MODIFICATION_DATE,
	SCHEDULE_RULE_ID
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
						 .creation_date = store_timestamp(row, SCHEDULE_CREATION_DATE),
						 .retry = store_text(row, SCHEDULE_RETRY),
						 .aws_members = store_text(row, SCHEDULE_AWS_MEMBERS),
						 .client_token = store_text(row, SCHEDULE_CLIENT_TOKEN),
						 .description = store_text(row, SCHEDULE_DESCRIPTION),
						 .last_modification_date = store_timestamp(row, SCHEDULE_LAST_MODIFICATION_DATE),
						 .rule_id = store_int64(row, SCHEDULE_RULE_ID)};
}

#define SCHEDULE_BY_NAME "SELECT " SCHEDULE_COLUMNS " WHERE s.group_name = $1 AND s.name = $2 AND s.rule_id IS NULL"

static ScheduleRow *
schedule_by_name(StoreQuery *query, const char *group, const char *name)
{
	Datum args[2] = {CStringGetTextDatum(group), CStringGetTextDatum(name)};
	ScheduleRow *schedule;

	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	schedule = palloc(sizeof(ScheduleRow));
	*schedule = schedule_row(0);
	return schedule;
}

ScheduleRow *
schedule_lock(const char *group, const char *name)
{
	static StoreQuery query = {SCHEDULE_BY_NAME " FOR NO KEY UPDATE", 2, {TEXTOID, TEXTOID}};

	return schedule_by_name(&query, group, name);
}

ScheduleRow *
schedule_read_row(const char *group, const char *name)
{
	static StoreQuery query = {SCHEDULE_BY_NAME, 2, {TEXTOID, TEXTOID}};

	return schedule_by_name(&query, group, name);
}

ScheduleRow *
schedule_lock_of_rule(int64 rule_id)
{
	static StoreQuery query = {"SELECT " SCHEDULE_COLUMNS " WHERE s.rule_id = $1 FOR NO KEY UPDATE", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(rule_id)};
	ScheduleRow *schedule;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	schedule = palloc(sizeof(ScheduleRow));
	*schedule = schedule_row(0);
	return schedule;
}

int
schedules_page(const SchedulePage *page, ScheduleRow **schedules)
{
	static StoreQuery query = {"SELECT " SCHEDULE_COLUMNS
							   " WHERE s.rule_id IS NULL AND (s.group_name, s.name) > ($1, $2)"
							   " AND ($3 IS NULL OR s.group_name = $3) AND pg_catalog.starts_with(s.name, $4)"
							   " AND ($5 IS NULL OR s.is_enabled = $5::boolean)"
							   " AND pg_catalog.pg_has_role($6, s.owner::pg_catalog.oid, 'USAGE')"
							   " ORDER BY s.group_name, s.name LIMIT $7",
							   7,
							   {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, OIDOID, INT4OID},
							   .scans = true};
	const char *slash = strchr(page->names.after, '/');
	char nulls[8] = "       ";
	Datum args[7] = {CStringGetTextDatum(slash != NULL ? pnstrdup(page->names.after, slash - page->names.after) : ""),
					 CStringGetTextDatum(slash != NULL ? slash + 1 : ""),
					 store_text_or_null(page->group, &nulls[2]),
					 CStringGetTextDatum(page->names.prefix),
					 store_text_or_null(page->is_enabled, &nulls[4]),
					 ObjectIdGetDatum(page->viewer),
					 Int32GetDatum(page->names.limit)};
	int count = (int) store_run(&query, args, nulls, 0);

	*schedules = palloc(sizeof(ScheduleRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*schedules)[i] = schedule_row((uint64) i);
	return count;
}

/* Moments of the rows, 0 is null; member: where in a row. */
static Datum
moments_of(const ScheduleRow *rows, int count, size_t member)
{
	Datum *values = palloc(sizeof(Datum) * count);
	bool *nulls = palloc(sizeof(bool) * count);
	int lower_bound = 1;

	for (int i = 0; i < count; i++)
	{
		TimestampTz moment = *(const TimestampTz *) ((const char *) &rows[i] + member);

		values[i] = TimestampTzGetDatum(moment);
		nulls[i] = moment == 0;
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &lower_bound, TIMESTAMPTZOID, 8,
											  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static Datum
numbers_of(const ScheduleRow *rows, int count, size_t member)
{
	int64 *values = palloc(sizeof(int64) * count);

	for (int i = 0; i < count; i++)
		values[i] = *(const int64 *) ((const char *) &rows[i] + member);
	return store_int64_array(values, count);
}

static Datum
enabled_of(const ScheduleRow *rows, int count)
{
	Datum *values = palloc(sizeof(Datum) * count);

	for (int i = 0; i < count; i++)
		values[i] = BoolGetDatum(rows[i].is_enabled);
	return PointerGetDatum(construct_array(values, count, BOOLOID, 1, true, TYPALIGN_CHAR));
}

void
schedules_update(const ScheduleRow *rows, int count)
{
	static StoreQuery query =
		{"UPDATE sfn.schedule s SET is_enabled = v.is_enabled, due = v.due, next_due = v.next_due,"
		 " last_due = v.last_due, runs = v.runs, missed = v.missed,"
		 " disabled_reason = CASE WHEN NOT v.is_enabled THEN s.disabled_reason END"
		 " FROM unnest($1, $2, $3, $4, $5, $6, $7) v (id, is_enabled, due, next_due, last_due, runs, missed)"
		 " WHERE s.id = v.id",
		 7,
		 {INT8ARRAYOID, BOOLARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID,
		  INT8ARRAYOID}};
	Datum args[7] = {numbers_of(rows, count, offsetof(ScheduleRow, id)),
					 enabled_of(rows, count),
					 moments_of(rows, count, offsetof(ScheduleRow, due)),
					 moments_of(rows, count, offsetof(ScheduleRow, next_due)),
					 moments_of(rows, count, offsetof(ScheduleRow, last_due)),
					 numbers_of(rows, count, offsetof(ScheduleRow, runs)),
					 numbers_of(rows, count, offsetof(ScheduleRow, missed))};

	(void) store_run(&query, args, NULL, 0);
	schedules_changed();
}

void
schedule_disable(ScheduleRow *row, const char *reason)
{
	static StoreQuery query = {"UPDATE sfn.schedule SET is_enabled = false, disabled_reason = $2 WHERE id = $1",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(row->id), CStringGetTextDatum(reason)};

	row->is_enabled = false;
	(void) store_run(&query, args, NULL, 0);
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
schedules_due(TimestampTz now, int limit, Oid role, ScheduleRow **schedules)
{
	static StoreQuery query = {"SELECT " SCHEDULE_COLUMNS " WHERE s.is_enabled AND s.next_due <= $1"
							   " AND ($3 = 0 OR pg_catalog.pg_has_role($3, s.owner::pg_catalog.oid, 'USAGE'))"
							   " ORDER BY s.next_due LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
							   3,
							   {TIMESTAMPTZOID, INT4OID, OIDOID}};
	Datum args[3] = {TimestampTzGetDatum(now), Int32GetDatum(limit), ObjectIdGetDatum(role)};
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

/* ---- groups ---- */

enum
{
	GROUP_ID = 1,
	GROUP_NAME,
	GROUP_OWNER,
	GROUP_CREATION_DATE
};

#define GROUP_COLUMNS "g.id, g.name, g.owner::pg_catalog.oid, g.creation_date"

static ScheduleGroupRow
group_row(uint64 row)
{
	return (ScheduleGroupRow){.id = store_int64(row, GROUP_ID),
							  .name = store_text(row, GROUP_NAME),
							  .owner = store_oid(row, GROUP_OWNER),
							  .creation_date = store_timestamp(row, GROUP_CREATION_DATE)};
}

ScheduleGroupRow *
schedule_group_by_name(const char *name, GroupLock lock)
{
#define GROUP_BY_NAME "SELECT " GROUP_COLUMNS " FROM sfn.schedule_group g WHERE g.name = $1"
	static StoreQuery queries[] = {[GROUP_READ] = {GROUP_BY_NAME, 1, {TEXTOID}},
								   [GROUP_SHARE] = {GROUP_BY_NAME " FOR SHARE", 1, {TEXTOID}},
								   [GROUP_DELETE] = {GROUP_BY_NAME " FOR UPDATE", 1, {TEXTOID}}};
	Datum args[1] = {CStringGetTextDatum(name)};
	ScheduleGroupRow *group = palloc0(sizeof(ScheduleGroupRow));

	group->name = pstrdup(name);
	if (strcmp(name, DEFAULT_GROUP) == 0)
		return group;
	if (store_run(&queries[lock], args, NULL, 0) == 0)
		return NULL;
	*group = group_row(0);
	return group;
}

int64
schedule_group_insert(const char *name, Oid owner, TimestampTz creation_date)
{
	static StoreQuery query = {"INSERT INTO sfn.schedule_group (name, owner, creation_date)"
							   " VALUES ($1, $2::pg_catalog.regrole, $3) ON CONFLICT (name) DO NOTHING RETURNING id",
							   3,
							   {TEXTOID, OIDOID, TIMESTAMPTZOID}};
	Datum args[3] = {CStringGetTextDatum(name), ObjectIdGetDatum(owner), TimestampTzGetDatum(creation_date)};

	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

int
schedule_groups_page(const NamePage *page, ScheduleGroupRow **groups)
{
	static StoreQuery query =
		{"SELECT * FROM (SELECT 0::bigint AS id, 'default' COLLATE \"C\" AS name, 0::oid AS owner,"
		 " NULL::timestamptz AS creation_date UNION ALL SELECT " GROUP_COLUMNS " FROM sfn.schedule_group g) g"
		 " WHERE g.name > $1 AND pg_catalog.starts_with(g.name, $2) ORDER BY g.name LIMIT $3",
		 3,
		 {TEXTOID, TEXTOID, INT4OID},
		 .scans = true};
	Datum args[3] = {CStringGetTextDatum(page->after), CStringGetTextDatum(page->prefix), Int32GetDatum(page->limit)};
	int count = (int) store_run(&query, args, NULL, 0);

	*groups = palloc(sizeof(ScheduleGroupRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*groups)[i] = group_row((uint64) i);
	return count;
}

/* Schedules that were put into it until its row was gone go, too. */
void
schedule_group_delete(const ScheduleGroupRow *group)
{
	static StoreQuery groups = {"WITH tags AS (DELETE FROM sfn.schedule_group_tag WHERE group_id = $1)"
								" DELETE FROM sfn.schedule_group WHERE id = $1",
								1,
								{INT8OID}};
	static StoreQuery schedules = {"DELETE FROM sfn.schedule WHERE group_name = $1 RETURNING coalesce(machine_id, 0)",
								   1,
								   {TEXTOID}};
	Datum id[1] = {Int64GetDatum(group->id)};
	Datum name[1] = {CStringGetTextDatum(group->name)};
	int64 *machines;
	uint64 count;

	(void) store_run(&groups, id, NULL, 0);
	count = store_run(&schedules, name, NULL, 0);
	machines = palloc(sizeof(int64) * (count + 1));
	store_int64s(machines, count);
	for (uint64 i = 0; i < count; i++)
		hidden_machine_drop(machines[i]);
	schedules_changed();
}
