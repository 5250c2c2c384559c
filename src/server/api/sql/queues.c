/*
 * queues.c
 *	  The SQL functions for queues and their messages.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "actions/message_attributes.h"
#include "actions/queue_sources.h"
#include "actions/queues.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "settings/compat.h"
#include "store/sql_version.h"

#define MOST_AT_ONCE 1000

/* Whole seconds of an interval; -1: null. */
static int64
seconds_argument(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *name)
{
	Interval *interval;
	int64 days;

	if (PG_ARGISNULL(number))
		return -1;
	interval = PG_GETARG_INTERVAL_P(number);
	days = interval->day + (int64) interval->month * DAYS_PER_MONTH;
	if (days < 0 || interval->time < 0)
		api_error(call, API_VALIDATION, "", psprintf("%s must not be negative", name));
	return days * SECS_PER_DAY + interval->time / USECS_PER_SEC;
}

static QueueRow *
queue_argument(ActionCall *call, FunctionCallInfo fcinfo)
{
	QueueRow *queue = action_queue(call, required_text(call, fcinfo, 0, "queue"));

	api_check(call, queue != NULL);
	return queue;
}

SFN_FUNCTION(sfn_create_queue)
{
	ActionCall call;
	QueueRow queue = {.max_receive_count = PG_ARGISNULL(4) ? 0 : PG_GETARG_INT32(4),
					  .deduplicates_content = !PG_ARGISNULL(5) && PG_GETARG_BOOL(5)};
	int64 visibility_timeout;

	api_enter(&call, ACTION_SQL, "CreateQueue");
	queue.name = required_text(&call, fcinfo, 0, "name");
	visibility_timeout = seconds_argument(&call, fcinfo, 1, "visibility_timeout");
	queue.visibility_timeout =
		visibility_timeout == -1 ? QUEUE_VISIBILITY_TIMEOUT_DEFAULT : (int32) Min(visibility_timeout, PG_INT32_MAX);
	queue.delay = (int32) Min(Max(seconds_argument(&call, fcinfo, 2, "delay"), 0), PG_INT32_MAX);
	api_check(&call, queue_create(&call, &queue, text_argument(fcinfo, 3)));
	api_leave(&call);
	return CStringGetTextDatum(queue_url(queue.name));
}

SFN_FUNCTION(sfn_set_queue_attributes)
{
	ActionCall call;
	QueueChange change = {.dead_letter_queue = text_argument(fcinfo, 3),
						  .max_receive_count = PG_ARGISNULL(4) ? -1 : Max(PG_GETARG_INT32(4), 0),
						  .deduplicates_content = PG_ARGISNULL(5) ? -1 : PG_GETARG_BOOL(5)};

	api_enter(&call, ACTION_SQL, "SetQueueAttributes");
	change.visibility_timeout = seconds_argument(&call, fcinfo, 1, "visibility_timeout");
	change.delay = seconds_argument(&call, fcinfo, 2, "delay");
	api_check(&call, queue_change(&call, required_text(&call, fcinfo, 0, "queue"), &change));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_delete_queue)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteQueue");
	api_check(&call, queue_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_purge_queue)
{
	ActionCall call;
	int64 count;

	api_enter(&call, ACTION_SQL, "PurgeQueue");
	count = messages_purge(queue_argument(&call, fcinfo)->id);
	api_leave(&call);
	PG_RETURN_INT64(count);
}

SFN_FUNCTION(sfn_send_message)
{
	ActionCall call;
	QueueRow *queue;
	MessageToSend message = {.group = text_argument(fcinfo, 4), .deduplication_id = text_argument(fcinfo, 5)};
	NewMessage sent;

	api_enter(&call, ACTION_SQL, "SendMessage");
	queue = queue_argument(&call, fcinfo);
	message.body = required_text(&call, fcinfo, 1, "body");
	message.length = (int) strlen(message.body);
	message.delay = seconds_argument(&call, fcinfo, 3, "delay");
	message.attributes = json_value_argument(fcinfo, 2);
	api_check(&call,
			  message_attributes_check(&call, MESSAGE_OF_SQS, message.attributes) &&
				  message_send(&call, queue, &message, &sent));
	api_leave(&call);
	return DirectFunctionCall1(uuid_in, CStringGetDatum(sent.message_id));
}

