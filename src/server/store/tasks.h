/*
 * tasks.h
 *	  Tasks whose work is done outside the turn, and activities.
 *
 * A task's row is inserted by the turn that begins it and lives until the task is
 * answered or its branch goes on without it.  Whoever answers deletes the row and
 * inserts an inbox row in one transaction.  A user's open transaction may hold a
 * row's lock for long, so executors delete rows with SKIP LOCKED only: a row that
 * is left behind names a visit and an attempt that nobody awaits any more.
 *
 * Everything here runs between store_enter() and store_leave(), except where noted.
 */
#ifndef SFN_STORE_TASKS_H
#define SFN_STORE_TASKS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/machines.h"

typedef enum TaskKind /* stored: numbers stay */
{
	TASK_HTTP = 1,     /* a request for the pump */
	TASK_ACTIVITY = 2, /* for a worker that polls */
	TASK_CALLBACK = 3, /* the token is out, somebody will answer */
	TASK_CHILD = 4,    /* another execution ends */
	TASK_MAP_RUN = 5,
	TASK_JOB = 6 /* a job of an AWS service ends: store/jobs.h */
} TaskKind;

/* stored: numbers stay; whether a TASK_HTTP is in flight says taken_at */
typedef enum TaskRowState
{
	TASK_TO_BE_TAKEN = 1,
	TASK_IN_FLIGHT = 2,
	TASK_AWAITS_ANSWER = 3
} TaskRowState;

typedef struct TaskInsert
{
	int64 execution_id;
	int32 branch;
	int32 visit;
	int32 attempt;
	TaskKind kind;
	TaskRowState state;
	int64 activity_id;        /* 0: none */
	int64 child_execution_id; /* or, with TASK_MAP_RUN, the map run; 0: none */
	Oid role;
	int64 timeout_seconds; /* 0: none */
	int64 heartbeat_seconds;
	TimestampTz created;
	const char *token; /* or NULL */
	const char *resource;
	const char *parameters; /* JSON text, or NULL */
	const char *host;       /* of an HTTP request: whose share of the pump it takes; or NULL */
} TaskInsert;

typedef struct TaskRow
{
	int64 id;
	int64 execution_id;
	int32 branch;
	int32 visit;
	int32 attempt;
	int kind;
	Oid role;                /* the machine's */
	int64 heartbeat_seconds; /* 0: none */
	char *worker_name;       /* or NULL */
	char *resource;
	char *token;
	char *parameters;
	int64 child_execution_id; /* or 0 */
} TaskRow;

/* ---- for turns ---- */

/* Stores a task in the middle of a turn; returns its id.  Both open a scope of their own. */
extern int64 task_insert(const TaskInsert *insert);
extern void task_delete(int64 id);

/* The tasks that wait for the end of one of the executions, sorted by that; their rows stay. */
extern int tasks_of_children(const int64 *execution_ids, int id_count, TaskRow **tasks);

/* ---- for those who answer ---- */

/* The task with this token, whose row is deleted or kept; NULL when there is none that is still awaited. */
extern TaskRow *task_take_by_token(const char *token);
extern TaskRow *task_find_by_token(const char *token);
/* The same for several, in any order; returns how many there are. */
extern int tasks_take_by_tokens(char **tokens, int count, TaskRow **tasks);

/* Whose an open task is, by its token. */
typedef struct TaskOfToken
{
	MachineRow *machine;
	Oid activity_owner; /* InvalidOid: it is no activity's */
} TaskOfToken;

extern bool task_of_token(const char *token, TaskOfToken *task); /* false: there is none */

/* Tells the task's execution; payload: JSON text or NULL. */
extern void task_tell(const TaskRow *task, int event_kind, TimestampTz due, const char *payload);
/* Each its own, with a payload for each; at least one. */
extern void tasks_tell(const TaskRow **tasks, char **payloads, int count, int event_kind, TimestampTz due);

/*
 * The oldest tasks of the activity that nobody has taken, at most max, and taking them (fewer: somebody was quicker).  Both may
 * lock rows beside those they return: a row that another worker has taken since the statement's snapshot is locked
 * before it is seen to be none.  So the first belongs into a subtransaction that is rolled back, and the second, too,
 * when it returns fewer than were found; else that worker's answer would wait for this transaction.
 */
extern int tasks_find_for_worker(int64 activity_id, int max, int64 *ids);
extern int tasks_take_for_worker(const int64 *ids, int count, const char *worker_name, TimestampTz now,
								 TaskRow **tasks);

/* Those of activities that nobody has taken; how many activities of those names (text[]) have some. */
typedef struct WaitingTasks
{
	char *activity;
	int64 tasks; /* as many are counted as anybody wants to know of */
} WaitingTasks;

extern int tasks_waiting(Datum names, int most, WaitingTasks **waiting);

/* A task that its worker never got is there to be taken again; its activity, 0: there is no such task. */
extern int64 task_return(const char *token);

/* ---- activities ---- */

typedef struct ActivityRow
{
	int64 id;
	char *name;
	Oid owner;
	TimestampTz creation_date;
} ActivityRow;

extern ActivityRow *activity_by_name(const char *name); /* NULL: none */
/* The new one, or the one that is there. */
extern ActivityRow *activity_insert(const char *name, Oid owner, TimestampTz creation_date, bool *is_new);
extern bool activity_delete(int64 id, Oid caller); /* false: it is gone, or not the caller's any more */
/* A page of those that a role may see, by name, behind after (NULL: from the beginning); their number, at most max. */
extern int activity_list(Oid role, const char *after, int max, ActivityRow **activities);

#endif /* SFN_STORE_TASKS_H */
