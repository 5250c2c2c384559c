/*
 * history.h
 *	  Writing history events, straight into the text that is stored.
 *
 *		history_open(&event, step->execution, env, now, HISTORY_TASK_STARTED, branch->last_event);
 *		history_string(&event, "resource", action);
 *		branch->last_event = history_close(&event);
 *
 * Every event takes the next id, also where no history is kept: causes name ids.
 */
#ifndef SFN_ENGINE_HISTORY_H
#define SFN_ENGINE_HISTORY_H

#include "engine/execution.h"

typedef enum HistoryEventType
{
#define HISTORY_EVENT(symbol, name, details) HISTORY_##symbol,
#include "engine/history_event_list.h"
#undef HISTORY_EVENT
	HISTORY_EVENT_TYPES
} HistoryEventType;

typedef struct HistoryEvent
{
	Execution *execution;
	int64 id;
	StringInfo out;   /* NULL: the event is counted, not kept */
	bool has_details; /* their braces are open */
	bool is_first;    /* no member in them yet */
} HistoryEvent;

/* The weight of an event of this type. */
extern EventWeight history_event_weight(const char *type);

/*
 * Begins an event.  When the history has no room for it but only for the
 * execution's last one, nothing is written and execution->history_is_full set.
 */
extern void history_open(HistoryEvent *event, Execution *execution, const EngineEnv *env, TimestampTz now,
						 HistoryEventType type, int64 previous);
/* The same for the types that a StateType spells out: "...StateEntered", "...StateExited", "...StateAborted". */
extern void history_open_state(HistoryEvent *event, Execution *execution, const EngineEnv *env, TimestampTz now,
							   const char *type, const char *details, int64 previous);
extern void history_end_text(HistoryEvent *event);

/* Ends the event; its id. */
static inline int64
history_close(HistoryEvent *event)
{
	if (event->out != NULL)
		history_end_text(event);
	return event->id;
}

/* Members of the event's details; those that are NULL are left out. */
extern void history_string(HistoryEvent *event, const char *member, const char *text);
extern void history_integer(HistoryEvent *event, const char *member, int64 number);
/* "member": the text of value as a string. */
extern void history_value(HistoryEvent *event, const char *member, const JsonVal *value);
/* The same followed by "memberDetails": {"truncated": false}; neither where data are not included. */
extern void history_data(HistoryEvent *event, const char *member, const JsonVal *value);
extern void history_data_text(HistoryEvent *event, const char *member, const char *text);
/* "assignedVariables" and its details: an object name -> JSON text. */
extern void history_assigned(HistoryEvent *event, const JsonVal *assigned);
/* What a state's event says: its name, its input or output, and what it assigned. */
extern void history_state(HistoryEvent *event, const char *name, const char *member, const JsonVal *value,
						  const JsonVal *assigned);
extern void history_role(HistoryEvent *event, const char *role_arn); /* taskCredentials */

/* An event without more details than these. */
extern int64 history_add(Execution *execution, const EngineEnv *env, TimestampTz now, HistoryEventType type,
						 int64 previous);
extern int64 history_add_error(Execution *execution, const EngineEnv *env, TimestampTz now, HistoryEventType type,
							   int64 previous, const char *error, const char *cause);

#endif /* SFN_ENGINE_HISTORY_H */
