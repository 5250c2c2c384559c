/*
 * step_functions.c
 *	  arn:aws:states:::states:startExecution: another state machine as a task.
 *
 * The execution is started by sfn.api() as the machine's role, in the turn's own
 * transaction: it exists exactly when the task has begun.  With ".sync" the task's
 * row names the execution, whose end answers the task (runtime/children.c).  Plain
 * starts, which cannot fail, need no call (child_start.c).
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

#include "aws/arn.h"
#include "base/error.h"
#include "services/sandbox.h"
#include "services/sql/sql_task.h"
#include "services/states/child_start.h"
#include "settings/random_uuid.h"
#include "store/executions.h"
#include "store/store.h"

typedef struct StartWork
{
	const JsonVal *request;
	const JsonVal *result;
} StartWork;

static const JsonVal *start_request(const JsonVal *parameters);
static void start_work(void *arg);
static ServiceOutcome started(const ServiceCall *call, const JsonVal *result, Event *answer);
static ServiceOutcome adopted(const ServiceCall *call, int64 child, const JsonVal *shown, Event *answer);
static ServiceOutcome fail_as_aws(Event *answer, const ErrorData *problem);
static int64 millis_of_epoch(TimestampTz moment);
static const JsonVal *start_answer(const char *arn, int64 start_millis);
static const JsonVal *start_answer_of(const JsonVal *result);

ServiceOutcome
service_run_start_execution(const ServiceCall *call, Event *answer)
{
	StartWork work = {.request = start_request(call->parameters)};
	Sandbox sandbox = {.role = call->role,
					   .is_alone = call->is_alone,
					   .is_session = call->is_session,
					   .is_inline = call->is_inline,
					   .is_last_try = call->is_last_try,
					   .timeout_ms = call->is_alone ? call->timeout_ms : call->share_ms,
					   .work = start_work,
					   .arg = &work};
	bool awaits_end = call->resource->pattern == PATTERN_SYNC;
	ChildStart child;
	ErrorData *problem;

	if (awaits_end && call->task == NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "The resource \"%s\" cannot be used by a synchronous execution.",
							call->resource->text);
	if (!call->is_alone && call->share_ms <= 0)
		return SERVICE_PUT_OFF;
	if (!call->is_inline && !call->is_last_try && child_start(work.request, call->role, awaits_end, &child))
	{
		const JsonVal *shown = start_answer(child.arn, millis_of_epoch(child.start_date));

		return awaits_end ? adopted(call, child.id, shown, answer) : service_succeed(answer, shown);
	}
	switch (sandbox_run(&sandbox, &problem))
	{
		case SANDBOX_DONE:
			return started(call, work.result, answer);
		case SANDBOX_TOO_LONG:
		case SANDBOX_RESTRICTED:
			return SERVICE_NEEDS_ALONE;
		case SANDBOX_PUT_OFF:
			return SERVICE_PUT_OFF;
		case SANDBOX_TIMED_OUT:
			(void) service_fail(answer, ERROR_TIMEOUT, "%s", "");
			answer->cause = NULL;
			return SERVICE_ANSWERED;
		case SANDBOX_FAILED:
			return fail_as_aws(answer, problem);
	}
	elog(ERROR, "unknown outcome of the start of an execution");
}

/* ---- the call ---- */

/* The parameters as StartExecution has them; an input that is no text goes as its JSON text. */
static const JsonVal *
start_request(const JsonVal *parameters)
{
	static const char *const members[][2] = {{"StateMachineArn", "stateMachineArn"},
											 {"Name", "name"},
											 {"TraceHeader", "traceHeader"}};
	const JsonVal *input = jv_get(parameters, "Input");
	JvObjectBuilder request;

	jv_object_begin(&request);
	for (int i = 0; i < (int) lengthof(members); i++)
	{
		const JsonVal *value = jv_get(parameters, members[i][0]);

		if (value != NULL)
			jv_object_add(&request, members[i][1], value);
	}
	if (input != NULL && input->type != JV_NULL)
		jv_object_add(&request, "input", input->type == JV_STRING ? input : jv_string(jv_to_text(input)));
	return jv_object_end(&request);
}

