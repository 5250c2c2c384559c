/*
 * test_machine.c
 *	  A whole machine run against mocks, in memory, on a clock that jumps.
 *
 * A Parallel or Map without a mock runs its branches; a Task without one is a
 * mistake of the test and ends it.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "aws/arn.h"
#include "engine/engine.h"
#include "engine/step.h"
#include "testing/mocks.h"
#include "testing/test_state.h"

#define MAX_EVENTS 25000 /* of the history: AWS's limit */

typedef struct PendingEvent
{
	struct PendingEvent *next;
	Event event;
	TimestampTz due;
} PendingEvent;

typedef struct MachineTest
{
	EngineEnv env;
	StepObserver observer;
	Execution x;
	const TestMachineRequest *request;
	TimestampTz now;
	Mocks *mocks;
	PendingEvent *pending; /* by due time, then as they came */
	StringInfoData history;
	char *problem;
} MachineTest;

/* ---- mocks ---- */

/* Of a mock that nothing would ask, which may be a mistake, or for another machine; NULL: there is none. */
static char *
describe_stray(const Mocks *mocks, const AslMachine *machine)
{
	const char *nearest = NULL;
	const char *stray = mocks_stray(mocks, machine, &nearest);

	if (stray == NULL)
		return NULL;
	return psprintf("There is no Task, Map or Parallel state \"%s\" that could be mocked, and no such resource%s%s%s.",
					stray, nearest != NULL ? "; perhaps \"" : "", nearest != NULL ? nearest : "",
					nearest != NULL ? "\" is meant" : "");
}

/* The work of a Parallel or Map that has a mock. */
static bool
stand_in(StepObserver *observer, StepContext *step, StepOutcome *outcome)
{
	MachineTest *test = observer->owner;
	const AslState *state = step->branch->state;
	const JsonVal *answer;

	if (state->type != &state_type_parallel && state->type != &state_type_map)
		return false;
	answer = mocks_answer(test->mocks, state->name);
	if (answer == NULL)
		return false;
	step->result = jv_get(answer, "result");
	if (step->result != NULL)
	{
		*outcome = STEP_DONE;
		return true;
	}
	step->error.name = jv_get_string(answer, "error");
	step->error.cause = jv_get_string(answer, "cause");
	*outcome = STEP_FAILED;
	return true;
}

/* ---- events to come ---- */

static void
send(MachineTest *test, const Event *event, TimestampTz due)
{
	PendingEvent **place = &test->pending;
	PendingEvent *pending = palloc(sizeof(PendingEvent));

	while (*place != NULL && (*place)->due <= due)
		place = &(*place)->next;
	pending->event = *event;
	pending->due = due;
	pending->next = *place;
	*place = pending;
}

static void
send_timer(MachineTest *test, const Effect *effect, TimerKind timer, TimestampTz due)
{
	Event event = {.kind = EVENT_TIMER_FIRED,
				   .timer = timer,
				   .branch = effect->branch->id,
				   .visit = effect->visit,
				   .attempt = effect->attempt};

	send(test, &event, due);
}

static bool
run_task(MachineTest *test, const Effect *effect)
{
	Event event = {.branch = effect->branch->id, .visit = effect->visit, .attempt = effect->attempt};
	const char *state = effect->task->base.name;
	const JsonVal *answer;
	int64 delay;

	if (!engine_awaits(&test->x, event.branch, event.visit, event.attempt))
		return true;
	answer = mocks_answer(test->mocks, state);
	if (answer == NULL)
		answer = mocks_answer(test->mocks, effect->task->resource.text);
	if (answer == NULL)
	{
		test->problem = psprintf("the state \"%s\" has no mock", state);
		return false;
	}
	if (effect->timeout_seconds > 0)
		send_timer(test, effect, TIMER_TASK, test->now + effect->timeout_seconds * USECS_PER_SEC);
	if (effect->heartbeat_seconds > 0)
		send_timer(test, effect, TIMER_HEARTBEAT, test->now + effect->heartbeat_seconds * USECS_PER_SEC);
	mock_event(answer, &event, &delay);
	send(test, &event, test->now + delay);
	return true;
}

