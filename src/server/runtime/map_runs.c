/*
 * map_runs.c
 *	  Map runs of an execution in hand: begun, fed with children, counted, ended.
 *
 * The execution whose Distributed Map it is drives the map run: who holds it
 * starts children, a few hundred a turn and no more than may be open, and ends the
 * run.  Children are executions like others; a turn that ends some of them puts
 * one row of news into the inbox of the execution above.
 *
 * Reading a source and writing results may take long: they have a turn of their
 * own, as a SQL task that runs long has.
 *
 * A run that fails asks its open children to stop and ends when they have; one
 * whose state is left without it is ABORTED at once (store/turn_rows.c), and its
 * children end as they come.
 */
#include "postgres.h"

#include <math.h>

#include "utils/timestamp.h"

#include "engine/event_payload.h"
#include "engine/map_run.h"
#include "runtime/map_runs.h"
#include "settings/clock.h"
#include "store/store.h"

/*
 * Children that are open at most, as on AWS; where the definition does not say how
 * many, since with more a run takes longer and others wait longer; and those that
 * one turn starts.
 */
#define MAX_CONCURRENCY 10000
#define DEFAULT_CONCURRENCY 1000
#define STARTS_PER_TURN 500

/* After that it is looked again whether a quota has room for children. */
#define QUOTA_PAUSE USECS_PER_SEC

/* Items that a shared turn makes inputs of. */
#define MAX_QUICK_ITEMS 500

/* A map run that this turn has to do with. */
typedef struct RunInHand
{
	struct RunInHand *next;
	MapRunRow *row;
	const JsonVal *plan;
	bool has_news;
	TimestampTz had_ended; /* when it was taken in hand; 0: it ran */
} RunInHand;

static RunInHand *take_in_hand(Running *running, MapRunRow *row);
static void begin_run(Running *running, Branch *branch, const JsonVal *plan);
static void begin_again(Running *running, Branch *branch);
static void load(Running *running, RunInHand *run, Branch *branch, const JsonVal *plan);
static void set_error(MapRunRow *run, const char *error, const char *cause);
static void go_on(Running *running, RunInHand *run);
static void finish(Running *running, RunInHand *run);

/* ---- storing: each call in a scope of its own ---- */

static const JsonVal *
parse_plan(const char *text)
{
	JvParseError problem;
	const JsonVal *plan = jv_parse_stored(text, (int) strlen(text), &problem);

	if (plan == NULL)
		elog(ERROR, "the plan of a map run cannot be read: %s", problem.message);
	return plan;
}

static MapRunRow *
read_by_id(int64 id)
{
	StoreScope scope;
	MapRunRow *row;

	store_enter(&scope);
	row = map_run_by_id(id);
	store_leave(&scope);
	return row;
}

static MapRunRow *
read_by_name(const char *name)
{
	StoreScope scope;
	MapRunRow *row;

	store_enter(&scope);
	row = map_run_by_name(name);
	store_leave(&scope);
	return row;
}

/* What waits for the run, so that it is seen, and found when the state is left without it. */
static void
store_task(const Running *running, const Branch *branch, const MapRunRow *row)
{
	TaskInsert task = {.execution_id = running->execution.id,
					   .branch = branch->id,
					   .visit = branch->visit,
					   .attempt = branch->attempt,
					   .kind = TASK_MAP_RUN,
					   .state = TASK_AWAITS_ANSWER,
					   .child_execution_id = row->id,
					   .role = running->cached->role,
					   .created = sfn_now(),
					   .resource = map_run_arn(running->execution.machine_arn, row->label, row->name)};

	(void) task_insert(&task);
}

/* A turn of its own: once more with what is to be done. */
static void
put_off_alone(Running *running, const Branch *branch, const JsonVal *plan)
{
	PutOffWork work = {.plan = plan};
	const char *reader = jv_get_string(jv_get(plan, "reader"), "resource");
	Event event = {.value = put_off_work_value(&work), .text = reader != NULL ? reader : "the items of the Map"};
	InboxInsert insert = {.execution_id = running->execution.id,
						  .due = sfn_now(),
						  .kind = EVENT_RUN_TASK_ALONE,
						  .branch = branch->id,
						  .visit = branch->visit,
						  .attempt = branch->attempt,
						  .payload = event_payload_print(&event)};

	running->turn->result->postponed_alone++;
	turn_rows_inbox(running->turn->rows, &insert);
}

/* ---- in hand ---- */

