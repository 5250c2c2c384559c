/*
 * event_delivery.h
 *	  Sending an event: the rules of its bus that match it, and what they lead to, in the same transaction.
 *
 * Nothing here fails because of what a target is like: where a start might, an
 * execution of a hidden machine tries it later.
 */
#ifndef SFN_ACTIONS_EVENT_DELIVERY_H
#define SFN_ACTIONS_EVENT_DELIVERY_H

#include "postgres.h"

#include "actions/lineage.h"
#include "base/error.h"
#include "events/event_pattern.h"
#include "events/execution_event.h"
#include "store/event_rules.h"
#include "store/machines.h"
#include "json/json_value.h"

typedef struct SentEvent
{
	struct SentEvent *next;
	int64 bus_id;
	Lineage lineage;   /* what rules led to it */
	bool is_forwarded; /* by a rule, in this call of event_send() */

	/* From an archive: it does not go to one again, and to these rules only, by ARN; NULL: to all. */
	bool is_replayed;
	const JsonVal *rules;
	Oid replayer; /* he did not put it himself: to rules of those who have his privileges; or InvalidOid */

	struct EventRows *rows; /* where what it leads to is gathered; NULL: it goes to the tables at once */

	/* Put by a role, or */
	Oid putter;
	Oid told_of; /* forwarded as the engine has told it, of a machine of that role; or InvalidOid */
	const JsonVal *event;
	const JsonVal *matched; /* what patterns are asked about, unless it is the event; or NULL */

	/* the engine's own, of an execution of that machine; with its data for who may read them. */
	const MachineRow *machine;
	ExecutionEventFacts *facts;
	const JsonVal *shown[2]; /* without and with data; made when first needed */
} SentEvent;

/* Within a scope of the store; NULL: none. */
extern void event_send(SentEvent *sent);

/* Tells the targets of one rule, if it is there and enabled, whatever its pattern says. */
extern void event_tell_targets(int64 rule_id, const JsonVal *event);

/* The event as the role may see it, if it may and the pattern matches that; or NULL. */
extern const JsonVal *event_if_matching(SentEvent *sent, Oid role, const EventPattern *pattern);

/* At the moment of putting or forwarding: grants come and go. */
extern bool bus_may_put(const BusRow *bus, Oid role, BusPrivilege privilege);
/* Does the role, who named it, trust whoever has the name now?  The default bus is everybody's.  Also of topics. */
extern bool bus_is_trusted(const BusRow *bus, Oid role, SfnError *error);

/* Tells the one target again, whatever the pattern says.  False: the rule or its target is no more. */
extern bool event_send_again(const DeadLetterRow *letter);

#endif /* SFN_ACTIONS_EVENT_DELIVERY_H */
