/*
 * activities.c
 *	  Activities: making them, and handing their tasks to workers that poll.
 *
 * A worker that finds nothing sleeps on its latch until a commit brings a task of
 * that activity (shared/activity_waiters.c), without a snapshot.  The task is
 * taken in the worker's own transaction: with a rollback somebody else gets it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "api/tags.h"
#include "api/tasks.h"
#include "api/waiting.h"
#include "engine/event_payload.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/activity_waiters.h"
#include "shared/subtransaction.h"

#define NAME_MAX_LENGTH 80
#define AWS_WAIT_SECONDS 60

static void require_member(const ApiCall *call, const ActivityRow *activity);
static char *activity_name_of(const ApiCall *call, const char *name_or_arn);
static TaskRow *look_for_task(const ActivityRow *activity, const char *worker_name);

char *
activity_arn(const char *name)
{
	return psprintf("arn:aws:states:%s:%s:activity:%s", sfn_region, sfn_account_id, name);
}

/* ---- making, finding, deleting ---- */

/* As on AWS, making one that is there changes nothing, not even its tags. */
ActivityRow *
activity_create(const ApiCall *call, const char *name, const JsonVal *tags)
{
	ActivityRow *activity;
	bool is_new;

	check_name(call, name, "an activity");
	activity = activity_insert(name, call->scope.caller, sfn_now(), &is_new);
	if (activity == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("activity \"%s\" was created by a concurrent transaction", name)));
	require_member(call, activity);
	if (is_new && tags != NULL)
		tags_add(call, (TagOwner){TAGS_OF_ACTIVITY, activity->id}, tags);
	return activity;
}

/* NULL: an ARN of another region or account. */
static char *
activity_name_of(const ApiCall *call, const char *name_or_arn)
{
	Arn arn;
	char *problem;

	if (call->style == API_SQL && !arn_looks_like(name_or_arn))
		return pstrdup(name_or_arn);
	if (!arn_parse(name_or_arn, &arn, &problem))
		api_error(call, API_INVALID_ARN, problem, name_or_arn, "an activity", activity_arn("NAME"), NULL);
	if (arn.type != ARN_ACTIVITY)
		api_error(call, API_INVALID_ARN, psprintf("Resource type not valid in this context: %s", arn.type_name),
				  name_or_arn, "an activity", activity_arn("NAME"), NULL);
	return strcmp(arn.region, sfn_region) == 0 && strcmp(arn.account, sfn_account_id) == 0 ? pstrdup(arn.name) : NULL;
}

ActivityRow *
api_activity(const ApiCall *call, const char *name_or_arn)
{
	char *name = activity_name_of(call, name_or_arn);
	ActivityRow *activity = name != NULL ? activity_by_name(name) : NULL;

	if (activity == NULL)
		api_error(call, API_ACTIVITY_DOES_NOT_EXIST, name != NULL ? activity_arn(name) : name_or_arn,
				  name != NULL ? name : name_or_arn, NULL);
	require_member(call, activity);
	return activity;
}

/* One that is not there is no error, as on AWS. */
void
activity_drop(const ApiCall *call, const char *name_or_arn)
{
	char *name = activity_name_of(call, name_or_arn);
	ActivityRow *activity = name != NULL ? activity_by_name(name) : NULL;

	if (activity == NULL)
		return;
	require_member(call, activity);
	activity_delete(activity->id);
}

static void
require_member(const ApiCall *call, const ActivityRow *activity)
{
	const char *role;
	const char *owner;

	if (is_member_of_role(call->scope.caller, activity->owner))
		return;
	role = GetUserNameFromId(call->scope.caller, true);
	owner = GetUserNameFromId(activity->owner, true);
	api_error(call, API_ACCESS_DENIED, psprintf("arn:aws:iam::%s:role/%s", sfn_account_id, role != NULL ? role : ""),
			  call->action, activity_arn(activity->name), role != NULL ? role : "",
			  psprintf("activity \"%s\"", activity->name), owner != NULL ? owner : "(dropped)", NULL);
}

/* ---- taking a task ---- */

TaskRow *
activity_await_task(const ActivityRow *activity, const char *worker_name, TimestampTz deadline)
{
	bool gave_up_snapshot = query_gives_up_snapshot();
	TaskRow *task;

	for (int looks = 0;; looks++)
	{
		long left;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		activity_wait_arm(activity->id);
		task = look_for_task(activity, worker_name);
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		if (task != NULL || left <= 0)
			break;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(left, activity_wait_pause(looks)), PG_WAIT_EXTENSION);
	}
	activity_wait_end();
	if (gave_up_snapshot)
		query_takes_snapshot();
	return task;
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
static TaskRow *
look_for_task(const ActivityRow *activity, const char *worker_name)
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

/* A worker that waits with an old snapshot would never see the tasks that come. */
static void
require_fresh_snapshots(const ApiCall *call)
{
	if (IsolationUsesXactSnapshot())
		api_error(call, API_CANNOT_WAIT, "cannot wait for a task at this isolation level",
				  "A transaction at REPEATABLE READ or SERIALIZABLE does not see new tasks; use READ COMMITTED.", NULL);
}

static void
check_worker_name(const ApiCall *call, const char *worker_name)
{
	if (worker_name != NULL)
		check_length(call, worker_name, "workerName", "worker_name", 1, NAME_MAX_LENGTH);
}

/* ---- SQL functions ---- */

