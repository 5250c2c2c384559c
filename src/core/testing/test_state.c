/*
 * test_state.c
 *	  TestState: one state, run by itself.
 *
 * A single state is wrapped into a machine in which the states it leads to are
 * there; then it is entered like any other, with an observer (step_observer.h) that writes
 * down what AWS calls inspection data, stands in for the work of Parallel and Map
 * and counts retries as the request says.
 */
#include "base/port.h"

#include "asl/compile.h"
#include "aws/arn.h"
#include "engine/engine.h"
#include "engine/state_map.h"
#include "testing/test_state.h"

#define LONE_STATE "StateName" /* AWS's name for a state without a machine */
#define THRESHOLD_EXCEEDED "The specified tolerated failure threshold was exceeded"

/* One request while it is being answered. */
typedef struct StateTest
{
	EngineEnv env;
	StepObserver observer;
	Execution x;
	Branch *branch;
	const TestStateRequest *request;
	const AslState *state;
	const JsonVal *mock_result;
	TimestampTz now;
	const char *problem; /* found while the state ran; ends the test */

	JvObjectBuilder inspection;
	JvObjectBuilder error_details;
	bool has_failed;
	bool is_caught;
	const char *error; /* the state's, before Retry and Catch */
	const char *cause;
} StateTest;

static bool
refuse(TestStateRefusal *refusal, const char *code, const char *message)
{
	refusal->code = code;
	refusal->message = message;
	return false;
}

#define refuse_value(refusal, message) refuse((refusal), "ValidationException", (message))

/* ---- the machine around a state ---- */

/* Adds an end state for a name that the state leads to. */
static void
add_target(JvObjectBuilder *states, const JsonVal *holder, const char *field)
{
	const char *name = jv_get_string(holder, field);
	JvObjectBuilder end;

	if (name == NULL || strcmp(name, LONE_STATE) == 0)
		return;
	jv_object_begin(&end);
	jv_object_add(&end, "Type", jv_string("Succeed"));
	jv_object_add(states, name, jv_object_end(&end));
}

static void
add_targets_of_list(JvObjectBuilder *states, const JsonVal *state, const char *field)
{
	const JsonVal *list = jv_get(state, field);

	for (int i = 0; jv_is(list, JV_ARRAY) && i < list->count; i++)
		add_target(states, list->u.items[i], "Next");
}

/* A single state as a machine that begins with it. */
static const JsonVal *
wrap_state(const JsonVal *state)
{
	JvObjectBuilder machine;
	JvObjectBuilder states;

	jv_object_begin(&states);
	jv_object_add(&states, LONE_STATE, state);
	add_target(&states, state, "Next");
	add_target(&states, state, "Default");
	add_targets_of_list(&states, state, "Catch");
	add_targets_of_list(&states, state, "Choices");
	jv_object_begin(&machine);
	jv_object_add(&machine, "StartAt", jv_string(LONE_STATE));
	jv_object_add(&machine, "States", jv_object_end(&states));
	return jv_object_end(&machine);
}

/* The state to be tested; NULL after refusing. */
static const AslState *
find_state(const TestStateRequest *request, AslMachine **machine, TestStateRefusal *refusal)
{
	const char *text = request->definition;
	const char *name = request->state_name;
	JvParseError error;
	const JsonVal *definition = jv_parse(text, strlen(text), &error);
	const AslState *state;

	if (name == NULL && jv_is(definition, JV_OBJECT) && jv_get(definition, "States") == NULL)
	{
		text = jv_to_text(wrap_state(definition));
		name = LONE_STATE;
	}
	*machine = asl_compile(text, strlen(text), false, state_types, state_type_count, &refusal->diagnostics);
	if (*machine == NULL)
	{
		(void) refuse(refusal, "InvalidDefinition", NULL);
		return NULL;
	}
	if (name == NULL)
	{
		(void) refuse_value(refusal, "A state name must be specified when the definition is a state machine");
		return NULL;
	}
	state = machine_state(*machine, name);
	if (state == NULL)
		(void) refuse_value(refusal, "State not found in definition");
	return state;
}

