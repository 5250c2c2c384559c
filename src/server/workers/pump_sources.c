/*
 * pump_sources.c
 *	  Messages of SQS's queues: fetched by long polls, and deleted there when they are here.
 *
 * The pass that takes messages in commits before it is told to SQS that they are to be deleted, so none is lost; one that comes
 * again is known by its id, so none is here twice.  A source has one poll under way; it has a lease, in case that this
 * process dies.
 *
 * A FIFO queue's messages stay in order: SQS tells of no later one of a group before the earlier ones are deleted, and
 * what of a group comes here is all taken or all left.  A poll whose answer was lost is made again under its id, so that
 * SQS gives the same messages at once.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "actions/queues.h"
#include "base/error.h"
#include "base/hashes.h"
#include "services/http/aws_call.h"
#include "services/http/http_attempt.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "shared/relation_watch.h"
#include "store/fifo_queues.h"
#include "store/jobs.h"
#include "store/queue_sources.h"
#include "store/queues.h"
#include "workers/pump_calls.h"
#include "workers/pump_jobs.h"

#define WAIT_SECONDS 20   /* SQS's longest */
#define AT_ONCE 10        /* SQS's most */
#define MOST_DELETIONS 20 /* calls of a source in one pass */
#define LEASE_MS 90000
#define DELETION_LEASE_MS 60000
#define EMPTY_PAUSE (USECS_PER_SEC) /* one that does not wait for messages */
#define LONGEST_PAUSE_MS 60000
#define FORGET_EVERY (10 * USECS_PER_MINUTE)
#define MOST_NAMES 500 /* of an event */
#define MOST_DEPTH 6
#define MOST_ID 128 /* bytes, of messages and of groups */

/* In the memory of its transfer. */
typedef struct SourceCall
{
	QueueSourceRow source;
	TimestampTz begun;
	bool is_deletion;
	const char **message_ids; /* to be deleted */
	int count;
	const char **deleted;
	int deleted_count;
	const JsonVal *messages; /* that have come, or NULL */
	const char *error;       /* NULL: it has told something */
	bool is_unsettled;       /* there may be an answer that was lost */
} SourceCall;

static struct
{
	dlist_head answered;
	RelationWatch watch;
	TimestampTz look_at; /* DT_NOEND: nothing is fetched */
	TimestampTz forgotten;
} sources;

static void
sources_begin(MemoryContext parent)
{
	(void) parent;
	dlist_init(&sources.answered);
	sources.look_at = DT_NOBEGIN;
}

static void
sources_recover(const int32 *pids, int pid_count)
{
	queue_sources_recover(pids, pid_count);
	sources.look_at = DT_NOBEGIN;
}

/* ---- calling ---- */

static void
make_call(const QueueSourceRow *source, SourceCall *call, const char *action, const JsonVal *parameters,
		  const EgressPolicy *policy, MemoryContext parent, PumpTask *task)
{
	const JsonVal *stored = aws_call_with_credentials("sqs", action, source->credentials, parameters);
	SfnError error = {0};

	call->source = *source;
	call->source.url = pstrdup(source->url);
	call->is_unsettled = true;
	call->begun = GetCurrentTimestamp();
	task->calls = &pump_sources;
	task->asked = call;
	if (http_attempt_make_task(&task->attempt, stored, policy, parent, random_uuid(), &error))
		task->attempt.transfer.is_repeatable = true;
	else
	{
		call->error = error.cause;
		task->payload = ""; /* there is nothing to be sent */
	}
}

static const JsonVal *
receive_parameters(const QueueSourceRow *source)
{
	JvObjectBuilder out;
	JvArrayBuilder all;
	const JsonVal *names;

	jv_array_begin(&all);
	jv_array_add(&all, jv_string("All"));
	names = jv_array_end(&all);
	jv_object_begin(&out);
	jv_object_add(&out, "QueueUrl", jv_string(source->url));
	jv_object_add(&out, "MaxNumberOfMessages", jv_int(AT_ONCE));
	jv_object_add(&out, "WaitTimeSeconds", jv_int(WAIT_SECONDS));
	jv_object_add(&out, "AttributeNames", names);
	jv_object_add(&out, "MessageAttributeNames", names);
	if (queue_name_is_fifo(source->url))
		jv_object_add(&out, "ReceiveRequestAttemptId", jv_string(source->attempt));
	return jv_object_end(&out);
}

static void
receive(const QueueSourceRow *source, const EgressPolicy *policy, MemoryContext parent, dlist_head *taken)
{
	PumpTask *task = pump_task_begin(parent, source->role, taken);
	MemoryContext caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);

	make_call(source, palloc0(sizeof(SourceCall)), "receiveMessage", receive_parameters(source), policy, parent, task);
	task->attempt.transfer.timeout_ms += WAIT_SECONDS * 1000;
	pump_task_is_idle(task);
	MemoryContextSwitchTo(caller_context);
}

