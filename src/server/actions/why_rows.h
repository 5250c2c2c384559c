/*
 * why_rows.h
 *	  Between the files of sfn.why(): the rows, and the execution that is looked at.
 */
#ifndef SFN_ACTIONS_WHY_ROWS_H
#define SFN_ACTIONS_WHY_ROWS_H

#include "postgres.h"

#include "actions/resources.h"
#include "actions/why.h"
#include "shared/in_hand.h"

typedef struct Why
{
	ActionCall *call;
	List *rows;
} Why;

/* An execution that is looked at. */
typedef struct Waiter
{
	Why *why;
	int level;
	int64 id;
	char *arn;
	const MachineRow *machine;
	TimestampTz times_out; /* 0: never */
	int worker_pid;        /* of the executor that has it in hand; 0: none */
	RunningTask task;      /* of that executor */
} Waiter;

/* why.c: a row behind the others, which ends when the execution times out unless it says otherwise. */
extern WhyRow *why_add(Waiter *waiter, const char *state, const char *waits_for, const char *detail, TimestampTz since);

/* Who can end it: whom the machine's role lets, by a function of an execution. */
extern void why_ended_by(WhyRow *row, const char *who, const char *statement);
extern void why_ended_by_privilege(WhyRow *row, const Waiter *waiter, MachinePrivilege privilege, const char *function);
extern void why_ended_by_stop(WhyRow *row, const Waiter *waiter);

extern const char *why_role_name(Oid role);
extern TimestampTz why_earlier(TimestampTz a, TimestampTz b); /* 0: never */

/* why.c: another execution, one level below, as far as the caller may see it. */
extern void why_other(Waiter *waiter, int64 execution_id);
extern const char *why_name_other(const Waiter *waiter, int64 execution_id);

/* why_waits.c: what its branches wait for. */
extern void why_waits(Waiter *waiter);

/* why_processes.c: who holds a lock that a process waits for, or the execution's row; why no executor takes a task. */
extern void why_locked(Waiter *waiter, const char *state, int pid);
extern void why_row_locked(Waiter *waiter);
extern void why_no_helper(Waiter *waiter, const char *state, const char *resource, TimestampTz since);

#endif /* SFN_ACTIONS_WHY_ROWS_H */
