/*
 * event_rules.c
 *	  EventBridge's actions on rules and their targets.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "actions/mapped_roles.h"
#include "actions/tags.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "settings/guc.h"

/* "bus/name"; without a bus on the default one. */
static const char *
rule_of(const JsonVal *request, const char *member)
{
	return psprintf("%s/%s", request_bus(request), request_string(request, member));
}

/* ---- rules ---- */

/* Those of a rule that there was already stay as they are. */
static SFN_MUST_CHECK bool
tag_new_rule(ActionCall *call, const JsonVal *request, const RuleRow *rule)
{
	const JsonVal *tags = request_value(request, "Tags");

	if (tags == NULL || rule->was_there)
		return true;
	tags = request_tags(call, tags);
	return tags != NULL && tags_add(call, (TagOwner){TAGS_OF_RULE, rule->id}, tags);
}

static const JsonVal *
put_rule(ActionCall *call, const JsonVal *request)
{
	RuleRow rule = {.bus = pstrdup(request_bus(request)),
					.name = pstrdup(request_string(request, "Name")),
					.pattern = request_copy(request, "EventPattern"),
					.schedule = request_copy(request, "ScheduleExpression"),
					.description = request_copy(request, "Description"),
					.role_arn = request_copy(request, "RoleArn")};
	const char *state = request_string(request, "State");
	JvObjectBuilder answer;

	if (rule.pattern == NULL && rule.schedule == NULL)
		return action_fail_null(call, API_VALIDATION,
								"Parameter(s) EventPattern or ScheduleExpression must be specified.", "");
	rule.is_enabled = state == NULL || strcmp(state, "DISABLED") != 0;
	if (!rule_create(call, &rule, true) || !tag_new_rule(call, request, &rule))
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "RuleArn", rule_arn_of(rule.bus, rule.name));
	return jv_object_end(&answer);
}

static void
add_rule(JvObjectBuilder *object, const RuleRow *rule)
{
	answer_text(object, "Name", rule->name);
	answer_text(object, "Arn", rule_arn_of(rule->bus, rule->name));
	answer_text(object, "EventPattern", rule->pattern);
	answer_text(object, "ScheduleExpression", rule->schedule);
	answer_text(object, "State", rule->is_enabled ? "ENABLED" : "DISABLED");
	answer_text(object, "Description", rule->description);
	answer_text(object, "RoleArn", rule->role_arn);
	answer_text(object, "EventBusName", rule->bus);
}

static const JsonVal *
describe_rule(ActionCall *call, const JsonVal *request)
{
	RuleRow *rule = rule_describe(call, rule_of(request, "Name"));
	JvObjectBuilder answer;

	if (rule == NULL)
		return NULL;
	jv_object_begin(&answer);
	add_rule(&answer, rule);
	answer_text(&answer, "CreatedBy", sfn_account_id);
	return jv_object_end(&answer);
}

static const JsonVal *
enable_rule(ActionCall *call, const JsonVal *request)
{
	return rule_enable(call, rule_of(request, "Name"), true) ? jv_empty_object() : NULL;
}

static const JsonVal *
disable_rule(ActionCall *call, const JsonVal *request)
{
	return rule_enable(call, rule_of(request, "Name"), false) ? jv_empty_object() : NULL;
}

static const JsonVal *
delete_rule(ActionCall *call, const JsonVal *request)
{
	return bus_describe(call, request_bus(request)) != NULL && rule_drop(call, rule_of(request, "Name"))
		? jv_empty_object()
		: NULL;
}

/* A part of the rules of a bus; target: those that have it, or NULL. */
static SFN_MUST_CHECK bool
read_rules(ActionCall *call, const JsonVal *request, const char *target, NamePage *page, RuleRow **rules, int *count)
{
	BusRow *bus = bus_describe(call, request_bus(request));

	if (bus == NULL || !request_name_page(call, request, "Limit", 'r', page))
		return false;
	*count = rules_page(bus->id, page, call->scope.caller, target, rules);
	return true;
}

static const JsonVal *
list_rules(ActionCall *call, const JsonVal *request)
{
	NamePage page;
	RuleRow *rules;
	int count;
	JvArrayBuilder list;

	if (!read_rules(call, request, NULL, &page, &rules, &count))
		return NULL;
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.limit - 1); i++)
	{
		JvObjectBuilder object;

		jv_object_begin(&object);
		add_rule(&object, &rules[i]);
		jv_array_add(&list, jv_object_end(&object));
	}
	return answer_name_page("Rules", &list, 'r', count == page.limit ? rules[count - 2].name : NULL);
}

static const JsonVal *
list_rule_names_by_target(ActionCall *call, const JsonVal *request)
{
	NamePage page;
	RuleRow *rules;
	int count;
	JvArrayBuilder list;

	if (!read_rules(call, request, request_string(request, "TargetArn"), &page, &rules, &count))
		return NULL;
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.limit - 1); i++)
		jv_array_add(&list, jv_string(rules[i].name));
	return answer_name_page("RuleNames", &list, 'r', count == page.limit ? rules[count - 2].name : NULL);
}

/* ---- targets ---- */

/* Members of a target that lead to something here; the others are kept as they are. */
static const char *const understood[] = {"Id", "Arn", "Input", "InputPath", "InputTransformer", "RetryPolicy", NULL};

static char *
json_member(const JsonVal *entry, const char *name)
{
	const JsonVal *value = request_value(entry, name);

	return value != NULL ? jv_to_text(value) : NULL;
}

