/*
 * execution_batch.h
 *	  Starting many executions of one machine with few statements.
 *
 * Runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_EXECUTION_BATCH_H
#define SFN_STORE_EXECUTION_BATCH_H

#include "postgres.h"

#include "store/new_executions.h"

typedef struct ExecutionBatch ExecutionBatch;

/* Is told of what is not stored, since its name is taken, when that turns out; number: how many were added before it. */
typedef void (*NameIsTaken)(void *arg, int64 number, const NewExecution *execution);

/* What they share must stay, but for the struct itself; start_date 0: when they are stored.  is_taken NULL: no names are chosen. */
extern ExecutionBatch *execution_batch_begin(const NewExecutions *shared, NameIsTaken is_taken, void *arg);
/* Returns the name as it is stored; name NULL: one of our making.  Both texts are copied. */
extern char *execution_batch_add(ExecutionBatch *batch, const char *name, const char *input, int input_length);
/* Stores what has not been stored yet. */
extern void execution_batch_flush(ExecutionBatch *batch);
extern void execution_batch_end(ExecutionBatch *batch);

#endif /* SFN_STORE_EXECUTION_BATCH_H */
