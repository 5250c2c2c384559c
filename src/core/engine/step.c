/*
 * step.c
 *	  One step of one branch: a state is entered or resumed, and left.
 *
 * What all states have in common is done here once: the Entered and Exited
 * events, input and output processing, Assign, Retry, Catch and the way to the
 * next state.  A step ends when the state waits for an event, or when the branch
 * stands before its next state (queued again) or has ended.  The end of a child
 * is a step of its parent, so failures and results rise through the tree by
 * calls; how deep is bounded by the nesting of the definition.
 */
#include "base/port.h"

#include "engine/branches.h"
#include "engine/context_object.h"
#include "engine/dataflow.h"
#include "engine/history.h"
#include "engine/retry_catch.h"
#include "engine/take_back.h"
#include "engine/variables.h"

static void take_outcome(StepContext *step, StepOutcome outcome);
static void scope_ended(StepContext *step, const JsonVal *output);
static void flow_failed(StepContext *step);

/* ---- the context of a step ---- */

static double
scope_random(const EvalScope *scope)
{
	const StepContext *step = scope->owner;

	return step->env->random(step->env);
}

static void
begin_at(StepContext *step, Execution *execution, Branch *branch, EngineEnv *env, TimestampTz now)
{
	/* in parts, which become a few stores each: one of the whole size is a slow string instruction */
	memset((char *) step + offsetof(StepContext, input), 0,
		   offsetof(StepContext, scope) - offsetof(StepContext, input));
	memset(&step->scope, 0, sizeof(step->scope));
	memset((char *) step + offsetof(StepContext, ended_child), 0, sizeof(*step) - offsetof(StepContext, ended_child));
	step->env = env;
	step->execution = execution;
	step->branch = branch;
	step->now = now;
	step->scope.input = branch->input;
	step->scope.context = context_object;
	step->scope.variable = variable_value;
	step->scope.random = scope_random;
	step->scope.budget = &env->budget;
	step->scope.now = now;
	step->scope.owner = step;
}

void
step_begin(StepContext *step, Execution *execution, Branch *branch, EngineEnv *env)
{
	begin_at(step, execution, branch, env, env->now(env));
	budget_begin(&env->budget, false);
}

void
step_begin_within(StepContext *inner, const StepContext *step, Branch *branch)
{
	begin_at(inner, step->execution, branch, step->env, step->now);
}

/* The step of the branch above, a part of the same transition. */
static void
begin_parent(StepContext *parent, const StepContext *child)
{
	step_begin_within(parent, child, child->branch->parent);
	parent->mark = child->mark;
	step_mark_parent(child->mark, parent->branch);
}

/* A transition begins, which may have to be taken back. */
static void
begin_transition(StepContext *step, StepMark *mark, Execution *execution, Branch *branch, EngineEnv *env)
{
	step_begin(step, execution, branch, env);
	if (env->budget.share > 0 || env->budget.is_stopped != NULL)
		step_mark(step, mark);
}

/* A step whose events did not fit into the history ends the execution. */
static void
end_of_room(StepContext *step)
{
	if (step->execution->status == EXECUTION_RUNNING)
		execution_fail(step, ERROR_RUNTIME,
					   psprintf("The execution reached the maximum number of history events (" INT64_FORMAT ").",
								step->env->max_history_events));
}

/* Does the event begin the state's work? */
static bool
is_entering(const Event *event)
{
	return event->kind == EVENT_CONTINUE || (event->kind == EVENT_TIMER_FIRED && event->timer == TIMER_RETRY);
}

/* What is known to be too much for where it would be done is not even begun there. */
static inline bool
is_too_heavy(StepContext *step, const Event *event)
{
	EngineEnv *env = step->env;

	if (env->budget.share == 0 || env->is_heavy == NULL ||
		!env->is_heavy(env, step->execution, step->branch->state, is_entering(event)))
		return false;
	step_take_back(step, event);
	return true;
}

/* Of the state that it began in; only a transition that could be taken back has noted that. */
static void
note_time(StepContext *step, const Event *event)
{
	EngineEnv *env = step->env;

	if (env->note_time == NULL || env->budget.verdict == BUDGET_STOPPED)
		return;
	if (env->budget.share == 0 || env->budget.verdict == BUDGET_OVER_SHARE)
		env->note_time(env, step->execution, step->mark->own.before.state, is_entering(event),
					   budget_time(&env->budget));
}

