/*
 * event_targets.h
 *	  What a rule can tell of an event, by how the target is written.
 */
#ifndef SFN_ACTIONS_EVENT_TARGETS_H
#define SFN_ACTIONS_EVENT_TARGETS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"

typedef enum EventTargetWay
{
	TARGET_START,   /* of a state machine; where that may fail, by a hidden machine */
	TARGET_MACHINE, /* by a hidden machine */
	TARGET_BUS,
	TARGET_NOTIFY
} EventTargetWay;

typedef struct EventTargetKind
{
	const char *prefix; /* a * stands for anything but a colon */
	EventTargetWay way;
	const char *task; /* of the hidden machine: {0} the target as a JSON string, {1} where its input is, {2} its id,
					   * {3} what its parameters lead to; of a bus, for those that have parameters alone */
} EventTargetKind;

#define BUS_PARAMETERS "EventBridgeParameters"

/* How often a delivery is repeated. */
typedef struct TargetRetries
{
	int64 count;
	bool ends_by_age; /* the age of the event is what allows no more */
} TargetRetries;

/* NULL: it is none of them. */
extern const EventTargetKind *event_target_kind(const char *target);

/* The definition of the hidden machine that delivers to it; *definition NULL: it needs none. */
extern SFN_MUST_CHECK bool event_target_definition(ActionCall *call, const TargetRow *target, char **definition);

/* Of a target whose definition was made. */
extern TargetRetries event_target_retries_of(const char *retry);

/* "default" of "arn:aws:events:us-east-1:000000000000:event-bus/default"; what stands behind "notify:". */
extern const char *event_target_name(const char *target);

#endif /* SFN_ACTIONS_EVENT_TARGETS_H */
