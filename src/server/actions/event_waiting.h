/*
 * event_waiting.h
 *	  Waiting for an event, and finding who waits for one.
 */
#ifndef SFN_ACTIONS_EVENT_WAITING_H
#define SFN_ACTIONS_EVENT_WAITING_H

#include "postgres.h"

#include "actions/errors.h"
#include "actions/event_delivery.h"

/* ---- for a session that waits ---- */

typedef struct EventWait
{
	int64 bus_id;
	Oid role; /* that sees what it waits for */
	char *pattern;
} EventWait;

/* May the caller wait for such events, here and now? */
extern SFN_MUST_CHECK bool event_wait_check(ActionCall *call, const char *bus, const char *pattern, EventWait *wait);

/* What has been committed for it until now; NULL: nothing.  With a snapshot of its own. */
extern char *event_wait_look(int64 ticket);

/* ---- for whoever has an event ---- */

/* One that was put: those who wait when the transaction commits are told. */
extern void event_waiting_keep(SentEvent *sent);

/* Leaves the event for each who waits for it now; within a scope of the store. */
extern void event_waiting_tell(SentEvent *sent);

/* ---- at the transaction's end (sfn.c) ---- */

extern void event_waiting_before_commit(void);
extern void event_waiting_forget(void);
extern void event_waiting_subtransaction_committed(int level);
extern void event_waiting_subtransaction_aborted(int level);

#endif /* SFN_ACTIONS_EVENT_WAITING_H */
