/*
 * waits.h
 *	  What an execution waits for, as the tables know it.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_WAITS_H
#define SFN_STORE_WAITS_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* The execution itself. */
typedef struct WaitingExecution
{
	int64 state_machine_id;
	TimestampTz quarantined_at; /* 0: it is not */
	char *quarantine_reason;
	TimestampTz released_at; /* a quarantine ends by itself; 0: never */
} WaitingExecution;

extern WaitingExecution *waiting_execution(int64 execution_id);

/* A row of the inbox that stands for a wait: a timer, or what is to be done in a turn. */
typedef struct InboxWait
{
	int32 branch;
	int32 visit;
	int32 attempt;
	int kind;    /* EventKind */
	int timer;   /* TimerKind */
	char *state; /* NULL: none yet */
	TimestampTz entered;
	TimestampTz due;
	char *resource;      /* of a task that was put off; NULL: it is none */
	bool is_uncommitted; /* written by this transaction: no executor sees it */
} InboxWait;

/* Without clocks of tasks and of the execution that are not due, which are ends of other waits; at most max, by branch. */
extern int inbox_waits(int64 execution_id, TimestampTz now, int max, InboxWait **waits);

/* A row of sfn.task. */
typedef struct TaskWait
{
	int32 branch;
	int32 attempt;
	int kind;  /* TaskKind */
	int state; /* TaskRowState */
	char *state_name;
	TimestampTz created;
	TimestampTz taken_at; /* 0: not taken */
	char *worker_name;
	char *token;
	char *resource;
	char *host;
	int64 child_id; /* execution or map run */
	Oid role;
	char *activity;
	TimestampTz until; /* the first of its clocks; 0: none runs */
} TaskWait;

extern int task_waits(int64 execution_id, int max, TaskWait **waits);

/* When the execution times out; 0: never. */
extern TimestampTz execution_times_out(int64 execution_id);

/* Who keeps a process from going on. */
typedef struct LockHolder
{
	int pid;             /* 0: a prepared transaction */
	Oid role;            /* InvalidOid: not known */
	char *role_name;     /* or NULL */
	char *application;   /* or NULL */
	TimestampTz since;   /* its transaction; 0: not known */
	TimestampTz waiting; /* since when the process waits */
	char *lock;          /* what it waits for */
	char *query;         /* the last one of the holder, or NULL */
} LockHolder;

extern int lock_holders(int pid, int max, LockHolder **holders);

/* Sessions that have locked the execution's own row, which executors pass over then. */
extern int row_holders(int64 execution_id, int max, LockHolder **holders);

/* Children of a map run that have not ended, the first ones. */
extern int map_run_open_children(int64 map_run_id, int max, int64 *ids);

#endif /* SFN_STORE_WAITS_H */
