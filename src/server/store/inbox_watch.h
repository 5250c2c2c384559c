/*
 * inbox_watch.h
 *	  What the permanent executor asks of the inbox when it has nothing to do.
 */
#ifndef SFN_STORE_INBOX_WATCH_H
#define SFN_STORE_INBOX_WATCH_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Is a task due that must run alone, of another execution than those?  In a transaction, outside store_enter(). */
extern bool inbox_has_task_alone(TimestampTz now, const int64 *excluded, int excluded_count);

#endif /* SFN_STORE_INBOX_WATCH_H */
