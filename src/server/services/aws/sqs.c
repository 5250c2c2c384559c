/*
 * sqs.c
 *	  The actions of SQS on the queues of this database, in SQS's shapes.
 *
 * Tasks and the gateway ask the same: a request of the JSON protocol, already known to be of its form or not, and the answer.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/message_attributes.h"
#include "actions/message_batches.h"
#include "actions/queues.h"
#include "base/hashes.h"
#include "services/aws/sqs.h"
#include "settings/guc.h"
#include "store/fifo_queues.h"

#define MAX_LISTED 1000
#define MAX_WAIT 20 /* seconds */

typedef const JsonVal *(*SqsRun)(ActionCall *call, const JsonVal *request);

/* ---- reading requests ---- */

static const JsonVal *
member(const JsonVal *request, const char *name)
{
	const JsonVal *value = jv_get(request, name);

	return value != NULL && value->type != JV_NULL ? value : NULL;
}

/* -1: absent. */
static SFN_MUST_CHECK bool
integer_member(ActionCall *call, const JsonVal *request, const char *name, int64 *value)
{
	const JsonVal *given = member(request, name);
	JvParseError ignored;

	*value = -1;
	if (jv_is(given, JV_STRING)) /* values of Attributes are texts */
		given = jv_parse(given->u.text, given->count, &ignored);
	if (member(request, name) == NULL)
		return true;
	return (jv_is(given, JV_NUMBER) && jv_to_int64(given, value) && *value >= 0) ||
		fail_member_type(call, name, "a number that is not negative");
}

static SFN_MUST_CHECK bool
text_member(ActionCall *call, const JsonVal *request, const char *name, const char **text)
{
	const JsonVal *given = member(request, name);

	*text = jv_is(given, JV_STRING) ? given->u.text : NULL;
	if (given == NULL)
		return fail_missing_member(call, name);
	return *text != NULL || fail_member_type(call, name, "a string");
}

static SFN_MUST_CHECK QueueRow *
queue_of(ActionCall *call, const JsonVal *request)
{
	const char *url;

	return text_member(call, request, "QueueUrl", &url) ? action_queue(call, url) : NULL;
}

/* Is the name in the list, or All? */
static bool
is_wanted(const JsonVal *list, const char *name)
{
	for (int i = 0; jv_is(list, JV_ARRAY) && i < list->count; i++)
	{
		const JsonVal *wanted = list->u.items[i];
		size_t length;

		if (!jv_is(wanted, JV_STRING))
			continue;
		length = strlen(wanted->u.text);
		if (strcmp(wanted->u.text, "All") == 0 || strcmp(wanted->u.text, name) == 0 ||
			(length >= 2 && strcmp(wanted->u.text + length - 2, ".*") == 0 &&
			 strncmp(wanted->u.text, name, length - 2) == 0))
			return true;
	}
	return false;
}

/* ---- digests ---- */

static void
append_counted(StringInfo out, const char *bytes, int length)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		appendStringInfoChar(out, (char) ((length >> shift) & 0xff));
	appendBinaryStringInfo(out, bytes, length);
}

static int
compare_members(const void *a, const void *b)
{
	return strcmp(((const JvMember *) a)->key, ((const JvMember *) b)->key);
}

/* SQS's: names, types and values in the order of the names, each with its length. */
static const char *
md5_of_attributes(const JsonVal *attributes)
{
	JvMember *sorted = palloc(sizeof(JvMember) * (attributes->count + 1));
	StringInfoData out;

	initStringInfo(&out);
	memcpy(sorted, attributes->u.members, sizeof(JvMember) * attributes->count);
	qsort(sorted, attributes->count, sizeof(JvMember), compare_members);
	for (int i = 0; i < attributes->count; i++)
	{
		const char *type = jv_get_string(sorted[i].value, "DataType");
		const char *text = jv_get_string(sorted[i].value, "StringValue");
		const char *binary = jv_get_string(sorted[i].value, "BinaryValue");
		int length = text != NULL ? (int) strlen(text) : 0;

		append_counted(&out, sorted[i].key, sorted[i].key_length);
		append_counted(&out, type != NULL ? type : "", type != NULL ? (int) strlen(type) : 0);
		appendStringInfoChar(&out, text != NULL ? 1 : 2);
		if (text == NULL && binary != NULL)
			text = base64_decode(binary, (int) strlen(binary), &length);
		append_counted(&out, text != NULL ? text : "", text != NULL ? length : 0);
	}
	return hash_hex("MD5", out.data, out.len);
}

