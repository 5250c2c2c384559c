/*
 * pump_jobs.c
 *	  Jobs that tasks with .sync wait for: asking services how they stand, cancelling those whose task is gone.
 *
 * Jobs that one call can ask for are a group, and each group has a bucket of calls: so many a second, half as many after
 * a service has said that it is too much, one more each minute.  What is due and has no call left is late, not lost.
 * A job that is asked for has a lease, in case that this process dies.  Nothing of a job is kept here between two polls, but
 * which rows were locked when there was something to tell: these are asked for again.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "engine/event.h"
#include "engine/event_payload.h"
#include "services/http/aws_call.h"
#include "services/http/http_attempt.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/jobs.h"
#include "workers/pump_calls.h"
#include "workers/pump_jobs.h"

#define LOOK_MS 1000 /* a job may be due earlier than it was: its task is gone */
#define LEASE_MS 90000
#define LOCKED_MS 1000 /* until a row that was locked is tried again */
#define MOST_CALLS 50  /* of a group in one pass */
#define MOST_MISSING 3
#define MOST_CANCELS 3
#define CANCEL_PAUSE_MS 2000
#define DENIED_MS (15 * 60 * 1000)
#define LEAST_RATE 0.1

typedef struct JobBucket
{
	dlist_node node;
	char *resource;
	int64 scope;
	double rate; /* calls a second */
	double calls;
	TimestampTz filled;
	bool is_used; /* the group was there at the last look */
} JobBucket;

/* A call about some jobs; in the memory of its transfer. */
typedef struct JobPoll
{
	const AwsJob *job;
	int64 scope;
	bool is_cancel;
	JobRow *rows;
	int count;
	JobNews *put_off; /* what is to be told */
	int put_off_count;
	JobNews *ended;
	int ended_count;
	int64 *deleted;
	int deleted_count;
} JobPoll;

typedef struct JobIds
{
	int64 *ids;
	int count;
	int size;
} JobIds;

static struct
{
	MemoryContext context;
	dlist_head buckets;
	dlist_head answered;
	JobIds locked;          /* when somebody held them, there was something to tell */
	JobIds locked_now;      /* the same, once the pass has committed */
	TimestampTz release_at; /* those of the first */
	TimestampTz look_at;    /* DT_NOEND: there are no jobs */
} jobs;

static void
polls_begin(MemoryContext parent)
{
	jobs.context = parent;
	dlist_init(&jobs.buckets);
	dlist_init(&jobs.answered);
	jobs.look_at = DT_NOEND;
}

static void
polls_recover(const int32 *pids, int pid_count)
{
	jobs_recover(pids, pid_count);
	jobs.look_at = GetCurrentTimestamp();
}

void
pump_jobs_expect(void)
{
	jobs.look_at = DT_NOBEGIN;
}

/* ---- rows that somebody holds ---- */

/* Room for so many more. */
static int64 *
room_for(JobIds *list, int count)
{
	if (list->count + count > list->size)
	{
		list->size = list->count + count + 100;
		list->ids = list->ids == NULL ? MemoryContextAlloc(jobs.context, sizeof(int64) * list->size)
									  : repalloc(list->ids, sizeof(int64) * list->size);
	}
	return list->ids + list->count;
}

/* At the beginning of a pass: those that are free now are due; the others stay noted. */
static void
release_locked(TimestampTz now)
{
	int64 *left;

	jobs.locked_now.count = 0;
	if (jobs.locked.count == 0)
		return;
	left = room_for(&jobs.locked_now, jobs.locked.count);
	if (now < jobs.release_at)
	{
		memcpy(left, jobs.locked.ids, sizeof(int64) * jobs.locked.count);
		jobs.locked_now.count = jobs.locked.count;
		return;
	}
	jobs.locked_now.count = jobs_release(jobs.locked.ids, jobs.locked.count, left);
	jobs.look_at = DT_NOBEGIN;
}

static void
note_locked(void)
{
	JobIds before = jobs.locked;
	TimestampTz now = GetCurrentTimestamp();

	jobs.locked = jobs.locked_now;
	jobs.locked_now = before;
	jobs.locked_now.count = 0;
	if (now >= jobs.release_at)
		jobs.release_at = TimestampTzPlusMilliseconds(now, LOCKED_MS);
}

