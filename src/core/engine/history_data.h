/*
 * history_data.h
 *	  What a stored history event tells: its details, and what it looks like without what flowed through the states,
 *	  as includeExecutionData = false asks for.
 */
#ifndef SFN_ENGINE_HISTORY_DATA_H
#define SFN_ENGINE_HISTORY_DATA_H

#include "json/json_value.h"

/* What becomes of a task's parameters: the API leaves them out, a log has them, empty. */
typedef enum ParametersLeft
{
	PARAMETERS_LEFT_OUT,
	PARAMETERS_EMPTY
} ParametersLeft;

/* The member "...EventDetails"; NULL: events of its type have none. */
extern const JsonVal *history_event_details(const JsonVal *event);

extern const JsonVal *history_details_without_data(const JsonVal *details, ParametersLeft parameters);
extern const JsonVal *history_event_without_data(const JsonVal *event, ParametersLeft parameters);

#endif /* SFN_ENGINE_HISTORY_DATA_H */