/* ---- sending ---- */

/* Sends what stands in the request, or in an entry of one, and adds to the answer what is told of it. */
static SFN_MUST_CHECK bool
send(ActionCall *call, const QueueRow *queue, const JsonVal *entry, JvObjectBuilder *answer)
{
	const JsonVal *body = member(entry, "MessageBody");
	const JsonVal *attributes = member(entry, "MessageAttributes");
	MessageToSend message = {.attributes = attributes,
							 .group = jv_get_string(entry, "MessageGroupId"),
							 .deduplication_id = jv_get_string(entry, "MessageDeduplicationId")};
	NewMessage sent;

	if (body == NULL)
		return action_fail(call, API_EMPTY_MESSAGE, "");
	if (body->type != JV_STRING)
		return fail_member_type(call, "MessageBody", "a string");
	message.body = body->u.text;
	message.length = body->count;
	if (!message_text_is_valid(message.body))
		return action_fail(call, API_INVALID_MESSAGE_CONTENTS, "");
	if (!message_attributes_check(call, MESSAGE_OF_SQS, attributes) ||
		!integer_member(call, entry, "DelaySeconds", &message.delay) || !message_send(call, queue, &message, &sent))
		return false;
	jv_object_add(answer, "MD5OfMessageBody", jv_string(hash_hex("MD5", body->u.text, body->count)));
	if (attributes != NULL && attributes->count > 0)
		jv_object_add(answer, "MD5OfMessageAttributes", jv_string(md5_of_attributes(attributes)));
	jv_object_add(answer, "MessageId", jv_string(sent.message_id));
	if (queue->is_fifo)
		jv_object_add(answer, "SequenceNumber", jv_string(sequence_number(sent.sequence)));
	return true;
}

static const JsonVal *
send_message(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	return queue != NULL && send(call, queue, request, &answer) ? jv_object_end(&answer) : NULL;
}

/* ---- several at a time ---- */

/* Does for one entry what the action does, and tells of it; false: the call has the error. */
typedef bool (*SqsEntry)(ActionCall *call, const QueueRow *queue, const JsonVal *entry, JvObjectBuilder *answer);

static void
add_failure(const ActionCall *call, const char *id, JvArrayBuilder *failed)
{
	JvObjectBuilder entry;

	jv_object_begin(&entry);
	jv_object_add(&entry, "Id", jv_string(id));
	jv_object_add(&entry, "Code", jv_string(sqs_error_code(&call->error)));
	jv_object_add(&entry, "Message", jv_string(call->error.aws_text));
	jv_object_add(&entry, "SenderFault", jv_bool(true));
	jv_array_add(failed, jv_object_end(&entry));
}

static const JsonVal *
for_entries(ActionCall *call, const JsonVal *request, const char *entry_name, const char *body, SqsEntry run)
{
	QueueRow *queue = queue_of(call, request);
	const JsonVal *entries = jv_get(request, "Entries");
	JvArrayBuilder successful;
	JvArrayBuilder failed;
	JvObjectBuilder answer;

	if (queue == NULL || !message_batch_check(call, entries, entry_name, body))
		return NULL;
	jv_array_begin(&successful);
	jv_array_begin(&failed);
	for (int i = 0; i < entries->count; i++)
	{
		const char *id = jv_get_string(entries->u.items[i], "Id");
		JvObjectBuilder entry;

		jv_object_begin(&entry);
		jv_object_add(&entry, "Id", jv_string(id));
		if (run(call, queue, entries->u.items[i], &entry))
			jv_array_add(&successful, jv_object_end(&entry));
		else
			add_failure(call, id, &failed);
	}
	jv_object_begin(&answer);
	jv_object_add(&answer, "Successful", jv_array_end(&successful));
	if (failed.count > 0)
		jv_object_add(&answer, "Failed", jv_array_end(&failed));
	return jv_object_end(&answer);
}