/* ---- how many calls ---- */

static JobBucket *
bucket_of(const char *resource, int64 scope)
{
	JobBucket *bucket;
	dlist_iter iter;

	dlist_foreach(iter, &jobs.buckets)
	{
		bucket = dlist_container(JobBucket, node, iter.cur);
		if (bucket->scope == scope && strcmp(bucket->resource, resource) == 0)
			return bucket;
	}
	bucket = MemoryContextAllocZero(jobs.context, sizeof(JobBucket));
	bucket->resource = MemoryContextStrdup(jobs.context, resource);
	bucket->scope = scope;
	bucket->rate = bucket->calls = sfn_job_poll_rate;
	bucket->filled = GetCurrentTimestamp();
	dlist_push_tail(&jobs.buckets, &bucket->node);
	return bucket;
}

static void
bucket_fill(JobBucket *bucket, TimestampTz now)
{
	double seconds = Max(now - bucket->filled, 0) / (double) USECS_PER_SEC;

	bucket->filled = now;
	bucket->rate = Min(bucket->rate + seconds / 60, sfn_job_poll_rate);
	bucket->calls = Min(bucket->calls + seconds * bucket->rate, Max(bucket->rate, 1));
}

/* Those whose jobs have all ended. */
static void
drop_unused_buckets(void)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &jobs.buckets)
	{
		JobBucket *bucket = dlist_container(JobBucket, node, iter.cur);

		if (!bucket->is_used)
		{
			dlist_delete(&bucket->node);
			pfree(bucket->resource);
			pfree(bucket);
			continue;
		}
		bucket->is_used = false;
	}
}

/* ---- calling ---- */

static JobRow *
copy_rows(const JobRow *rows, int count)
{
	JobRow *copy = palloc(sizeof(JobRow) * count);

	memcpy(copy, rows, sizeof(JobRow) * count);
	for (int i = 0; i < count; i++)
	{
		copy[i].remote_id = pstrdup(rows[i].remote_id);
		copy[i].kept = pstrdup(rows[i].kept);
		copy[i].role_arn = rows[i].role_arn != NULL ? pstrdup(rows[i].role_arn) : NULL;
		copy[i].task_role = rows[i].task_role != NULL ? pstrdup(rows[i].task_role) : NULL;
	}
	return copy;
}

static const JsonVal *
call_parameters(const JobPoll *poll)
{
	JvParseError not_json;
	const JsonVal *kept = jv_parse_stored(poll->rows[0].kept, (int) strlen(poll->rows[0].kept), &not_json);
	const char **ids = palloc(sizeof(char *) * poll->count);

	for (int i = 0; i < poll->count; i++)
		ids[i] = poll->rows[i].remote_id;
	return poll->is_cancel ? aws_job_cancel(poll->job, kept, ids[0])
						   : aws_job_describe(poll->job, kept, ids, poll->count);
}

static void take_trouble(JobPoll *poll, AwsTrouble trouble, const SfnError *error);

typedef struct JobTaking
{
	const AwsJob *job;
	int64 scope;
	const EgressPolicy *policy;
	MemoryContext parent;
	dlist_head *taken;
} JobTaking;

static void
make_call(const JobTaking *taking, const JobRow *rows, int count, bool is_cancel)
{
	PumpTask *task = pump_task_begin(taking->parent, rows[0].role, taking->taken);
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	JobPoll *poll = palloc0(sizeof(JobPoll));
	const JsonVal *stored;
	SfnError error = {0};

	poll->job = taking->job;
	poll->scope = taking->scope;
	poll->is_cancel = is_cancel;
	poll->rows = copy_rows(rows, count);
	poll->count = count;
	task->calls = &pump_jobs;
	task->asked = poll;
	stored = aws_call_stored(poll->job, is_cancel ? poll->job->cancel : poll->job->describe, rows[0].role_arn,
							 rows[0].task_role, call_parameters(poll));
	if (http_attempt_make_task(&task->attempt, stored, taking->policy, taking->parent, random_uuid(), &error))
		task->attempt.transfer.is_repeatable = true;
	else
	{
		take_trouble(poll, AWS_TROUBLE_DENIED, &error);
		task->payload = ""; /* there is nothing to be sent */
	}
	MemoryContextSwitchTo(caller_context);
}

