/*
 * why_waits.c
 *	  Of sfn.why(): what the states of an execution wait for.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/why_rows.h"
#include "engine/event.h"
#include "engine/execution_status.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "shared/worker_registry.h"
#include "store/map_runs.h"
#include "store/quotas.h"
#include "store/tasks.h"
#include "store/waits.h"

#define MAX_WAITS 50   /* of one execution */
#define MAX_CHILDREN 3 /* of a map run, that are looked at one by one */
#define SHORT_WAIT (1 * USECS_PER_SEC)

/* ---- tasks that others do ---- */

/* With the token for those who may answer, else without. */
static void
ended_by_answer(WhyRow *row, const Waiter *waiter, const TaskWait *wait)
{
	bool may_answer = machine_privilege(waiter->machine, waiter->why->call->scope.caller, MACHINE_ANSWER);
	const char *token = may_answer && wait->token != NULL ? quote_literal_cstr(wait->token) : "TOKEN";

	why_ended_by(row,
				 sfn_allow_bare_tokens
					 ? "whoever holds the token"
					 : psprintf("who holds the token, and is a member of role \"%s\" or has the privilege answer",
								why_role_name(waiter->machine->role)),
				 psprintf("SELECT sfn.send_task_success(%s, '{}')", token));
}

static const char *
attempt_text(const TaskWait *wait)
{
	return wait->attempt > 0 ? psprintf(", attempt %d", wait->attempt + 1) : "";
}

static WhyRow *
why_callback(Waiter *waiter, const TaskWait *wait)
{
	WhyRow *row = why_add(waiter, wait->state_name, "a callback",
						  psprintf("the answer to the token that %s was given%s", wait->resource, attempt_text(wait)),
						  wait->created);

	ended_by_answer(row, waiter, wait);
	return row;
}

static WhyRow *
why_activity(Waiter *waiter, const TaskWait *wait)
{
	const char *name = wait->activity != NULL ? wait->activity : "(deleted)";
	WhyRow *row;

	if (wait->state == TASK_TO_BE_TAKEN)
	{
		row = why_add(waiter, wait->state_name, "a worker of an activity",
					  psprintf("nobody has taken the task of activity \"%s\"%s", name, attempt_text(wait)),
					  wait->created);
		why_ended_by(row, "the activity's workers",
					 psprintf("SELECT * FROM sfn.get_activity_task(%s)", quote_literal_cstr(name)));
		return row;
	}
	row = why_add(waiter, wait->state_name, "an activity",
				  wait->worker_name != NULL
					  ? psprintf("the answer of worker \"%s\" of activity \"%s\"%s", wait->worker_name, name,
								 attempt_text(wait))
					  : psprintf("the answer of a worker of activity \"%s\"%s", name, attempt_text(wait)),
				  wait->taken_at);
	ended_by_answer(row, waiter, wait);
	return row;
}

/* Its role has used up what it may send in a second. */
static bool
is_held_by_quota(const TaskWait *wait, int64 *per_second)
{
	Quota quota;

	if (!workers_are_possible() || !quotas_exist() || !quota_find(wait->role, &quota))
		return false;
	*per_second = quota.limits[QUOTA_HTTP_REQUESTS];
	return *per_second != NO_QUOTA &&
		quota_account_wait(quota_account_of(wait->role), QUOTA_HTTP_REQUESTS, *per_second) > 0;
}

static void
ended_by_quota(WhyRow *row, Oid role)
{
	why_ended_by(row, "a superuser",
				 psprintf("SELECT sfn.set_quota(%s)", quote_literal_cstr(quote_identifier(why_role_name(role)))));
}

