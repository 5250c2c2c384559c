/*
 * history_data.h
 *	  History events without what flowed through the states, as includeExecutionData = false asks for.
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

extern const JsonVal *history_details_without_data(const JsonVal *details, ParametersLeft parameters);
extern const JsonVal *history_event_without_data(const JsonVal *event, ParametersLeft parameters);

#endif /* SFN_ENGINE_HISTORY_DATA_H */
