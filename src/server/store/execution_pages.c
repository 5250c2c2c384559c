/*
 * execution_pages.c
 *	  Reading executions and histories for those who ask about them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/execution_names.h"
#include "store/execution_pages.h"
#include "store/executions.h"
#include "store/store.h"

#define LIST_MOMENT "coalesce(e.stop_date, e.redrive_date, e.start_date)"
enum
{
	LIST_ID = 1,
	LIST_MACHINE_NAME,
	LIST_IS_EXPRESS,
	LIST_NAME,
	LIST_STATUS,
	LIST_START_DATE,
	LIST_STOP_DATE,
	LIST_REDRIVE_DATE,
	LIST_REDRIVE_COUNT,
	LIST_MOMENT_AT,
	LIST_VERSION,
	LIST_ALIAS,
	LIST_MAP_RUN,
	LIST_MAP_ITEMS
};

/*
 * $1 and $2 differ, what follows them does not.  All executions of a machine are sorted for a page of it, hence by
 * as little as that takes; the rest is read for the page only.
 */
#define LIST_FROM(which) \
	"SELECT e.id, m.name, m.type = 'EXPRESS', " STORED_NAME \
	", l.status, e.start_date, CASE WHEN l.status <> :EXECUTION_RUNNING THEN e.stop_date END, e.redrive_date," \
	" e.redrive_count, l.moment, e.version, e.alias," \
	" (SELECT r.name FROM sfn.map_run r WHERE r.id = e.map_run_id), e.map_items" \
	" FROM (SELECT n.* FROM (SELECT e.id, " SHOWN_STATUS " AS status, " LIST_MOMENT \
	" AS moment FROM sfn.execution e WHERE " which " AND ($7 = 0 OR e.version = $7) AND ($8 IS NULL OR e.alias = $8)" \
	" AND ($9 IS NULL OR (e.redrive_count > 0) = $9)" \
	" AND ($5 = 0 OR (" LIST_MOMENT ", e.id) < ($4, $5))) n" \
	" WHERE $3 = 0 OR n.status = $3 ORDER BY n.moment DESC, n.id DESC LIMIT $6) l" \
	" JOIN sfn.execution e ON e.id = l.id JOIN sfn.state_machine m ON m.id = e.state_machine_id" \
	" ORDER BY l.moment DESC, l.id DESC"
#define LIST_ARGS \
	9, {INT8OID, OIDOID, INT2OID, TIMESTAMPTZOID, INT8OID, INT4OID, INT4OID, TEXTOID, BOOLOID}, .scans = true

int
execution_list(const ExecutionFilter *filter, ListedExecution **executions)
{
	static StoreQuery of_machine = {LIST_FROM(
										"e.state_machine_id IN (SELECT m.id FROM sfn.state_machine m"
										" WHERE m.id = $1"
										" AND sfn.may_see(coalesce(m.map_of, m.id), m.role::pg_catalog.oid, $2))"),
									LIST_ARGS};
	static StoreQuery of_all = {LIST_FROM(
									"$1 = 0 AND EXISTS (SELECT FROM sfn.state_machine m WHERE m.id = e.state_machine_id"
									" AND m.type = 'STANDARD' AND m.map_of IS NULL"
									" AND sfn.may_see_execution(m.id, m.role::pg_catalog.oid, e.starter, $2))"),
								LIST_ARGS};
	static StoreQuery of_map_run = {LIST_FROM("e.map_run_id = $1 AND $2 IS NOT NULL"), LIST_ARGS};
	char nulls[10] = "         ";
	Datum args[9] = {Int64GetDatum(filter->map_run_id != 0 ? filter->map_run_id : filter->state_machine_id),
					 ObjectIdGetDatum(filter->viewer),
					 Int16GetDatum((int16) filter->status),
					 TimestampTzGetDatum(filter->before),
					 Int64GetDatum(filter->before_id),
					 Int32GetDatum(filter->max),
					 Int32GetDatum(filter->version)};
	int count;

	args[7] = filter->alias != NULL ? CStringGetTextDatum(filter->alias) : (Datum) 0;
	nulls[7] = filter->alias != NULL ? ' ' : 'n';
	args[8] = BoolGetDatum(filter->is_redriven);
	nulls[8] = filter->asks_redriven ? ' ' : 'n';
	count = (int) store_run(filter->map_run_id != 0             ? &of_map_run
								: filter->state_machine_id != 0 ? &of_machine
																: &of_all,
							args, nulls, 0);

	*executions = palloc0(sizeof(ListedExecution) * Max(count, 1));
	for (int row = 0; row < count; row++)
	{
		ListedExecution *execution = &(*executions)[row];

		execution->id = store_int64(row, LIST_ID);
		execution->machine_name = store_text(row, LIST_MACHINE_NAME);
		execution->is_express = store_bool(row, LIST_IS_EXPRESS);
		execution->name = store_text(row, LIST_NAME);
		execution->status = store_int16(row, LIST_STATUS);
		execution->start_date = store_timestamp(row, LIST_START_DATE);
		execution->stop_date = store_timestamp(row, LIST_STOP_DATE);
		execution->redrive_date = store_timestamp(row, LIST_REDRIVE_DATE);
		execution->redrive_count = store_int32(row, LIST_REDRIVE_COUNT);
		execution->moment = store_timestamp(row, LIST_MOMENT_AT);
		execution->version = store_int32(row, LIST_VERSION);
		execution->alias = store_text(row, LIST_ALIAS);
		execution->map_run = store_text(row, LIST_MAP_RUN);
		execution->map_items = store_int32(row, LIST_MAP_ITEMS);
	}
	return count;
}

enum
{
	STATUS_NOW = 1,
	STATUS_WRITER
};

int
execution_status(int64 id, TransactionId *writer)
{
	static StoreQuery query = {"SELECT CASE WHEN status <> :EXECUTION_RUNNING AND EXISTS (SELECT FROM sfn.inbox i"
							   " WHERE i.execution_id = $1 AND i.kind = :EVENT_REDRIVE)"
							   " THEN :EXECUTION_RUNNING ELSE status END, xmin FROM sfn.execution WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return 0;
	*writer = (TransactionId) store_oid(0, STATUS_WRITER);
	return store_int16(0, STATUS_NOW);
}

enum
{
	CHUNK_FIRST_ID = 1,
	CHUNK_LAST_ID,
	CHUNK_EVENTS
};

char *
history_chunk_at(int64 execution_id, int64 event_id, int64 *first_id, int64 *last_id)
{
	static StoreQuery query = {"SELECT first_id, last_id, events FROM sfn.history_chunk"
							   " WHERE execution_id = $1 AND first_id <= $2 ORDER BY first_id DESC LIMIT 1",
							   2,
							   {INT8OID, INT8OID}};
	Datum args[2] = {Int64GetDatum(execution_id), Int64GetDatum(event_id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	*first_id = store_int64(0, CHUNK_FIRST_ID);
	*last_id = store_int64(0, CHUNK_LAST_ID);
	return store_text(0, CHUNK_EVENTS);
}
