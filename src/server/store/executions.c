/*
 * executions.c
 *	  Executions in the tables: starting and describing them, from any session.
 *
 * Users only insert: an execution row of their own and inbox rows.  They never
 * lock an execution, so an idle client transaction stalls nobody.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "engine/event_payload.h"
#include "engine/execution.h"
#include "shared/wakeup.h"
#include "store/executions.h"
#include "store/new_executions.h"
#include "store/store.h"

#define CLOCK_SET_BACK ((uint64) 1000 << 12) /* a second of next_name_moment() */

static ExecutionRow *execution_named(int64 state_machine_id, Datum name);
static ExecutionRow *execution_row(uint64 row);

int64
execution_insert(const MachineRow *machine, Oid starter, const char *name, const char *input, int input_length,
				 const char *trace_header, TimestampTz start_date, char **name_out, ExecutionRow **existing)
{
	NewExecutions shared = {.machine = machine,
							.starter = starter,
							.start_date = start_date,
							.trace_header = trace_header};
	bool is_new_name = name == NULL || machine->is_express; /* one with a UUID in it */
	char *used_name = name != NULL ? pstrdup(name) : execution_name_make();
	Datum name_datum = CStringGetTextDatum(used_name);
	Datum input_datum = PointerGetDatum(cstring_to_text_with_len(input, input_length));
	int64 id;

	*name_out = used_name;
	*existing = NULL;
	if (is_new_name)
		new_executions_store(&shared, 1, &name_datum, &input_datum, &id);
	else
		id = new_execution_store_named(&shared, name_datum, input_datum);
	if (id == 0)
		*existing = execution_named(machine->id, name_datum);
	return id;
}

/* Milliseconds of the Unix epoch and 4096th parts of one, above those of the last name of this process. */
static uint64
next_name_moment(void)
{
	static uint64 last;
	uint64 micros =
		(uint64) (GetCurrentTimestamp() + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY);
	uint64 moment = micros / 1000 << 12 | (micros % 1000 << 12) / 1000;

	/* ahead of the clock by a little, when names are wanted faster than it moves, but not if it was set back */
	if (moment <= last && last - moment < CLOCK_SET_BACK)
		moment = last + 1;
	last = moment;
	return moment;
}

/*
 * A UUID (version 7) that begins with the time, so that executions without a
 * name of their own go to the end of the index on names.
 */
char *
execution_name_make(void)
{
	uint64 moment = next_name_moment();
	uint64 random = pg_prng_uint64(&pg_global_prng_state); /* names must differ, not be secret */
	pg_uuid_t uuid;

	for (int i = 0; i < 6; i++)
		uuid.data[i] = (unsigned char) (moment >> (52 - 8 * i));
	uuid.data[6] = 0x70 | (moment >> 8 & 0x0f);
	uuid.data[7] = (unsigned char) moment;
	memcpy(uuid.data + 8, &random, sizeof(random));
	uuid.data[8] = (uuid.data[8] & 0x3f) | 0x80;
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&uuid)));
}

#define EXECUTION_COLUMNS \
	"e.id, e.state_machine_id, e.revision_id, e.starter, m.name, e.name, e.status, e.start_date, e.stop_date," \
	" e.redrive_date, e.redrive_count, e.last_event_id, e.input, e.output, e.error, e.cause, e.trace_header," \
	" e.version, e.alias, coalesce(e.map_run_id, 0)," \
	" (SELECT r.name FROM sfn.map_run r WHERE r.id = e.map_run_id)"
enum
{
	COLUMN_ID = 1,
	COLUMN_STATE_MACHINE_ID,
	COLUMN_REVISION_ID,
	COLUMN_STARTER,
	COLUMN_MACHINE_NAME,
	COLUMN_NAME,
	COLUMN_STATUS,
	COLUMN_START_DATE,
	COLUMN_STOP_DATE,
	COLUMN_REDRIVE_DATE,
	COLUMN_REDRIVE_COUNT,
	COLUMN_LAST_EVENT_ID,
	COLUMN_INPUT,
	COLUMN_OUTPUT,
	COLUMN_ERROR,
	COLUMN_CAUSE,
	COLUMN_TRACE_HEADER,
	COLUMN_VERSION,
	COLUMN_ALIAS,
	COLUMN_MAP_RUN_ID,
	COLUMN_MAP_RUN
};

static ExecutionRow *
execution_row(uint64 row)
{
	ExecutionRow *execution = palloc0(sizeof(ExecutionRow));

	execution->id = store_int64(row, COLUMN_ID);
	execution->state_machine_id = store_int64(row, COLUMN_STATE_MACHINE_ID);
	execution->revision_id = store_int64(row, COLUMN_REVISION_ID);
	execution->starter = store_oid(row, COLUMN_STARTER);
	execution->machine_name = store_text(row, COLUMN_MACHINE_NAME);
	execution->name = store_text(row, COLUMN_NAME);
	execution->status = store_int16(row, COLUMN_STATUS);
	execution->start_date = store_timestamp(row, COLUMN_START_DATE);
	execution->stop_date = store_timestamp(row, COLUMN_STOP_DATE);
	execution->redrive_date = store_timestamp(row, COLUMN_REDRIVE_DATE);
	execution->redrive_count = store_int32(row, COLUMN_REDRIVE_COUNT);
	execution->last_event_id = store_int64(row, COLUMN_LAST_EVENT_ID);
	execution->input = store_text(row, COLUMN_INPUT);
	execution->output = store_text(row, COLUMN_OUTPUT);
	execution->error = store_text(row, COLUMN_ERROR);
	execution->cause = store_text(row, COLUMN_CAUSE);
	execution->trace_header = store_text(row, COLUMN_TRACE_HEADER);
	execution->version = store_int32(row, COLUMN_VERSION);
	execution->alias = store_text(row, COLUMN_ALIAS);
	execution->map_run_id = store_int64(row, COLUMN_MAP_RUN_ID);
	execution->map_run = store_text(row, COLUMN_MAP_RUN);
	return execution;
}

