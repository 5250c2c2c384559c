/*
 * why.h
 *	  Why an execution does not go on: what it waits for, and who can end that.
 */
#ifndef SFN_ACTIONS_WHY_H
#define SFN_ACTIONS_WHY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "actions/errors.h"

/* One thing that is waited for.  What is below another in the list is a reason for that. */
typedef struct WhyRow
{
	int level;           /* 0: of the execution itself; 1: of one that it waits for, and so on */
	char *execution_arn; /* who waits; NULL: all of the database */
	const char *state;   /* NULL: the execution as a whole */
	const char *waits_for;
	const char *detail;
	TimestampTz since;     /* 0: not known */
	TimestampTz until;     /* when the wait ends by itself, at the latest; 0: never */
	int pid;               /* the process that runs, or holds, what is waited for; 0: none */
	const char *ended_by;  /* who can end it; or NULL */
	const char *statement; /* and by which; or NULL */
} WhyRow;

/* The rows, from the outside in: the server, the execution, its states, what those wait for. */
extern SFN_MUST_CHECK bool execution_why(ActionCall *call, const char *arn, List **rows);

/* The first of them in one line: "a callback: ..." */
extern char *why_in_short(const List *rows);

#endif /* SFN_ACTIONS_WHY_H */