/* Their ids in the request are their places in it. */
static const JsonVal *
deletion_parameters(const char *url, const char **handles, int count)
{
	JvObjectBuilder out;
	JvArrayBuilder entries;

	jv_array_begin(&entries);
	for (int i = 0; i < count; i++)
	{
		JvObjectBuilder entry;

		jv_object_begin(&entry);
		jv_object_add(&entry, "Id", jv_string(psprintf("%d", i)));
		jv_object_add(&entry, "ReceiptHandle", jv_string(handles[i]));
		jv_array_add(&entries, jv_object_end(&entry));
	}
	jv_object_begin(&out);
	jv_object_add(&out, "QueueUrl", jv_string(url));
	jv_object_add(&out, "Entries", jv_array_end(&entries));
	return jv_object_end(&out);
}

/* False: there is nothing more to be deleted. */
static bool
delete_some(const QueueSourceRow *source, TimestampTz now, const EgressPolicy *policy, MemoryContext parent,
			dlist_head *taken)
{
	const char **ids;
	const char **handles;
	int count = queue_source_messages_to_delete(source->id, now, TimestampTzPlusMilliseconds(now, DELETION_LEASE_MS),
												AT_ONCE, &ids, &handles);
	PumpTask *task;
	MemoryContext caller_context;
	SourceCall *call;

	if (count == 0)
		return false;
	task = pump_task_begin(parent, source->role, taken);
	caller_context = MemoryContextSwitchTo(task->attempt.transfer.context);
	call = palloc0(sizeof(SourceCall));
	call->is_deletion = true;
	call->message_ids = palloc(sizeof(char *) * count);
	call->count = count;
	for (int i = 0; i < count; i++)
		call->message_ids[i] = pstrdup(ids[i]);
	make_call(source, call, "deleteMessageBatch", deletion_parameters(source->url, handles, count), policy, parent,
			  task);
	MemoryContextSwitchTo(caller_context);
	return count == AT_ONCE;
}

static void
forget_old_messages(TimestampTz now)
{
	if (now - sources.forgotten < FORGET_EVERY)
		return;
	sources.forgotten = now;
	queue_source_messages_forget(now - USECS_PER_DAY);
}

static void
sources_take(const EgressPolicy *policy, MemoryContext parent, dlist_head *taken)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz lease =
		TimestampTzPlusMilliseconds(now, Max(LEASE_MS, WAIT_SECONDS * 1000 + 2 * (int64) sfn_http_request_timeout));
	QueueSourceRow *found;
	int count;

	if (sources.watch.is_current && now < sources.look_at)
		return;
	relation_watch(&sources.watch, queue_source_table()); /* a change that is announced from here on counts */
	count = queue_sources_to_delete(now, &found);
	for (int i = 0; i < count; i++)
		for (int calls = 0; calls < MOST_DELETIONS && delete_some(&found[i], now, policy, parent, taken); calls++)
			;
	count = queue_sources_take(now, lease, &found);
	for (int i = 0; i < count; i++)
		receive(&found[i], policy, parent, taken);
	forget_old_messages(now);
	sources.look_at = queue_sources_due();
}

/* ---- what the answers say ---- */

/* The answer as SQS spells it: bytes in it stay base64. */
static const JsonVal *
member_of_answer(const HttpResponse *response, const char *member)
{
	JvParseError not_json;
	const JsonVal *answer = jv_parse(response->body, (int) response->body_length, &not_json);
	const JsonVal *value = jv_is(answer, JV_OBJECT) ? jv_get(answer, member) : NULL;

	return jv_is(value, JV_ARRAY) ? value : jv_empty_array();
}

static void
note_deleted(SourceCall *call, const JsonVal *entries, bool all)
{
	for (int i = 0; i < entries->count; i++)
	{
		const JsonVal *entry = entries->u.items[i];
		const char *id = jv_get_string(entry, "Id");
		const JsonVal *is_ours = jv_get(entry, "SenderFault");
		int place = id != NULL ? atoi(id) : -1;

		if (place < 0 || place >= call->count || call->deleted_count >= call->count)
			continue;
		if (all || (jv_is(is_ours, JV_BOOL) && is_ours->boolean))
			call->deleted[call->deleted_count++] = call->message_ids[place];
		else
			call->error = jv_get_string(entry, "Message") != NULL ? jv_get_string(entry, "Message")
																  : "A message could not be deleted.";
	}
}

