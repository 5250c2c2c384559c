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

#endif /* SFN_WORKERS_EXECUTOR_H */
