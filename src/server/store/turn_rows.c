/*
 * turn_rows.c
 *	  Everything a turn writes: one statement for each kind of row.
 *
 * Each kind is a set of columns that grow in memory; at the end a column is one
 * array parameter, and the statement reads the arrays with unnest().
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "engine/event_payload.h"
#include "engine/execution.h"
#include "settings/clock.h"
#include "shared/activity_waiters.h"
#include "shared/wakeup.h"
#include "store/store.h"
#include "store/turn_rows.h"

#define MAX_COLUMNS 16

/* What an array of each type needs to know; the letter stands for it in column lists. */
typedef struct ColumnType
{
	char letter;
	Oid type;
	Oid array_type;
	int16 length;
	bool by_value;
	char align;
} ColumnType;

static const ColumnType column_types[] = {
	{'8', INT8OID, INT8ARRAYOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE},
	{'4', INT4OID, INT4ARRAYOID, 4, true, TYPALIGN_INT},
	{'2', INT2OID, INT2ARRAYOID, 2, true, TYPALIGN_SHORT},
	{'b', BOOLOID, BOOLARRAYOID, 1, true, TYPALIGN_CHAR},
	{'z', TIMESTAMPTZOID, TIMESTAMPTZARRAYOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE},
	{'j', JSONOID, JSONARRAYOID, -1, false, TYPALIGN_INT},
	{'t', TEXTOID, TEXTARRAYOID, -1, false, TYPALIGN_INT},
	{'o', OIDOID, OIDARRAYOID, 4, true, TYPALIGN_INT},
	{'c', TIDOID, TIDARRAYOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT},
};

typedef struct RowSet
{
	const char *columns; /* one letter each */
	int count;
	int capacity;
	Datum *values[MAX_COLUMNS];
	bool *nulls[MAX_COLUMNS];
} RowSet;

/* What the execution above a map run will be told; one for each map run. */
typedef struct MapNews
{
	struct MapNews *next;
	int64 map_run_id;
	MapRunChange changes[2][EXECUTION_ABORTED + 1]; /* those that have ended, and those that go on, by status */
} MapNews;

struct TurnRows
{
	MemoryContext context;
	Size bytes;
	RowSet history;
	RowSet logs;
	RowSet executions;
	RowSet redrives;
	RowSet statuses;
	RowSet status_deletes;
	RowSet branches;
	RowSet branch_deletes;
	RowSet children_deletes;
	RowSet branch_clear_all;
	RowSet inbox;
	RowSet inbox_done;
	RowSet inbox_clear;
	RowSet inbox_clear_all;
	RowSet heartbeat_clear;
	RowSet tasks;
	RowSet task_clear;
	RowSet task_clear_all;
	RowSet tasks_answered;
	RowSet idle_machines;
	MapNews *map_news;
	RowSet map_rows;
	int64 *ended_map_runs;
	int ended_map_run_count;
};

TurnRows *
turn_rows_begin(void)
{
	TurnRows *rows = palloc0(sizeof(TurnRows));

	rows->context = CurrentMemoryContext;
	rows->history.columns = "888j";
	rows->logs.columns = "8t48zjb";
	rows->executions.columns = "82z84bjjbjbjttb8";
	rows->redrives.columns = "84zz";
	rows->statuses.columns = "88z82";
	rows->status_deletes.columns = "88z82";
	rows->branches.columns = "8444bjjjj";
	rows->branch_deletes.columns = "84";
	rows->children_deletes.columns = "84";
	rows->branch_clear_all.columns = "8";
	rows->inbox.columns = "8z44422j";
	rows->inbox_done.columns = "c";
	rows->inbox_clear.columns = "84";
	rows->inbox_clear_all.columns = "8";
	rows->heartbeat_clear.columns = "84";
	rows->tasks.columns = "84442288o88zttjt";
	rows->task_clear.columns = "8444z";
	rows->task_clear_all.columns = "8z";
	rows->tasks_answered.columns = "8";
	rows->idle_machines.columns = "8";
	rows->map_rows.columns = "8jz";
	return rows;
}

Size
turn_rows_bytes(const TurnRows *rows)
{
	return rows->bytes;
}

/* ---- collecting ---- */

