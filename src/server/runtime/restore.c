/*
 * restore.c
 *	  An execution as the engine holds it, made from its rows.
 */
#include "postgres.h"

#include "runtime/running.h"
#include "store/store.h"

static bool is_to_be_redriven(const ClaimedExecution *claimed);
static bool restore_branches(Running *running, SfnError *error);
static bool restore_branch(Execution *execution, Branch *branch, const char *image, const char *state_input,
						   const char *variables, SfnError *error);
static bool parse_column(const char *text, const JsonVal **value, SfnError *error);

/*
 * Fills running->execution.  False: it cannot go on (its revision is gone, its definition does not compile, its image
 * cannot be read); execution.error and cause then say why, and the caller ends it.
 */
bool
running_restore(Running *running, Turn *turn, ClaimedExecution *claimed)
{
	Execution *execution = &running->execution;
	SfnError error = {0};

	memset(running, 0, sizeof(Running));
	running->turn = turn;
	running->claimed = claimed;
	running->was_running = claimed->status == EXECUTION_RUNNING;
	execution_begin(execution);
	execution->id = claimed->id;
	execution->name = claimed->name;
	execution->status = (ExecutionStatus) claimed->status;
	execution->start_time = claimed->start_date;
	execution->redrive_count = claimed->redrive_count;
	execution->redrive_time = claimed->redrive_date;
	execution->last_event_id = claimed->last_event_id;
	execution->last_branch_id = claimed->last_branch_id;
	execution->is_deleted = claimed->is_deleted;
	execution->keeps_history = true;
	execution->includes_data = true;
	execution->input_text = claimed->input;

	if (!running->was_running && !is_to_be_redriven(claimed))
		claimed->image = NULL; /* what comes now comes too late: nobody looks */

	running->cached = machine_cache_get(claimed->revision_id);
	if (running->cached == NULL || running->cached->machine == NULL)
	{
		execution->error = ERROR_RUNTIME;
		execution->cause = running->cached == NULL
			? "The revision of the state machine that this execution runs is gone."
			: running->cached->problem;
		return false;
	}
	execution->machine = running->cached->machine;
	execution->arn = psprintf("%s%s", running->cached->execution_arn_prefix, claimed->name);
	execution->machine_arn = running->cached->arn;
	execution->machine_name = running->cached->name;
	execution->role_arn = running->cached->role_arn;
	if (claimed->version != 0)
		execution->machine_version_arn = psprintf("%s:%d", running->cached->arn, claimed->version);
	if (claimed->alias != NULL)
		execution->machine_alias_arn = psprintf("%s:%s", running->cached->arn, claimed->alias);
	if (running->cached->is_express)
	{
		execution->name = pnstrdup(claimed->name, strcspn(claimed->name, ":"));
		execution->keeps_history = running->cached->is_logged;
		execution->least_weight = running->cached->log_weight;
		execution->includes_data = running->cached->logs_data;
	}

	if ((claimed->image == NULL || running->cached->uses_context) &&
		!parse_column(claimed->input, &execution->input, &error))
		goto unreadable;
	if (claimed->image == NULL)
		return true;
	if (claimed->is_quarantined)
	{
		(void) branch_attach(execution, NULL, 0, 0); /* started, but nobody looks where it stands */
		return true;
	}
	if (restore_branches(running, &error))
		return true;

unreadable:
	execution->error = ERROR_RUNTIME;
	execution->cause = error.cause;
	return false;
}

static bool
is_to_be_redriven(const ClaimedExecution *claimed)
{
	for (const InboxRow *row = claimed->first_row; row != NULL; row = row->next)
		if (row->kind == EVENT_REDRIVE)
			return true;
	return false;
}

static bool
restore_branches(Running *running, SfnError *error)
{
	Execution *execution = &running->execution;
	ClaimedExecution *claimed = running->claimed;

	execution->main = branch_attach(execution, NULL, 0, 0);
	if (!restore_branch(execution, execution->main, claimed->image, claimed->state_input, claimed->variables, error))
		return false;
	for (BranchRow *row = claimed->branches; row != NULL; row = row->next)
	{
		Branch *parent = branch_find(execution, row->parent_id);

		if (parent == NULL)
			return sfn_error(error, ERROR_RUNTIME, "Branch %d has lost its parent %d.", row->id, row->parent_id);
		if (!restore_branch(execution, branch_attach(execution, parent, row->id, row->index), row->image,
							row->state_input, row->variables, error))
			return false;
	}
	return true;
}

static bool
restore_branch(Execution *execution, Branch *branch, const char *image, const char *state_input, const char *variables,
			   SfnError *error)
{
	branch->is_stored = true;
	if (!branch_image_restore(execution, branch, image, (int) strlen(image), error))
		return false;
	branch->is_changed = branch->input_changed = branch->variables_changed = false;
	return parse_column(state_input, &branch->input, error) && parse_column(variables, &branch->variables, error);
}

/* A stored JSON column; NULL stays NULL. */
static bool
parse_column(const char *text, const JsonVal **value, SfnError *error)
{
	JvParseError problem;

	*value = NULL;
	if (text == NULL)
		return true;
	*value = jv_parse_stored(text, (int) strlen(text), &problem);
	if (*value == NULL)
		return sfn_error(error, ERROR_RUNTIME, "The stored state of this execution cannot be read: %s",
						 problem.message);
	return true;
}

/* The engine's callback: finished children that were left in their rows join the tree. */
void
running_load_finished(EngineEnv *env, Execution *execution, Branch *parent)
{
	StoreScope scope;
	BranchRow *row;

	(void) env;
	store_enter(&scope);
	row = claim_finished_children(execution->id, parent->id);
	store_leave(&scope);
	for (; row != NULL; row = row->next)
	{
		SfnError error = {0};
		Branch *branch;

		if (branch_find(execution, row->id) != NULL)
			continue;
		branch = branch_attach(execution, parent, row->id, row->index);
		branch->is_stored = true;
		branch->status = BRANCH_FINISHED;
		if (!parse_column(row->output, &branch->output, &error))
			elog(ERROR, "output of branch %d of execution " INT64_FORMAT " cannot be read: %s", row->id, execution->id,
				 error.cause);
		if (branch->output == NULL)
			branch->output = jv_null();
	}
}
