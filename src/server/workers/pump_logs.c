/*
 * pump_logs.c
 *	  Log events, sent to the log groups of CloudWatch Logs that logging configurations name.
 *
 * A state machine has one call under way.  Its events go in their order, as many at once as CloudWatch Logs takes; that they
 * were sent is known when the pass that tells of it has committed, so a pump that dies in between sends them once more.
 * Whatever goes wrong is told in a view, and in nobody's way.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "aws/endpoint.h"
#include "base/error.h"
#include "base/timestamps.h"
#include "engine/history_data.h"
#include "services/http/aws_call.h"
#include "services/http/http_attempt.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/log_deliveries.h"
#include "workers/pump_calls.h"

/* CloudWatch Logs' limits of a call. */
#define MOST_EVENTS 10000
#define MOST_BYTES 1048576
#define BYTES_OF_EVENT 26 /* besides its text */
#define LONGEST_SPAN_MS (INT64CONST(24) * 3600 * 1000)

#define LOOK_EVERY USECS_PER_SEC /* what comes within goes together */
#define LEASE_MS 60000
#define LONGEST_PAUSE_MS 300000
#define LOG_GROUP ":log-group:"

/* In the memory of its transfer. */
typedef struct LogCall
{
	LogDelivery delivery;
	bool makes_stream;
	int64 *rows; /* that are sent, with the next two */
	int row_count;
	int64 rest_of; /* the row that is sent only in part; 0: none */
	int32 rest_from;
	int count;             /* of events */
	const char *error;     /* NULL: they were taken */
	bool stream_is_needed; /* it is not there */
} LogCall;

typedef struct LogEntry
{
	int64 time; /* in milliseconds since 1970 */
	int place;  /* of events of the same time, the order */
	const char *message;
} LogEntry;

/* What goes into one call. */
typedef struct LogBatch
{
	LogCall *call;
	struct LogEntry *entries;
	int64 bytes;
	int64 first; /* the earliest and the latest time */
	int64 last;
} LogBatch;

static struct
{
	dlist_head answered;
	TimestampTz looked;
	TimestampTz look_at; /* DT_NOEND: nothing is to be sent */
} logs;

static void
logs_begin(MemoryContext parent)
{
	(void) parent;
	dlist_init(&logs.answered);
	logs.look_at = DT_NOBEGIN;
}

static void
logs_recover(const int32 *pids, int pid_count)
{
	log_deliveries_recover(pids, pid_count);
	logs.look_at = DT_NOBEGIN;
}

/* ---- one event ---- */

static void
add_text(JvObjectBuilder *out, const char *name, const char *text)
{
	jv_object_add(out, name, jv_string(text));
}

static const JsonVal *
text_of(const JsonVal *event, const char *member)
{
	const JsonVal *value = jv_get(event, member);

	return jv_string(value != NULL ? jv_to_text(value) : "0");
}

/* The event as Step Functions writes it into a log group. */
static char *
message_of(const UnsentEvent *unsent, const JsonVal *event, int64 time)
{
	const JsonVal *details = history_event_details(event);
	const char *type = jv_get_string(event, "type");
	JvObjectBuilder out;

	jv_object_begin(&out);
	jv_object_add(&out, "id", text_of(event, "id"));
	add_text(&out, "type", type != NULL ? type : "");
	jv_object_add(&out, "details", details != NULL ? details : jv_empty_object());
	jv_object_add(&out, "previous_event_id", text_of(event, "previousEventId"));
	add_text(&out, "event_timestamp", psprintf(INT64_FORMAT, time));
	add_text(&out, "execution_arn", unsent->execution_arn);
	add_text(&out, "redrive_count", psprintf("%d", unsent->redrive_count));
	return jv_to_text(jv_object_end(&out));
}

/* Milliseconds since 1970. */
static int64
time_of(const JsonVal *event)
{
	const JsonVal *time = jv_get(event, "timestamp");

	return time != NULL ? (int64) (strtod(jv_to_text(time), NULL) * 1000 + 0.5) : 0;
}

/* What is too large for CloudWatch Logs goes without its data. */
static const char *
fitting_message(const UnsentEvent *unsent, const JsonVal *event, int64 time)
{
	char *message = message_of(unsent, event, time);

	if (strlen(message) + BYTES_OF_EVENT > MOST_BYTES)
		message = message_of(unsent, history_event_without_data(event, PARAMETERS_EMPTY), time);
	return message;
}

/* ---- what goes into a call ---- */

/* False: there is no room for it. */
static bool
add_event(LogBatch *batch, const UnsentEvent *unsent)
{
	JvParseError not_json;
	const JsonVal *event = jv_parse(unsent->event, (int) strlen(unsent->event), &not_json);
	int64 time = time_of(event);
	const char *message = fitting_message(unsent, event, time);
	int64 bytes = (int64) strlen(message) + BYTES_OF_EVENT;
	int64 first = batch->call->count > 0 ? Min(batch->first, time) : time;
	int64 last = batch->call->count > 0 ? Max(batch->last, time) : time;

	if (batch->call->count >= MOST_EVENTS || last - first >= LONGEST_SPAN_MS ||
		(batch->call->count > 0 && batch->bytes + bytes > MOST_BYTES))
		return false;
	batch->entries[batch->call->count] = (LogEntry){time, batch->call->count, message};
	batch->bytes += bytes;
	batch->first = first;
	batch->last = last;
	batch->call->count++;
	return true;
}

