/*
 * object_locks.h
 *	  Locks of the lock manager on rows' objects, which are no row locks: executors pass by them, and who waits comes next.
 */
#ifndef SFN_STORE_OBJECT_LOCKS_H
#define SFN_STORE_OBJECT_LOCKS_H

#include "postgres.h"

/* Until the transaction ends; of the table's own object, so that nobody else's lock is the same. */
extern void object_lock(const char *table, int64 id);
/* False: somebody has it or waits for it. */
extern bool object_lock_if_free(const char *table, int64 id);

#endif /* SFN_STORE_OBJECT_LOCKS_H */