/* Makes room for one more row and returns its number. */
static int
row_set_add(TurnRows *rows, RowSet *set)
{
	if (set->count == set->capacity)
	{
		int columns = (int) strlen(set->columns);
		int capacity = set->capacity == 0 ? 64 : set->capacity * 2;
		MemoryContext old = MemoryContextSwitchTo(rows->context);

		for (int i = 0; i < columns; i++)
		{
			set->values[i] = set->capacity == 0 ? palloc(sizeof(Datum) * capacity)
												: repalloc(set->values[i], sizeof(Datum) * capacity);
			set->nulls[i] =
				set->capacity == 0 ? palloc(sizeof(bool) * capacity) : repalloc(set->nulls[i], sizeof(bool) * capacity);
		}
		MemoryContextSwitchTo(old);
		set->capacity = capacity;
	}
	return set->count++;
}

static void
set_value(RowSet *set, int row, int column, Datum value)
{
	set->values[column][row] = value;
	set->nulls[column][row] = false;
}

static void
set_timestamp(RowSet *set, int row, int column, TimestampTz value)
{
	set->values[column][row] = TimestampTzGetDatum(value);
	set->nulls[column][row] = value == 0;
}

/* Copies a text of the caller (NULL stays NULL). */
static void
set_text_n(TurnRows *rows, RowSet *set, int row, int column, const char *text, int length)
{
	MemoryContext old;

	set->nulls[column][row] = text == NULL;
	set->values[column][row] = (Datum) 0;
	if (text == NULL)
		return;
	old = MemoryContextSwitchTo(rows->context);
	set->values[column][row] = PointerGetDatum(cstring_to_text_with_len(text, length));
	MemoryContextSwitchTo(old);
	rows->bytes += length;
}

static void
set_text(TurnRows *rows, RowSet *set, int row, int column, const char *text)
{
	set_text_n(rows, set, row, column, text, text != NULL ? (int) strlen(text) : 0);
}

void
turn_rows_history(TurnRows *rows, int64 execution_id, int64 first_id, int64 last_id, const char *events, int length)
{
	RowSet *set = &rows->history;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(execution_id));
	set_value(set, row, 1, Int64GetDatum(first_id));
	set_value(set, row, 2, Int64GetDatum(last_id));
	set_text_n(rows, set, row, 3, events, length);
}

void
turn_rows_log(TurnRows *rows, const LogRow *log, const char *events, int length)
{
	RowSet *set = &rows->logs;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(log->state_machine_id));
	set_text(rows, set, row, 1, log->execution_name);
	set_value(set, row, 2, Int32GetDatum(log->redrive_count));
	set_value(set, row, 3, Int64GetDatum(log->first_event_id));
	set_timestamp(set, row, 4, log->log_date);
	set_text_n(rows, set, row, 5, events, length);
	set_value(set, row, 6, BoolGetDatum(log->is_sent));
	if (log->is_sent)
		pump_wakeup_at_commit();
}

void
turn_rows_execution(TurnRows *rows, const ExecutionUpdate *update)
{
	RowSet *set = &rows->executions;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(update->id));
	set_value(set, row, 1, Int16GetDatum((int16) update->status));
	set_timestamp(set, row, 2, update->stop_date);
	set_value(set, row, 3, Int64GetDatum(update->last_event_id));
	set_value(set, row, 4, Int32GetDatum(update->last_branch_id));
	set_value(set, row, 5, BoolGetDatum(update->has_branches));
	set_text(rows, set, row, 6, update->image);
	set_text(rows, set, row, 7, update->state_input);
	set_value(set, row, 8, BoolGetDatum(update->keeps_state_input));
	set_text(rows, set, row, 9, update->variables);
	set_value(set, row, 10, BoolGetDatum(update->keeps_variables));
	set_text(rows, set, row, 11, update->output);
	set_text(rows, set, row, 12, update->error);
	set_text(rows, set, row, 13, update->cause);
	set_value(set, row, 14, BoolGetDatum(update->is_deleted));
	set_value(set, row, 15, Int64GetDatum(update->history_bytes));
}

