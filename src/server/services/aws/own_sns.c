/*
 * own_sns.c
 *	  Tasks that publish to topics of this database: subscribers are told exactly when the task has succeeded.
 *
 * Whoever publishes hands the topic's owner what the machine knows, so the owner has to be trusted.
 */
#include "postgres.h"

#include "actions/event_delivery.h"
#include "actions/resources.h"
#include "actions/topics.h"
#include "aws/query_form.h"
#include "aws/xml.h"
#include "base/error.h"
#include "services/aws/own_services.h"
#include "settings/random_uuid.h"

/* In SNS's query protocol. */
#define XML_NAMESPACE "http://sns.amazonaws.com/doc/2010-03-31/"

/* The ARN that the parameters name a topic by; NULL: they name none. */
static const char *
named_arn(const OwnCall *call)
{
	const char *arn = own_text(call, "TopicArn");

	return arn != NULL ? arn : own_text(call, "TargetArn");
}

/* The topic, if it is one of ours; NULL: it is not. */
static BusRow *
named_topic(const OwnCall *call)
{
	const char *arn = named_arn(call);
	const char *name = arn != NULL && arn_looks_like(arn) ? topic_name_of(arn) : NULL;

	return name != NULL ? topic_find(name) : NULL;
}

bool
own_sns_has(const OwnCall *call)
{
	return named_topic(call) != NULL;
}

static void
print_failure(OwnCall *own, long status, const char *code, const char *message)
{
	own->status = status;
	appendStringInfo(&own->body,
					 "<ErrorResponse xmlns=\"" XML_NAMESPACE "\"><Error><Type>Sender</Type><Code>%s</Code><Message>",
					 code);
	xml_escape(&own->body, message);
	appendStringInfo(&own->body, "</Message></Error><RequestId>%s</RequestId></ErrorResponse>", random_uuid());
}

const char *
sns_error_code(const ActionError *error)
{
	if (error->id == API_PERMISSION_DENIED)
		return "AuthorizationError";
	return error->id == API_VALIDATION || error->id == API_CONSTRAINT ? "InvalidParameter" : error->code;
}

static void
print_action_failure(OwnCall *own, const ActionError *error)
{
	const char *code = sns_error_code(error);
	long status = strcmp(code, "AuthorizationError") == 0 ? 403 : strcmp(code, "NotFound") == 0 ? 404 : 400;

	print_failure(own, status, code, error->aws_text);
}

/* False: what is asked for is not there here, which the answer says. */
static bool
check_publication(OwnCall *own)
{
	if (own_parameter(own, "MessageStructure") != NULL)
		print_failure(own, 400, "InvalidParameter",
					  "Invalid parameter: MessageStructure is not valid for topics of sfn");
	else if (own_text(own, "Message") == NULL)
		print_failure(own, 400, "InvalidParameter", "Invalid parameter: Message must be given");
	else
		return true;
	return false;
}

static void
publish(OwnCall *own, ActionCall *call)
{
	TopicMessage publication = {.message = own_text(own, "Message"),
								.subject = own_text(own, "Subject"),
								.attributes = own_parameter(own, "MessageAttributes"),
								.group = own_text(own, "MessageGroupId"),
								.deduplication_id = own_text(own, "MessageDeduplicationId")};
	char *id;

	if (!check_publication(own))
		return;
	id = topic_publish(call, named_arn(own), &publication);
	if (id == NULL)
		print_action_failure(own, &call->error);
	else
		appendStringInfo(&own->body,
						 "<PublishResponse xmlns=\"" XML_NAMESPACE "\"><PublishResult><MessageId>%s</MessageId>"
						 "</PublishResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>"
						 "</PublishResponse>",
						 id, random_uuid());
}

/* The request that SNS would get, as its clients send it to the gateway. */
static void
publish_batch(OwnCall *own, ActionCall *call)
{
	const JsonVal *form = query_form_read(own->request.body);
	const JsonVal *answer;
	JvObjectBuilder request;

	jv_object_begin(&request);
	for (int i = 0; form != NULL && i < form->count; i++)
	{
		const JvMember *member = &form->u.members[i];

		if (strcmp(member->key, "Action") != 0 && strcmp(member->key, "Version") != 0)
			jv_object_add_n(&request, member->key, member->key_length, member->value);
	}
	answer = own_api_answer(call, "states", "sns:PublishBatch", jv_object_end(&request));
	if (answer == NULL)
	{
		print_action_failure(own, &call->error);
		return;
	}
	appendStringInfoString(&own->body, "<PublishBatchResponse xmlns=\"" XML_NAMESPACE "\"><PublishBatchResult>");
	query_answer_print(&own->body, answer);
	appendStringInfo(&own->body,
					 "</PublishBatchResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>"
					 "</PublishBatchResponse>",
					 random_uuid());
}

static bool
answer(OwnCall *own, ActionCall *call, SfnError *error)
{
	BusRow *topic = named_topic(own);

	if (topic != NULL && !bus_is_trusted(topic, call->scope.caller, error))
		return false;
	if (strcmp(own->action, "publish") == 0)
		publish(own, call);
	else if (strcmp(own->action, "publishBatch") == 0)
		publish_batch(own, call);
	else
		print_failure(own, 400, "InvalidAction",
					  psprintf("The action %s is not valid for topics of sfn.", own->action));
	return true;
}

bool
own_sns_answer(OwnCall *call, SfnError *error)
{
	return own_answer_by_actions(call, answer, error);
}