static SFN_MUST_CHECK bool
read_target(ActionCall *call, const JsonVal *entry, TargetRow *target)
{
	JvParseError error;

	*target = (TargetRow){.id = request_copy(entry, "Id"),
						  .target = request_copy(entry, "Arn"),
						  .input = request_copy(entry, "Input"),
						  .input_path = request_copy(entry, "InputPath"),
						  .input_transformer = json_member(entry, "InputTransformer"),
						  .retry = json_member(entry, "RetryPolicy"),
						  .aws_members = request_others(entry, understood)};
	if (target->id == NULL)
		return fail_missing_member(call, "targets.1.member.id");
	if (target->target == NULL)
		return fail_missing_member(call, "targets.1.member.arn");
	if (target->input != NULL && jv_parse(target->input, (int) strlen(target->input), &error) == NULL)
		return action_fail(call, API_VALIDATION,
						   psprintf("JSON syntax error in input for target %s : %s", target->id, error.message), "");
	return role_of_arn(call, request_string(entry, "RoleArn"), &target->role);
}

/* What stands in the answer for those that could not be done. */
static const JsonVal *
failed_entries(JvArrayBuilder *failed, int count)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "FailedEntryCount", jv_int(count));
	jv_object_add(&answer, "FailedEntries", jv_array_end(failed));
	return jv_object_end(&answer);
}

static const JsonVal *
put_targets(ActionCall *call, const JsonVal *request)
{
	const JsonVal *entries = request_value(request, "Targets");
	const char *rule = rule_of(request, "Rule");
	JvArrayBuilder failed;

	if (rule_describe(call, rule) == NULL)
		return NULL;
	for (int i = 0; i < entries->count; i++)
	{
		TargetRow target;

		if (!read_target(call, entries->u.items[i], &target) || !target_set(call, rule, &target))
			return NULL;
	}
	jv_array_begin(&failed);
	return failed_entries(&failed, 0);
}

static const JsonVal *
failed_entry(const ActionCall *call, const char *target_id)
{
	JvObjectBuilder entry;

	jv_object_begin(&entry);
	answer_text(&entry, "TargetId", target_id);
	answer_text(&entry, "ErrorCode", call->error.code);
	answer_text(&entry, "ErrorMessage", call->error.aws_text);
	return jv_object_end(&entry);
}

static const JsonVal *
remove_targets(ActionCall *call, const JsonVal *request)
{
	const JsonVal *ids = request_texts(call, request, "Ids");
	const char *rule = rule_of(request, "Rule");
	JvArrayBuilder failed;
	int count = 0;

	if (ids == NULL)
		return NULL;
	jv_array_begin(&failed);
	for (int i = 0; i < ids->count; i++)
	{
		const char *id = ids->u.items[i]->u.text;

		if (target_remove(call, rule, id))
			continue;
		if (call->error.id != API_EVENT_TARGET_DOES_NOT_EXIST)
			return NULL;
		jv_array_add(&failed, failed_entry(call, id));
		count++;
	}
	return failed_entries(&failed, count);
}

static const JsonVal *
target_object(const TargetRow *target)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, "Id", target->id);
	answer_text(&object, "Arn", target->target);
	answer_text(&object, "Input", target->input);
	answer_text(&object, "InputPath", target->input_path);
	if (target->input_transformer != NULL)
		jv_object_add(&object, "InputTransformer", parse_stored(target->input_transformer));
	if (target->retry != NULL)
		jv_object_add(&object, "RetryPolicy", parse_stored(target->retry));
	answer_others(&object, target->aws_members);
	return jv_object_end(&object);
}

static const JsonVal *
list_targets_by_rule(ActionCall *call, const JsonVal *request)
{
	RuleRow *rule = rule_describe(call, rule_of(request, "Rule"));
	NamePage page;
	TargetRow *targets;
	JvArrayBuilder list;
	int count;

	if (rule == NULL || !request_name_page(call, request, "Limit", 't', &page))
		return NULL;
	count = targets_page(rule->id, &page, &targets);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.limit - 1); i++)
		jv_array_add(&list, target_object(&targets[i]));
	return answer_name_page("Targets", &list, 't', count == page.limit ? targets[count - 2].id : NULL);
}

/* ---- the rows ---- */

const AwsAction aws_event_rule_actions[] = {
	{"DeleteRule", "Name:s! EventBusName:s Force:b", delete_rule},
	{"DescribeRule", "Name:s! EventBusName:s", describe_rule},
	{"DisableRule", "Name:s! EventBusName:s", disable_rule},
	{"EnableRule", "Name:s! EventBusName:s", enable_rule},
	{"ListRuleNamesByTarget", "TargetArn:s! EventBusName:s NextToken:s Limit:i", list_rule_names_by_target},
	{"ListRules", "NamePrefix:s EventBusName:s NextToken:s Limit:i", list_rules},
	{"ListTargetsByRule", "Rule:s! EventBusName:s NextToken:s Limit:i", list_targets_by_rule},
	{"PutRule", "Name:s! EventPattern:s ScheduleExpression:s State:s Description:s RoleArn:s Tags:a EventBusName:s",
	 put_rule},
	{"PutTargets", "Rule:s! EventBusName:s Targets:a!", put_targets},
	{"RemoveTargets", "Rule:s! EventBusName:s Ids:a! Force:b", remove_targets},
	{NULL},
};