static RunInHand *
take_in_hand(Running *running, MapRunRow *row)
{
	RunInHand *run = palloc0(sizeof(RunInHand));

	run->row = row;
	run->had_ended = row->stop_date;
	run->plan = parse_plan(row->plan);
	run->next = running->map_runs;
	running->map_runs = run;
	return run;
}

static RunInHand *
run_in_hand(Running *running, int64 id)
{
	MapRunRow *row;

	for (RunInHand *run = running->map_runs; run != NULL; run = run->next)
	{
		if (run->row->id == id)
			return run;
	}
	row = read_by_id(id);
	return row != NULL ? take_in_hand(running, row) : NULL;
}

/* The run that the branch has begun; NULL: there is none. */
static RunInHand *
run_of_branch(Running *running, const Branch *branch)
{
	MapRunRow *row;

	if (branch->map_run == NULL)
		return NULL;
	for (RunInHand *run = running->map_runs; run != NULL; run = run->next)
	{
		if (strcmp(run->row->name, branch->map_run) == 0)
			return run;
	}
	row = read_by_name(branch->map_run);
	return row != NULL ? take_in_hand(running, row) : NULL;
}

/* The branch that waits for the run; NULL: none does any more. */
static Branch *
waiting_branch(Running *running, const MapRunRow *row)
{
	if (row->status != EXECUTION_RUNNING || !engine_awaits(&running->execution, row->branch, row->visit, row->attempt))
		return NULL;
	return branch_find(&running->execution, row->branch);
}

/* ---- beginning ---- */

void
running_begin_map(Running *running, const Effect *effect)
{
	Branch *branch = effect->branch;

	if (!engine_awaits(&running->execution, branch->id, effect->visit, effect->attempt))
		return;
	if (effect->parameters != NULL)
		begin_run(running, branch, effect->parameters);
	else
		begin_again(running, branch);
}

/* In a turn of its own; plan NULL: the stored one. */
void
running_begin_stored_map(Running *running, Branch *branch, const JsonVal *plan)
{
	RunInHand *run = run_of_branch(running, branch);

	if (run == NULL || run->row->status != EXECUTION_RUNNING)
		return;
	run->row->is_finishing = false;
	if (!run->row->is_loaded)
		load(running, run, branch, plan != NULL ? plan : run->plan);
	go_on(running, run);
}

static bool
is_quick(const JsonVal *plan)
{
	const JsonVal *items = jv_get(plan, "items");

	return items != NULL && items->count <= MAX_QUICK_ITEMS;
}

/* An optional number of the plan. */
static double
plan_number(const JsonVal *plan, const char *name, double missing)
{
	const JsonVal *value = jv_get(plan, name);

	return value != NULL ? value->number : missing;
}

/* The row of a run that begins, with the machine for its children. */
static MapRunRow *
insert_run(Running *running, const Branch *branch, const JsonVal *plan)
{
	const MapState *map = (const MapState *) branch->state;
	MapRunRow row = {.execution_id = running->execution.id,
					 .branch = branch->id,
					 .visit = branch->visit,
					 .attempt = branch->attempt,
					 .name = pstrdup(jv_get_string(plan, "name")),
					 .label = pstrdup(jv_get_string(plan, "label")),
					 .status = EXECUTION_RUNNING,
					 .start_date = sfn_now(),
					 .max_concurrency = (int64) plan_number(plan, "maxConcurrency", 0),
					 .tolerated_count = (int64) plan_number(plan, "toleratedFailureCount", -1),
					 .tolerated_percentage = plan_number(plan, "toleratedFailurePercentage", -1)};
	MapRunRow *stored;
	StoreScope scope;

	row.plan = pstrdup(jv_to_text(jv_object_set(plan, "items", strlen("items"), jv_null())));
	store_enter(&scope);
	map_run_machine(running->claimed->state_machine_id, running->claimed->revision_id, row.label,
					map_run_definition(running->execution.machine, map), map->express_children, &row);
	row.id = map_run_insert(&row);
	stored = map_run_by_id(row.id);
	store_leave(&scope);
	return stored;
}

/*
 * Its rows are stored before a turn of its own reads the items, not by it: others that begin a run of this label wait
 * for whoever makes the machine of its children.
 */
static void
begin_run(Running *running, Branch *branch, const JsonVal *plan)
{
	RunInHand *run = take_in_hand(running, insert_run(running, branch, plan));

	store_task(running, branch, run->row);
	if (!is_quick(plan) && running->turn->request->mode == TURN_SHARED)
	{
		put_off_alone(running, branch, plan);
		return;
	}
	load(running, run, branch, plan);
	go_on(running, run);
}

