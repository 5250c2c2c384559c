/*
 * deliver.c
 *	  Inbox rows as events of the engine.
 */
#include "postgres.h"

#include "engine/event_payload.h"
#include "runtime/running.h"

bool
deliver_event(const InboxRow *row, Event *event)
{
	memset(event, 0, sizeof(Event));
	event->kind = (EventKind) row->kind;
	event->timer = (TimerKind) row->timer;
	event->branch = row->branch;
	event->visit = row->visit;
	event->attempt = row->attempt;
	return event_payload_read(row->payload, event);
}
