/*
 * state_map.c
 *	  Map: run the same states for each item of a list; the result is their outputs.
 *
 * An inline Map's iterations are branches of its own execution.  A Distributed
 * Map's are child executions; its ItemReader, ItemBatcher and ResultWriter are
 * checked here and kept as they are written, to be read by their services.
 */
#include "base/port.h"

#include "base/utf8.h"

#include "asl/fields.h"
#include "asl/service.h"
#include "engine/branches.h"
#include "engine/dataflow.h"
#include "engine/history.h"
#include "engine/map_run.h"
#include "engine/state_map.h"

#define MAX_LABEL_CHARACTERS 40
#define MAX_READER_ITEMS 100000000
#define MAX_BATCH_BYTES 262144

static const FieldRule map_fields[] = {
	FIELDS_OF_EVERY_STATE,
	FIELDS_OF_TRANSITION,
	FIELDS_OF_INPUT_AND_OUTPUT,
	FIELD_OF_RESULT_SELECTOR,
	FIELD_OF_RESULT_PATH,
	FIELD_OF_ASSIGN,
	FIELDS_OF_RETRY_AND_CATCH,
	{"ItemProcessor", FIELD_OBJECT, IN_BOTH, .group = 'p', .group_required = true},
	{"Iterator", FIELD_OBJECT, IN_BOTH, .group = 'p'},
	{"ItemsPath", FIELD_PATH, IN_JSONPATH},
	{"Items", FIELD_ANY, IN_JSONATA, FIELD_COMPUTED},
	{"ItemSelector", FIELD_ANY, IN_BOTH, .group = 's'},
	{"Parameters", FIELD_ANY, IN_JSONPATH, FIELD_OF_TYPE, .group = 's'},
	{"MaxConcurrency", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, PG_INT32_MAX, .group = 'm'},
	{"MaxConcurrencyPath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'm'},
	{"ItemReader", FIELD_OBJECT, IN_BOTH},
	{"ItemBatcher", FIELD_OBJECT, IN_BOTH},
	{"ResultWriter", FIELD_OBJECT, IN_BOTH},
	{"Label", FIELD_STRING, IN_BOTH},
	{"ToleratedFailureCount", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, PG_INT32_MAX, .group = 'c'},
	{"ToleratedFailureCountPath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'c'},
	{"ToleratedFailurePercentage", FIELD_NUMBER, IN_BOTH, FIELD_COMPUTED, 0, 100, .group = 'f'},
	{"ToleratedFailurePercentagePath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'f'},
};

static const FieldRule processor_fields[] = {
	{"States", FIELD_OBJECT, IN_BOTH, FIELD_REQUIRED},
	{"StartAt", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"Comment", FIELD_STRING, IN_BOTH},
	{"ProcessorConfig", FIELD_OBJECT, IN_BOTH},
};

static const FieldRule processor_config_fields[] = {
	{"Mode", FIELD_STRING, IN_BOTH, .values = "INLINE, DISTRIBUTED"},
	{"ExecutionType", FIELD_STRING, IN_BOTH, .values = "STANDARD, EXPRESS"},
};

static const FieldRule item_reader_fields[] = {
	{"Resource", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"Parameters", FIELD_OBJECT, IN_JSONPATH},
	{"Arguments", FIELD_ANY, IN_JSONATA},
	{"ReaderConfig", FIELD_OBJECT, IN_BOTH},
};

static const FieldRule reader_config_fields[] = {
	{"InputType", FIELD_STRING, IN_BOTH, .values = "CSV, JSON, JSONL, PARQUET, MANIFEST"},
	{"Transformation", FIELD_STRING, IN_BOTH, .values = "NONE, LOAD_AND_FLATTEN"},
	{"ManifestType", FIELD_STRING, IN_BOTH, .values = "ATHENA_DATA, S3_INVENTORY"},
	{"CSVDelimiter", FIELD_STRING, IN_BOTH, .values = "COMMA, PIPE, SEMICOLON, SPACE, TAB"},
	{"CSVHeaderLocation", FIELD_STRING, IN_BOTH, .values = "FIRST_ROW, GIVEN"},
	{"CSVHeaders", FIELD_ARRAY, IN_BOTH},
	{"ItemsPointer", FIELD_STRING, IN_BOTH},
	{"MaxItems", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, MAX_READER_ITEMS, .group = 'm'},
	{"MaxItemsPath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'm'},
};

static const FieldRule item_batcher_fields[] = {
	{"MaxItemsPerBatch", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, PG_INT32_MAX, .group = 'i'},
	{"MaxItemsPerBatchPath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'i'},
	{"MaxInputBytesPerBatch", FIELD_INTEGER, IN_BOTH, FIELD_COMPUTED, 0, MAX_BATCH_BYTES, .group = 'b'},
	{"MaxInputBytesPerBatchPath", FIELD_PATH, IN_JSONPATH, FIELD_NO_CONTEXT, .group = 'b'},
	{"BatchInput", FIELD_ANY, IN_BOTH},
};

static const FieldRule result_writer_fields[] = {
	{"Resource", FIELD_STRING, IN_BOTH},
	{"Parameters", FIELD_OBJECT, IN_JSONPATH},
	{"Arguments", FIELD_ANY, IN_JSONATA},
	{"WriterConfig", FIELD_OBJECT, IN_BOTH},
};

static const FieldRule writer_config_fields[] = {
	{"OutputType", FIELD_STRING, IN_BOTH, FIELD_REQUIRED, .values = "JSON, JSONL"},
	{"Transformation", FIELD_STRING, IN_BOTH, .values = "NONE, COMPACT, FLATTEN"},
};

static void compile_items(CompileContext *compile, MapState *map, const JsonVal *definition);
static void compile_processor(CompileContext *compile, MapState *map, const JsonVal *definition);
static void compile_processor_config(CompileContext *compile, MapState *map, const JsonVal *processor);
static void compile_item_reader(CompileContext *compile, MapState *map, const JsonVal *reader);
static void compile_item_batcher(CompileContext *compile, MapState *map, const JsonVal *batcher);
static void compile_result_writer(CompileContext *compile, MapState *map, const JsonVal *writer);
static void check_label(CompileContext *compile, const char *label);
static void check_distributed_fields(CompileContext *compile, const MapState *map, const JsonVal *definition);

static bool
map_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	MapState *map = (MapState *) state;

	compile_processor(compile, map, definition);
	compile_items(compile, map, definition);
	map->item_selector = field_template(compile, definition, "ItemSelector");
	if (map->item_selector == NULL)
		map->item_selector = field_template(compile, definition, "Parameters");
	field_value(compile, definition, "MaxConcurrency", "MaxConcurrencyPath", NULL, &map->max_concurrency);
	field_value(compile, definition, "ToleratedFailureCount", "ToleratedFailureCountPath", NULL,
				&map->tolerated_failure_count);
	field_value(compile, definition, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", NULL,
				&map->tolerated_failure_percentage);

	compile_item_reader(compile, map, field_typed(definition, "ItemReader", JV_OBJECT));
	compile_item_batcher(compile, map, field_typed(definition, "ItemBatcher", JV_OBJECT));
	compile_result_writer(compile, map, field_typed(definition, "ResultWriter", JV_OBJECT));
	map->label = field_string(compile, definition, "Label");
	if (map->label != NULL)
		check_label(compile, map->label);
	check_distributed_fields(compile, map, definition);
	return true;
}

/* ItemsPath; or Items, which may also be an array of expressions. */
static void
compile_items(CompileContext *compile, MapState *map, const JsonVal *definition)
{
	Template *list = NULL;

	field_value(compile, definition, "Items", "ItemsPath", NULL, &map->items);
	if (compile_language(compile) != QUERY_JSONATA || map->items.name == NULL)
		return;
	if (map->items.literal != NULL)
		list = field_template(compile, definition, "Items");
	if (list != NULL && !template_is_constant(list))
	{
		map->items_template = list;
		map->items_are_stored = template_is_volatile(list);
	}
	else if (map->items.expression != NULL)
		map->items_are_stored = expression_is_volatile(map->items.expression);
}

/* ItemProcessor, or Iterator, its old name. */
static void
compile_processor(CompileContext *compile, MapState *map, const JsonVal *definition)
{
	const char *name = "ItemProcessor";
	const JsonVal *processor = field_typed(definition, name, JV_OBJECT);
	Place here;

	if (processor == NULL)
	{
		name = "Iterator";
		processor = field_typed(definition, name, JV_OBJECT);
		map->has_legacy_iterator = true;
	}
	if (processor == NULL)
		return;

	place_enter(compile, &here, name);
	fields_check(compile, processor, processor_fields, lengthof(processor_fields));
	map->processor_definition = processor;
	compile_processor_config(compile, map, processor);
	if (map->is_distributed && map->express_children)
	{
		bool was_inside = compile_enter_express_children(compile);

		map->processor = compile_scope(compile, processor, &map->base, 0);
		compile_leave_express_children(compile, was_inside);
	}
	else
		map->processor = compile_scope(compile, processor, &map->base, 0);
	place_leave(compile);
}

static void
compile_processor_config(CompileContext *compile, MapState *map, const JsonVal *processor)
{
	const JsonVal *config = field_typed(processor, "ProcessorConfig", JV_OBJECT);
	const char *mode;
	const char *execution_type;
	Place here;

	if (config == NULL)
		return;
	place_enter(compile, &here, "ProcessorConfig");
	fields_check(compile, config, processor_config_fields, lengthof(processor_config_fields));
	mode = field_string(compile, config, "Mode");
	execution_type = field_string(compile, config, "ExecutionType");
	map->is_distributed = mode != NULL && strcmp(mode, "DISTRIBUTED") == 0;
	map->express_children = execution_type != NULL && strcmp(execution_type, "EXPRESS") == 0;
	if (map->is_distributed && jv_get(config, "ExecutionType") == NULL)
		compile_error(compile, NULL, "These fields are required: [ExecutionType]");
	if (map->is_distributed && compile_is_express(compile))
		compile_error(compile, "Mode", "Express state machine does not support Map state in Distributed mode");
	place_leave(compile);
}

/* AWS's definitions may name it, so it is no error. */
static void
warn_of_input_type(CompileContext *compile, const JsonVal *config)
{
	const char *type = jv_get_string(config, "InputType");

	if (type != NULL && strcmp(type, "PARQUET") == 0)
		compile_warning(
			compile, "INVALID_RESOURCE", "InputType",
			"An extension that reads Parquet files makes them a table, which arn:aws:states:::sql:query reads.",
			"Items in PARQUET cannot be read here: the state fails when it is run");
}

static void
compile_item_reader(CompileContext *compile, MapState *map, const JsonVal *reader)
{
	const JsonVal *config;
	Place here;
	Place inside;

	if (reader == NULL)
		return;
	place_enter(compile, &here, "ItemReader");
	fields_check(compile, reader, item_reader_fields, lengthof(item_reader_fields));
	resource_check_for_map(compile, reader, READ_BY_MAP);
	map->item_reader = reader;
	map->item_reader_parameters =
		field_template(compile, reader, compile_language(compile) == QUERY_JSONATA ? "Arguments" : "Parameters");
	config = field_typed(reader, "ReaderConfig", JV_OBJECT);
	if (config != NULL)
	{
		place_enter(compile, &inside, "ReaderConfig");
		fields_check(compile, config, reader_config_fields, lengthof(reader_config_fields));
		field_value(compile, config, "MaxItems", "MaxItemsPath", NULL, &map->max_items);
		warn_of_input_type(compile, config);
		place_leave(compile);
	}
	place_leave(compile);
}

static void
compile_item_batcher(CompileContext *compile, MapState *map, const JsonVal *batcher)
{
	Place here;

	if (batcher == NULL)
		return;
	place_enter(compile, &here, "ItemBatcher");
	fields_check(compile, batcher, item_batcher_fields, lengthof(item_batcher_fields));
	map->item_batcher = batcher;
	map->batch_input = field_template(compile, batcher, "BatchInput");
	field_value(compile, batcher, "MaxItemsPerBatch", "MaxItemsPerBatchPath", NULL, &map->max_items_per_batch);
	field_value(compile, batcher, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", NULL,
				&map->max_bytes_per_batch);
	if (map->max_items_per_batch.name == NULL && map->max_bytes_per_batch.name == NULL)
		compile_error(compile, NULL,
					  "There should be at least one of the following fields: "
					  "[MaxItemsPerBatch, MaxItemsPerBatchPath, MaxInputBytesPerBatch, MaxInputBytesPerBatchPath]");
	place_leave(compile);
}

static void
compile_result_writer(CompileContext *compile, MapState *map, const JsonVal *writer)
{
	const JsonVal *config;
	Place here;
	Place inside;

	if (writer == NULL)
		return;
	place_enter(compile, &here, "ResultWriter");
	if (writer->count == 0)
		compile_error(compile, NULL, "Value cannot be empty");
	fields_check(compile, writer, result_writer_fields, lengthof(result_writer_fields));
	resource_check_for_map(compile, writer, WRITTEN_BY_MAP);
	map->result_writer = writer;
	map->result_writer_parameters =
		field_template(compile, writer, compile_language(compile) == QUERY_JSONATA ? "Arguments" : "Parameters");
	config = field_typed(writer, "WriterConfig", JV_OBJECT);
	if (config != NULL)
	{
		place_enter(compile, &inside, "WriterConfig");
		fields_check(compile, config, writer_config_fields, lengthof(writer_config_fields));
		place_leave(compile);
	}
	place_leave(compile);
}

/* A Label becomes part of ARNs. */
static void
check_label(CompileContext *compile, const char *label)
{
	for (const unsigned char *c = (const unsigned char *) label; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c == 0x7f || strchr("<>{}[]?*\"#%\\^|~`$&,;:/", *c) != NULL)
		{
			compile_error_code(compile, "INVALID_LABEL_NAME", "Label",
							   "White space, brackets, wildcards, special and control characters are not allowed.",
							   "Label contains invalid character: '%c'", *c <= ' ' || *c == 0x7f ? '?' : *c);
			return;
		}
	}
	if (label[0] == '\0')
		compile_error_code(compile, "INVALID_LABEL_NAME", "Label", NULL, "Label cannot be empty");
	else if (utf8_count(label, strlen(label)) > MAX_LABEL_CHARACTERS)
		compile_error_code(compile, "INVALID_LABEL_NAME", "Label", NULL, "Label cannot exceed %d characters",
						   MAX_LABEL_CHARACTERS);
	compile_note_label(compile, label);
}

/* Fields that only a Distributed Map has do nothing elsewhere. */
static void
check_distributed_fields(CompileContext *compile, const MapState *map, const JsonVal *definition)
{
	static const char *const names[] = {
		"ItemReader",
		"ItemBatcher",
		"ResultWriter",
		"Label",
		"ToleratedFailureCount",
		"ToleratedFailureCountPath",
		"ToleratedFailurePercentage",
		"ToleratedFailurePercentagePath",
	};

	if (map->is_distributed || map->processor == NULL)
		return;
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (jv_get(definition, names[i]) != NULL)
			compile_warning(compile, "SCHEMA_VALIDATION_FAILED", names[i],
							"Set Mode in ProcessorConfig to DISTRIBUTED.",
							"Field '%s' is only supported for Distributed Map", names[i]);
	}
}

/* An event of one iteration; its id. */
static int64
tell_iteration(StepContext *step, HistoryEventType type, int32 index, int64 previous)
{
	HistoryEvent event;

	history_open(&event, step->execution, step->env, step->now, type, previous);
	history_string(&event, "name", step->branch->state->name);
	history_integer(&event, "index", index);
	return history_close(&event);
}

int64
map_tell_started(StepContext *step, int32 length)
{
	HistoryEvent event;

	history_open(&event, step->execution, step->env, step->now, HISTORY_MAP_STATE_STARTED, step->branch->last_event);
	history_integer(&event, "length", length);
	return history_close(&event);
}

bool
map_evaluate_items(StepContext *step, const MapState *map, const JsonVal **items)
{
	const ValueField *field = &map->items;
	bool is_jsonata = map->base.query_language == QUERY_JSONATA;

	*items = step->scope.input;
	if (map->items_template != NULL)
	{
		if (!template_eval(map->items_template, &step->scope, items, &step->error))
		{
			(void) step_fail_as_is(step);
			return false;
		}
	}
	else if (field->name != NULL && !step_value(step, field, items))
		return false;
	if ((*items)->type == JV_ARRAY)
		return true;

	if (is_jsonata && field->expression != NULL)
		(void) step_fail_type(step, field, "array", *items);
	else if (is_jsonata)
	{
		(void) step_fail(step, ERROR_QUERY_EVALUATION_ERROR, "Map state input must be an array but was: %s",
						 jv_to_text(*items));
		step->error.is_evaluation = true;
	}
	else
	{
		const char *path = (field->expression != NULL) ? field->expression->source : "$";

		/* AWS names a path into the context object without its first dollar sign. */
		(void) step_fail(step, ERROR_RUNTIME, "Reference path \"%s\" must point to array.",
						 (path[0] == '$' && path[1] == '$') ? path + 1 : path);
	}
	return false;
}

const JsonVal *
map_items_of(StepContext *step, Branch *map_branch)
{
	StepContext outer;

	if (map_branch->items != NULL)
		return map_branch->items;
	step_begin_within(&outer, step, map_branch);
	if (!dataflow_select_input(&outer) ||
		!map_evaluate_items(&outer, (const MapState *) map_branch->state, &map_branch->items))
		map_branch->items = NULL;
	return map_branch->items;
}

/* The input of one iteration: the item, or what ItemSelector makes of it. */
static bool
select_item(StepContext *step, const MapState *map, int32 index, const JsonVal **input)
{
	const JsonVal *items = map_items_of(step, step->branch);

	if (items == NULL || index >= items->count)
	{
		(void) step_fail(step, ERROR_RUNTIME, "The items of the Map cannot be worked out again.");
		return false;
	}
	return map_select_item(step, map, &(MapItem){.index = index, .value = items->u.items[index]}, input);
}

bool
map_select_item(StepContext *step, const MapState *map, const MapItem *item, const JsonVal **input)
{
	bool is_evaluated;

	*input = item->value;
	if (map->item_selector == NULL)
		return true;

	step->item = item;
	is_evaluated = template_eval(map->item_selector, &step->scope, input, &step->error);
	step->item = NULL;
	if (!is_evaluated)
		(void) step_fail_as_is(step);
	else if (!dataflow_fits(step, *input))
		(void) step_fail_too_large(step, map->base.name);
	else
		return true;
	return false;
}

/* Starts the next iteration; its first event follows the event "after". */
static bool
start_iteration(StepContext *step, const MapState *map, int64 after)
{
	Branch *branch = step->branch;
	int32 index = branch->child_started;
	const JsonVal *input;

	if (!select_item(step, map, index, &input))
		return false;
	branch->child_started++;
	branch->is_changed = true;
	(void) branch_start(step->execution, branch, map->processor, index, input,
						tell_iteration(step, HISTORY_MAP_ITERATION_STARTED, index, after));
	return true;
}

/* All iterations have ended. */
static StepOutcome
map_done(StepContext *step)
{
	Branch *branch = step->branch;

	if (!branch_join(step, &step->result))
		return step_fail(step, ERROR_RUNTIME, "The output of an iteration is missing.");

	/* MapStateExited stands beside MapStateSucceeded, not behind it. */
	branch->last_event = branch->last_child_event;
	(void) history_add(step->execution, step->env, step->now, HISTORY_MAP_STATE_SUCCEEDED, branch->last_event);
	return STEP_DONE;
}

/* How many iterations run at a time. */
static bool
find_concurrency(StepContext *step, const MapState *map, int32 total, int64 *concurrency)
{
	*concurrency = 0;
	if (!step_integer(step, &map->max_concurrency, 0, PG_INT32_MAX, concurrency))
		return false;
	if (step->env->max_map_concurrency > 0 && (*concurrency == 0 || *concurrency > step->env->max_map_concurrency))
		*concurrency = step->env->max_map_concurrency;
	if (*concurrency == 0 || *concurrency > total)
		*concurrency = total;
	return true;
}

/* ToleratedFailurePercentage: a number from 0 to 100. */
static bool
tolerated_percentage(StepContext *step, const ValueField *field, MapPlan *plan)
{
	const JsonVal *value;
	char *end;

	if (!step_value(step, field, &value))
		return false;
	if (value == NULL)
		return true;
	plan->has_tolerated_percentage = true;
	plan->tolerated_percentage = value->number;
	if (value->type == JV_STRING && value->count > 0 && field->expression != NULL &&
		field->expression->kind != EXPRESSION_JSONATA)
		plan->tolerated_percentage = strtod(value->u.text, &end);
	else
		end = "";
	if ((value->type != JV_NUMBER && value->type != JV_STRING) || *end != '\0' ||
		(value->type == JV_STRING && value->count == 0))
	{
		if (field->expression != NULL && field->expression->kind == EXPRESSION_JSONATA)
			(void) step_fail_type(step, field, "number", value);
		else
			(void) step_fail(step, ERROR_RUNTIME, "The %s field refers to value \"%s\" which is not a valid float: %s",
							 field->name, step_quote(value),
							 (field->expression != NULL) ? field->expression->source : "");
		return false;
	}
	if (plan->tolerated_percentage >= 0 && plan->tolerated_percentage <= 100)
		return true;
	(void) step_fail(step, ERROR_RUNTIME, "ToleratedFailurePercentage must be between 0 and 100.");
	return false;
}

/* The items after ItemSelector, for an observer. */
static bool
show_selected(StepContext *step, const MapState *map)
{
	const JsonVal *items = step->branch->items;
	JvArrayBuilder selected;

	if (map->item_selector == NULL || items == NULL)
		return true;
	jv_array_begin(&selected);
	for (int32 i = 0; i < items->count; i++)
	{
		const JsonVal *input;

		SFN_CHECK_INTERRUPTS();
		if (!select_item(step, map, i, &input))
			return false;
		jv_array_add(&selected, input);
	}
	step_show(step, "afterItemSelector", jv_array_end(&selected));
	return true;
}

bool
map_plan(StepContext *step, const MapState *map, MapPlan *plan)
{
	bool is_jsonpath = map->base.query_language == QUERY_JSONPATH;

	memset(plan, 0, sizeof(*plan));
	if (map->item_reader == NULL)
	{
		if (!map_evaluate_items(step, map, &plan->items))
			return false;
		step->branch->items = plan->items;
		if (is_jsonpath)
			step_show(step, "afterItemsPath", plan->items);
		if (!show_selected(step, map))
			return false;
	}
	return map_plan_limits(step, map, plan);
}

bool
map_plan_limits(StepContext *step, const MapState *map, MapPlan *plan)
{
	if (!step_integer(step, &map->max_concurrency, 0, PG_INT32_MAX, &plan->max_concurrency))
		return false;
	step_show(step, "maxConcurrency", jv_int(plan->max_concurrency));
	plan->has_tolerated_count = map->tolerated_failure_count.name != NULL;
	if (!step_integer(step, &map->tolerated_failure_count, 0, PG_INT32_MAX, &plan->tolerated_count) ||
		!tolerated_percentage(step, &map->tolerated_failure_percentage, plan))
		return false;
	if (plan->has_tolerated_count)
		step_show(step, "toleratedFailureCount", jv_int(plan->tolerated_count));
	if (plan->has_tolerated_percentage)
		step_show(step, "toleratedFailurePercentage",
				  jv_number_text(psprintf("%.15g", plan->tolerated_percentage),
								 strlen(psprintf("%.15g", plan->tolerated_percentage))));
	return true;
}

/* Starts as many iterations as may run at a time. */
static StepOutcome
map_enter(StepContext *step, const AslState *state)
{
	const MapState *map = (const MapState *) state;
	Branch *branch = step->branch;
	const JsonVal *items;
	int64 concurrency;

	if (map->is_distributed)
		return map_run_enter(step, map);
	if (!map_evaluate_items(step, map, &items) || !find_concurrency(step, map, items->count, &concurrency))
		return STEP_FAILED;

	branch->items = items;
	branch->child_total = items->count;
	branch->child_started = 0;
	branch->child_finished = 0;
	branch->last_event = map_tell_started(step, items->count);
	branch->last_child_event = branch->last_event;
	if (items->count == 0)
		return map_done(step);
	for (int64 i = 0; i < concurrency; i++)
	{
		SFN_CHECK_INTERRUPTS();
		if (!start_iteration(step, map, branch->last_event))
			return STEP_FAILED;
	}
	return STEP_WAITING;
}

/* An iteration has ended: the next one takes its place; the last one brings the result. */
static StepOutcome
map_resume(StepContext *step, const AslState *state, const Event *event)
{
	const MapState *map = (const MapState *) state;
	Branch *branch = step->branch;

	if (map->is_distributed)
		return map_run_resume(step, map, event);
	if (event != NULL)
	{
		step->is_stale = true;
		return STEP_WAITING;
	}
	branch->last_child_event =
		tell_iteration(step, HISTORY_MAP_ITERATION_SUCCEEDED, step->ended_child->index, step->ended_child->last_event);
	if (branch->child_finished == branch->child_total)
		return map_done(step);
	if (branch->child_started == branch->child_total)
		return STEP_WAITING;
	if (map->item_selector != NULL && !dataflow_select_input(step))
		return STEP_FAILED;
	return start_iteration(step, map, step->ended_child->last_event) ? STEP_WAITING : STEP_FAILED;
}

const StateType state_type_map = {
	.name = "Map",
	.entered_event = "MapStateEntered",
	.exited_event = "MapStateExited",
	.aborted_event = "MapStateAborted",
	.size = sizeof(MapState),
	.fields = map_fields,
	.field_count = lengthof(map_fields),
	.may_retry = true,
	.compile = map_compile,
	.enter = map_enter,
	.resume = map_resume,
};