/* The inputs of all children are made before the first one starts: then the numbers are known. */
static void
load(Running *running, RunInHand *run, Branch *branch, const JsonVal *plan)
{
	SfnError error = {0};

	running->turn->result->tasks++;
	if (map_run_load(running, run->row, plan, branch, &error))
		run->row->is_loaded = true;
	else if (error.name == NULL) /* cancelled, for a stop perhaps */
		put_off_alone(running, branch, NULL);
	else
		set_error(run->row, error.name, error.cause);
}

/* ---- redrive ---- */

/* Puts the row back. */
static void
put_off_redrive(Running *running, const InboxRow *row)
{
	InboxInsert again = {.execution_id = running->execution.id,
						 .due = sfn_now() + REDRIVE_PAUSE,
						 .kind = EVENT_REDRIVE,
						 .payload = row->payload};

	turn_rows_inbox(running->turn->rows, &again);
	turn_note_due(running->turn, again.due);
}

/* It has ended as before: waiting for its redrive is over. */
void
running_tell_no_redrive(Running *running)
{
	const ClaimedExecution *claimed = running->claimed;

	if (claimed->map_run_id == 0 || running->execution.status == EXECUTION_RUNNING)
		return;
	turn_rows_map_news(running->turn->rows, claimed->map_run_id, claimed->status, -1, -claimed->map_items);
	turn_rows_map_news(running->turn->rows, claimed->map_run_id, claimed->status, 1, claimed->map_items);
	running->turn->result->has_more = true;
}

/*
 * Of an execution with map runs: children that were told to stop may not have
 * ended yet, and their end would be taken for one after the redrive.
 */
bool
running_withhold_redrive(Running *running, const InboxRow *row)
{
	const ClaimedExecution *claimed = running->claimed;
	bool is_void;
	bool is_early;
	StoreScope scope;

	if (running->execution.status == EXECUTION_RUNNING)
		return false;
	store_enter(&scope);
	is_void = claimed->map_run_id != 0 && !map_run_goes_on(claimed->map_run_id);
	is_early = !is_void && map_runs_have_open_children(claimed->id);
	store_leave(&scope);
	if (is_void)
		running_tell_no_redrive(running);
	else if (is_early)
		put_off_redrive(running, row);
	return is_void || is_early;
}

static void
await_redrive(MapCounts *counts)
{
	counts->pending_redrive += counts->failed + counts->timed_out + counts->aborted;
	counts->failed = counts->timed_out = counts->aborted = 0;
}

/* Somebody has deleted the rows of children, who cannot go on: they have failed, with an item each. */
static void
give_up(MapCounts *counts, int64 lost)
{
	lost = Min(lost, counts->pending_redrive);
	counts->pending_redrive -= lost;
	counts->failed += lost;
}

/* The run goes on with the children that have not succeeded, so far as there are any. */
static void
redrive_children(Running *running, MapRunRow *row)
{
	TimestampTz now = sfn_now();
	int64 lost;
	StoreScope scope;

	row->status = EXECUTION_RUNNING;
	row->stop_date = 0;
	row->redrive_count++;
	row->redrive_date = now;
	row->error = row->cause = NULL;
	row->is_finishing = false;
	await_redrive(&row->children);
	await_redrive(&row->items);
	store_enter(&scope);
	lost = row->children.pending_redrive - map_run_redrive_children(row->id, now);
	store_leave(&scope);
	if (lost > 0)
	{
		give_up(&row->children, lost);
		give_up(&row->items, lost);
	}
	running->turn->result->has_more = true;
}

static void
begin_again(Running *running, Branch *branch)
{
	RunInHand *run = run_of_branch(running, branch);
	MapRunRow *row;

	if (run == NULL)
	{
		Event failed = {.kind = EVENT_TASK_FAILED,
						.branch = branch->id,
						.visit = branch->visit,
						.attempt = branch->attempt,
						.error = ERROR_RUNTIME,
						.cause = "The map run that was to be redriven is gone."};

		(void) engine_deliver(&running->execution, &failed, &running->turn->env);
		return;
	}
	row = run->row;
	row->visit = branch->visit;
	row->attempt = branch->attempt;
	store_task(running, branch, row);
	redrive_children(running, row);
	if (!row->is_loaded)
		put_off_alone(running, branch, jv_empty_object());
	else
		go_on(running, run);
}

/* ---- news ---- */

static int64 *
count_of_status(MapCounts *counts, int status)
{
	switch (status)
	{
		case EXECUTION_SUCCEEDED:
			return &counts->succeeded;
		case EXECUTION_FAILED:
			return &counts->failed;
		case EXECUTION_TIMED_OUT:
			return &counts->timed_out;
		case EXECUTION_ABORTED:
			return &counts->aborted;
	}
	return NULL;
}

