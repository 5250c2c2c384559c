/*
 * http_tasks.h
 *	  Requests waiting for the pump, and their answers.
 *
 * A row has no taken_at until the pump's transaction that takes it has committed;
 * only then the request is sent.  Its state says nothing: no index knows taken_at, so
 * taking is a HOT update.  Everything here runs between
 * store_enter() and store_leave().
 */
#ifndef SFN_STORE_HTTP_TASKS_H
#define SFN_STORE_HTTP_TASKS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/jobs.h"

typedef struct HttpTaskRow
{
	int64 id;
	int64 execution_id;
	int32 branch;
	int32 visit;
	int32 attempt;
	Oid role;
	bool has_token; /* the call's success is not the task's end */
	int64 timeout_seconds;
	TimestampTz created;
	char *parameters;
	char *host;
} HttpTaskRow;

typedef struct HttpWaiting
{
	int64 id;
	char *host;
	Oid role;
} HttpWaiting;

typedef struct HttpAnswer
{
	const HttpTaskRow *task;
	bool is_failure;
	const char *payload;  /* of the inbox row */
	const JobInsert *job; /* what the request has begun: the task's end is the job's; or NULL */
	bool is_delivered;    /* set: delivered, or nobody waits for it any more */
} HttpAnswer;

/* Is there a request to be sent, or one that somebody was sending?  For an executor that begins. */
extern bool http_tasks_exist(void);

/* Rows that pumps had in flight, but for those that are there: those of EXPRESS executions wait again; the others are returned. */
extern int http_tasks_recover(const int32 *pids, int pid_count, HttpTaskRow **tasks);

/* Of those returned: they wait again. */
extern void http_tasks_release(const int64 *ids, int count);

/* Those that wait, by id, from after on; an index's entries of deleted rows lie in front of them. */
extern int http_tasks_look(int64 after, int max, HttpWaiting **waiting);

/* Takes these: they are in flight now, in this process.  Rows that are gone, or held by a session, are left out. */
extern int http_tasks_take(const int64 *ids, int count, TimestampTz now, HttpTaskRow **tasks);

/* Tells the executions; rows that a session holds have to be tried again. */
extern void http_tasks_answer(HttpAnswer *answers, int count, TimestampTz now);

/* Which of these rows are gone; is_gone has room for count. */
extern void http_tasks_gone(const int64 *ids, int count, bool *is_gone);

/* Tells databases apart, for the keys of requests. */
extern char *http_instance_id(void);

#endif /* SFN_STORE_HTTP_TASKS_H */
