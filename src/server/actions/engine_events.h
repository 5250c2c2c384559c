/*
 * engine_events.h
 *	  What the engine tells beside changes of status, with the source "sfn".
 */
#ifndef SFN_ACTIONS_ENGINE_EVENTS_H
#define SFN_ACTIONS_ENGINE_EVENTS_H

#include "postgres.h"

#include "store/engine_events.h"

/*
 * Sends the event, of the map run or execution of that id, in this transaction.  False: nobody can want such a one,
 * which takes no look at a table, or there is nothing to tell.
 */
extern bool engine_event_tell(EngineEventKind kind, int64 id);

#endif /* SFN_ACTIONS_ENGINE_EVENTS_H */
