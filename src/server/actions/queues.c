/*
 * queues.c
 *	  Queues of messages: making them, sending, receiving.
 *
 * A queue is for its owner and for whom he lends it.  Whoever may use it sends and receives.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/message_attributes.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "base/hashes.h"
#include "settings/arns.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/fifo_queues.h"
#include "store/trust.h"

#define MAX_QUEUE_NAME 80
#define MAX_RECEIVE_COUNT 1000
#define MAX_MESSAGE_ID 128 /* of groups, and against duplicates */

/* ---- names ---- */

char *
queue_url(const char *name)
{
	return psprintf("https://sqs.%s.amazonaws.com/%s/%s", sfn_region, sfn_account_id, name);
}

char *
queue_arn(const char *name)
{
	return psprintf("arn:aws:sqs:%s:%s:%s", sfn_region, sfn_account_id, name);
}

/* The name in "scheme://host/account/name", where account and region are ours. */
static const char *
name_in_url(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const char *path = strchr(host, '/');
	size_t account_length = strlen(sfn_account_id);
	bool is_of_aws = strncmp(host, "sqs.", 4) == 0 && strstr(host, ".amazonaws.com") != NULL;

	if (path == NULL || strncmp(path + 1, sfn_account_id, account_length) != 0 || path[1 + account_length] != '/')
		return NULL;
	if (is_of_aws && (strncmp(host + 4, sfn_region, strlen(sfn_region)) != 0 || host[4 + strlen(sfn_region)] != '.'))
		return NULL;
	return path + account_length + 2;
}

const char *
queue_name_of(const char *reference)
{
	const char *of_ours = queue_arn("");

	if (strncmp(reference, "https://", 8) == 0 || strncmp(reference, "http://", 7) == 0)
		return name_in_url(reference);
	if (arn_looks_like(reference))
		return strncmp(reference, of_ours, strlen(of_ours)) == 0 ? reference + strlen(of_ours) : NULL;
	return reference;
}

const JsonVal *
queue_millis(TimestampTz moment)
{
	int64 since_1970 = moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

	return jv_string(psprintf(INT64_FORMAT, since_1970 / 1000));
}

/* ---- queues ---- */

static SFN_MUST_CHECK bool
check_range(ActionCall *call, const char *what, int64 value, int64 min, int64 max)
{
	return (value >= min && value <= max) ||
		action_fail(call, API_VALIDATION,
					psprintf("Value " INT64_FORMAT " for parameter %s is invalid. Reason: Must be between " INT64_FORMAT
							 " and " INT64_FORMAT ", if provided.",
							 value, what, min, max),
					psprintf("%s must be from " INT64_FORMAT " to " INT64_FORMAT, what, min, max));
}

static SFN_MUST_CHECK bool
check_queue_name(ActionCall *call, const char *name)
{
	size_t length = strlen(name);
	size_t plain_length = queue_name_is_fifo(name) ? length - strlen(FIFO_SUFFIX) : length;

	return (length >= 1 && length <= MAX_QUEUE_NAME &&
			strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == plain_length) ||
		action_fail(
			   call, API_VALIDATION,
			   "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
			   "the name of a queue has 1 to 80 letters, digits, hyphens or underscores, with \".fifo\" at its end if it is a FIFO queue");
}

/* The name is another's. */
static bool
fail_taken(ActionCall *call, const QueueRow *existing, const char *name)
{
	return fail_owned(call, psprintf("queue \"%s\"", name), existing != NULL ? existing->owner : InvalidOid);
}

/* Where messages go that were received too often: a queue that the caller may use. */
static SFN_MUST_CHECK bool
take_dead_letter_queue(ActionCall *call, QueueRow *queue, const char *reference)
{
	QueueRow *other;

	if (reference == NULL && queue->max_receive_count == 0)
		return true;
	if (reference == NULL || queue->max_receive_count == 0)
		return action_invalid(call, "dead_letter_queue and max_receive_count are given together");
	if (!check_range(call, "max_receive_count", queue->max_receive_count, 1, MAX_RECEIVE_COUNT))
		return false;
	other = action_queue(call, reference);
	if (other == NULL)
		return false;
	queue->dead_letter_queue_id = other->id;
	if (other->is_fifo != queue->is_fifo)
		return action_fail(call, API_VALIDATION, "Dead-letter queue must be same type of queue as the source.",
						   "the dead-letter queue of a FIFO queue is a FIFO queue, and that of another queue is none");
	return strcmp(other->name, queue->name) != 0 || action_invalid(call, "a queue cannot be its own dead-letter queue");
}

