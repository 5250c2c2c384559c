/*
 * inbox_watch.c
 *	  What the permanent executor asks of the inbox when it has nothing to do.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "store/inbox_watch.h"
#include "store/store.h"

bool
inbox_has_task_alone(TimestampTz now, const int64 *excluded, int excluded_count)
{
	static StoreQuery query =
		{"SELECT FROM sfn.inbox WHERE kind = $1 AND due <= $2 AND execution_id <> ALL ($3) LIMIT 1",
		 3,
		 {INT2OID, TIMESTAMPTZOID, INT8ARRAYOID}};
	Datum *ids = palloc(sizeof(Datum) * (excluded_count + 1));
	Datum args[3];
	bool result;
	StoreScope scope;

	for (int i = 0; i < excluded_count; i++)
		ids[i] = Int64GetDatum(excluded[i]);
	args[0] = Int16GetDatum(EVENT_RUN_TASK_ALONE);
	args[1] = TimestampTzGetDatum(now);
	args[2] =
		PointerGetDatum(construct_array(ids, excluded_count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	store_enter(&scope);
	store_pin_planner(); /* what sleeps is not to be read for it */
	result = store_run(&query, args, NULL, 1) > 0;
	store_unpin_planner();
	store_leave(&scope);
	return result;
}
