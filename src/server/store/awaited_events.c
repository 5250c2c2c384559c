/*
 * awaited_events.c
 *	  Events that sessions wait for, on their way from the transaction that has one.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/awaited_events.h"
#include "store/store.h"

void
awaited_event_insert(int64 ticket, const char *event)
{
	static StoreQuery query = {"INSERT INTO sfn.awaited_event (ticket, event, creation_date) VALUES ($1, $2, $3)",
							   3,
							   {INT8OID, JSONOID, TIMESTAMPTZOID}};
	Datum args[3] = {Int64GetDatum(ticket), CStringGetTextDatum(event), TimestampTzGetDatum(GetCurrentTimestamp())};

	(void) store_run(&query, args, NULL, 0);
}

char *
awaited_event_take(int64 ticket)
{
	static StoreQuery look = {"SELECT event FROM sfn.awaited_event WHERE ticket = $1 ORDER BY creation_date",
							  1,
							  {INT8OID}};
	static StoreQuery forget = {"DELETE FROM sfn.awaited_event WHERE ticket = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(ticket)};
	char *event;

	if (store_run(&look, args, NULL, 1) == 0)
		return NULL;
	event = store_text(0, ONLY_COLUMN);
	if (!XactReadOnly)
		(void) store_run(&forget, args, NULL, 0);
	return event;
}

void
awaited_events_prune(TimestampTz before)
{
	static StoreQuery query = {"DELETE FROM sfn.awaited_event WHERE creation_date < $1",
							   1,
							   {TIMESTAMPTZOID},
							   .scans = true};
	Datum args[1] = {TimestampTzGetDatum(before)};

	(void) store_run(&query, args, NULL, 0);
}
