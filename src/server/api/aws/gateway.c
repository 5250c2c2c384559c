/*
 * gateway.c
 *	  The gateway's way in: gateway_call() and its kin.
 *
 * The gateway has a few sessions for callers of any role.  A call is made as its role
 * in a frame from which no SQL that runs in it can come out: the user is switched as
 * for a SECURITY DEFINER function, so that neither SET ROLE nor SET SESSION
 * AUTHORIZATION is possible, and tasks of synchronous executions, the only code of
 * users that runs here, are finished as in a worker (services/sandbox.c).  What an
 * action itself leaves to the commit are our own constraints.
 *
 * Who may execute these functions may act as any role but superusers and the server's own.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "actions/access_keys.h"
#include "actions/activities.h"
#include "actions/resources.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/aws/actions.h"
#include "api/aws/gateway.h"
#include "api/waiting.h"
#include "aws/arn.h"
#include "services/sandbox.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "shared/activity_waiters.h"
#include "store/page.h"
#include "store/sql_version.h"

#define MOST_TASKS_COUNTED 1000
#define MAX_INVOCATION_ID 128

/* ---- gateway_call(role, action, request, invocation_id) ---- */

static void
require_role(Oid role)
{
	ActionCall call = {ACTION_AWS, ""};

	api_check(&call, gateway_role_check(&call, role));
}

void
gateway_frame_begin(GatewayFrame *frame, Oid role)
{
	require_role(role);
	GetUserIdAndSecContext(&frame->user, &frame->security);
	frame->settings = NewGUCNestLevel();
	SetUserIdAndSecContext(role, frame->security | SECURITY_LOCAL_USERID_CHANGE);
	sandbox_guard_begin();
}

void
gateway_frame_end(const GatewayFrame *frame)
{
	sandbox_guard_end();
	AtEOXact_GUC(false, frame->settings);
	SetUserIdAndSecContext(frame->user, frame->security);
}

/* "events:PutRule" is one of EventBridge, "CreateStateMachine" of Step Functions. */
static const char *
action_of_api(const char *action, AwsApi *api)
{
	static const struct
	{
		const char *prefix;
		AwsApi api;
	} prefixes[] = {{"events:", AWS_EVENTS}, {"scheduler:", AWS_SCHEDULER}};

	for (size_t i = 0; i < lengthof(prefixes); i++)
	{
		if (strncmp(action, prefixes[i].prefix, strlen(prefixes[i].prefix)) == 0)
		{
			*api = prefixes[i].api;
			return action + strlen(prefixes[i].prefix);
		}
	}
	return action;
}

Datum
gateway_call_as_user(const char *action, const char *request, const char *invocation_id)
{
	AwsCallOptions options = {.never_waits = true, .invocation_id = invocation_id, .checks_role_arn = true};

	if (invocation_id != NULL && strlen(invocation_id) > MAX_INVOCATION_ID)
		options.invocation_id = NULL;
	if (action != NULL)
		action = action_of_api(action, &options.api);
	return aws_call(action, request, &options);
}

SFN_FUNCTION(sfn_gateway_call)
{
	GatewayFrame frame;
	Datum answer;

	gateway_frame_begin(&frame, PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0));
	answer = gateway_call_as_user(text_argument(fcinfo, 1), text_argument(fcinfo, 2), text_argument(fcinfo, 3));
	gateway_frame_end(&frame);
	return answer;
}

/* ---- gateway_page(role, name, request) ---- */

Datum
gateway_page_as_user(const char *name, const char *request)
{
	Datum answer;

	if (name == NULL || !page_read(name, CStringGetTextDatum(request != NULL ? request : "{}"), &answer))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there is no page \"%s\"", name != NULL ? name : "")));
	return answer;
}

SFN_FUNCTION(sfn_gateway_page)
{
	GatewayFrame frame;
	Datum answer;

	gateway_frame_begin(&frame, PG_ARGISNULL(0) ? InvalidOid : PG_GETARG_OID(0));
	answer = gateway_page_as_user(text_argument(fcinfo, 1), text_argument(fcinfo, 2));
	gateway_frame_end(&frame);
	return answer;
}

/* ---- gateway_key(access_key_id), gateway_key_used(access_key_id), gateway_check_login(role) ---- */

enum
{
	KEY_ROLE,
	KEY_ROLE_NAME,
	KEY_SECRET,
	KEY_TOKEN_HASH,
	KEY_ACTIONS,
	KEY_EXPIRES,
	KEY_COLUMN_COUNT
};