void
turn_rows_redrive(TurnRows *rows, int64 execution_id, int32 redrive_count, TimestampTz redrive_date,
				  TimestampTz start_date)
{
	RowSet *set = &rows->redrives;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(execution_id));
	set_value(set, row, 1, Int32GetDatum(redrive_count));
	set_timestamp(set, row, 2, redrive_date);
	set_timestamp(set, row, 3, start_date);
}

static void
add_status(TurnRows *rows, RowSet *set, const StatusRow *status)
{
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(status->state_machine_id));
	set_value(set, row, 1, Int64GetDatum(status->map_run_id));
	set_timestamp(set, row, 2, status->start_date);
	set_value(set, row, 3, Int64GetDatum(status->execution_id));
	set_value(set, row, 4, Int16GetDatum((int16) status->status));
}

void
turn_rows_status(TurnRows *rows, const StatusRow *status)
{
	add_status(rows, &rows->statuses, status);
}

void
turn_rows_status_delete(TurnRows *rows, const StatusRow *status)
{
	add_status(rows, &rows->status_deletes, status);
}

void
turn_rows_branch(TurnRows *rows, const BranchUpdate *update)
{
	RowSet *set = &rows->branches;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(update->execution_id));
	set_value(set, row, 1, Int32GetDatum(update->id));
	set_value(set, row, 2, Int32GetDatum(update->parent_id));
	set_value(set, row, 3, Int32GetDatum(update->index));
	set_value(set, row, 4, BoolGetDatum(update->is_finished));
	set_text(rows, set, row, 5, update->image);
	set_text(rows, set, row, 6, update->state_input);
	set_text(rows, set, row, 7, update->variables);
	set_text(rows, set, row, 8, update->output);
}

static void
add_execution_and_branch(TurnRows *rows, RowSet *set, int64 execution_id, int32 branch)
{
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(execution_id));
	set_value(set, row, 1, Int32GetDatum(branch));
}

void
turn_rows_branch_delete(TurnRows *rows, int64 execution_id, int32 id)
{
	add_execution_and_branch(rows, &rows->branch_deletes, execution_id, id);
}

void
turn_rows_children_delete(TurnRows *rows, int64 execution_id, int32 parent_id)
{
	add_execution_and_branch(rows, &rows->children_deletes, execution_id, parent_id);
}

void
turn_rows_inbox(TurnRows *rows, const InboxInsert *insert)
{
	RowSet *set = &rows->inbox;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(insert->execution_id));
	set_value(set, row, 1, TimestampTzGetDatum(insert->due));
	set_value(set, row, 2, Int32GetDatum(insert->branch));
	set_value(set, row, 3, Int32GetDatum(insert->visit));
	set_value(set, row, 4, Int32GetDatum(insert->attempt));
	set_value(set, row, 5, Int16GetDatum((int16) insert->kind));
	set_value(set, row, 6, Int16GetDatum((int16) insert->timer));
	set_text(rows, set, row, 7, insert->payload);
}

void
turn_rows_inbox_done(TurnRows *rows, ItemPointer tid)
{
	RowSet *set = &rows->inbox_done;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, PointerGetDatum(tid));
}

void
turn_rows_inbox_clear(TurnRows *rows, int64 execution_id, int32 branch)
{
	add_execution_and_branch(rows, &rows->inbox_clear, execution_id, branch);
}

static void
add_id(TurnRows *rows, RowSet *set, int64 id)
{
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(id));
}

void
turn_rows_branches_clear_all(TurnRows *rows, int64 execution_id)
{
	add_id(rows, &rows->branch_clear_all, execution_id);
}

void
turn_rows_inbox_clear_all(TurnRows *rows, int64 execution_id)
{
	add_id(rows, &rows->inbox_clear_all, execution_id);
}

void
turn_rows_heartbeat_clear(TurnRows *rows, int64 execution_id, int32 branch)
{
	add_execution_and_branch(rows, &rows->heartbeat_clear, execution_id, branch);
}

/* An id where 0 stands for none. */
static void
set_optional_id(RowSet *set, int row, int column, int64 id)
{
	set->values[column][row] = Int64GetDatum(id);
	set->nulls[column][row] = id == 0;
}

