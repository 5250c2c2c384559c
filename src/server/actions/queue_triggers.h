/*
 * queue_triggers.h
 *	  Triggers of queues: state machines that are started with messages.
 */
#ifndef SFN_ACTIONS_QUEUE_TRIGGERS_H
#define SFN_ACTIONS_QUEUE_TRIGGERS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/queue_triggers.h"

/* Makes the trigger of the queue, or changes the caller's own; the rest of the row is given. */
extern SFN_MUST_CHECK bool queue_trigger_create(ActionCall *call, QueueTriggerRow *trigger, const char *queue);
extern SFN_MUST_CHECK bool queue_trigger_drop(ActionCall *call, const char *queue);
extern SFN_MUST_CHECK bool queue_trigger_switch(ActionCall *call, const char *queue, bool is_enabled);
/* One that is gone, as with its queue a moment ago, is no error. */
extern SFN_MUST_CHECK bool queue_trigger_drop_owned(ActionCall *call, const char *queue);

/*
 * Outside a scope of the store: fires all that have a batch, each in subtransactions, so that none holds up others.
 * Returns when to come again; 0: when something is sent.
 */
extern TimestampTz queue_triggers_fire(bool *any_enabled);

#endif /* SFN_ACTIONS_QUEUE_TRIGGERS_H */
