/*
 * event_archives.c
 *	  Archives of events, what they have kept, and replays, in the tables.
 *
 * Archives are compiled with the rules (actions/event_rule_cache.c), so a change of one is announced
 * as a change of rules.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/event_archives.h"
#include "store/object_locks.h"
#include "store/store.h"

/* ---- archives ---- */

#define RETENTION(number) "pg_catalog.justify_hours(nullif(" number ", 0) * interval '1 microsecond')"

bool
archive_insert(ArchiveRow *archive)
{
	static StoreQuery query =
		{"INSERT INTO sfn.event_archive (name, bus_id, owner, pattern, retention, description, creation_date)"
		 " VALUES ($1, $2, $3::pg_catalog.regrole, $4, " RETENTION("$5") ", $6, $7)"
																		 " ON CONFLICT (name) DO NOTHING RETURNING id",
		 7,
		 {TEXTOID, INT8OID, OIDOID, JSONOID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[8] = "       ";
	Datum args[7] = {CStringGetTextDatum(archive->name),         Int64GetDatum(archive->bus_id),
					 ObjectIdGetDatum(archive->owner),           store_text_or_null(archive->pattern, &nulls[3]),
					 Int64GetDatum(archive->retention),          store_text_or_null(archive->description, &nulls[5]),
					 TimestampTzGetDatum(archive->creation_date)};

	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	archive->id = store_int64(0, ONLY_COLUMN);
	rules_changed();
	return true;
}

#define ARCHIVE_COLUMNS \
	"a.id, a.name, a.bus_id, coalesce(b.name, 'default'), a.owner::pg_catalog.oid, a.pattern," \
	" (extract(epoch FROM coalesce(a.retention, '0')) * 1000000)::bigint, a.description, a.creation_date"
#define ARCHIVES "sfn.event_archive a LEFT JOIN sfn.event_bus b ON b.id = a.bus_id"
enum
{
	ARCHIVE_ID = 1,
	ARCHIVE_NAME,
	ARCHIVE_BUS_ID,
	ARCHIVE_BUS,
	ARCHIVE_OWNER,
	ARCHIVE_PATTERN,
	ARCHIVE_RETENTION,
	ARCHIVE_DESCRIPTION,
	ARCHIVE_CREATION_DATE,
	ARCHIVE_COLUMN_COUNT = ARCHIVE_CREATION_DATE
};

static ArchiveRow
archive_row(uint64 row)
{
	return (ArchiveRow){.id = store_int64(row, ARCHIVE_ID),
						.name = store_text(row, ARCHIVE_NAME),
						.bus_id = store_int64(row, ARCHIVE_BUS_ID),
						.bus = store_text(row, ARCHIVE_BUS),
						.owner = store_oid(row, ARCHIVE_OWNER),
						.pattern = store_text(row, ARCHIVE_PATTERN),
						.retention = store_int64(row, ARCHIVE_RETENTION),
						.description = store_text(row, ARCHIVE_DESCRIPTION),
						.creation_date = store_timestamp(row, ARCHIVE_CREATION_DATE)};
}

static ArchiveRow *
archive_by_name(StoreQuery *query, const char *name)
{
	Datum args[1] = {CStringGetTextDatum(name)};
	ArchiveRow *archive;

	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	archive = palloc(sizeof(ArchiveRow));
	*archive = archive_row(0);
	return archive;
}

#define ARCHIVE_BY_NAME "SELECT " ARCHIVE_COLUMNS " FROM " ARCHIVES " WHERE a.name = $1"

ArchiveRow *
archive_lock(const char *name)
{
	static StoreQuery query = {ARCHIVE_BY_NAME " FOR NO KEY UPDATE OF a", 1, {TEXTOID}};

	return archive_by_name(&query, name);
}

ArchiveRow *
archive_read(const char *name)
{
	static StoreQuery query = {ARCHIVE_BY_NAME, 1, {TEXTOID}};

	return archive_by_name(&query, name);
}

void
archive_update(const ArchiveRow *archive)
{
	static StoreQuery query = {"UPDATE sfn.event_archive SET pattern = $2, retention = " RETENTION(
								   "$3") ", description = $4 WHERE id = $1",
							   4,
							   {INT8OID, JSONOID, INT8OID, TEXTOID}};
	char nulls[5] = "    ";
	Datum args[4] = {Int64GetDatum(archive->id), store_text_or_null(archive->pattern, &nulls[1]),
					 Int64GetDatum(archive->retention), store_text_or_null(archive->description, &nulls[3])};

	(void) store_run(&query, args, nulls, 0);
	rules_changed();
}

void
archive_delete(int64 id)
{
	static StoreQuery query = {"WITH events AS (DELETE FROM sfn.archived_event WHERE archive_id = $1),"
							   " counts AS (DELETE FROM sfn.archive_count WHERE archive_id = $1),"
							   " replays AS (DELETE FROM sfn.event_replay WHERE archive_id = $1)"
							   " DELETE FROM sfn.event_archive WHERE id = $1",
							   1,
							   {INT8OID},
							   .scans = true};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	rules_changed();
}

void
archives_each(void (*each)(const ArchiveRow *row))
{
	static StoreQuery query = {"SELECT " ARCHIVE_COLUMNS " FROM " ARCHIVES " ORDER BY a.id", 0, .scans = true};
	uint64 count = store_run(&query, NULL, NULL, 0);

	for (uint64 i = 0; i < count; i++)
	{
		ArchiveRow row = archive_row(i);

		each(&row);
	}
}

bool
bus_has_archives(int64 bus_id)
{
	static StoreQuery query = {"SELECT FROM sfn.event_archive WHERE bus_id = $1", 1, {INT8OID}, .sees_latest = true};
	Datum args[1] = {Int64GetDatum(bus_id)};

	return store_run(&query, args, NULL, 1) == 1;
}

void
archive_hold(int64 id)
{
	object_lock("event_archive", id);
}

bool
archive_hold_if_free(int64 id)
{
	return object_lock_if_free("event_archive", id);
}

enum
{
	MEASURED_EVENTS = 1,
	MEASURED_BYTES
};

void
archive_measure(int64 id, int64 *events, int64 *bytes)
{
	static StoreQuery query = {"SELECT coalesce(sum(events), 0)::bigint, coalesce(sum(bytes), 0)::bigint"
							   " FROM sfn.archive_count WHERE archive_id = $1",
							   1,
							   {INT8OID},
							   .scans = true};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	*events = store_int64(0, MEASURED_EVENTS);
	*bytes = store_int64(0, MEASURED_BYTES);
}

static int
run_page(StoreQuery *query, const ArchivePage *page)
{
	char nulls[7] = "      ";
	Datum args[6] = {CStringGetTextDatum(page->names.after),
					 CStringGetTextDatum(page->names.prefix),
					 store_text_or_null(page->source, &nulls[2]),
					 ObjectIdGetDatum(page->viewer),
					 Int32GetDatum(page->names.limit),
					 store_text_or_null(page->state, &nulls[5])};

	return (int) store_run(query, args, nulls, 0);
}

#define PAGE_TYPES TEXTOID, TEXTOID, TEXTOID, OIDOID, INT4OID, TEXTOID

int
archives_page(const ArchivePage *page, ArchiveRow **archives)
{
	static StoreQuery query = {"SELECT " ARCHIVE_COLUMNS " FROM " ARCHIVES
							   " WHERE a.name > $1 AND pg_catalog.starts_with(a.name, $2)"
							   " AND ($3 IS NULL OR coalesce(b.name, 'default') = $3)"
							   " AND pg_catalog.pg_has_role($4, a.owner::pg_catalog.oid, 'USAGE')"
							   " AND ($6 IS NULL OR $6 = 'ENABLED') ORDER BY a.name LIMIT $5",
							   6,
							   {PAGE_TYPES},
							   .scans = true};
	int count = run_page(&query, page);

	*archives = palloc(sizeof(ArchiveRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*archives)[i] = archive_row((uint64) i);
	return count;
}

/* ---- events ---- */

/* Arrays of archives, times, putters, machines and events. */
static void
gather_events(const ArchivedEvent *events, int count, Datum *arrays)
{
	Datum *values = palloc(sizeof(Datum) * 5 * count);

	for (int i = 0; i < count; i++)
	{
		values[i] = Int64GetDatum(events[i].archive_id);
		values[count + i] = TimestampTzGetDatum(events[i].time);
		values[2 * count + i] = ObjectIdGetDatum(events[i].putter);
		values[3 * count + i] = Int64GetDatum(events[i].state_machine_id);
		values[4 * count + i] = CStringGetTextDatum(events[i].event);
	}
	arrays[0] = PointerGetDatum(construct_array(values, count, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	arrays[1] =
		PointerGetDatum(construct_array(values + count, count, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	arrays[2] = PointerGetDatum(construct_array(values + 2 * count, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	arrays[3] =
		PointerGetDatum(construct_array(values + 3 * count, count, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	arrays[4] = PointerGetDatum(construct_array(values + 4 * count, count, JSONOID, -1, false, TYPALIGN_INT));
}

/* Of an event's text, without reading it. */
#define EVENT_BYTES(event) "pg_catalog.octet_length(" event "::text)"

void
archived_events_insert(const ArchivedEvent *events, int count)
{
	static StoreQuery query =
		{"WITH kept AS (INSERT INTO sfn.archived_event (archive_id, \"time\", putter, state_machine_id, event)"
		 " SELECT v.archive_id, v.\"time\", nullif(v.putter, 0::oid)::pg_catalog.regrole,"
		 " nullif(v.state_machine_id, 0), v.event"
		 " FROM unnest($1, $2, $3, $4, $5) v (archive_id, \"time\", putter, state_machine_id, event))"
		 " INSERT INTO sfn.archive_count (archive_id, events, bytes)"
		 " SELECT v.archive_id, count(*), sum(" EVENT_BYTES(
			 "v.event") ")"
						" FROM unnest($1, $5) v (archive_id, event) GROUP BY v.archive_id",
		 5,
		 {INT8ARRAYOID, TIMESTAMPTZARRAYOID, OIDARRAYOID, INT8ARRAYOID, JSONARRAYOID},
		 .scans = true};
	Datum args[5];

	gather_events(events, count, args);
	(void) store_run(&query, args, NULL, 0);
}

void
archived_events_prune(TimestampTz now, int limit)
{
	static StoreQuery query =
		{"WITH gone AS (DELETE FROM sfn.archived_event WHERE ctid = ANY (ARRAY(SELECT e.ctid FROM sfn.event_archive a"
		 " CROSS JOIN LATERAL (SELECT o.ctid FROM sfn.archived_event o WHERE o.archive_id = a.id"
		 " AND o.\"time\" < $1 - a.retention ORDER BY o.\"time\", o.id LIMIT $2) e LIMIT $2))"
		 " RETURNING archive_id, " EVENT_BYTES(
			 "event") " AS bytes)"
					  " INSERT INTO sfn.archive_count (archive_id, events, bytes)"
					  " SELECT archive_id, -count(*), -sum(bytes) FROM gone GROUP BY archive_id",
		 2,
		 {TIMESTAMPTZOID, INT4OID},
		 .scans = true};
	Datum args[2] = {TimestampTzGetDatum(now), Int32GetDatum(limit)};

	(void) store_run(&query, args, NULL, 0);
}

/* Those of an archive that is no more go. */
void
archive_counts_add_up(int limit)
{
	static StoreQuery query = {
		"WITH gone AS (DELETE FROM sfn.archive_count WHERE ctid = ANY (ARRAY("
		"SELECT c.ctid FROM sfn.archive_count c WHERE (SELECT count(*) FROM (SELECT FROM sfn.archive_count LIMIT $1) few)"
		" > (SELECT 2 * count(*) FROM sfn.event_archive) LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING *)"
		" INSERT INTO sfn.archive_count (archive_id, events, bytes) SELECT g.archive_id, sum(g.events), sum(g.bytes)"
		" FROM gone g JOIN sfn.event_archive a ON a.id = g.archive_id GROUP BY g.archive_id",
		1,
		{INT4OID},
		.scans = true};
	Datum args[1] = {Int32GetDatum(limit)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- replays ---- */

Oid
replay_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("event_replay", schema) : InvalidOid;
}

bool
replay_insert(const ReplayRow *replay)
{
	static StoreQuery query =
		{"INSERT INTO sfn.event_replay (name, archive_id, start_time, end_time, before_id, rules, description, state,"
		 " creation_date) VALUES ($1, $2, $3, $4, pg_catalog.nextval('sfn.archived_event_id_seq'),"
		 " CASE WHEN $5 IS NOT NULL THEN ARRAY(SELECT pg_catalog.json_array_elements_text($5)) END, $6, $7, $8)"
		 " ON CONFLICT (name) DO NOTHING",
		 8,
		 {TEXTOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, JSONOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[9] = "        ";
	Datum args[8] = {CStringGetTextDatum(replay->name),
					 Int64GetDatum(replay->archive.id),
					 TimestampTzGetDatum(replay->start_time),
					 TimestampTzGetDatum(replay->end_time),
					 store_text_or_null(replay->rules, &nulls[4]),
					 store_text_or_null(replay->description, &nulls[5]),
					 CStringGetTextDatum(replay->state),
					 TimestampTzGetDatum(replay->creation_date)};

	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	CacheInvalidateRelcacheByRelid(replay_table());
	replays_wakeup_at_commit();
	return true;
}

#define REPLAY_COLUMNS \
	ARCHIVE_COLUMNS ", p.id, p.name, p.start_time, p.end_time, p.before_id, pg_catalog.array_to_json(p.rules)," \
					" p.description, p.state, p.state_reason, p.last_time, coalesce(p.last_id, 0), p.replayed," \
					" p.creation_date, p.end_date"
#define REPLAYS \
	"sfn.event_replay p JOIN sfn.event_archive a ON a.id = p.archive_id LEFT JOIN sfn.event_bus b ON b.id = a.bus_id"
enum
{
	REPLAY_ID = ARCHIVE_COLUMN_COUNT + 1,
	REPLAY_NAME,
	REPLAY_START_TIME,
	REPLAY_END_TIME,
	REPLAY_BEFORE_ID,
	REPLAY_RULES,
	REPLAY_DESCRIPTION,
	REPLAY_STATE,
	REPLAY_STATE_REASON,
	REPLAY_LAST_TIME,
	REPLAY_LAST_ID,
	REPLAY_REPLAYED,
	REPLAY_CREATION_DATE,
	REPLAY_END_DATE
};

static ReplayRow
replay_row(uint64 row)
{
	return (ReplayRow){.archive = archive_row(row),
					   .id = store_int64(row, REPLAY_ID),
					   .name = store_text(row, REPLAY_NAME),
					   .start_time = store_timestamp(row, REPLAY_START_TIME),
					   .end_time = store_timestamp(row, REPLAY_END_TIME),
					   .before_id = store_int64(row, REPLAY_BEFORE_ID),
					   .rules = store_text(row, REPLAY_RULES),
					   .description = store_text(row, REPLAY_DESCRIPTION),
					   .state = store_text(row, REPLAY_STATE),
					   .state_reason = store_text(row, REPLAY_STATE_REASON),
					   .last_time = store_timestamp(row, REPLAY_LAST_TIME),
					   .last_id = store_int64(row, REPLAY_LAST_ID),
					   .replayed = store_int64(row, REPLAY_REPLAYED),
					   .creation_date = store_timestamp(row, REPLAY_CREATION_DATE),
					   .end_date = store_timestamp(row, REPLAY_END_DATE)};
}

static ReplayRow *
one_replay(StoreQuery *query, Datum *args)
{
	ReplayRow *replay;

	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	replay = palloc(sizeof(ReplayRow));
	*replay = replay_row(0);
	return replay;
}

#define REPLAY_BY_NAME "SELECT " REPLAY_COLUMNS " FROM " REPLAYS " WHERE p.name = $1"

ReplayRow *
replay_lock(const char *name)
{
	static StoreQuery query = {REPLAY_BY_NAME " FOR NO KEY UPDATE OF p", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return one_replay(&query, args);
}

ReplayRow *
replay_read(const char *name)
{
	static StoreQuery query = {REPLAY_BY_NAME, 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return one_replay(&query, args);
}

int
replays_page(const ArchivePage *page, ReplayRow **replays)
{
	static StoreQuery query = {"SELECT " REPLAY_COLUMNS " FROM " REPLAYS
							   " WHERE p.name > $1 AND pg_catalog.starts_with(p.name, $2)"
							   " AND ($3 IS NULL OR a.name = $3)"
							   " AND pg_catalog.pg_has_role($4, a.owner::pg_catalog.oid, 'USAGE')"
							   " AND ($6 IS NULL OR p.state = $6) ORDER BY p.name LIMIT $5",
							   6,
							   {PAGE_TYPES},
							   .scans = true};
	int count = run_page(&query, page);

	*replays = palloc(sizeof(ReplayRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*replays)[i] = replay_row((uint64) i);
	return count;
}

void
replay_update(const ReplayRow *replay)
{
	static StoreQuery query = {"UPDATE sfn.event_replay SET state = $2, state_reason = $3, last_time = $4,"
							   " last_id = nullif($5, 0), replayed = $6, end_date = $7 WHERE id = $1",
							   7,
							   {INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID, TIMESTAMPTZOID}};
	char nulls[8] = "       ";
	Datum args[7] = {Int64GetDatum(replay->id),
					 CStringGetTextDatum(replay->state),
					 store_text_or_null(replay->state_reason, &nulls[2]),
					 store_moment_or_null(replay->last_time, &nulls[3]),
					 Int64GetDatum(replay->last_id),
					 Int64GetDatum(replay->replayed),
					 store_moment_or_null(replay->end_date, &nulls[6])};

	(void) store_run(&query, args, nulls, 0);
}

/* Who puts a part of one just now is waited for. */
int64
replays_end_of(Oid owner)
{
	static StoreQuery under_way = {"SELECT DISTINCT a.id FROM sfn.event_archive a JOIN sfn.event_replay p"
								   " ON p.archive_id = a.id WHERE a.owner = $1::pg_catalog.regrole"
								   " AND p.end_date IS NULL ORDER BY 1",
								   1,
								   {OIDOID},
								   .scans = true,
								   .sees_latest = true};
	static StoreQuery end = {"UPDATE sfn.event_replay p SET state = 'CANCELLED', end_date = $2,"
							 " state_reason = 'the archive has another owner since then' FROM sfn.event_archive a"
							 " WHERE a.id = p.archive_id AND a.owner = $1::pg_catalog.regrole AND p.end_date IS NULL",
							 2,
							 {OIDOID, TIMESTAMPTZOID},
							 .scans = true,
							 .sees_latest = true};
	Datum args[2] = {ObjectIdGetDatum(owner), TimestampTzGetDatum(sfn_now())};
	int count = (int) store_run(&under_way, args, NULL, 0);
	int64 *ids = palloc(sizeof(int64) * (count + 1));

	store_int64s(ids, count);
	for (int i = 0; i < count; i++)
		archive_hold(ids[i]);
	return (int64) store_run(&end, args, NULL, 0);
}

void
replay_fail(int64 id, TimestampTz now, const char *reason)
{
	static StoreQuery query = {"UPDATE sfn.event_replay SET state = 'FAILED', state_reason = $3, end_date = $2"
							   " WHERE id = $1 AND end_date IS NULL",
							   3,
							   {INT8OID, TIMESTAMPTZOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), TimestampTzGetDatum(now), CStringGetTextDatum(reason)};

	(void) store_run(&query, args, NULL, 0);
}

ReplayRow *
replay_take(int64 after_id)
{
	static StoreQuery query = {"SELECT " REPLAY_COLUMNS " FROM " REPLAYS " WHERE p.end_date IS NULL"
							   " ORDER BY p.id <= $1, p.id LIMIT 1 FOR NO KEY UPDATE OF p SKIP LOCKED",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(after_id)};

	return one_replay(&query, args);
}

enum
{
	EVENT_ID = 1,
	EVENT_TIME,
	EVENT_PUTTER,
	EVENT_STATE_MACHINE_ID,
	EVENT_EVENT
};

int
replay_events(const ReplayRow *replay, int limit, ArchivedEvent **events)
{
	static StoreQuery query =
		{"SELECT id, \"time\", coalesce(putter::pg_catalog.oid, 0), coalesce(state_machine_id, 0), event"
		 " FROM sfn.archived_event WHERE archive_id = $1 AND \"time\" >= $2 AND \"time\" <= $3 AND id < $4"
		 " AND (\"time\", id) > ($5, $6) ORDER BY \"time\", id LIMIT $7",
		 7,
		 {INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, INT8OID, INT4OID}};
	TimestampTz last_time = replay->last_id != 0 ? replay->last_time : DT_NOBEGIN;
	Datum args[7] = {Int64GetDatum(replay->archive.id),
					 TimestampTzGetDatum(replay->start_time),
					 TimestampTzGetDatum(replay->end_time),
					 Int64GetDatum(replay->before_id),
					 TimestampTzGetDatum(last_time),
					 Int64GetDatum(replay->last_id),
					 Int32GetDatum(limit)};
	int count = (int) store_run(&query, args, NULL, 0);

	*events = palloc(sizeof(ArchivedEvent) * (count + 1));
	for (int i = 0; i < count; i++)
		(*events)[i] = (ArchivedEvent){.id = store_int64((uint64) i, EVENT_ID),
									   .time = store_timestamp((uint64) i, EVENT_TIME),
									   .putter = store_oid((uint64) i, EVENT_PUTTER),
									   .state_machine_id = store_int64((uint64) i, EVENT_STATE_MACHINE_ID),
									   .event = store_text((uint64) i, EVENT_EVENT)};
	return count;
}

bool
replays_are_under_way(void)
{
	static StoreQuery query = {"SELECT FROM sfn.event_replay WHERE end_date IS NULL", 0};

	return store_run(&query, NULL, NULL, 1) == 1;
}

void
replays_prune(TimestampTz before)
{
	static StoreQuery query = {"DELETE FROM sfn.event_replay WHERE end_date < $1", 1, {TIMESTAMPTZOID}, .scans = true};
	Datum args[1] = {TimestampTzGetDatum(before)};

	(void) store_run(&query, args, NULL, 0);
}