static WhyRow *
why_request(Waiter *waiter, const TaskWait *wait)
{
	const char *host = wait->host != NULL && wait->host[0] != '\0' ? wait->host : "its host";
	int64 per_second;
	WhyRow *row;

	if (wait->taken_at != 0)
	{
		row = why_add(waiter, wait->state_name, "an HTTP response",
					  psprintf("from %s, attempt %d", host, wait->attempt + 1), wait->taken_at);
		row->until = wait->taken_at + sfn_http_request_timeout * INT64CONST(1000);
		why_ended_by_stop(row, waiter);
		return row;
	}
	if (is_held_by_quota(wait, &per_second))
	{
		row = why_add(waiter, wait->state_name, "a quota",
					  psprintf("role \"%s\" may send %lld HTTP requests a second; this one is for %s",
							   why_role_name(wait->role), (long long) per_second, host),
					  wait->created);
		ended_by_quota(row, wait->role);
		return row;
	}
	row = why_add(waiter, wait->state_name, "an HTTP request",
				  psprintf("to be sent to %s, attempt %d", host, wait->attempt + 1), wait->created);
	why_ended_by_stop(row, waiter);
	return row;
}

static WhyRow *
why_job(Waiter *waiter, const TaskWait *wait)
{
	WhyRow *row =
		why_add(waiter, wait->state_name, "a job",
				psprintf("that %s has started%s; sfn.jobs has it", wait->resource, attempt_text(wait)), wait->created);

	why_ended_by_stop(row, waiter);
	return row;
}

/* ---- other executions ---- */

static WhyRow *
why_child(Waiter *waiter, const TaskWait *wait)
{
	WhyRow *row =
		why_add(waiter, wait->state_name, "an execution", why_name_other(waiter, wait->child_id), wait->created);

	why_ended_by_stop(row, waiter);
	why_other(waiter, wait->child_id);
	return row;
}

static int64
children_ended(const MapRunRow *run)
{
	return run->children.succeeded + run->children.failed + run->children.timed_out + run->children.aborted;
}

/* Children that the quota of their role keeps from being started. */
static void
why_quota_for_children(Waiter *waiter, const MapRunRow *run, const TaskWait *wait)
{
	static const QuotaKind kinds[] = {QUOTA_OPEN_EXECUTIONS, QUOTA_PAYLOAD_BYTES, QUOTA_STORED_BYTES};
	Quota quota;

	if (!run->is_loaded || run->children.started >= run->children.total || !workers_are_possible() || !quotas_exist() ||
		!quota_find(waiter->machine->role, &quota))
		return;
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		QuotaExcess excess = {.use = 0};

		if (quota.limits[kinds[i]] == NO_QUOTA || !quota_is_passed(&quota, kinds[i], true, &excess))
			continue;
		ended_by_quota(why_add(waiter, wait->state_name, "a quota",
							   psprintf("%s of role \"%s\": %lld of %lld", quota_kind_name(kinds[i]),
										why_role_name(quota.role), (long long) excess.use,
										(long long) quota.limits[kinds[i]]),
							   wait->created),
					   quota.role);
	}
}

static WhyRow *
why_map_run(Waiter *waiter, const TaskWait *wait)
{
	const MapRunRow *run = map_run_by_id(wait->child_id);
	int64 open[MAX_CHILDREN];
	int count;
	WhyRow *row;

	if (run == NULL)
		return why_add(waiter, wait->state_name, "a map run", "it is gone", wait->created);
	row = why_add(waiter, wait->state_name, "a map run",
				  psprintf("%s: %lld of %lld children have ended, %lld have been started%s", wait->resource,
						   (long long) children_ended(run), (long long) run->children.total,
						   (long long) run->children.started, run->is_loaded ? "" : "; its items are being read"),
				  run->start_date);
	why_ended_by_stop(row, waiter);
	why_quota_for_children(waiter, run, wait);
	count = map_run_open_children(run->id, MAX_CHILDREN, open);
	for (int i = 0; i < count; i++)
		why_other(waiter, open[i]);
	return row;
}

static WhyRow *(*const why_by_kind[])(Waiter *waiter, const TaskWait *wait) = {
	[TASK_HTTP] = why_request, [TASK_ACTIVITY] = why_activity, [TASK_CALLBACK] = why_callback,
	[TASK_CHILD] = why_child,  [TASK_MAP_RUN] = why_map_run,   [TASK_JOB] = why_job,
};

static void
why_task(Waiter *waiter, const TaskWait *wait)
{
	WhyRow *row;

	if (wait->kind <= 0 || wait->kind >= (int) lengthof(why_by_kind))
		return;
	row = why_by_kind[wait->kind](waiter, wait);
	row->until = why_earlier(row->until, wait->until);
}

/* ---- what is to be done in a turn ---- */