/* It ends; or it is taken back, to be done again by the event. */
static inline void
end_transition(StepContext *step, const Event *event)
{
	if (step->mark != NULL)
		note_time(step, event);
	if (budget_takes_back(&step->env->budget))
		step_take_back(step, event);
	else if (unlikely(step->execution->history_is_full))
		end_of_room(step);
}

/* ---- entering and resuming ---- */

/* A new visit: nothing of the last state is left in the branch. */
static void
begin_visit(StepContext *step)
{
	Branch *branch = step->branch;
	HistoryEvent event;

	branch->status = BRANCH_WAITING;
	branch->visit++;
	step->execution->counts.states_entered++;
	branch->map_run = NULL;
	branch->map_redrives = 0;
	branch->attempt = 0;
	branch->retry_counts = NULL;
	branch->entered_time = step->now;
	branch->is_changed = true;

	history_open_state(&event, step->execution, step->env, step->now, branch->state->type->entered_event,
					   "stateEnteredEventDetails", branch->last_event);
	history_state(&event, branch->state->name, "input", branch->input, NULL);
	branch->entered_after = branch->last_event;
	branch->entered_event = branch->last_event = history_close(&event);
}

/* Has a test done the state's work? */
static bool
stands_in(StepContext *step, StepOutcome *outcome)
{
	StepObserver *observer = step->env->observer;

	return observer != NULL && observer->stand_in != NULL && observer->stand_in(observer, step, outcome);
}

/* The state's work is begun: for the first time, or again. */
static void
begin_work(StepContext *step)
{
	Branch *branch = step->branch;
	const AslState *state = branch->state;
	StepOutcome outcome = STEP_FAILED;

	branch->kept = NULL;
	branch->task_started = false;
	branch->task_token = NULL;
	branch->heartbeat_due = 0;
	if (dataflow_input(step))
	{
		if (step->input != step->scope.input && !dataflow_fits(step, step->input))
			outcome = step_fail_too_large(step, state->name);
		else if (!stands_in(step, &outcome))
			outcome = state->type->enter(step, state);
	}
	take_outcome(step, outcome);
}

void
step_enter(Execution *execution, Branch *branch, EngineEnv *env)
{
	Event again = {.kind = EVENT_CONTINUE, .branch = branch->id};
	StepContext step;
	StepMark mark;

	begin_transition(&step, &mark, execution, branch, env);
	if (execution->is_deleted)
	{
		execution_fail(&step, ERROR_RUNTIME, psprintf("State machine %s has been deleted", execution->machine_name));
		return;
	}
	if (is_too_heavy(&step, &again))
		return;
	begin_visit(&step);
	begin_work(&step);
	end_transition(&step, &again);
}

void
step_begin_again(Execution *execution, Branch *branch, EngineEnv *env)
{
	Event again = {.kind = EVENT_TIMER_FIRED, .timer = TIMER_RETRY, .branch = branch->id, .visit = branch->visit};
	StepContext step;
	StepMark mark;

	again.attempt = branch->attempt;
	branch->status = BRANCH_DELAYED; /* where it stands if this is taken back */
	begin_transition(&step, &mark, execution, branch, env);
	if (is_too_heavy(&step, &again))
		return;
	branch->status = BRANCH_WAITING;
	branch->has_timers = false;
	begin_work(&step);
	end_transition(&step, &again);
}

/* The delay before a retry is over; false: the event is not its timer. */
static bool
resume_delayed(StepContext *step, const Event *event)
{
	if (event->kind != EVENT_TIMER_FIRED || event->timer != TIMER_RETRY)
		return false;
	step->branch->status = BRANCH_WAITING;
	step->branch->has_timers = false;
	step->branch->is_changed = true;
	begin_work(step);
	return true;
}

bool
step_resume(Execution *execution, Branch *branch, const Event *event, EngineEnv *env)
{
	const AslState *state = branch->state;
	StepContext step;
	StepMark mark;
	StepOutcome outcome;

	begin_transition(&step, &mark, execution, branch, env);
	if (is_too_heavy(&step, event))
		return true;
	if (branch->status == BRANCH_DELAYED)
	{
		if (!resume_delayed(&step, event))
			return false;
	}
	else
	{
		if (branch->status != BRANCH_WAITING || state->type->resume == NULL)
			return false;
		outcome = state->type->resume(&step, state, event);
		if (step.is_stale)
			return false;
		take_outcome(&step, outcome);
	}
	end_transition(&step, event);
	return true;
}

/* ---- leaving ---- */

