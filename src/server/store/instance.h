/*
 * instance.h
 *	  Which database the stored executions belong to.
 */
#ifndef SFN_STORE_INSTANCE_H
#define SFN_STORE_INSTANCE_H

#include "postgres.h"

typedef enum InstanceState
{
	INSTANCE_OURS,      /* the row names this database */
	INSTANCE_UNCLAIMED, /* no row and nothing stored yet */
	INSTANCE_FOREIGN    /* a copy of another database: nothing may run until sfn.adopt() */
} InstanceState;

/* All run in a transaction, outside store_enter(). */
extern InstanceState instance_check(void);
extern void instance_claim_if_empty(void); /* before the first state machine is stored */
extern void instance_adopt(void);

/* Is sfn.enabled on for workers here, as set for the database, be it otherwise in this session? */
extern bool instance_has_workers(bool enabled_for_server);

/* Within a scope of the store: does the executor do what schedules are due for, and not pg_cron? */
extern bool instance_has_own_schedules(void);

#endif /* SFN_STORE_INSTANCE_H */
