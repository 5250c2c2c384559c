/*
 * event_rows.h
 *	  What events lead to in a turn, gathered: executions of one machine, and what archives keep, go to the tables together.
 */
#ifndef SFN_ACTIONS_EVENT_ROWS_H
#define SFN_ACTIONS_EVENT_ROWS_H

#include "postgres.h"

#include "store/event_archives.h"
#include "store/new_executions.h"

typedef struct EventRows EventRows;

/* In the current context, which must outlive event_rows_store(). */
extern EventRows *event_rows_begin(void);

/* All within a scope of the store; texts are copied.  An execution begins when it is stored: at the latest at the end of the turn. */
extern void event_rows_start(EventRows *rows, const NewExecutions *shared, const char *input);
extern void event_rows_archive(EventRows *rows, const ArchivedEvent *event);
extern void event_rows_store(EventRows *rows);

#endif /* SFN_ACTIONS_EVENT_ROWS_H */