/* Its SQL runs, in a process that may wait for a lock. */
static void
why_sql(Waiter *waiter, const char *state)
{
	const RunningTask *task = &waiter->task;
	WhyRow *row = why_add(waiter, state, "the end of its SQL",
						  psprintf("%s runs in process %d", task->resource, waiter->worker_pid), task->since);

	row->pid = waiter->worker_pid;
	why_ended_by_stop(row, waiter);
	why_locked(waiter, state, waiter->worker_pid);
}

static void
why_timer(Waiter *waiter, const InboxWait *wait)
{
	bool is_retry = wait->timer == TIMER_RETRY;
	WhyRow *row = why_add(waiter, wait->state, is_retry ? "a retry" : "a timer",
						  is_retry ? psprintf("attempt %d", wait->attempt + 1) : NULL, wait->entered);

	row->until = why_earlier(row->until, wait->due);
	why_ended_by_stop(row, waiter);
}

static const char *
what_is_due(const InboxWait *wait)
{
	switch (wait->kind)
	{
		case EVENT_START:
			return "it is to begin";
		case EVENT_TIMER_FIRED:
			return "a timer has fired";
		case EVENT_STOP:
			return "it is to stop";
		case EVENT_RUN_TASK:
			return psprintf("%s is to be run", wait->resource != NULL ? wait->resource : "a task");
		case EVENT_REDRIVE:
			return "it is to be redriven";
		default:
			return "it is to go on";
	}
}

/* The executor of all turns may wait for a lock, too. */
static void
why_turn(Waiter *waiter, const InboxWait *wait)
{
	const WorkerSlot *executor = workers_are_possible() ? registry_permanent_worker(MyDatabaseId) : NULL;
	const char *what = what_is_due(wait);
	WhyRow *row;

	if (waiter->worker_pid != 0)
		what = psprintf("%s, after what process %d does for another branch", what, waiter->worker_pid);
	row = why_add(waiter, wait->state, "the next turn", what, wait->due);
	row->pid = waiter->worker_pid;
	why_ended_by_stop(row, waiter);
	if (waiter->worker_pid == 0 && executor != NULL && wait->due + SHORT_WAIT < sfn_now())
		why_locked(waiter, wait->state, executor->pid);
}

static void
why_inbox(Waiter *waiter, const InboxWait *wait)
{
	bool is_later = wait->due > sfn_now();

	if (wait->is_uncommitted)
		why_ended_by(why_add(waiter, wait->state, "this transaction", what_is_due(wait), wait->due), "who has begun it",
					 "COMMIT");
	else if (wait->kind == EVENT_TIMER_FIRED && is_later)
		why_timer(waiter, wait);
	else if (wait->kind == EVENT_RUN_TASK_ALONE && waiter->worker_pid == 0)
		why_no_helper(waiter, wait->state, wait->resource != NULL ? wait->resource : "a transition of the state",
					  wait->due);
	else
		why_turn(waiter, wait);
}

static bool
is_of_running_task(const Waiter *waiter, const InboxWait *wait)
{
	return waiter->task.since != 0 && wait->branch == waiter->task.branch && wait->visit == waiter->task.visit &&
		(wait->kind == EVENT_RUN_TASK || wait->kind == EVENT_RUN_TASK_ALONE);
}

void
why_waits(Waiter *waiter)
{
	TaskWait *tasks;
	InboxWait *rows;
	int task_count = task_waits(waiter->id, MAX_WAITS, &tasks);
	int row_count = inbox_waits(waiter->id, sfn_now(), MAX_WAITS, &rows);
	bool is_shown = false;

	for (int i = 0; i < row_count; i++)
	{
		if (!is_of_running_task(waiter, &rows[i]))
			continue;
		why_sql(waiter, rows[i].state);
		is_shown = true;
	}
	if (waiter->worker_pid != 0 && waiter->task.since != 0 && !is_shown)
		why_sql(waiter, NULL);
	for (int i = 0; i < task_count; i++)
		why_task(waiter, &tasks[i]);
	for (int i = 0; i < row_count; i++)
		if (!is_of_running_task(waiter, &rows[i]))
			why_inbox(waiter, &rows[i]);
}
