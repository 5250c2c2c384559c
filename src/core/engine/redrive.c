/*
 * redrive.c
 *	  Going on with an execution that has failed, was stopped or timed out.
 *
 * When an execution ends without success, its tree of branches is copied before
 * it is taken down (execution->kept), and the store keeps that copy.  A failure
 * inside a Parallel or Map takes branches down before it is known whether somebody
 * catches it, so such a state keeps its own copy until it goes on or begins again.
 *
 * A redrive finds the tree restored from that.  Branches that had ended stay as
 * they are; the states that the others were in begin their work again, under a
 * new attempt, with fresh counts of retries.
 */
#include "base/port.h"

#include "datatype/timestamp.h"

#include "engine/branches.h"
#include "engine/history.h"
#include "engine/map_run.h"
#include "engine/redrive.h"

/* ---- keeping ---- */

Branch *
branch_keep(Branch *branch)
{
	Branch *kept;

	if (branch->first_child == NULL && branch->kept != NULL)
		return branch->kept;

	kept = palloc(sizeof(Branch));
	*kept = *branch;
	kept->first_child = kept->last_child = kept->newest_child = kept->next_sibling = kept->previous_sibling = NULL;
	kept->next_in_execution = kept->next_ready = kept->kept = NULL;
	kept->task_started = kept->has_timers = false;
	kept->task_token = NULL;
	for (Branch *child = branch->first_child; child != NULL; child = child->next_sibling)
	{
		Branch *copy = branch_keep(child);

		copy->parent = kept;
		copy->previous_sibling = kept->last_child;
		if (kept->last_child != NULL)
			kept->last_child->next_sibling = copy;
		else
			kept->first_child = copy;
		kept->last_child = copy;
	}
	return kept;
}

/* ---- going on ---- */

static bool
has_open_children(const Branch *branch)
{
	for (const Branch *child = branch->first_child; child != NULL; child = child->next_sibling)
	{
		if (child->status != BRANCH_FINISHED)
			return true;
	}
	return false;
}

/* A Parallel or Map none of whose branches is open begins as a whole again. */
static void
forget_children(Execution *execution, Branch *branch)
{
	if (branch->child_total == 0)
		return;
	while (branch->first_child != NULL)
		branch_remove(execution, branch->first_child);
	branch->drops_children = true;
	branch->child_total = branch->child_started = branch->child_finished = 0;
	branch->items = NULL;
}

static void
begin_again(Execution *execution, Branch *branch, int64 after, EngineEnv *env)
{
	branch->last_event = after;
	branch->attempt++;
	branch->retry_counts = NULL;
	branch->is_changed = true;
	forget_children(execution, branch);
	if (branch->map_run != NULL)
		map_run_redrive(execution, branch, env);
	else if (branch->state->type == &state_type_fail)
		branch_queue(execution, branch); /* is entered, and fails, once more */
	else
		step_begin_again(execution, branch, env);
}

/* Does this branch itself stand still, and no other below it? */
static bool
is_to_begin_again(const Branch *branch)
{
	return (branch->status == BRANCH_WAITING || branch->status == BRANCH_DELAYED) && !has_open_children(branch);
}

/* Nothing is kept of an EXPRESS execution (a child of a map run): it begins anew. */
static bool
start_over(Execution *execution, EngineEnv *env)
{
	Event start = {.kind = EVENT_START};

	execution->status = EXECUTION_RUNNING;
	execution->error = execution->cause = NULL;
	execution->start_time = env->now(env);
	return deliver_start(execution, &start, env);
}

bool
deliver_redrive(Execution *execution, const Event *event, EngineEnv *env)
{
	TimestampTz now = env->now(env);
	Branch **branches;
	int count = 0;
	int64 redriven;
	HistoryEvent history;

	if (execution->status == EXECUTION_RUNNING || execution->status == EXECUTION_SUCCEEDED)
		return false;
	if (execution->main != NULL && execution->main->status == BRANCH_GONE)
		return false; /* it has just ended: where it goes on is known once it is restored */
	if (execution->machine->is_express)
		return start_over(execution, env);
	if (execution->main == NULL)
		return false;
	if (env->max_history_events > 0 && execution->last_event_id >= env->max_history_events - 1)
		return false; /* no room for ExecutionRedriven and an end */
	execution->status = EXECUTION_RUNNING;
	execution->error = execution->cause = NULL;
	execution->redrive_count++;
	execution->redrive_time = now;

	history_open(&history, execution, env, now, HISTORY_EXECUTION_REDRIVEN, execution->last_event_id);
	history_integer(&history, "redriveCount", execution->redrive_count);
	redriven = history_close(&history);
	if (event->stop_follows)
		return true;
	execution_set_time_limit(execution, now);

	for (const Branch *branch = execution->branches; branch != NULL; branch = branch->next_in_execution)
		count++;
	branches = palloc(count * sizeof(Branch *));
	count = 0;
	for (Branch *branch = execution->branches; branch != NULL; branch = branch->next_in_execution)
	{
		branch->retry_counts = NULL;
		if (is_to_begin_again(branch))
			branches[count++] = branch;
	}
	for (int i = 0; i < count && execution->status == EXECUTION_RUNNING; i++)
	{
		SFN_CHECK_INTERRUPTS();
		if (branches[i]->status != BRANCH_GONE)
			begin_again(execution, branches[i], redriven, env);
	}
	return true;
}
