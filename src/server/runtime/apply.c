/*
 * apply.c
 *	  What came out of one execution's advance, into the turn's rows.
 */
#include "postgres.h"

#include "runtime/logs.h"
#include "runtime/running.h"
#include "settings/clock.h"

static bool was_told_of_deletion(const ClaimedExecution *claimed);
static void apply_history(Running *running);
static void apply_execution(Running *running);
static void apply_status(Running *running);
static bool keeps_branches(const Running *running);
static void apply_main(ExecutionUpdate *update, const Branch *main);
static bool has_branch_rows(const Running *running, const Branch *main);
static void apply_branches(Running *running);
static void apply_branch(Running *running, const Branch *branch);
static void apply_kept_branches(Running *running);
static void apply_timers(Running *running);
static void apply_tasks(Running *running);
static const char *json_text(const JsonVal *value);
static const char *image_text(const Branch *branch);

void
running_apply(Running *running)
{
	Execution *execution = &running->execution;

	running->history_bytes = turn_rows_bytes(running->turn->rows);
	apply_history(running);
	running->history_bytes = turn_rows_bytes(running->turn->rows) - running->history_bytes;
	apply_execution(running);
	apply_status(running);
	apply_branches(running);
	if (execution->status == EXECUTION_RUNNING)
	{
		apply_timers(running);
		apply_tasks(running);
	}
	else if (running->was_running)
	{
		/* After a success there is nothing: each state has cleared what it left behind. */
		if (execution->status != EXECUTION_SUCCEEDED)
			turn_rows_task_clear_all(running->turn->rows, execution->id, sfn_now());
		if (running->claimed->has_parent)
			running_tell_parents(running, running->stop_date);
		if (running->claimed->map_run_id != 0)
		{
			turn_rows_map_news(running->turn->rows, running->claimed->map_run_id, execution->status, 1,
							   running->claimed->map_items);
			running->turn->result->has_more = true;
		}
		if (running->claimed->image != NULL || running->cached == NULL)
			turn_rows_inbox_clear_all(running->turn->rows, execution->id);
		if (execution->is_deleted || running->cached == NULL)
			turn_rows_machine_idle(running->turn->rows, running->claimed->state_machine_id);
	}
	else if (was_told_of_deletion(running->claimed))
		turn_rows_machine_idle(running->turn->rows, running->claimed->state_machine_id);
}

/* The machine was deleted while the execution came to its end by itself. */
static bool
was_told_of_deletion(const ClaimedExecution *claimed)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_MACHINE_DELETED)
			return true;
	}
	return false;
}

/* The log of executions that have one; what EXPRESS executions wrote is for that alone. */
static void
apply_log(Running *running)
{
	const ClaimedExecution *claimed = running->claimed;
	LogTarget target = {.state_machine_id = claimed->state_machine_id,
						.execution_name = claimed->name,
						.redrive_count = claimed->redrive_count,
						.log_date = sfn_now()};

	log_chunks(running->turn->rows, &running->execution, running->cached, &target);
}

static void
apply_history(Running *running)
{
	if (running->cached != NULL && running->cached->is_logged)
		apply_log(running);
	if (running->cached != NULL && running->cached->is_express)
		return;
	for (HistoryChunk *chunk = running->execution.first_chunk; chunk != NULL; chunk = chunk->next)
	{
		StringInfoData events;

		initStringInfo(&events);
		appendStringInfoChar(&events, '[');
		appendBinaryStringInfo(&events, chunk->events.data, chunk->events.len);
		appendStringInfoChar(&events, ']');
		turn_rows_history(running->turn->rows, running->execution.id, chunk->first_id, chunk->last_id, events.data,
						  events.len);
	}
}

static void
apply_execution(Running *running)
{
	const Execution *execution = &running->execution;
	const Branch *main = execution->main;
	bool is_over = execution->status != EXECUTION_RUNNING;
	TimestampTz now = is_over ? sfn_now() : 0;
	ExecutionUpdate update = {.id = execution->id,
							  .status = execution->status,
							  .stop_date = now,
							  .last_event_id = execution->last_event_id,
							  .last_branch_id = execution->last_branch_id,
							  .is_deleted = execution->is_deleted,
							  .history_bytes = running->history_bytes};

	if (!running->was_running)
		return;
	running->stop_date = now;
	if (is_over)
	{
		update.output = execution->status == EXECUTION_SUCCEEDED ? json_text(execution->output) : NULL;
		update.error = execution->error;
		update.cause = execution->cause;
		main = keeps_branches(running) ? execution->kept : NULL;
	}
	if (main != NULL)
	{
		apply_main(&update, main);
		update.has_branches = has_branch_rows(running, main);
	}
	turn_rows_execution(running->turn->rows, &update);
}

/* Before its first turn, which got it a row (store/claims.c). */
static bool
was_put_off(const ClaimedExecution *claimed)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_START && row->due != claimed->start_date)
			return true;
	}
	return false;
}

/*
 * The row by which it is listed under its status: from its first wait to its end, and behind an end without success.
 * What ends in its first turn with success has none.
 */
static void
apply_status(Running *running)
{
	const ClaimedExecution *claimed = running->claimed;
	StatusRow before = {.state_machine_id = claimed->state_machine_id,
						.map_run_id = claimed->map_run_id,
						.start_date = claimed->start_date,
						.execution_id = claimed->id,
						.status = claimed->status};
	StatusRow now = before;
	bool had_row = claimed->status > EXECUTION_SUCCEEDED ||
		(claimed->status == EXECUTION_RUNNING && (claimed->image != NULL || was_put_off(claimed)));
	bool has_row;

	now.status = running->execution.status;
	now.start_date = running->execution.start_time;
	has_row = now.status > EXECUTION_SUCCEEDED || (now.status == EXECUTION_RUNNING && running->execution.main != NULL);
	if (had_row && has_row && now.status == before.status && now.start_date == before.start_date)
		return;
	if (had_row)
		turn_rows_status_delete(running->turn->rows, &before);
	if (has_row)
		turn_rows_status(running->turn->rows, &now);
}

