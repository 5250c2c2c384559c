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
#include "actions/message_attributes.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "actions/topics.h"
#include "base/timestamps.h"
#include "events/event_pattern.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/instance.h"

#define MAX_TOPIC_NAME 256
#define MAX_SUBJECT 100
#define CONTROL_CHARACTERS \
	"\001\002\003\004\005\006\a\b\t\n\v\f\r\016\017\020\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037\177"
#define UUID_LENGTH 36
#define MILLISECOND 1000 /* in microseconds */

#define NOTIFICATION_SOURCE "sfn.sns" /* reserved: nobody else puts such events */
#define NOTIFICATIONS "{\"source\": [\"" NOTIFICATION_SOURCE "\"]}"

#define HAS_BODY "hasBody"
#define RAW_INPUT_PATH "$.detail.Message"

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

BusRow *
topic_find(const char *name)
{
	return bus_find(psprintf(TOPIC_BUS_PREFIX "%s", name));
}

static BusRow *
topic_lock(const char *name)
{
	return bus_lock(psprintf(TOPIC_BUS_PREFIX "%s", name));
}

const char *
topic_name(const BusRow *topic)
{
	return topic->name + strlen(TOPIC_BUS_PREFIX);
}

static SFN_MUST_CHECK BusRow *
find_topic(ActionCall *call, const char *reference, BusRow *(*find)(const char *name))
{
	const char *name = topic_name_of(reference);
	BusRow *topic = name != NULL ? find(name) : NULL;

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
	topic = find_topic(call, name, topic_by_name);
	return topic != NULL && check_owner(call, topic);
}

/* The bus goes first: nobody can make a rule on it then. */
bool
topic_drop(ActionCall *call, const char *reference)
{
	NamePage all = {.after = "", .prefix = "", .limit = PG_INT32_MAX};
	BusRow *topic = find_topic(call, reference, topic_lock);
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
	target->input_path = NULL;
	target->input_transformer = NULL;
	if (is_raw)
		target->input_path = pstrdup(RAW_INPUT_PATH);
	else if (strstr(target->target, ":lambda:") != NULL && arn_looks_like(target->target))
		target->input_transformer = psprintf(LAMBDA_INPUT, arn);
	else
		target->input_path = pstrdup("$.detail");
}

static SFN_MUST_CHECK bool
fail_filter(ActionCall *call, const char *reason)
{
	return action_fail(call, API_VALIDATION, psprintf("Invalid parameter: FilterPolicy: %s", reason),
					   psprintf("invalid filter policy: %s", reason));
}

/* Attributes have no members of their own; an alternative of $or is no attribute. */
static bool
is_flat(const JsonVal *policy)
{
	for (int i = 0; i < policy->count; i++)
	{
		if (jv_is(policy->u.members[i].value, JV_OBJECT))
			return false;
	}
	return true;
}

static SFN_MUST_CHECK bool
read_filter(ActionCall *call, const Subscription *subscription, const JsonVal **policy)
{
	const char *text = subscription->filter_policy;
	EventPatternError pattern_error;
	JvParseError error;

	*policy = jv_parse(text, (int) strlen(text), &error);
	if (!jv_is(*policy, JV_OBJECT))
		return fail_filter(call, "it must be an object");
	if (strcmp(subscription->filter_scope, FILTER_ATTRIBUTES) != 0 &&
		strcmp(subscription->filter_scope, FILTER_BODY) != 0)
		return action_fail(call, API_VALIDATION, "Invalid parameter: FilterPolicyScope",
						   "the scope of a filter policy is MessageAttributes or MessageBody");
	if (strcmp(subscription->filter_scope, FILTER_ATTRIBUTES) == 0 && !is_flat(*policy))
		return fail_filter(call, "Filter policy scope MessageAttributes does not support nested filter policy");
	return (*policy)->count == 0 || event_pattern_compile(text, (int) strlen(text), &pattern_error) != NULL ||
		fail_filter(call, pattern_error.reason);
}

static const JsonVal *
list_of(const JsonVal *value)
{
	JvArrayBuilder list;

	jv_array_begin(&list);
	jv_array_add(&list, value);
	return jv_array_end(&list);
}

/* What the rule of the subscription asks for; without a filter, or with {}, all notifications. */
static SFN_MUST_CHECK bool
choose_pattern(ActionCall *call, const Subscription *subscription, RuleRow *rule)
{
	const JsonVal *policy;
	JvObjectBuilder pattern;

	rule->pattern = pstrdup(NOTIFICATIONS);
	if (subscription->filter_policy == NULL)
		return true;
	if (!read_filter(call, subscription, &policy))
		return false;
	if (policy->count == 0)
		return true;
	jv_object_begin(&pattern);
	if (strcmp(subscription->filter_scope, FILTER_BODY) == 0)
		jv_object_add(&pattern, HAS_BODY,
					  list_of(jv_bool(true))); /* of another body nothing holds, not even "exists": false */
	jv_object_add(&pattern, subscription->filter_scope, policy);
	rule->pattern = jv_to_text(jv_object_end(&pattern));
	return true;
}

