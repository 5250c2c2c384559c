/*
 * topics.c
 *	  SNS's actions on the topics of this database, which are called "sns:Publish" and so on.
 *
 * There is nothing to confirm, so a subscription has its ARN at once.  The protocol of what SNS does not know (state
 * machines, SQL functions, channels) is "sfn".
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/message_batches.h"
#include "actions/tags.h"
#include "actions/topics.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "services/aws/own_services.h"
#include "settings/arns.h"
#include "settings/guc.h"

#define PAGE_LENGTH 100

/* ---- topics ---- */

static const JsonVal *
object_of_text(const char *name, const char *text)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, name, text);
	return jv_object_end(&object);
}

/* The page's items but one more, which says that there are others; the token is what the last one is called. */
static const JsonVal *
page_answer(const char *member, JvArrayBuilder *list, const char *next)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, member, jv_array_end(list));
	answer_text(&answer, "NextToken", next);
	return jv_object_end(&answer);
}

static const char *
page_begin(const JsonVal *request)
{
	const char *token = request_string(request, "NextToken");

	return token != NULL ? token : "";
}

static const JsonVal *
create_topic(ActionCall *call, const JsonVal *request)
{
	const char *name = request_string(request, "Name");
	const char *display_name = jv_get_string(request_value(request, "Attributes"), "DisplayName");
	const JsonVal *tags = request_value(request, "Tags");

	if (jv_get_string(request_value(request, "Attributes"), "FifoTopic") != NULL)
		return action_fail_null(call, API_VALIDATION, "Invalid parameter: Attributes Reason: there are no FIFO topics",
								"");
	if (!topic_create(call, name) || (display_name != NULL && !topic_rename(call, name, display_name)) ||
		(tags != NULL && (tags = request_tags(call, tags)) == NULL) ||
		(tags != NULL && !resource_tag(call, topic_arn(name), tags)))
		return NULL;
	return object_of_text("TopicArn", topic_arn(name));
}

static const JsonVal *
delete_topic(ActionCall *call, const JsonVal *request)
{
	const char *arn = request_string(request, "TopicArn");
	const char *name = topic_name_of(arn);

	/* one that is gone is no error for SNS */
	return name == NULL || topic_by_name(name) == NULL || topic_drop(call, arn) ? jv_empty_object() : NULL;
}

static const JsonVal *
list_topics(ActionCall *call, const JsonVal *request)
{
	const char *after = page_begin(request);
	char **arns;
	int count;
	JvArrayBuilder topics;

	if (after[0] != '\0' && topic_name_of(after) != NULL)
		after = topic_name_of(after);
	count = topics_list(call, after, PAGE_LENGTH + 1, &arns);
	jv_array_begin(&topics);
	for (int i = 0; i < Min(count, PAGE_LENGTH); i++)
		jv_array_add(&topics, object_of_text("TopicArn", arns[i]));
	return page_answer("Topics", &topics, count > PAGE_LENGTH ? arns[PAGE_LENGTH - 1] : NULL);
}

static const JsonVal *
attributes_answer(JvObjectBuilder *attributes)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "Attributes", jv_object_end(attributes));
	return jv_object_end(&answer);
}

static const JsonVal *
get_topic_attributes(ActionCall *call, const JsonVal *request)
{
	BusRow *topic = topic_describe(call, request_string(request, "TopicArn"));
	JvObjectBuilder attributes;

	if (topic == NULL)
		return NULL;
	jv_object_begin(&attributes);
	answer_text(&attributes, "TopicArn", topic_arn(topic_name(topic)));
	answer_text(&attributes, "Owner", sfn_account_id);
	answer_text(&attributes, "DisplayName", topic->description != NULL ? topic->description : "");
	answer_text(&attributes, "SubscriptionsConfirmed", psprintf("%d", topic_subscription_count(topic)));
	answer_text(&attributes, "SubscriptionsPending", "0");
	answer_text(&attributes, "SubscriptionsDeleted", "0");
	return attributes_answer(&attributes);
}

static const JsonVal *
set_topic_attributes(ActionCall *call, const JsonVal *request)
{
	if (strcmp(request_string(request, "AttributeName"), "DisplayName") != 0)
		return action_fail_null(call, API_VALIDATION, "Invalid parameter: AttributeName", "");
	return topic_rename(call, request_string(request, "TopicArn"), request_string(request, "AttributeValue"))
		? jv_empty_object()
		: NULL;
}

/* ---- publishing ---- */