static SFN_MUST_CHECK bool
check_settings(ActionCall *call, const QueueRow *queue)
{
	if (!check_range(call, "visibility_timeout", queue->visibility_timeout, 0, QUEUE_MAX_VISIBILITY_TIMEOUT) ||
		!check_range(call, "delay", queue->delay, 0, QUEUE_MAX_DELAY))
		return false;
	return !queue->deduplicates_content || queue->is_fifo ||
		action_fail(call, API_UNKNOWN_QUEUE_ATTRIBUTE, "ContentBasedDeduplication", "content_based_deduplication");
}

bool
queue_create(ActionCall *call, QueueRow *queue, const char *dead_letter_queue)
{
	queue->is_fifo = queue_name_is_fifo(queue->name);
	if (!check_queue_name(call, queue->name) || !check_settings(call, queue) ||
		!take_dead_letter_queue(call, queue, dead_letter_queue))
		return false;
	queue->owner = call->scope.caller;
	return queue_upsert(queue) || fail_taken(call, queue_by_name(queue->name), queue->name);
}

static bool
fail_no_queue(ActionCall *call, const char *reference)
{
	return action_fail(call, API_QUEUE_DOES_NOT_EXIST, reference);
}

/* The queue of dead letters and the count, of which one alone may be said anew. */
static SFN_MUST_CHECK bool
change_dead_letters(ActionCall *call, QueueRow *queue, const QueueChange *change)
{
	const QueueRow *other = queue->dead_letter_queue_id != 0 ? queue_by_id(queue->dead_letter_queue_id) : NULL;
	const char *reference = change->dead_letter_queue;

	if (reference == NULL && change->max_receive_count == -1)
		return true;
	if (reference == NULL && other != NULL)
		reference = other->name;
	else if (reference != NULL && reference[0] == '\0')
		reference = NULL;
	if (reference != NULL && change->max_receive_count != -1 &&
		!check_range(call, "max_receive_count", change->max_receive_count, 1, MAX_RECEIVE_COUNT))
		return false;
	if (change->max_receive_count != -1 || reference == NULL)
		queue->max_receive_count = (int32) Min(Max(change->max_receive_count, 0), PG_INT32_MAX);
	queue->dead_letter_queue_id = 0;
	return take_dead_letter_queue(call, queue, reference);
}

bool
queue_change(ActionCall *call, const char *reference, const QueueChange *change)
{
	const char *name = queue_name_of(reference);
	QueueRow *queue;

	if (name != NULL)
		queue_lock(name, call->scope.caller); /* what another changes at the same time stays */
	queue = action_queue(call, reference);
	if (queue == NULL)
		return false;
	if (change->visibility_timeout != -1)
		queue->visibility_timeout = (int32) Min(change->visibility_timeout, PG_INT32_MAX);
	if (change->delay != -1)
		queue->delay = (int32) Min(change->delay, PG_INT32_MAX);
	if (change->deduplicates_content != -1)
		queue->deduplicates_content = change->deduplicates_content;
	if (change->deduplicates_content == 0 && !queue->is_fifo)
		return action_fail(call, API_UNKNOWN_QUEUE_ATTRIBUTE, "ContentBasedDeduplication",
						   "content_based_deduplication");
	if (!check_settings(call, queue) || !change_dead_letters(call, queue, change))
		return false;
	return queue_update(queue, call->scope.caller) || fail_taken(call, queue, queue->name);
}

bool
queue_drop(ActionCall *call, const char *reference)
{
	const char *name = queue_name_of(reference);
	QueueRow *existing = name != NULL ? queue_by_name(name) : NULL;
	int64 id;

	if (existing == NULL)
		return fail_no_queue(call, reference);
	id = queue_delete(name, call->scope.caller);
	if (id == 0)
		return fail_taken(call, existing, name);
	trust_forget(NAME_QUEUE, id);
	return true;
}

QueueRow *
action_queue(ActionCall *call, const char *reference)
{
	const char *name = queue_name_of(reference);
	QueueRow *queue = name != NULL ? queue_by_name(name) : NULL;

	if (queue == NULL)
		(void) fail_no_queue(call, reference);
	else if (queue_is_open(queue, call->scope.caller))
		return queue;
	else
		(void) action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for queue \"%s\"", queue->name),
						   psprintf("Its owner lends it: sfn.grant_use('queue', '%s', ...).", queue->name));
	return NULL;
}

/* ---- messages ---- */

static SFN_MUST_CHECK bool
fail_parameter(ActionCall *call, const char *parameter, const char *value, const char *reason, const char *text)
{
	return action_fail(call, API_VALIDATION,
					   psprintf("Value %s for parameter %s is invalid. Reason: %s", value, parameter, reason), text);
}

