/*
 * pump_delivery.c
 *	  Answers on their way from the pump into the database.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "base/error.h"
#include "engine/event_payload.h"
#include "services/http/aws_call.h"
#include "workers/pump_delivery.h"
#include "workers/pump_jobs.h"

#define HELD_RETRY_MS 100
#define LONGEST_GATHERING 2000 /* microseconds */

static struct
{
	dlist_head answered;
	HttpAnswer *answers; /* of the pass under way */
	int answer_count;
	bool has_held_rows;
	int64 gathering; /* microseconds */
	TimestampTz due;
} delivery;

void
pump_delivery_begin(void)
{
	dlist_init(&delivery.answered);
}

void
pump_delivery_add(PumpTask *task)
{
	http_queue_ended(task->host);
	task->host = NULL;
	if (dlist_is_empty(&delivery.answered))
		delivery.due = GetCurrentTimestamp() + delivery.gathering;
	dlist_push_tail(&delivery.answered, &task->attempt.transfer.node);
}

/* A call of AWS that reads, or has a token by which the service knows that it is the same. */
static bool
may_be_sent_again(const HttpTaskRow *task)
{
	JvParseError not_json;
	const char *text = task->parameters != NULL ? task->parameters : "null";

	return aws_call_may_be_repeated(jv_parse_stored(text, (int) strlen(text), &not_json));
}

void
pump_delivery_recover(const int32 *pids, int pid_count)
{
	HttpTaskRow *tasks;
	int count = http_tasks_recover(pids, pid_count, &tasks);
	HttpAnswer *answers = palloc0(sizeof(HttpAnswer) * (count + 1));
	int64 *again = palloc(sizeof(int64) * (count + 1));
	int lost_count = 0;
	int again_count = 0;
	Event lost = {.error = ERROR_TASK_FAILED, .cause = "The worker was lost while the request was in flight."};
	const char *payload = event_payload_print(&lost);

	for (int i = 0; i < count; i++)
	{
		if (may_be_sent_again(&tasks[i]))
		{
			again[again_count++] = tasks[i].id;
			continue;
		}
		answers[lost_count].task = &tasks[i];
		answers[lost_count].is_failure = true;
		answers[lost_count++].payload = payload;
	}
	if (again_count > 0)
		http_tasks_release(again, again_count);
	if (lost_count > 0)
		http_tasks_answer(answers, lost_count, GetCurrentTimestamp());
}

int
pump_delivery_tell(void)
{
	dlist_iter iter;
	int count = 0;
	int gone = 0;

	delivery.answers = palloc0(sizeof(HttpAnswer) * (pump_task_count() + 1));
	delivery.answer_count = 0;
	dlist_foreach(iter, &delivery.answered)
	{
		PumpTask *task = pump_task_of_node(iter.cur);

		delivery.answers[count].task = &task->row;
		delivery.answers[count].is_failure = task->is_failure;
		delivery.answers[count].job = task->begun;
		delivery.answers[count++].payload = task->payload;
	}
	if (count > 0)
		http_tasks_answer(delivery.answers, count, GetCurrentTimestamp());
	delivery.answer_count = count;
	for (int i = 0; i < count; i++)
	{
		gone += delivery.answers[i].is_delivered;
		if (delivery.answers[i].is_delivered && delivery.answers[i].job != NULL)
			pump_jobs_expect();
	}
	return gone;
}

void
pump_delivery_committed(int64 pass_took)
{
	for (int i = 0; i < delivery.answer_count; i++)
	{
		PumpTask *task = (PumpTask *) ((char *) delivery.answers[i].task - offsetof(PumpTask, row));

		if (delivery.answers[i].is_delivered)
			pump_task_free(task);
	}
	delivery.answer_count = 0;
	delivery.gathering = Min(Max(pass_took, 0), LONGEST_GATHERING);
	delivery.has_held_rows = !dlist_is_empty(&delivery.answered);
	if (delivery.has_held_rows)
		delivery.due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), HELD_RETRY_MS);
}

void
pump_delivery_failed(void)
{
	delivery.answer_count = 0;
}

TimestampTz
pump_delivery_due(bool is_idle)
{
	if (dlist_is_empty(&delivery.answered))
		return DT_NOEND;
	return is_idle && !delivery.has_held_rows ? DT_NOBEGIN : delivery.due;
}
