/*
 * retry_catch.c
 *	  Which retrier or catcher an error finds, and what follows from it.
 *
 * States.ALL and States.TaskFailed are wildcards with exceptions: nothing takes
 * States.Runtime, and States.TaskFailed leaves time-outs to others.  A missed
 * heartbeat is reported as States.Timeout; States.HeartbeatTimeout is a name for
 * Retry and Catch only.
 */
#include "base/port.h"

#include <math.h>

#include "engine/branches.h"
#include "engine/retry_catch.h"

#define MAX_DELAY_SECONDS 31622400.0 /* a year: a longer delay never ends within an execution */

static bool
name_matches(const char *listed, const StepContext *step)
{
	const char *name = step->error.name;

	if (strcmp(listed, ERROR_ALL) == 0)
		return true;
	if (name == NULL)
		return false;
	if (strcmp(listed, ERROR_TASK_FAILED) == 0)
		return strcmp(name, ERROR_TIMEOUT) != 0;
	if (strcmp(listed, ERROR_HEARTBEAT_TIMEOUT) == 0 && step->is_heartbeat)
		return true;
	return strcmp(listed, name) == 0;
}

static bool
list_matches(const ErrorList *errors, const StepContext *step)
{
	for (int i = 0; i < errors->count; i++)
	{
		if (name_matches(errors->names[i], step))
			return true;
	}
	return false;
}

/* Errors that end the execution whatever Retry and Catch say. */
static bool
is_untouchable(const StepContext *step)
{
	return step->is_final || (step->error.name != NULL && strcmp(step->error.name, ERROR_RUNTIME) == 0);
}

/* How long to wait before retry number n (from 1), in microseconds. */
static int64
delay_before(StepContext *step, const Retrier *retrier, int n)
{
	double seconds = retrier->interval_seconds * pow(retrier->backoff_rate, n - 1);

	if (retrier->max_delay_seconds > 0 && !(seconds < retrier->max_delay_seconds))
		seconds = retrier->max_delay_seconds;
	if (!(seconds < MAX_DELAY_SECONDS))
		seconds = MAX_DELAY_SECONDS;
	if (retrier->full_jitter)
		seconds *= step->env->random(step->env);
	if (step->retry_after > seconds)
		seconds = step->retry_after;
	if (retrier->max_delay_seconds > 0 && seconds > retrier->max_delay_seconds)
		seconds = retrier->max_delay_seconds;
	return (int64) (seconds * USECS_PER_SEC);
}

/* The count of one retrier in this visit, one higher. */
static int
count_retry(Branch *branch, int retrier)
{
	if (branch->retry_counts == NULL)
		branch->retry_counts = palloc0(branch->state->retrier_count * sizeof(int));
	return ++branch->retry_counts[retrier];
}

static void
show_retrier(StepContext *step, int index, double seconds)
{
	StepObserver *observer = step->env->observer;

	if (observer != NULL && observer->retrier != NULL)
		observer->retrier(observer, index, seconds);
}

/* The retrier that the error finds; negative: none. */
static int
retrier_find(const StepContext *step)
{
	const AslState *state = step->branch->state;

	if (is_untouchable(step))
		return -1;
	for (int i = 0; i < state->retrier_count; i++)
	{
		if (list_matches(&state->retriers[i].errors, step))
			return i;
	}
	return -1;
}

static bool
is_used_up(const Branch *branch, int retrier)
{
	int made = (branch->retry_counts != NULL) ? branch->retry_counts[retrier] : 0;

	return made >= branch->state->retriers[retrier].max_attempts;
}

bool
retry_is_left(const StepContext *step)
{
	int retrier = retrier_find(step);

	return retrier >= 0 && !is_used_up(step->branch, retrier);
}

bool
retry_take(StepContext *step)
{
	Branch *branch = step->branch;
	int retrier = retrier_find(step);
	int64 delay;

	if (retrier < 0)
		return false;
	if (is_used_up(branch, retrier))
	{
		show_retrier(step, retrier, -1);
		return false;
	}
	branch_clear(step->execution, branch);
	step->execution->counts.retries++;
	branch->attempt++;
	branch->status = BRANCH_DELAYED;
	branch->is_changed = true;
	delay = delay_before(step, &branch->state->retriers[retrier], count_retry(branch, retrier));
	show_retrier(step, retrier, delay / (double) USECS_PER_SEC);
	step_set_timer(step, TIMER_RETRY, step->now + delay);
	return true;
}

const Catcher *
catch_find(const StepContext *step)
{
	const AslState *state = step->branch->state;

	if (is_untouchable(step))
		return NULL;
	for (int i = 0; i < state->catcher_count; i++)
	{
		if (list_matches(&state->catchers[i].errors, step))
			return &state->catchers[i];
	}
	return NULL;
}

const JsonVal *
catch_error_output(const StepContext *step)
{
	const char *name = step->error.name;
	const char *cause = step->error.cause;
	JvObjectBuilder builder;

	/* A time-out has an empty cause here, and none in history. */
	if (cause == NULL && name != NULL && strcmp(name, ERROR_TIMEOUT) == 0)
		cause = "";

	jv_object_begin(&builder);
	jv_object_add(&builder, "Error", (name != NULL) ? jv_string(name) : jv_null());
	jv_object_add(&builder, "Cause", (cause != NULL) ? jv_string(cause) : jv_null());
	return jv_object_end(&builder);
}
