/*
 * inbox_watch.c
 *	  What the permanent executor asks of the inbox when it has nothing to do.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "engine/event.h"
#include "store/inbox_watch.h"
#include "store/store.h"

bool
inbox_has_task_alone(TimestampTz now)
{
	static StoreQuery query = {
		"SELECT FROM sfn.inbox WHERE kind = $1 AND due <= $2 LIMIT 1", 2, {INT2OID, TIMESTAMPTZOID}
	};
	Datum		args[2] = {Int16GetDatum(EVENT_RUN_TASK_ALONE), TimestampTzGetDatum(now)};
	bool		result;
	StoreScope	scope;

	store_enter(&scope);
	result = store_run(&query, args, NULL, 1) > 0;
	store_leave(&scope);
	return result;
}