static int
compare_times(const void *a, const void *b)
{
	const LogEntry *left = a;
	const LogEntry *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->place - right->place;
}

static void
note_row(LogCall *call, const UnsentEvent *event)
{
	if (call->row_count == 0 || call->rows[call->row_count - 1] != event->row)
		call->rows[call->row_count++] = event->row;
	call->rest_of = event->number < event->count ? event->row : 0;
	call->rest_from = event->number;
}

/* As many of the events as one call takes, and which those are. */
static const JsonVal *
fill_batch(LogCall *call, const UnsentEvent *events, int count)
{
	LogBatch batch = {.call = call, .entries = palloc(sizeof(LogEntry) * MOST_EVENTS)};
	JvArrayBuilder all;

	call->rows = palloc(sizeof(int64) * (count + 1));
	for (int i = 0; i < count && add_event(&batch, &events[i]); i++)
		note_row(call, &events[i]);
	qsort(batch.entries, call->count, sizeof(LogEntry), compare_times);
	jv_array_begin(&all);
	for (int i = 0; i < call->count; i++)
	{
		JvObjectBuilder entry;

		jv_object_begin(&entry);
		jv_object_add(&entry, "Timestamp", jv_int(batch.entries[i].time));
		add_text(&entry, "Message", batch.entries[i].message);
		jv_array_add(&all, jv_object_end(&entry));
	}
	return jv_array_end(&all);
}

/* ---- calling ---- */

static const char *
group_name(const char *arn)
{
	const char *name = strstr(arn, LOG_GROUP) + strlen(LOG_GROUP);

	return pnstrdup(name, strcspn(name, ":"));
}

/* As Step Functions calls them: "states/MACHINE/2026-01-31-23-59/0123abcd". */
static char *
new_stream_name(const LogDelivery *delivery)
{
	StringInfoData minute;

	initStringInfo(&minute);
	timestamp_print(&minute, GetCurrentTimestamp());
	minute.data[strlen("2026-01-31T23:59")] = '\0';
	for (char *c = minute.data; *c != '\0'; c++)
	{
		if (*c == 'T' || *c == ':')
			*c = '-';
	}
	return psprintf("states/%s/%s/%.8s", delivery->machine_name, minute.data, random_uuid());
}

static const JsonVal *
parameters_of(LogCall *call, const UnsentEvent *events, int count)
{
	JvObjectBuilder out;

	if (call->makes_stream)
		call->delivery.stream = new_stream_name(&call->delivery);
	jv_object_begin(&out);
	add_text(&out, "LogGroupName", group_name(call->delivery.log_group));
	add_text(&out, "LogStreamName", call->delivery.stream);
	if (!call->makes_stream)
		jv_object_add(&out, "LogEvents", fill_batch(call, events, count));
	return jv_object_end(&out);
}

static void
not_taken(LogCall *call, const char *error)
{
	call->error = error;
	call->count = 0;
	call->row_count = 0;
}

static void
send_events(const LogDelivery *delivery, const EgressPolicy *policy, MemoryContext parent, dlist_head *taken)
{
	PumpTask *task = pump_task_begin(parent, delivery->role, taken);
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	LogCall *call = palloc0(sizeof(LogCall));
	UnsentEvent *events = NULL;
	SfnError error = {0};
	const JsonVal *stored;
	int count;

	call->delivery = *delivery;
	call->delivery.log_group = pstrdup(delivery->log_group);
	call->delivery.stream = delivery->stream != NULL ? pstrdup(delivery->stream) : NULL;
	call->makes_stream = delivery->stream == NULL;
	task->calls = &pump_logs;
	task->asked = call;
	count = call->makes_stream ? 0 : log_delivery_events(delivery->state_machine_id, &events);
	stored = aws_call_in_region("cloudwatchlogs", call->makes_stream ? "createLogStream" : "putLogEvents",
								aws_region_named(call->delivery.log_group), delivery->role_arn,
								parameters_of(call, events, count));
	if (http_attempt_make_task(&task->attempt, stored, policy, parent, random_uuid(), &error))
		pump_task_is_idle(task);
	else
	{
		not_taken(call, error.cause);
		task->payload = ""; /* there is nothing to be sent */
	}
	MemoryContextSwitchTo(caller_context);
}

