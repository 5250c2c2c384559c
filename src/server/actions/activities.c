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
#include "store/owner_rule.h"
#include "store/trust.h"

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
	if (!owner_admits_replacing(activity->owner, call->scope.caller, call->scope.caller))
	{
		(void) fail_owned(call, psprintf("activity \"%s\"", name), activity->owner);
		return NULL;
	}
	if ((is_new && tags != NULL && !tags_add(call, (TagOwner){TAGS_OF_ACTIVITY, activity->id}, tags)))
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
	if (!activity_delete(activity->id, call->scope.caller))
		return require_member(call, activity);
	trust_forget(NAME_ACTIVITY, activity->id);
	return true;
}

static bool
require_member(ActionCall *call, const ActivityRow *activity)
{
	return has_privs_of_role(call->scope.caller, activity->owner) ||
		fail_access(call, call->scope.caller, activity_arn(activity->name), psprintf("activity \"%s\"", activity->name),
					activity->owner);
}

bool
activity_is_trusted(const ActivityRow *activity, Oid role, SfnError *error)
{
	OwnedName called = {.kind = NAME_ACTIVITY, .id = activity->id, .name = activity->name, .owner = activity->owner};

	return name_is_trusted(&called, role, error);
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

/* A look for tasks: what was found and what is taken. */
typedef struct Look
{
	const ActivityRow *activity;
	const char *worker_name;
	int wanted;
	int64 *found;
	int found_count;
	TaskRow *tasks;
	int count; /* of tasks */
} Look;

/* Since the task was put into the queue, its machine's role has ceased to trust the activity's owner. */
static bool
fail_denied(const Look *look, const TaskRow *task, TimestampTz now)
{
	SfnError denied = {0};
	Event event = {.kind = EVENT_TASK_FAILED};

	if (activity_is_trusted(look->activity, task->role, &denied))
		return false;
	event.error = denied.name;
	event.cause = denied.cause;
	task_tell(task, event.kind, now, event_payload_print(&event));
	task_delete(task->id);
	return true;
}

/* Leaves those that the worker gets, and tells their executions who has them. */
static void
begin_tasks(Look *look, TimestampTz now)
{
	Event event = {.kind = EVENT_TASK_STARTED, .text = look->worker_name};
	const TaskRow **begun = palloc(sizeof(TaskRow *) * look->count);
	char **payloads = palloc(sizeof(char *) * look->count);
	int count = 0;

	for (int i = 0; i < look->count; i++)
	{
		if (fail_denied(look, &look->tasks[i], now))
			continue;
		look->tasks[count] = look->tasks[i];
		begun[count] = &look->tasks[count];
		payloads[count++] = event_payload_print(&event);
	}
	look->count = count;
	if (count > 0)
		tasks_tell(begun, payloads, count, event.kind, now);
}

static bool
find_tasks(void *arg)
{
	Look *look = arg;
	StoreScope scope;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	look->found_count = tasks_find_for_worker(look->activity->id, look->wanted, look->found);
	store_leave(&scope);
	PopActiveSnapshot();
	return false;
}

/* All that was found, or none. */
static bool
take_tasks(void *arg)
{
	Look *look = arg;
	TimestampTz now = sfn_now();
	bool has_all;
	StoreScope scope;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	look->count = tasks_take_for_worker(look->found, look->found_count, look->worker_name, now, &look->tasks);
	has_all = look->count == look->found_count;
	if (has_all)
		begin_tasks(look, now);
	else
		look->count = 0;
	store_leave(&scope);
	PopActiveSnapshot();
	return has_all;
}

/* One step of a look, in a subtransaction of its own and with a new snapshot; rolled back unless it took or failed tasks. */
static void
look_once(bool (*step)(void *arg), Look *look)
{
	ErrorData *error = subtransaction_run(step, NULL, look);

	if (error != NULL)
		ReThrowError(error);
}

/*
 * A look leaves no lock behind on what it did not take: somebody who waits must be in nobody's way.  Where others took some
 * of what was found, the next look is for fewer.
 */
int
activity_look_for_tasks(const ActivityRow *activity, const char *worker_name, int max, TaskRow **tasks)
{
	Look look = {.activity = activity, .worker_name = worker_name, .wanted = max};

	look.found = palloc(sizeof(int64) * max);
	do
	{
		CHECK_FOR_INTERRUPTS();
		look_once(find_tasks, &look);
		if (look.found_count != 0)
			look_once(take_tasks, &look);
		look.wanted = Max(look.found_count / 2, 1);
	} while (look.found_count != 0 && look.count == 0);
	for (int i = 0; i < look.count; i++)
		activity_note_taken(activity->id);
	InvalidateCatalogSnapshot();
	*tasks = look.tasks;
	return look.count;
}
