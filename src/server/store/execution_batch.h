/*
 * execution_batch.h
 *	  Starting many executions of one machine with few statements.
 *
 * Runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_EXECUTION_BATCH_H
#define SFN_STORE_EXECUTION_BATCH_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/new_executions.h"

typedef struct ExecutionBatch ExecutionBatch;

/* Is told of what is not stored, since its name is taken, when that turns out; number: how many were added before it. */
typedef void (*NameIsTaken)(void *arg, int64 number, const NewExecution *execution);

/* Of the machine as it is named: its revision, version, alias. */
extern ExecutionBatch *execution_batch_begin(const MachineRow *machine, Oid starter, TimestampTz start_date,
											 NameIsTaken is_taken, void *arg);
/* Returns the name as it is stored; name NULL: one of our making.  Both texts are copied. */
extern char *execution_batch_add(ExecutionBatch *batch, const char *name, const char *input, int input_length);
/* Stores what has not been stored yet. */
extern void execution_batch_flush(ExecutionBatch *batch);
extern void execution_batch_end(ExecutionBatch *batch);

#endif /* SFN_STORE_EXECUTION_BATCH_H */
