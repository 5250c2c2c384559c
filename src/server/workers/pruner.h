/*
 * pruner.h
 *	  Retention: what ended long ago is deleted when there is nothing else to do.
 */
#ifndef SFN_WORKERS_PRUNER_H
#define SFN_WORKERS_PRUNER_H

#include "postgres.h"

/* Does one small transaction's worth if a pass is due or under way; false: nothing to do for now. */
extern bool pruner_step(void);

/* A step is due though there are turns to do. */
extern bool pruner_is_due(void);

#endif /* SFN_WORKERS_PRUNER_H */
