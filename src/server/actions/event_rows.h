/*
 * event_starts.h
 *	  Executions that events start in a turn: those of one machine go to the tables together.
 */
#ifndef SFN_ACTIONS_EVENT_STARTS_H
#define SFN_ACTIONS_EVENT_STARTS_H

#include "postgres.h"

#include "store/new_executions.h"

typedef struct EventStarts EventStarts;

/* In the current context, which must outlive event_starts_store(). */
extern EventStarts *event_starts_begin(void);

/* Both within a scope of the store.  What was added begins when it is stored: at the latest at the end of the turn. */
extern void event_starts_add(EventStarts *starts, const NewExecutions *shared, const char *input);
extern void event_starts_store(EventStarts *starts);

#endif /* SFN_ACTIONS_EVENT_STARTS_H */
