/*
 * branches.c
 *	  The tree of branches: starting, finding, joining and ending them.
 *
 * Children hang below their parent by index while they live or wait to be
 * joined.  A branch that is gone leaves the tree but stays in the execution's
 * list, so that the store can delete its row.  Ids are found through a hash
 * table: a Map may have thousands of children at once.
 */
#include "base/port.h"

#include "engine/branches.h"
#include "engine/history.h"
#include "engine/redrive.h"

#define FIRST_TABLE_SIZE 16 /* a power of two */

/* ---- finding by id ---- */

static uint32
table_place(const Execution *execution, int32 id)
{
	uint32 mask = (uint32) execution->branch_table_size - 1;
	uint32 place = ((uint32) id * 2654435769u) & mask;

	while (execution->branch_table[place] != NULL && execution->branch_table[place]->id != id)
		place = (place + 1) & mask;
	return place;
}

/* Twice the room; branches that are gone are left behind. */
static void
table_grow(Execution *execution)
{
	Branch **old = execution->branch_table;
	int32 old_size = execution->branch_table_size;

	execution->branch_table_size = Max(FIRST_TABLE_SIZE, old_size * 2);
	execution->branch_table = palloc0(execution->branch_table_size * sizeof(Branch *));
	execution->branch_table_used = 0;
	for (int32 i = 0; i < old_size; i++)
	{
		if (old[i] == NULL || old[i]->status == BRANCH_GONE)
			continue;
		execution->branch_table[table_place(execution, old[i]->id)] = old[i];
		execution->branch_table_used++;
	}
}

static void
table_add(Execution *execution, Branch *branch)
{
	uint32 place;

	if (execution->branch_table_used * 2 >= execution->branch_table_size)
		table_grow(execution);
	place = table_place(execution, branch->id);
	if (execution->branch_table[place] == NULL)
		execution->branch_table_used++;
	execution->branch_table[place] = branch;
}

Branch *
branch_find(const Execution *execution, int32 id)
{
	Branch *branch;

	if (id == 0)
		branch = execution->main;
	else if (execution->branch_table_size == 0)
		return NULL;
	else
		branch = execution->branch_table[table_place(execution, id)];
	return (branch != NULL && branch->status != BRANCH_GONE) ? branch : NULL;
}

/* ---- the tree ---- */

void
execution_begin(Execution *execution)
{
	memset(execution, 0, sizeof(*execution));
	execution->status = EXECUTION_RUNNING;
}

/*
 * The sibling behind which a child of that index belongs, or NULL.  Children come in the order of their index, new ones
 * behind all others, finished ones that are loaded late somewhere before, so the search begins where the last one hangs.
 */
static Branch *
sibling_before(const Branch *parent, int32 index)
{
	Branch *before = parent->newest_child;

	if (before == NULL || parent->last_child->index <= index)
		before = parent->last_child;
	while (before != NULL && before->index > index)
		before = before->previous_sibling;
	while (before != NULL && before->next_sibling != NULL && before->next_sibling->index <= index)
		before = before->next_sibling;
	return before;
}

static void
hang_below(Branch *parent, Branch *branch)
{
	Branch *before = sibling_before(parent, branch->index);

	parent->newest_child = branch;
	branch->previous_sibling = before;
	branch->next_sibling = (before != NULL) ? before->next_sibling : parent->first_child;
	if (branch->next_sibling != NULL)
		branch->next_sibling->previous_sibling = branch;
	else
		parent->last_child = branch;
	if (before != NULL)
		before->next_sibling = branch;
	else
		parent->first_child = branch;
}

static void
take_off(Branch *branch)
{
	Branch *parent = branch->parent;

	if (parent == NULL)
		return;
	if (branch->previous_sibling != NULL)
		branch->previous_sibling->next_sibling = branch->next_sibling;
	else
		parent->first_child = branch->next_sibling;
	if (branch->next_sibling != NULL)
		branch->next_sibling->previous_sibling = branch->previous_sibling;
	else
		parent->last_child = branch->previous_sibling;
	if (parent->newest_child == branch)
		parent->newest_child = branch->previous_sibling;
	branch->previous_sibling = branch->next_sibling = NULL;
}

Branch *
branch_attach(Execution *execution, Branch *parent, int32 id, int32 index)
{
	Branch *branch = palloc0(sizeof(Branch));

	branch->id = id;
	branch->index = index;
	branch->parent = parent;
	if (execution->last_branch != NULL)
		execution->last_branch->next_in_execution = branch;
	else
		execution->branches = branch;
	execution->last_branch = branch;
	if (parent == NULL)
		execution->main = branch;
	else
	{
		hang_below(parent, branch);
		table_add(execution, branch);
	}
	if (id > execution->last_branch_id)
		execution->last_branch_id = id;
	return branch;
}

