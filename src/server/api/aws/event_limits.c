/*
 * event_limits.c
 *	  How long members of EventBridge's and Scheduler's requests may be, and which characters they have.
 *
 * As AWS's models have it, in AWS's words; what is no text, number or list there is
 * refused where it is read.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "api/aws/event_limits.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define NAME LETTERS "._-", "[\\.\\-_A-Za-z0-9]+"
#define BUS_NAME LETTERS "._-/", "[/\\.\\-_A-Za-z0-9]+"
#define SCHEDULER_NAME LETTERS "._-", "[0-9a-zA-Z-_.]+"
#define TOKEN LETTERS "-_", "[a-zA-Z0-9-_]+"
#define NO_BOUND INT_MAX
#define ONE_OF(list) 0, NO_BOUND, NULL, list

typedef struct MemberLimit
{
	AwsApi api;
	const char *actions; /* those whose name has this in it; NULL: all */
	const char *path;    /* "Targets[].Id" */
	int min;             /* of the length, the number, or how many there are */
	int max;
	const char *characters; /* NULL: any */
	const char *pattern;    /* AWS's, which says so; without characters it is the list of all texts that there may be */
} MemberLimit;

static const MemberLimit limits[] = {
	{AWS_EVENTS, "Rule", "Name", 1, 64, NAME},
	{AWS_EVENTS, "CreateEventBus", "Name", 1, 256, BUS_NAME},
	{AWS_EVENTS, "UpdateEventBus", "Name", 1, 256, BUS_NAME},
	{AWS_EVENTS, "DeleteEventBus", "Name", 1, 256, BUS_NAME},
	{AWS_EVENTS, "DescribeEventBus", "Name", 1, 1600},
	{AWS_EVENTS, NULL, "Rule", 1, 64, NAME},
	{AWS_EVENTS, NULL, "EventBusName", 1, 1600},
	{AWS_EVENTS, NULL, "Description", 0, 512},
	{AWS_EVENTS, NULL, "EventPattern", 0, 4096},
	{AWS_EVENTS, NULL, "ScheduleExpression", 0, 256},
	{AWS_EVENTS, NULL, "RoleArn", 1, 1600},
	{AWS_EVENTS, NULL, "TargetArn", 1, 1600},
	{AWS_EVENTS, NULL, "ResourceARN", 1, 1600},
	{AWS_EVENTS, NULL, "NextToken", 1, 2048},
	{AWS_EVENTS, NULL, "Limit", 1, 100},
	{AWS_EVENTS, "ListArchives", "State",
	 ONE_OF("ENABLED, DISABLED, CREATING, UPDATING, CREATE_FAILED, UPDATE_FAILED")},
	{AWS_EVENTS, "ListReplays", "State", ONE_OF("STARTING, RUNNING, CANCELLING, COMPLETED, CANCELLED, FAILED")},
	{AWS_EVENTS, "PutRule", "State", ONE_OF("ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")},
	{AWS_EVENTS, "ListArchives", "NamePrefix", 1, 48, NAME},
	{AWS_EVENTS, "ListEventBuses", "NamePrefix", 1, 256, BUS_NAME},
	{AWS_EVENTS, "ListRules", "NamePrefix", 1, 64, NAME},
	{AWS_EVENTS, "ListReplays", "NamePrefix", 1, 64, NAME},
	{AWS_EVENTS, NULL, "ArchiveName", 1, 48, NAME},
	{AWS_EVENTS, NULL, "ReplayName", 1, 64, NAME},
	{AWS_EVENTS, NULL, "EventSourceArn", 1, 1600},
	{AWS_EVENTS, NULL, "RetentionDays", 0, 1000000}, /* AWS has no bound */
	{AWS_EVENTS, NULL, "Destination.Arn", 1, 1600},
	{AWS_EVENTS, NULL, "Destination.FilterArns[]", 1, 1600},
	{AWS_EVENTS, NULL, "StatementId", 1, 64, TOKEN},
	{AWS_EVENTS, NULL, "Action", 1, 64},
	{AWS_EVENTS, NULL, "Principal", 1, 12},
	{AWS_EVENTS, NULL, "Targets", 1, 100},
	{AWS_EVENTS, NULL, "Targets[].Id", 1, 64, NAME},
	{AWS_EVENTS, NULL, "Targets[].Arn", 1, 1600},
	{AWS_EVENTS, NULL, "Targets[].RoleArn", 1, 1600},
	{AWS_EVENTS, NULL, "Targets[].Input", 0, 8192},
	{AWS_EVENTS, NULL, "Targets[].InputPath", 0, 256},
	{AWS_EVENTS, NULL, "Targets[].InputTransformer.InputTemplate", 1, 8192},
	{AWS_EVENTS, NULL, "Targets[].SqsParameters.MessageGroupId", 0, 100},
	{AWS_EVENTS, NULL, "Targets[].DeadLetterConfig.Arn", 1, 1600},
	{AWS_EVENTS, NULL, "Targets[].RetryPolicy.MaximumRetryAttempts", 0, 185},
	{AWS_EVENTS, NULL, "Targets[].RetryPolicy.MaximumEventAgeInSeconds", 60, 86400},
	{AWS_EVENTS, NULL, "Ids", 1, 100},
	{AWS_EVENTS, NULL, "Ids[]", 1, 64, NAME},
	{AWS_EVENTS, NULL, "Entries", 1, 10},
	{AWS_EVENTS, NULL, "Entries[].EventBusName", 1, 1600},
	{AWS_EVENTS, NULL, "Entries[].Resources[]", 0, 2048},
	{AWS_EVENTS, NULL, "Tags[].Key", 1, 128},
	{AWS_EVENTS, NULL, "Tags[].Value", 0, 256},
	{AWS_EVENTS, NULL, "TagKeys[]", 1, 128},
	{AWS_SCHEDULER, NULL, "Name", 1, 64, SCHEDULER_NAME},
	{AWS_SCHEDULER, NULL, "GroupName", 1, 64, SCHEDULER_NAME},
	{AWS_SCHEDULER, NULL, "NamePrefix", 1, 64, SCHEDULER_NAME},
	{AWS_SCHEDULER, NULL, "NextToken", 1, 2048},
	{AWS_SCHEDULER, NULL, "MaxResults", 1, 100},
	{AWS_SCHEDULER, NULL, "State", ONE_OF("ENABLED, DISABLED")},
	{AWS_SCHEDULER, NULL, "ActionAfterCompletion", ONE_OF("NONE, DELETE")},
	{AWS_SCHEDULER, NULL, "FlexibleTimeWindow.Mode", ONE_OF("OFF, FLEXIBLE")},
	{AWS_SCHEDULER, NULL, "ClientToken", 1, 64, TOKEN},
	{AWS_SCHEDULER, NULL, "Description", 0, 512},
	{AWS_SCHEDULER, NULL, "ScheduleExpression", 1, 256},
	{AWS_SCHEDULER, NULL, "ScheduleExpressionTimezone", 1, 50},
	{AWS_SCHEDULER, NULL, "FlexibleTimeWindow.MaximumWindowInMinutes", 1, 1440},
	{AWS_SCHEDULER, NULL, "Target.Arn", 1, 1600},
	{AWS_SCHEDULER, NULL, "Target.RoleArn", 1, 1600},
	{AWS_SCHEDULER, NULL, "Target.Input", 1, NO_BOUND},
	{AWS_SCHEDULER, NULL, "Target.DeadLetterConfig.Arn", 1, 1600},
	{AWS_SCHEDULER, NULL, "Target.RetryPolicy.MaximumRetryAttempts", 0, 185},
	{AWS_SCHEDULER, NULL, "Target.RetryPolicy.MaximumEventAgeInSeconds", 60, 86400},
	{AWS_SCHEDULER, NULL, "Target.EventBridgeParameters.DetailType", 1, 128},
	{AWS_SCHEDULER, NULL, "Target.EventBridgeParameters.Source", 1, 256},
	{AWS_SCHEDULER, NULL, "Target.SqsParameters.MessageGroupId", 1, 128},
	{AWS_SCHEDULER, NULL, "ResourceArn", 1, 1011},
	{AWS_SCHEDULER, NULL, "Tags", 0, 200},
	{AWS_SCHEDULER, NULL, "Tags[].Key", 1, 128},
	{AWS_SCHEDULER, NULL, "Tags[].Value", 1, 256},
	{AWS_SCHEDULER, NULL, "TagKeys", 0, 200},
	{AWS_SCHEDULER, NULL, "TagKeys[]", 1, 128},
};

