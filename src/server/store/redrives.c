/*
 * redrives.c
 *	  What redriving an execution asks of the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/object_locks.h"
#include "store/redrives.h"
#include "store/store.h"

void
redrive_lock(int64 execution_id)
{
	object_lock("execution", execution_id);
}

bool
redrive_lock_if_free(int64 execution_id)
{
	return object_lock_if_free("execution", execution_id);
}

enum
{
	NOW_STATUS = 1,
	NOW_LAST_EVENT_ID,
	NOW_IS_KEPT
};

bool
execution_look_again(ExecutionRow *execution, bool *is_kept)
{
	static StoreQuery query = {"SELECT " SHOWN_STATUS ", e.last_event_id, e.image IS NOT NULL FROM sfn.execution e"
							   " WHERE e.id = $1",
							   1,
							   {INT8OID},
							   .sees_latest = true};
	Datum args[1] = {Int64GetDatum(execution->id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	execution->status = store_int16(0, NOW_STATUS);
	execution->last_event_id = store_int64(0, NOW_LAST_EVENT_ID);
	*is_kept = store_bool(0, NOW_IS_KEPT);
	return true;
}

TimestampTz
redrive_token_date(int64 execution_id, const char *token, TimestampTz since)
{
	static StoreQuery query =
		{"SELECT redrive_date FROM sfn.redrive_token WHERE execution_id = $1 AND token = $2 AND redrive_date > $3",
		 3,
		 {INT8OID, TEXTOID, TIMESTAMPTZOID},
		 .sees_latest = true};
	Datum args[3] = {Int64GetDatum(execution_id), CStringGetTextDatum(token), TimestampTzGetDatum(since)};

	return store_run(&query, args, NULL, 1) == 1 ? store_timestamp(0, ONLY_COLUMN) : 0;
}

void
redrive_token_insert(int64 execution_id, const char *token, TimestampTz now)
{
	static StoreQuery query = {"INSERT INTO sfn.redrive_token (execution_id, token, redrive_date) VALUES ($1, $2, $3)"
							   " ON CONFLICT (execution_id, token) DO UPDATE SET redrive_date = excluded.redrive_date",
							   3,
							   {INT8OID, TEXTOID, TIMESTAMPTZOID}};
	Datum args[3] = {Int64GetDatum(execution_id), CStringGetTextDatum(token), TimestampTzGetDatum(now)};

	(void) store_run(&query, args, NULL, 0);
}
