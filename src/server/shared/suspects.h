/*
 * suspects.h
 *	  Executions that failed or crashed a worker: kept out of shared turns, run alone one at a time, quarantined in the end.
 */
#ifndef SFN_SHARED_SUSPECTS_H
#define SFN_SHARED_SUSPECTS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define SUSPECT_TRIES 3 /* failures alone until quarantine */

typedef enum SuspectAction
{
	SUSPECT_NONE,      /* none is due */
	SUSPECT_RUN,       /* alone */
	SUSPECT_RUN_LAST,  /* alone, the last time before quarantine */
	SUSPECT_QUARANTINE /* has had its tries */
} SuspectAction;

/* Whose failure is it? */
typedef enum SuspectFault
{
	FAULT_OF_SERVER,   /* no space, no memory: nobody is blamed, however often */
	FAULT_IN_DOUBT,    /* counts when others go on meanwhile, for ten minutes */
	FAULT_OF_EXECUTION /* counts */
} SuspectFault;

/* ---- for the launcher, after a crash; all but the last take the lock ---- */
extern void suspects_restore(Oid database, int64 execution, int strikes);
extern void suspects_crashed(Oid database, int64 execution, bool was_alone);
extern void suspects_crashed_unknown(Oid database);
extern void suspects_forget(Oid database); /* with the lock held: the database or its extension is gone */

/* ---- for an executor, about its database; they take the lock ---- */
extern bool suspects_exist(void); /* in any database; costs nothing */
extern int suspects_list(int64 *executions, int max);
extern TimestampTz suspects_next_due(void); /* 0: none */
/* The caller reports what became of it by one of the four after it. */
extern SuspectAction suspect_take(int64 *execution, bool *has_crashed);
extern void suspect_passed(int64 execution);
extern void suspect_found_nothing(int64 execution);
extern void suspect_failed(int64 execution, SuspectFault fault);
extern void suspect_put_back(int64 execution);

extern bool suspect_add(int64 execution);
extern void suspects_worker_leaves(bool was_asked_to); /* at exit */

#endif /* SFN_SHARED_SUSPECTS_H */
