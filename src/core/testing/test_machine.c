/*
 * test_machine.c
 *	  A whole machine run against mocks, in memory, on a clock that jumps.
 *
 * Mocks are an object whose members are named like a state or like a Task's
 * resource; the state's name wins.  A mock is {"result": value}, or
 * {"error": name, "cause": text}, either with "seconds": how long the work takes on
 * the test's clock; or an array of such answers, one for each call, of which the
 * last one stays.  A Parallel or Map without a mock runs its branches; a Task
 * without one is a mistake of the test and ends it.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "aws/arn.h"
#include "engine/engine.h"
#include "engine/step.h"
#include "testing/test_state.h"

#define MAX_EVENTS 25000 /* of the history: AWS's limit */

typedef struct PendingEvent
{
	struct PendingEvent *next;
	Event event;
	TimestampTz due;
} PendingEvent;

/* A mock and how often it was asked. */
typedef struct Mock
{
	const char *name;
	const JsonVal *answers;
	int calls;
} Mock;

typedef struct MachineTest
{
	EngineEnv env;
	StepObserver observer;
	Execution x;
	const TestMachineRequest *request;
	TimestampTz now;
	Mock *mocks;
	int mock_count;
	PendingEvent *pending; /* by due time, then as they came */
	StringInfoData history;
	char *problem;
} MachineTest;

/* ---- mocks ---- */

static Mock *
find_mock(MachineTest *test, const char *name)
{
	for (int i = 0; i < test->mock_count; i++)
	{
		if (strcmp(test->mocks[i].name, name) == 0)
			return &test->mocks[i];
	}
	return NULL;
}

/* Is this an answer? */
static bool
is_answer(const JsonVal *answer)
{
	const JsonVal *seconds = jv_get(answer, "seconds");

	if (!jv_is(answer, JV_OBJECT) || (seconds != NULL && (seconds->type != JV_NUMBER || seconds->number < 0)))
		return false;
	if (jv_get(answer, "result") != NULL)
		return jv_get(answer, "error") == NULL && jv_get(answer, "cause") == NULL;
	return jv_is(jv_get(answer, "error"), JV_STRING);
}

/* Reads the mocks; false: one is malformed or belongs to nothing. */
static bool
read_mocks(MachineTest *test)
{
	const JsonVal *mocks = test->request->mocks;

	if (mocks == NULL)
		return true;
	if (mocks->type != JV_OBJECT)
	{
		test->problem = "the mocks are no object";
		return false;
	}
	test->mocks = palloc0(Max(mocks->count, 1) * sizeof(Mock));
	for (int i = 0; i < mocks->count; i++)
	{
		Mock *mock = &test->mocks[test->mock_count++];
		const JsonVal *value = mocks->u.members[i].value;
		bool is_valid = is_answer(value);

		mock->name = mocks->u.members[i].key;
		mock->answers = value;
		if (value->type == JV_ARRAY && value->count > 0)
		{
			is_valid = true;
			for (int n = 0; n < value->count; n++)
				is_valid = is_valid && is_answer(value->u.items[n]);
		}
		if (!is_valid)
		{
			test->problem = psprintf("the mock of \"%s\" is no answer", mock->name);
			return false;
		}
	}
	return true;
}

/* The mock's next answer. */
static const JsonVal *
next_answer(Mock *mock)
{
	int number = mock->calls++;

	if (mock->answers->type != JV_ARRAY)
		return mock->answers;
	return mock->answers->u.items[Min(number, mock->answers->count - 1)];
}

/* The work of a Parallel or Map that has a mock. */
static bool
stand_in(StepObserver *observer, StepContext *step, StepOutcome *outcome)
{
	MachineTest *test = observer->owner;
	const AslState *state = step->branch->state;
	const JsonVal *answer;
	Mock *mock;

	if (state->type != &state_type_parallel && state->type != &state_type_map)
		return false;
	mock = find_mock(test, state->name);
	if (mock == NULL)
		return false;
	answer = next_answer(mock);
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
	Mock *mock = find_mock(test, state);
	const JsonVal *answer;
	const JsonVal *seconds;

	if (!engine_awaits(&test->x, event.branch, event.visit, event.attempt))
		return true;
	if (mock == NULL)
		mock = find_mock(test, effect->task->resource.text);
	if (mock == NULL)
	{
		test->problem = psprintf("the state \"%s\" has no mock", state);
		return false;
	}
	answer = next_answer(mock);
	seconds = jv_get(answer, "seconds");
	if (effect->timeout_seconds > 0)
		send_timer(test, effect, TIMER_TASK, test->now + effect->timeout_seconds * USECS_PER_SEC);
	if (effect->heartbeat_seconds > 0)
		send_timer(test, effect, TIMER_HEARTBEAT, test->now + effect->heartbeat_seconds * USECS_PER_SEC);
	event.value = jv_get(answer, "result");
	event.kind = event.value != NULL ? EVENT_TASK_SUCCEEDED : EVENT_TASK_FAILED;
	event.error = jv_get_string(answer, "error");
	event.cause = jv_get_string(answer, "cause");
	send(test, &event,
		 test->now + (seconds != NULL ? (int64) (Min(seconds->number, 1e9) * USECS_PER_SEC) : INT64CONST(0)));
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
test_machine_run(const TestMachineRequest *request, char **problem)
{
	MachineTest *test = palloc0(sizeof(MachineTest));

	*problem = NULL;
	test->request = request;
	begin_test(test);
	if (!read_mocks(test) || !run(test))
	{
		*problem = test->problem;
		return NULL;
	}
	return outcome_of(test);
}