/* ---- checking the mock ---- */

static bool
is_map_or_parallel(const AslState *state)
{
	return state->type == &state_type_map || state->type == &state_type_parallel;
}

/* Is the mocked result what a service may answer?  What .sync and the like give in the end is anything. */
static bool
check_service_result(const StateTest *test, TestStateRefusal *refusal)
{
	const TestStateRequest *request = test->request;
	const AslResource *resource;
	const char *problem = NULL;

	if (request->check_result == NULL || test->state->type != &state_type_task)
		return true;
	resource = &((const TaskState *) test->state)->resource;
	if (resource->pattern != PATTERN_REQUEST_RESPONSE ||
		request->check_result(resource, request->is_strict, test->mock_result, &problem))
		return true;
	return refuse_value(refusal, psprintf("Mock result schema validation error: %s", problem));
}

/* Is the mocked result what the state's work gives? */
static bool
check_result(const StateTest *test, TestStateRefusal *refusal)
{
	const JsonVal *result = test->mock_result;

	if (test->state->type == &state_type_map && ((const MapState *) test->state)->result_writer != NULL)
		return result->type == JV_OBJECT || refuse_value(refusal, "Mocked result must be a JSON object.");
	if (!is_map_or_parallel(test->state))
		return check_service_result(test, refusal);
	if (result->type != JV_ARRAY)
		return refuse_value(refusal, "Mocked result must be an array.");
	if (test->state->type == &state_type_parallel &&
		result->count != ((const ParallelState *) test->state)->branch_count)
		return refuse_value(refusal,
							"Mocked result must contain the same number of items as number of Parallel branches.");
	return true;
}

static bool
check_mock(StateTest *test, TestStateRefusal *refusal)
{
	const TestStateRequest *request = test->request;
	JvParseError error;

	if (!request->has_mock)
	{
		if (is_map_or_parallel(test->state))
			return refuse(
				refusal, "InvalidDefinition",
				"TestState API does not support Map or Parallel states. Supported state types include: [Task, "
				"Wait, Pass, Succeed, Fail, Choice]");
		return true;
	}
	if (request->mock_result != NULL && request->has_mock_error)
		return refuse_value(refusal,
							"A test mock should have only one of the following fields: [result, errorOutput].");
	if (request->reveals_secrets)
		return refuse_value(refusal, "TestState does not support RevealSecrets when a mock is specified.");
	if (!test->state->type->may_retry)
		return refuse_value(refusal,
							psprintf("State type '%s' is not supported when a mock is specified",
									 test->state->type->name));
	if (request->mock_result == NULL)
		return true;
	test->mock_result = jv_parse(request->mock_result, strlen(request->mock_result), &error);
	if (test->mock_result == NULL)
		return refuse_value(refusal, "Mocked result must be valid JSON");
	return check_result(test, refusal);
}

/* ---- checking the context object ---- */

typedef struct ContextField
{
	const char *object; /* NULL: the context object itself */
	const char *name;
	int type; /* a JvType; -1: any */
} ContextField;

static const ContextField context_fields[] = {
	{NULL, "Execution", JV_OBJECT},
	{NULL, "State", JV_OBJECT},
	{NULL, "StateMachine", JV_OBJECT},
	{NULL, "Task", JV_OBJECT},
	{"Execution", "Id", JV_STRING},
	{"Execution", "Input", -1},
	{"Execution", "Name", JV_STRING},
	{"Execution", "RedriveCount", JV_NUMBER},
	{"Execution", "RedriveTime", JV_STRING},
	{"Execution", "RoleArn", JV_STRING},
	{"Execution", "StartTime", JV_STRING},
	{"State", "EnteredTime", JV_STRING},
	{"State", "Name", JV_STRING},
	{"State", "RetryCount", JV_NUMBER},
	{"StateMachine", "Id", JV_STRING},
	{"StateMachine", "Name", JV_STRING},
	{"Task", "Token", JV_STRING},
};

