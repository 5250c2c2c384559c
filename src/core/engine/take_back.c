/*
 * take_back.c
 *	  Taking back a transition that was begun, as if it had not been.
 */
#include "base/port.h"

#include "engine/branches.h"
#include "engine/take_back.h"

static void
save_branch(StepMark *mark, SavedBranch *saved, Branch *branch)
{
	saved->branch = branch;
	saved->before = *branch;
	saved->next = mark->saved;
	mark->saved = saved;
}

void
step_mark(StepContext *step, StepMark *mark)
{
	const HistoryChunk *chunk = step->execution->last_chunk;

	mark->before = *step->execution;
	mark->chunk_length = (chunk != NULL) ? chunk->events.len : 0;
	mark->chunk_last_id = (chunk != NULL) ? chunk->last_id : 0;
	mark->saved = NULL;
	save_branch(mark, &mark->own, step->branch);
	step->mark = mark;
	step->env->budget.can_be_taken_back = true;
}

void
step_mark_parent(StepMark *mark, Branch *parent)
{
	if (mark != NULL)
		save_branch(mark, palloc(sizeof(SavedBranch)), parent);
}

/* All but its place among the others: finished children that were read meanwhile stay. */
static void
restore_branch(const SavedBranch *saved)
{
	Branch *branch = saved->branch;
	Branch place = *branch;

	*branch = saved->before;
	branch->first_child = place.first_child;
	branch->last_child = place.last_child;
	branch->newest_child = place.newest_child;
	branch->next_sibling = place.next_sibling;
	branch->previous_sibling = place.previous_sibling;
	branch->next_in_execution = place.next_in_execution;
}

/* Children that were begun are no more; their ids are given again. */
static void
drop_started(const StepMark *mark)
{
	for (Branch *branch = mark->before.last_branch->next_in_execution; branch != NULL;
		 branch = branch->next_in_execution)
	{
		if (branch->status == BRANCH_READY)
			branch_unstart(branch);
	}
}

/* The execution, but for its list and table of branches. */
static void
restore_execution(Execution *execution, const StepMark *mark)
{
	Execution now = *execution;

	*execution = mark->before;
	execution->branches = now.branches;
	execution->last_branch = now.last_branch;
	execution->branch_table = now.branch_table;
	execution->branch_table_size = now.branch_table_size;
	execution->branch_table_used = now.branch_table_used;
	execution->printed_value = NULL;
	if (execution->last_ready != NULL)
		execution->last_ready->next_ready = NULL;
	if (execution->last_effect != NULL)
		execution->last_effect->next = NULL;
	if (execution->last_chunk != NULL)
	{
		execution->last_chunk->next = NULL;
		execution->last_chunk->last_id = mark->chunk_last_id;
		execution->last_chunk->events.len = mark->chunk_length;
		execution->last_chunk->events.data[mark->chunk_length] = '\0';
	}
}

void
step_take_back(StepContext *step, const Event *event)
{
	Execution *execution = step->execution;
	TakenBack *taken_back = palloc(sizeof(TakenBack));

	drop_started(step->mark);
	restore_execution(execution, step->mark);
	for (const SavedBranch *saved = step->mark->saved; saved != NULL; saved = saved->next)
		restore_branch(saved);
	if (step->branch->status == BRANCH_READY)
		branch_queue(execution, step->branch);

	taken_back->event = *event;
	taken_back->next = execution->first_taken_back;
	execution->first_taken_back = taken_back;
}
