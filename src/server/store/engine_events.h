/*
 * engine_events.h
 *	  What there is to tell of map runs, quarantined executions and the backlog, from the tables.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_ENGINE_EVENTS_H
#define SFN_STORE_ENGINE_EVENTS_H

#include "postgres.h"

typedef enum EngineEventKind
{
	ENGINE_MAP_RUN_ENDED,
	ENGINE_EXECUTION_QUARANTINED,
	ENGINE_BACKLOG, /* something has been due for a minute that no worker has in hand */
	ENGINE_EVENT_KINDS
} EngineEventKind;

typedef struct EngineEventRow
{
	int64 state_machine_id; /* who may see it gets the event; 0: who may see statistics */
	Oid role;               /* its role */
	char *trace_header;
	char *resource; /* its ARN, or NULL */
	char *detail;
} EngineEventRow;

/* Of the map run or execution of that id.  NULL: there is nothing to tell. */
extern EngineEventRow *engine_event_read(EngineEventKind kind, int64 id);

#endif /* SFN_STORE_ENGINE_EVENTS_H */