bool
message_id_is_valid(const char *id)
{
	size_t length = strlen(id);
	size_t good = 0;

	while (id[good] > ' ' && id[good] <= '~')
		good++;
	return length >= 1 && length <= MAX_MESSAGE_ID && good == length;
}

static SFN_MUST_CHECK bool
check_id(ActionCall *call, const char *parameter, const char *id)
{
	return message_id_is_valid(id) ||
		fail_parameter(call, parameter, id,
					   psprintf("%s can only include alphanumeric and punctuation characters. 1 to 128 in length.",
								parameter),
					   psprintf("%s has 1 to 128 letters, digits and marks of punctuation", parameter));
}

#define NOT_OF_THIS_TYPE "The request include parameter that is not valid for this queue type."

/* A group only says whose the message is: it orders nothing. */
static SFN_MUST_CHECK bool
take_group(ActionCall *call, const MessageToSend *message, NewMessage *sent)
{
	sent->group = message->group;
	if (message->group != NULL && !check_id(call, "MessageGroupId", message->group))
		return false;
	return message->deduplication_id == NULL ||
		fail_parameter(call, "MessageDeduplicationId", message->deduplication_id, NOT_OF_THIS_TYPE,
					   "only messages of FIFO queues have a deduplication id");
}

/* Fills group and deduplication id. */
static SFN_MUST_CHECK bool
take_fifo_ids(ActionCall *call, const QueueRow *queue, const MessageToSend *message, NewMessage *sent)
{
	if (message->delay != -1)
		return fail_parameter(call, "DelaySeconds", psprintf(INT64_FORMAT, message->delay), NOT_OF_THIS_TYPE,
							  "a message of a FIFO queue has no delay but the queue's");
	if (message->group == NULL)
		return action_fail(call, API_MESSAGE_GROUP_IS_MISSING, "");
	if (!check_id(call, "MessageGroupId", message->group))
		return false;
	sent->group = message->group;
	sent->deduplication_id = message->deduplication_id;
	if (sent->deduplication_id != NULL)
		return check_id(call, "MessageDeduplicationId", sent->deduplication_id);
	if (!queue->deduplicates_content)
		return action_fail(call, API_VALIDATION,
						   "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
						   "provided explicitly",
						   "a message must have a deduplication id, unless its queue has content_based_deduplication");
	sent->deduplication_id = hash_hex("SHA-256", message->body, message->length);
	return true;
}

bool
message_send(ActionCall *call, const QueueRow *queue, const MessageToSend *message, NewMessage *sent)
{
	int64 delay = message->delay == -1 ? queue->delay : message->delay;

	*sent = (NewMessage){.body = message->body};
	if (message->length < 1)
		return action_fail(call, API_EMPTY_MESSAGE, "");
	if (!(queue->is_fifo ? take_fifo_ids(call, queue, message, sent) : take_group(call, message, sent)) ||
		!check_range(call, "DelaySeconds", delay, 0, QUEUE_MAX_DELAY))
		return false;
	if (message->length + message_attributes_length(message->attributes) > sfn_max_payload_size)
		return action_fail(
			call, API_VALIDATION,
			psprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.",
					 sfn_max_payload_size),
			psprintf("a message with its attributes is at most %d bytes long", sfn_max_payload_size));
	sent->message_id = random_uuid();
	sent->delay = (int32) delay;
	sent->attributes = message->attributes != NULL ? jv_to_text(message->attributes) : NULL;
	message_insert(queue, sent);
	return true;
}

bool
message_receive(ActionCall *call, const QueueRow *queue, int64 max, int64 max_allowed, int64 visibility_timeout,
				QueueMessage **messages, int *count)
{
	if (visibility_timeout == -1)
		visibility_timeout = queue->visibility_timeout;
	if (!check_range(call, "MaxNumberOfMessages", max, 1, max_allowed) ||
		!check_range(call, "VisibilityTimeout", visibility_timeout, 0, QUEUE_MAX_VISIBILITY_TIMEOUT))
		return false;
	*count = messages_receive(queue, (int) max, (int32) visibility_timeout, messages);
	return true;
}

bool
message_change_visibility(ActionCall *call, const QueueRow *queue, const char *handle, int64 visibility_timeout)
{
	return check_range(call, "VisibilityTimeout", visibility_timeout, 0, QUEUE_MAX_VISIBILITY_TIMEOUT) &&
		(message_hide(queue, handle, (int32) visibility_timeout) || action_fail(call, API_MESSAGE_NOT_IN_FLIGHT, ""));
}