static const JsonVal *
send_message_batch(ActionCall *call, const JsonVal *request)
{
	return for_entries(call, request, "SendMessageBatchRequestEntry", "MessageBody", send);
}

/* ---- receiving ---- */

static const JsonVal *
string_or_none(const char *text)
{
	return text != NULL ? jv_string(text) : NULL;
}

static void
add_system_attributes(JvObjectBuilder *answer, const JsonVal *request, const QueueMessage *message)
{
	const JsonVal *older_names = member(request, "AttributeNames");
	const JsonVal *names = member(request, "MessageSystemAttributeNames");
	struct
	{
		const char *name;
		const JsonVal *value;
	} rows[] = {{"ApproximateReceiveCount", jv_string(psprintf("%d", message->receive_count))},
				{"SentTimestamp", queue_millis(message->sent)},
				{"ApproximateFirstReceiveTimestamp", queue_millis(message->first_received)},
				{"MessageGroupId", string_or_none(message->group)},
				{"MessageDeduplicationId", string_or_none(message->deduplication_id)},
				{"SequenceNumber", string_or_none(message->sequence)}};
	JvObjectBuilder attributes;

	jv_object_begin(&attributes);
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if (rows[i].value != NULL && (is_wanted(names, rows[i].name) || is_wanted(older_names, rows[i].name)))
			jv_object_add(&attributes, rows[i].name, rows[i].value);
	}
	if (attributes.count > 0)
		jv_object_add(answer, "Attributes", jv_object_end(&attributes));
}

static void
add_attributes(JvObjectBuilder *answer, const JsonVal *request, const QueueMessage *message)
{
	const JsonVal *names = member(request, "MessageAttributeNames");
	const JsonVal *all = message->attributes != NULL ? parse_stored(message->attributes) : NULL;
	JvObjectBuilder wanted;
	const JsonVal *attributes;

	jv_object_begin(&wanted);
	for (int i = 0; all != NULL && i < all->count; i++)
	{
		if (is_wanted(names, all->u.members[i].key))
			jv_object_add(&wanted, all->u.members[i].key, all->u.members[i].value);
	}
	if (wanted.count == 0)
		return;
	attributes = jv_object_end(&wanted);
	jv_object_add(answer, "MD5OfMessageAttributes", jv_string(md5_of_attributes(attributes)));
	jv_object_add(answer, "MessageAttributes", attributes);
}

static const JsonVal *
message_value(const JsonVal *request, const QueueMessage *message)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "MessageId", jv_string(message->message_id));
	jv_object_add(&answer, "ReceiptHandle", jv_string(message->receipt_handle));
	jv_object_add(&answer, "MD5OfBody", jv_string(hash_hex("MD5", message->body, (int) strlen(message->body))));
	jv_object_add(&answer, "Body", jv_string(message->body));
	add_system_attributes(&answer, request, message);
	add_attributes(&answer, request, message);
	return jv_object_end(&answer);
}

static const JsonVal *
receive_message(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);
	int64 max;
	int64 visibility_timeout;
	int64 wait;
	QueueMessage *messages;
	int count;
	JvArrayBuilder list;
	JvObjectBuilder answer;

	if (queue == NULL || !integer_member(call, request, "MaxNumberOfMessages", &max) ||
		!integer_member(call, request, "VisibilityTimeout", &visibility_timeout) ||
		!integer_member(call, request, "WaitTimeSeconds", &wait))
		return NULL;
	if (wait > MAX_WAIT)
	{
		(void) action_invalid(call,
							  psprintf("Value " INT64_FORMAT " for parameter WaitTimeSeconds is invalid. Reason:"
									   " Must be >= 0 and <= %d, if provided.",
									   wait, MAX_WAIT));
		return NULL;
	}
	if (!message_receive(call, queue, max == -1 ? 1 : max, QUEUE_MAX_BATCH, visibility_timeout, &messages, &count))
		return NULL;
	if (count == 0)
		return jv_empty_object();
	jv_array_begin(&list);
	for (int i = 0; i < count; i++)
		jv_array_add(&list, message_value(request, &messages[i]));
	jv_object_begin(&answer);
	jv_object_add(&answer, "Messages", jv_array_end(&list));
	return jv_object_end(&answer);
}

/* ---- by their handles ---- */