static bool
is_same(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool
can_be_asked_together(const JobRow *a, const JobRow *b)
{
	return a->role == b->role && is_same(a->kept, b->kept) && is_same(a->role_arn, b->role_arn) &&
		is_same(a->task_role, b->task_role);
}

/* A call for as many as there may be; returns how many calls. */
static int
ask_for(const JobTaking *taking, JobRow *rows, int count)
{
	int calls = 0;

	for (int first = 0; first < count; calls++)
	{
		int next = first + 1;

		while (next < count && next - first < taking->job->at_once && can_be_asked_together(&rows[first], &rows[next]))
			next++;
		make_call(taking, &rows[first], next - first, false);
		first = next;
	}
	return calls;
}

/* Nobody waits for these any more. */
static int
cancel_all(const JobTaking *taking, const JobRow *rows, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (taking->job->cancel != NULL)
			make_call(taking, &rows[i], 1, true);
		else
			(void) jobs_delete(&rows[i].task_id, 1);
	}
	return taking->job->cancel != NULL ? count : 0;
}

/* What of the group is due, as far as calls go; returns when there is more to do. */
static TimestampTz
take_group(const JobGroup *group, JobTaking *taking, TimestampTz now)
{
	JobBucket *bucket = bucket_of(group->resource, group->scope);
	TimestampTz lease = TimestampTzPlusMilliseconds(now, Max(LEASE_MS, 2 * (int64) sfn_http_request_timeout));
	JobRow *rows;
	JobRow *awaited;
	JobRow *others;
	int count;
	int awaited_count = 0;
	int other_count = 0;

	bucket->is_used = true;
	bucket_fill(bucket, now);
	if (group->next_poll > now)
		return group->next_poll;
	if (bucket->calls < 1)
		return now + (TimestampTz) ((1 - bucket->calls) / bucket->rate * USECS_PER_SEC) + 1;
	count = jobs_take(group, now, lease, Min((int) bucket->calls, MOST_CALLS) * taking->job->at_once, &rows);
	awaited = palloc(sizeof(JobRow) * (count + 1));
	others = palloc(sizeof(JobRow) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		if (rows[i].is_awaited)
			awaited[awaited_count++] = rows[i];
		else
			others[other_count++] = rows[i];
	}
	bucket->calls -= ask_for(taking, awaited, awaited_count) + cancel_all(taking, others, other_count);
	return TimestampTzPlusMilliseconds(now, LOOK_MS / 10);
}

static void
polls_take(const EgressPolicy *policy, MemoryContext parent, dlist_head *taken)
{
	TimestampTz now = GetCurrentTimestamp();
	JobGroup *groups;
	int count;

	if (now < jobs.look_at)
		return;
	count = job_groups(&groups);
	jobs.look_at = count > 0 ? TimestampTzPlusMilliseconds(now, LOOK_MS) : DT_NOEND;
	for (int i = 0; i < count; i++)
	{
		JobTaking taking = {.job = aws_job(groups[i].resource),
							.scope = groups[i].scope,
							.policy = policy,
							.parent = parent,
							.taken = taken};

		if (taking.job != NULL)
			jobs.look_at = Min(jobs.look_at, take_group(&groups[i], &taking, now));
	}
	drop_unused_buckets();
}

/* ---- what the answers say ---- */

/* Not all at the same moment, though begun so. */
static TimestampTz
next_poll(const AwsJob *job, const JobRow *row)
{
	int32 key[3] = {(int32) row->task_id, (int32) (row->task_id >> 32), row->polls};
	double spread = 0.8 + 0.4 * (hash_bytes((const unsigned char *) key, sizeof(key)) % 1000) / 1000;
	double length = Min(job->first_ms * pow(1.5, Min(row->polls + 1, 60)), job->longest_ms);

	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), (int64) (length * spread));
}

