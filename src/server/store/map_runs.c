/*
 * map_runs.c
 *	  Map runs in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "shared/wakeup.h"
#include "store/execution_names.h"
#include "store/executions.h"
#include "store/machines.h"
#include "store/map_runs.h"
#include "store/new_executions.h"
#include "store/store.h"

/* ---- rows ---- */

#define RUN_COLUMNS \
	"SELECT r.id, r.execution_id, r.branch, r.visit, r.attempt, r.name, r.label, r.state_machine_id, r.revision_id," \
	" r.status, r.start_date, r.stop_date, r.redrive_count, r.redrive_date, r.max_concurrency," \
	" coalesce(r.tolerated_failure_count, -1), coalesce(r.tolerated_failure_percentage, -1)::text, r.is_loaded," \
	" r.is_finishing, r.child_count, r.started, r.succeeded, r.failed, r.timed_out, r.aborted, r.pending_redrive," \
	" r.item_count, r.items_started, r.items_succeeded, r.items_failed, r.items_timed_out, r.items_aborted," \
	" r.items_pending_redrive, r.results_written, r.plan, r.error, r.cause FROM sfn.map_run r"
enum
{
	RUN_ID = 1,
	RUN_EXECUTION_ID,
	RUN_BRANCH,
	RUN_VISIT,
	RUN_ATTEMPT,
	RUN_NAME,
	RUN_LABEL,
	RUN_STATE_MACHINE_ID,
	RUN_REVISION_ID,
	RUN_STATUS,
	RUN_START_DATE,
	RUN_STOP_DATE,
	RUN_REDRIVE_COUNT,
	RUN_REDRIVE_DATE,
	RUN_MAX_CONCURRENCY,
	RUN_TOLERATED_COUNT,
	RUN_TOLERATED_PERCENTAGE,
	RUN_IS_LOADED,
	RUN_IS_FINISHING,
	RUN_CHILDREN, /* seven */
	RUN_ITEMS = RUN_CHILDREN + 7,
	RUN_RESULTS_WRITTEN = RUN_ITEMS + 7,
	RUN_PLAN,
	RUN_ERROR,
	RUN_CAUSE
};

/* The seven columns from first on. */
static void
read_counts(uint64 row, int first, MapCounts *counts)
{
	counts->total = store_int64(row, first);
	counts->started = store_int64(row, first + 1);
	counts->succeeded = store_int64(row, first + 2);
	counts->failed = store_int64(row, first + 3);
	counts->timed_out = store_int64(row, first + 4);
	counts->aborted = store_int64(row, first + 5);
	counts->pending_redrive = store_int64(row, first + 6);
}

static MapRunRow *
map_run_row(uint64 row)
{
	MapRunRow *run = palloc0(sizeof(MapRunRow));

	run->id = store_int64(row, RUN_ID);
	run->execution_id = store_int64(row, RUN_EXECUTION_ID);
	run->branch = store_int32(row, RUN_BRANCH);
	run->visit = store_int32(row, RUN_VISIT);
	run->attempt = store_int32(row, RUN_ATTEMPT);
	run->name = store_text(row, RUN_NAME);
	run->label = store_text(row, RUN_LABEL);
	run->state_machine_id = store_int64(row, RUN_STATE_MACHINE_ID);
	run->revision_id = store_int64(row, RUN_REVISION_ID);
	run->status = store_int16(row, RUN_STATUS);
	run->start_date = store_timestamp(row, RUN_START_DATE);
	run->stop_date = store_timestamp(row, RUN_STOP_DATE);
	run->redrive_count = store_int32(row, RUN_REDRIVE_COUNT);
	run->redrive_date = store_timestamp(row, RUN_REDRIVE_DATE);
	run->max_concurrency = store_int64(row, RUN_MAX_CONCURRENCY);
	run->tolerated_count = store_int64(row, RUN_TOLERATED_COUNT);
	run->tolerated_percentage = strtod(store_text(row, RUN_TOLERATED_PERCENTAGE), NULL);
	run->is_loaded = store_bool(row, RUN_IS_LOADED);
	run->is_finishing = store_bool(row, RUN_IS_FINISHING);
	read_counts(row, RUN_CHILDREN, &run->children);
	read_counts(row, RUN_ITEMS, &run->items);
	run->results_written = store_int64(row, RUN_RESULTS_WRITTEN);
	run->plan = store_text(row, RUN_PLAN);
	run->error = store_text(row, RUN_ERROR);
	run->cause = store_text(row, RUN_CAUSE);
	return run;
}

