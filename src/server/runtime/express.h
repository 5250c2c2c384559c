/*
 * express.h
 *	  A synchronous Express execution: from start to end in the caller's backend.
 */
#ifndef SFN_RUNTIME_EXPRESS_H
#define SFN_RUNTIME_EXPRESS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "engine/execution.h"
#include "runtime/machine_cache.h"

typedef struct ExpressRun
{
	/* filled by the caller */
	const CachedMachine *cached;
	const char *version_arn; /* or NULL */
	const char *alias_arn;   /* or NULL */
	const JsonVal *input;
	const char *input_text; /* NULL: the input's own text */
	const char *name;       /* NULL: a UUID */
	bool is_described;      /* arn and name are wanted, also where the execution itself needs neither */

	/* filled by express_run(), in the context current at the call */
	ExecutionStatus status; /* SUCCEEDED, FAILED or TIMED_OUT */
	const JsonVal *output;
	const char *error;
	const char *cause;
	const char *arn;
	TimestampTz start_time;
	TimestampTz stop_time;
} ExpressRun;

extern void express_run(ExpressRun *run);

#endif /* SFN_RUNTIME_EXPRESS_H */