Branch *
branch_start(Execution *execution, Branch *parent, const AslScope *scope, int32 index, const JsonVal *input,
			 int64 after)
{
	int32 id = (parent == NULL) ? 0 : execution->last_branch_id + 1;
	Branch *branch = branch_attach(execution, parent, id, index);

	branch->state = scope->start;
	branch->input = input;
	branch->last_event = after;
	branch->is_changed = true;
	branch->input_changed = true;
	branch_queue(execution, branch);
	return branch;
}

void
branch_unstart(Branch *branch)
{
	take_off(branch);
	branch->status = BRANCH_GONE;
}

bool
branch_has_iterations(const Branch *branch)
{
	return branch->state->type == &state_type_map;
}

/* ---- the queue of branches that can go on ---- */

void
branch_queue(Execution *execution, Branch *branch)
{
	branch->status = BRANCH_READY;
	if (branch->is_queued)
		return;
	branch->is_queued = true;
	branch->next_ready = NULL;
	if (execution->last_ready != NULL)
		execution->last_ready->next_ready = branch;
	else
		execution->first_ready = branch;
	execution->last_ready = branch;
}

void
branch_queue_first(Execution *execution, Branch *branch)
{
	Branch *before = NULL;
	Branch *at = execution->first_ready;

	while (at != NULL && at != branch)
	{
		before = at;
		at = at->next_ready;
	}
	if (at == NULL || before == NULL)
		return;
	before->next_ready = branch->next_ready;
	if (execution->last_ready == branch)
		execution->last_ready = before;
	branch->next_ready = execution->first_ready;
	execution->first_ready = branch;
}

/* Drops those from the head that have gone meanwhile. */
bool
branch_any_ready(Execution *execution)
{
	while (execution->first_ready != NULL && execution->first_ready->status != BRANCH_READY)
	{
		execution->first_ready->is_queued = false;
		execution->first_ready = execution->first_ready->next_ready;
	}
	if (execution->first_ready == NULL)
		execution->last_ready = NULL;
	return execution->first_ready != NULL;
}

Branch *
branch_next_ready(Execution *execution)
{
	Branch *branch;

	if (!branch_any_ready(execution))
		return NULL;
	branch = execution->first_ready;
	branch->is_queued = false;
	execution->first_ready = branch->next_ready;
	if (execution->first_ready == NULL)
		execution->last_ready = NULL;
	return branch;
}

/* ---- the end of branches ---- */

void
branch_clear(Execution *execution, Branch *branch)
{
	if (!branch->has_timers)
		return;
	branch->has_timers = false;
	branch->is_changed = true;
	execution_add_effect(execution, EFFECT_CLEAR, branch);
}

/* Removes all children; finished ones that are not in memory are left to the store. */
static void
remove_children(Execution *execution, Branch *parent)
{
	int finished = 0;

	while (parent->first_child != NULL)
	{
		if (parent->first_child->status == BRANCH_FINISHED)
			finished++;
		branch_remove(execution, parent->first_child);
	}
	if (finished < parent->child_finished)
		parent->drops_children = true;
	parent->child_total = parent->child_started = parent->child_finished = 0;
	parent->items = NULL;
	parent->is_changed = true;
}

void
branch_remove(Execution *execution, Branch *branch)
{
	remove_children(execution, branch);
	if (branch->status == BRANCH_WAITING && branch->state->type == &state_type_task)
		branch->has_timers = true; /* at least the task itself */
	branch_clear(execution, branch);
	take_off(branch);
	branch->status = BRANCH_GONE;
	branch->is_changed = true;
}

bool
branch_join(StepContext *step, const JsonVal **results)
{
	Branch *parent = step->branch;
	int total = parent->child_total;
	int found = 0;
	const JsonVal **outputs = palloc(Max(total, 1) * sizeof(JsonVal *));

	for (Branch *child = parent->first_child; child != NULL; child = child->next_sibling)
		found++;
	if (found < total)
	{
		if (step->env->load_finished != NULL)
			step->env->load_finished(step->env, step->execution, parent);
		parent->drops_children = true;
	}

	found = 0;
	for (Branch *child = parent->first_child; child != NULL; child = child->next_sibling)
	{
		if (child->status != BRANCH_FINISHED || child->index != found || found >= total)
			return false;
		outputs[found++] = child->output;
	}
	if (found != total)
		return false;

	*results = jv_array(outputs, total);
	step->has_joined = true;
	return true;
}

void
branch_remove_joined(StepContext *step)
{
	remove_children(step->execution, step->branch);
	step->has_joined = false;
}