bool
topic_subscribe(ActionCall *call, const char *reference, Subscription *subscription, char **arn)
{
	BusRow *topic = find_topic(call, reference, topic_by_name);
	RuleRow rule = {.name = change_uuid(), .is_enabled = true};
	TargetRow *target = &subscription->target;

	if (topic == NULL || !choose_pattern(call, subscription, &rule))
		return false;
	*arn = psprintf("%s:%s", topic_arn(topic_name(topic)), rule.name);
	rule.bus = topic->name;
	target->id = pstrdup("1");
	choose_input(target, subscription->is_raw, *arn);
	return rule_create(call, &rule, false) && target_set(call, psprintf("%s/%s", topic->name, rule.name), target);
}

/* The rule of "arn:aws:sns:us-east-1:000000000000:topic:00000000-...", locked; *topic: its bus. */
static SFN_MUST_CHECK RuleRow *
lock_subscription(ActionCall *call, const char *arn, BusRow **topic)
{
	const char *colon = strrchr(arn, ':');
	const char *name = colon != NULL ? topic_name_of(pnstrdup(arn, colon - arn)) : NULL;
	RuleRow *rule = NULL;

	*topic = name != NULL ? topic_lock(name) : NULL;
	if (*topic != NULL && strlen(colon + 1) == UUID_LENGTH)
		rule = rule_lock((*topic)->name, colon + 1);
	return rule != NULL ? rule : action_fail_null(call, API_SUBSCRIPTION_DOES_NOT_EXIST, arn);
}

/* It is for who has it, and for the topic's owner. */
static SFN_MUST_CHECK bool
check_sees_subscription(ActionCall *call, const BusRow *topic, const RuleRow *rule, const char *arn)
{
	return has_privs_of_role(call->scope.caller, rule->owner) || has_privs_of_role(call->scope.caller, topic->owner) ||
		fail_owned(call, psprintf("subscription \"%s\"", arn), rule->owner);
}

bool
topic_unsubscribe(ActionCall *call, const char *arn)
{
	BusRow *topic;
	RuleRow *rule = lock_subscription(call, arn, &topic);

	if (rule == NULL || !check_sees_subscription(call, topic, rule, arn))
		return false;
	rule_forget(rule->id);
	return true;
}

/* ---- what there is ---- */

static bool
is_visible(const BusRow *topic, Oid role)
{
	return has_privs_of_role(role, topic->owner) || bus_is_granted(topic->id, role, BUS_PUT) ||
		bus_is_granted(topic->id, role, BUS_SUBSCRIBE);
}

BusRow *
topic_describe(ActionCall *call, const char *reference)
{
	BusRow *topic = find_topic(call, reference, topic_by_name);

	if (topic == NULL || is_visible(topic, call->scope.caller))
		return topic;
	(void) fail_owned(call, psprintf("topic \"%s\"", topic_name(topic)), topic->owner);
	return NULL;
}

bool
topic_rename(ActionCall *call, const char *reference, const char *display_name)
{
	BusRow *topic = find_topic(call, reference, topic_lock);

	if (topic == NULL || !check_owner(call, topic))
		return false;
	bus_describe_as(topic->id, display_name);
	return true;
}

bool
topic_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner)
{
	BusRow *topic = find_topic(call, arn, changes ? topic_lock : topic_by_name);

	if (topic == NULL)
		return action_fail(call, API_RESOURCE_NOT_FOUND, arn);
	*owner = (TagOwner){TAGS_OF_BUS, topic->id};
	return (!changes && is_visible(topic, call->scope.caller)) || check_owner(call, topic);
}

int
topics_list(ActionCall *call, const char *after, int max, char ***arns)
{
	BusRow *topics;
	int topic_count = topics_page(after, &topics);
	int count = 0;

	*arns = palloc(sizeof(char *) * (max + 1));
	for (int i = 0; i < topic_count && count < max; i++)
	{
		if (is_visible(&topics[i], call->scope.caller))
			(*arns)[count++] = topic_arn(topic_name(&topics[i]));
	}
	return count;
}

