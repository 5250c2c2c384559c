/*
 * event_patterns.h
 *	  Event patterns, events and inputs of targets as callers give them.
 */
#ifndef SFN_ACTIONS_EVENT_PATTERNS_H
#define SFN_ACTIONS_EVENT_PATTERNS_H

#include "postgres.h"

#include "actions/errors.h"
#include "events/event_input.h"
#include "events/event_pattern.h"

/* NULL: the call has the error. */
extern SFN_MUST_CHECK EventPattern *event_pattern_read(ActionCall *call, const char *text, int length);
extern SFN_MUST_CHECK const JsonVal *event_read(ActionCall *call, const char *text, int length);
extern SFN_MUST_CHECK EventInput *event_input_read(ActionCall *call, const EventInputSource *source);

#endif /* SFN_ACTIONS_EVENT_PATTERNS_H */
