/*
 * jobs.h
 *	  Jobs of AWS services: waited for by a task, or to be cancelled because their task is gone.
 *
 * A job's row outlives its task's, so that whatever ends the task need not know of it.  All run between store_enter()
 * and store_leave(), in the pump.
 */
#ifndef SFN_STORE_JOBS_H
#define SFN_STORE_JOBS_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct JobInsert
{
	int64 task_id;
	const char *resource;
	int64 scope;
	const char *remote_id;
	const char *kept; /* JSON text */
	Oid role;
	const char *role_arn;  /* or NULL */
	const char *task_role; /* or NULL */
	TimestampTz started;
	TimestampTz next_poll;
} JobInsert;

typedef struct JobRow
{
	int64 task_id;
	char *remote_id;
	char *kept;
	Oid role;
	char *role_arn;  /* or NULL */
	char *task_role; /* or NULL */
	int32 polls;
	int32 missing;
	TimestampTz failing_since; /* 0: the last poll told something */
	int32 cancels;
	bool is_awaited; /* its task is there */
} JobRow;

/* Jobs that one call can ask for. */
typedef struct JobGroup
{
	char *resource;
	int64 scope;
	TimestampTz next_poll; /* the earliest */
} JobGroup;

/* What is to be kept of a poll. */
typedef struct JobNews
{
	int64 task_id;
	TimestampTz next_poll;
	bool is_missing;
	const char *error; /* NULL: it told something */
	bool is_cancel;    /* one that failed */
	int32 event_kind;  /* of those that have ended: EVENT_TASK_SUCCEEDED, EVENT_TASK_FAILED */
	const char *payload;
} JobNews;

extern bool jobs_exist(void);
extern void jobs_insert(const JobInsert *jobs, int count);
extern int job_groups(JobGroup **groups);

/* Those of the group that are due, at most max; they are nobody else's until the lease is over. */
extern int jobs_take(const JobGroup *group, TimestampTz now, TimestampTz lease_until, int max, JobRow **jobs);

/* What pumps had taken, but for those that are there, is due now. */
extern void jobs_recover(const int32 *pids, int pid_count);

/* Of these three what is locked stays as it is: its ids, at most count, and how many they are. */
extern int jobs_put_off(const JobNews *news, int count, int64 *locked);
/* They have ended: their tasks are told, those that nobody waits for any more just go. */
extern int jobs_end(const JobNews *news, int count, TimestampTz now, int64 *locked);
/* They are due now, with nobody asking for them. */
extern int jobs_release(const int64 *task_ids, int count, int64 *locked);
/* False: some are locked, or gone. */
extern bool jobs_delete(const int64 *task_ids, int count);

/* Events name these, among others: they are due now.  Returns how many. */
extern int jobs_wake(const char *const *remote_ids, int count);
/* No more events come. */
extern void jobs_forget_events(void);

#endif /* SFN_STORE_JOBS_H */
