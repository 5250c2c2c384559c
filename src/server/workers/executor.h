/*
 * executor.h
 *	  Taking due inbox rows of one database, turn after turn.
 */
#ifndef SFN_WORKERS_EXECUTOR_H
#define SFN_WORKERS_EXECUTOR_H

#include "postgres.h"

/* What the postmaster starts; argument: the slot, bgw_extra: its generation. */
extern PGDLLEXPORT void sfn_executor_main(Datum argument);

/* Settings that a worker must have, whatever is set for the server, the database or the role. */
extern void worker_pin_settings(void);

/*
 * Work of an executor, the pruner or the pump in a transaction of its own, in the caller's memory, which outlives it; the
 * error (reported), or NULL.
 */
extern ErrorData *executor_transaction(void (*work)(void *arg), void *arg);

#endif /* SFN_WORKERS_EXECUTOR_H */
