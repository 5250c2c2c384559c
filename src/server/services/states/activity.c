/*
 * activity.c
 *	  Activities: work for programs that poll with sfn.get_activity_task().
 *
 * An activity that does not exist, or whose owner is not trusted, fails the state
 * before anything is scheduled; one that is deleted between the two fails the task.
 */
#include "postgres.h"

#include "actions/activities.h"
#include "base/error.h"
#include "services/service.h"
#include "services/states/activity.h"
#include "settings/arns.h"
#include "store/store.h"

/* The activity's id, if machines of the role may call it; 0: *error says why not. */
static int64
activity_id_of(const AslResource *resource, Oid role, SfnError *error)
{
	StoreScope scope;
	ActivityRow *activity = NULL;
	bool is_usable;

	store_enter(&scope);
	if (strcmp(resource->text, activity_arn(resource->name)) == 0)
		activity = activity_by_name(resource->name);
	is_usable = activity != NULL ? activity_is_trusted(activity, role, error)
								 : sfn_error(error, ERROR_RUNTIME, "The activity %s does not exist.", resource->text);
	store_leave(&scope);
	return is_usable ? activity->id : 0;
}

bool
activity_is_there(const AslResource *resource)
{
	StoreScope scope;
	bool is_there;

	store_enter(&scope);
	is_there = strcmp(resource->text, activity_arn(resource->name)) == 0 && activity_by_name(resource->name) != NULL;
	store_leave(&scope);
	return is_there;
}

bool
activity_can_be_scheduled(const AslResource *resource, Oid role, SfnError *error)
{
	return activity_id_of(resource, role, error) != 0;
}

ServiceOutcome
service_run_activity(const ServiceCall *call, Event *answer)
{
	SfnError error = {0};
	int64 id = activity_id_of(call->resource, call->role, &error);

	if (id == 0)
		return service_fail(answer, error.name, "%s", error.cause);
	if (call->task != NULL)
		call->task->activity_id = id;
	return service_begin(call, TASK_ACTIVITY, TASK_TO_BE_TAKEN, answer);
}
