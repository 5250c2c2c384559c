/*
 * topics.c
 *	  Topics: what is published to one is told all who have subscribed to it.
 *
 * A message is an event on the topic's bus, put in the name of the topic's owner: its detail is the notification that SNS
 * sends.  So whoever may publish hands it to the owner, and gets to know nothing of those whom the owner lets subscribe.
 */
#include "postgres.h"

#include "catalog/pg_authid.h"
#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/event_delivery.h"
#include "actions/event_rules.h"
#include "actions/event_targets.h"
#include "actions/lineage.h"
#include "actions/resources.h"
#include "actions/topics.h"
#include "base/timestamps.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/instance.h"

#define MAX_TOPIC_NAME 256
#define MAX_SUBJECT 100
#define UUID_LENGTH 36
#define MILLISECOND 1000 /* in microseconds */

#define NOTIFICATION_SOURCE "sfn.sns" /* reserved: nobody else puts such events */
#define NOTIFICATIONS "{\"source\": [\"" NOTIFICATION_SOURCE "\"]}"

#define LAMBDA_INPUT \
	"{\"InputPathsMap\": {\"sns\": \"$.detail\"}, \"InputTemplate\": \"{\\\"Records\\\": [{\\\"EventSource\\\":" \
	" \\\"aws:sns\\\", \\\"EventVersion\\\": \\\"1.0\\\", \\\"EventSubscriptionArn\\\": \\\"%s\\\", \\\"Sns\\\": <sns>}]}\"}"

/* ---- names ---- */

char *
topic_arn(const char *name)
{
	return psprintf("arn:aws:sns:%s:%s:%s", sfn_region, sfn_account_id, name);
}

const char *
topic_name_of(const char *reference)
{
	const char *of_ours = topic_arn("");

	if (arn_looks_like(reference))
		return strncmp(reference, of_ours, strlen(of_ours)) == 0 ? reference + strlen(of_ours) : NULL;
	return reference;
}

BusRow *
topic_by_name(const char *name)
{
	return bus_by_name(psprintf(TOPIC_BUS_PREFIX "%s", name));
}

static const char *
topic_name(const BusRow *topic)
{
	return topic->name + strlen(TOPIC_BUS_PREFIX);
}

static SFN_MUST_CHECK BusRow *
find_topic(ActionCall *call, const char *reference)
{
	const char *name = topic_name_of(reference);
	BusRow *topic = name != NULL ? topic_by_name(name) : NULL;

	return topic != NULL ? topic : action_fail_null(call, API_TOPIC_DOES_NOT_EXIST, reference);
}

static SFN_MUST_CHECK bool
check_topic_name(ActionCall *call, const char *name)
{
	size_t length = strlen(name);

	return (length >= 1 && length <= MAX_TOPIC_NAME &&
			strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == length) ||
		action_fail(call, API_VALIDATION, "Invalid parameter: Topic Name",
					"the name of a topic has 1 to 256 letters, digits, hyphens or underscores");
}

/* ---- topics ---- */

static SFN_MUST_CHECK bool
check_owner(ActionCall *call, const BusRow *topic)
{
	return has_privs_of_role(call->scope.caller, topic->owner) ||
		fail_owned(call, psprintf("topic \"%s\"", topic_name(topic)), topic->owner);
}

bool
topic_create(ActionCall *call, const char *name)
{
	BusRow *topic;

	if (!check_topic_name(call, name))
		return false;
	instance_claim_if_empty();
	if (bus_insert(psprintf(TOPIC_BUS_PREFIX "%s", name), call->scope.caller, NULL))
		return true;
	topic = find_topic(call, name);
	return topic != NULL && check_owner(call, topic);
}

/* The bus goes first: nobody can make a rule on it then. */
bool
topic_drop(ActionCall *call, const char *reference)
{
	NamePage all = {.after = "", .prefix = "", .limit = PG_INT32_MAX};
	BusRow *topic = find_topic(call, reference);
	RuleRow *subscriptions;
	int count;

	if (topic == NULL || !check_owner(call, topic))
		return false;
	bus_delete(topic->id);
	count = rules_page(topic->id, &all, BOOTSTRAP_SUPERUSERID, NULL, &subscriptions);
	for (int i = 0; i < count; i++)
		rule_forget(subscriptions[i].id);
	return true;
}

/* ---- subscriptions ---- */

static void
choose_input(TargetRow *target, bool is_raw, const char *arn)
{
	if (is_raw)
		target->input_path = pstrdup("$.detail.Message");
	else if (strstr(target->target, ":lambda:") != NULL && arn_looks_like(target->target))
		target->input_transformer = psprintf(LAMBDA_INPUT, arn);
	else
		target->input_path = pstrdup("$.detail");
}

bool
topic_subscribe(ActionCall *call, const char *reference, TargetRow *target, bool is_raw, char **arn)
{
	BusRow *topic = find_topic(call, reference);
	RuleRow rule = {.name = change_uuid(), .pattern = pstrdup(NOTIFICATIONS), .is_enabled = true};

	if (topic == NULL)
		return false;
	*arn = psprintf("%s:%s", topic_arn(topic_name(topic)), rule.name);
	rule.bus = topic->name;
	target->id = pstrdup("1");
	choose_input(target, is_raw, *arn);
	return rule_create(call, &rule, false) && target_set(call, psprintf("%s/%s", topic->name, rule.name), target);
}