int64
map_run_insert(const MapRunRow *run)
{
	static StoreQuery query =
		{"INSERT INTO sfn.map_run (execution_id, branch, visit, attempt, name, label, state_machine_id, revision_id,"
		 " start_date, max_concurrency, tolerated_failure_count, tolerated_failure_percentage, plan)"
		 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, -1), nullif($12, -1), $13) RETURNING id",
		 13,
		 {INT8OID, INT4OID, INT4OID, INT4OID, TEXTOID, TEXTOID, INT8OID, INT8OID, TIMESTAMPTZOID, INT8OID, INT8OID,
		  FLOAT8OID, JSONOID}};
	Datum args[13] = {Int64GetDatum(run->execution_id),
					  Int32GetDatum(run->branch),
					  Int32GetDatum(run->visit),
					  Int32GetDatum(run->attempt),
					  CStringGetTextDatum(run->name),
					  CStringGetTextDatum(run->label),
					  Int64GetDatum(run->state_machine_id),
					  Int64GetDatum(run->revision_id),
					  TimestampTzGetDatum(run->start_date),
					  Int64GetDatum(run->max_concurrency),
					  Int64GetDatum(run->tolerated_count),
					  Float8GetDatum(run->tolerated_percentage),
					  CStringGetTextDatum(run->plan)};

	(void) store_run(&query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

MapRunRow *
map_run_by_id(int64 id)
{
	static StoreQuery query = {RUN_COLUMNS " WHERE r.id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 0) == 1 ? map_run_row(0) : NULL;
}

MapRunRow *
map_run_by_name(const char *name)
{
	static StoreQuery query = {RUN_COLUMNS " WHERE r.name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1 ? map_run_row(0) : NULL;
}

int
map_run_list(int64 execution_id, int64 before, int max, MapRunRow ***runs)
{
	static StoreQuery query = {RUN_COLUMNS " WHERE r.execution_id = $1 AND ($2 = 0 OR r.id < $2)"
										   " ORDER BY r.id DESC LIMIT $3",
							   3,
							   {INT8OID, INT8OID, INT4OID}};
	Datum args[3] = {Int64GetDatum(execution_id), Int64GetDatum(before), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*runs = palloc(sizeof(MapRunRow *) * (count + 1));
	for (int i = 0; i < count; i++)
		(*runs)[i] = map_run_row((uint64) i);
	return count;
}

/* The seven counts as an array. */
static Datum
counts_array(const MapCounts *counts)
{
	Datum numbers[] = {Int64GetDatum(counts->total),          Int64GetDatum(counts->started),
					   Int64GetDatum(counts->succeeded),      Int64GetDatum(counts->failed),
					   Int64GetDatum(counts->timed_out),      Int64GetDatum(counts->aborted),
					   Int64GetDatum(counts->pending_redrive)};

	return PointerGetDatum(
		construct_array(numbers, lengthof(numbers), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
map_run_update(const MapRunRow *run)
{
	static StoreQuery query =
		{"UPDATE sfn.map_run SET visit = $2, attempt = $3, status = $4, stop_date = $5, redrive_count = $6,"
		 " redrive_date = $7, max_concurrency = $8, tolerated_failure_count = nullif($9, -1),"
		 " tolerated_failure_percentage = nullif($10, -1), is_loaded = $11, is_finishing = $12,"
		 " child_count = $13[1], started = $13[2], succeeded = $13[3], failed = $13[4], timed_out = $13[5],"
		 " aborted = $13[6], pending_redrive = $13[7], item_count = $14[1], items_started = $14[2],"
		 " items_succeeded = $14[3], items_failed = $14[4], items_timed_out = $14[5], items_aborted = $14[6],"
		 " items_pending_redrive = $14[7], results_written = $15, error = $16, cause = $17 WHERE id = $1",
		 17,
		 {INT8OID, INT4OID, INT4OID, INT2OID, TIMESTAMPTZOID, INT4OID, TIMESTAMPTZOID, INT8OID, INT8OID, FLOAT8OID,
		  BOOLOID, BOOLOID, INT8ARRAYOID, INT8ARRAYOID, INT8OID, TEXTOID, TEXTOID}};
	char nulls[18] = "                 ";
	Datum args[17] = {Int64GetDatum(run->id),
					  Int32GetDatum(run->visit),
					  Int32GetDatum(run->attempt),
					  Int16GetDatum((int16) run->status),
					  store_moment_or_null(run->stop_date, &nulls[4]),
					  Int32GetDatum(run->redrive_count),
					  store_moment_or_null(run->redrive_date, &nulls[6]),
					  Int64GetDatum(run->max_concurrency),
					  Int64GetDatum(run->tolerated_count),
					  Float8GetDatum(run->tolerated_percentage),
					  BoolGetDatum(run->is_loaded),
					  BoolGetDatum(run->is_finishing),
					  counts_array(&run->children),
					  counts_array(&run->items),
					  Int64GetDatum(run->results_written),
					  store_text_or_null(run->error, &nulls[15]),
					  store_text_or_null(run->cause, &nulls[16])};

	(void) store_run(&query, args, nulls, 0);
}

/* ---- what the children run ---- */

enum
{
	FOUND_ID = 1,
	FOUND_IS_EXPRESS
};

/* The machine of that name below another; a left one of the other type makes room. */
static int64
find_machine(int64 root, const char *name, bool is_express)
{
	static StoreQuery query =
		{"SELECT id, type = 'EXPRESS' FROM sfn.state_machine WHERE map_of = $1 AND name = $2 AND status <> 'DELETED'",
		 2,
		 {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(root), CStringGetTextDatum(name)};
	int64 id;

	if (store_run(&query, args, NULL, 0) == 0)
		return 0;
	id = store_int64(0, FOUND_ID);
	if (store_bool(0, FOUND_IS_EXPRESS) == is_express)
		return id;
	machine_set_status(id, "DELETED");
	return 0;
}

/* A deleted state machine of the same name may have left its own. */
static void
make_room(int64 root, const char *name)
{
	static StoreQuery query = {"UPDATE sfn.state_machine SET status = 'DELETED'"
							   " WHERE name = $2 AND map_of <> $1 AND status <> 'DELETED'",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(root), CStringGetTextDatum(name)};

	(void) store_run(&query, args, NULL, 0);
}

static int64
insert_machine(int64 root, const char *name, bool is_express)
{
	static StoreQuery query =
		{"INSERT INTO sfn.state_machine (name, type, role, creator, revision_id, creation_date, map_of)"
		 " SELECT $2, $3, m.role, m.creator, 0, clock_timestamp(), m.id FROM sfn.state_machine m WHERE m.id = $1"
		 " ON CONFLICT (name) WHERE status <> 'DELETED' DO NOTHING RETURNING id",
		 3,
		 {INT8OID, TEXTOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(root), CStringGetTextDatum(name),
					 CStringGetTextDatum(is_express ? "EXPRESS" : "STANDARD")};

	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

/* A revision with that definition and the settings of the parent's. */
static int64
find_revision(int64 state_machine_id, int64 parent_revision, const char *definition)
{
	static StoreQuery query = {
		"SELECT r.id FROM sfn.state_machine_revision r JOIN sfn.state_machine_revision p ON p.id = $2"
		" WHERE r.state_machine_id = $1 AND r.definition = $3 AND r.role = p.role AND r.role_arn = p.role_arn" MACHINE_SETTING_ROWS(
			SETTING_IS_THAT_OF_P) " ORDER BY r.id DESC LIMIT 1",
		3,
		{INT8OID, INT8OID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(state_machine_id), Int64GetDatum(parent_revision), CStringGetTextDatum(definition)};

	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

/* The machine's row shows the latest, unless somebody holds it: children have theirs from the map run. */
static int64
insert_revision(int64 state_machine_id, int64 parent_revision, const char *definition)
{
	static StoreQuery query = {
		"WITH made AS (INSERT INTO sfn.state_machine_revision"
		" (state_machine_id, definition, role, role_arn, creation_date" MACHINE_SETTING_ROWS(
			SETTING_COLUMN) ")"
							" SELECT $1, $3, p.role, p.role_arn, clock_timestamp()" MACHINE_SETTING_ROWS(
								SETTING_COLUMN_OF_P) " FROM sfn.state_machine_revision p WHERE p.id = $2 RETURNING id), latest AS ("
													 " UPDATE sfn.state_machine m SET revision_id = made.id FROM made WHERE m.id ="
													 " (SELECT id FROM sfn.state_machine WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED))"
													 " SELECT id FROM made",
		3,
		{INT8OID, INT8OID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(state_machine_id), Int64GetDatum(parent_revision), CStringGetTextDatum(definition)};

	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

void
map_run_machine(int64 state_machine_id, int64 revision_id, const char *label, const char *definition, bool is_express,
				MapRunRow *run)
{
	MachineRow *parent = machine_by_id(state_machine_id);
	int64 root;
	const char *name;

	if (parent == NULL)
		elog(ERROR, "state machine " INT64_FORMAT " is gone", state_machine_id);
	root = parent->map_of != 0 ? parent->map_of : parent->id;
	name = psprintf("%.*s/%s", (int) strcspn(parent->name, "/"), parent->name, label);

	run->state_machine_id = find_machine(root, name, is_express);
	if (run->state_machine_id == 0)
	{
		make_room(root, name);
		run->state_machine_id = insert_machine(root, name, is_express);
	}
	if (run->state_machine_id == 0) /* somebody was quicker */
		run->state_machine_id = find_machine(root, name, is_express);
	if (run->state_machine_id == 0)
		elog(ERROR, "state machine \"%s\" is neither there nor can be made", name);
	run->revision_id = find_revision(run->state_machine_id, revision_id, definition);
	if (run->revision_id == 0)
		run->revision_id = insert_revision(run->state_machine_id, revision_id, definition);
}

/* ---- inputs ---- */

void
map_run_add_inputs(int64 map_run_id, int64 first_index, const char *inputs, int length, const int32 *items, int count)
{
	static StoreQuery query =
		{"INSERT INTO sfn.map_run_input (map_run_id, first_index, inputs, items) VALUES ($1, $2, $3, $4)",
		 4,
		 {INT8OID, INT8OID, JSONOID, INT4ARRAYOID}};
	Datum args[4] = {Int64GetDatum(map_run_id), Int64GetDatum(first_index),
					 PointerGetDatum(cstring_to_text_with_len(inputs, length))};
	char nulls[5] = "   n";

	if (items != NULL)
	{
		Datum numbers[MAP_INPUTS_PER_ROW];

		for (int i = 0; i < count; i++)
			numbers[i] = Int32GetDatum(items[i]);
		args[3] = PointerGetDatum(construct_array(numbers, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
		nulls[3] = ' ';
	}
	(void) store_run(&query, args, nulls, 0);
}

void
map_run_delete_inputs(int64 map_run_id)
{
	static StoreQuery query = {"DELETE FROM sfn.map_run_input WHERE map_run_id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(map_run_id)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- children ---- */

/* Those from index $2 to $3, with their number of items. */
#define INPUTS_OF \
	"SELECT i.first_index + o.n - 1 AS index, o.value AS input, coalesce(i.items[o.n], 1) AS items" \
	" FROM sfn.map_run_input i, LATERAL json_array_elements(i.inputs) WITH ORDINALITY o (value, n)" \
	" WHERE i.map_run_id = $1 AND i.first_index > $2 - " CppAsString2( \
		MAP_INPUTS_PER_ROW) " AND i.first_index <= $3 AND i.first_index + o.n - 1 BETWEEN $2 AND $3"
enum
{
	INPUT_INDEX = 1,
	INPUT_VALUE,
	INPUT_ITEMS
};

enum
{
	STARTED_COUNT = 1,
	STARTED_ITEMS,
	STARTED_BYTES
};

#define LINEAGE_OF_PARENT \
	" (SELECT substring(parent.trace_header FROM '" TRACE_LINEAGE "[0-9:]+$') FROM sfn.map_run run" \
	" JOIN sfn.execution parent ON parent.id = run.execution_id WHERE run.id = $1)"

int
map_run_start_children(MapRunRow *run, int count, Oid starter, bool is_express, TimestampTz now, int64 *input_bytes)
{
	static StoreQuery query =
		{"WITH item AS MATERIALIZED (" INPUTS_OF " ORDER BY 1),"
		 " started AS (INSERT INTO sfn.execution (id, state_machine_id, revision_id, starter, name, input, start_date,"
		 " map_run_id, map_index, map_items, express_id, trace_header) OVERRIDING SYSTEM VALUE"
		 " SELECT ($9::int8[])[item.index - $2 + 1], $4, $5, $6, ($7::text[])[item.index - $2 + 1], item.input, $8, $1,"
		 " item.index, item.items, CASE WHEN $10 THEN gen_random_uuid() END," LINEAGE_OF_PARENT " FROM item"
		 " RETURNING id, map_items, pg_catalog.octet_length(input::pg_catalog.text) AS bytes),"
		 " queued AS (INSERT INTO sfn.inbox (execution_id, due, kind) SELECT id, $8, :EVENT_START FROM started)"
		 " SELECT count(*), coalesce(sum(map_items), 0)::int8, coalesce(sum(bytes), 0)::int8 FROM started",
		 10,
		 {INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, OIDOID, TEXTARRAYOID, TIMESTAMPTZOID, INT8ARRAYOID, BOOLOID}};
	Datum *names = palloc(sizeof(Datum) * count);
	int64 *ids = palloc(sizeof(int64) * count);
	Datum args[10] = {Int64GetDatum(run->id),
					  Int64GetDatum(run->children.started),
					  Int64GetDatum(run->children.started + count - 1),
					  Int64GetDatum(run->state_machine_id),
					  Int64GetDatum(run->revision_id),
					  ObjectIdGetDatum(starter),
					  (Datum) 0,
					  TimestampTzGetDatum(now)};
	int started;

	for (int i = 0; i < count; i++)
	{
		NewName name;

		new_name_make(&name, NULL, false);
		ids[i] = name.id;
		names[i] = CStringGetTextDatum(name.name);
	}
	args[6] = PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT));
	args[8] = store_int64_array(ids, count);
	args[9] = BoolGetDatum(is_express);
	(void) store_run(&query, args, NULL, 0);
	started = (int) store_int64(0, STARTED_COUNT);
	run->children.started += started;
	run->items.started += store_int64(0, STARTED_ITEMS);
	*input_bytes = store_int64(0, STARTED_BYTES);
	if (started > 0)
		wakeup_at_commit();
	return started;
}

/* One inbox row for each child that the condition names; returns how many. */
#define TELL_CHILDREN(kind, condition) \
	"INSERT INTO sfn.inbox (execution_id, due, kind) SELECT e.id, $2, " kind " FROM sfn.execution e" \
	" WHERE e.map_run_id = $1 AND " condition " RETURNING execution_id"

void
map_run_stop_children(int64 map_run_id, TimestampTz now)
{
	static StoreQuery query = {TELL_CHILDREN(":EVENT_STOP",
											 "(e.stop_date IS NULL OR EXISTS (SELECT FROM sfn.inbox i"
											 " WHERE i.execution_id = e.id AND i.kind = :EVENT_REDRIVE))"),
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(map_run_id), TimestampTzGetDatum(now)};
	uint64 count = store_run(&query, args, NULL, 0);

	for (uint64 i = 0; i < count; i++)
		cancel_task_at_commit(store_int64(i, ONLY_COLUMN));
	if (count > 0)
		wakeup_at_commit();
}

bool
map_run_goes_on(int64 id)
{
	static StoreQuery query =
		{"SELECT FROM sfn.map_run r WHERE r.id = $1 AND r.status = :EXECUTION_RUNNING AND r.error IS NULL",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 1) == 1;
}

bool
map_runs_have_open_children(int64 execution_id)
{
	static StoreQuery query = {"SELECT FROM sfn.map_run r WHERE r.execution_id = $1"
							   " AND r.started > r.succeeded + r.failed + r.timed_out + r.aborted LIMIT 1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return store_run(&query, args, NULL, 1) == 1;
}

int64
map_run_redrive_children(int64 map_run_id, TimestampTz now)
{
	static StoreQuery query = {TELL_CHILDREN(":EVENT_REDRIVE", "e.status <> :EXECUTION_SUCCEEDED"),
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(map_run_id), TimestampTzGetDatum(now)};
	int64 count = (int64) store_run(&query, args, NULL, 0);

	if (count > 0)
		wakeup_at_commit();
	return count;
}

/* ---- results ---- */

enum
{
	RESULT_INDEX = 1,
	RESULT_STATUS,
	RESULT_NAME,
	RESULT_INPUT,
	RESULT_OUTPUT,
	RESULT_ERROR,
	RESULT_CAUSE,
	RESULT_START_DATE,
	RESULT_STOP_DATE,
	RESULT_REDRIVE_COUNT
};

int
map_run_results(int64 map_run_id, int64 from_index, int max, MapResult **results)
{
	static StoreQuery query = {"SELECT e.map_index, e.status, " STORED_NAME
							   ", e.input, e.output, e.error, e.cause, e.start_date, e.stop_date,"
							   " e.redrive_count FROM sfn.execution e WHERE e.map_run_id = $1 AND e.map_index >= $2"
							   " ORDER BY e.map_index LIMIT $3",
							   3,
							   {INT8OID, INT8OID, INT4OID}};
	Datum args[3] = {Int64GetDatum(map_run_id), Int64GetDatum(from_index), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*results = palloc0(sizeof(MapResult) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		MapResult *result = &(*results)[i];

		result->index = store_int64(i, RESULT_INDEX);
		result->status = store_int16(i, RESULT_STATUS);
		result->name = store_text(i, RESULT_NAME);
		result->input = store_text(i, RESULT_INPUT);
		result->output = store_text(i, RESULT_OUTPUT);
		result->error = store_text(i, RESULT_ERROR);
		result->cause = store_text(i, RESULT_CAUSE);
		result->start_date = store_timestamp(i, RESULT_START_DATE);
		result->stop_date = store_timestamp(i, RESULT_STOP_DATE);
		result->redrive_count = store_int32(i, RESULT_REDRIVE_COUNT);
	}
	return count;
}

int
map_run_pending(const MapRunRow *run, int64 from_index, int max, MapResult **results)
{
	static StoreQuery query = {INPUTS_OF " ORDER BY 1", 3, {INT8OID, INT8OID, INT8OID}};
	int64 from = Max(from_index, run->children.started);
	Datum args[3] = {Int64GetDatum(run->id), Int64GetDatum(from), Int64GetDatum(from + max - 1)};
	int count = (int) store_run(&query, args, NULL, 0);

	*results = palloc0(sizeof(MapResult) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*results)[i].index = store_int64(i, INPUT_INDEX);
		(*results)[i].input = store_text(i, INPUT_VALUE);
	}
	return count;
}