/* What a redrive needs stays; EXPRESS executions have none. */
static bool
keeps_branches(const Running *running)
{
	return running->execution.status != EXECUTION_SUCCEEDED && running->execution.kept != NULL &&
		running->cached != NULL && !running->cached->is_express;
}

static void
apply_main(ExecutionUpdate *update, const Branch *main)
{
	update->image = image_text(main);
	update->keeps_state_input = main->is_stored && !main->input_changed;
	update->keeps_variables = main->is_stored && !main->variables_changed;
	if (!update->keeps_state_input)
		update->state_input = json_text(main->input);
	if (!update->keeps_variables)
		update->variables = json_text(main->variables);
}

static bool
has_branch_rows(const Running *running, const Branch *main)
{
	if (main == running->execution.kept)
	{
		if (main->first_child != NULL)
			return true;
	}
	else
	{
		for (const Branch *branch = running->execution.branches; branch != NULL; branch = branch->next_in_execution)
			if (branch->parent != NULL && branch->status != BRANCH_GONE)
				return true;
	}
	/* finished children that were never loaded are rows too */
	return running->claimed->has_branches && main->child_finished > 0;
}

static void
apply_branches(Running *running)
{
	const Execution *execution = &running->execution;
	TurnRows *rows = running->turn->rows;
	bool may_have_rows = running->claimed->has_branches;

	if (execution->status != EXECUTION_RUNNING)
	{
		if (running->was_running && keeps_branches(running))
			apply_kept_branches(running);
		else if (running->was_running && may_have_rows)
			turn_rows_branches_clear_all(rows, execution->id);
		return;
	}
	for (const Branch *branch = execution->branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->drops_children && may_have_rows)
			turn_rows_children_delete(rows, execution->id, branch->id);
		if (branch->parent == NULL)
			continue;
		if (branch->status != BRANCH_GONE)
			apply_branch(running, branch);
		else if (branch->is_stored)
			turn_rows_branch_delete(rows, execution->id, branch->id);
	}
}

/* A branch that is there, unless its row has it already. */
static void
apply_branch(Running *running, const Branch *branch)
{
	BranchUpdate update = {.execution_id = running->execution.id,
						   .id = branch->id,
						   .parent_id = branch->parent->id,
						   .index = branch->index,
						   .is_finished = branch->status == BRANCH_FINISHED};

	if (!branch->is_changed && branch->is_stored)
		return;
	if (update.is_finished)
		update.output = json_text(branch->output);
	else
	{
		update.image = image_text(branch);
		update.state_input = json_text(branch->input);
		update.variables = json_text(branch->variables);
	}
	turn_rows_branch(running->turn->rows, &update);
}

/* ---- the branches of an execution that can be redriven ---- */

typedef struct KeptIds
{
	int32 *ids;
	int count;
} KeptIds;

static void
apply_kept_below(Running *running, const Branch *parent, KeptIds *kept)
{
	if (parent->drops_children && running->claimed->has_branches)
		turn_rows_children_delete(running->turn->rows, running->execution.id, parent->id);
	for (const Branch *child = parent->first_child; child != NULL; child = child->next_sibling)
	{
		kept->ids[kept->count++] = child->id;
		apply_branch(running, child);
		apply_kept_below(running, child, kept);
	}
}

static int
compare_ids(const void *a, const void *b)
{
	int32 x = *(const int32 *) a;
	int32 y = *(const int32 *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* As they stood before the end took them down; rows of others go. */
static void
apply_kept_branches(Running *running)
{
	const Execution *execution = &running->execution;
	KeptIds kept = {0};
	int count = 0;

	for (const Branch *branch = execution->branches; branch != NULL; branch = branch->next_in_execution)
		count++;
	kept.ids = palloc(sizeof(int32) * (count + 1));
	apply_kept_below(running, execution->kept, &kept);
	qsort(kept.ids, kept.count, sizeof(int32), compare_ids);
	for (const Branch *branch = execution->branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->parent != NULL && branch->is_stored &&
			bsearch(&branch->id, kept.ids, kept.count, sizeof(int32), compare_ids) == NULL)
			turn_rows_branch_delete(running->turn->rows, execution->id, branch->id);
	}
}

static void
apply_timers(Running *running)
{
	for (const PendingTimer *timer = running->timers; timer != NULL; timer = timer->next)
	{
		InboxInsert insert = {.execution_id = running->execution.id,
							  .due = timer->due,
							  .kind = EVENT_TIMER_FIRED,
							  .timer = timer->kind,
							  .branch = timer->branch,
							  .visit = timer->visit,
							  .attempt = timer->attempt};

		turn_rows_inbox(running->turn->rows, &insert);
		turn_note_due(running->turn, timer->due);
	}
}

static void
apply_tasks(Running *running)
{
	for (const PendingTask *task = running->tasks; task != NULL; task = task->next)
		turn_rows_task(running->turn->rows, task->row);
}

static const char *
json_text(const JsonVal *value)
{
	return value != NULL ? jv_to_text(value) : NULL;
}

static const char *
image_text(const Branch *branch)
{
	StringInfoData text;

	initStringInfo(&text);
	branch_image_print(&text, branch);
	return text.data;
}