static void
logs_take(const EgressPolicy *policy, MemoryContext parent, dlist_head *taken)
{
	TimestampTz now = GetCurrentTimestamp();
	LogDelivery *deliveries;
	int count;

	if (now < logs.looked + LOOK_EVERY && now >= logs.looked)
	{
		logs.look_at = Min(logs.look_at, logs.looked + LOOK_EVERY);
		return;
	}
	logs.looked = now;
	count =
		log_deliveries_take(now, TimestampTzPlusMilliseconds(now, Max(LEASE_MS, 2 * (int64) sfn_http_request_timeout)),
							&deliveries);
	for (int i = 0; i < count; i++)
	{
		if (deliveries[i].log_group != NULL)
			send_events(&deliveries[i], policy, parent, taken);
		else
			log_delivery_forget(deliveries[i].state_machine_id);
	}
	logs.look_at = log_deliveries_due();
}

/* ---- what the answers say ---- */

/* Events that CloudWatch Logs has taken note of, and no more. */
static void
look_for_rejected(LogCall *call, const JsonVal *answer)
{
	const JsonVal *rejected = jv_is(answer, JV_OBJECT) ? jv_get(answer, "RejectedLogEventsInfo") : NULL;

	if (jv_is(rejected, JV_OBJECT) && rejected->count > 0)
		call->error = psprintf("CloudWatch Logs has rejected events: %s", jv_to_text(rejected));
}

/* The stream may be there already, as after an answer that was lost. */
static void
take_failure(LogCall *call, const SfnError *error, AwsTrouble trouble)
{
	if (call->makes_stream && error->name != NULL && strstr(error->name, "ResourceAlreadyExists") != NULL)
		return;
	not_taken(call, error->cause);
	call->stream_is_needed = trouble == AWS_TROUBLE_MISSING;
}

static bool
logs_finish(PumpTask *task)
{
	HttpTransfer *transfer = &task->attempt.transfer;
	MemoryContext caller_context = MemoryContextSwitchTo(transfer->context);
	LogCall *call = task->asked;
	HttpResponse response;
	SfnError error = {0};
	AwsTrouble trouble = AWS_TROUBLE;
	const JsonVal *answer;
	bool is_over = true;

	transfer_report_refusal(transfer, psprintf("the log group %s", call->delivery.log_group));
	if (!transfer_response(transfer, &response, &error))
		take_failure(call, &error, trouble);
	else if (http_attempt_starts_over(&task->attempt, &response))
		is_over = false;
	else if (!aws_call_answer(&task->attempt.request, &response, &answer, &trouble, &error))
		take_failure(call, &error, trouble);
	else
		look_for_rejected(call, answer);
	MemoryContextSwitchTo(caller_context);
	return is_over;
}

static void
logs_fail(PumpTask *task, const SfnError *error)
{
	LogCall *call = task->asked;

	not_taken(call, MemoryContextStrdup(task->attempt.transfer.context, error->cause));
}

static void
logs_keep(PumpTask *task)
{
	dlist_push_tail(&logs.answered, &task->attempt.transfer.node);
}

/* A stream that is missed is made at once, unless that was of no use before. */
static void
tell_call(LogCall *call)
{
	LogDelivery *delivery = &call->delivery;
	TimestampTz now = GetCurrentTimestamp();
	bool has_failed = call->error != NULL && call->row_count == 0;
	int64 pause = 0;

	if (has_failed && (call->makes_stream || !call->stream_is_needed || delivery->failures > 0))
		pause = Min(INT64CONST(1000) << Min(delivery->failures, 10), LONGEST_PAUSE_MS);
	if (has_failed)
		delivery->failures++;
	else if (!call->makes_stream)
		delivery->failures = 0;
	if (call->stream_is_needed || (call->makes_stream && has_failed))
		delivery->stream = NULL;
	if (call->row_count > 0)
		log_delivery_sent(delivery->state_machine_id, call->rows, call->row_count, call->rest_of, call->rest_from);
	log_delivery_note(delivery, TimestampTzPlusMilliseconds(now, pause), call->count, call->error);
}

static void
logs_tell(void)
{
	dlist_iter iter;

	dlist_foreach(iter, &logs.answered)
	{
		tell_call(pump_task_of_node(iter.cur)->asked);
		logs.look_at = DT_NOBEGIN;
		logs.looked = 0;
	}
}

static void
logs_committed(void)
{
	while (!dlist_is_empty(&logs.answered))
		pump_task_free(pump_task_of_node(dlist_head_node(&logs.answered)));
}

static void
logs_failed(void)
{
	logs.look_at = DT_NOBEGIN;
}

static TimestampTz
logs_due(bool is_leaving)
{
	if (!dlist_is_empty(&logs.answered))
		return DT_NOBEGIN;
	return is_leaving ? DT_NOEND : logs.look_at;
}

const PumpCalls pump_logs = {
	.begin = logs_begin,
	.recover = logs_recover,
	.tell = logs_tell,
	.take = logs_take,
	.committed = logs_committed,
	.failed = logs_failed,
	.finish = logs_finish,
	.fail = logs_fail,
	.keep = logs_keep,
	.due = logs_due,
};
