/*
 * engine.c
 *	  The one door into the engine, and the end of executions.
 *
 * An event is matched to the branch, visit and attempt it answers; then all
 * branches that can go on are advanced in turn, one state each, so that no
 * branch of a Parallel or Map starves another.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "engine/branches.h"
#include "engine/engine.h"
#include "engine/history.h"
#include "engine/redrive.h"

/* What AWS grants an EXPRESS execution. */
#define EXPRESS_SECONDS 300

Effect *
execution_add_effect(Execution *execution, EffectKind kind, Branch *branch)
{
	Effect *effect = palloc0(sizeof(Effect));

	effect->kind = kind;
	effect->branch = branch;
	effect->visit = branch->visit;
	effect->attempt = branch->attempt;
	if (execution->last_effect != NULL)
		execution->last_effect->next = effect;
	else
		execution->first_effect = effect;
	execution->last_effect = effect;
	return effect;
}

Effect *
execution_take_effect(Execution *execution)
{
	Effect *effect = execution->first_effect;

	if (effect == NULL)
		return NULL;
	execution->first_effect = effect->next;
	if (execution->first_effect == NULL)
		execution->last_effect = NULL;
	return effect;
}

/* ---- the end of an execution ---- */

static void
end_execution(Execution *execution, ExecutionStatus status, const char *error, const char *cause)
{
	execution->status = status;
	execution->error = error;
	execution->cause = cause;
	execution->has_ready_branches = false;
	if (status != EXECUTION_SUCCEEDED && execution->main != NULL && execution->main->state != NULL)
		execution->kept = branch_keep(execution->main);
	if (execution->main != NULL)
		branch_remove(execution, execution->main);
}

static void
end_failed(Execution *execution, EngineEnv *env, TimestampTz now, int64 previous, const char *error, const char *cause)
{
	(void) history_add_error(execution, env, now, HISTORY_EXECUTION_FAILED, previous, error, cause);
	end_execution(execution, EXECUTION_FAILED, error, cause);
}

void
execution_fail(StepContext *step, const char *error, const char *cause)
{
	end_failed(step->execution, step->env, step->now, step->branch->last_event, error, cause);
}

void
execution_succeed(StepContext *step, const JsonVal *output)
{
	Execution *execution = step->execution;
	HistoryEvent event;

	if (execution->history_is_full)
		return; /* the end of the step sees to it */
	history_open(&event, execution, step->env, step->now, HISTORY_EXECUTION_SUCCEEDED, step->branch->last_event);
	history_data(&event, "output", output);
	(void) history_close(&event);
	execution->output = output;
	end_execution(execution, EXECUTION_SUCCEEDED, NULL, NULL);
}

/* ---- the events ---- */

/* ExecutionStarted and the main branch. */
static void
start_execution(Execution *execution, EngineEnv *env)
{
	TimestampTz now = env->now(env);
	HistoryEvent event;

	history_open(&event, execution, env, now, HISTORY_EXECUTION_STARTED, 0);
	if (execution->input_text != NULL)
		history_data_text(&event, "input", execution->input_text);
	else
		history_data(&event, "input", execution->input);
	history_string(&event, "roleArn", execution->role_arn);
	history_string(&event, "stateMachineAliasArn", execution->machine_alias_arn);
	history_string(&event, "stateMachineVersionArn", execution->machine_version_arn);
	(void) history_close(&event);

	(void) branch_start(execution, NULL, &execution->machine->top, 0, execution->input, 0);
}

/* An execution that ends before it began has begun, too; one that could not be restored has a history already. */
static void
ensure_started(Execution *execution, EngineEnv *env)
{
	if (execution->main == NULL && execution->machine != NULL && execution->last_event_id == 0)
		start_execution(execution, env);
}

/* After how many seconds the execution times out; 0: never. */
static int64
time_limit(const AslMachine *machine)
{
	if (!machine->is_express)
		return machine->timeout_seconds;
	return machine->timeout_seconds > 0 ? Min(machine->timeout_seconds, EXPRESS_SECONDS) : EXPRESS_SECONDS;
}

void
execution_set_time_limit(Execution *execution, TimestampTz from)
{
	int64 seconds = time_limit(execution->machine);
	Effect *effect;

	if (seconds == 0)
		return;
	effect = execution_add_effect(execution, EFFECT_SET_TIMER, execution->main);
	effect->timer = TIMER_EXECUTION;
	effect->visit = execution->redrive_count;
	effect->due = from + seconds * USECS_PER_SEC;
}

TimestampTz
execution_deadline(const Execution *execution)
{
	int64 seconds = time_limit(execution->machine);

	return seconds > 0 ? Max(execution->start_time, execution->redrive_time) + seconds * USECS_PER_SEC : 0;
}

int32
execution_run(const Execution *execution)
{
	return execution->redrive_count + 1;
}

