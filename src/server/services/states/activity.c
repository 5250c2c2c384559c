/*
 * activity.c
 *	  Activities: work for programs that poll with sfn.get_activity_task().
 *
 * An activity that does not exist fails the state before anything is scheduled;
 * one that is deleted between the two fails the task.
 */
#include "postgres.h"

#include "base/error.h"
#include "services/service.h"
#include "services/states/activity.h"
#include "settings/arns.h"
#include "store/store.h"

static int64
activity_id_of(const AslResource *resource)
{
	StoreScope scope;
	ActivityRow *activity;
	bool is_ours = strcmp(resource->text, activity_arn(resource->name)) == 0;

	if (!is_ours)
		return 0;
	store_enter(&scope);
	activity = activity_by_name(resource->name);
	store_leave(&scope);
	return activity != NULL ? activity->id : 0;
}

bool
activity_can_be_scheduled(const AslResource *resource, SfnError *error)
{
	if (activity_id_of(resource) != 0)
		return true;
	return sfn_error(error, ERROR_RUNTIME, "The activity %s does not exist.", resource->text);
}

ServiceOutcome
service_run_activity(const ServiceCall *call, Event *answer)
{
	int64 id = activity_id_of(call->resource);

	if (id == 0)
		return service_fail(answer, ERROR_RUNTIME, "The activity %s does not exist.", call->resource->text);
	if (call->task != NULL)
		call->task->activity_id = id;
	return service_begin(call, TASK_ACTIVITY, TASK_TO_BE_TAKEN, answer);
}