static void
start_work(void *arg)
{
	StartWork *work = arg;
	MemoryContext context = CurrentMemoryContext;
	Oid types[1] = {JSONOID};
	Datum args[1] = {sql_task_datum(work->request, JSONOID)};
	int outcome =
		SPI_execute_plan(sql_task_plan("SELECT sfn.api('StartExecution', $1)", 1, types), args, NULL, false, 0);
	bool is_null;

	MemoryContextSwitchTo(context);
	if (outcome != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not start an execution: %s", SPI_result_code_string(outcome));
	work->result = sql_task_value(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null), JSONOID);
}

/* ---- what came of it ---- */

/* The execution exists; with .sync its end will be the answer. */
static ServiceOutcome
started(const ServiceCall *call, const JsonVal *result, Event *answer)
{
	const char *text = jv_get_string(result, "executionArn");
	StoreScope scope;
	char *problem;
	Arn arn;
	int64 child;

	if (call->resource->pattern != PATTERN_SYNC)
		return service_succeed(answer, start_answer_of(result));

	if (text == NULL || !arn_parse(text, &arn, &problem))
		elog(ERROR, "StartExecution answered without the ARN of an execution");
	store_enter(&scope);
	child = execution_adopt_child(arn.name, arn.rest);
	store_leave(&scope);
	if (child == 0)
		return SERVICE_PUT_OFF; /* it ran already, and is just being moved on */
	return adopted(call, child, start_answer_of(result), answer);
}

/* The task waits for the end of the child. */
static ServiceOutcome
adopted(const ServiceCall *call, int64 child, const JsonVal *shown, Event *answer)
{
	call->task->child_execution_id = child;
	(void) service_begin(call, TASK_CHILD, TASK_AWAITS_ANSWER, answer);
	answer->kind = EVENT_TASK_SUBMITTED;
	answer->value = shown;
	return SERVICE_BEGUN;
}

static const JsonVal *
new_request_id(void)
{
	return jv_string(random_uuid());
}

/* "ExecutionAlreadyExists: text" becomes AWS's error and cause. */
static ServiceOutcome
fail_as_aws(Event *answer, const ErrorData *problem)
{
	const char *message = problem->message != NULL ? problem->message : "";
	const char *colon = strstr(message, ": ");
	const char *code = colon != NULL ? pnstrdup(message, colon - message) : "Internal";

	if (colon == NULL || strchr(code, ' ') != NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "%s", message);
	return service_fail(answer,
						psprintf("StepFunctions.%s%s", code, strstr(code, "Exception") != NULL ? "" : "Exception"),
						"%s (Service: AWSStepFunctions; Status Code: 400; Error Code: %s; Request ID: %s; Proxy: null)",
						colon + 2, code, new_request_id()->u.text);
}

static const JsonVal *
start_answer_of(const JsonVal *result)
{
	const JsonVal *start_date = jv_get(result, "startDate");

	return start_answer(jv_get_string(result, "executionArn"),
						start_date != NULL ? (int64) rint(start_date->number * 1000.0) : 0);
}

static int64
millis_of_epoch(TimestampTz moment)
{
	return (moment + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY) / 1000;
}

/* What the optimized integration shows of StartExecution's answer. */
static const JsonVal *
start_answer(const char *arn, int64 start_millis)
{
	const JsonVal *request_id = new_request_id();
	JvObjectBuilder headers;
	JvObjectBuilder http;
	JvObjectBuilder metadata;
	JvObjectBuilder answer;

	jv_object_begin(&headers);
	jv_object_add(&headers, "Content-Type", jv_string("application/x-amz-json-1.0"));
	jv_object_add(&headers, "x-amzn-RequestId", request_id);
	jv_object_begin(&http);
	jv_object_add(&http, "HttpHeaders", jv_object_end(&headers));
	jv_object_add(&http, "HttpStatusCode", jv_int(200));
	jv_object_begin(&metadata);
	jv_object_add(&metadata, "RequestId", request_id);

	jv_object_begin(&answer);
	jv_object_add(&answer, "ExecutionArn", jv_string(arn));
	jv_object_add(&answer, "SdkHttpMetadata", jv_object_end(&http));
	jv_object_add(&answer, "SdkResponseMetadata", jv_object_end(&metadata));
	jv_object_add(&answer, "StartDate", jv_int(start_millis));
	return jv_object_end(&answer);
}