/* One whose handle SQS does not take comes again, if it is still there, and has another handle then. */
static void
take_deletion(SourceCall *call, const HttpResponse *response)
{
	call->deleted = palloc(sizeof(char *) * call->count);
	note_deleted(call, member_of_answer(response, "Successful"), true);
	note_deleted(call, member_of_answer(response, "Failed"), false);
}

static bool
sources_finish(PumpTask *task)
{
	HttpTransfer *transfer = &task->attempt.transfer;
	MemoryContext caller_context = MemoryContextSwitchTo(transfer->context);
	SourceCall *call = task->asked;
	HttpResponse response;
	SfnError error = {0};
	AwsTrouble trouble;
	const JsonVal *answer;
	bool is_over = true;

	transfer_report_refusal(transfer, psprintf("the queue %s", call->source.url));
	if (!transfer_response(transfer, &response, &error))
		call->error = error.cause;
	else if (http_attempt_starts_over(&task->attempt, &response))
		is_over = false;
	else if (!aws_call_answer(&task->attempt.request, &response, &answer, &trouble, &error))
	{
		call->error = error.cause;
		call->is_unsettled = response.status < 400 || response.status >= 500;
	}
	else if (call->is_deletion)
		take_deletion(call, &response);
	else
	{
		call->messages = member_of_answer(&response, "Messages");
		call->is_unsettled = false;
	}
	MemoryContextSwitchTo(caller_context);
	return is_over;
}

static void
sources_fail(PumpTask *task, const SfnError *error)
{
	SourceCall *call = task->asked;

	call->error = MemoryContextStrdup(task->attempt.transfer.context, error->cause);
}

static void
sources_keep(PumpTask *task)
{
	dlist_push_tail(&sources.answered, &task->attempt.transfer.node);
}

/* ---- events of jobs ---- */

typedef struct Names
{
	const char *texts[MOST_NAMES];
	int count;
} Names;

static void
add_name(Names *names, const char *text)
{
	if (names->count < MOST_NAMES)
		names->texts[names->count++] = text;
}

/* Jobs are called by their ids, by ARNs, and by the last part of one. */
static void
collect_names(Names *names, const JsonVal *value, int depth)
{
	if (jv_is(value, JV_STRING))
	{
		const char *slash = strrchr(value->u.text, '/');

		add_name(names, value->u.text);
		if (slash != NULL)
			add_name(names, slash + 1);
	}
	for (int i = 0; depth < MOST_DEPTH && jv_is(value, JV_ARRAY) && i < value->count; i++)
		collect_names(names, value->u.items[i], depth + 1);
	for (int i = 0; depth < MOST_DEPTH && jv_is(value, JV_OBJECT) && i < value->count; i++)
		collect_names(names, value->u.members[i].value, depth + 1);
}

/* Whatever the event is of: whose job it does not name, it does not wake. */
static void
wake_jobs(const char *body)
{
	JvParseError not_json;
	const JsonVal *event = jv_parse(body, (int) strlen(body), &not_json);
	Names names = {.count = 0};

	if (!jv_is(event, JV_OBJECT))
		return;
	collect_names(&names, jv_get(event, "detail"), 0);
	collect_names(&names, jv_get(event, "resources"), 0);
	if (names.count > 0 && jobs_wake(names.texts, names.count) > 0)
		pump_jobs_expect();
}

/* ---- taking messages in ---- */

