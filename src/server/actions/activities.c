/*
 * activities.c
 *	  Activities: making them, and handing their tasks to workers that poll.
 *
 * The task is taken in the worker's own transaction: with a rollback somebody else
 * gets it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"

#include "actions/activities.h"
#include "actions/checks.h"
#include "actions/resources.h"
#include "actions/tags.h"
#include "engine/event_payload.h"
#include "settings/clock.h"
#include "shared/activity_waiters.h"
#include "shared/subtransaction.h"

#define NAME_MAX_LENGTH 80

static SFN_MUST_CHECK bool require_member(ActionCall *call, const ActivityRow *activity);

/* ---- making, finding, deleting ---- */

/* As on AWS, making one that is there changes nothing, not even its tags. */
ActivityRow *
activity_create(ActionCall *call, const char *name, const JsonVal *tags)
{
	ActivityRow *activity;
	bool is_new;

	if (!check_name(call, name, "an activity"))
		return NULL;
	activity = activity_insert(name, call->scope.caller, sfn_now(), &is_new);
	if (activity == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("activity \"%s\" was created by a concurrent transaction", name)));
	if (!require_member(call, activity) ||
		(is_new && tags != NULL && !tags_add(call, (TagOwner){TAGS_OF_ACTIVITY, activity->id}, tags)))
		return NULL;
	return activity;
}

/* *name NULL: an ARN of another region or account. */
static SFN_MUST_CHECK bool
activity_name_of(ActionCall *call, const char *name_or_arn, char **name)
{
	Arn arn;

	if (call->style == ACTION_SQL && !arn_looks_like(name_or_arn))
	{
		*name = pstrdup(name_or_arn);
		return true;
	}
	if (!action_arn(call, name_or_arn, ARN_ACTIVITY, "an activity", activity_arn("NAME"), &arn))
		return false;
	*name = arn_is_ours(&arn) ? pstrdup(arn.name) : NULL;
	return true;
}

ActivityRow *
action_activity(ActionCall *call, const char *name_or_arn)
{
	char *name;
	ActivityRow *activity;

	if (!activity_name_of(call, name_or_arn, &name))
		return NULL;
	activity = name != NULL ? activity_by_name(name) : NULL;
	if (activity == NULL)
		return action_fail_null(call, API_ACTIVITY_DOES_NOT_EXIST, name != NULL ? activity_arn(name) : name_or_arn,
								name != NULL ? name : name_or_arn);
	return require_member(call, activity) ? activity : NULL;
}

/* One that is not there is no error, as on AWS. */
bool
activity_drop(ActionCall *call, const char *name_or_arn)
{
	char *name;
	ActivityRow *activity;

	if (!activity_name_of(call, name_or_arn, &name))
		return false;
	activity = name != NULL ? activity_by_name(name) : NULL;
	if (activity == NULL)
		return true;
	if (!require_member(call, activity))
		return false;
	activity_delete(activity->id);
	return true;
}

static bool
require_member(ActionCall *call, const ActivityRow *activity)
{
	return is_member_of_role(call->scope.caller, activity->owner) ||
		fail_access(call, call->scope.caller, activity_arn(activity->name), psprintf("activity \"%s\"", activity->name),
					activity->owner);
}

/* ---- taking a task ---- */

/* A worker that waits with an old snapshot would never see the tasks that come. */
bool
check_worker(ActionCall *call, const char *worker_name)
{
	if (worker_name != NULL && !check_length(call, worker_name, "workerName", "worker_name", 1, NAME_MAX_LENGTH))
		return false;
	return !IsolationUsesXactSnapshot() ||
		action_fail(call, API_CANNOT_WAIT, "cannot wait for a task at this isolation level",
					"A transaction at REPEATABLE READ or SERIALIZABLE does not see new tasks; use READ COMMITTED.");
}

/* Tells the execution who has its task. */
static void
tell_started(const TaskRow *task, const char *worker_name, TimestampTz now)
{
	Event event = {.kind = EVENT_TASK_STARTED, .text = worker_name};

	task_tell(task, event.kind, now, event_payload_print(&event));
}

/* A look for a task: what was found and what is taken. */
typedef struct Look
{
	const ActivityRow *activity;
	const char *worker_name;
	int64 found;   /* 0: nothing */
	TaskRow *task; /* NULL: not taken */
} Look;

static bool
find_task(void *arg)
{
	Look *look = arg;
	StoreScope scope;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	look->found = task_find_for_worker(look->activity->id);
	store_leave(&scope);
	PopActiveSnapshot();
	return false;
}

static bool
take_task(void *arg)
{
	Look *look = arg;
	TimestampTz now = sfn_now();
	StoreScope scope;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	look->task = task_take_for_worker(look->found, look->worker_name, now);
	if (look->task != NULL)
		tell_started(look->task, look->worker_name, now);
	store_leave(&scope);
	PopActiveSnapshot();
	return look->task != NULL;
}

/* One step of a look, in a subtransaction of its own and with a new snapshot; rolled back unless it took a task. */
static void
look_once(bool (*step)(void *arg), Look *look)
{
	ErrorData *error = subtransaction_run(step, NULL, look);

	if (error != NULL)
		ReThrowError(error);
}

/* A look leaves no lock behind on what it did not take: somebody who waits must be in nobody's way. */
TaskRow *
activity_look_for_task(const ActivityRow *activity, const char *worker_name)
{
	Look look = {.activity = activity, .worker_name = worker_name};

	do
	{
		CHECK_FOR_INTERRUPTS();
		look_once(find_task, &look);
		if (look.found != 0)
			look_once(take_task, &look);
	} while (look.found != 0 && look.task == NULL);
	if (look.task != NULL)
		activity_note_taken(activity->id);
	InvalidateCatalogSnapshot();
	return look.task;
}
