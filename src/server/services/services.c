/*
 * services.c
 *	  The one way into the services.
 *
 * Which there are, and what a definition may ask of them, is in asl/service_list.h;
 * from the same rows comes who runs them.
 */
#include "postgres.h"

#include "utils/syscache.h"

#include "asl/service.h"
#include "base/error.h"
#include "services/service.h"

typedef ServiceOutcome (*ServiceRun)(const ServiceCall *call, Event *answer);

/* By the place of a row: who runs it. */
#define RUN_IN_TURN(name) service_run_##name
#define RUN_IN_WORKER(name) service_run_##name
#define RUN_AWS(name) service_run_ours_or_aws
#define RUN_OUTSIDE(name) service_run_##name

static const ServiceRun runs[SERVICE_COUNT] = {
#define SERVICE(name, resource, patterns, place, arguments) [SERVICE_##name] = RUN_##place(name),
#define FORM(name, kind, resource, patterns, place) [SERVICE_##name] = RUN_##place(name),
#include "asl/service_list.h"
};

ServiceOutcome
service_call(const ServiceCall *call, Event *answer)
{
	const ServiceRow *row = call->resource->row;

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(call->role)))
		return service_fail(answer, ERROR_PERMISSIONS, "The role of the state machine does not exist any more.");
	if (row != NULL && runs[row->id] != NULL)
		return runs[row->id](call, answer);
	return service_fail(answer, ERROR_TASK_FAILED,
						"The service of the resource \"%s\" is not available in this database.", call->resource->text);
}

ServiceOutcome
service_begin(const ServiceCall *call, TaskKind kind, TaskRowState state, Event *answer)
{
	if (call->task == NULL)
		return service_fail(answer, ERROR_TASK_FAILED, "The resource \"%s\" cannot be used by a synchronous execution.",
							call->resource->text);
	memset(answer, 0, sizeof(Event));
	call->task->kind = kind;
	call->task->state = state;
	if (call->task->parameters == NULL)
		call->task->parameters = jv_to_text(call->parameters);
	return SERVICE_BEGUN;
}

/* What the sandbox of a task says beside that it is done, or has failed. */
static ServiceOutcome
not_finished(SandboxOutcome outcome, Event *answer)
{
	switch (outcome)
	{
		case SANDBOX_TOO_LONG:
		case SANDBOX_RESTRICTED:
			return SERVICE_NEEDS_ALONE;
		case SANDBOX_TIMED_OUT:
			(void) service_fail(answer, ERROR_TIMEOUT, "%s", "");
			answer->cause = NULL;
			return SERVICE_ANSWERED;
		default:
			return SERVICE_PUT_OFF;
	}
}

Sandbox
service_sandbox_of(const ServiceCall *call, void (*work)(void *arg), void *arg)
{
	return (Sandbox){.role = call->role,
					 .is_alone = call->is_alone,
					 .is_session = call->is_session,
					 .is_inline = call->is_inline,
					 .is_last_try = call->is_last_try,
					 .is_limited = call->is_limited,
					 .timeout_ms = call->is_alone ? call->timeout_ms : call->share_ms,
					 .work = work,
					 .arg = arg};
}

/*
 * Deadlocks and the like over tables of ours are nobody's failure: the task is done again.  A session's transaction is the
 * caller's, who sees them.
 */
static bool
is_conflict(const ServiceCall *call, const ErrorData *problem)
{
	return !call->is_session && !call->is_inline &&
		ERRCODE_TO_CATEGORY(problem->sqlerrcode) == ERRCODE_TRANSACTION_ROLLBACK;
}

bool
service_sandbox(const ServiceCall *call, void (*work)(void *arg), void *arg, ErrorData **problem,
				ServiceOutcome *outcome, Event *answer)
{
	Sandbox sandbox = service_sandbox_of(call, work, arg);
	SandboxOutcome end;

	*problem = NULL;
	*outcome = SERVICE_PUT_OFF;
	if (!call->is_alone && call->share_ms <= 0)
		return false;
	end = sandbox_run(&sandbox, problem);
	if (end == SANDBOX_FAILED && is_conflict(call, *problem))
	{
		if (call->is_alone)
			ReThrowError(*problem);
		return false;
	}
	if (end == SANDBOX_DONE || end == SANDBOX_FAILED)
		return true;
	*outcome = not_finished(end, answer);
	return false;
}

ServiceOutcome
service_succeed(Event *answer, const JsonVal *value)
{
	memset(answer, 0, sizeof(Event));
	answer->kind = EVENT_TASK_SUCCEEDED;
	answer->value = value;
	return SERVICE_ANSWERED;
}

ServiceOutcome
service_fail(Event *answer, const char *error, const char *cause_format, ...)
{
	char *cause;
	va_list args;

	va_start(args, cause_format);
	cause = sfn_format(cause_format, args);
	va_end(args);
	memset(answer, 0, sizeof(Event));
	answer->kind = EVENT_TASK_FAILED;
	answer->error = error;
	answer->cause = cause;
	return SERVICE_ANSWERED;
}
