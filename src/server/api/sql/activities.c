/*
 * activities.c
 *	  The SQL functions for activities.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/activities.h"
#include "actions/tasks.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/waiting.h"
#include "settings/arns.h"
#include "store/sql_version.h"

SFN_FUNCTION(sfn_create_activity)
{
	ActionCall call;
	const JsonVal *tags = jsonb_value_argument(fcinfo, 1);
	ActivityRow *activity;

	api_enter(&call, ACTION_SQL, "CreateActivity");
	activity = activity_create(&call, required_text(&call, fcinfo, 0, "name"), tags);
	api_check(&call, activity != NULL);
	api_leave(&call);
	return CStringGetTextDatum(activity_arn(activity->name));
}

SFN_FUNCTION(sfn_delete_activity)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteActivity");
	api_check(&call, activity_drop(&call, required_text(&call, fcinfo, 0, "activity")));
	api_leave(&call);
	PG_RETURN_VOID();
}

static void
activity_values(const ActivityRow *activity, Datum *values)
{
	values[0] = CStringGetTextDatum(activity_arn(activity->name));
	values[1] = CStringGetTextDatum(activity->name);
	values[2] = TimestampTzGetDatum(activity->creation_date);
	values[3] = ObjectIdGetDatum(activity->owner);
}

SFN_FUNCTION(sfn_describe_activity)
{
	ActionCall call;
	ActivityRow *activity;
	Datum values[4];
	bool nulls[4] = {false};

	api_enter(&call, ACTION_SQL, "DescribeActivity");
	activity = action_activity(&call, required_text(&call, fcinfo, 0, "activity"));
	api_check(&call, activity != NULL);
	api_leave(&call);
	activity_values(activity, values);
	return result_row(fcinfo, values, nulls);
}

SFN_FUNCTION(sfn_list_activities)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	ActivityRow *activities;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "ListActivities");
	count = activity_list(call.scope.caller, NULL, PG_INT32_MAX, &activities);
	api_leave(&call);
	for (int i = 0; i < count; i++)
	{
		Datum values[4];
		bool nulls[4] = {false};

		activity_values(&activities[i], values);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

SFN_FUNCTION(sfn_get_activity_task)
{
	TimestampTz deadline = deadline_argument(fcinfo, 2);
	char *worker_name = text_argument(fcinfo, 1);
	ActionCall call;
	ActivityRow *activity;
	TaskRow *tasks;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};

	api_enter(&call, ACTION_SQL, "GetActivityTask");
	api_check(&call, check_worker(&call, worker_name));
	activity = action_activity(&call, required_text(&call, fcinfo, 0, "activity"));
	api_check(&call, activity != NULL);
	api_leave(&call);

	if (activity_await_tasks(activity, worker_name, 1, deadline, &tasks) > 0)
	{
		nulls[0] = nulls[1] = false;
		values[0] = CStringGetTextDatum(tasks->token);
		values[1] = CStringGetTextDatum(tasks->parameters);
	}
	return result_row(fcinfo, values, nulls);
}

SFN_FUNCTION(sfn_get_activity_tasks)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TimestampTz deadline = deadline_argument(fcinfo, 3);
	char *worker_name = text_argument(fcinfo, 2);
	int max = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	ActionCall call;
	ActivityRow *activity;
	TaskRow *tasks;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "GetActivityTask");
	api_check(&call, check_worker(&call, worker_name));
	if (max < 1 || max > TASKS_AT_ONCE)
		api_error(&call, API_VALIDATION, "", psprintf("max_tasks must be from 1 to %d", TASKS_AT_ONCE));
	activity = action_activity(&call, required_text(&call, fcinfo, 0, "activity"));
	api_check(&call, activity != NULL);
	api_leave(&call);

	count = activity_await_tasks(activity, worker_name, max, deadline, &tasks);
	for (int i = 0; i < count; i++)
	{
		Datum values[2] = {CStringGetTextDatum(tasks[i].token), CStringGetTextDatum(tasks[i].parameters)};
		bool nulls[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
