/*
 * queue_triggers.c
 *	  Triggers of queues: state machines that are started with messages.
 *
 * The transaction that starts an execution deletes the messages that it was started with: exactly once.  Rights
 * are those of the trigger's owner at that moment.  A start that is refused is rolled back to where the messages were not
 * received, and the trigger pauses.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/queue_triggers.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "actions/start.h"
#include "actions/versions.h"
#include "base/hashes.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/subtransaction.h"
#include "store/fifo_queues.h"

#define MAX_BATCH_SIZE 1000
#define MAX_BATCH_WINDOW 300 /* seconds */
#define MAX_CONCURRENCY 1000
#define BATCHES_PER_COMMIT 50 /* of one trigger */
#define AFTER_REFUSAL (10 * USECS_PER_SEC)
#define AFTER_CONTENTION USECS_PER_SEC             /* what is visible is in another's hand */
#define AT_LIMIT_SHORTEST (100 * INT64CONST(1000)) /* also where groups wait for executions */
#define AT_LIMIT_LONGEST (10 * USECS_PER_SEC)

/* ---- making and changing ---- */

static SFN_MUST_CHECK bool
check_number(ActionCall *call, const char *what, int64 value, int64 min, int64 max)
{
	return (value >= min && value <= max) ||
		action_invalid(call, psprintf("%s must be from " INT64_FORMAT " to " INT64_FORMAT, what, min, max));
}

/* The machine, if machines of the role may name it and the role may start it; NULL: *call has the error. */
static MachineRow *
startable_machine(ActionCall *call, Oid role, const char *reference)
{
	MachineRow *machine = action_qualified_machine(call, role, reference, MACHINE_START);
	SfnError distrust;

	if (machine == NULL || machine->role == role || machine_is_trusted(machine, role, &distrust))
		return machine;
	return action_fail_null(call, API_PERMISSION_DENIED, distrust.cause, "");
}

bool
queue_trigger_create(ActionCall *call, QueueTriggerRow *trigger, const char *queue)
{
	QueueRow *row = action_queue(call, queue);

	trigger->owner = call->scope.caller;
	if (row == NULL || startable_machine(call, trigger->owner, trigger->state_machine) == NULL ||
		!check_number(call, "batch_size", trigger->batch_size, 1, MAX_BATCH_SIZE) ||
		!check_number(call, "batch_window in seconds", trigger->batch_window, 0, MAX_BATCH_WINDOW) ||
		(trigger->max_concurrency != 0 &&
		 !check_number(call, "max_concurrency", trigger->max_concurrency, 1, MAX_CONCURRENCY)))
		return false;
	trigger->queue_id = row->id;
	return queue_trigger_upsert(trigger) ||
		fail_owned(call, psprintf("the trigger of queue \"%s\"", row->name), queue_trigger_owner(row->id));
}

static bool
fail_no_trigger(ActionCall *call, const char *queue)
{
	return action_fail(call, API_QUEUE_TRIGGER_DOES_NOT_EXIST, queue);
}

/* 0: there is no such queue. */
static int64
queue_id_of(const char *reference)
{
	const char *name = queue_name_of(reference);
	QueueRow *queue = name != NULL ? queue_by_name(name) : NULL;

	return queue != NULL ? queue->id : 0;
}

/* What a statement has not found to be the caller's. */
static bool
fail_trigger(ActionCall *call, const char *queue, int64 queue_id)
{
	Oid owner = queue_trigger_owner(queue_id);

	return OidIsValid(owner) ? fail_owned(call, psprintf("the trigger of queue \"%s\"", queue), owner)
							 : fail_no_trigger(call, queue);
}

bool
queue_trigger_drop(ActionCall *call, const char *queue)
{
	int64 queue_id = queue_id_of(queue);

	return queue_trigger_delete(queue_id, call->scope.caller) || fail_trigger(call, queue, queue_id);
}

bool
queue_trigger_switch(ActionCall *call, const char *queue, bool is_enabled)
{
	int64 queue_id = queue_id_of(queue);

	return queue_trigger_enable(queue_id, call->scope.caller, is_enabled) || fail_trigger(call, queue, queue_id);
}

bool
queue_trigger_drop_owned(ActionCall *call, const char *queue)
{
	return !OidIsValid(queue_trigger_owner(queue_id_of(queue))) || queue_trigger_drop(call, queue);
}

/* ---- the event ---- */

static const JsonVal *
event_attributes(const QueueMessage *message)
{
	JvObjectBuilder attributes;

	jv_object_begin(&attributes);
	jv_object_add(&attributes, "ApproximateReceiveCount", jv_string(psprintf("%d", message->receive_count)));
	jv_object_add(&attributes, "SentTimestamp", queue_millis(message->sent));
	jv_object_add(&attributes, "ApproximateFirstReceiveTimestamp", queue_millis(message->first_received));
	if (message->group != NULL)
		jv_object_add(&attributes, "MessageGroupId", jv_string(message->group));
	if (message->deduplication_id != NULL)
	{
		jv_object_add(&attributes, "MessageDeduplicationId", jv_string(message->deduplication_id));
		jv_object_add(&attributes, "SequenceNumber", jv_string(message->sequence));
	}
	return jv_object_end(&attributes);
}

