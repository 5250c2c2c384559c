/*
 * status_events.c
 *	  What an execution's change of status leads to: events for the rules that want them.
 *
 * Sent in the transaction of the turn in which it began, was redriven or ended; sessions
 * that wait for an event are told at the end of the turn.  An execution
 * that delivers an event sends none itself; one that could not is a dead letter.
 */
#include "postgres.h"

#include "actions/engine_events.h"
#include "actions/event_dead_letters.h"
#include "actions/event_delivery.h"
#include "actions/event_rule_cache.h"
#include "actions/event_waiting.h"
#include "actions/lineage.h"
#include "runtime/running.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/event_waiters.h"
#include "store/store.h"

static bool
delivers_event(const CachedMachine *cached)
{
	return cached->name[0] == RULE_MACHINE_PREFIX[0];
}

/* Has it begun, or begun again, in this turn? */
static bool
has_begun(const Running *running)
{
	if (running->execution.redrive_count > running->claimed->redrive_count)
		return true;
	for (const InboxRow *row = running->claimed->first_row; row != NULL; row = row->next)
	{
		if (row->kind == EVENT_START && row->is_delivered)
			return true;
	}
	return false;
}

static void
add_redrive_status(const Running *running, ExecutionEventFacts *facts, int status)
{
	if (status == EXECUTION_RUNNING || status == EXECUTION_SUCCEEDED)
	{
		facts->redrive_status = "NOT_REDRIVABLE";
		facts->redrive_status_reason = psprintf("Execution is %s and cannot be redriven", facts->status);
	}
	else
		facts->redrive_status = running->claimed->map_run_id != 0 ? "REDRIVABLE_BY_MAP_RUN" : "REDRIVABLE";
}

static void
add_end(const Running *running, ExecutionEventFacts *facts, int status)
{
	const Execution *execution = &running->execution;

	facts->stop_date = running->stop_date;
	if (status == EXECUTION_SUCCEEDED)
		facts->output = jv_to_text(execution->output);
	if (status == EXECUTION_FAILED || status == EXECUTION_ABORTED)
	{
		facts->error = execution->error;
		facts->cause = execution->cause;
	}
}

/* Hands the event to whoever sends it. */
static void
with_event(const Running *running, int status, void (*send)(SentEvent *sent))
{
	const Execution *execution = &running->execution;
	const CachedMachine *cached = running->cached;
	MachineRow machine = {.id = running->claimed->state_machine_id, .role = cached->role};
	ExecutionEventFacts facts = {
		.region = sfn_region,
		.account = sfn_account_id,
		.execution_arn = execution->arn,
		.machine_arn = cached->arn,
		.version_arn = execution->machine_version_arn,
		.alias_arn = execution->machine_alias_arn,
		.name = execution_name_of_stored(execution->name),
		.status = execution_status_name(status),
		.execution_id = execution->id,
		.is_express = cached->is_express,
		.start_date = execution->start_time,
		.redrive_date = execution->redrive_time,
		.redrive_count = execution->redrive_count,
		.input = execution->input_text,
	};
	SentEvent sent = {.bus_id = DEFAULT_BUS_ID,
					  .lineage = lineage_of(running->claimed->trace_header),
					  .rows = running->turn->event_rows,
					  .machine = &machine,
					  .facts = &facts};
	StoreScope scope;

	add_redrive_status(running, &facts, status);
	if (status != EXECUTION_RUNNING)
		add_end(running, &facts, status);
	store_enter(&scope);
	send(&sent);
	store_leave(&scope);
}

static void
send_status(Running *running, int status)
{
	const CachedMachine *cached = running->cached;

	if (!event_rules_want_status(running->claimed->state_machine_id, cached->arn, cached->is_express, status))
		return;
	with_event(running, status, event_send);
	running->turn->result->has_more = true;
}

static void
keep_dead_letter(const Running *running)
{
	const Execution *execution = &running->execution;
	JvParseError error;
	FailedDelivery failed = {.machine_id = running->claimed->state_machine_id,
							 .execution_id = execution->id,
							 .role = running->cached->role,
							 .input = jv_parse(execution->input_text, (int) strlen(execution->input_text), &error),
							 .error = execution->error,
							 .cause = execution->cause,
							 .retries = execution->kept != NULL ? execution->kept->attempt : 0};
	StoreScope scope;

	store_enter(&scope);
	dead_letter_of_failed(&failed);
	store_leave(&scope);
}

static bool
has_ended(const Running *running)
{
	return running->was_running && running->execution.status != EXECUTION_RUNNING;
}

static void
each_change(Running *running, void (*each)(Running *running, int status))
{
	if (has_begun(running))
		each(running, EXECUTION_RUNNING);
	if (has_ended(running))
		each(running, running->execution.status);
}

void
running_send_status(Running *running)
{
	if (running->cached == NULL || running->cached->machine == NULL || !running->was_running)
		return;
	if (delivers_event(running->cached))
	{
		if (has_ended(running) && running->execution.status != EXECUTION_SUCCEEDED)
			keep_dead_letter(running);
		return;
	}
	running->next_changed = running->turn->changed;
	running->turn->changed = running;
	if (!event_rules_are_none())
		each_change(running, send_status);
}

/* ---- for sessions that wait ---- */

static void
tell_waiters(Running *running, int status)
{
	with_event(running, status, event_waiting_tell);
}

/* A session's turn may be far from its commit, and nobody waits for that. */
void
turn_tell_waiters(Turn *turn)
{
	bool have_waiters = turn->request->mode == TURN_SESSION ? event_waiters_exist() : event_waiters_exist_at_commit();

	for (Running *running = turn->changed; have_waiters && running != NULL; running = running->next_changed)
		each_change(running, tell_waiters);
}

void
turn_tell_map_runs(Turn *turn)
{
	const int64 *ids;
	int count = turn_rows_ended_map_runs(turn->rows, &ids);

	for (int i = 0; i < count; i++)
		turn->result->has_more |= engine_event_tell(ENGINE_MAP_RUN_ENDED, ids[i]);
}
