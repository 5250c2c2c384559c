/*
 * schedules.c
 *	  Scheduler's actions on schedules.
 *
 * Members of a target that there is nothing for here are kept and shown.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/mapped_roles.h"
#include "actions/schedule_runs.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"

#define DEFAULT_ZONE "UTC"
#define RETRY_AGE 86400 /* AWS's, where the target says nothing */
#define RETRY_ATTEMPTS 185

/* ---- what came ---- */

/* A member that is one of two things, of which it is the first when it is not there. */
static bool
is_second(const JsonVal *request, const char *member, const char *second)
{
	const char *text = request_string(request, member);

	return text != NULL && strcmp(text, second) == 0;
}

static SFN_MUST_CHECK bool
read_window(ActionCall *call, const JsonVal *window, int64 *flexible)
{
	int64 minutes = request_integer(window, "MaximumWindowInMinutes", 0);
	bool is_flexible = is_second(window, "Mode", "FLEXIBLE");

	if (request_string(window, "Mode") == NULL)
		return fail_missing_member(call, "flexibleTimeWindow.mode");
	if (is_flexible != (minutes != 0))
		return action_fail(call, API_VALIDATION,
						   is_flexible
							   ? "MaximumWindowInMinutes must be provided when FlexibleTimeWindow Mode is FLEXIBLE."
							   : "MaximumWindowInMinutes must not be provided when FlexibleTimeWindow Mode is OFF.",
						   "");
	*flexible = minutes * USECS_PER_MINUTE;
	return true;
}

static char *
json_member(const JsonVal *object, const char *name)
{
	const JsonVal *value = request_value(object, name);

	return value != NULL ? jv_to_text(value) : NULL;
}

static SFN_MUST_CHECK bool
read_target(ActionCall *call, const JsonVal *target, ScheduleRow *row)
{
	static const char *const understood[] = {"Arn", "Input", "RetryPolicy", NULL};
	JvParseError error;

	row->target = request_copy(target, "Arn");
	row->input = request_copy(target, "Input");
	row->retry = json_member(target, "RetryPolicy");
	row->aws_members = request_others(target, understood);
	if (row->target == NULL)
		return fail_missing_member(call, "target.arn");
	if (request_string(target, "RoleArn") == NULL)
		return fail_missing_member(call, "target.roleArn");
	if (row->input != NULL && jv_parse(row->input, (int) strlen(row->input), &error) == NULL)
		return action_fail(call, API_VALIDATION, psprintf("Invalid Input: %s", error.message), "");
	return role_of_arn(call, request_string(target, "RoleArn"), &row->role);
}

static SFN_MUST_CHECK bool
read_schedule(ActionCall *call, const JsonVal *request, ScheduleRow *row)
{
	char *zone = request_copy(request, "ScheduleExpressionTimezone");
	char *group = request_copy(request, "GroupName");

	*row = (ScheduleRow){.name = request_copy(request, "Name"),
						 .group = group != NULL ? group : pstrdup(DEFAULT_GROUP),
						 .expression = request_copy(request, "ScheduleExpression"),
						 .timezone = zone != NULL ? zone : pstrdup(DEFAULT_ZONE),
						 .start_date = request_moment(request, "StartDate"),
						 .end_date = request_moment(request, "EndDate"),
						 .description = request_copy(request, "Description"),
						 .client_token = request_copy(request, "ClientToken"),
						 .deletes_itself = is_second(request, "ActionAfterCompletion", "DELETE"),
						 .is_enabled = !is_second(request, "State", "DISABLED")};
	return read_window(call, request_value(request, "FlexibleTimeWindow"), &row->flexible) &&
		read_target(call, request_value(request, "Target"), row);
}

static const JsonVal *
answer_arn(const ScheduleRow *row)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "ScheduleArn", schedule_arn(row->group, row->name));
	return jv_object_end(&answer);
}

static const JsonVal *
create_schedule(ActionCall *call, const JsonVal *request)
{
	ScheduleRow row;

	if (!read_schedule(call, request, &row))
		return NULL;
	row.catch_up = pstrdup("last");
	return schedule_create(call, &row, false) ? answer_arn(&row) : NULL;
}

static const JsonVal *
update_schedule(ActionCall *call, const JsonVal *request)
{
	ScheduleRow row;

	return read_schedule(call, request, &row) && schedule_change(call, &row) ? answer_arn(&row) : NULL;
}

/* ---- what is told ---- */

static const JsonVal *
window_object(const ScheduleRow *row)
{
	JvObjectBuilder window;

	jv_object_begin(&window);
	answer_text(&window, "Mode", row->flexible > 0 ? "FLEXIBLE" : "OFF");
	if (row->flexible > 0)
		jv_object_add(&window, "MaximumWindowInMinutes",
					  jv_int(Max(1, (row->flexible + USECS_PER_MINUTE - 1) / USECS_PER_MINUTE)));
	return jv_object_end(&window);
}

