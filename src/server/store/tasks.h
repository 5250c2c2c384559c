/*
 * tasks.h
 *	  Tasks whose work is done outside the turn: rows of sfn.task.
 *
 * A row is inserted by the turn that begins the task and lives until the task is
 * answered or its branch goes on without it.  Whoever answers deletes the row and
 * inserts an inbox row in one transaction.  A user's open transaction may hold a
 * row's lock for long, so executors delete rows with SKIP LOCKED only: a row that
 * is left behind names a visit and an attempt that nobody awaits any more.
 */
#ifndef SFN_STORE_TASKS_H
#define SFN_STORE_TASKS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef enum TaskKind			/* stored: numbers stay */
{
	TASK_HTTP = 1,				/* a request for the pump */
	TASK_ACTIVITY = 2,			/* for a worker that polls */
	TASK_CALLBACK = 3,			/* the token is out, somebody will answer */
	TASK_CHILD = 4,				/* another execution ends */
	TASK_MAP_RUN = 5
} TaskKind;

typedef enum TaskRowState		/* stored: numbers stay */
{
	TASK_TO_BE_TAKEN = 1,
	TASK_IN_FLIGHT = 2,
	TASK_AWAITS_ANSWER = 3
} TaskRowState;

typedef struct TaskInsert
{
	int64		execution_id;
	int32		branch;
	int32		visit;
	int32		attempt;
	TaskKind	kind;
	TaskRowState state;
	int64		activity_id;	/* 0: none */
	int64		child_execution_id; /* 0: none */
	Oid			role;
	int64		timeout_seconds;	/* 0: none */
	int64		heartbeat_seconds;
	TimestampTz created;
	const char *token;			/* or NULL */
	const char *resource;
	const char *parameters;		/* JSON text, or NULL */
} TaskInsert;

#endif							/* SFN_STORE_TASKS_H */
