/*
 * executor_failures.h
 *	  What becomes of an execution that makes turns fail.
 */
#ifndef SFN_WORKERS_EXECUTOR_FAILURES_H
#define SFN_WORKERS_EXECUTOR_FAILURES_H

#include "postgres.h"

#include "shared/suspects.h"

/* Whose fault an error of that SQLSTATE may be. */
extern SuspectFault fault_of(int sqlstate);

/*
 * Turns go on without it: it is a suspect, or, where there are too many of those, done later.  So its failure is no reason
 * for others to wait.  False: not even that could be written.
 */
extern bool execution_put_aside(int64 execution);

/*
 * It has had its tries: out of the executors' sight, and into the log.  What has crashed workers waits for an
 * administrator; the others are tried again after an hour.
 */
extern void quarantine_suspect(int64 execution, bool has_crashed);

#endif /* SFN_WORKERS_EXECUTOR_FAILURES_H */
