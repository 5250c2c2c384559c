/*
 * replayer.h
 *	  Replays of archives: a part of one is put on its bus between turns.
 */
#ifndef SFN_WORKERS_REPLAYER_H
#define SFN_WORKERS_REPLAYER_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* For the permanent executor, outside a transaction: one part; returns when to come again, 0: when it is woken. */
extern TimestampTz replayer_step(void);

#endif /* SFN_WORKERS_REPLAYER_H */