static SFN_MUST_CHECK bool
handle_of(ActionCall *call, const JsonVal *entry, const char **handle)
{
	return text_member(call, entry, "ReceiptHandle", handle) &&
		(receipt_handle_is_one(*handle) || action_fail(call, API_RECEIPT_HANDLE_IS_INVALID, *handle));
}

/* A handle that is out of date is no error for SQS. */
static bool
delete_entry(ActionCall *call, const QueueRow *queue, const JsonVal *entry, JvObjectBuilder *answer)
{
	const char *handle;

	if (!handle_of(call, entry, &handle))
		return false;
	(void) message_delete(queue, handle);
	return true;
}

static const JsonVal *
delete_message(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);

	return queue != NULL && delete_entry(call, queue, request, NULL) ? jv_empty_object() : NULL;
}

static const JsonVal *
delete_message_batch(ActionCall *call, const JsonVal *request)
{
	return for_entries(call, request, "DeleteMessageBatchRequestEntry", NULL, delete_entry);
}

static bool
hide_entry(ActionCall *call, const QueueRow *queue, const JsonVal *entry, JvObjectBuilder *answer)
{
	const char *handle;
	int64 timeout;

	if (!handle_of(call, entry, &handle) || !integer_member(call, entry, "VisibilityTimeout", &timeout))
		return false;
	return message_change_visibility(call, queue, handle, timeout);
}

static const JsonVal *
change_message_visibility(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);

	return queue != NULL && hide_entry(call, queue, request, NULL) ? jv_empty_object() : NULL;
}

static const JsonVal *
change_message_visibility_batch(ActionCall *call, const JsonVal *request)
{
	return for_entries(call, request, "ChangeMessageVisibilityBatchRequestEntry", NULL, hide_entry);
}

/* ---- queues ---- */

static const JsonVal *
url_answer(const char *name)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "QueueUrl", jv_string(queue_url(name)));
	return jv_object_end(&answer);
}

/* All attributes that SQS knows, whether or not queues have them here. */
static const struct
{
	const char *name;
	bool is_settable;
} queue_attribute_names[] = {
	{"All", false},
	{"ApproximateNumberOfMessages", false},
	{"ApproximateNumberOfMessagesDelayed", false},
	{"ApproximateNumberOfMessagesNotVisible", false},
	{"ContentBasedDeduplication", true},
	{"CreatedTimestamp", false},
	{"DeduplicationScope", true},
	{"DelaySeconds", true},
	{"FifoQueue", true},
	{"FifoThroughputLimit", true},
	{"KmsDataKeyReusePeriodSeconds", true},
	{"KmsMasterKeyId", true},
	{"LastModifiedTimestamp", false},
	{"MaximumMessageSize", true},
	{"MessageRetentionPeriod", true},
	{"Policy", true},
	{"QueueArn", false},
	{"ReceiveMessageWaitTimeSeconds", true},
	{"RedriveAllowPolicy", true},
	{"RedrivePolicy", true},
	{"SqsManagedSseEnabled", true},
	{"VisibilityTimeout", true},
};

static SFN_MUST_CHECK bool
check_attribute_name(ActionCall *call, const char *name, bool is_set)
{
	for (int i = 0; i < (int) lengthof(queue_attribute_names); i++)
	{
		if (strcmp(queue_attribute_names[i].name, name) == 0 && (queue_attribute_names[i].is_settable || !is_set))
			return true;
	}
	return action_fail(call, API_UNKNOWN_QUEUE_ATTRIBUTE, name, name);
}

/* A number of Attributes, as a text or not; -1: absent. */
static SFN_MUST_CHECK bool
attribute_number(ActionCall *call, const JsonVal *attributes, const char *name, int64 max, int64 *value)
{
	return (integer_member(call, attributes, name, value) && *value <= max) ||
		action_fail(call, API_INVALID_QUEUE_ATTRIBUTE, name);
}

