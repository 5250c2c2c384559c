/*
 * step_functions.c
 *	  arn:aws:states:::states:startExecution: another state machine as a task.
 *
 * The execution is started as the machine's role, in the turn's own transaction: it
 * exists exactly when the task has begun.  Its machine gets the input, so its owner has to be trusted.  With ".sync" the task's row names the
 * execution, whose end answers the task (runtime/children.c).  A plain start cannot
 * fail and needs no subtransaction; any other runs in the sandbox.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/start.h"
#include "actions/versions.h"
#include "aws/sdk_answer.h"
#include "base/error.h"
#include "services/service.h"
#include "settings/compat.h"
#include "settings/random_uuid.h"
#include "store/executions.h"
#include "store/store.h"

typedef struct StartWork
{
	const JsonVal *parameters;
	ActionCall call;
	MachineRow *machine;
	StartedExecution started;
	bool has_failed; /* call.error says why */
	bool is_distrusted;
	SfnError distrust;
} StartWork;

static bool start_plain(const ServiceCall *call, bool has_parent, StartedExecution *started);
static void start_work(void *arg);
static ServiceOutcome started(const ServiceCall *call, const StartWork *work, Event *answer);
static ServiceOutcome adopted(const ServiceCall *call, int64 child, const StartedExecution *started, Event *answer);
static ServiceOutcome fail_as_aws(Event *answer, const ActionError *error);
static const JsonVal *start_answer(const StartedExecution *started);

ServiceOutcome
service_run_start_execution(const ServiceCall *call, Event *answer)
{
	StartWork work = {.parameters = call->parameters};
	bool awaits_end = call->resource->pattern == PATTERN_SYNC;
	ErrorData *problem;
	ServiceOutcome outcome;

	if (awaits_end && call->task == NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "The resource \"%s\" cannot be used by a synchronous execution.",
							call->resource->text);
	if (!call->is_alone && call->share_ms <= 0)
		return SERVICE_PUT_OFF;
	if (!call->is_inline && !call->is_last_try && start_plain(call, awaits_end, &work.started))
		return awaits_end ? adopted(call, work.started.id, &work.started, answer)
						  : service_succeed(answer, start_answer(&work.started));
	if (!service_sandbox(call, start_work, &work, &problem, &outcome, answer))
		return outcome;
	if (problem != NULL)
		return work.has_failed ? fail_as_aws(answer, &work.call.error)
							   : service_fail(answer, ERROR_TASK_FAILED, "%s", problem->message);
	if (work.is_distrusted)
		return service_fail(answer, work.distrust.name, "%s", work.distrust.cause);
	return started(call, &work, answer);
}

/* ---- the rights of the role ---- */

/* May the role call StartExecution at all?  If not and raises is set, that is the error. */
static bool
role_may_start(Oid role, bool raises)
{
	Oid types[2] = {TEXTOID, JSONOID};
	Oid schema = get_namespace_oid("sfn", !raises);
	Oid function = InvalidOid;
	AclResult result = ACLCHECK_NO_PRIV;

	if (OidIsValid(schema))
		result = sfn_namespace_aclcheck(schema, role, ACL_USAGE);
	if (raises && result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_SCHEMA, "sfn");
	if (result == ACLCHECK_OK)
		function = LookupFuncName(list_make2(makeString("sfn"), makeString("api")), 2, types, !raises);
	if (OidIsValid(function))
		result = sfn_proc_aclcheck(function, role, ACL_EXECUTE);
	if (raises && result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FUNCTION, "api");
	return OidIsValid(function) && result == ACLCHECK_OK;
}

/* ---- what is asked for ---- */

/* A member that is null counts as absent. */
static const JsonVal *
parameter(const JsonVal *parameters, const char *name)
{
	const JsonVal *value = jv_get(parameters, name);

	return value != NULL && value->type != JV_NULL ? value : NULL;
}

/* The execution's input: a value that is no text goes as its JSON text. */
static const char *
input_parameter(const JsonVal *parameters)
{
	const JsonVal *input = parameter(parameters, "Input");

	if (input == NULL)
		return "{}";
	return input->type == JV_STRING ? input->u.text : jv_to_text(input);
}

