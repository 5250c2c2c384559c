/*
 * context_object.c
 *	  The context object: "$$" in JSONPath, $states.context in JSONata.
 *
 * Made when an expression asks for it.  Most of it is the same during a step and
 * kept in the StepContext; Map (the item of the innermost iteration around) and
 * Task (a token, where the pattern has one) are added each time.
 */
#include "base/port.h"

#include "base/timestamps.h"
#include "engine/context_object.h"
#include "engine/state_map.h"
#include "engine/state_task.h"

static const JsonVal *
time_value(TimestampTz moment)
{
	StringInfoData text;

	initStringInfo(&text);
	timestamp_print(&text, moment);
	return jv_string_n(text.data, text.len);
}

static void
add_text(JvObjectBuilder *builder, const char *name, const char *text)
{
	jv_object_add(builder, name, (text != NULL) ? jv_string(text) : jv_null());
}

static const JsonVal *
execution_object(const Execution *execution)
{
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	add_text(&builder, "Id", execution->arn);
	jv_object_add(&builder, "Input", (execution->input != NULL) ? execution->input : jv_null());
	jv_object_add(&builder, "StartTime", time_value(execution->start_time));
	add_text(&builder, "Name", execution->name);
	add_text(&builder, "RoleArn", execution->role_arn);
	if (!execution->machine->is_express)
		jv_object_add(&builder, "RedriveCount", jv_int(execution->redrive_count));
	if (execution->redrive_time != 0)
		jv_object_add(&builder, "RedriveTime", time_value(execution->redrive_time));
	return jv_object_end(&builder);
}

static const JsonVal *
machine_object(const Execution *execution)
{
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	add_text(&builder, "Id", execution->machine_arn);
	add_text(&builder, "Name", execution->machine_name);
	return jv_object_end(&builder);
}

static const JsonVal *
state_object(const Branch *branch)
{
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	add_text(&builder, "Name", branch->state->name);
	jv_object_add(&builder, "EnteredTime", time_value(branch->entered_time));
	if (branch->state->type->may_retry)
		jv_object_add(&builder, "RetryCount", jv_int(branch->attempt));
	return jv_object_end(&builder);
}

/* Map.Item of an iteration. */
static const JsonVal *
map_object(const MapItem *item)
{
	JvObjectBuilder builder;
	const JsonVal *inner;

	jv_object_begin(&builder);
	jv_object_add(&builder, "Index", jv_int(item->index));
	jv_object_add(&builder, "Value", item->value);
	if (item->key != NULL)
		jv_object_add(&builder, "Key", jv_string(item->key));
	if (item->source != NULL)
		jv_object_add(&builder, "Source", jv_string(item->source));
	inner = jv_object_end(&builder);
	jv_object_begin(&builder);
	jv_object_add(&builder, "Item", inner);
	return jv_object_end(&builder);
}

/* The item being selected, or the one whose iteration the branch belongs to; NULL outside of Maps. */
static const JsonVal *
map_of_step(StepContext *step)
{
	if (step->item != NULL)
		return map_object(step->item);
	if (step->env->observer != NULL && step->env->observer->item != NULL)
		return map_object(&(MapItem){.value = step->env->observer->item});

	for (Branch *branch = step->branch; branch->parent != NULL; branch = branch->parent)
	{
		const JsonVal *items;

		if (branch->parent->state->type != &state_type_map)
			continue;
		items = map_items_of(step, branch->parent);
		if (items == NULL || branch->index >= items->count)
			return NULL;
		return map_object(&(MapItem){.index = branch->index, .value = items->u.items[branch->index]});
	}
	return NULL;
}

/* Task.Token, where the task's pattern waits for one. */
static const JsonVal *
task_of_step(StepContext *step)
{
	const char *token = task_token_of(step);
	JvObjectBuilder builder;

	if (token == NULL)
		return NULL;
	jv_object_begin(&builder);
	add_text(&builder, "Token", token);
	return jv_object_end(&builder);
}

static const JsonVal *
with_member(const JsonVal *object, const char *name, const JsonVal *value)
{
	return (value != NULL) ? jv_object_set(object, name, strlen(name), value) : object;
}

const JsonVal *
context_object(const EvalScope *scope)
{
	StepContext *step = scope->owner;

	if (step->env->observer != NULL && step->env->observer->context != NULL)
		return step->env->observer->context;
	if (step->context == NULL)
	{
		JvObjectBuilder builder;

		jv_object_begin(&builder);
		jv_object_add(&builder, "Execution", execution_object(step->execution));
		jv_object_add(&builder, "StateMachine", machine_object(step->execution));
		jv_object_add(&builder, "State", state_object(step->branch));
		step->context = jv_object_end(&builder);
	}
	return with_member(with_member(step->context, "Map", map_of_step(step)), "Task", task_of_step(step));
}
