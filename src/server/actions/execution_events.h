/*
 * execution_events.h
 *	  Events that tell how executions stand.
 */
#ifndef SFN_ACTIONS_EXECUTION_EVENTS_H
#define SFN_ACTIONS_EXECUTION_EVENTS_H

#include "postgres.h"

#include "actions/executions.h"
#include "json/json_value.h"

/* The event of an execution as it stands now; NULL: the call has the error. */
extern SFN_MUST_CHECK const JsonVal *execution_event_of(ActionCall *call, const char *arn);

#endif /* SFN_ACTIONS_EXECUTION_EVENTS_H */
