/*
 * api.c
 *	  sfn.api(action, request), sfn.events_api() and sfn.scheduler_api(): AWS's APIs in AWS's shapes.
 *
 * The rows of the families drive everything: which actions there are, which members
 * a request may and must have, and the function that answers.
 */
#include "postgres.h"

#include "fmgr.h"

#include "actions/checks.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/aws/actions.h"
#include "api/aws/event_limits.h"
#include "asl/diagnostics.h"
#include "base/nearest.h"
#include "services/aws/own_services.h"
#include "store/sql_version.h"

#define MAX_ACTIONS 100

/* The families of one API; NULL ends them. */
static const AwsAction *const states_families[] = {
	aws_activity_actions, aws_execution_actions,      aws_map_run_actions, aws_state_machine_actions,
	aws_tag_actions,      aws_sync_execution_actions, aws_task_actions,    aws_testing_actions,
	aws_version_actions,  aws_queue_actions,          aws_topic_actions,   NULL,
};
static const AwsAction *const events_families[] = {
	aws_event_actions,      aws_event_archive_actions, aws_event_bus_actions,
	aws_event_rule_actions, aws_event_tag_actions,     NULL,
};
static const AwsAction *const scheduler_families[] = {aws_schedule_actions, aws_schedule_group_actions,
													  aws_schedule_tag_actions, NULL};
static const AwsAction *const *const families_of[] = {
	[AWS_STATES] = states_families,
	[AWS_EVENTS] = events_families,
	[AWS_SCHEDULER] = scheduler_families,
};

static const AwsAction *find_action(ActionCall *call, const AwsAction *const *families, const char *name);
static bool check_request(ActionCall *call, const AwsAction *action, const JsonVal *request);

/*
 * No string of ours can hold a NUL, so a request with one cannot be read; but where it stands in the name of what is
 * to be made, the name is what is wrong for AWS.
 */
static void
refuse_nul_in_name(ActionCall *call, const char *text)
{
	static const char escape[] = "\\u0000";
	char *copy = pstrdup(text);
	const JsonVal *request;
	const char *name;
	JvParseError error;
	StringInfoData shown;

	for (char *c = copy; *c != '\0'; c++)
	{
		if (strncmp(c, escape, strlen(escape)) == 0)
			c[5] = '1';
		if (*c == '\\' && c[1] != '\0')
			c++;
	}
	request = jv_parse(copy, (int) strlen(copy), &error);
	name = request != NULL ? jv_get_string(request, "name") : NULL;
	if (name == NULL || strchr(name, '\001') == NULL)
		return;
	initStringInfo(&shown);
	for (const char *c = name; *c != '\0'; c++)
	{
		if (*c == '\001')
			appendStringInfoString(&shown, escape);
		else
			appendStringInfoChar(&shown, *c);
	}
	api_error(call, API_INVALID_NAME, shown.data, "a resource");
}

Datum
aws_call(const char *name, const char *text, const AwsCallOptions *options)
{
	ActionCall call = {ACTION_AWS, ""};
	const AwsAction *action = find_action(&call, families_of[options->api], name != NULL ? name : "");
	const JsonVal *request;
	const JsonVal *answer;
	JvParseError error;

	request = text == NULL ? jv_empty_object() : jv_parse(text, (int) strlen(text), &error);
	if (request == NULL)
		refuse_nul_in_name(&call, text);
	if (!jv_is(request, JV_OBJECT))
		api_error(&call, API_SERIALIZATION,
				  request == NULL ? psprintf("The request cannot be read: %s", error.message)
								  : "The request must be a JSON object");
	call.action = action->name;
	api_check(&call, check_request(&call, action, request) && event_limits_check(&call, options->api, request));

	api_enter(&call, ACTION_AWS, action->name);
	call.never_waits = options->never_waits;
	call.invocation_id = options->invocation_id;
	call.checks_role_arn = options->checks_role_arn;
	answer = action->run(&call, request);
	api_check(&call, answer != NULL);
	api_leave(&call);
	return action->hands_out_tokens ? json_datum(answer) : shown_datum(answer, call.scope.caller);
}

SFN_FUNCTION(sfn_api)
{
	return aws_call(text_argument(fcinfo, 0), text_argument(fcinfo, 1), &(AwsCallOptions){.api = AWS_STATES});
}

SFN_FUNCTION(sfn_events_api)
{
	return aws_call(text_argument(fcinfo, 0), text_argument(fcinfo, 1), &(AwsCallOptions){.api = AWS_EVENTS});
}