/* The id of the message that stands in the request, or in an entry of one; NULL: the call has the error. */
static const char *
publish_one(ActionCall *call, const char *topic, const JsonVal *entry)
{
	TopicMessage message = {.message = jv_get_string(entry, "Message"),
							.subject = jv_get_string(entry, "Subject"),
							.attributes = request_value(entry, "MessageAttributes"),
							.group = jv_get_string(entry, "MessageGroupId"),
							.deduplication_id = jv_get_string(entry, "MessageDeduplicationId")};

	if (jv_get_string(entry, "MessageStructure") != NULL)
		return action_fail_null(call, API_VALIDATION,
								"Invalid parameter: MessageStructure is not valid for topics of sfn", "");
	if (message.message == NULL)
		return action_fail_null(call, API_VALIDATION, "Invalid parameter: Message must be given", "");
	return topic_publish(call, topic, &message);
}

static const JsonVal *
publish(ActionCall *call, const JsonVal *request)
{
	const char *arn = request_string(request, "TopicArn");
	const char *id;

	if (arn == NULL)
		arn = request_string(request, "TargetArn");
	if (arn == NULL)
		return action_fail_null(call, API_VALIDATION,
								"Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter", "");
	id = publish_one(call, arn, request);
	return id != NULL ? object_of_text("MessageId", id) : NULL;
}

static void
add_failure(const ActionCall *call, const char *id, JvArrayBuilder *failed)
{
	JvObjectBuilder entry;

	jv_object_begin(&entry);
	answer_text(&entry, "Id", id);
	answer_text(&entry, "Code", sns_error_code(&call->error));
	answer_text(&entry, "Message", call->error.aws_text);
	jv_object_add(&entry, "SenderFault", jv_bool(true));
	jv_array_add(failed, jv_object_end(&entry));
}

/* Each is published or refused by itself. */
static const JsonVal *
publish_batch(ActionCall *call, const JsonVal *request)
{
	const char *arn = request_string(request, "TopicArn");
	const JsonVal *entries = request_value(request, "PublishBatchRequestEntries");
	JvArrayBuilder successful;
	JvArrayBuilder failed;
	JvObjectBuilder answer;

	if (topic_describe(call, arn) == NULL ||
		!message_batch_check(call, jv_is(entries, JV_ARRAY) ? entries : NULL, "PublishBatchRequestEntry", "Message"))
		return NULL;
	jv_array_begin(&successful);
	jv_array_begin(&failed);
	for (int i = 0; i < entries->count; i++)
	{
		const char *id = jv_get_string(entries->u.items[i], "Id");
		const char *message_id = publish_one(call, arn, entries->u.items[i]);
		JvObjectBuilder entry;

		jv_object_begin(&entry);
		answer_text(&entry, "Id", id);
		answer_text(&entry, "MessageId", message_id);
		if (message_id != NULL)
			jv_array_add(&successful, jv_object_end(&entry));
		else
			add_failure(call, id, &failed);
	}
	jv_object_begin(&answer);
	jv_object_add(&answer, "Successful", jv_array_end(&successful));
	jv_object_add(&answer, "Failed", jv_array_end(&failed));
	return jv_object_end(&answer);
}

/* ---- subscriptions ---- */

static const struct
{
	const char *protocol;
	const char *begins; /* the target */
	const char *has;
} protocols[] = {{"sqs", "arn:", ":sqs:"},
				 {"lambda", "arn:", ":lambda:"},
				 {"https", "https://", ""},
				 {"http", "http://", ""},
				 {"sfn", "", ""}};

static bool
is_of_protocol(const char *target, size_t i)
{
	return strncmp(target, protocols[i].begins, strlen(protocols[i].begins)) == 0 &&
		strstr(target, protocols[i].has) != NULL;
}

static const char *
protocol_of(const char *target)
{
	size_t i = 0;

	while (!is_of_protocol(target, i))
		i++;
	return protocols[i].protocol;
}

static SFN_MUST_CHECK bool
check_protocol(ActionCall *call, const char *protocol, const char *endpoint)
{
	for (size_t i = 0; i < lengthof(protocols); i++)
	{
		if (strcmp(protocols[i].protocol, protocol) == 0)
			return (endpoint != NULL && is_of_protocol(endpoint, i)) ||
				action_fail(call, API_VALIDATION,
							psprintf("Invalid parameter: Endpoint Reason: it is none of protocol %s", protocol), "");
	}
	return action_fail(call, API_VALIDATION,
					   psprintf("Invalid parameter: Does not support this protocol string: %s", protocol), "");
}

