/*
 * activities.c
 *	  AWS's actions for activities.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/activities.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "api/waiting.h"
#include "settings/arns.h"

#define AWS_WAIT_SECONDS 60

static const JsonVal *
create_activity(ActionCall *call, const JsonVal *request)
{
	ActivityRow *activity;
	JvObjectBuilder answer;

	if (!request_encryption(call, request))
		return NULL;
	activity = activity_create(call, request_string(request, "name"), request_value(request, "tags"));
	if (activity == NULL)
		return NULL;

	jv_object_begin(&answer);
	jv_object_add(&answer, "activityArn", jv_string(activity_arn(activity->name)));
	jv_object_add(&answer, "creationDate", epoch_seconds(activity->creation_date));
	return jv_object_end(&answer);
}

static const JsonVal *
delete_activity(ActionCall *call, const JsonVal *request)
{
	return activity_drop(call, request_string(request, "activityArn")) ? jv_empty_object() : NULL;
}

static const JsonVal *
describe_activity(ActionCall *call, const JsonVal *request)
{
	ActivityRow *activity = action_activity(call, request_string(request, "activityArn"));
	JvObjectBuilder answer;

	if (activity == NULL)
		return NULL;
	jv_object_begin(&answer);
	jv_object_add(&answer, "activityArn", jv_string(activity_arn(activity->name)));
	jv_object_add(&answer, "name", jv_string(activity->name));
	jv_object_add(&answer, "creationDate", epoch_seconds(activity->creation_date));
	answer_encryption(&answer);
	return jv_object_end(&answer);
}

static const JsonVal *
list_activities(ActionCall *call, const JsonVal *request)
{
	int max;
	const char *after;
	ActivityRow *activities;
	int count;
	JvArrayBuilder list;

	if (!request_max_results(call, request, &max) || !request_token(call, request, 'A', &after))
		return NULL;
	count = activity_list(call->scope.caller, after, max + 1, &activities);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, max); i++)
	{
		JvObjectBuilder item;

		jv_object_begin(&item);
		jv_object_add(&item, "activityArn", jv_string(activity_arn(activities[i].name)));
		jv_object_add(&item, "name", jv_string(activities[i].name));
		jv_object_add(&item, "creationDate", epoch_seconds(activities[i].creation_date));
		jv_array_add(&list, jv_object_end(&item));
	}
	return answer_page("activities", &list, 'A', count > max ? activities[max - 1].name : NULL);
}

static const JsonVal *
get_activity_task(ActionCall *call, const JsonVal *request)
{
	const char *worker_name = request_string(request, "workerName");
	ActivityRow *activity = action_activity(call, request_string(request, "activityArn"));
	TimestampTz deadline;
	TaskRow *task;
	bool has_task;
	JvObjectBuilder answer;

	if (activity == NULL || !check_worker(call, worker_name))
		return NULL;
	deadline = GetCurrentTimestamp() + (call->never_waits ? 0 : AWS_WAIT_SECONDS * USECS_PER_SEC);
	has_task = activity_await_tasks(activity, worker_name, 1, deadline, &task) > 0;
	jv_object_begin(&answer);
	jv_object_add(&answer, "taskToken", has_task ? jv_string(task->token) : jv_null());
	if (has_task)
		jv_object_add(&answer, "input", jv_string(task->parameters));
	return jv_object_end(&answer);
}

/* ---- the rows ---- */

const AwsAction aws_activity_actions[] = {
	{"CreateActivity", "name:s! tags:a encryptionConfiguration:o", create_activity},
	{"DeleteActivity", "activityArn:s!", delete_activity},
	{"DescribeActivity", "activityArn:s!", describe_activity},
	{"GetActivityTask", "activityArn:s! workerName:s", get_activity_task, .hands_out_tokens = true},
	{"ListActivities", "maxResults:i nextToken:s", list_activities},
	{NULL},
};