/* RedrivePolicy: a JSON text, or an object; an empty text: no dead letters.  0 and NULL: that, or nothing is said. */
static SFN_MUST_CHECK bool
read_redrive_policy(ActionCall *call, const JsonVal *attributes, int64 *max_receive_count,
					const char **dead_letter_queue)
{
	const JsonVal *policy = member(attributes, "RedrivePolicy");
	JvParseError ignored;

	*dead_letter_queue = NULL;
	*max_receive_count = 0;
	if (jv_is(policy, JV_STRING) && policy->count == 0)
		policy = NULL;
	if (jv_is(policy, JV_STRING))
		policy = jv_parse(policy->u.text, policy->count, &ignored);
	if (member(attributes, "RedrivePolicy") == NULL || policy == NULL)
		return true;
	return text_member(call, policy, "deadLetterTargetArn", dead_letter_queue) &&
		integer_member(call, policy, "maxReceiveCount", max_receive_count);
}

/* FifoQueue says what the name says. */
static SFN_MUST_CHECK bool
read_fifo_attributes(ActionCall *call, const JsonVal *attributes, QueueRow *queue)
{
	const char *is_fifo = jv_get_string(attributes, "FifoQueue");
	const char *deduplicates = jv_get_string(attributes, "ContentBasedDeduplication");

	queue->deduplicates_content = deduplicates != NULL && strcmp(deduplicates, "true") == 0;
	if (is_fifo == NULL && queue_name_is_fifo(queue->name))
		return action_invalid(call,
							  "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
	if (is_fifo != NULL && strcmp(is_fifo, "true") != 0)
		return action_fail(call, API_UNKNOWN_QUEUE_ATTRIBUTE, "FifoQueue", "FifoQueue");
	return is_fifo == NULL || queue_name_is_fifo(queue->name) ||
		action_invalid(call,
					   "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores,"
					   " must end with .fifo suffix and be 1 to 80 in length");
}

static SFN_MUST_CHECK bool
check_set_attributes(ActionCall *call, const JsonVal *attributes)
{
	if (attributes != NULL && attributes->type != JV_OBJECT)
		return fail_member_type(call, "Attributes", "an object");
	for (int i = 0; attributes != NULL && i < attributes->count; i++)
	{
		if (!check_attribute_name(call, attributes->u.members[i].key, true))
			return false;
	}
	return true;
}

/* What the attributes do not say is as it was, if there is such a queue. */
static void
keep_settings(const QueueRow *existing, const JsonVal *attributes, QueueRow *queue, const char **dead_letter_queue)
{
	const QueueRow *dead_letters = NULL;

	queue->visibility_timeout = existing != NULL ? existing->visibility_timeout : QUEUE_VISIBILITY_TIMEOUT_DEFAULT;
	if (existing == NULL)
		return;
	queue->delay = existing->delay;
	if (member(attributes, "ContentBasedDeduplication") == NULL)
		queue->deduplicates_content = existing->deduplicates_content;
	if (member(attributes, "RedrivePolicy") == NULL && existing->dead_letter_queue_id != 0)
		dead_letters = queue_by_id(existing->dead_letter_queue_id);
	if (dead_letters == NULL)
		return;
	*dead_letter_queue = dead_letters->name;
	queue->max_receive_count = existing->max_receive_count;
}

static const JsonVal *
create_queue(ActionCall *call, const JsonVal *request)
{
	const JsonVal *attributes = member(request, "Attributes");
	QueueRow queue = {0};
	const char *dead_letter_queue;
	int64 visibility_timeout;
	int64 delay;
	int64 max_receive_count;

	if (!text_member(call, request, "QueueName", &queue.name) || !check_set_attributes(call, attributes) ||
		!attribute_number(call, attributes, "VisibilityTimeout", QUEUE_MAX_VISIBILITY_TIMEOUT, &visibility_timeout) ||
		!attribute_number(call, attributes, "DelaySeconds", QUEUE_MAX_DELAY, &delay) ||
		!read_fifo_attributes(call, attributes, &queue) ||
		!read_redrive_policy(call, attributes, &max_receive_count, &dead_letter_queue))
		return NULL;
	queue.max_receive_count = (int32) Min(max_receive_count, PG_INT32_MAX);
	keep_settings(queue_by_name(queue.name), attributes, &queue, &dead_letter_queue);
	if (visibility_timeout != -1)
		queue.visibility_timeout = (int32) visibility_timeout;
	if (delay != -1)
		queue.delay = (int32) delay;
	return queue_create(call, &queue, dead_letter_queue) ? url_answer(queue.name) : NULL;
}

static const JsonVal *
set_queue_attributes(ActionCall *call, const JsonVal *request)
{
	const JsonVal *attributes = member(request, "Attributes");
	const char *deduplicates = jv_get_string(attributes, "ContentBasedDeduplication");
	QueueChange change = {.deduplicates_content = deduplicates != NULL ? strcmp(deduplicates, "true") == 0 : -1};
	const char *url;

	if (attributes == NULL)
	{
		(void) fail_missing_member(call, "Attributes");
		return NULL;
	}
	if (!text_member(call, request, "QueueUrl", &url) || !check_set_attributes(call, attributes) ||
		!attribute_number(call, attributes, "VisibilityTimeout", QUEUE_MAX_VISIBILITY_TIMEOUT,
						  &change.visibility_timeout) ||
		!attribute_number(call, attributes, "DelaySeconds", QUEUE_MAX_DELAY, &change.delay) ||
		!read_redrive_policy(call, attributes, &change.max_receive_count, &change.dead_letter_queue))
		return NULL;
	if (member(attributes, "FifoQueue") != NULL) /* it is one by its name */
		return action_fail_null(call, API_UNKNOWN_QUEUE_ATTRIBUTE, "FifoQueue", "FifoQueue");
	if (member(attributes, "RedrivePolicy") == NULL)
		change.max_receive_count = -1;
	else if (change.dead_letter_queue == NULL)
		change.dead_letter_queue = "";
	return queue_change(call, url, &change) ? jv_empty_object() : NULL;
}

static const JsonVal *
delete_queue(ActionCall *call, const JsonVal *request)
{
	const char *url;

	return text_member(call, request, "QueueUrl", &url) && queue_drop(call, url) ? jv_empty_object() : NULL;
}

static const JsonVal *
purge_queue(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);

	if (queue == NULL)
		return NULL;
	(void) messages_purge(queue->id);
	return jv_empty_object();
}

