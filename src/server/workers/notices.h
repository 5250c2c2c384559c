/*
 * notices.h
 *	  Notifications that targets of rules ask for, sent between turns.
 */
#ifndef SFN_WORKERS_NOTICES_H
#define SFN_WORKERS_NOTICES_H

#include "postgres.h"

/* For an executor, outside a transaction: sends what has been left, if any rule has such a target. */
extern void notices_step(void);

#endif /* SFN_WORKERS_NOTICES_H */