/* A member of Attributes, as SetSubscriptionAttributes has it, too. */
static SFN_MUST_CHECK bool
take_attribute(ActionCall *call, Subscription *subscription, const char *name, const char *value)
{
	if (strcmp(name, "RawMessageDelivery") == 0)
		subscription->is_raw = value != NULL && strcmp(value, "true") == 0;
	else if (strcmp(name, "FilterPolicy") == 0)
		subscription->filter_policy = value != NULL && value[0] != '\0' ? value : NULL;
	else if (strcmp(name, "FilterPolicyScope") == 0)
		subscription->filter_scope = value != NULL ? value : FILTER_ATTRIBUTES;
	else
		return action_fail(call, API_VALIDATION, "Invalid parameter: AttributeName", "");
	return true;
}

static const JsonVal *
subscribe(ActionCall *call, const JsonVal *request)
{
	const JsonVal *attributes = request_value(request, "Attributes");
	const char *endpoint = request_string(request, "Endpoint");
	Subscription subscription = {.filter_scope = FILTER_ATTRIBUTES};
	char *arn;

	if (!check_protocol(call, request_string(request, "Protocol"), endpoint))
		return NULL;
	subscription.target.target = pstrdup(endpoint);
	for (int i = 0; jv_is(attributes, JV_OBJECT) && i < attributes->count; i++)
	{
		const JvMember *member = &attributes->u.members[i];

		if (!take_attribute(call, &subscription, member->key,
							jv_is(member->value, JV_STRING) ? member->value->u.text : NULL))
			return NULL;
	}
	return topic_subscribe(call, request_string(request, "TopicArn"), &subscription, &arn)
		? object_of_text("SubscriptionArn", arn)
		: NULL;
}

static const JsonVal *
unsubscribe(ActionCall *call, const JsonVal *request)
{
	return topic_unsubscribe(call, request_string(request, "SubscriptionArn")) ? jv_empty_object() : NULL;
}

static const JsonVal *
subscriptions_answer(ActionCall *call, const BusRow *topic, const JsonVal *request)
{
	Subscription *found;
	int count = subscriptions_list(call, topic, page_begin(request), PAGE_LENGTH + 1, &found);
	JvArrayBuilder list;

	jv_array_begin(&list);
	for (int i = 0; i < Min(count, PAGE_LENGTH); i++)
	{
		JvObjectBuilder subscription;

		jv_object_begin(&subscription);
		answer_text(&subscription, "SubscriptionArn", found[i].arn);
		answer_text(&subscription, "Owner", sfn_account_id);
		answer_text(&subscription, "Protocol", protocol_of(found[i].target.target));
		answer_text(&subscription, "Endpoint", found[i].target.target);
		answer_text(&subscription, "TopicArn", found[i].topic);
		jv_array_add(&list, jv_object_end(&subscription));
	}
	return page_answer("Subscriptions", &list, count > PAGE_LENGTH ? found[PAGE_LENGTH - 1].arn : NULL);
}

static const JsonVal *
list_subscriptions(ActionCall *call, const JsonVal *request)
{
	return subscriptions_answer(call, NULL, request);
}

static const JsonVal *
list_subscriptions_by_topic(ActionCall *call, const JsonVal *request)
{
	BusRow *topic = topic_describe(call, request_string(request, "TopicArn"));

	return topic != NULL ? subscriptions_answer(call, topic, request) : NULL;
}

static const JsonVal *
get_subscription_attributes(ActionCall *call, const JsonVal *request)
{
	Subscription *found = topic_subscription(call, request_string(request, "SubscriptionArn"));
	JvObjectBuilder attributes;

	if (found == NULL)
		return NULL;
	jv_object_begin(&attributes);
	answer_text(&attributes, "SubscriptionArn", found->arn);
	answer_text(&attributes, "TopicArn", found->topic);
	answer_text(&attributes, "Owner", sfn_account_id);
	answer_text(&attributes, "Protocol", protocol_of(found->target.target));
	answer_text(&attributes, "Endpoint", found->target.target);
	answer_text(&attributes, "ConfirmationWasAuthenticated", "true");
	answer_text(&attributes, "PendingConfirmation", "false");
	answer_text(&attributes, "RawMessageDelivery", found->is_raw ? "true" : "false");
	answer_text(&attributes, "FilterPolicy", found->filter_policy);
	answer_text(&attributes, "FilterPolicyScope", found->filter_policy != NULL ? found->filter_scope : NULL);
	return attributes_answer(&attributes);
}

