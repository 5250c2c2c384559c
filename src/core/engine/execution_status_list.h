/*
 * execution_status_list.h
 *	  The statuses of executions: name, as AWS has it, and number, as it is stored (numbers stay).
 *
 * PENDING_REDRIVE is never stored: it is shown of the children of a map run that
 * has been redriven, until they go on.
 */
EXECUTION_STATUS(RUNNING, 1)
EXECUTION_STATUS(SUCCEEDED, 2)
EXECUTION_STATUS(FAILED, 3)
EXECUTION_STATUS(TIMED_OUT, 4)
EXECUTION_STATUS(ABORTED, 5)
EXECUTION_STATUS(PENDING_REDRIVE, 6)