/* The Exited event, and on. */
static void
leave_state(StepContext *step, const AslState *next, const JsonVal *output, const JsonVal *assigned)
{
	Branch *branch = step->branch;
	HistoryEvent event;

	branch_forget_joined(step);
	branch_clear(step->execution, branch);
	variables_store(step, assigned);
	history_open_state(&event, step->execution, step->env, step->now, branch->state->type->exited_event,
					   "stateExitedEventDetails", branch->last_event);
	history_state(&event, branch->state->name, "output", output, assigned);
	branch->last_event = history_close(&event);

	branch->is_changed = true;
	branch->kept = NULL;
	if (next == NULL)
	{
		scope_ended(step, output);
		return;
	}
	branch->state = next;
	if (branch->input != output)
	{
		branch->input = output;
		branch->input_changed = true;
	}
	branch_queue(step->execution, branch);
}

/* May this be a state's output?  If not, nothing can catch it. */
static bool
check_output(StepContext *step, const JsonVal *output)
{
	if (output->depth > SFN_MAX_DEPTH)
		(void) step_fail(step, ERROR_RUNTIME, "The output is nested more than %d levels deep.", SFN_MAX_DEPTH);
	else if (!dataflow_fits(step, output))
		(void) step_fail_too_large(step, step->branch->state->name);
	else
		return true;
	step->is_final = true;
	return false;
}

static bool
is_spent(const StepContext *step)
{
	return unlikely(step->env->budget.verdict != BUDGET_LEFT);
}

/* The state's work is done. */
static void
state_done(StepContext *step)
{
	const JsonVal *output;
	const JsonVal *assigned;

	if (dataflow_output(step, &output, &assigned) && !is_spent(step) && check_output(step, output))
		leave_state(step, (step->next != NULL) ? step->next : step->branch->state->next, output, assigned);
	else
		step_failed(step);
}

static void
take_outcome(StepContext *step, StepOutcome outcome)
{
	switch (outcome)
	{
		case STEP_DONE:
			state_done(step);
			break;
		case STEP_WAITING:
			break;
		case STEP_FAILED:
			step_failed(step);
			break;
		case STEP_ENDED:
			flow_failed(step);
			break;
	}
}

/* The last state of the branch's scope has been left. */
static void
scope_ended(StepContext *step, const JsonVal *output)
{
	Branch *branch = step->branch;
	StepContext parent;

	branch->status = BRANCH_FINISHED;
	branch->output = output;
	if (branch->parent == NULL)
	{
		execution_succeed(step, output);
		return;
	}
	begin_parent(&parent, step);
	parent.ended_child = branch;
	parent.branch->child_finished++;
	parent.branch->is_changed = true;
	take_outcome(&parent, parent.branch->state->type->resume(&parent, parent.branch->state, NULL));
}

/* ---- failing ---- */

/* JSONata: EvaluationFailed.  It stands beside the state's entry, not behind it. */
static void
tell_evaluation_failed(StepContext *step)
{
	Branch *branch = step->branch;
	int64 previous = branch->last_event;
	HistoryEvent event;

	if (previous == branch->entered_event && !step->failed_in_work)
		previous = branch->entered_after;
	history_open(&event, step->execution, step->env, step->now, HISTORY_EVALUATION_FAILED, previous);
	history_string(&event, "error", step->error.name);
	history_string(&event, "cause", step->error.cause);
	history_string(&event, "location", step->error.location);
	history_string(&event, "state", branch->state->name);
	branch->last_event = history_close(&event);
}

/* MapStateFailed, ParallelStateFailed. */
static void
tell_state_failed(StepContext *step)
{
	Branch *branch = step->branch;
	HistoryEventType type;

	if (branch->state->type == &state_type_map)
		type = HISTORY_MAP_STATE_FAILED;
	else if (branch->state->type == &state_type_parallel)
		type = HISTORY_PARALLEL_STATE_FAILED;
	else
		return;
	branch->last_event = history_add(step->execution, step->env, step->now, type, branch->last_event);
}

/* What the catcher of an error makes of it. */
typedef struct Caught
{
	const Catcher *catcher; /* NULL: nobody catches it */
	bool is_done;
	const JsonVal *output;
	const JsonVal *assigned;
	SfnError error; /* when that is not done */
} Caught;

/* The budget is spent: no state catches that. */
static void
fail_spent(StepContext *step)
{
	SfnError error;

	(void) budget_fail(&step->env->budget, &error);
	(void) step_fail(step, error.name, "%s", error.cause);
	step->is_final = true;
}

