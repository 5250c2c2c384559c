/*
 * relation_watch.h
 *	  Who wants to hear that a relation was changed.
 *
 * The server has ten places in a process for such callbacks, which it shares with every extension there is; ours take one.
 */
#ifndef SFN_SHARED_RELATION_WATCH_H
#define SFN_SHARED_RELATION_WATCH_H

#include "postgres.h"

#include "utils/inval.h"

/* From now on, and until the process ends, on_changed is called as a callback of CacheRegisterRelcacheCallback() is. */
extern void relation_watch(RelcacheCallbackFunction on_changed);

#endif /* SFN_SHARED_RELATION_WATCH_H */
