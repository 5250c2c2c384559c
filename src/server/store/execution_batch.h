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

#include "store/machines.h"

typedef struct ExecutionBatch ExecutionBatch;

/* Of the machine as it is named: its revision, version, alias. */
extern ExecutionBatch *execution_batch_begin(const MachineRow *machine, Oid starter, TimestampTz start_date);
/* Under a name of our making, which is returned as it is stored; the input is copied. */
extern char *execution_batch_add(ExecutionBatch *batch, const char *input, int input_length);
/* Stores what has not been stored yet. */
extern void execution_batch_flush(ExecutionBatch *batch);
extern void execution_batch_end(ExecutionBatch *batch);

#endif /* SFN_STORE_EXECUTION_BATCH_H */