/* The rule of "arn:aws:sns:us-east-1:000000000000:topic:00000000-...", locked; *topic: its bus. */
static SFN_MUST_CHECK RuleRow *
lock_subscription(ActionCall *call, const char *arn, BusRow **topic)
{
	const char *colon = strrchr(arn, ':');
	const char *name = colon != NULL ? topic_name_of(pnstrdup(arn, colon - arn)) : NULL;
	RuleRow *rule = NULL;

	*topic = name != NULL ? topic_by_name(name) : NULL;
	if (*topic != NULL && strlen(colon + 1) == UUID_LENGTH)
		rule = rule_lock((*topic)->name, colon + 1);
	return rule != NULL ? rule : action_fail_null(call, API_SUBSCRIPTION_DOES_NOT_EXIST, arn);
}

bool
topic_unsubscribe(ActionCall *call, const char *arn)
{
	BusRow *topic;
	RuleRow *rule = lock_subscription(call, arn, &topic);

	if (rule == NULL)
		return false;
	if (!has_privs_of_role(call->scope.caller, rule->owner) && !has_privs_of_role(call->scope.caller, topic->owner))
		return fail_owned(call, psprintf("subscription \"%s\"", arn), rule->owner);
	rule_forget(rule->id);
	return true;
}

/* ---- publishing ---- */

static SFN_MUST_CHECK bool
check_may_publish(ActionCall *call, const BusRow *topic)
{
	return bus_may_put(topic, call->scope.caller, BUS_PUT) ||
		action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for topic \"%s\"", topic_name(topic)),
					psprintf("Its owner lends it: sfn.grant_use('topic', '%s', ...).", topic_name(topic)));
}

static SFN_MUST_CHECK bool
fail_parameter(ActionCall *call, const char *aws_reason, const char *text)
{
	return action_fail(call, API_VALIDATION, psprintf("Invalid parameter: %s", aws_reason), text);
}

static SFN_MUST_CHECK bool
check_publication(ActionCall *call, const TopicMessage *publication)
{
	size_t length = strlen(publication->message);

	if (*publication->message == '\0')
		return fail_parameter(call, "Empty message", "a message must not be empty");
	if (publication->attributes != NULL)
		length += strlen(jv_to_text(publication->attributes));
	if (length > (size_t) sfn_max_payload_size)
		return fail_parameter(call, "Message too long",
							  psprintf("a message with its attributes is at most %d bytes long", sfn_max_payload_size));
	if (publication->subject != NULL && (*publication->subject == '\0' || strlen(publication->subject) > MAX_SUBJECT))
		return fail_parameter(call, "Subject", psprintf("a subject is from 1 to %d bytes long", MAX_SUBJECT));
	return true;
}

/* {"DataType": "String", "StringValue": "blue"} becomes {"Type": "String", "Value": "blue"}. */
static SFN_MUST_CHECK bool
add_attribute(ActionCall *call, JvObjectBuilder *out, const char *name, const JsonVal *attribute)
{
	const char *type = jv_is(attribute, JV_OBJECT) ? jv_get_string(attribute, "DataType") : NULL;
	const char *value = type != NULL ? jv_get_string(attribute, "StringValue") : NULL;
	JvObjectBuilder shown;

	if (type != NULL && value == NULL)
		value = jv_get_string(attribute, "BinaryValue");
	if (value == NULL)
		return fail_parameter(call, "MessageAttributes",
							  psprintf("attribute \"%s\" must have DataType, and StringValue or BinaryValue", name));
	jv_object_begin(&shown);
	jv_object_add(&shown, "Type", jv_string(type));
	jv_object_add(&shown, "Value", jv_string(value));
	jv_object_add(out, name, jv_object_end(&shown));
	return true;
}

static SFN_MUST_CHECK bool
add_attributes(ActionCall *call, JvObjectBuilder *out, const JsonVal *attributes)
{
	JvObjectBuilder shown;

	if (attributes == NULL)
		return true;
	if (!jv_is(attributes, JV_OBJECT))
		return fail_parameter(call, "MessageAttributes", "attributes must be an object");
	jv_object_begin(&shown);
	for (int i = 0; i < attributes->count; i++)
	{
		if (!add_attribute(call, &shown, attributes->u.members[i].key, attributes->u.members[i].value))
			return false;
	}
	if (attributes->count > 0)
		jv_object_add(out, "MessageAttributes", jv_object_end(&shown));
	return true;
}

/* As SNS sends it, but for signature and links, which there are none of here.  NULL: the call has the error. */
static const JsonVal *
notification(ActionCall *call, const BusRow *topic, const TopicMessage *publication, const char *id)
{
	JvObjectBuilder out;
	TimestampTz now = sfn_now();
	StringInfoData time;

	initStringInfo(&time);
	timestamp_print(&time, now - now % MILLISECOND);
	jv_object_begin(&out);
	jv_object_add(&out, "Type", jv_string("Notification"));
	jv_object_add(&out, "MessageId", jv_string(id));
	jv_object_add(&out, "TopicArn", jv_string(topic_arn(topic_name(topic))));
	if (publication->subject != NULL)
		jv_object_add(&out, "Subject", jv_string(publication->subject));
	jv_object_add(&out, "Message", jv_string(publication->message));
	jv_object_add(&out, "Timestamp", jv_string(time.data));
	return add_attributes(call, &out, publication->attributes) ? jv_object_end(&out) : NULL;
}

char *
topic_publish(ActionCall *call, const char *reference, const TopicMessage *publication)
{
	BusRow *topic = find_topic(call, reference);
	SentEvent sent = {.depth = lineage_now()};
	char *id = random_uuid();
	PutEvent put = {.source = NOTIFICATION_SOURCE, .detail_type = "Notification", .time = sfn_now()};

	if (topic == NULL || !check_may_publish(call, topic) || !check_publication(call, publication))
		return NULL;
	put.detail = notification(call, topic, publication, id);
	if (put.detail == NULL)
		return NULL;
	put.resources = jv_empty_array();
	sent.bus_id = topic->id;
	sent.putter = topic->owner;
	sent.event = event_made(&put, id);
	event_send(&sent);
	return id;
}
