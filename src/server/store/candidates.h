/*
 * candidates.h
 *	  Executions that a turn might claim beside, or in place of, those that have waited longest.
 *
 * Only looked at, nothing is locked: a claim that follows may find less.
 */
#ifndef SFN_STORE_CANDIDATES_H
#define SFN_STORE_CANDIDATES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "shared/crowd.h"

#define MAX_NEWS 24
#define MAX_TASKS_ALONE 192

typedef struct Candidate
{
	int64 execution_id;
	int64 machine;
	Oid role;
	int priority; /* of the machine */
} Candidate;

/* Told of each execution that is claimed: then it need not be looked up among the news. */
extern void candidates_remember(int64 execution_id, int64 machine);

/*
 * Executions for which something came due after since, of none of these machines and not excluded, at most MAX_NEWS; a
 * few of each role and machine.  With crowd only those that are light beside it.
 */
extern int candidates_among_news(TimestampTz since, TimestampTz now, const int64 *machines, int machine_count,
								 const int64 *excluded, int excluded_count, const Crowd *crowd, Candidate *candidates);

/*
 * Executions with a task due that is to run alone and not excluded, oldest first, at most MAX_TASKS_ALONE; where one
 * machine has most of them, those of others come behind.
 */
extern int candidates_alone(TimestampTz now, const int64 *excluded, int excluded_count, Candidate *candidates);

/* It was claimed, or another executor was faster: the next turns need not be shown it again. */
extern void candidate_forget(int64 execution_id);

/*
 * Takes the one out whose role and machine come next, with a place to run its task; false: there is none.  *leaves_place
 * when a role could have no place because the last free one is for others.
 */
extern bool candidate_take_place(Candidate *candidates, int *count, Candidate *next, bool *leaves_place);

#endif /* SFN_STORE_CANDIDATES_H */