static const JsonVal *
get_queue_url(ActionCall *call, const JsonVal *request)
{
	const char *name;
	QueueRow *queue = text_member(call, request, "QueueName", &name) ? action_queue(call, name) : NULL;

	return queue != NULL ? url_answer(queue->name) : NULL;
}

static const JsonVal *
list_queues(ActionCall *call, const JsonVal *request)
{
	const char *prefix = jv_get_string(request, "QueueNamePrefix");
	const char *token = jv_get_string(request, "NextToken");
	int64 max;
	const char **names;
	int count;
	JvArrayBuilder urls;
	JvObjectBuilder answer;

	if (!integer_member(call, request, "MaxResults", &max))
		return NULL;
	if (max < 1 || max > MAX_LISTED)
		max = MAX_LISTED;
	count =
		queue_list(call->scope.caller, prefix != NULL ? prefix : "", token != NULL ? token : "", (int) max + 1, &names);
	jv_array_begin(&urls);
	for (int i = 0; i < Min(count, max); i++)
		jv_array_add(&urls, jv_string(queue_url(names[i])));
	jv_object_begin(&answer);
	jv_object_add(&answer, "QueueUrls", jv_array_end(&urls));
	if (count > max)
		jv_object_add(&answer, "NextToken", jv_string(names[max - 1]));
	return jv_object_end(&answer);
}

static const JsonVal *
redrive_policy(const QueueRow *queue)
{
	QueueRow *other = queue->dead_letter_queue_id != 0 ? queue_by_id(queue->dead_letter_queue_id) : NULL;
	JvObjectBuilder policy;

	if (other == NULL)
		return NULL;
	jv_object_begin(&policy);
	jv_object_add(&policy, "deadLetterTargetArn", jv_string(queue_arn(other->name)));
	jv_object_add(&policy, "maxReceiveCount", jv_int(queue->max_receive_count));
	return jv_string(jv_to_text(jv_object_end(&policy)));
}

static const JsonVal *
number_text(int64 number)
{
	return jv_string(psprintf(INT64_FORMAT, number));
}