#define refuse_context(refusal, ...) \
	refuse_value((refusal), psprintf("Invalid Context object provided: %s", psprintf(__VA_ARGS__)))

static const ContextField *
find_context_field(const char *object, const char *name)
{
	for (int i = 0; i < (int) lengthof(context_fields); i++)
	{
		const ContextField *field = &context_fields[i];

		if (strcmp(field->name, name) == 0 &&
			(object == NULL ? field->object == NULL : field->object != NULL && strcmp(field->object, object) == 0))
			return field;
	}
	return NULL;
}

/* The members of the context object, or of one of its objects. */
static bool
check_context_members(const JsonVal *value, const char *object, TestStateRefusal *refusal)
{
	static const char *const type_names[] = {
		[JV_NULL] = "null",       [JV_BOOL] = "a boolean", [JV_NUMBER] = "a number",
		[JV_STRING] = "a string", [JV_ARRAY] = "an array", [JV_OBJECT] = "an object",
	};

	for (int i = 0; i < value->count; i++)
	{
		const JvMember *member = &value->u.members[i];
		const ContextField *field = find_context_field(object, member->key);

		if (field == NULL && object == NULL && strcmp(member->key, "Map") == 0)
			return refuse_context(refusal, "'Map' field is not supported when mocking a Context object");
		if (field == NULL)
			return refuse_context(refusal, "Field '%s' is not allowed", member->key);
		if (field->type >= 0 && (int) member->value->type != field->type)
			return refuse_context(refusal, "%s%s%s must be %s", object != NULL ? object : "", object != NULL ? "." : "",
								  member->key, type_names[field->type]);
		if (field->type == JV_OBJECT && !check_context_members(member->value, member->key, refusal))
			return false;
	}
	return true;
}

static bool
check_context(const StateTest *test, TestStateRefusal *refusal)
{
	const JsonVal *context = test->request->context;
	const TaskState *task = (const TaskState *) test->state;

	if (context == NULL)
		return true;
	if (!test->request->has_mock)
		return refuse_value(refusal, "A mock must be specified when a Context object is provided");
	if (context->type != JV_OBJECT)
		return refuse_context(refusal, "Context must be a JSON object");
	if (!check_context_members(context, NULL, refusal))
		return false;
	if (jv_get(context, "Task") != NULL &&
		(test->state->type != &state_type_task || task->resource.pattern == PATTERN_REQUEST_RESPONSE))
		return refuse_context(refusal,
							  "Context object contains 'Task' when state is not a Task state with a '.sync' or "
							  "'.waitForTaskToken' service integration pattern");
	return true;
}

/* ---- the observer ---- */

/* Numbers are shown as such, everything else as its JSON text. */
static void
on_show(StepObserver *observer, const char *member, const JsonVal *value)
{
	StateTest *test = observer->owner;
	bool is_number = strncmp(member, "max", 3) == 0 || strncmp(member, "tolerated", 9) == 0;

	jv_object_add(&test->inspection, member, is_number ? value : jv_string(jv_to_text(value)));
}

static void
on_failed(StepObserver *observer, StepContext *step)
{
	StateTest *test = observer->owner;
	int retriers = step->branch->state->retrier_count;

	test->has_failed = true;
	test->error = step->error.name;
	test->cause = step->error.cause;
	step->branch->retry_counts = palloc0(Max(retriers, 1) * sizeof(int));
	for (int i = 0; i < retriers; i++)
		step->branch->retry_counts[i] = (int) test->request->retrier_retry_count;
}

static void
on_retrier(StepObserver *observer, int index, double seconds)
{
	StateTest *test = observer->owner;

	jv_object_add(&test->error_details, "retryIndex", jv_int(index));
	if (seconds >= 0)
		jv_object_add(&test->error_details, "retryBackoffIntervalSeconds", jv_int((int64) seconds));
}

