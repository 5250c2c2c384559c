/*
 * execution_status.h
 *	  The statuses of executions, by number and by name.
 */
#ifndef SFN_ENGINE_EXECUTION_STATUS_H
#define SFN_ENGINE_EXECUTION_STATUS_H

#include "base/port.h"

typedef enum ExecutionStatus
{
#define EXECUTION_STATUS(name, number) EXECUTION_##name = number,
#include "engine/execution_status_list.h"
#undef EXECUTION_STATUS
} ExecutionStatus;

/* "RUNNING" for EXECUTION_RUNNING and for what is no status. */
extern const char *execution_status_name(int status);
/* 0: there is no such status. */
extern int execution_status_of_name(const char *name);

#endif /* SFN_ENGINE_EXECUTION_STATUS_H */