/* Nothing but a machine and an input, and no rights are missing. */
static bool
start_plain(const ServiceCall *call, bool has_parent, StartedExecution *started)
{
	const JsonVal *machine = parameter(call->parameters, "StateMachineArn");

	return jv_is(machine, JV_STRING) && parameter(call->parameters, "Name") == NULL &&
		parameter(call->parameters, "TraceHeader") == NULL && role_may_start(call->role, false) &&
		execution_start_plain(call->role, machine->u.text, input_parameter(call->parameters), has_parent, started);
}

/* *text: of a parameter that must be one, under AWS's name of the member; NULL where it is absent. */
static SFN_MUST_CHECK bool
text_parameter(ActionCall *call, const JsonVal *parameters, const char *name, const char *member, const char **text)
{
	const JsonVal *value = parameter(parameters, name);

	*text = jv_is(value, JV_STRING) ? value->u.text : NULL;
	return value == NULL || value->type == JV_STRING || fail_member_type(call, member, "a string");
}

static SFN_MUST_CHECK bool
start(StartWork *work)
{
	ActionCall *call = &work->call;
	const char *input = input_parameter(work->parameters);
	const char *text;
	const char *name;
	const char *trace_header;

	if (!text_parameter(call, work->parameters, "StateMachineArn", "stateMachineArn", &text))
		return false;
	if (text == NULL)
		return fail_missing_member(call, "stateMachineArn");
	if (!text_parameter(call, work->parameters, "Name", "name", &name) ||
		!text_parameter(call, work->parameters, "TraceHeader", "traceHeader", &trace_header))
		return false;
	work->machine = action_qualified_machine(call, call->scope.caller, text, MACHINE_START);
	if (work->machine == NULL)
		return false;
	work->is_distrusted = !machine_is_trusted(work->machine, call->scope.caller, &work->distrust);
	return work->is_distrusted ||
		execution_start(call, work->machine, call->scope.caller, input, (int) strlen(input), name, trace_header,
						&work->started);
}

/* In the sandbox, as the role.  What a start that fails has done goes with the subtransaction. */
static void
start_work(void *arg)
{
	StartWork *work = arg;
	ActionCall *call = &work->call;

	(void) role_may_start(GetUserId(), true);
	call->style = ACTION_AWS;
	call->action = "StartExecution";
	store_enter(&call->scope);
	work->has_failed = !start(work);
	store_leave(&call->scope);
	if (work->has_failed)
		ereport(ERROR, (errcode(call->error.sqlstate), errmsg_internal("%s", call->error.aws_text)));
}

/* ---- what came of it ---- */

/* The execution exists; with .sync its end will be the answer. */
static ServiceOutcome
started(const ServiceCall *call, const StartWork *work, Event *answer)
{
	StoreScope scope;
	bool is_adopted;

	if (call->resource->pattern != PATTERN_SYNC)
		return service_succeed(answer, start_answer(&work->started));

	store_enter(&scope);
	is_adopted = execution_adopt_child(work->started.id);
	store_leave(&scope);
	if (!is_adopted)
		return SERVICE_PUT_OFF; /* it ran already, and is just being moved on */
	return adopted(call, work->started.id, &work->started, answer);
}

/* The task waits for the end of the child. */
static ServiceOutcome
adopted(const ServiceCall *call, int64 child, const StartedExecution *started, Event *answer)
{
	call->task->child_execution_id = child;
	(void) service_begin(call, TASK_CHILD, TASK_AWAITS_ANSWER, answer);
	answer->kind = EVENT_TASK_SUBMITTED;
	answer->value = start_answer(started);
	return SERVICE_BEGUN;
}

static ServiceOutcome
fail_as_aws(Event *answer, const ActionError *error)
{
	bool is_exception = strstr(error->code, "Exception") != NULL;

	return service_fail(answer, psprintf("StepFunctions.%s%s", error->code, is_exception ? "" : "Exception"), "%s",
						sdk_error_cause(error->aws_text, "AWSStepFunctions", 400, error->code, random_uuid()));
}

static int64
millis_of_epoch(TimestampTz moment)
{
	return (moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / 1000;
}

/* What the optimized integration shows of StartExecution's answer. */
static const JsonVal *
start_answer(const StartedExecution *started)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "ExecutionArn", jv_string(started->arn));
	sdk_answer_metadata(&answer, "application/x-amz-json-1.0", NULL, random_uuid());
	jv_object_add(&answer, "StartDate", jv_int(millis_of_epoch(started->start_date)));
	return jv_object_end(&answer);
}