static void
on_catcher(StepObserver *observer, int index)
{
	StateTest *test = observer->owner;

	test->is_caught = true;
	jv_object_add(&test->error_details, "catchIndex", jv_int(index));
}

/* Have more iterations failed than the Map tolerates?  One that tolerates nothing is not asked. */
static bool
exceeds_threshold(const StateTest *test, const MapPlan *plan, const JsonVal *items)
{
	int64 failures = test->request->map_iteration_failure_count;

	if (!test->request->has_failure_count)
		return false;
	if (plan->has_tolerated_count && failures > plan->tolerated_count)
		return true;
	return plan->has_tolerated_percentage && jv_is(items, JV_ARRAY) && items->count > 0 &&
		failures * 100.0 / items->count > plan->tolerated_percentage;
}

/* What a Map does before its iterations; false: *outcome is how it ends. */
static bool
begin_map(StateTest *test, StepContext *step, StepOutcome *outcome)
{
	const MapState *map = (const MapState *) test->state;
	const JsonVal *items;
	MapPlan plan;

	*outcome = STEP_FAILED;
	if (!map_plan(step, map, &plan))
		return false;
	items = (plan.items != NULL) ? plan.items : test->request->item_reader_data;
	if (test->request->has_failure_count && jv_is(items, JV_ARRAY) &&
		test->request->map_iteration_failure_count > items->count)
	{
		test->problem = "Map iteration failure count must be less than or equal to the number of Map iterations";
		return false;
	}
	if (!exceeds_threshold(test, &plan, items))
		return true;
	step->error.name = ERROR_EXCEED_TOLERATED_FAILURE_THRESHOLD;
	step->error.cause = THRESHOLD_EXCEEDED;
	return false;
}

/* The mock is the work of a Parallel or Map. */
static bool
on_stand_in(StepObserver *observer, StepContext *step, StepOutcome *outcome)
{
	StateTest *test = observer->owner;

	if (!is_map_or_parallel(test->state))
		return false;
	if (test->state->type == &state_type_map && !begin_map(test, step, outcome))
		return true;
	if (test->mock_result != NULL)
	{
		step->result = test->mock_result;
		*outcome = STEP_DONE;
	}
	else
	{
		step->error.name = test->request->mock_error;
		step->error.cause = test->request->mock_cause;
		*outcome = STEP_FAILED;
	}
	return true;
}

/* ---- running ---- */

static TimestampTz
test_now(EngineEnv *env)
{
	return ((StateTest *) env->owner)->now;
}

static const char *
test_token(EngineEnv *env, Execution *execution, Branch *branch)
{
	(void) env;
	(void) execution;
	return psprintf("token-%d-%d", branch->visit, branch->attempt);
}

static void
begin_test(StateTest *test, AslMachine *machine)
{
	const TestStateRequest *request = test->request;
	Execution *x = &test->x;

	test->now = request->setting.now;
	test->env.now = test_now;
	test->env.task_token = test_token;
	test->env.observer = &test->observer;
	test->env.owner = test;
	test->observer.show = on_show;
	test->observer.failed = on_failed;
	test->observer.retrier = on_retrier;
	test->observer.catcher = on_catcher;
	test->observer.stand_in = on_stand_in;
	test->observer.bare_causes = true;
	test->observer.context = request->context;
	test->observer.owner = test;
	if (test->state->scope->owner != NULL && test->state->scope->owner->type == &state_type_map)
		test->observer.item = request->input;

	/* AWS runs the state in an EXPRESS execution, as far as the context object shows. */
	machine->is_express = true;
	test_execution_begin(x, &test->env, &request->setting, machine, "TestState", request->input);
	test->branch = branch_attach(x, NULL, 0, 0);
	test->branch->state = test->state;
	test->branch->input = request->input;
	test->branch->variables = request->variables;
	jv_object_begin(&test->inspection);
	jv_object_begin(&test->error_details);
	jv_object_add(&test->inspection, "input", jv_string(jv_to_text(request->input)));
}

