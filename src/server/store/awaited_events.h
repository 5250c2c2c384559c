/*
 * awaited_events.h
 *	  Events that sessions wait for, on their way from the transaction that has one.
 */
#ifndef SFN_STORE_AWAITED_EVENTS_H
#define SFN_STORE_AWAITED_EVENTS_H

#include "postgres.h"

#include "datatype/timestamp.h"

extern void awaited_event_insert(int64 ticket, const char *event);

/* What has been committed under the ticket, gone then where the transaction may write; NULL: nothing yet. */
extern char *awaited_event_take(int64 ticket);

/* Whoever it was for has gone. */
extern void awaited_events_prune(TimestampTz before);

#endif /* SFN_STORE_AWAITED_EVENTS_H */