void
turn_rows_task(TurnRows *rows, const TaskInsert *insert)
{
	RowSet *set = &rows->tasks;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(insert->execution_id));
	set_value(set, row, 1, Int32GetDatum(insert->branch));
	set_value(set, row, 2, Int32GetDatum(insert->visit));
	set_value(set, row, 3, Int32GetDatum(insert->attempt));
	set_value(set, row, 4, Int16GetDatum((int16) insert->kind));
	set_value(set, row, 5, Int16GetDatum((int16) insert->state));
	set_optional_id(set, row, 6, insert->activity_id);
	set_optional_id(set, row, 7, insert->child_execution_id);
	set_value(set, row, 8, ObjectIdGetDatum(insert->role));
	set_value(set, row, 9, Int64GetDatum(insert->timeout_seconds));
	set_value(set, row, 10, Int64GetDatum(insert->heartbeat_seconds));
	set_timestamp(set, row, 11, insert->created);
	set_text(rows, set, row, 12, insert->token);
	set_text(rows, set, row, 13, insert->resource);
	set_text(rows, set, row, 14, insert->parameters);
	set_text(rows, set, row, 15, insert->host);
	if (insert->kind == TASK_ACTIVITY)
		activity_wake_at_commit(insert->activity_id);
}

void
turn_rows_task_clear(TurnRows *rows, int64 execution_id, int32 branch, int32 visit, int32 attempt, TimestampTz now)
{
	RowSet *set = &rows->task_clear;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(execution_id));
	set_value(set, row, 1, Int32GetDatum(branch));
	set_value(set, row, 2, Int32GetDatum(visit));
	set_value(set, row, 3, Int32GetDatum(attempt));
	set_value(set, row, 4, TimestampTzGetDatum(now));
}

void
turn_rows_task_clear_all(TurnRows *rows, int64 execution_id, TimestampTz now)
{
	RowSet *set = &rows->task_clear_all;
	int row = row_set_add(rows, set);

	set_value(set, row, 0, Int64GetDatum(execution_id));
	set_value(set, row, 1, TimestampTzGetDatum(now));
}

void
turn_rows_task_answered(TurnRows *rows, int64 task_id)
{
	add_id(rows, &rows->tasks_answered, task_id);
}

void
turn_rows_machine_idle(TurnRows *rows, int64 state_machine_id)
{
	add_id(rows, &rows->idle_machines, state_machine_id);
}

void
turn_rows_map_news(TurnRows *rows, int64 map_run_id, int status, int children, int64 items)
{
	int direction = children > 0 ? 0 : 1;
	MapNews *news = rows->map_news;

	while (news != NULL && news->map_run_id != map_run_id)
		news = news->next;
	if (news == NULL)
	{
		news = MemoryContextAllocZero(rows->context, sizeof(MapNews));
		news->map_run_id = map_run_id;
		news->next = rows->map_news;
		rows->map_news = news;
	}
	news->changes[direction][status].children += children;
	news->changes[direction][status].items += items;
}

/* Those that go on come first. */
static char *
print_map_news(const MapNews *news)
{
	MapRunChange changes[lengthof(news->changes) * lengthof(news->changes[0])];
	MapRunNews told = {.map_run_id = news->map_run_id, .changes = changes};

	for (int direction = 1; direction >= 0; direction--)
	{
		for (int status = 0; status < (int) lengthof(news->changes[direction]); status++)
		{
			const MapRunChange *change = &news->changes[direction][status];

			if (change->children == 0)
				continue;
			changes[told.change_count] = *change;
			changes[told.change_count++].status = status;
		}
	}
	return map_run_news_print(&told);
}

static void
gather_map_news(TurnRows *rows)
{
	for (const MapNews *news = rows->map_news; news != NULL; news = news->next)
	{
		int row = row_set_add(rows, &rows->map_rows);

		set_value(&rows->map_rows, row, 0, Int64GetDatum(news->map_run_id));
		set_text(rows, &rows->map_rows, row, 1, print_map_news(news));
		set_timestamp(&rows->map_rows, row, 2, sfn_now());
	}
}

/* ---- writing ---- */

static const ColumnType *
column_type(char letter)
{
	for (int i = 0; i < (int) lengthof(column_types); i++)
		if (column_types[i].letter == letter)
			return &column_types[i];
	elog(ERROR, "no column type '%c'", letter);
}