/*
 * Ended (number above 0), or going on again, which since the redrive began counts
 * as waiting for that: others may have ended in the same way meanwhile.
 */
static void
change_count(MapCounts *counts, int status, int64 number)
{
	int64 *count = count_of_status(counts, status);
	int64 waited = number < 0 ? Min(-number, counts->pending_redrive) : 0;

	if (count == NULL)
		return;
	counts->pending_redrive -= waited;
	*count = Max(*count + number + waited, 0);
}

/* Of UpdateMapRun. */
static void
take_limits(MapRunRow *row, const MapRunLimits *limits)
{
	if (limits->has_concurrency)
		row->max_concurrency = limits->concurrency;
	if (limits->has_count)
		row->tolerated_count = limits->count;
	if (limits->has_percentage)
		row->tolerated_percentage = limits->percentage;
}

void
running_take_map_news(Running *running, const InboxRow *row)
{
	Event event;
	MapRunNews news;
	RunInHand *run;

	if (!deliver_event(row, &event) || !map_run_news_read(event.value, &news))
		return;
	run = run_in_hand(running, news.map_run_id);
	if (run == NULL)
		return;
	run->has_news = true;
	for (int i = 0; i < news.change_count; i++)
	{
		const MapRunChange *change = &news.changes[i];

		change_count(&run->row->children, change->status, change->children);
		change_count(&run->row->items, change->status, change->items);
	}
	take_limits(run->row, &news.limits);
	if (news.is_redrive && run->row->status == EXECUTION_SUCCEEDED)
	{
		run->row->visit = MAP_RUN_NO_VISIT;
		redrive_children(running, run->row);
	}
}

void
running_settle_maps(Running *running)
{
	for (RunInHand *run = running->map_runs; run != NULL; run = run->next)
	{
		if (run->has_news)
			go_on(running, run);
		run->has_news = false;
	}
}

void
running_store_maps(Running *running)
{
	StoreScope scope;

	for (RunInHand *run = running->map_runs; run != NULL; run = run->next)
	{
		store_enter(&scope);
		map_run_update(run->row);
		store_leave(&scope);
		if (run->row->stop_date != 0 && run->row->stop_date != run->had_ended)
			turn_rows_map_run_ended(running->turn->rows, run->row->id);
	}
}

/* ---- going on ---- */

static int64
ended(const MapCounts *counts)
{
	return counts->succeeded + counts->failed + counts->timed_out + counts->aborted;
}

static int64
open_children(const MapRunRow *row)
{
	return row->children.started - ended(&row->children);
}

/* Fails the run: it ends when its open children have ended. */
static void
set_error(MapRunRow *run, const char *error, const char *cause)
{
	run->error = pstrdup(error);
	run->cause = pstrdup(cause != NULL ? cause : "");
}

int64
map_run_time_left(const Running *running)
{
	TimestampTz deadline = execution_deadline(&running->execution);
	int64 limit = running->turn->request->limit_ms; /* what takes longer is put off, as when no time is left */
	int64 left;

	if (deadline == 0 || running->turn->request->mode == TURN_SESSION)
		return limit;
	left = Max((deadline - sfn_now()) / 1000 + 1, 1);
	return limit > 0 ? Min(left, limit) : left;
}

bool
map_run_is_late(const Running *running)
{
	TimestampTz deadline = execution_deadline(&running->execution);

	return deadline != 0 && running->turn->request->mode != TURN_SESSION && sfn_now() >= deadline;
}

/* Have more items failed than are tolerated?  A limit that is not given is not looked at beside one that is. */
static bool
is_beyond_tolerance(const MapRunRow *row)
{
	int64 failures = row->items.failed + row->items.timed_out;
	bool has_count = row->tolerated_count >= 0;
	bool has_percentage = row->tolerated_percentage >= 0;

	if (has_count && failures > row->tolerated_count)
		return true;
	if (has_percentage && failures * 100.0 > row->tolerated_percentage * row->items.total)
		return true;
	return !has_count && !has_percentage && failures > 0;
}

