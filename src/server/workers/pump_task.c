/*
 * pump_task.c
 *	  One task in the pump: its request, and what is told of the response.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "base/hashes.h"
#include "engine/event_payload.h"
#include "shared/worker_stats.h"
#include "workers/pump_task.h"

static int task_count = 0;
static int idle_count = 0;

static bool make_request(PumpTask *task, const EgressPolicy *policy, const char *instance_id, MemoryContext tokens,
						 SfnError *error);
static char *idempotency_key(const HttpTaskRow *row, const char *instance_id);
static int64 time_limit(const PumpTask *task);

PumpTask *
pump_task_of_node(dlist_node *node)
{
	return (PumpTask *) dlist_container(HttpTransfer, node, node);
}

int
pump_task_count(void)
{
	return task_count;
}

int
pump_task_busy_count(void)
{
	return task_count - idle_count;
}

void
pump_task_is_idle(PumpTask *task)
{
	task->is_idle = true;
	idle_count++;
}

/* ---- the request ---- */

PumpTask *
pump_task_begin(MemoryContext parent, Oid role, dlist_head *taken)
{
	PumpTask *task = (PumpTask *) http_attempt_begin(parent, sizeof(PumpTask), role);

	dlist_push_tail(taken, &task->attempt.transfer.node); /* before anything that may fail */
	task_count++;
	return task;
}

void
pump_task_make(const HttpTaskRow *row, const EgressPolicy *policy, const char *instance_id, MemoryContext parent,
			   dlist_head *taken)
{
	PumpTask *task = pump_task_begin(parent, row->role, taken);
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	SfnError error = {0};

	task->host = http_queue_started(row->host, row->role);
	task->row = *row;
	task->row.parameters = pstrdup(row->parameters != NULL ? row->parameters : "null");
	if (!make_request(task, policy, instance_id, parent, &error))
		pump_task_fail(task, &error, 0);
	MemoryContextSwitchTo(caller_context);
}

static bool
make_request(PumpTask *task, const EgressPolicy *policy, const char *instance_id, MemoryContext tokens, SfnError *error)
{
	JvParseError not_json;
	const JsonVal *stored = jv_parse_stored(task->row.parameters, (int) strlen(task->row.parameters), &not_json);

	if (!http_attempt_make_task(&task->attempt, stored, policy, tokens, idempotency_key(&task->row, instance_id),
								error))
		return false;
	task->attempt.transfer.timeout_ms = time_limit(task);
	task->stored = stored;
	if (jv_get_string(stored, "job") != NULL)
		task->job = aws_job(jv_get_string(stored, "job"));
	return true;
}

/* The same for one attempt, whoever sends it; another database's differ. */
static char *
idempotency_key(const HttpTaskRow *row, const char *instance_id)
{
	char *name =
		psprintf("%s/" INT64_FORMAT "/%d/%d/%d", instance_id, row->execution_id, row->branch, row->visit, row->attempt);
	char *hex = hash_hex("SHA-256", name, (int) strlen(name));

	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* In milliseconds; the engine's timer goes first. */
static int64
time_limit(const PumpTask *task)
{
	int64 limit = task->attempt.transfer.timeout_ms;
	int64 seconds = task->row.timeout_seconds;

	return seconds > 0 && seconds * 1000 < limit ? seconds * 1000 + 1000 : limit;
}

bool
pump_task_send(PumpTask *task)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	bool is_sent;

	task->sent = GetCurrentTimestamp();
	is_sent = http_attempt_send(&task->attempt);
	if (is_sent)
		worker_stats_count(WORKER_REQUESTS_SENT);
	else
		token_wait(task->attempt.token, &task->attempt.transfer);
	MemoryContextSwitchTo(caller_context);
	return is_sent;
}

void
pump_task_free(PumpTask *task)
{
	dlist_delete(&task->attempt.transfer.node);
	task_count--;
	idle_count -= task->is_idle;
	if (task->host != NULL)
		http_queue_ended(task->host);
	transfer_free(&task->attempt.transfer);
}

/* ---- the answer ---- */

void
pump_task_fail(PumpTask *task, const SfnError *error, int64 retry_after)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	Event event = {.error = error->name,
				   .cause = error->cause,
				   .retry_after = retry_after,
				   .schedule_failed = task->row.has_token || task->job != NULL};

	task->payload = event_payload_print(&event);
	task->is_failure = true;
	MemoryContextSwitchTo(caller_context);
}

static void
succeed(PumpTask *task, const JsonVal *value)
{
	Event event = {.value = value};

	task->payload = event_payload_print(&event);
	task->is_failure = false;
}

/* Those that one call can ask for, with the same credentials. */
static int64
scope_of_job(const AwsJob *job, const JobInsert *begun)
{
	const char *text = psprintf("%u/%s/%s/%s", begun->role, begun->role_arn != NULL ? begun->role_arn : "",
								begun->task_role != NULL ? begun->task_role : "", job->at_once > 1 ? begun->kept : "");

	return (int64) hash_bytes_extended((const unsigned char *) text, (int) strlen(text), 0);
}

/* The response has begun a job, whose end is that of the task. */
static void
begin_job(PumpTask *task, const JsonVal *value)
{
	const char *id;
	const JsonVal *kept;
	JobInsert *begun;
	SfnError error = {0};

	if (!aws_job_begun(task->job, jv_get(task->stored, "input"), value, &id, &kept))
	{
		(void) sfn_error(&error, ERROR_TASK_FAILED, "The service has not told which job it has begun: %s",
						 jv_to_text(value));
		pump_task_fail(task, &error, 0);
		return;
	}
	begun = palloc0(sizeof(JobInsert));
	begun->task_id = task->row.id;
	begun->resource = task->job->resource;
	begun->remote_id = id;
	begun->kept = jv_to_text(kept);
	begun->role = task->row.role;
	begun->role_arn = jv_get_string(task->stored, "role_arn");
	begun->task_role = jv_get_string(task->stored, "task_role");
	begun->scope = scope_of_job(task->job, begun);
	begun->started = GetCurrentTimestamp();
	begun->next_poll = TimestampTzPlusMilliseconds(begun->started, task->job->first_ms);
	task->begun = begun;
	succeed(task, value);
}

/* What the response says; false: it is to be sent again. */
static bool
take_response(PumpTask *task)
{
	HttpTransfer *transfer = &task->attempt.transfer;
	HttpResponse response;
	SfnError error = {0};
	const JsonVal *value;

	if (!transfer_response(transfer, &response, &error))
		pump_task_fail(task, &error, 0);
	else if (http_attempt_starts_over(&task->attempt, &response))
		return false;
	else if (!http_response_value(&task->attempt.request, &response, &value, &error))
		pump_task_fail(task, &error, http_retry_after(&response));
	else if (task->job != NULL)
		begin_job(task, value);
	else
		succeed(task, value);
	return true;
}

bool
pump_task_finish(PumpTask *task)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	bool is_answered;

	worker_stats_add(WORKER_REQUEST_TIME, Max(GetCurrentTimestamp() - task->sent, 0));
	transfer_report_refusal(&task->attempt.transfer, psprintf("execution " INT64_FORMAT, task->row.execution_id));
	is_answered = take_response(task);
	if (is_answered)
		worker_stats_count(task->is_failure ? WORKER_REQUESTS_FAILED : WORKER_REQUESTS_SUCCEEDED);
	MemoryContextSwitchTo(caller_context);
	return is_answered;
}
