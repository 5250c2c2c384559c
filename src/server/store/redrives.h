/*
 * redrives.h
 *	  What redriving an execution asks of the tables; inside a store scope.
 */
#ifndef SFN_STORE_REDRIVES_H
#define SFN_STORE_REDRIVES_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Is the execution's state at its end still there? */
extern bool execution_can_be_redriven(int64 execution_id);

/* When this token redrove the execution, if that was after since; else 0. */
extern TimestampTz redrive_token_date(int64 execution_id, const char *token, TimestampTz since);
extern void redrive_token_insert(int64 execution_id, const char *token, TimestampTz now);

#endif /* SFN_STORE_REDRIVES_H */