extern PGDLLEXPORT Datum sfn_create_activity(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_create_activity);
Datum
sfn_create_activity(PG_FUNCTION_ARGS)
{
	ApiCall call;
	char *tags = jsonb_argument(fcinfo, 1);
	ActivityRow *activity;

	api_enter(&call, API_SQL, "CreateActivity");
	activity =
		activity_create(&call, required_text(&call, fcinfo, 0, "name"), tags != NULL ? parse_stored(tags) : NULL);
	api_leave(&call);
	return CStringGetTextDatum(activity_arn(activity->name));
}

extern PGDLLEXPORT Datum sfn_delete_activity(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_delete_activity);
Datum
sfn_delete_activity(PG_FUNCTION_ARGS)
{
	ApiCall call;

	api_enter(&call, API_SQL, "DeleteActivity");
	activity_drop(&call, required_text(&call, fcinfo, 0, "activity"));
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

extern PGDLLEXPORT Datum sfn_describe_activity(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_describe_activity);
Datum
sfn_describe_activity(PG_FUNCTION_ARGS)
{
	ApiCall call;
	ActivityRow *activity;
	Datum values[4];
	bool nulls[4] = {false};

	api_enter(&call, API_SQL, "DescribeActivity");
	activity = api_activity(&call, required_text(&call, fcinfo, 0, "activity"));
	api_leave(&call);
	activity_values(activity, values);
	return result_row(fcinfo, values, nulls);
}

extern PGDLLEXPORT Datum sfn_list_activities(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_list_activities);
Datum
sfn_list_activities(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ApiCall call;
	ActivityRow *activities;
	int count;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, API_SQL, "ListActivities");
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

extern PGDLLEXPORT Datum sfn_get_activity_task(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_get_activity_task);
Datum
sfn_get_activity_task(PG_FUNCTION_ARGS)
{
	TimestampTz deadline = deadline_argument(fcinfo, 2);
	char *worker_name = text_argument(fcinfo, 1);
	ApiCall call;
	ActivityRow *activity;
	TaskRow *task;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};

	api_enter(&call, API_SQL, "GetActivityTask");
	check_worker_name(&call, worker_name);
	require_fresh_snapshots(&call);
	activity = api_activity(&call, required_text(&call, fcinfo, 0, "activity"));
	api_leave(&call);

	task = activity_await_task(activity, worker_name, deadline);
	if (task != NULL)
	{
		nulls[0] = nulls[1] = false;
		values[0] = CStringGetTextDatum(task->token);
		values[1] = CStringGetTextDatum(task->parameters);
	}
	return result_row(fcinfo, values, nulls);
}

/* ---- actions of sfn.api() ---- */

const JsonVal *
aws_create_activity(const ApiCall *call, const JsonVal *request)
{
	const JsonVal *encryption = request_value(request, "encryptionConfiguration");
	const char *type = encryption != NULL ? jv_get_string(encryption, "type") : NULL;
	ActivityRow *activity;
	JvObjectBuilder answer;

	if (encryption != NULL && (type == NULL || strcmp(type, "AWS_OWNED_KEY") != 0))
		api_error(call, API_INVALID_ENCRYPTION_CONFIGURATION, "Only the type AWS_OWNED_KEY is supported.", NULL);
	activity = activity_create(call, request_string(request, "name"), request_value(request, "tags"));

	jv_object_begin(&answer);
	jv_object_add(&answer, "activityArn", jv_string(activity_arn(activity->name)));
	jv_object_add(&answer, "creationDate", epoch_seconds(activity->creation_date));
	return jv_object_end(&answer);
}

const JsonVal *
aws_delete_activity(const ApiCall *call, const JsonVal *request)
{
	activity_drop(call, request_string(request, "activityArn"));
	return jv_empty_object();
}

const JsonVal *
aws_describe_activity(const ApiCall *call, const JsonVal *request)
{
	ActivityRow *activity = api_activity(call, request_string(request, "activityArn"));
	JvObjectBuilder encryption;
	JvObjectBuilder answer;

	jv_object_begin(&encryption);
	jv_object_add(&encryption, "type", jv_string("AWS_OWNED_KEY"));
	jv_object_begin(&answer);
	jv_object_add(&answer, "activityArn", jv_string(activity_arn(activity->name)));
	jv_object_add(&answer, "name", jv_string(activity->name));
	jv_object_add(&answer, "creationDate", epoch_seconds(activity->creation_date));
	jv_object_add(&answer, "encryptionConfiguration", jv_object_end(&encryption));
	return jv_object_end(&answer);
}

const JsonVal *
aws_list_activities(const ApiCall *call, const JsonVal *request)
{
	int max = check_max_results(call, request_integer(request, "maxResults", 0));
	ActivityRow *activities;
	int count = activity_list(call->scope.caller, request_token(call, request, 'A'), max + 1, &activities);
	JvArrayBuilder list;

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

const JsonVal *
aws_get_activity_task(const ApiCall *call, const JsonVal *request)
{
	const char *worker_name = request_string(request, "workerName");
	ActivityRow *activity = api_activity(call, request_string(request, "activityArn"));
	TaskRow *task;
	JvObjectBuilder answer;

	check_worker_name(call, worker_name);
	require_fresh_snapshots(call);
	task = activity_await_task(activity, worker_name, GetCurrentTimestamp() + AWS_WAIT_SECONDS * USECS_PER_SEC);
	jv_object_begin(&answer);
	jv_object_add(&answer, "taskToken", task != NULL ? jv_string(task->token) : jv_null());
	if (task != NULL)
		jv_object_add(&answer, "input", jv_string(task->parameters));
	return jv_object_end(&answer);
}
