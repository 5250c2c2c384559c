/*
 * event_patterns.h
 *	  Event patterns and events as callers give them.
 */
#ifndef SFN_ACTIONS_EVENT_PATTERNS_H
#define SFN_ACTIONS_EVENT_PATTERNS_H

#include "postgres.h"

#include "actions/errors.h"
#include "events/event_pattern.h"

/* NULL: the call has the error. */
extern SFN_MUST_CHECK EventPattern *event_pattern_read(ActionCall *call, const char *text, int length);
extern SFN_MUST_CHECK const JsonVal *event_read(ActionCall *call, const char *text, int length);

#endif /* SFN_ACTIONS_EVENT_PATTERNS_H */