/* Is it one of "ENABLED, DISABLED"? */
static bool
is_in(const char *text, const char *list)
{
	size_t length = strlen(text);

	for (const char *at = list; at != NULL; at = strchr(at, ' '))
	{
		at += *at == ' ' ? 1 : 0;
		if (strncmp(at, text, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

static SFN_MUST_CHECK bool
check_text(ActionCall *call, const MemberLimit *limit, const char *text, const char *shown)
{
	if (!check_length(call, text, shown, shown, limit->min, limit->max))
		return false;
	if (limit->characters == NULL)
		return limit->pattern == NULL || is_in(text, limit->pattern) ||
			action_fail(call, API_CONSTRAINT, psprintf("'%s'", text), shown,
						psprintf("Member must satisfy enum value set: [%s]", limit->pattern), "");
	return text[strspn(text, limit->characters)] == '\0' ||
		action_fail(call, API_CONSTRAINT, psprintf("'%s'", text), shown,
					psprintf("Member must satisfy regular expression pattern: %s", limit->pattern), "");
}

/* A number, or how many a list has; the list itself is not repeated. */
static SFN_MUST_CHECK bool
check_number(ActionCall *call, const MemberLimit *limit, int64 number, const char *what, const char *shown)
{
	bool is_length = what[0] == 'l';

	if (number >= limit->min && number <= limit->max)
		return true;
	return action_fail(call, API_CONSTRAINT, is_length ? "'[...]'" : psprintf("'" INT64_FORMAT "'", number), shown,
					   psprintf("Member must have %s %s than or equal to %d", what,
								number < limit->min ? "greater" : "less",
								number < limit->min ? limit->min : limit->max),
					   "");
}

static SFN_MUST_CHECK bool
check_value(ActionCall *call, const MemberLimit *limit, const JsonVal *value, const char *shown)
{
	int64 number;

	if (value->type == JV_STRING)
		return check_text(call, limit, value->u.text, shown);
	if (value->type == JV_ARRAY)
		return check_number(call, limit, value->count, "length", shown);
	return !jv_to_int64(value, &number) || check_number(call, limit, number, "value", shown);
}

/* shown: the members that led to the value, as AWS spells them in errors; "" for the request. */
static SFN_MUST_CHECK bool
check_path(ActionCall *call, const MemberLimit *limit, const JsonVal *value, const char *path, const char *shown)
{
	size_t length;
	char *name;

	if (value == NULL || value->type == JV_NULL)
		return true;
	if (*path == '\0')
		return check_value(call, limit, value, shown);
	if (*path == '[')
	{
		for (int i = 0; value->type == JV_ARRAY && i < value->count; i++)
		{
			if (!check_path(call, limit, value->u.items[i], path + strlen("[]"),
							psprintf("%s.%d.member", shown, i + 1)))
				return false;
		}
		return true;
	}
	path += *path == '.' ? 1 : 0;
	length = strcspn(path, ".[");
	name = pnstrdup(path, length);
	value = value->type == JV_OBJECT ? jv_get(value, name) : NULL;
	name[0] = pg_tolower((unsigned char) name[0]);
	return check_path(call, limit, value, path + length, *shown == '\0' ? name : psprintf("%s.%s", shown, name));
}

bool
event_limits_check(ActionCall *call, AwsApi api, const JsonVal *request)
{
	for (size_t i = 0; i < lengthof(limits); i++)
	{
		const MemberLimit *limit = &limits[i];

		if (limit->api == api && (limit->actions == NULL || strstr(call->action, limit->actions) != NULL) &&
			!check_path(call, limit, request, limit->path, ""))
			return false;
	}
	return true;
}