static const JsonVal *
event_attribute(const JsonVal *given)
{
	static const char *const names[][2] = {{"StringValue", "stringValue"},
										   {"BinaryValue", "binaryValue"},
										   {"DataType", "dataType"}};
	JvObjectBuilder attribute;

	jv_object_begin(&attribute);
	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (jv_get_string(given, names[i][0]) != NULL)
			jv_object_add(&attribute, names[i][1], jv_string(jv_get_string(given, names[i][0])));
	}
	jv_object_add(&attribute, "stringListValues", jv_empty_array());
	jv_object_add(&attribute, "binaryListValues", jv_empty_array());
	return jv_object_end(&attribute);
}

static const JsonVal *
event_message_attributes(const QueueMessage *message)
{
	const JsonVal *given = message->attributes != NULL ? parse_stored(message->attributes) : NULL;
	JvObjectBuilder attributes;

	jv_object_begin(&attributes);
	for (int i = 0; jv_is(given, JV_OBJECT) && i < given->count; i++)
		jv_object_add(&attributes, given->u.members[i].key, event_attribute(given->u.members[i].value));
	return jv_object_end(&attributes);
}

static const JsonVal *
event_record(const QueueRow *queue, const QueueMessage *message)
{
	JvObjectBuilder record;

	jv_object_begin(&record);
	jv_object_add(&record, "messageId", jv_string(message->message_id));
	jv_object_add(&record, "receiptHandle", jv_string(message->receipt_handle));
	jv_object_add(&record, "body", jv_string(message->body));
	jv_object_add(&record, "attributes", event_attributes(message));
	jv_object_add(&record, "messageAttributes", event_message_attributes(message));
	jv_object_add(&record, "md5OfBody", jv_string(hash_hex("MD5", message->body, (int) strlen(message->body))));
	jv_object_add(&record, "eventSource", jv_string("aws:sqs"));
	jv_object_add(&record, "eventSourceARN", jv_string(queue_arn(queue->name)));
	jv_object_add(&record, "awsRegion", jv_string(sfn_region));
	return jv_object_end(&record);
}

/* The event of as many messages as an input has room for; *fitted: how many. */
static char *
event_of(const QueueRow *queue, const QueueMessage *messages, int count, int *fitted)
{
	int64 size = (int64) strlen("{\"Records\":[]}");
	JvArrayBuilder records;
	JvObjectBuilder event;

	jv_array_begin(&records);
	for (*fitted = 0; *fitted < count; (*fitted)++)
	{
		const JsonVal *record = event_record(queue, &messages[*fitted]);

		size += jv_text_size(record, sfn_max_payload_size) + 1;
		if (size > sfn_max_payload_size)
			break;
		jv_array_add(&records, record);
	}
	jv_object_begin(&event);
	jv_object_add(&event, "Records", jv_array_end(&records));
	return jv_to_text(jv_object_end(&event));
}

/* ---- firing ---- */

typedef struct Firing
{
	const QueueTriggerRow *trigger;
	int max;           /* messages to receive */
	int count;         /* received */
	int fitted;        /* as many as the input has room for */
	int64 execution;   /* started; 0: none */
	const char *error; /* why not */
} Firing;

static bool
note_refusal(Firing *firing, const ActionCall *call)
{
	const char *hint = call->error.hint != NULL ? call->error.hint : "";

	firing->error = psprintf("%s%s%s", call->error.sql_text, hint[0] != '\0' ? ": " : "", hint);
	return false;
}

static bool
start_with(Firing *firing, ActionCall *call, const MachineRow *machine, const QueueRow *queue, QueueMessage *messages)
{
	char *event = event_of(queue, messages, firing->count, &firing->fitted);
	StartedExecution started;

	if (firing->fitted < firing->count && firing->count > 1)
		return false; /* all are given back, and fewer received */
	if (firing->fitted == 0)
	{
		firing->error = psprintf("message %s is too large to be the input of an execution", messages[0].message_id);
		return true; /* it stays received, and is a dead letter some day; the next one may go */
	}
	messages_delete(messages, firing->count);
	if (!execution_start(call, machine, firing->trigger->owner, event, (int) strlen(event), NULL, NULL, &started))
		return note_refusal(firing, call);
	firing->execution = started.id;
	if (queue->is_fifo)
		fifo_groups_run(queue->id, messages, firing->count, started.id);
	return true;
}

