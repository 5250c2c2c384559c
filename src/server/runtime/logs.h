/*
 * logs.h
 *	  Log events, as the logging configuration of a machine asks for them.
 */
#ifndef SFN_RUNTIME_LOGS_H
#define SFN_RUNTIME_LOGS_H

#include "postgres.h"

#include "engine/execution.h"
#include "runtime/machine_cache.h"
#include "store/turn_rows.h"

/* Where the log rows of an execution go. */
typedef struct LogTarget
{
	int64 state_machine_id;
	const char *execution_name; /* as stored: EXPRESS with its UUID */
	int32 redrive_count;
	TimestampTz log_date;
} LogTarget;

/* Adds what the machine's configuration wants of the execution's history chunks to the turn's rows. */
extern void log_chunks(TurnRows *rows, const Execution *execution, const CachedMachine *cached,
					   const LogTarget *target);

/* The same, written at once: for an execution without a turn. */
extern void log_write(const Execution *execution, const CachedMachine *cached, const LogTarget *target);

#endif /* SFN_RUNTIME_LOGS_H */
