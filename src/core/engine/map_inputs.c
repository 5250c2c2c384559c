/*
 * map_inputs.c
 *	  From the items of a Distributed Map to the inputs of its child executions.
 */
#include "base/port.h"

#include "engine/context_object.h"
#include "engine/dataflow.h"
#include "engine/map_inputs.h"
#include "engine/state_map.h"

struct MapInputs
{
	StepContext step;
	const MapState *map;
	MapInputSink sink;
	void *arg;
	int64 count; /* items so far */

	/* with an ItemBatcher */
	bool is_batched;
	int64 max_items; /* 0: no limit */
	int64 max_bytes; /* of a batch's whole input */
	const char *batch_input;
	StringInfoData batch;
	int32 batch_count;
};

static bool
copy_error(const MapInputs *inputs, SfnError *error)
{
	*error = inputs->step.error;
	return false;
}

/* The batcher of the plan, its input as text. */
static void
begin_batcher(MapInputs *inputs, const JsonVal *batcher)
{
	const JsonVal *input = jv_get(batcher, "input");

	if (batcher == NULL)
		return;
	inputs->is_batched = true;
	(void) jv_to_int64(jv_get(batcher, "maxItems"), &inputs->max_items);
	(void) jv_to_int64(jv_get(batcher, "maxBytes"), &inputs->max_bytes);
	inputs->batch_input = input != NULL ? jv_to_text(input) : NULL;
	initStringInfo(&inputs->batch);
}

MapInputs *
map_inputs_begin(Execution *execution, Branch *branch, EngineEnv *env, const JsonVal *plan, MapInputSink sink,
				 void *arg, SfnError *error)
{
	MapInputs *inputs = palloc0(sizeof(MapInputs));

	inputs->map = (const MapState *) branch->state;
	inputs->sink = sink;
	inputs->arg = arg;
	begin_batcher(inputs, jv_get(plan, "batcher"));
	step_begin(&inputs->step, execution, branch, env);
	if (!dataflow_select_input(&inputs->step))
	{
		(void) copy_error(inputs, error);
		return NULL;
	}
	(void) context_object(&inputs->step.scope); /* made here, it lasts */
	return inputs;
}

static bool
too_large(MapInputs *inputs, SfnError *error)
{
	(void) step_fail_too_large(&inputs->step, inputs->map->base.name);
	return copy_error(inputs, error);
}

/* ---- batches ---- */

static void
open_batch(MapInputs *inputs)
{
	resetStringInfo(&inputs->batch);
	inputs->batch_count = 0;
	appendStringInfoChar(&inputs->batch, '{');
	if (inputs->batch_input != NULL)
		appendStringInfo(&inputs->batch, "\"BatchInput\":%s,", inputs->batch_input);
	appendStringInfoString(&inputs->batch, "\"Items\":[");
}

static bool
close_batch(MapInputs *inputs, SfnError *error)
{
	int32 count = inputs->batch_count;

	if (count == 0)
		return true;
	appendStringInfoString(&inputs->batch, "]}");
	inputs->batch_count = 0;
	return inputs->sink(inputs->arg, inputs->batch.data, inputs->batch.len, count, error);
}

/* Adds an item to the batch, which is closed first when there is no room, and after it when it is full. */
static bool
add_to_batch(MapInputs *inputs, const char *text, int length, SfnError *error)
{
	int closing = (int) strlen(",]}");

	if (inputs->batch_count > 0 && inputs->batch.len + length + closing > inputs->max_bytes &&
		!close_batch(inputs, error))
		return false;
	if (inputs->batch_count == 0)
	{
		open_batch(inputs);
		if (inputs->batch.len + length + closing > Max(inputs->max_bytes, inputs->step.env->max_payload_bytes))
			return too_large(inputs, error);
	}
	else
		appendStringInfoChar(&inputs->batch, ',');
	appendBinaryStringInfo(&inputs->batch, text, length);
	inputs->batch_count++;
	return inputs->batch_count != inputs->max_items || close_batch(inputs, error);
}

/* ---- items ---- */

/* Its budget is spent.  One that is to be taken back is no failure: *error stays empty. */
static bool
fail_spent(const Budget *budget, SfnError *error)
{
	memset(error, 0, sizeof(SfnError));
	return budget_takes_back(budget) ? false : budget_fail(budget, error);
}

bool
map_inputs_item(MapInputs *inputs, const JsonVal *item, const char *key, const char *source, SfnError *error)
{
	MapItem selected = {.index = inputs->count, .value = item, .key = key, .source = source};
	Budget *budget = &inputs->step.env->budget;
	const JsonVal *input;
	const char *text;

	SFN_CHECK_INTERRUPTS();
	budget_begin(budget, true);
	if (!map_select_item(&inputs->step, inputs->map, &selected, &input))
		return budget->verdict == BUDGET_LEFT ? copy_error(inputs, error) : fail_spent(budget, error);
	if (!dataflow_fits(&inputs->step, input))
		return too_large(inputs, error);
	inputs->count++;
	text = jv_to_text(input);
	if (inputs->is_batched)
		return add_to_batch(inputs, text, (int) strlen(text), error);
	return inputs->sink(inputs->arg, text, (int) strlen(text), 1, error);
}

bool
map_inputs_end(MapInputs *inputs, SfnError *error)
{
	return !inputs->is_batched || close_batch(inputs, error);
}

int64
map_inputs_count(const MapInputs *inputs)
{
	return inputs->count;
}