static const JsonVal *
seconds_text(TimestampTz moment)
{
	return number_text((moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / USECS_PER_SEC);
}

static SFN_MUST_CHECK bool
check_attribute_names(ActionCall *call, const JsonVal *names)
{
	if (names != NULL && names->type != JV_ARRAY)
		return fail_member_type(call, "AttributeNames", "a list");
	for (int i = 0; names != NULL && i < names->count; i++)
	{
		if (!jv_is(names->u.items[i], JV_STRING))
			return fail_member_type(call, "AttributeNames", "a list of strings");
		if (!check_attribute_name(call, names->u.items[i]->u.text, false))
			return false;
	}
	return true;
}

/* Those that are asked for. */
static const JsonVal *
queue_attributes(const QueueRow *queue, const QueueCounts *counts, const JsonVal *names)
{
	const struct
	{
		const char *name;
		const JsonVal *value;
	} rows[] = {{"QueueArn", jv_string(queue_arn(queue->name))},
				{"ApproximateNumberOfMessages", number_text(counts->visible)},
				{"ApproximateNumberOfMessagesNotVisible", number_text(counts->in_flight)},
				{"ApproximateNumberOfMessagesDelayed", number_text(counts->delayed)},
				{"CreatedTimestamp", seconds_text(queue->creation_date)},
				{"VisibilityTimeout", number_text(queue->visibility_timeout)},
				{"DelaySeconds", number_text(queue->delay)},
				{"MaximumMessageSize", number_text(sfn_max_payload_size)},
				{"FifoQueue", queue->is_fifo ? jv_string("true") : NULL},
				{"ContentBasedDeduplication",
				 queue->is_fifo ? jv_string(queue->deduplicates_content ? "true" : "false") : NULL},
				{"RedrivePolicy", redrive_policy(queue)}};
	JvObjectBuilder attributes;

	jv_object_begin(&attributes);
	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if (rows[i].value != NULL && is_wanted(names, rows[i].name))
			jv_object_add(&attributes, rows[i].name, rows[i].value);
	}
	return jv_object_end(&attributes);
}

static const JsonVal *
get_queue_attributes(ActionCall *call, const JsonVal *request)
{
	QueueRow *queue = queue_of(call, request);
	const JsonVal *names = member(request, "AttributeNames");
	QueueCounts counts;
	JvObjectBuilder answer;

	if (queue == NULL || !check_attribute_names(call, names))
		return NULL;
	messages_count(queue->id, &counts);
	jv_object_begin(&answer);
	jv_object_add(&answer, "Attributes", queue_attributes(queue, &counts, names));
	return jv_object_end(&answer);
}

/* ---- the rows ---- */

static const struct
{
	const char *name;
	SqsRun run;
} actions[] = {
	{"SendMessage", send_message},
	{"SendMessageBatch", send_message_batch},
	{"ReceiveMessage", receive_message},
	{"DeleteMessage", delete_message},
	{"DeleteMessageBatch", delete_message_batch},
	{"ChangeMessageVisibility", change_message_visibility},
	{"ChangeMessageVisibilityBatch", change_message_visibility_batch},
	{"CreateQueue", create_queue},
	{"SetQueueAttributes", set_queue_attributes},
	{"DeleteQueue", delete_queue},
	{"PurgeQueue", purge_queue},
	{"GetQueueUrl", get_queue_url},
	{"GetQueueAttributes", get_queue_attributes},
	{"ListQueues", list_queues},
};

static SqsRun
find_action(const char *action)
{
	for (int i = 0; i < (int) lengthof(actions); i++)
	{
		if (strcmp(actions[i].name, action) == 0)
			return actions[i].run;
	}
	return NULL;
}

bool
sqs_has_action(const char *action)
{
	return find_action(action) != NULL;
}

const JsonVal *
sqs_answer(ActionCall *call, const char *action, const JsonVal *request)
{
	SqsRun run = find_action(action);

	return run != NULL ? run(call, request) : action_fail_null(call, API_UNKNOWN_OPERATION, action, "");
}

const char *
sqs_error_code(const ActionError *error)
{
	static const struct
	{
		ApiErrorId id;
		const char *code;
	} rows[] = {{API_PERMISSION_DENIED, "AccessDenied"},
				{API_VALIDATION, "InvalidParameterValue"},
				{API_CONSTRAINT, "MissingParameter"}};

	for (int i = 0; i < (int) lengthof(rows); i++)
	{
		if (rows[i].id == error->id)
			return rows[i].code;
	}
	return error->code;
}