enum
{
	MESSAGE_ID,
	MESSAGE_RECEIPT_HANDLE,
	MESSAGE_BODY,
	MESSAGE_ATTRIBUTES,
	MESSAGE_RECEIVE_COUNT,
	MESSAGE_SENT,
	MESSAGE_FIRST_RECEIVED,
	MESSAGE_GROUP,
	MESSAGE_DEDUPLICATION_ID,
	MESSAGE_SEQUENCE_NUMBER,
	MESSAGE_COLUMNS
};

static void
put_message(ReturnSetInfo *result, const QueueMessage *message)
{
	Datum values[MESSAGE_COLUMNS];
	bool nulls[MESSAGE_COLUMNS] = {false};

	values[MESSAGE_ID] = DirectFunctionCall1(uuid_in, CStringGetDatum(message->message_id));
	put_text(values, nulls, MESSAGE_RECEIPT_HANDLE, message->receipt_handle);
	put_text(values, nulls, MESSAGE_BODY, message->body);
	put_text(values, nulls, MESSAGE_ATTRIBUTES, message->attributes);
	values[MESSAGE_RECEIVE_COUNT] = Int32GetDatum(message->receive_count);
	put_moment(values, nulls, MESSAGE_SENT, message->sent);
	put_moment(values, nulls, MESSAGE_FIRST_RECEIVED, message->first_received);
	put_text(values, nulls, MESSAGE_GROUP, message->group);
	put_text(values, nulls, MESSAGE_DEDUPLICATION_ID, message->deduplication_id);
	put_text(values, nulls, MESSAGE_SEQUENCE_NUMBER, message->sequence);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

SFN_FUNCTION(sfn_receive_message)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	QueueRow *queue;
	QueueMessage *messages;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ReceiveMessage");
	queue = queue_argument(&call, fcinfo);
	api_check(&call,
			  message_receive(&call, queue, PG_ARGISNULL(1) ? 1 : PG_GETARG_INT32(1), MOST_AT_ONCE,
							  seconds_argument(&call, fcinfo, 2, "visibility_timeout"), &messages, &count));
	api_leave(&call);
	for (int i = 0; i < count; i++)
		put_message(result, &messages[i]);
	return (Datum) 0;
}

SFN_FUNCTION(sfn_delete_message)
{
	ActionCall call;
	bool is_deleted;

	api_enter(&call, ACTION_SQL, "DeleteMessage");
	is_deleted = message_delete(queue_argument(&call, fcinfo), required_text(&call, fcinfo, 1, "receipt_handle"));
	api_leave(&call);
	PG_RETURN_BOOL(is_deleted);
}

SFN_FUNCTION(sfn_change_message_visibility)
{
	ActionCall call;
	QueueRow *queue;
	char *handle;
	int64 timeout;
	bool is_changed;

	api_enter(&call, ACTION_SQL, "ChangeMessageVisibility");
	queue = queue_argument(&call, fcinfo);
	handle = required_text(&call, fcinfo, 1, "receipt_handle");
	timeout = seconds_argument(&call, fcinfo, 2, "visibility_timeout");
	is_changed = message_change_visibility(&call, queue, handle, timeout);
	api_check(&call, is_changed || call.error.id == API_MESSAGE_NOT_IN_FLIGHT);
	api_leave(&call);
	PG_RETURN_BOOL(is_changed);
}

/* ---- queues of SQS that they are fed from ---- */

SFN_FUNCTION(sfn_create_queue_source)
{
	ActionCall call;
	char *queue;

	api_enter(&call, ACTION_SQL, "CreateQueueSource");
	queue = required_text(&call, fcinfo, 0, "queue");
	api_check(&call,
			  queue_source_create(&call, queue, required_text(&call, fcinfo, 1, "source"), text_argument(fcinfo, 2),
								  PG_ARGISNULL(3) || PG_GETARG_BOOL(3)));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_drop_queue_source)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DropQueueSource");
	api_check(&call, queue_source_drop(&call, required_text(&call, fcinfo, 0, "queue")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_create_job_events)
{
	ActionCall call;
	char *url;

	api_enter(&call, ACTION_SQL, "CreateJobEvents");
	url = required_text(&call, fcinfo, 0, "queue_url");
	api_check(&call, job_events_create(&call, url, required_text(&call, fcinfo, 1, "credentials")));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_drop_job_events)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DropJobEvents");
	api_check(&call, job_events_drop(&call, required_text(&call, fcinfo, 0, "queue_url")));
	api_leave(&call);
	PG_RETURN_VOID();
}