SFN_FUNCTION(sfn_gateway_key)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call = {ACTION_SQL, ""};
	AccessKey *key;
	const char *role;
	Datum values[KEY_COLUMN_COUNT];
	bool nulls[KEY_COLUMN_COUNT];

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "GetAccessKey");
	key = access_key_active(required_text(&call, fcinfo, 0, "access_key_id"));
	api_leave(&call);
	role = key != NULL ? GetUserNameFromId(key->role, true) : NULL;
	if (role == NULL || key->secret == NULL)
		return (Datum) 0;
	values[KEY_ROLE] = ObjectIdGetDatum(key->role);
	nulls[KEY_ROLE] = false;
	put_text(values, nulls, KEY_ROLE_NAME, role);
	put_text(values, nulls, KEY_SECRET, key->secret);
	put_text(values, nulls, KEY_TOKEN_HASH, key->token_hash);
	values[KEY_ACTIONS] = key->actions;
	nulls[KEY_ACTIONS] = !key->has_actions;
	put_moment(values, nulls, KEY_EXPIRES, key->expiration);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

SFN_FUNCTION(sfn_gateway_key_used)
{
	ActionCall call = {ACTION_SQL, ""};

	api_enter(&call, ACTION_SQL, "GetAccessKey");
	access_key_used(required_text(&call, fcinfo, 0, "access_key_id"), sfn_now());
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_gateway_check_login)
{
	ActionCall call = {ACTION_AWS, ""};
	Oid role = get_role_oid(required_text(&call, fcinfo, 0, "role"), true);

	api_check(&call, gateway_role_check(&call, role));
	PG_RETURN_OID(role);
}

/* ---- gateway_wait(activities, timeout) ---- */

/* text[] of the names in an array of ARNs; what is none of ours is left out. */
static Datum
activity_names(ArrayType *arns)
{
	ArrayBuildState *names = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(arns, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		char *problem;
		Arn arn;

		if (!nulls[i] && arn_parse(TextDatumGetCString(elements[i]), &arn, &problem) && arn.type == ARN_ACTIVITY &&
			arn_is_ours(&arn))
			(void) accumArrayResult(names, CStringGetTextDatum(arn.name), false, TEXTOID, CurrentMemoryContext);
	}
	return makeArrayResult(names, CurrentMemoryContext);
}

/* The tasks there are now, as {"arn": number}; NULL: none. */
static const JsonVal *
look_for_tasks(Datum names)
{
	StoreScope scope;
	WaitingTasks *waiting;
	int count;
	JvObjectBuilder found;

	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	count = tasks_waiting(names, MOST_TASKS_COUNTED, &waiting);
	store_leave(&scope);
	PopActiveSnapshot();
	InvalidateCatalogSnapshot();
	if (count == 0)
		return NULL;
	jv_object_begin(&found);
	for (int i = 0; i < count; i++)
		jv_object_add(&found, activity_arn(waiting[i].activity), jv_int(waiting[i].tasks));
	return jv_object_end(&found);
}

SFN_FUNCTION(sfn_gateway_wait)
{
	ArrayType *arns = PG_ARGISNULL(0) ? construct_empty_array(TEXTOID) : PG_GETARG_ARRAYTYPE_P(0);
	Datum names = activity_names(arns);
	TimestampTz deadline = deadline_argument(fcinfo, 1);
	bool gave_up_snapshot = query_gives_up_snapshot();
	const JsonVal *found;

	for (int looks = 0;; looks++)
	{
		long left;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		activity_wait_arm(ANY_ACTIVITY);
		found = look_for_tasks(names);
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), deadline);
		if (found != NULL || left <= 0)
			break;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(left, activity_wait_pause(looks)), PG_WAIT_EXTENSION);
	}
	activity_wait_end();
	if (gave_up_snapshot)
		query_takes_snapshot();
	return json_datum(found != NULL ? found : jv_empty_object());
}

/* ---- gateway_return_task(task_token) ---- */

SFN_FUNCTION(sfn_gateway_return_task)
{
	ActionCall call;
	int64 activity;

	api_enter(&call, ACTION_SQL, "ReturnTask");
	activity = task_return(required_text(&call, fcinfo, 0, "task_token"));
	if (activity != 0)
		activity_wake_at_commit(activity);
	api_leave(&call);
	PG_RETURN_BOOL(activity != 0);
}

/* ---- allow_gateway(role), forbid_gateway(role) ---- */

static void
set_right(FunctionCallInfo fcinfo, bool is_granted)
{
	StoreScope scope;
	Oid role;

	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only superusers say which roles a gateway logs in as"),
				 errdetail("It may act as any role that is no superuser.")));
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("role must not be null")));
	role = PG_GETARG_OID(0);
	store_enter(&scope);
	gateway_grant(quote_identifier(GetUserNameFromId(role, false)), is_granted);
	store_leave(&scope);
}

SFN_FUNCTION(sfn_allow_gateway)
{
	set_right(fcinfo, true);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_forbid_gateway)
{
	set_right(fcinfo, false);
	PG_RETURN_VOID();
}
