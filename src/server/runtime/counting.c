/*
 * counting.c
 *	  What has happened to an execution, into the counters of its machine.
 */
#include "postgres.h"

#include "runtime/counting.h"
#include "runtime/running.h"

static const MachineCounter counter_of_end[] = {
	[EXECUTION_SUCCEEDED] = MACHINE_SUCCEEDED,
	[EXECUTION_FAILED] = MACHINE_FAILED,
	[EXECUTION_TIMED_OUT] = MACHINE_TIMED_OUT,
	[EXECUTION_ABORTED] = MACHINE_ABORTED,
};

void
count_engine(MachineCounts *counts, const Execution *execution)
{
	counts->counts[MACHINE_STATES_ENTERED] += execution->counts.states_entered;
	counts->counts[MACHINE_RETRIES] += execution->counts.retries;
	counts->counts[MACHINE_ERRORS_CAUGHT] += execution->counts.errors_caught;
	counts->counts[MACHINE_TASKS_SCHEDULED] += execution->counts.tasks_scheduled;
	counts->counts[MACHINE_TASKS_SUCCEEDED] += execution->counts.tasks_succeeded;
	counts->counts[MACHINE_TASKS_FAILED] += execution->counts.tasks_failed;
	counts->counts[MACHINE_TASKS_TIMED_OUT] += execution->counts.tasks_timed_out;
}

/* One that was redriven has taken the time since then. */
void
count_end(MachineCounts *counts, const Execution *execution, TimestampTz stop_date)
{
	TimestampTz begun = execution->redrive_time != 0 ? execution->redrive_time : execution->start_time;
	int64 took = Max(stop_date - begun, 0);

	counts->counts[counter_of_end[execution->status]]++;
	counts->counts[MACHINE_EXECUTION_TIME] += took;
	counts->counts[MACHINE_MAX_EXECUTION_TIME] = Max(counts->counts[MACHINE_MAX_EXECUTION_TIME], took);
}

/* It had not begun, and now it has, or is over. */
static bool
has_begun(const Running *running)
{
	const Execution *execution = &running->execution;

	return running->was_running && running->claimed->image == NULL && running->claimed->last_event_id == 0 &&
		(execution->main != NULL || execution->status != EXECUTION_RUNNING);
}

void
running_count(const Running *running)
{
	const Execution *execution = &running->execution;
	MachineCounts *counts = machine_stats_of_turn(running->claimed->state_machine_id);

	if (has_begun(running))
		counts->counts[MACHINE_STARTED]++;
	if (execution->redrive_count > running->claimed->redrive_count)
		counts->counts[MACHINE_REDRIVEN]++;
	counts->counts[MACHINE_EVENTS] += execution->last_event_id - running->claimed->last_event_id;
	counts->counts[MACHINE_LOCAL_TASKS] += running->local_tasks;
	counts->counts[MACHINE_LOCAL_TASK_TIME] += running->local_task_time;
	count_engine(counts, execution);
	if (running->was_running && execution->status != EXECUTION_RUNNING)
	{
		count_end(counts, execution, running->stop_date);
		running->turn->result->ended++;
	}
	running->turn->result->retries += execution->counts.retries;
}
