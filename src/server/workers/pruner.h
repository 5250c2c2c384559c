/*
 * pruner.h
 *	  Retention: what ended long ago is deleted when there is nothing else to do.
 */
#ifndef SFN_WORKERS_PRUNER_H
#define SFN_WORKERS_PRUNER_H

#include "postgres.h"

/* Does one small transaction's worth if a pass is due or under way; false: nothing to do for now. */
extern bool pruner_step(void);

/* After a turn, though there may be more of them to do: its share of the time. */
extern void pruner_beside_turns(void);

#endif /* SFN_WORKERS_PRUNER_H */
