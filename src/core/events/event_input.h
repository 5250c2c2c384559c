/*
 * event_input.h
 *	  What a target of a rule is given of an event: all of it, a part, or a text with parts filled in.
 *
 * An input transformer is {"InputPathsMap": {"name": "$.path", ...}, "InputTemplate": "..."}.
 * In the template, which is JSON, <name> stands for the value at the path, and inside of
 * a string for its text.  What the event does not have is "" there.
 */
#ifndef SFN_EVENTS_EVENT_INPUT_H
#define SFN_EVENTS_EVENT_INPUT_H

#include "json/json_value.h"

#define EVENT_INPUT_MAX_PATHS 100
#define EVENT_INPUT_MAX_TEMPLATE 8192

/* At most one of the three is given, the others are NULL; without any it is the whole event. */
typedef struct EventInputSource
{
	const JsonVal *constant;
	const char *path;
	const JsonVal *transformer;
} EventInputSource;

/* An event on its way to a target. */
typedef struct EventInputEvent
{
	const JsonVal *event;
	const char *rule_arn;
	const char *rule_name;
	const char *ingestion_time; /* "2026-01-01T00:00:00Z" */
} EventInputEvent;

typedef struct EventInput EventInput;

/* NULL, and *problem, when it is none of these. */
extern EventInput *event_input_compile(const EventInputSource *source, const char **problem);

/* The input as JSON text; NULL: it would be longer than that, as a template may make it of a large event. */
extern char *event_input_make(const EventInput *input, const EventInputEvent *event, int max_bytes);

#endif /* SFN_EVENTS_EVENT_INPUT_H */