SFN_FUNCTION(sfn_scheduler_api)
{
	return aws_call(text_argument(fcinfo, 0), text_argument(fcinfo, 1), &(AwsCallOptions){.api = AWS_SCHEDULER});
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* ---- tasks that call us ---- */

static const JsonVal *
answer_task(ActionCall *call, const char *api, const char *name, const JsonVal *request)
{
	AwsApi which = strcmp(api, "events") == 0 ? AWS_EVENTS : AWS_STATES;
	const AwsAction *action = find_action(call, families_of[which], name);
	const JsonVal *answer;
	const char *shown;
	JvParseError ignored;

	call->action = action->name;
	if (!check_request(call, action, request) || !event_limits_check(call, which, request))
		return NULL;
	answer = action->run(call, request);
	if (answer == NULL || action->hands_out_tokens)
		return answer;
	shown = shown_to(jv_to_text(answer), call->scope.caller);
	return jv_parse(shown, (int) strlen(shown), &ignored);
}

void
aws_api_serve_tasks(void)
{
	own_api_is(answer_task);
}

/* ---- finding an action ---- */

static const AwsAction *
find_action(ActionCall *call, const AwsAction *const *families, const char *name)
{
	const char *names[MAX_ACTIONS];
	const char *nearest;
	int count = 0;

	for (; *families != NULL; families++)
	{
		for (const AwsAction *action = *families; action->name != NULL; action++)
		{
			if (strcmp(action->name, name) == 0)
				return action;
			if (count < MAX_ACTIONS)
				names[count++] = action->name;
		}
	}
	qsort(names, count, sizeof(char *), compare_names);
	nearest = nearest_name(name, names, count);
	api_error(call, API_UNKNOWN_OPERATION, name, nearest != NULL ? psprintf(" Did you mean '%s'?", nearest) : "");
	return NULL;
}

/* ---- members ---- */

/* One rule of a list like "name:s! input:s", and where the next begins. */
typedef struct MemberRule
{
	const char *name;
	int name_length;
	char type;
	bool is_required;
} MemberRule;

static bool
next_rule(const char **list, MemberRule *rule)
{
	const char *c = *list;

	while (*c == ' ')
		c++;
	if (*c == '\0')
		return false;
	rule->name = c;
	rule->name_length = (int) strcspn(c, ":");
	c += rule->name_length + 1;
	rule->type = *c++;
	rule->is_required = *c == '!';
	*list = c + (rule->is_required ? 1 : 0);
	return true;
}

static const char *
type_problem(char type, const JsonVal *value)
{
	int64 number;

	switch (type)
	{
		case 's':
			return value->type == JV_STRING ? NULL : "a string";
		case 'i':
			return jv_to_int64(value, &number) ? NULL : "an integer";
		case 'n':
			return value->type == JV_NUMBER ? NULL : "a number";
		case 'b':
			return value->type == JV_BOOL ? NULL : "true or false";
		case 'o':
			return value->type == JV_OBJECT ? NULL : "an object";
		case 'e': /* of a form, which has an empty list as an empty text */
			return value->type == JV_ARRAY || (value->type == JV_STRING && value->count == 0) ? NULL : "a list";
		default:
			return value->type == JV_ARRAY ? NULL : "a list";
	}
}

/* Names members that the action does not have. */
static SFN_MUST_CHECK bool
check_known(ActionCall *call, const AwsAction *action, const JsonVal *request)
{
	for (int i = 0; i < request->count; i++)
	{
		const char *list = action->members;
		MemberRule rule;
		bool is_known = false;

		while (!is_known && next_rule(&list, &rule))
			is_known = rule.name_length == request->u.members[i].key_length &&
				memcmp(rule.name, request->u.members[i].key, rule.name_length) == 0;
		if (!is_known)
			return action_fail(call, API_SERIALIZATION,
							   psprintf("%s has no member '%s'", action->name, request->u.members[i].key));
	}
	return true;
}

static bool
check_request(ActionCall *call, const AwsAction *action, const JsonVal *request)
{
	const char *list = action->members;
	MemberRule rule;

	if (!check_known(call, action, request))
		return false;
	while (next_rule(&list, &rule))
	{
		const JsonVal *value = jv_get_n(request, rule.name, rule.name_length);
		const char *member = pnstrdup(rule.name, rule.name_length);
		const char *problem;

		if (value == NULL || value->type == JV_NULL)
		{
			if (rule.is_required)
				return fail_missing_member(call, member);
			continue;
		}
		problem = type_problem(rule.type, value);
		if (problem != NULL)
			return fail_member_type(call, member, problem);
	}
	return true;
}
