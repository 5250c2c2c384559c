/*
 * redrives.c
 *	  What redriving an execution asks of the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/redrives.h"
#include "store/store.h"

bool
execution_can_be_redriven(int64 execution_id)
{
	static StoreQuery query = {"SELECT FROM sfn.execution WHERE id = $1 AND image IS NOT NULL", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(execution_id)};

	return store_run(&query, args, NULL, 1) == 1;
}

TimestampTz
redrive_token_date(int64 execution_id, const char *token, TimestampTz since)
{
	static StoreQuery query =
		{"SELECT redrive_date FROM sfn.redrive_token WHERE execution_id = $1 AND token = $2 AND redrive_date > $3",
		 3,
		 {INT8OID, TEXTOID, TIMESTAMPTZOID}};
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
