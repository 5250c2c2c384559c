/*
 * counting.h
 *	  What has happened to an execution, into the counters of its machine.
 */
#ifndef SFN_RUNTIME_COUNTING_H
#define SFN_RUNTIME_COUNTING_H

#include "postgres.h"

#include "engine/execution.h"
#include "shared/machine_stats.h"

/* What the engine has counted. */
extern void count_engine(MachineCounts *counts, const Execution *execution);

/* An execution that has ended then. */
extern void count_end(MachineCounts *counts, const Execution *execution, TimestampTz stop_date);

#endif /* SFN_RUNTIME_COUNTING_H */