static const JsonVal *
set_subscription_attributes(ActionCall *call, const JsonVal *request)
{
	Subscription *found = topic_subscription(call, request_string(request, "SubscriptionArn"));

	return found != NULL &&
			take_attribute(call, found, request_string(request, "AttributeName"),
						   request_string(request, "AttributeValue")) &&
			subscription_change(call, found)
		? jv_empty_object()
		: NULL;
}

/* ---- tags ---- */

static const JsonVal *
list_tags(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = resource_tags(call, request_string(request, "ResourceArn"));

	return tags != NULL ? answer_tags(tags) : NULL;
}

static const JsonVal *
tag(ActionCall *call, const JsonVal *request)
{
	const JsonVal *tags = request_tags(call, request_value(request, "Tags"));

	return tags != NULL && resource_tag(call, request_string(request, "ResourceArn"), tags) ? jv_empty_object() : NULL;
}

static const JsonVal *
untag(ActionCall *call, const JsonVal *request)
{
	const JsonVal *keys = request_texts(call, request, "TagKeys");

	return keys != NULL && resource_untag(call, request_string(request, "ResourceArn"), keys) ? jv_empty_object()
																							  : NULL;
}

/* ---- the rows ---- */

#define SNS_PREFIX "sns:"

static const struct
{
	const char *name;
	const JsonVal *(*run)(ActionCall *call, const JsonVal *request);
} runs[] = {
	{"CreateTopic", create_topic},
	{"DeleteTopic", delete_topic},
	{"GetSubscriptionAttributes", get_subscription_attributes},
	{"GetTopicAttributes", get_topic_attributes},
	{"ListSubscriptions", list_subscriptions},
	{"ListSubscriptionsByTopic", list_subscriptions_by_topic},
	{"ListTagsForResource", list_tags},
	{"ListTopics", list_topics},
	{"Publish", publish},
	{"PublishBatch", publish_batch},
	{"SetSubscriptionAttributes", set_subscription_attributes},
	{"SetTopicAttributes", set_topic_attributes},
	{"Subscribe", subscribe},
	{"TagResource", tag},
	{"Unsubscribe", unsubscribe},
	{"UntagResource", untag},
};

/* Errors have SNS's names. */
static const JsonVal *
answer_as_sns(ActionCall *call, const JsonVal *request)
{
	const char *name = call->action + strlen(SNS_PREFIX);
	const JsonVal *answer = NULL;

	for (size_t i = 0; i < lengthof(runs); i++)
	{
		if (strcmp(runs[i].name, name) == 0)
			answer = runs[i].run(call, request);
	}
	if (answer == NULL)
		call->error.code = sns_error_code(&call->error);
	return answer;
}

const AwsAction aws_topic_actions[] = {
	{"sns:CreateTopic", "Name:s! Attributes:o Tags:a DataProtectionPolicy:s", answer_as_sns},
	{"sns:DeleteTopic", "TopicArn:s!", answer_as_sns},
	{"sns:GetSubscriptionAttributes", "SubscriptionArn:s!", answer_as_sns},
	{"sns:GetTopicAttributes", "TopicArn:s!", answer_as_sns},
	{"sns:ListSubscriptions", "NextToken:s", answer_as_sns},
	{"sns:ListSubscriptionsByTopic", "TopicArn:s! NextToken:s", answer_as_sns},
	{"sns:ListTagsForResource", "ResourceArn:s!", answer_as_sns},
	{"sns:ListTopics", "NextToken:s", answer_as_sns},
	{"sns:Publish",
	 "TopicArn:s TargetArn:s PhoneNumber:s Message:s Subject:s MessageStructure:s MessageAttributes:o MessageDeduplicationId:s MessageGroupId:s",
	 answer_as_sns},
	{"sns:PublishBatch", "TopicArn:s! PublishBatchRequestEntries:e", answer_as_sns},
	{"sns:SetSubscriptionAttributes", "SubscriptionArn:s! AttributeName:s! AttributeValue:s", answer_as_sns},
	{"sns:SetTopicAttributes", "TopicArn:s! AttributeName:s! AttributeValue:s", answer_as_sns},
	{"sns:Subscribe", "TopicArn:s! Protocol:s! Endpoint:s Attributes:o ReturnSubscriptionArn:s", answer_as_sns},
	{"sns:TagResource", "ResourceArn:s! Tags:a!", answer_as_sns},
	{"sns:Unsubscribe", "SubscriptionArn:s!", answer_as_sns},
	{"sns:UntagResource", "ResourceArn:s! TagKeys:a!", answer_as_sns},
	{NULL},
};