/* The answer to the state's task; false: there is none. */
static bool
answer_task(StateTest *test, const Effect *effect, Event *answer)
{
	const TestStateRequest *request = test->request;

	answer->kind = EVENT_TASK_SUCCEEDED;
	if (test->mock_result != NULL)
		answer->value = test->mock_result;
	else if (request->has_mock_error)
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = request->mock_error;
		answer->cause = request->mock_cause;
	}
	else if (request->has_mock || effect->task->resource.pattern != PATTERN_REQUEST_RESPONSE ||
			 request->run_task == NULL || !request->run_task(request, effect, answer))
	{
		test->problem = psprintf("A mock must be specified for the resource %s", effect->task->resource.text);
		return false;
	}
	return true;
}

/* The event that the state waits for; false: there is none. */
static bool
next_event(StateTest *test, Event *event)
{
	const Effect *effect = test->x.first_effect;

	memset(event, 0, sizeof(*event));
	event->visit = test->branch->visit;
	event->attempt = test->branch->attempt;
	for (; effect != NULL; effect = effect->next)
	{
		if (effect->kind == EFFECT_RUN_TASK)
			return answer_task(test, effect, event);
		if (effect->kind == EFFECT_SET_TIMER && effect->timer == TIMER_WAIT)
		{
			event->kind = EVENT_TIMER_FIRED;
			event->timer = TIMER_WAIT;
			test->now = Max(test->now, effect->due);
			return true;
		}
	}
	return false;
}

/* Enters the state and answers it; a Wait does not wait. */
static void
run_state(StateTest *test)
{
	Event event;

	step_enter(&test->x, test->branch, &test->env);
	if (test->x.status == EXECUTION_RUNNING && test->branch->status == BRANCH_WAITING && next_event(test, &event))
		(void) step_resume(&test->x, test->branch, &event, &test->env);
}

/* How it ended. */
static void
fill_answer(StateTest *test, TestStateAnswer *answer)
{
	const Execution *x = &test->x;

	answer->error = test->has_failed ? test->error : x->error;
	answer->cause = test->has_failed ? test->cause : x->cause;
	if (x->status == EXECUTION_SUCCEEDED)
	{
		answer->status = "SUCCEEDED";
		answer->output = x->output;
	}
	else if (x->status != EXECUTION_RUNNING)
	{
		answer->status = "FAILED";
		answer->error = x->error;
		answer->cause = x->cause;
	}
	else if (test->branch->status == BRANCH_DELAYED)
		answer->status = "RETRIABLE";
	else
	{
		answer->status = test->is_caught ? "CAUGHT_ERROR" : "SUCCEEDED";
		answer->output = test->branch->input;
		answer->next_state = test->branch->state->name;
	}
}

static const JsonVal *
inspection_of(StateTest *test)
{
	const JsonVal *variables = test->branch->variables;

	if (variables != NULL && variables->count > 0)
		jv_object_add(&test->inspection, "variables", jv_string(jv_to_text(variables)));
	if (test->error_details.count > 0)
		jv_object_add(&test->inspection, "errorDetails", jv_object_end(&test->error_details));
	return jv_object_end(&test->inspection);
}

bool
test_state_run(const TestStateRequest *request, TestStateAnswer *answer, TestStateRefusal *refusal)
{
	StateTest *test = palloc0(sizeof(StateTest));
	AslMachine *machine;

	memset(answer, 0, sizeof(*answer));
	memset(refusal, 0, sizeof(*refusal));
	test->request = request;
	test->state = find_state(request, &machine, refusal);
	if (test->state == NULL || !check_mock(test, refusal) || !check_context(test, refusal))
		return false;
	begin_test(test, machine);
	run_state(test);
	if (test->problem != NULL)
		return refuse_value(refusal, test->problem);
	fill_answer(test, answer);
	if (request->inspects)
		answer->inspection = inspection_of(test);
	return true;
}