/* A state machine that is being deleted starts no more children, either. */
static void
check_going_on(Running *running, MapRunRow *row)
{
	const Execution *execution = &running->execution;
	StoreScope scope;

	if (row->error != NULL)
		return;
	if (execution->is_deleted)
		set_error(row, ERROR_RUNTIME, psprintf("State machine %s has been deleted", execution->machine_name));
	else if (is_beyond_tolerance(row))
		set_error(row, ERROR_EXCEED_TOLERATED_FAILURE_THRESHOLD,
				  "The specified tolerated failure threshold was exceeded");
	else
		return;
	if (open_children(row) == 0)
		return;
	store_enter(&scope);
	map_run_stop_children(row->id, sfn_now());
	store_leave(&scope);
	running->turn->result->has_more = true;
}

/* Another turn goes on starting children: the next one, or one that may find room in the quota. */
static void
start_more_later(Running *running, const MapRunRow *row, TimestampTz pause)
{
	MapRunNews news = {.map_run_id = row->id};
	InboxInsert more = {.execution_id = running->execution.id,
						.due = sfn_now() + pause,
						.kind = EVENT_MAP_RUN,
						.payload = map_run_news_print(&news)};

	turn_rows_inbox(running->turn->rows, &more);
	turn_note_due(running->turn, more.due);
}

/* Starts children, as many as may be open and as the quota of their role allows. */
static void
start_children(Running *running, MapRunRow *row)
{
	int64 limit = row->max_concurrency > 0 ? Min(row->max_concurrency, MAX_CONCURRENCY) : DEFAULT_CONCURRENCY;
	int64 wanted = Min(limit - open_children(row), row->children.total - row->children.started);
	int most = (int) Min(wanted, STARTS_PER_TURN);
	int count = running_quota_for_children(running, most);
	int64 input_bytes;
	const MapState *map = (const MapState *) branch_find(&running->execution, row->branch)->state;
	StoreScope scope;

	if (wanted > count)
		start_more_later(running, row, count < most ? QUOTA_PAUSE : 0);
	if (count <= 0)
		return;
	store_enter(&scope);
	if (map_run_start_children(row, count, running->claimed->starter, map->express_children, sfn_now(), &input_bytes) !=
		count)
		elog(ERROR, "inputs of the map run \"%s\" are missing", row->name);
	store_leave(&scope);
	running_charge_children(running, input_bytes);
	running->turn->result->has_more = true;
}

/* The run had succeeded before it was redriven: no state waits for it, and no more may fail than had. */
static void
end_redriven(MapRunRow *row)
{
	if (row->visit != MAP_RUN_NO_VISIT || row->status != EXECUTION_RUNNING || open_children(row) > 0)
		return;
	row->status = EXECUTION_SUCCEEDED;
	row->stop_date = sfn_now();
}

static void
go_on(Running *running, RunInHand *run)
{
	MapRunRow *row = run->row;
	Branch *branch = waiting_branch(running, row);

	if (branch == NULL)
		end_redriven(row);
	if (branch == NULL || (!row->is_loaded && row->error == NULL) || row->is_finishing)
		return;
	check_going_on(running, row);
	if (row->error == NULL)
		start_children(running, row);
	if (open_children(row) > 0 || (row->error == NULL && row->children.started < row->children.total))
		return;
	if (running->turn->request->mode == TURN_SHARED && map_run_result_takes_long(row, run->plan))
	{
		row->is_finishing = true;
		put_off_alone(running, branch, jv_empty_object());
		return;
	}
	finish(running, run);
}

/* ---- the end ---- */

/* Results are written for a run that has failed, too; what the state gets then is the error. */
static void
finish(Running *running, RunInHand *run)
{
	MapRunRow *row = run->row;
	const JsonVal *result = NULL;
	SfnError error = {0};
	Event answer = {.kind = EVENT_TASK_SUCCEEDED, .branch = row->branch, .visit = row->visit, .attempt = row->attempt};
	StoreScope scope;

	running->turn->result->tasks++;
	if (!map_run_result(running, row, run->plan, &result, &error))
	{
		if (error.name == NULL) /* cancelled, for a stop perhaps */
		{
			row->is_finishing = true;
			put_off_alone(running, branch_find(&running->execution, row->branch), jv_empty_object());
			return;
		}
		if (row->error == NULL)
			set_error(row, error.name, error.cause);
	}
	row->status = row->error == NULL ? EXECUTION_SUCCEEDED : EXECUTION_FAILED;
	row->stop_date = sfn_now();
	answer.value = result;
	if (row->error != NULL)
	{
		answer.kind = EVENT_TASK_FAILED;
		answer.error = row->error;
		answer.cause = row->cause;
	}
	else
	{
		store_enter(&scope);
		map_run_delete_inputs(row->id);
		store_leave(&scope);
	}
	(void) engine_deliver(&running->execution, &answer, &running->turn->env);
}