static void
put_off(JobPoll *poll, const JobRow *row, bool is_missing, const char *error)
{
	poll->put_off[poll->put_off_count++] = (JobNews){.task_id = row->task_id,
													 .next_poll = next_poll(poll->job, row),
													 .is_missing = is_missing,
													 .error = error};
}

static void
end_job(JobPoll *poll, const JobRow *row, const Event *event, bool is_good)
{
	poll->ended[poll->ended_count++] = (JobNews){.task_id = row->task_id,
												 .event_kind = is_good ? EVENT_TASK_SUCCEEDED : EVENT_TASK_FAILED,
												 .payload = event_payload_print(event)};
}

static void
end_well(JobPoll *poll, const JobRow *row, const JsonVal *result)
{
	Event event = {.value = result};

	if (jv_text_size(result, sfn_max_payload_size) > sfn_max_payload_size)
	{
		Event too_large =
			{.error = ERROR_DATA_LIMIT_EXCEEDED,
			 .cause =
				 "The state/task returned a result with a size exceeding the maximum number of bytes service limit."};

		end_job(poll, row, &too_large, false);
		return;
	}
	end_job(poll, row, &event, true);
}

static void
end_badly(JobPoll *poll, const JobRow *row, const char *cause)
{
	Event event = {.error = ERROR_TASK_FAILED, .cause = cause};

	end_job(poll, row, &event, false);
}

/* Just begun, it may not be known everywhere yet. */
static void
job_is_missing(JobPoll *poll, const JobRow *row, const char *cause)
{
	if (poll->job->is_deletion)
		end_well(poll, row, jv_empty_object());
	else if (row->missing + 1 >= MOST_MISSING)
		end_badly(poll, row, cause);
	else
		put_off(poll, row, true, cause);
}

static void
take_states(JobPoll *poll, const JsonVal *answer)
{
	for (int i = 0; i < poll->count; i++)
	{
		const JobRow *row = &poll->rows[i];
		const JsonVal *result = NULL;

		switch (aws_job_state(poll->job, answer, row->remote_id, &result))
		{
			case AWS_JOB_RUNS:
				put_off(poll, row, false, NULL);
				break;
			case AWS_JOB_SUCCEEDED:
				end_well(poll, row, result);
				break;
			case AWS_JOB_FAILED:
				end_badly(poll, row, jv_to_text(result));
				break;
			case AWS_JOB_MISSING:
				job_is_missing(poll, row, psprintf("The service knows no job \"%s\".", row->remote_id));
				break;
		}
	}
}

/* It is tried three times, then left to whoever reads the log. */
static void
cancel_failed(JobPoll *poll, AwsTrouble trouble, const char *cause)
{
	const JobRow *row = &poll->rows[0];

	if (trouble != AWS_TROUBLE_MISSING && row->cancels + 1 < MOST_CANCELS)
	{
		TimestampTz next = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), CANCEL_PAUSE_MS * (row->cancels + 1));

		poll->put_off[poll->put_off_count++] =
			(JobNews){.task_id = row->task_id, .next_poll = next, .error = cause, .is_cancel = true};
		return;
	}
	poll->deleted[poll->deleted_count++] = row->task_id;
	if (trouble != AWS_TROUBLE_MISSING)
		ereport(WARNING,
				(errmsg("job \"%s\" of %s could not be cancelled: %s", row->remote_id, poll->job->resource, cause),
				 errdetail("The task that waited for it has ended.")));
}

static void
news_begin(JobPoll *poll)
{
	poll->put_off = palloc(sizeof(JobNews) * poll->count);
	poll->ended = palloc(sizeof(JobNews) * poll->count);
	poll->deleted = palloc(sizeof(int64) * poll->count);
}

