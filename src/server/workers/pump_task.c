/*
 * pump_task.c
 *	  One task in the pump: its request, and what is told of the response.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "base/hashes.h"
#include "engine/event_payload.h"
#include "shared/worker_stats.h"
#include "workers/pump_task.h"

static int task_count = 0;

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

/* ---- the request ---- */

void
pump_task_make(const HttpTaskRow *row, const EgressPolicy *policy, const char *instance_id, MemoryContext parent,
			   dlist_head *taken)
{
	PumpTask *task = (PumpTask *) http_attempt_begin(parent, sizeof(PumpTask), row->role);
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	SfnError error = {0};

	dlist_push_tail(taken, &task->attempt.transfer.node); /* before anything that may fail */
	task_count++;
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
				   .schedule_failed = task->row.has_token};

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
	else if (http_response_value(&task->attempt.request, &response, &value, &error))
		succeed(task, value);
	else
		pump_task_fail(task, &error, http_retry_after(&response));
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
