/*
 * event_rows.h
 *	  What events and schedules lead to in a turn, gathered: executions of one machine, and what archives keep, go to the
 *	  tables together.
 */
#ifndef SFN_ACTIONS_EVENT_ROWS_H
#define SFN_ACTIONS_EVENT_ROWS_H

#include "postgres.h"

#include "store/event_archives.h"
#include "store/new_executions.h"

typedef struct EventRows EventRows;

/* Is told whose execution is not stored, since another one of its machine has the name. */
typedef void (*EventNameTaken)(const void *whose, const char *name, const char *input);

/* In the current context, which must outlive event_rows_store(); is_taken NULL: no names are chosen. */
extern EventRows *event_rows_begin(EventNameTaken is_taken);

/* All within a scope of the store; texts are copied.  An execution begins when it is stored: at the latest at the end of the turn. */
extern void event_rows_start(EventRows *rows, const NewExecutions *shared, const char *input);
extern void event_rows_start_named(EventRows *rows, const NewExecutions *shared, const char *name, const char *input,
								   const void *whose);
extern void event_rows_archive(EventRows *rows, const ArchivedEvent *event);
extern void event_rows_store(EventRows *rows);

#endif /* SFN_ACTIONS_EVENT_ROWS_H */
