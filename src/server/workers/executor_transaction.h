/*
 * executor_transaction.h
 *	  Work of a worker in a transaction of its own.
 */
#ifndef SFN_WORKERS_EXECUTOR_TRANSACTION_H
#define SFN_WORKERS_EXECUTOR_TRANSACTION_H

#include "postgres.h"

/*
 * For executors, the pruner and the pump, outside a transaction: does the work in one and commits it; NULL: that is
 * done.  An error is reported, the transaction aborted and the error returned.  Memory is that of the call, within the
 * work and afterwards; it has to outlive the transaction.
 */
extern ErrorData *executor_transaction(void (*work)(void *arg), void *arg);

/* Was the last one that failed cancelled because of a stop, or for DDL?  That is nobody's error, nor reported as one. */
extern bool executor_transaction_was_cancelled(void);

#endif /* SFN_WORKERS_EXECUTOR_TRANSACTION_H */
