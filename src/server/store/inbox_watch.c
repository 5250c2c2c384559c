/*
 * inbox_watch.c
 *	  What the permanent executor asks of the inbox when it has nothing to do.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "store/inbox_watch.h"
#include "store/store.h"

bool
inbox_has_task_alone(TimestampTz now, const int64 *excluded, int excluded_count)
{
	static StoreQuery query =
		{"SELECT FROM sfn.inbox WHERE kind = :EVENT_RUN_TASK_ALONE AND payload IS NOT NULL AND due <= $1"
		 " AND execution_id <> ALL ($2) LIMIT 1",
		 2,
		 {TIMESTAMPTZOID, INT8ARRAYOID}};
	Datum args[2];
	bool result;
	StoreScope scope;

	args[0] = TimestampTzGetDatum(now);
	args[1] = store_int64_array(excluded, excluded_count);
	store_enter(&scope);
	store_pin_planner(); /* what sleeps is not to be read for it */
	result = store_run(&query, args, NULL, 1) > 0;
	store_unpin_planner();
	store_leave(&scope);
	return result;
}