/* Only what stays denied, or unknown, ends a job: its service says nothing of it otherwise. */
static void
take_trouble(JobPoll *poll, AwsTrouble trouble, const SfnError *error)
{
	TimestampTz now = GetCurrentTimestamp();
	const char *cause = pstrdup(error->cause != NULL ? error->cause : error->name);

	news_begin(poll);
	if (trouble == AWS_TROUBLE_THROTTLED)
	{
		JobBucket *bucket = bucket_of(poll->job->resource, poll->scope);

		bucket_fill(bucket, now);
		bucket->rate = Max(bucket->rate / 2, LEAST_RATE);
		bucket->calls = Min(bucket->calls, 0);
	}
	if (poll->is_cancel)
	{
		cancel_failed(poll, trouble, cause);
		return;
	}
	for (int i = 0; i < poll->count; i++)
	{
		const JobRow *row = &poll->rows[i];

		if (trouble == AWS_TROUBLE_MISSING)
			job_is_missing(poll, row, cause);
		else if (trouble == AWS_TROUBLE_DENIED && row->failing_since != 0 &&
				 TimestampDifferenceExceeds(row->failing_since, now, DENIED_MS))
			end_badly(poll, row, cause);
		else
			put_off(poll, row, false, cause);
	}
}

static void
polls_fail(PumpTask *task, const SfnError *error)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);

	take_trouble(task->asked, AWS_TROUBLE_DENIED, error);
	MemoryContextSwitchTo(caller_context);
}

static bool
polls_finish(PumpTask *task)
{
	HttpTransfer *transfer = &task->attempt.transfer;
	MemoryContext caller_context = MemoryContextSwitchTo(transfer->context);
	JobPoll *poll = task->asked;
	AwsTrouble trouble = AWS_TROUBLE;
	HttpResponse response;
	SfnError error = {0};
	const JsonVal *answer;
	bool is_over = true;

	transfer_report_refusal(transfer, psprintf("a job of %s", poll->job->resource));
	if (!transfer_response(transfer, &response, &error) &&
		!aws_call_does_without(&task->attempt.request, &error, &response))
		take_trouble(poll, trouble, &error);
	else if (http_attempt_starts_over(&task->attempt, &response))
		is_over = false;
	else if (!aws_call_answer(&task->attempt.request, &response, &answer, &trouble, &error))
		take_trouble(poll, trouble, &error);
	else
	{
		news_begin(poll);
		if (poll->is_cancel)
			poll->deleted[poll->deleted_count++] = poll->rows[0].task_id;
		else
			take_states(poll, answer);
	}
	MemoryContextSwitchTo(caller_context);
	return is_over;
}

/* ---- telling ---- */

static void
polls_keep(PumpTask *task)
{
	dlist_push_tail(&jobs.answered, &task->attempt.transfer.node);
}

static void
polls_tell(void)
{
	TimestampTz now = GetCurrentTimestamp();
	JobIds *locked = &jobs.locked_now;
	dlist_iter iter;

	release_locked(now);
	dlist_foreach(iter, &jobs.answered)
	{
		const JobPoll *poll = pump_task_of_node(iter.cur)->asked;

		locked->count += jobs_put_off(poll->put_off, poll->put_off_count, room_for(locked, poll->put_off_count));
		locked->count += jobs_end(poll->ended, poll->ended_count, now, room_for(locked, poll->ended_count));
		if (poll->deleted_count > 0 && !jobs_delete(poll->deleted, poll->deleted_count))
		{
			memcpy(room_for(locked, poll->deleted_count), poll->deleted, sizeof(int64) * poll->deleted_count);
			locked->count += poll->deleted_count;
		}
	}
}

static void
polls_committed(void)
{
	note_locked();
	while (!dlist_is_empty(&jobs.answered))
		pump_task_free(pump_task_of_node(dlist_head_node(&jobs.answered)));
}

/* What is leased and was not sent is due now; so is what has been begun since. */
static void
polls_failed(void)
{
	jobs.look_at = GetCurrentTimestamp();
}

static TimestampTz
polls_due(bool is_leaving)
{
	if (!dlist_is_empty(&jobs.answered))
		return DT_NOBEGIN;
	if (is_leaving)
		return DT_NOEND;
	return jobs.locked.count > 0 ? Min(jobs.look_at, jobs.release_at) : jobs.look_at;
}

const PumpCalls pump_jobs = {
	.begin = polls_begin,
	.recover = polls_recover,
	.tell = polls_tell,
	.take = polls_take,
	.committed = polls_committed,
	.failed = polls_failed,
	.finish = polls_finish,
	.fail = polls_fail,
	.keep = polls_keep,
	.due = polls_due,
};