/* Evaluates the catcher, if one takes the error, before anything that cannot be taken back. */
static void
prepare_catch(StepContext *step, Caught *caught)
{
	SfnError error = step->error;

	memset(caught, 0, sizeof(*caught));
	if (retry_is_left(step) || (caught->catcher = catch_find(step)) == NULL)
		return;
	caught->is_done =
		dataflow_caught(step, caught->catcher, catch_error_output(step), &caught->output, &caught->assigned) &&
		!is_spent(step) && check_output(step, caught->output);
	if (is_spent(step))
		fail_spent(step);
	caught->error = step->error;
	step->error = error;
}

/* A catcher takes the error; false when its own processing fails (step->error is then that). */
static bool
catch_error(StepContext *step, const Caught *caught)
{
	if (!caught->is_done)
	{
		step->error = caught->error;
		if (step->error.is_evaluation)
			tell_evaluation_failed(step);
		return false;
	}
	step->execution->counts.errors_caught++;
	leave_state(step, caught->catcher->next, caught->output, caught->assigned);
	return true;
}

void
step_failed(StepContext *step)
{
	Caught caught;

	if (is_spent(step) && !step->is_final)
		fail_spent(step);
	if (step->env->observer != NULL && step->env->observer->failed != NULL)
		step->env->observer->failed(step->env->observer, step);
	prepare_catch(step, &caught);
	if (budget_takes_back(&step->env->budget))
		return;
	branch_forget_joined(step);
	if (step->branch->first_child != NULL)
		branch_abort_children(step, step->failed_child);
	if (step->error.is_evaluation)
		tell_evaluation_failed(step);
	if (retry_take(step))
	{
		step->branch->kept = NULL;
		return;
	}
	if (step->is_child_failure || step->error.is_evaluation)
		tell_state_failed(step);
	if (caught.catcher != NULL && step->env->observer != NULL && step->env->observer->catcher != NULL)
		step->env->observer->catcher(step->env->observer, (int) (caught.catcher - step->branch->state->catchers));
	if (caught.catcher == NULL || !catch_error(step, &caught))
		flow_failed(step);
}

/* The branch ends with step->error: so does the execution, or the state above fails. */
static void
flow_failed(StepContext *step)
{
	Branch *branch = step->branch;
	StepContext parent;

	if (budget_takes_back(&step->env->budget))
		return;
	if (branch->parent == NULL)
	{
		execution_fail(step, step->error.name, step->error.cause);
		return;
	}
	begin_parent(&parent, step);
	parent.error = step->error;
	parent.error.is_evaluation = false;
	parent.is_final = step->is_final;
	parent.is_heartbeat = step->is_heartbeat;
	parent.is_child_failure = true;
	parent.failed_child = branch;
	parent.branch->last_event = branch->last_event;
	step_failed(&parent);
}

/* ---- for state types ---- */

/* Puts AWS's beginning before the cause. */
static const char *
cause_of_state(const StepContext *step, const char *cause)
{
	if (step->env->observer != NULL && step->env->observer->bare_causes)
		return cause;
	return psprintf("An error occurred while executing the state '%s' (entered at the event id #" INT64_FORMAT "). %s",
					step->branch->state->name, step->branch->entered_event, cause);
}

StepOutcome
step_fail(StepContext *step, const char *error_name, const char *cause_format, ...)
{
	char *cause;
	va_list args;

	va_start(args, cause_format);
	cause = sfn_format(cause_format, args);
	va_end(args);
	memset(&step->error, 0, sizeof(step->error));
	step->error.name = error_name;
	step->error.position = -1;
	step->error.cause = cause_of_state(step, cause);
	return STEP_FAILED;
}

StepOutcome
step_fail_as_is(StepContext *step)
{
	step->error.cause = cause_of_state(step, (step->error.cause != NULL) ? step->error.cause : "");
	return STEP_FAILED;
}

const char *
step_too_large_cause(const char *name)
{
	return psprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes "
					"service limit.",
					name);
}

StepOutcome
step_fail_too_large(StepContext *step, const char *name)
{
	memset(&step->error, 0, sizeof(step->error));
	(void) sfn_error(&step->error, ERROR_DATA_LIMIT_EXCEEDED, "%s", step_too_large_cause(name));
	return STEP_FAILED;
}

const char *
step_quote(const JsonVal *value)
{
	return (value->type == JV_STRING) ? value->u.text : jv_to_text(value);
}

