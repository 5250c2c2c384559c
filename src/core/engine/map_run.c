/*
 * map_run.c
 *	  A Distributed Map, as its own execution sees it: a plan, and one answer.
 */
#include "base/port.h"

#include "engine/history.h"
#include "engine/map_run.h"
#include "engine/state_map.h"

#define MAX_ITEMS 100000000
#define MAX_BATCH_BYTES 262144
#define MAX_NAME_IN_LABEL 31

/* ---- names ---- */

/* The machine's ARN up to a "/": the children of a map run belong to the same machine as their parent. */
const char *
map_run_arn(const char *machine_arn, const char *label, const char *name)
{
	static const char type[] = ":stateMachine:";
	const char *colon = strstr(machine_arn, type);
	int machine_length;

	if (colon == NULL)
		return psprintf("arn:aws:states:::mapRun:%s:%s", label, name);
	machine_length = (int) strcspn(colon + strlen(type), "/:");
	return psprintf("%.*s:mapRun:%.*s/%s:%s", (int) (colon - machine_arn), machine_arn, machine_length,
					colon + strlen(type), label, name);
}

static uint32
hash_text(const char *text)
{
	uint32 hash = 2166136261u; /* FNV-1a */

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char) *text) * 16777619u;
	return hash;
}

const char *
map_run_label(const MapState *map)
{
	const char *name = map->base.name;
	bool is_plain = strlen(name) <= MAX_NAME_IN_LABEL;
	StringInfoData label;

	if (map->label != NULL)
		return map->label;
	initStringInfo(&label);
	for (const char *c = name; *c != '\0' && label.len < MAX_NAME_IN_LABEL; c++)
	{
		bool is_allowed =
			(*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';

		appendStringInfoChar(&label, is_allowed ? *c : '-');
		is_plain = is_plain && is_allowed;
	}
	if (!is_plain)
		appendStringInfo(&label, "-%08x", hash_text(name));
	return label.data;
}

const char *
map_run_definition(const AslMachine *machine, const MapState *map)
{
	static const char *const members[] = {"Comment", "StartAt", "States"};
	JvObjectBuilder definition;

	jv_object_begin(&definition);
	if (machine->query_language == QUERY_JSONATA)
		jv_object_add(&definition, "QueryLanguage", jv_string("JSONata"));
	for (int i = 0; i < (int) lengthof(members); i++)
	{
		const JsonVal *value = jv_get(map->processor_definition, members[i]);

		if (value != NULL)
			jv_object_add(&definition, members[i], value);
	}
	return jv_to_text(jv_object_end(&definition));
}

static uint32
random_word(EngineEnv *env)
{
	return env->random != NULL ? (uint32) (env->random(env) * 4294967296.0) : 0;
}

static const char *
new_name(EngineEnv *env)
{
	uint32 a = random_word(env);
	uint32 b = random_word(env);
	uint32 c = random_word(env);
	uint32 d = random_word(env);

	return psprintf("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff, 0x8000 | (c >> 18), c & 0xffff, d);
}

/* ---- the plan ---- */

static void
add_number(JvObjectBuilder *object, const char *name, int64 number)
{
	jv_object_add(object, name, jv_int(number));
}

/* Parameters or Arguments of a reader or writer, worked out. */
static bool
add_parameters(StepContext *step, JvObjectBuilder *object, const Template *parameters)
{
	const JsonVal *value;

	if (parameters == NULL)
		return true;
	if (!template_eval(parameters, &step->scope, &value, &step->error))
	{
		(void) step_fail_as_is(step);
		return false;
	}
	jv_object_add(object, "parameters", value);
	return true;
}

static void
add_member(JvObjectBuilder *object, const char *name, const JsonVal *value)
{
	if (value != NULL)
		jv_object_add(object, name, value);
}

/* A limit that must be positive where it is given; 0: it is not. */
static bool
positive(StepContext *step, const ValueField *field, const char *name, int64 maximum, int64 *number)
{
	*number = 0;
	if (!step_integer(step, field, 0, PG_INT64_MAX, number))
		return false;
	*number = Min(*number, maximum);
	if (field->name == NULL || *number > 0)
		return true;
	(void) step_fail(step, ERROR_RUNTIME, "%s must be positive.", name);
	return false;
}

/* MaxItems of the reader: 0 and what is beyond the limit mean all there are. */
static bool
find_max_items(StepContext *step, const ValueField *field, int64 *number)
{
	*number = 0;
	if (!step_integer(step, field, PG_INT64_MIN, PG_INT64_MAX, number))
		return false;
	if (*number >= 0)
	{
		*number = Min(*number, MAX_ITEMS);
		return true;
	}
	(void) sfn_error(&step->error, ERROR_ITEM_READER_FAILED, "field MaxItems must be positive");
	step->is_child_failure = true;
	return false;
}

static bool
plan_reader(StepContext *step, const MapState *map, JvObjectBuilder *plan)
{
	JvObjectBuilder reader;
	int64 max_items;

	if (map->item_reader == NULL)
		return true;
	jv_object_begin(&reader);
	add_member(&reader, "resource", jv_get(map->item_reader, "Resource"));
	if (!add_parameters(step, &reader, map->item_reader_parameters) ||
		!find_max_items(step, &map->max_items, &max_items))
		return false;
	add_member(&reader, "config", jv_get(map->item_reader, "ReaderConfig"));
	add_number(&reader, "maxItems", max_items);
	jv_object_add(plan, "reader", jv_object_end(&reader));
	return true;
}

static bool
plan_batcher(StepContext *step, const MapState *map, JvObjectBuilder *plan)
{
	JvObjectBuilder batcher;
	const JsonVal *input;
	int64 items;
	int64 bytes;

	if (map->item_batcher == NULL)
		return true;
	if (!positive(step, &map->max_items_per_batch, "MaxItemsPerBatch", MAX_ITEMS, &items) ||
		!positive(step, &map->max_bytes_per_batch, "MaxInputBytesPerBatch", MAX_BATCH_BYTES, &bytes))
		return false;
	jv_object_begin(&batcher);
	add_number(&batcher, "maxItems", items);
	add_number(&batcher, "maxBytes", bytes > 0 ? bytes : MAX_BATCH_BYTES);
	if (map->batch_input != NULL)
	{
		if (!template_eval(map->batch_input, &step->scope, &input, &step->error))
		{
			(void) step_fail_as_is(step);
			return false;
		}
		jv_object_add(&batcher, "input", input);
	}
	jv_object_add(plan, "batcher", jv_object_end(&batcher));
	return true;
}

static bool
plan_writer(StepContext *step, const MapState *map, JvObjectBuilder *plan)
{
	JvObjectBuilder writer;

	if (map->result_writer == NULL)
		return true;
	jv_object_begin(&writer);
	add_member(&writer, "resource", jv_get(map->result_writer, "Resource"));
	if (!add_parameters(step, &writer, map->result_writer_parameters))
		return false;
	add_member(&writer, "config", jv_get(map->result_writer, "WriterConfig"));
	jv_object_add(plan, "writer", jv_object_end(&writer));
	return true;
}

/* Does nothing of the state read its result? */
static bool
result_is_unused(const AslState *state)
{
	const AssignField *assign = state->assign;

	if (state->query_language == QUERY_JSONPATH)
		return state->result_path.is_null && state->result_selector == NULL && assign == NULL;
	for (int i = 0; assign != NULL && i < assign->count; i++)
	{
		if (template_uses_result(assign->values[i]))
			return false;
	}
	return state->output != NULL && !template_uses_result(state->output);
}

/* Everything but the items. */
static bool
make_plan(StepContext *step, const MapState *map, JvObjectBuilder *plan)
{
	MapPlan limits = {0};

	if (!map_plan_limits(step, map, &limits))
		return false;
	add_number(plan, "maxConcurrency", limits.max_concurrency);
	if (limits.has_tolerated_count)
		add_number(plan, "toleratedFailureCount", limits.tolerated_count);
	if (limits.has_tolerated_percentage)
	{
		const char *text = psprintf("%.15g", limits.tolerated_percentage);

		jv_object_add(plan, "toleratedFailurePercentage", jv_number_text(text, (int) strlen(text)));
	}
	if (result_is_unused(&map->base))
		jv_object_add(plan, "unusedResult", jv_bool(true));
	return plan_reader(step, map, plan) && plan_batcher(step, map, plan) && plan_writer(step, map, plan);
}

/* ---- the run ---- */

/* MapRunStarted, MapRunRedriven. */
static void
tell_run(StepContext *step, HistoryEventType type)
{
	const MapState *map = (const MapState *) step->branch->state;
	Branch *branch = step->branch;
	HistoryEvent event;

	history_open(&event, step->execution, step->env, step->now, type, branch->last_event);
	history_string(&event, "mapRunArn", map_run_arn(step->execution->machine_arn, map_run_label(map), branch->map_run));
	if (type == HISTORY_MAP_RUN_REDRIVEN)
		history_integer(&event, "redriveCount", branch->map_redrives);
	branch->last_event = history_close(&event);
	branch->is_changed = true;
}

static void
ask_for_run(StepContext *step, const JsonVal *plan)
{
	Effect *effect = step_add_effect(step, EFFECT_RUN_MAP);

	effect->parameters = plan;
	step->branch->has_timers = true; /* or something like them: children to be stopped when it goes on without them */
}

static StepOutcome
run_failed(StepContext *step)
{
	step->branch->last_event = history_add_error(step->execution, step->env, step->now, HISTORY_MAP_RUN_FAILED,
												 step->branch->last_event, step->error.name, step->error.cause);
	step->is_child_failure = true;
	return STEP_FAILED;
}

StepOutcome
map_run_enter(StepContext *step, const MapState *map)
{
	Branch *branch = step->branch;
	const JsonVal *items = NULL;
	JvObjectBuilder plan;
	bool is_made;

	branch->map_run = NULL;
	branch->map_redrives = 0;
	if (map->item_reader == NULL && !map_evaluate_items(step, map, &items))
		return STEP_FAILED;
	branch->last_event = map_tell_started(step, items != NULL ? items->count : 0);

	branch->is_changed = true;
	jv_object_begin(&plan);
	is_made = make_plan(step, map, &plan);
	if (!is_made && !step->is_child_failure)
		return STEP_FAILED;
	branch->map_run = new_name(step->env);
	tell_run(step, HISTORY_MAP_RUN_STARTED);
	if (!is_made)
	{
		branch->map_run = NULL; /* there is nothing to be redriven */
		return run_failed(step);
	}
	jv_object_add(&plan, "name", jv_string(branch->map_run));
	jv_object_add(&plan, "label", jv_string(map_run_label(map)));
	if (items != NULL)
		jv_object_add(&plan, "items", items);
	ask_for_run(step, jv_object_end(&plan));
	return STEP_WAITING;
}

StepOutcome
map_run_resume(StepContext *step, const MapState *map, const Event *event)
{
	Branch *branch = step->branch;

	if (event == NULL || (event->kind != EVENT_TASK_SUCCEEDED && event->kind != EVENT_TASK_FAILED))
	{
		step->is_stale = true;
		return STEP_WAITING;
	}
	branch->is_changed = true;
	if (event->kind == EVENT_TASK_FAILED)
	{
		(void) sfn_error(&step->error, event->error, "%s", event->cause != NULL ? event->cause : "");
		return run_failed(step);
	}
	branch->last_event =
		history_add(step->execution, step->env, step->now, HISTORY_MAP_RUN_SUCCEEDED, branch->last_event);
	if (event->value == NULL)
	{
		step->is_child_failure = true;
		return step_fail_too_large(step, map->base.name);
	}
	/* MapStateExited stands beside MapStateSucceeded, not behind it. */
	(void) history_add(step->execution, step->env, step->now, HISTORY_MAP_STATE_SUCCEEDED, branch->last_event);
	step->result = event->value;
	return STEP_DONE;
}

void
map_run_redrive(Execution *execution, Branch *branch, EngineEnv *env)
{
	StepContext step;

	step_begin(&step, execution, branch, env);
	branch->status = BRANCH_WAITING;
	branch->map_redrives++;
	tell_run(&step, HISTORY_MAP_RUN_REDRIVEN);
	ask_for_run(&step, NULL);
}