/* From its rule; false: it has no target yet, or no more. */
static bool
read_subscription(const BusRow *topic, const RuleRow *rule, Subscription *subscription)
{
	static const char *const scopes[] = {FILTER_ATTRIBUTES, FILTER_BODY};
	NamePage first = {.after = "", .prefix = "", .limit = 1};
	JvParseError error;
	const JsonVal *pattern = jv_parse(rule->pattern, (int) strlen(rule->pattern), &error);
	TargetRow *targets;

	if (targets_page(rule->id, &first, &targets) == 0)
		return false;
	*subscription = (Subscription){.topic = topic_arn(topic_name(topic)), .target = targets[0]};
	subscription->arn = psprintf("%s:%s", subscription->topic, rule->name);
	subscription->is_raw = targets[0].input_path != NULL && strcmp(targets[0].input_path, RAW_INPUT_PATH) == 0;
	subscription->filter_scope = FILTER_ATTRIBUTES;
	for (size_t i = 0; i < lengthof(scopes); i++)
	{
		if (jv_get(pattern, scopes[i]) == NULL)
			continue;
		subscription->filter_policy = jv_to_text(jv_get(pattern, scopes[i]));
		subscription->filter_scope = scopes[i];
	}
	return true;
}

/* Of one topic, behind the rule of that name. */
static int
subscriptions_of(ActionCall *call, const BusRow *topic, const char *after, int max, Subscription *subscriptions)
{
	NamePage page = {.after = after, .prefix = "", .limit = max};
	bool is_owner = has_privs_of_role(call->scope.caller, topic->owner);
	RuleRow *rules;
	int rule_count = rules_page(topic->id, &page, is_owner ? BOOTSTRAP_SUPERUSERID : call->scope.caller, NULL, &rules);
	int count = 0;

	for (int i = 0; i < rule_count; i++)
		count += read_subscription(topic, &rules[i], &subscriptions[count]);
	return count;
}

int
topic_subscription_count(const BusRow *topic)
{
	NamePage all = {.after = "", .prefix = "", .limit = PG_INT32_MAX};
	RuleRow *rules;

	return rules_page(topic->id, &all, BOOTSTRAP_SUPERUSERID, NULL, &rules);
}

/* The name of the rule in the subscription's ARN, if that is of the topic; else "". */
static const char *
rule_in_arn(const BusRow *topic, const char *arn)
{
	const char *of_topic = psprintf("%s:", topic_arn(topic_name(topic)));

	return strncmp(arn, of_topic, strlen(of_topic)) == 0 ? arn + strlen(of_topic) : "";
}

int
subscriptions_list(ActionCall *call, const BusRow *topic, const char *after, int max, Subscription **subscriptions)
{
	BusRow *topics;
	int topic_count;
	int count = 0;

	*subscriptions = palloc(sizeof(Subscription) * (max + 1));
	if (topic != NULL)
		return subscriptions_of(call, topic, rule_in_arn(topic, after), max, *subscriptions);
	topic_count = topics_page("", &topics);
	for (int i = 0; i < topic_count && count < max; i++)
	{
		const char *rule = rule_in_arn(&topics[i], after);

		if (rule[0] != '\0' || strcmp(topic_arn(topic_name(&topics[i])), after) > 0)
			count += subscriptions_of(call, &topics[i], rule, max - count, *subscriptions + count);
	}
	return count;
}

Subscription *
topic_subscription(ActionCall *call, const char *arn)
{
	Subscription *subscription = palloc(sizeof(Subscription));
	BusRow *topic;
	RuleRow *rule = lock_subscription(call, arn, &topic);

	if (rule == NULL || !check_sees_subscription(call, topic, rule, arn))
		return NULL;
	return read_subscription(topic, rule, subscription) ? subscription
														: action_fail_null(call, API_SUBSCRIPTION_DOES_NOT_EXIST, arn);
}