/* False: a state has no mock. */
static bool
apply_effects(MachineTest *test)
{
	Effect *effect = test->x.first_effect;

	test->x.first_effect = test->x.last_effect = NULL;
	for (; effect != NULL; effect = effect->next)
	{
		if (effect->kind == EFFECT_RUN_TASK && !run_task(test, effect))
			return false;
		if (effect->kind == EFFECT_RUN_MAP)
		{
			test->problem = psprintf("the state \"%s\" has no mock", effect->branch->state->name);
			return false;
		}
		if (effect->kind == EFFECT_SET_TIMER)
			send_timer(test, effect, effect->timer, effect->due);
		/* what EFFECT_CLEAR voids is stale when it comes */
	}
	return true;
}

static void
take_history(MachineTest *test)
{
	for (HistoryChunk *chunk = test->x.first_chunk; chunk != NULL; chunk = chunk->next)
	{
		if (test->history.len > 1)
			appendStringInfoChar(&test->history, ',');
		appendBinaryStringInfo(&test->history, chunk->events.data, chunk->events.len);
	}
	test->x.first_chunk = test->x.last_chunk = NULL;
}

/* ---- running ---- */

static TimestampTz
machine_now(EngineEnv *env)
{
	return ((MachineTest *) env->owner)->now;
}

static const char *
machine_token(EngineEnv *env, Execution *execution, Branch *branch)
{
	(void) env;
	(void) execution;
	return psprintf("token-%d-%d-%d", branch->id, branch->visit, branch->attempt);
}

static void
begin_test(MachineTest *test)
{
	const TestMachineRequest *request = test->request;
	Execution *x = &test->x;

	test->now = request->setting.now;
	test->env.now = machine_now;
	test->env.task_token = machine_token;
	test->env.max_history_events = request->max_history_events > 0 ? request->max_history_events : MAX_EVENTS;
	test->env.max_map_concurrency = request->max_map_concurrency;
	test->env.max_chunk_bytes = 65536;
	test->env.observer = &test->observer;
	test->env.owner = test;
	test->observer.stand_in = stand_in;
	test->observer.owner = test;
	initStringInfo(&test->history);
	appendStringInfoChar(&test->history, '[');

	test_execution_begin(x, &test->env, &request->setting, request->machine, "TestMachine", request->input);
	x->keeps_history = true;
	x->includes_data = true;
}

/* Delivers one event; false: a state has no mock. */
static bool
deliver(MachineTest *test, const Event *event)
{
	(void) engine_deliver(&test->x, event, &test->env);
	take_history(test);
	return apply_effects(test);
}

/* From the start to the end; false: test->problem says why it cannot go on. */
static bool
run(MachineTest *test)
{
	Event start = {.kind = EVENT_START};

	if (!deliver(test, &start))
		return false;
	while (test->x.status == EXECUTION_RUNNING)
	{
		PendingEvent *next = test->pending;

		SFN_CHECK_INTERRUPTS();
		if (next == NULL)
		{
			test->problem = "the execution waits for something that never comes";
			return false;
		}
		test->pending = next->next;
		test->now = Max(test->now, next->due);
		if (!deliver(test, &next->event))
			return false;
	}
	return true;
}

static const JsonVal *
outcome_of(MachineTest *test)
{
	JvObjectBuilder outcome;
	JvParseError error;

	appendStringInfoChar(&test->history, ']');
	jv_object_begin(&outcome);
	jv_object_add(&outcome, "status", jv_string(execution_status_name(test->x.status)));
	if (test->x.output != NULL)
		jv_object_add(&outcome, "output", test->x.output);
	if (test->x.error != NULL)
		jv_object_add(&outcome, "error", jv_string(test->x.error));
	if (test->x.cause != NULL)
		jv_object_add(&outcome, "cause", jv_string(test->x.cause));
	jv_object_add(&outcome, "history", jv_parse(test->history.data, test->history.len, &error));
	return jv_object_end(&outcome);
}

const JsonVal *
test_machine_run(const TestMachineRequest *request, char **problem, char **stray)
{
	MachineTest *test = palloc0(sizeof(MachineTest));

	*problem = *stray = NULL;
	test->request = request;
	begin_test(test);
	test->mocks = mocks_read(request->mocks, &test->problem);
	if (test->mocks != NULL)
		*stray = describe_stray(test->mocks, request->machine);
	if (test->mocks == NULL || !run(test))
	{
		*problem = test->problem;
		return NULL;
	}
	return outcome_of(test);
}