/* Runs the statement with the set's columns as array parameters; an empty set costs nothing. */
static void
row_set_write(RowSet *set, const char *sql, StoreQuery *query)
{
	int columns = (int) strlen(set->columns);
	Datum args[MAX_COLUMNS];

	if (set->count == 0)
		return;
	for (int i = 0; i < columns; i++)
	{
		const ColumnType *type = column_type(set->columns[i]);
		int dims[1] = {set->count};
		int lower_bounds[1] = {1};

		query->arg_types[i] = type->array_type;
		args[i] = PointerGetDatum(construct_md_array(set->values[i], set->nulls[i], 1, dims, lower_bounds, type->type,
													 type->length, type->by_value, type->align));
	}
	query->sql = sql;
	query->arg_count = columns;
	(void) store_run(query, args, NULL, 0);
}

void
turn_rows_map_run_ended(TurnRows *rows, int64 id)
{
	Size size = sizeof(int64) * (rows->ended_map_run_count + 1);

	rows->ended_map_runs =
		rows->ended_map_runs == NULL ? MemoryContextAlloc(rows->context, size) : repalloc(rows->ended_map_runs, size);
	rows->ended_map_runs[rows->ended_map_run_count++] = id;
}

int
turn_rows_ended_map_runs(const TurnRows *rows, const int64 **ids)
{
	*ids = rows->ended_map_runs;
	return rows->ended_map_run_count;
}

enum
{
	STOPPED_EXECUTION = 1,
	STOPPED_MAP_RUN
};

/*
 * The same for a statement that inserts stops and returns for which executions, where a task that runs is cancelled, and
 * which map runs it has ended.
 */
static void
row_set_write_stops(TurnRows *rows, RowSet *set, const char *sql, StoreQuery *query)
{
	uint64 count;

	if (set->count == 0)
		return;
	row_set_write(set, sql, query);
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		if (store_is_null(i, STOPPED_EXECUTION))
			turn_rows_map_run_ended(rows, store_int64(i, STOPPED_MAP_RUN));
		else
			cancel_task_at_commit(store_int64(i, STOPPED_EXECUTION));
	}
	if (count > 0)
		wakeup_at_commit();
}

#define WRITE(set, sql) \
	do \
	{ \
		static StoreQuery query; \
		row_set_write(&rows->set, sql, &query); \
	} while (0)
#define WRITE_STOPS(set, sql) \
	do \
	{ \
		static StoreQuery query; \
		row_set_write_stops(rows, &rows->set, sql, &query); \
	} while (0)

/*
 * Children first, whether or not somebody holds the task's row: a stop that comes too late does nothing.  Map runs are
 * ABORTED, their children stopped that are open, or that somebody may just be redriving.
 */
#define STOP_CHILDREN(due, which) \
	"WITH t AS MATERIALIZED (SELECT t.kind, t.child_execution_id FROM sfn.task t " which \
	" AND t.kind IN (:TASK_CHILD, :TASK_MAP_RUN) AND t.child_execution_id IS NOT NULL)," \
	" run AS (UPDATE sfn.map_run r SET status = :EXECUTION_ABORTED, stop_date = " due " FROM t" \
	" WHERE t.kind = :TASK_MAP_RUN AND r.id = t.child_execution_id AND r.status = :EXECUTION_RUNNING" \
	" RETURNING r.id, r.pending_redrive)," \
	" stop AS (INSERT INTO sfn.inbox (execution_id, due, kind) SELECT DISTINCT c.id, " due ", :EVENT_STOP FROM (" \
	"SELECT child_execution_id FROM t WHERE kind = :TASK_CHILD UNION ALL" \
	" SELECT e.id FROM run JOIN sfn.execution e ON e.map_run_id = run.id WHERE e.stop_date IS NULL OR" \
	" run.pending_redrive > 0 AND EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id" \
	" AND i.kind = :EVENT_REDRIVE)) c (id) RETURNING execution_id)" \
	" SELECT execution_id, NULL::bigint FROM stop UNION ALL SELECT NULL, id FROM run"