bool
deliver_start(Execution *execution, const Event *event, EngineEnv *env)
{
	(void) event;
	if (execution->main != NULL)
		return false;
	start_execution(execution, env);
	execution_set_time_limit(execution, execution->start_time);
	return true;
}

static bool
deliver_continue(Execution *execution, const Event *event, EngineEnv *env)
{
	Branch *first = branch_find(execution, event->branch);

	(void) env;
	if (first != NULL)
		branch_queue_first(execution, first);
	return branch_any_ready(execution);
}

/* To the branch that waits for it, if there still is one. */
static bool
deliver_to_branch(Execution *execution, const Event *event, EngineEnv *env)
{
	Branch *branch = branch_find(execution, event->branch);

	if (branch == NULL || branch->visit != event->visit || branch->attempt != event->attempt)
		return false;
	return step_resume(execution, branch, event, env);
}

static bool
deliver_timer(Execution *execution, const Event *event, EngineEnv *env)
{
	if (event->timer != TIMER_EXECUTION)
		return deliver_to_branch(execution, event, env);
	if (event->visit != execution->redrive_count)
		return false; /* of the time before a redrive */

	/* History shows the error; the execution has neither error nor cause. */
	(void) history_add_error(execution, env, env->now(env), HISTORY_EXECUTION_TIMED_OUT, 0, ERROR_TIMEOUT, NULL);
	end_execution(execution, EXECUTION_TIMED_OUT, NULL, NULL);
	return true;
}

static bool
deliver_stop(Execution *execution, const Event *event, EngineEnv *env)
{
	if (event->visit != STOP_ANY_RUN && event->visit != execution_run(execution))
		return false;
	ensure_started(execution, env);
	(void) history_add_error(execution, env, env->now(env), HISTORY_EXECUTION_ABORTED, 0, event->error, event->cause);
	end_execution(execution, EXECUTION_ABORTED, event->error, event->cause);
	return true;
}

static bool
deliver_machine_deleted(Execution *execution, const Event *event, EngineEnv *env)
{
	(void) event;
	(void) env;
	if (execution->is_deleted)
		return false;
	execution->is_deleted = true;
	return true;
}

typedef bool (*EventHandler)(Execution *execution, const Event *event, EngineEnv *env);

/* Events without a row are the runtime's. */
static const EventHandler handlers[] = {
	[EVENT_START] = deliver_start,
	[EVENT_CONTINUE] = deliver_continue,
	[EVENT_TIMER_FIRED] = deliver_timer,
	[EVENT_TASK_STARTED] = deliver_to_branch,
	[EVENT_TASK_SUBMITTED] = deliver_to_branch,
	[EVENT_TASK_SUCCEEDED] = deliver_to_branch,
	[EVENT_TASK_FAILED] = deliver_to_branch,
	[EVENT_TASK_HEARTBEAT] = deliver_to_branch,
	[EVENT_STOP] = deliver_stop,
	[EVENT_MACHINE_DELETED] = deliver_machine_deleted,
	[EVENT_REDRIVE] = deliver_redrive,
};

/* Enters states until no branch can go on, or the caller's share of time is used up. */
static void
advance(Execution *execution, EngineEnv *env)
{
	bool is_first = true;

	while (execution->status == EXECUTION_RUNNING && execution->first_taken_back == NULL && branch_any_ready(execution))
	{
		if (!is_first && env->must_yield != NULL && env->must_yield(env))
			break;
		is_first = false;
		SFN_CHECK_INTERRUPTS();
		step_enter(execution, branch_next_ready(execution), env);
	}
	execution->has_ready_branches = execution->status == EXECUTION_RUNNING && branch_any_ready(execution);
}

bool
engine_deliver(Execution *execution, const Event *event, EngineEnv *env)
{
	EventHandler handler = NULL;

	if (execution->status != EXECUTION_RUNNING && event->kind != EVENT_REDRIVE)
		return false;
	if ((int) event->kind >= 0 && (int) event->kind < (int) lengthof(handlers))
		handler = handlers[event->kind];

	execution->printed_value = NULL;
	if (handler == NULL || !handler(execution, event, env))
		return false;
	if (!event->stop_follows)
		advance(execution, env);
	return true;
}

bool
engine_awaits(const Execution *execution, int32 branch_id, int32 visit, int32 attempt)
{
	const Branch *branch = branch_find(execution, branch_id);

	return execution->status == EXECUTION_RUNNING && branch != NULL && branch->status == BRANCH_WAITING &&
		branch->visit == visit && branch->attempt == attempt;
}

void
engine_fail(Execution *execution, const char *error, const char *cause, EngineEnv *env)
{
	if (execution->status != EXECUTION_RUNNING)
		return;
	execution->printed_value = NULL;
	ensure_started(execution, env);
	end_failed(execution, env, env->now(env), (execution->main != NULL) ? execution->main->last_event : 0, error,
			   cause);
}
