/*
 * map_load.c
 *	  The inputs of a map run's children, made from its items.
 *
 * Items come from the state's own data or from what its ItemReader names, one
 * after the other; each goes through ItemSelector and ItemBatcher into rows of
 * inputs.  What is in memory is one item, one batch and one row (contexts: "sfn
 * map item", reset after each item).
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "engine/map_inputs.h"
#include "engine/state_map.h"
#include "runtime/map_runs.h"
#include "services/items/item_source.h"
#include "settings/clock.h"
#include "shared/in_hand.h"
#include "store/store.h"

/* A row of inputs is stored when it has so many bytes, if not before. */
#define ROW_BYTES (32 * 1024)

typedef struct Load
{
	MapRunRow *run;
	MapInputs *inputs;
	MemoryContext item_context;
	TimestampTz deadline; /* of a shared turn, real time */
	StringInfoData row;   /* inputs, joined by commas */
	int count;            /* in the row */
	int32 items[MAP_INPUTS_PER_ROW];
	bool has_batches; /* some input has more than one item */
	int64 children;
} Load;

static bool take_input(void *arg, const char *input, int length, int32 items, SfnError *error);
static void store_row(Load *load);
static bool take_item(void *arg, const JsonVal *item, const char *key, const char *source, SfnError *error);
static bool read_items(Running *running, const JsonVal *plan, Branch *branch, Load *load, SfnError *error);

bool
map_run_load(Running *running, MapRunRow *run, const JsonVal *plan, Branch *branch, SfnError *error)
{
	bool is_shared = running->turn->request->mode == TURN_SHARED;
	Load load = {.run = run, .deadline = DT_NOEND};
	StoreScope scope;

	if (is_shared)
		load.deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), TURN_SHARE_MS);

	initStringInfo(&load.row);
	load.item_context = AllocSetContextCreate(CurrentMemoryContext, "sfn map item", ALLOCSET_DEFAULT_SIZES);
	load.inputs = map_inputs_begin(&running->execution, branch, &running->turn->env, plan, take_input, &load, error);
	if (load.inputs != NULL && read_items(running, plan, branch, &load, error) && map_inputs_end(load.inputs, error))
	{
		store_row(&load);
		run->children.total = load.children;
		run->items.total = map_inputs_count(load.inputs);
		MemoryContextDelete(load.item_context);
		return true;
	}
	store_enter(&scope);
	map_run_delete_inputs(run->id);
	store_leave(&scope);
	return false;
}

/* ---- inputs ---- */

static bool
take_input(void *arg, const char *input, int length, int32 items, SfnError *error)
{
	Load *load = arg;

	(void) error;
	if (load->count > 0)
		appendStringInfoChar(&load->row, ',');
	appendBinaryStringInfo(&load->row, input, length);
	load->items[load->count++] = items;
	load->has_batches = load->has_batches || items != 1;
	load->children++;
	if (load->count == MAP_INPUTS_PER_ROW || load->row.len >= ROW_BYTES)
		store_row(load);
	return true;
}

static void
store_row(Load *load)
{
	StringInfoData array;
	StoreScope scope;

	if (load->count == 0)
		return;
	initStringInfo(&array);
	appendStringInfoChar(&array, '[');
	appendBinaryStringInfo(&array, load->row.data, load->row.len);
	appendStringInfoChar(&array, ']');
	store_enter(&scope);
	map_run_add_inputs(load->run->id, load->children - load->count, array.data, array.len,
					   load->has_batches ? load->items : NULL, load->count);
	store_leave(&scope);
	pfree(array.data);
	resetStringInfo(&load->row);
	load->count = 0;
	load->has_batches = false;
}

/* ---- items ---- */

static bool
take_item(void *arg, const JsonVal *item, const char *key, const char *source, SfnError *error)
{
	Load *load = arg;
	MemoryContext caller_context = MemoryContextSwitchTo(load->item_context);
	bool is_taken = map_inputs_item(load->inputs, item, key, source, error);

	MemoryContextSwitchTo(caller_context);
	if (is_taken)
		MemoryContextReset(load->item_context); /* the error is in there */
	if (is_taken && load->deadline != DT_NOEND && GetCurrentTimestamp() > load->deadline)
	{
		memset(error, 0, sizeof(SfnError)); /* no failure: a turn of its own goes on */
		return false;
	}
	return is_taken;
}

/* The execution's own timer cannot be delivered meanwhile: when it is due, the reading is put off, and the timer ends it. */
static bool
read_source(Running *running, const JsonVal *reader, Load *load, SfnError *error)
{
	ItemSource source = {.resource = jv_get_string(reader, "resource"),
						 .parameters = jv_get(reader, "parameters"),
						 .reader_config = jv_get(reader, "config"),
						 .role = running->cached->role,
						 .is_session = running->turn->request->mode == TURN_SESSION,
						 .is_last_try = running->turn->request->is_last_try,
						 .timeout_ms = map_run_time_left(running)};
	TaskInHand in_hand = {.branch = load->run->branch,
						  .visit = load->run->visit,
						  .attempt = load->run->attempt,
						  .role = source.role,
						  .resource = source.resource,
						  .state = branch_find(&running->execution, load->run->branch)->state->name,
						  .execution = running->execution.arn};
	bool is_read;

	if (map_run_is_late(running))
		return false;
	worker_set_task(&in_hand);
	(void) jv_to_int64(jv_get(reader, "maxItems"), &source.max_items);
	is_read = item_source_read(&source, take_item, load, error);
	worker_set_task(NULL);
	if (!is_read && error->name != NULL && strcmp(error->name, ERROR_TIMEOUT) == 0)
		memset(error, 0, sizeof(SfnError));
	return is_read;
}

/* The state's own data: those of the plan, or, after a redrive, worked out again. */
static const JsonVal *
own_items(Running *running, const JsonVal *plan, Branch *branch)
{
	const JsonVal *items = jv_get(plan, "items");
	StepContext step;

	if (jv_is(items, JV_ARRAY))
		return items;
	step_begin(&step, &running->execution, branch, &running->turn->env);
	return map_items_of(&step, branch);
}

static bool
read_items(Running *running, const JsonVal *plan, Branch *branch, Load *load, SfnError *error)
{
	const JsonVal *reader = jv_get(plan, "reader");
	const JsonVal *items;

	if (reader != NULL)
		return read_source(running, reader, load, error);
	items = own_items(running, plan, branch);
	if (items == NULL)
		return sfn_error(error, ERROR_RUNTIME, "The items of the Map cannot be worked out again.");
	for (int i = 0; i < items->count; i++)
	{
		if (!take_item(load, items->u.items[i], NULL, "STATE_DATA", error))
			return false;
	}
	return true;
}