/* A job whose task is gone is cancelled by the pump, which looks for what is due. */
#define CANCEL_JOBS(delete_tasks) \
	"WITH gone AS (" delete_tasks " RETURNING id, kind)" \
	" UPDATE sfn.job j SET next_poll = pg_catalog.statement_timestamp() FROM gone" \
	" WHERE gone.kind = :TASK_JOB AND j.task_id = gone.id"

/*
 * Rows of an execution that this turn holds, but for those that another executor has in hand: it claimed them when they came
 * due, before it found the execution taken.  Waiting for it could be mutual; what is left names a visit that is
 * over, and whoever claims it next drops it.
 */
#define DELETE_INBOX(which) \
	"DELETE FROM sfn.inbox WHERE ctid = ANY (ARRAY(SELECT i.ctid FROM " which " FOR UPDATE OF i SKIP LOCKED))"

void
turn_rows_write(TurnRows *rows)
{
	store_pin_planner();
	gather_map_news(rows);
	WRITE(history,
		  "INSERT INTO sfn.history_chunk (execution_id, first_id, last_id, events)"
		  " SELECT * FROM unnest($1, $2, $3, $4)");
	WRITE(
		logs,
		"INSERT INTO sfn.log_event (state_machine_id, execution_name, redrive_count, first_id, log_date, events, unsent_from)"
		" SELECT state_machine_id, execution_name, redrive_count, first_id, log_date, events, CASE WHEN is_sent THEN 0 END"
		" FROM unnest($1, $2, $3, $4, $5, $6, $7)"
		" u (state_machine_id, execution_name, redrive_count, first_id, log_date, events, is_sent)");
	WRITE(executions,
		  "UPDATE sfn.execution e SET status = u.status, stop_date = u.stop_date, last_event_id = u.last_event_id,"
		  " last_branch_id = u.last_branch_id, has_branches = u.has_branches, image = u.image,"
		  " state_input = CASE WHEN u.keeps_state_input THEN e.state_input ELSE u.state_input END,"
		  " variables = CASE WHEN u.keeps_variables THEN e.variables ELSE u.variables END,"
		  " output = u.output, error = u.error, cause = u.cause, is_deleted = u.is_deleted,"
		  " quarantined_at = CASE WHEN u.stop_date IS NULL THEN e.quarantined_at END,"
		  " quarantine_reason = CASE WHEN u.stop_date IS NULL THEN e.quarantine_reason END,"
		  " history_bytes = e.history_bytes + u.history_bytes"
		  " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
		  " u (id, status, stop_date, last_event_id, last_branch_id, has_branches, image, state_input,"
		  " keeps_state_input, variables, keeps_variables, output, error, cause, is_deleted, history_bytes)"
		  " WHERE e.id = u.id");
	WRITE(redrives,
		  "UPDATE sfn.execution e SET redrive_count = u.redrive_count, redrive_date = u.redrive_date,"
		  " start_date = u.start_date FROM unnest($1, $2, $3, $4) u (id, redrive_count, redrive_date, start_date)"
		  " WHERE e.id = u.id");
	WRITE(status_deletes,
		  "DELETE FROM sfn.execution_status s USING unnest($1, $2, $3, $4, $5)"
		  " u (state_machine_id, map_run_id, start_date, execution_id, status)"
		  " WHERE s.state_machine_id = u.state_machine_id AND s.map_run_id = u.map_run_id AND s.status = u.status"
		  " AND s.start_date = u.start_date AND s.execution_id = u.execution_id");
	WRITE(statuses,
		  "INSERT INTO sfn.execution_status (state_machine_id, map_run_id, start_date, execution_id, status)"
		  " SELECT * FROM unnest($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
	WRITE(branch_clear_all, "DELETE FROM sfn.branch WHERE execution_id = ANY ($1)");
	WRITE(children_deletes,
		  "DELETE FROM sfn.branch b USING unnest($1, $2) u (execution_id, parent_id)"
		  " WHERE b.execution_id = u.execution_id AND b.parent_id = u.parent_id");
	WRITE(branch_deletes,
		  "DELETE FROM sfn.branch b USING unnest($1, $2) u (execution_id, id)"
		  " WHERE b.execution_id = u.execution_id AND b.id = u.id");
	WRITE(
		branches,
		"INSERT INTO sfn.branch (execution_id, id, parent_id, index, is_finished, image, state_input, variables, output)"
		" SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		" ON CONFLICT (execution_id, id) DO UPDATE SET is_finished = excluded.is_finished, image = excluded.image,"
		" state_input = excluded.state_input, variables = excluded.variables, output = excluded.output");
	WRITE_STOPS(
		task_clear,
		STOP_CHILDREN(
			"$5[1]",
			"JOIN unnest($1, $2, $3, $4) u (execution_id, branch, visit, attempt) ON t.execution_id = u.execution_id"
			" AND t.branch = u.branch AND (t.visit, t.attempt) <= (u.visit, u.attempt) WHERE true"));
	WRITE(
		task_clear,
		CANCEL_JOBS(
			"DELETE FROM sfn.task WHERE id = ANY (ARRAY(SELECT t.id FROM sfn.task t"
			" JOIN unnest($1, $2, $3, $4, $5) u (execution_id, branch, visit, attempt, now)"
			" ON t.execution_id = u.execution_id AND t.branch = u.branch AND (t.visit, t.attempt) <= (u.visit, u.attempt)"
			" FOR UPDATE OF t SKIP LOCKED))"));
	WRITE_STOPS(task_clear_all, STOP_CHILDREN("$2[1]", "WHERE t.execution_id = ANY ($1)"));
	WRITE(
		task_clear_all,
		CANCEL_JOBS(
			"DELETE FROM sfn.task WHERE id = ANY (ARRAY(SELECT t.id FROM sfn.task t"
			" JOIN unnest($1, $2) u (execution_id, now) ON t.execution_id = u.execution_id FOR UPDATE OF t SKIP LOCKED))"));
	WRITE(heartbeat_clear,
		  DELETE_INBOX("sfn.inbox i JOIN unnest($1, $2) u (execution_id, branch)"
					   " ON i.execution_id = u.execution_id AND i.branch = u.branch WHERE i.kind = :EVENT_TIMER_FIRED"
					   " AND i.timer = :TIMER_HEARTBEAT"));
	WRITE(inbox_clear,
		  DELETE_INBOX("sfn.inbox i JOIN unnest($1, $2) u (execution_id, branch)"
					   " ON i.execution_id = u.execution_id AND i.branch = u.branch"
					   " WHERE i.kind IN (:EVENT_TIMER_FIRED, :EVENT_RUN_TASK, :EVENT_RUN_TASK_ALONE)"
					   " AND i.timer <> :TIMER_EXECUTION"));
	WRITE(
		inbox_clear_all,
		DELETE_INBOX(
			"sfn.inbox i WHERE i.execution_id = ANY ($1) AND i.kind NOT IN (:EVENT_STOP, :EVENT_MACHINE_DELETED, :EVENT_REDRIVE, :EVENT_MAP_RUN)"));
	WRITE(inbox_done, "DELETE FROM sfn.inbox WHERE ctid = ANY ($1)");
	WRITE(inbox,
		  "INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, timer, payload)"
		  " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)");
	WRITE(map_rows,
		  "INSERT INTO sfn.inbox (execution_id, due, branch, visit, attempt, kind, payload)"
		  " SELECT r.execution_id, u.due, r.branch, r.visit, r.attempt, :EVENT_MAP_RUN, u.payload"
		  " FROM unnest($1, $2, $3) u (id, payload, due) JOIN sfn.map_run r ON r.id = u.id");
	WRITE(
		tasks,
		"INSERT INTO sfn.task (execution_id, branch, visit, attempt, kind, state, activity_id, child_execution_id, role,"
		" timeout_seconds, heartbeat_seconds, created, token, resource, parameters, host)"
		" SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9::sfn.role[], $10, $11, $12, $13, $14, $15, $16)");
	WRITE(tasks_answered,
		  "DELETE FROM sfn.task WHERE id = ANY (ARRAY(SELECT t.id FROM sfn.task t WHERE t.id = ANY ($1)"
		  " FOR UPDATE SKIP LOCKED))");
	WRITE(idle_machines,
		  "UPDATE sfn.state_machine m SET status = 'DELETED' WHERE m.id = ANY ($1) AND m.status = 'DELETING'"
		  " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.state_machine_id = m.id AND e.stop_date IS NULL)");
	store_unpin_planner();
}