static ExecutionRow *
execution_named(int64 state_machine_id, Datum name)
{
	static StoreQuery query = {"SELECT id FROM sfn.execution WHERE state_machine_id = $1 AND name = $2",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), name};

	return store_run(&query, args, NULL, 0) == 1 ? execution_by_id(store_int64(0, ONLY_COLUMN)) : NULL;
}

ExecutionRow *
execution_by_name(const char *machine_name, const char *name)
{
	static StoreQuery query = {"SELECT " EXECUTION_COLUMNS
							   " FROM sfn.state_machine m JOIN sfn.execution e ON e.state_machine_id = m.id"
							   " WHERE m.name = $1 AND e.name = $2 ORDER BY m.id DESC LIMIT 1",
							   2,
							   {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(machine_name), CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1 ? execution_row(0) : NULL;
}

ExecutionRow *
execution_by_id(int64 id)
{
	static StoreQuery query =
		{"SELECT " EXECUTION_COLUMNS
		 " FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id WHERE e.id = $1",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 0) == 1 ? execution_row(0) : NULL;
}

int64
execution_adopt_child(const char *machine_name, const char *name)
{
	static StoreQuery query = {"UPDATE sfn.execution SET has_parent = true WHERE id = (SELECT e.id"
							   " FROM sfn.state_machine m JOIN sfn.execution e ON e.state_machine_id = m.id"
							   " WHERE m.name = $1 AND e.name = $2 AND e.stop_date IS NULL ORDER BY m.id DESC LIMIT 1"
							   " FOR UPDATE OF e SKIP LOCKED) RETURNING id",
							   2,
							   {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(machine_name), CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

int64
execution_count_open(int64 state_machine_id)
{
	static StoreQuery query = {"SELECT count(*) FROM sfn.execution WHERE state_machine_id = $1 AND stop_date IS NULL",
							   1,
							   {INT8OID},
							   .scans = true};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

/* ---- the inbox ---- */

void
inbox_insert(int64 execution_id, int kind, TimestampTz due, const char *payload)
{
	static StoreQuery query = {"INSERT INTO sfn.inbox (execution_id, kind, due, payload) VALUES ($1, $2, $3, $4)",
							   4,
							   {INT8OID, INT2OID, TIMESTAMPTZOID, JSONOID}};
	Datum args[4] = {Int64GetDatum(execution_id), Int16GetDatum((int16) kind), TimestampTzGetDatum(due),
					 payload != NULL ? CStringGetTextDatum(payload) : (Datum) 0};
	char nulls[5] = "    ";

	nulls[3] = payload != NULL ? ' ' : 'n';
	(void) store_run(&query, args, nulls, 0);
	wakeup_at_commit();
}

/* The executions of a machine that have not ended, the children of its map runs included. */
#define OPEN_EXECUTIONS \
	"FROM sfn.execution e WHERE e.stop_date IS NULL AND e.state_machine_id IN (SELECT m.id FROM sfn.state_machine m" \
	" WHERE m.id = $1 OR m.map_of = $1)"

enum
{
	MAP_RUN_EXECUTION_ID = 1,
	MAP_RUN_ID
};

/* An execution that a map run holds up learns of it by news of that run, which carry nothing. */
static void
tell_map_runs(int64 state_machine_id, TimestampTz due)
{
	static StoreQuery query = {"SELECT r.execution_id, r.id FROM sfn.map_run r WHERE r.status = :EXECUTION_RUNNING"
							   " AND r.execution_id IN (SELECT e.id " OPEN_EXECUTIONS ")",
							   1,
							   {INT8OID},
							   .scans = true};
	Datum args[1] = {Int64GetDatum(state_machine_id)};
	int count = (int) store_run(&query, args, NULL, 0);
	int64 *executions = palloc(sizeof(int64) * (count + 1));
	MapRunNews *news = palloc0(sizeof(MapRunNews) * (count + 1));

	for (int i = 0; i < count; i++)
	{
		executions[i] = store_int64(i, MAP_RUN_EXECUTION_ID);
		news[i].map_run_id = store_int64(i, MAP_RUN_ID);
	}
	for (int i = 0; i < count; i++)
		inbox_insert(executions[i], EVENT_MAP_RUN, due, map_run_news_print(&news[i]));
}

void
inbox_insert_machine_deleted(int64 state_machine_id, TimestampTz due)
{
	static StoreQuery query = {"INSERT INTO sfn.inbox (execution_id, kind, due) SELECT e.id, $2, $3 " OPEN_EXECUTIONS,
							   3,
							   {INT8OID, INT2OID, TIMESTAMPTZOID},
							   .scans = true};
	Datum args[3] = {Int64GetDatum(state_machine_id), Int16GetDatum(EVENT_MACHINE_DELETED), TimestampTzGetDatum(due)};

	if (store_run(&query, args, NULL, 0) > 0)
		wakeup_at_commit();
	tell_map_runs(state_machine_id, due);
}