/* SQS's ids are UUIDs; who speaks like it may have others. */
static const char *
uuid_of(const char *message_id)
{
	char *hex;

	if (strlen(message_id) == 36 && strspn(message_id, "0123456789abcdefABCDEF-") == 36 && message_id[8] == '-' &&
		message_id[13] == '-' && message_id[18] == '-' && message_id[23] == '-')
		return message_id;
	hex = hash_hex("MD5", message_id, (int) strlen(message_id));
	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static const char *
attribute_of(const JsonVal *message, const char *name)
{
	const JsonVal *attributes = jv_get(message, "Attributes");

	return jv_is(attributes, JV_OBJECT) ? jv_get_string(attributes, name) : NULL;
}

/* Milliseconds since 1970; 0: it is not told. */
static TimestampTz
sent_of(const JsonVal *message)
{
	const char *text = attribute_of(message, "SentTimestamp");
	int64 millis = text != NULL ? strtoll(text, NULL, 10) : 0;

	if (millis <= 0 || millis > INT64CONST(32503680000000)) /* the year 3000 */
		return 0;
	return (TimestampTz) (millis * 1000 - (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY);
}

/* The group of a message that is in no order; NULL: it has none. */
static const char *
tenant_of(const JsonVal *message)
{
	const char *group = attribute_of(message, "MessageGroupId");

	return group != NULL && message_id_is_valid(group) ? group : NULL;
}

static void
insert_message(const QueueRow *queue, const char *id, const char *group, const char *body, const JsonVal *message)
{
	const JsonVal *attributes = jv_get(message, "MessageAttributes");
	NewMessage new_message = {.message_id = uuid_of(id),
							  .body = body,
							  .attributes = jv_is(attributes, JV_OBJECT) ? jv_to_text(attributes) : NULL,
							  .delay = queue->delay,
							  .sent = sent_of(message),
							  .group = group != NULL ? group : tenant_of(message),
							  .deduplication_id =
								  group != NULL ? attribute_of(message, "MessageDeduplicationId") : NULL};

	message_insert_fetched(queue, &new_message);
}

/* Of a FIFO queue's message, which is one by itself if SQS names none. */
static const char *
group_of(const QueueRow *queue, const JsonVal *message, const char *id)
{
	const char *group = attribute_of(message, "MessageGroupId");

	if (queue == NULL || !queue->is_fifo)
		return NULL;
	return group != NULL && strlen(group) <= MOST_ID ? group : id;
}

/* Others who send to a group are not waited for: what one message of it has to leave, those behind it leave. */
static bool
group_is_taken(const QueueRow *queue, const char *group, const char **left, int *left_count)
{
	for (int i = 0; group != NULL && i < *left_count; i++)
	{
		if (strcmp(left[i], group) == 0)
			return false;
	}
	if (group == NULL || fifo_group_hold(queue, group))
		return true;
	left[(*left_count)++] = group;
	return false;
}

/* How many are new.  One that is left comes again. */
static int
take_messages(const SourceCall *call, const QueueRow *queue)
{
	const char **left = palloc(sizeof(char *) * (call->messages->count + 1));
	int left_count = 0;
	int count = 0;

	for (int i = 0; i < call->messages->count; i++)
	{
		const JsonVal *message = call->messages->u.items[i];
		const char *id = jv_get_string(message, "MessageId");
		const char *handle = jv_get_string(message, "ReceiptHandle");
		const char *body = jv_get_string(message, "Body");
		const char *group = group_of(queue, message, id);

		if (id == NULL || strlen(id) > MOST_ID || handle == NULL || body == NULL ||
			!group_is_taken(queue, group, left, &left_count) ||
			!queue_source_message_is_new(call->source.id, id, handle))
			continue;
		if (queue != NULL)
			insert_message(queue, id, group, body, message);
		else
			wake_jobs(body);
		count++;
	}
	return count;
}

/* What nobody has any more stays at SQS, for others. */
static void
tell_messages(const SourceCall *call)
{
	const QueueRow *queue = call->source.queue_id != 0 ? queue_by_id(call->source.queue_id) : NULL;
	TimestampTz now = GetCurrentTimestamp();
	int64 pause = Min(INT64CONST(1000) << Min(call->source.failures, 10), LONGEST_PAUSE_MS);
	int count;

	if ((queue == NULL && call->source.queue_id != 0) || !queue_source_hold(call->source.id, call->source.url))
		return;
	if (call->error != NULL)
	{
		queue_source_note(call->source.id, TimestampTzPlusMilliseconds(now, pause), 0, call->error,
						  !call->is_unsettled);
		return;
	}
	count = take_messages(call, queue);
	queue_source_note(call->source.id, count > 0 ? now : Max(now, call->begun + EMPTY_PAUSE), count, NULL, true);
}

static void
sources_tell(void)
{
	dlist_iter iter;

	dlist_foreach(iter, &sources.answered)
	{
		const SourceCall *call = pump_task_of_node(iter.cur)->asked;

		if (!call->is_deletion)
			tell_messages(call);
		else if (call->deleted_count > 0)
			queue_source_messages_deleted(call->source.id, call->deleted, call->deleted_count);
		if (call->is_deletion && call->error != NULL)
			queue_source_note_deletion(call->source.id, call->error);
		sources.look_at = DT_NOBEGIN;
	}
}

static void
sources_committed(void)
{
	while (!dlist_is_empty(&sources.answered))
		pump_task_free(pump_task_of_node(dlist_head_node(&sources.answered)));
}

static void
sources_failed(void)
{
	sources.look_at = DT_NOBEGIN;
}

static TimestampTz
sources_due(bool is_leaving)
{
	if (!dlist_is_empty(&sources.answered))
		return DT_NOBEGIN;
	if (is_leaving)
		return DT_NOEND;
	return sources.watch.is_current ? sources.look_at : DT_NOBEGIN;
}

const PumpCalls pump_sources = {
	.begin = sources_begin,
	.recover = sources_recover,
	.tell = sources_tell,
	.take = sources_take,
	.committed = sources_committed,
	.failed = sources_failed,
	.finish = sources_finish,
	.fail = sources_fail,
	.keep = sources_keep,
	.due = sources_due,
};