/* ---- aborting ---- */

/* Is the branch inside a state that it has entered and not left? */
static bool
is_inside_state(const Branch *branch)
{
	return branch->status == BRANCH_WAITING || branch->status == BRANCH_DELAYED;
}

static bool
is_open(const Branch *branch)
{
	return branch->status != BRANCH_FINISHED && branch->status != BRANCH_GONE;
}

static void
tell_iteration(StepContext *step, HistoryEventType type, const Branch *child, int64 previous)
{
	HistoryEvent event;

	history_open(&event, step->execution, step->env, step->now, type, previous);
	history_string(&event, "name", child->parent->state->name);
	history_integer(&event, "index", child->index);
	history_close(&event);
}

static void
tell_state_aborted(StepContext *step, const Branch *branch, int64 previous)
{
	HistoryEvent event;

	if (branch->state->type->aborted_event == NULL || !is_inside_state(branch))
		return;
	history_open_state(&event, step->execution, step->env, step->now, branch->state->type->aborted_event, NULL,
					   previous);
	history_close(&event);
}

/*
 * Tells of the children of parent that are open: first the iterations, then the
 * states, inner ones before outer ones.  failed (or NULL) goes first.
 */
static void
tell_children_aborted(StepContext *step, const Branch *parent, const Branch *failed, int64 previous)
{
	if (branch_has_iterations(parent))
	{
		if (failed != NULL)
			tell_iteration(step, HISTORY_MAP_ITERATION_FAILED, failed, previous);
		for (Branch *child = parent->first_child; child != NULL; child = child->next_sibling)
		{
			if (child != failed && is_open(child))
				tell_iteration(step, HISTORY_MAP_ITERATION_ABORTED, child, previous);
		}
	}
	if (failed != NULL)
		tell_state_aborted(step, failed, previous);
	for (Branch *child = parent->first_child; child != NULL; child = child->next_sibling)
	{
		if (child == failed || !is_open(child))
			continue;
		tell_children_aborted(step, child, NULL, previous);
		tell_state_aborted(step, child, previous);
	}
}

void
branch_abort_children(StepContext *step, Branch *failed)
{
	Branch *parent = step->branch;

	parent->kept = branch_keep(parent);
	tell_children_aborted(step, parent, failed, (failed != NULL) ? failed->last_event : parent->last_event);
	remove_children(step->execution, parent);
}

/* ---- moving to another memory context ---- */

static const JsonVal *
clone_value(const JsonVal *value)
{
	return (value != NULL) ? jv_clone(value) : NULL;
}

/* What the copy of a branch points to; the tree around it is there already. */
static void
copy_branch(Branch *copy, const Branch *branch)
{
	Branch place = *copy;

	*copy = *branch;
	copy->parent = place.parent;
	copy->first_child = place.first_child;
	copy->last_child = place.last_child;
	copy->newest_child = place.newest_child;
	copy->next_sibling = place.next_sibling;
	copy->previous_sibling = place.previous_sibling;
	copy->next_in_execution = place.next_in_execution;
	copy->next_ready = NULL;
	copy->is_queued = false;

	copy->input = clone_value(branch->input);
	copy->variables = clone_value(branch->variables);
	copy->output = clone_value(branch->output);
	copy->items = clone_value(branch->items);
	if (branch->task_token != NULL)
		copy->task_token = pstrdup(branch->task_token);
	if (branch->map_run != NULL)
		copy->map_run = pstrdup(branch->map_run);
	if (branch->retry_counts != NULL)
	{
		Size size = branch->state->retrier_count * sizeof(int);

		copy->retry_counts = palloc(size);
		memcpy(copy->retry_counts, branch->retry_counts, size);
	}
}

void
execution_move(Execution *execution)
{
	Branch *branches = execution->branches;
	Branch *ready = execution->first_ready;

	execution->main = NULL;
	execution->branches = execution->last_branch = NULL;
	execution->first_ready = execution->last_ready = NULL;
	execution->branch_table = NULL;
	execution->branch_table_size = execution->branch_table_used = 0;
	execution->printed_value = NULL;

	/* a parent stands before its children in the list, so its copy can be found */
	for (Branch *branch = branches; branch != NULL; branch = branch->next_in_execution)
	{
		Branch *parent = NULL;

		if (branch->status == BRANCH_GONE)
			continue;
		if (branch->parent != NULL)
			parent = branch_find(execution, branch->parent->id);
		copy_branch(branch_attach(execution, parent, branch->id, branch->index), branch);
	}
	for (; ready != NULL; ready = ready->next_ready)
	{
		if (ready->status == BRANCH_READY)
			branch_queue(execution, branch_find(execution, ready->id));
	}
}
