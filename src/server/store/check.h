/*
 * check.h
 *	  What no key keeps true between the tables, looked at.
 */
#ifndef SFN_STORE_CHECK_H
#define SFN_STORE_CHECK_H

#include "postgres.h"

typedef struct CheckFinding
{
	const char *kind;
	const char *object;
	const char *problem;
	const char *cure;
} CheckFinding;

/* Between store_enter() and store_leave(): tells of each finding about executions of these ids, and about what is not theirs. */
extern void check_tables(int64 from_id, int64 to_id, void (*tell)(const CheckFinding *finding, void *arg), void *arg);

#endif /* SFN_STORE_CHECK_H */
