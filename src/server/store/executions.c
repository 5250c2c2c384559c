/*
 * executions.c
 *	  Executions in the tables: starting and describing them, from any session.
 *
 * Users only insert: an execution row of their own and inbox rows.  They never
 * lock an execution, so an idle client transaction stalls nobody.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "engine/event_payload.h"
#include "engine/execution.h"
#include "shared/wakeup.h"
#include "store/execution_names.h"
#include "store/executions.h"
#include "store/new_executions.h"
#include "store/store.h"

static ExecutionRow *execution_row(uint64 row);

int64
execution_insert(const MachineRow *machine, Oid starter, const char *name, const char *input, int input_length,
				 const char *trace_header, TimestampTz start_date, char **name_out, ExecutionRow **existing)
{
	NewExecutions shared = {.machine = machine,
							.starter = starter,
							.start_date = start_date,
							.trace_header = trace_header};
	NewExecution execution = {.input = PointerGetDatum(cstring_to_text_with_len(input, input_length))};
	bool is_taken = false;

	new_name_make(&execution.name, name, machine->is_express);
	*name_out = new_name_stored(&execution.name);
	if (name != NULL && !machine->is_express)
		new_executions_store_chosen(&shared, 1, &execution, &is_taken);
	else
		new_executions_store(&shared, 1, &execution);
	*existing = is_taken ? execution_named(machine->id, name) : NULL;
	return is_taken ? 0 : execution.name.id;
}

#define EXECUTION_COLUMNS \
	"e.id, e.state_machine_id, e.revision_id, e.starter, m.name, " STORED_NAME ", " SHOWN_STATUS \
	", e.start_date, e.stop_date," \
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
	execution->stop_date = execution->status != EXECUTION_RUNNING ? store_timestamp(row, COLUMN_STOP_DATE) : 0;
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

ExecutionRow *
execution_named(int64 state_machine_id, const char *name)
{
	static StoreQuery query = {"SELECT id FROM sfn.execution WHERE state_machine_id = $1 AND name = $2"
							   " AND express_id IS NULL AND is_named",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1 ? execution_by_id(store_int64(0, ONLY_COLUMN)) : NULL;
}

ExecutionRow *
execution_by_name(const char *machine_name, const char *name)
{
	int64 id = execution_id_by_name(machine_name, name);

	return id != 0 ? execution_by_id(id) : NULL;
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

bool
execution_adopt_child(int64 id)
{
	static StoreQuery query = {"UPDATE sfn.execution SET has_parent = true WHERE id = (SELECT e.id"
							   " FROM sfn.execution e WHERE e.id = $1 AND e.stop_date IS NULL"
							   " FOR UPDATE OF e SKIP LOCKED)",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 0) == 1;
}

enum
{
	RUN_NUMBER = 1,
	RUN_IS_OF_MAP
};

bool
execution_is_to_be_stopped(int64 id, int32 *run)
{
	static StoreQuery query =
		{"SELECT CASE WHEN e.status = :EXECUTION_RUNNING THEN e.redrive_count + 1 ELSE e.redrive_count + 2 END,"
		 " e.map_run_id IS NOT NULL FROM sfn.execution e WHERE e.id = $1"
		 " AND " SHOWN_STATUS " IN (:EXECUTION_RUNNING, :EXECUTION_PENDING_REDRIVE)",
		 1,
		 {INT8OID},
		 .sees_latest = true};
	Datum args[1] = {Int64GetDatum(id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	*run = store_bool(0, RUN_IS_OF_MAP) ? STOP_ANY_RUN : store_int32(0, RUN_NUMBER);
	return true;
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

static void
insert_row(int64 execution_id, int kind, int32 visit, TimestampTz due, const char *payload)
{
	static StoreQuery query =
		{"INSERT INTO sfn.inbox (execution_id, kind, due, visit, payload) VALUES ($1, $2, $3, $4, $5)",
		 5,
		 {INT8OID, INT2OID, TIMESTAMPTZOID, INT4OID, JSONOID}};
	Datum args[5] = {Int64GetDatum(execution_id), Int16GetDatum((int16) kind), TimestampTzGetDatum(due),
					 Int32GetDatum(visit), payload != NULL ? CStringGetTextDatum(payload) : (Datum) 0};
	char nulls[6] = "     ";

	nulls[4] = payload != NULL ? ' ' : 'n';
	(void) store_run(&query, args, nulls, 0);
	wakeup_at_commit();
}

void
inbox_insert(int64 execution_id, int kind, TimestampTz due, const char *payload)
{
	insert_row(execution_id, kind, 0, due, payload);
}

void
inbox_insert_stop(int64 execution_id, int32 run, TimestampTz due, const char *payload)
{
	insert_row(execution_id, EVENT_STOP, run, due, payload);
}

/* The payload is what the index knows it by that allows only one (that of a map run to a child has none). */
void
inbox_insert_redrive(int64 execution_id, TimestampTz due)
{
	insert_row(execution_id, EVENT_REDRIVE, 0, due, "{}");
}

/* The executions of a machine that have not ended, or will go on, the children of its map runs included. */
#define OPEN_EXECUTIONS \
	"FROM sfn.execution e WHERE (e.stop_date IS NULL OR e.id IN (SELECT i.execution_id FROM sfn.inbox i" \
	" WHERE i.kind = :EVENT_REDRIVE AND i.payload IS NOT NULL)) AND e.state_machine_id IN (SELECT m.id FROM sfn.state_machine m" \
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