/* AWS's sentences for a field whose expression fails with the bare reason in error. */
static void
fail_field(StepContext *step, const ValueField *field, const SfnError *error)
{
	const Expression *expression = field->expression;

	switch (expression->kind)
	{
		case EXPRESSION_PATH:
			(void) step_fail(step, error->name, "Invalid path '%s' : %s", expression->source, error->cause);
			break;
		case EXPRESSION_INTRINSIC:
			(void) step_fail(step, error->name, "%s", error->cause);
			break;
		case EXPRESSION_JSONATA:
			(void) step_fail(step, error->name, "The JSONata expression '%s' specified for the field '%s' %s",
							 expression->source, expression->field, error->cause);
			step->error.is_evaluation = true;
			step->error.location = expression->field;
			break;
	}
}

bool
step_value(StepContext *step, const ValueField *field, const JsonVal **value)
{
	SfnError error = {0};

	*value = field->literal;
	if (field->expression == NULL)
		return true;
	if (expression_eval(field->expression, &step->scope, value, &error))
		return true;
	fail_field(step, field, &error);
	return false;
}

StepOutcome
step_fail_type(StepContext *step, const ValueField *field, const char *expected, const JsonVal *value)
{
	(void) step_fail(step, ERROR_QUERY_EVALUATION_ERROR,
					 "The JSONata expression '%s' specified for the field '%s' returned an unexpected result type. "
					 "Expected '%s', but was '%s' for value: %s",
					 field->expression->source, field->expression->field, expected, jv_type_name(value),
					 jv_to_text(value));
	step->error.is_evaluation = true;
	step->error.location = field->expression->field;
	return STEP_FAILED;
}

/* The field's name without "Path". */
static const char *
plain_name(const ValueField *field)
{
	int length = strlen(field->name);

	if (length > 4 && strcmp(field->name + length - 4, "Path") == 0)
		length -= 4;
	return pnstrdup(field->name, length);
}

/* AWS reads an integer from the text, so a string of digits will do and 1.0 will not. */
static bool
read_integer(const JsonVal *value, int64 *number)
{
	const char *text = value->u.text;
	char *end;

	if (value->type != JV_NUMBER && value->type != JV_STRING)
		return false;
	if (value->count == 0 || text[strspn(text, "+-0123456789")] != '\0')
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

bool
step_read_integer(const ValueField *field, const JsonVal *value, int64 *number)
{
	if (field->expression == NULL || field->expression->kind == EXPRESSION_JSONATA)
		return jv_to_int64(value, number);
	return read_integer(value, number);
}

bool
step_integer(StepContext *step, const ValueField *field, int64 minimum, int64 maximum, int64 *number)
{
	const JsonVal *value;
	bool is_jsonata;
	int64 n;

	if (!step_value(step, field, &value))
		return false;
	if (value == NULL)
		return true;

	is_jsonata = field->expression != NULL && field->expression->kind == EXPRESSION_JSONATA;
	if (step_read_integer(field, value, &n) && n >= minimum && n <= maximum)
	{
		*number = n;
		return true;
	}
	if (is_jsonata)
		(void) step_fail_type(step, field, "integer", value);
	else if (!step_read_integer(field, value, &n))
		(void) step_fail(step, ERROR_RUNTIME, "The %s field refers to value \"%s\" which is not a valid integer: %s",
						 field->name, step_quote(value), (field->expression != NULL) ? field->expression->source : "");
	else if (n < 0 && minimum == 0)
		(void) step_fail(step, ERROR_RUNTIME, "%s cannot be negative.", plain_name(field));
	else
		(void) step_fail(step, ERROR_RUNTIME, "%s must be between " INT64_FORMAT " and " INT64_FORMAT ".",
						 plain_name(field), minimum, maximum);
	return false;
}

Effect *
step_add_effect(StepContext *step, EffectKind kind)
{
	return execution_add_effect(step->execution, kind, step->branch);
}

void
step_set_timer(StepContext *step, TimerKind timer, TimestampTz due)
{
	Effect *effect = step_add_effect(step, EFFECT_SET_TIMER);

	effect->timer = timer;
	effect->due = due;
	step->branch->has_timers = true;
	step->branch->is_changed = true;
}

StepOutcome
step_done_on_timer(StepContext *step, const AslState *state, const Event *event)
{
	(void) state;
	if (event == NULL || event->kind != EVENT_TIMER_FIRED || event->timer != TIMER_WAIT)
	{
		step->is_stale = true;
		return STEP_WAITING;
	}
	step->branch->has_timers = false;
	if (!dataflow_select_input(step))
		return STEP_FAILED;
	step->result = step->scope.input;
	return STEP_DONE;
}
