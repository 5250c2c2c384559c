/*
 * event_pattern.h
 *	  Event patterns in the language of EventBridge: compiled once, matched with many events.
 *
 * A pattern is an object with the members of an event that it is about; at the end
 * of each path stands an array of what the value there may be.
 */
#ifndef SFN_EVENTS_EVENT_PATTERN_H
#define SFN_EVENTS_EVENT_PATTERN_H

#include "json/json_value.h"

/* Of a pattern's text, as on AWS. */
#define EVENT_PATTERN_MAX_BYTES 4096

/* Ways through its $or's, as on AWS. */
#define EVENT_PATTERN_MAX_ALTERNATIVES 1000

typedef struct EventPattern EventPattern;

typedef struct EventPatternError
{
	const char *reason;   /* AWS's words */
	const char *location; /* where, in AWS's words; NULL: AWS does not tell */
	int line;             /* the same place, from 1; 0: none */
	int column;
	const char *hint; /* a sentence, or NULL */
} EventPatternError;

/* NULL, and *error filled, when it is no pattern. */
extern EventPattern *event_pattern_compile(const char *text, int length, EventPatternError *error);

extern bool event_pattern_matches(const EventPattern *pattern, const JsonVal *event);

/* Can an event match that has this value, no array and no object, at the path?  All that it says of others is left open. */
extern bool event_pattern_may_have(const EventPattern *pattern, const char *path, const JsonVal *value);

#endif /* SFN_EVENTS_EVENT_PATTERN_H */
