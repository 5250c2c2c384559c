/*
 * state_parallel.c
 *	  Parallel: walk several lines of states at once; the result is their outputs.
 *
 * The first branch to fail fails the state, and the others are aborted.
 */
#include "base/port.h"

#include "asl/fields.h"
#include "engine/branches.h"
#include "engine/history.h"

static const FieldRule parallel_fields[] = {
	FIELDS_OF_EVERY_STATE,      FIELDS_OF_TRANSITION,
	FIELDS_OF_INPUT_AND_OUTPUT, FIELD_OF_PARAMETERS,
	FIELD_OF_ARGUMENTS,         FIELD_OF_RESULT_SELECTOR,
	FIELD_OF_RESULT_PATH,       FIELD_OF_ASSIGN,
	FIELDS_OF_RETRY_AND_CATCH,  {"Branches", FIELD_ARRAY, IN_BOTH, FIELD_REQUIRED},
};

static const FieldRule branch_fields[] = {
	{"States", FIELD_OBJECT, IN_BOTH, FIELD_REQUIRED},
	{"StartAt", FIELD_STRING, IN_BOTH, FIELD_REQUIRED},
	{"Comment", FIELD_STRING, IN_BOTH},
};

static bool
parallel_compile(CompileContext *compile, AslState *state, const JsonVal *definition)
{
	ParallelState *parallel = (ParallelState *) state;
	const JsonVal *branches = field_typed(definition, "Branches", JV_ARRAY);
	Place list;

	if (branches == NULL)
		return false;
	parallel->branch_count = branches->count;
	parallel->branches = palloc0(Max(branches->count, 1) * sizeof(AslScope *));
	place_enter(compile, &list, "Branches");
	for (int i = 0; i < branches->count; i++)
	{
		const JsonVal *branch = branches->u.items[i];
		Place here;

		place_enter_element(compile, &here, i);
		fields_check(compile, branch, branch_fields, lengthof(branch_fields));
		parallel->branches[i] = compile_scope(compile, branch, state, i);
		place_leave(compile);
	}
	place_leave(compile);
	return true;
}

/* Starts all branches, each with the effective input. */
static StepOutcome
parallel_enter(StepContext *step, const AslState *state)
{
	const ParallelState *parallel = (const ParallelState *) state;
	Branch *branch = step->branch;

	branch->last_event =
		history_add(step->execution, step->env, step->now, HISTORY_PARALLEL_STATE_STARTED, branch->last_event);
	branch->last_child_event = branch->last_event;
	branch->child_total = parallel->branch_count;
	branch->child_started = parallel->branch_count;
	branch->child_finished = 0;
	for (int i = 0; i < parallel->branch_count; i++)
		(void) branch_start(step->execution, branch, parallel->branches[i], i, step->input, branch->last_event);
	return STEP_WAITING;
}

/* A branch has ended; the last one brings the result. */
static StepOutcome
parallel_resume(StepContext *step, const AslState *state, const Event *event)
{
	Branch *branch = step->branch;

	(void) state;
	if (event != NULL)
	{
		step->is_stale = true;
		return STEP_WAITING;
	}
	branch->last_child_event = step->ended_child->last_event;
	if (branch->child_finished < branch->child_total)
		return STEP_WAITING;
	if (!branch_join(step, &step->result))
		return step_fail(step, ERROR_RUNTIME, "The output of a branch is missing.");

	/* ParallelStateExited stands beside ParallelStateSucceeded, not behind it. */
	branch->last_event = branch->last_child_event;
	(void) history_add(step->execution, step->env, step->now, HISTORY_PARALLEL_STATE_SUCCEEDED, branch->last_event);
	return STEP_DONE;
}

const StateType state_type_parallel = {
	.name = "Parallel",
	.entered_event = "ParallelStateEntered",
	.exited_event = "ParallelStateExited",
	.aborted_event = "ParallelStateAborted",
	.size = sizeof(ParallelState),
	.fields = parallel_fields,
	.field_count = lengthof(parallel_fields),
	.may_retry = true,
	.compile = parallel_compile,
	.enter = parallel_enter,
	.resume = parallel_resume,
};
