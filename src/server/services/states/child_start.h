/*
 * child_start.h
 *	  Starting an execution for a task without going through sfn.api().
 */
#ifndef SFN_SERVICES_STATES_CHILD_START_H
#define SFN_SERVICES_STATES_CHILD_START_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "json/json_value.h"

typedef struct ChildStart
{
	int64 id;
	const char *arn;
	TimestampTz start_date;
} ChildStart;

/*
 * Starts what the request of a StartExecution asks for, as the role; awaits_end: tasks wait for its end.  False: it is
 * not one of the plain starts that cannot fail, and nothing has been done.
 */
extern bool child_start(const JsonVal *request, Oid role, bool awaits_end, ChildStart *started);

#endif /* SFN_SERVICES_STATES_CHILD_START_H */