static const JsonVal *
retry_object(const ScheduleRow *row)
{
	const JsonVal *retry = row->retry != NULL ? parse_stored(row->retry) : jv_empty_object();
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "MaximumEventAgeInSeconds",
				  jv_int(request_integer(retry, "MaximumEventAgeInSeconds", RETRY_AGE)));
	jv_object_add(&object, "MaximumRetryAttempts",
				  jv_int(request_integer(retry, "MaximumRetryAttempts", RETRY_ATTEMPTS)));
	return jv_object_end(&object);
}

static const JsonVal *
target_object(const ScheduleRow *row)
{
	JvObjectBuilder target;

	jv_object_begin(&target);
	answer_text(&target, "Arn", row->target);
	answer_text(&target, "Input", row->input);
	jv_object_add(&target, "RetryPolicy", retry_object(row));
	answer_others(&target, row->aws_members);
	return jv_object_end(&target);
}

static void
add_names(JvObjectBuilder *object, const ScheduleRow *row)
{
	answer_text(object, "Arn", schedule_arn(row->group, row->name));
	answer_text(object, "Name", row->name);
	answer_text(object, "GroupName", row->group);
	answer_text(object, "State", row->is_enabled ? "ENABLED" : "DISABLED");
	answer_moment(object, "CreationDate", row->creation_date);
	answer_moment(object, "LastModificationDate", row->last_modification_date);
}

static const char *
group_of(const JsonVal *request)
{
	const char *group = request_string(request, "GroupName");

	return group != NULL ? group : DEFAULT_GROUP;
}

static const JsonVal *
get_schedule(ActionCall *call, const JsonVal *request)
{
	ScheduleRow *row = schedule_describe(call, group_of(request), request_string(request, "Name"));
	JvObjectBuilder answer;

	if (row == NULL)
		return NULL;
	jv_object_begin(&answer);
	add_names(&answer, row);
	answer_text(&answer, "ScheduleExpression", row->expression);
	answer_text(&answer, "ScheduleExpressionTimezone", row->timezone);
	answer_moment(&answer, "StartDate", row->start_date);
	answer_moment(&answer, "EndDate", row->end_date);
	answer_text(&answer, "Description", row->description);
	answer_text(&answer, "ActionAfterCompletion", row->deletes_itself ? "DELETE" : "NONE");
	jv_object_add(&answer, "FlexibleTimeWindow", window_object(row));
	jv_object_add(&answer, "Target", target_object(row));
	return jv_object_end(&answer);
}

static const JsonVal *
delete_schedule(ActionCall *call, const JsonVal *request)
{
	return schedule_drop(call, group_of(request), request_string(request, "Name")) ? jv_empty_object() : NULL;
}

/* ---- the list ---- */

static const JsonVal *
summary_object(const ScheduleRow *row)
{
	JvObjectBuilder object;
	JvObjectBuilder target;

	jv_object_begin(&object);
	add_names(&object, row);
	jv_object_begin(&target);
	answer_text(&target, "Arn", row->target);
	jv_object_add(&object, "Target", jv_object_end(&target));
	return jv_object_end(&object);
}

static const JsonVal *
list_schedules(ActionCall *call, const JsonVal *request)
{
	const char *state = request_string(request, "State");
	SchedulePage page = {.group = request_string(request, "GroupName"), .viewer = call->scope.caller};
	ScheduleRow *rows;
	JvArrayBuilder list;
	int most;
	int count;

	if (!request_name_page(call, request, "MaxResults", 's', &page.names) ||
		(page.group != NULL && schedule_group_describe(call, page.group) == NULL))
		return NULL;
	page.is_enabled = state == NULL ? NULL : is_second(request, "State", "DISABLED") ? "f" : "t";
	most = page.names.limit - 1;
	count = schedules_page(&page, &rows);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, most); i++)
		jv_array_add(&list, summary_object(&rows[i]));
	return answer_name_page("Schedules", &list, 's',
							count > most ? psprintf("%s/%s", rows[most - 1].group, rows[most - 1].name) : NULL);
}

/* ---- the rows ---- */

#define SCHEDULE_MEMBERS \
	"Name:s! ScheduleExpression:s! Target:o! FlexibleTimeWindow:o! GroupName:s ScheduleExpressionTimezone:s" \
	" StartDate:n EndDate:n State:s Description:s ActionAfterCompletion:s ClientToken:s KmsKeyArn:s"

const AwsAction aws_schedule_actions[] = {
	{"CreateSchedule", SCHEDULE_MEMBERS, create_schedule},
	{"DeleteSchedule", "Name:s! GroupName:s ClientToken:s", delete_schedule},
	{"GetSchedule", "Name:s! GroupName:s", get_schedule},
	{"ListSchedules", "GroupName:s NamePrefix:s State:s NextToken:s MaxResults:i", list_schedules},
	{"UpdateSchedule", SCHEDULE_MEMBERS, update_schedule},
	{NULL},
};