bool
subscription_change(ActionCall *call, Subscription *subscription)
{
	BusRow *topic;
	RuleRow *rule = lock_subscription(call, subscription->arn, &topic);

	if (rule == NULL || !choose_pattern(call, subscription, rule))
		return false;
	if (!has_privs_of_role(call->scope.caller, rule->owner))
		return fail_owned(call, psprintf("subscription \"%s\"", subscription->arn), rule->owner);
	rule_update(rule);
	choose_input(&subscription->target, subscription->is_raw, subscription->arn);
	return target_set(call, psprintf("%s/%s", topic->name, rule->name), &subscription->target);
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
check_ids(ActionCall *call, const TopicMessage *publication)
{
	if (publication->deduplication_id != NULL)
		return fail_parameter(
			call,
			"MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that"
			" is not valid for this topic type",
			"only messages of FIFO topics have a deduplication id");
	return publication->group == NULL || message_id_is_valid(publication->group) ||
		fail_parameter(call,
					   "MessageGroupId Reason: The MessageGroupId can only include alphanumeric and punctuation"
					   " characters. 1 to 128 in length",
					   "a message group has 1 to 128 letters, digits and marks of punctuation");
}

static SFN_MUST_CHECK bool
check_publication(ActionCall *call, const TopicMessage *publication)
{
	int64 length = (int64) strlen(publication->message) + message_attributes_length(publication->attributes);

	if (*publication->message == '\0')
		return fail_parameter(call, "Empty message", "a message must not be empty");
	if (length > sfn_max_payload_size)
		return fail_parameter(call, "Message too long",
							  psprintf("a message with its attributes is at most %d bytes long", sfn_max_payload_size));
	if (publication->subject != NULL &&
		(*publication->subject == '\0' || strlen(publication->subject) > MAX_SUBJECT ||
		 strcspn(publication->subject, CONTROL_CHARACTERS) < strlen(publication->subject)))
		return fail_parameter(
			call, "Subject",
			psprintf("a subject is from 1 to %d bytes long, without line ends and other control characters",
					 MAX_SUBJECT));
	return check_ids(call, publication) && message_attributes_check(call, MESSAGE_OF_SNS, publication->attributes);
}

/* {"DataType": "String", "StringValue": "blue"} becomes {"Type": "String", "Value": "blue"}. */
static void
add_attribute(JvObjectBuilder *out, const char *name, const JsonVal *attribute)
{
	const char *text = jv_get_string(attribute, "StringValue");
	JvObjectBuilder shown;

	jv_object_begin(&shown);
	jv_object_add(&shown, "Type", jv_get(attribute, "DataType"));
	jv_object_add(&shown, "Value", jv_string(text != NULL ? text : jv_get_string(attribute, "BinaryValue")));
	jv_object_add(out, name, jv_object_end(&shown));
}

static void
add_attributes(JvObjectBuilder *out, const JsonVal *attributes)
{
	JvObjectBuilder shown;

	if (!jv_is(attributes, JV_OBJECT) || attributes->count == 0)
		return;
	jv_object_begin(&shown);
	for (int i = 0; i < attributes->count; i++)
		add_attribute(&shown, attributes->u.members[i].key, attributes->u.members[i].value);
	jv_object_add(out, "MessageAttributes", jv_object_end(&shown));
}

/* As SNS sends it, but for signature and links, which there are none of here. */
static const JsonVal *
notification(const BusRow *topic, const TopicMessage *publication, const char *id)
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
	add_attributes(&out, publication->attributes);
	return jv_object_end(&out);
}

/* An attribute as filters see it: a number, a list, or a text; NULL: bytes, of which they know nothing. */
static const JsonVal *
filtered_attribute(const JsonVal *attribute)
{
	const char *type = jv_get_string(attribute, "DataType");
	const JsonVal *text = jv_get(attribute, "StringValue");
	const JsonVal *value;
	JvParseError ignored;

	if (!jv_is(text, JV_STRING))
		return NULL;
	value = jv_parse(text->u.text, text->count, &ignored);
	if ((strncmp(type, "Number", strlen("Number")) == 0 && jv_is(value, JV_NUMBER)) ||
		(strcmp(type, "String.Array") == 0 && jv_is(value, JV_ARRAY)))
		return value;
	return text;
}

/* What filters are asked about; the notification itself has attributes in another form, and the body as a text. */
static const JsonVal *
filtered(const TopicMessage *publication)
{
	const JsonVal *attributes = publication->attributes;
	JvParseError ignored;
	const JsonVal *body = jv_parse(publication->message, (int) strlen(publication->message), &ignored);
	JvObjectBuilder shown;
	JvObjectBuilder out;

	jv_object_begin(&shown);
	for (int i = 0; jv_is(attributes, JV_OBJECT) && i < attributes->count; i++)
	{
		const JsonVal *value = filtered_attribute(attributes->u.members[i].value);

		if (value != NULL)
			jv_object_add(&shown, attributes->u.members[i].key, value);
	}
	jv_object_begin(&out);
	jv_object_add(&out, "source", jv_string(NOTIFICATION_SOURCE));
	jv_object_add(&out, FILTER_ATTRIBUTES, jv_object_end(&shown));
	if (jv_is(body, JV_OBJECT))
	{
		jv_object_add(&out, HAS_BODY, jv_bool(true));
		jv_object_add(&out, FILTER_BODY, body);
	}
	return jv_object_end(&out);
}

char *
topic_publish(ActionCall *call, const char *reference, const TopicMessage *publication)
{
	BusRow *topic = find_topic(call, reference, topic_find);
	SentEvent sent = {.lineage = lineage_now()};
	char *id = random_uuid();
	PutEvent put = {.source = NOTIFICATION_SOURCE, .detail_type = "Notification", .time = sfn_now()};

	if (topic == NULL || !check_may_publish(call, topic) || !check_publication(call, publication))
		return NULL;
	put.detail = notification(topic, publication, id);
	put.resources = jv_empty_array();
	sent.bus_id = topic->id;
	sent.putter = topic->owner;
	sent.event = event_made(&put, id);
	sent.matched = filtered(publication);
	event_send(&sent);
	return id;
}