static bool
fire_in_scope(Firing *firing, ActionCall *call)
{
	QueueRow *queue = queue_by_id(firing->trigger->queue_id);
	QueueMessage *messages;
	MachineRow *machine;

	if (queue == NULL)
		return false; /* deleted just now, its trigger with it */
	if (action_queue(call, queue->name) == NULL)
		return note_refusal(firing, call);
	machine = startable_machine(call, firing->trigger->owner, firing->trigger->state_machine);
	if (machine == NULL || !require_active(call, machine))
		return note_refusal(firing, call);
	firing->count = messages_receive(queue, firing->max, queue->visibility_timeout, &messages);
	return firing->count == 0 || start_with(firing, call, machine, queue, messages);
}

static bool
fire(void *arg)
{
	Firing *firing = arg;
	ActionCall call = {.style = ACTION_SQL, .action = "StartExecution"};
	bool is_done;

	store_enter(&call.scope);
	call.scope.caller = firing->trigger->owner;
	is_done = fire_in_scope(firing, &call);
	store_leave(&call.scope);
	return is_done;
}

/* One batch; *firing tells what became of it. */
static void
fire_batch(Firing *firing, const QueueTriggerRow *trigger)
{
	int max = trigger->batch_size;

	do
	{
		ErrorData *error;

		CHECK_FOR_INTERRUPTS();
		*firing = (Firing){.trigger = trigger, .max = max};
		error = subtransaction_run(fire, NULL, firing);
		if (error != NULL)
		{
			firing->execution = 0;
			firing->error = error->message != NULL ? error->message : "unknown error";
			return;
		}
		max = Max(firing->fitted, 1);
	} while (firing->execution == 0 && firing->error == NULL && firing->count > 1);
}

/* Batch after batch, as far as there are messages and executions may run; *is_at_limit: the latter has ended it. */
static void
fire_batches(const QueueTriggerRow *trigger, int running, QueueTriggerOutcome *outcome, bool *is_at_limit)
{
	outcome->started = palloc(sizeof(int64) * BATCHES_PER_COMMIT);
	for (int i = 0; i < BATCHES_PER_COMMIT && outcome->error == NULL; i++)
	{
		Firing firing;

		*is_at_limit = trigger->max_concurrency != 0 && running + outcome->started_count >= trigger->max_concurrency;
		if (*is_at_limit)
			return;
		fire_batch(&firing, trigger);
		outcome->error = firing.error;
		if (firing.execution == 0)
			return;
		outcome->started[outcome->started_count++] = firing.execution;
		outcome->messages += firing.count;
		if (trigger->batch_window > 0)
			return; /* whether what is left is a whole batch, or has waited for long enough, is looked at anew */
	}
}

/* Executions that have run for long are likely to run for longer. */
static TimestampTz
look_at_limit(const QueueTriggerDue *found, TimestampTz now)
{
	int64 since = (now - found->last_start) / 4;

	return now + Min(Max(since, AT_LIMIT_SHORTEST), AT_LIMIT_LONGEST);
}

/* Returns when to look at it again. */
static TimestampTz
fire_trigger(const QueueTriggerDue *found, TimestampTz now)
{
	int64 queue_id = found->queue_id;
	QueueTriggerOutcome outcome = {0};
	StoreScope scope;
	QueueTriggerRow *trigger;
	int running = 0;
	bool is_at_limit = false;

	store_enter(&scope);
	trigger = queue_trigger_lock(queue_id);
	if (trigger != NULL && trigger->max_concurrency != 0)
		running = queue_trigger_running(queue_id);
	if (found->is_fifo)
		fifo_forget_ended(queue_id);
	store_leave(&scope);
	if (trigger == NULL)
		return now + AFTER_CONTENTION;

	fire_batches(trigger, running, &outcome, &is_at_limit);
	if (outcome.started_count > 0 || outcome.error != NULL)
	{
		store_enter(&scope);
		queue_trigger_note(queue_id, &outcome, outcome.error != NULL ? now + AFTER_REFUSAL : 0);
		store_leave(&scope);
	}
	if (outcome.error != NULL)
		return now + AFTER_REFUSAL;
	if (is_at_limit)
		return now + AT_LIMIT_SHORTEST;
	if (outcome.started_count > 0)
		return now;
	return found->is_fifo ? look_at_limit(found, now) : now + AFTER_CONTENTION;
}

TimestampTz
queue_triggers_fire(bool *any_enabled)
{
	TimestampTz now = sfn_now();
	TimestampTz next = 0;
	StoreScope scope;
	QueueTriggerDue *found;
	int count;

	store_enter(&scope);
	count = queue_triggers_look(now, &found, any_enabled);
	store_leave(&scope);
	for (int i = 0; i < count; i++)
	{
		TimestampTz due = found[i].due;

		if (due <= now)
			due = found[i].is_full ? look_at_limit(&found[i], now) : fire_trigger(&found[i], now);
		if (next == 0 || due < next)
			next = due;
	}
	return next;
}
