/*
 * queue_poller.h
 *	  Triggers of queues: executions are started with messages between turns.
 */
#ifndef SFN_WORKERS_QUEUE_POLLER_H
#define SFN_WORKERS_QUEUE_POLLER_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* For the permanent executor, outside a transaction: fires what is due; returns when something is due next, 0: never. */
extern TimestampTz queue_poller_step(void);

#endif /* SFN_WORKERS_QUEUE_POLLER_H */
