/*
 * engine_driver.h
 *	  Runs executions in memory: what the server's runtime does, without a server.
 *
 * Effects become pending events with a due time; the clock jumps to the next one.
 * Tasks are answered by a function of the test.  With restores set, everything is
 * written out after each event and read back into a fresh Execution, as if each
 * event were a turn of its own.
 */
#ifndef SFN_ENGINE_DRIVER_H
#define SFN_ENGINE_DRIVER_H

#include "unit/unit.h"

#include "asl/compile.h"
#include "engine/engine.h"

#define DRIVER_START_TIME INT64CONST(757382400000000) /* 2024-01-01 00:00:00 UTC */

typedef struct Driver Driver;

/* Answers a task: fills answer's kind, value, error, cause; returns the seconds it takes, negative: never. */
typedef double (*DriverTask)(Driver *driver, const Effect *effect, Event *answer);

typedef struct Pending
{
	struct Pending *next;
	Event event;
	TimestampTz due;
} Pending;

/* A branch as the store has it. */
typedef struct Stored
{
	struct Stored *next;
	int32 id;
	int32 parent;
	int32 index;
	bool is_finished;
	char *image;
	char *input;
	char *variables;
	char *output;
} Stored;

struct Driver
{
	EngineEnv env;
	Execution x;
	AslMachine *machine;
	TimestampTz now;
	DriverTask task;
	DriverTask map;  /* answers a map run, by its plan */
	bool restores;   /* write and read back after each event */
	bool moves;      /* copy what is alive elsewhere after each event */
	bool takes_last; /* of events due at the same moment, the youngest first */
	bool keeps_void; /* deliver events that an EFFECT_CLEAR has voided: they must be stale */
	int yield_every; /* steps in a turn; 0: no limit */
	int steps_left;
	double random_value;

	Pending *pending; /* oldest first */
	TakenBack *again; /* transitions that were taken back */
	Stored *stored;
	StringInfoData history;
	int64 events_expected; /* id of the next chunk's first event */
	int deliveries;
	int stale_deliveries;
	int longest_chunk;
	void *owner;
};

/* ---- the environment ---- */

static inline TimestampTz
driver_now(EngineEnv *env)
{
	return ((Driver *) env->owner)->now;
}

static inline double
driver_random(EngineEnv *env)
{
	return ((Driver *) env->owner)->random_value;
}

static inline bool
driver_must_yield(EngineEnv *env)
{
	Driver *driver = env->owner;

	return driver->yield_every > 0 && --driver->steps_left <= 0;
}

static inline const char *
driver_token(EngineEnv *env, Execution *execution, Branch *branch)
{
	(void) env;
	(void) execution;
	return psprintf("token-%d-%d-%d", branch->id, branch->visit, branch->attempt);
}

static inline const JsonVal *
driver_value(const char *text)
{
	JvParseError error;

	return (text != NULL) ? jv_parse(text, strlen(text), &error) : NULL;
}

static inline Branch *
driver_restore_branch(Driver *driver, const Stored *row, Branch *parent)
{
	Branch *branch = branch_attach(&driver->x, parent, row->id, row->index);
	SfnError error = {0};

	if (!branch_image_restore(&driver->x, branch, row->image, strlen(row->image), &error))
		unit_check(false, "image %s: %s", row->image, error.cause);
	branch->input = driver_value(row->input);
	branch->variables = driver_value(row->variables);
	branch->output = driver_value(row->output);
	branch->is_stored = true;
	return branch;
}

static inline void
driver_load_finished(EngineEnv *env, Execution *execution, Branch *parent)
{
	Driver *driver = env->owner;

	for (Stored *row = driver->stored; row != NULL; row = row->next)
	{
		Branch *branch;

		if (row->parent != parent->id || !row->is_finished || branch_find(execution, row->id) != NULL)
			continue;
		branch = branch_attach(execution, parent, row->id, row->index);
		branch->status = BRANCH_FINISHED;
		branch->output = driver_value(row->output);
		branch->is_stored = true;
	}
}

/* ---- pending events ---- */

static inline void
driver_send(Driver *driver, const Event *event, TimestampTz due)
{
	Pending *pending = palloc(sizeof(Pending));
	Pending **end = &driver->pending;

	while (*end != NULL)
		end = &(*end)->next;
	pending->event = *event;
	pending->due = due;
	pending->next = NULL;
	*end = pending;
}

static inline void
driver_set_timer(Driver *driver, const Effect *effect, TimerKind timer, TimestampTz due)
{
	Event event = {.kind = EVENT_TIMER_FIRED,
				   .timer = timer,
				   .branch = effect->branch->id,
				   .visit = effect->visit,
				   .attempt = effect->attempt};

	driver_send(driver, &event, due);
}

static inline void
driver_run_task(Driver *driver, const Effect *effect)
{
	Event answer = {.kind = EVENT_TASK_SUCCEEDED,
					.branch = effect->branch->id,
					.visit = effect->visit,
					.attempt = effect->attempt};
	double seconds;

	if (!engine_awaits(&driver->x, answer.branch, answer.visit, answer.attempt))
		return;
	if (effect->task->resource.kind != RESOURCE_ACTIVITY)
	{
		if (effect->timeout_seconds > 0)
			driver_set_timer(driver, effect, TIMER_TASK, driver->now + effect->timeout_seconds * USECS_PER_SEC);
		if (effect->heartbeat_seconds > 0)
			driver_set_timer(driver, effect, TIMER_HEARTBEAT, driver->now + effect->heartbeat_seconds * USECS_PER_SEC);
	}
	seconds = (driver->task != NULL) ? driver->task(driver, effect, &answer) : -1;
	if (seconds >= 0)
		driver_send(driver, &answer, driver->now + (int64) (seconds * USECS_PER_SEC));
}

static inline void
driver_run_map(Driver *driver, const Effect *effect)
{
	Event answer = {.kind = EVENT_TASK_SUCCEEDED,
					.branch = effect->branch->id,
					.visit = effect->visit,
					.attempt = effect->attempt};
	double seconds = (driver->map != NULL) ? driver->map(driver, effect, &answer) : -1;

	if (seconds >= 0)
		driver_send(driver, &answer, driver->now + (int64) (seconds * USECS_PER_SEC));
}

static inline void
driver_clear(Driver *driver, const Effect *effect)
{
	Pending **place = &driver->pending;

	while (*place != NULL && !driver->keeps_void)
	{
		const Event *event = &(*place)->event;

		if (event->branch == effect->branch->id && event->visit <= effect->visit &&
			(event->visit < effect->visit || event->attempt <= effect->attempt) && event->timer != TIMER_EXECUTION)
			*place = (*place)->next;
		else
			place = &(*place)->next;
	}
}

static inline void
driver_apply_effects(Driver *driver)
{
	Effect *effect = driver->x.first_effect;

	driver->x.first_effect = driver->x.last_effect = NULL;
	for (; effect != NULL; effect = effect->next)
	{
		switch (effect->kind)
		{
			case EFFECT_RUN_TASK:
				driver_run_task(driver, effect);
				break;
			case EFFECT_RUN_MAP:
				driver_run_map(driver, effect);
				break;
			case EFFECT_SET_TIMER:
				driver_set_timer(driver, effect, effect->timer, effect->due);
				break;
			case EFFECT_CLEAR:
				driver_clear(driver, effect);
				break;
		}
	}
}

/* ---- history ---- */

static inline void
driver_take_history(Driver *driver)
{
	for (HistoryChunk *chunk = driver->x.first_chunk; chunk != NULL; chunk = chunk->next)
	{
		if (chunk->first_id != driver->events_expected)
			unit_check(false, "a chunk begins with event %d, not %d", (int) chunk->first_id,
					   (int) driver->events_expected);
		driver->events_expected = chunk->last_id + 1;
		driver->longest_chunk = Max(driver->longest_chunk, chunk->events.len);
		if (driver->history.len > 0)
			appendStringInfoChar(&driver->history, ',');
		appendBinaryStringInfo(&driver->history, chunk->events.data, chunk->events.len);
	}
	driver->x.first_chunk = driver->x.last_chunk = NULL;
}

/* The events so far as an array. */
static inline const JsonVal *
driver_events(const Driver *driver)
{
	JvParseError error;
	char *text = psprintf("[%s]", driver->history.data);
	const JsonVal *events = jv_parse(text, strlen(text), &error);

	if (events == NULL)
		unit_check(false, "history is no JSON: %s at %d: %s", error.message, error.offset, text);
	return events;
}

/* "ExecutionStarted PassStateEntered ...", each with ":previousEventId" when with_previous. */
static inline char *
driver_event_types(const Driver *driver, bool with_previous)
{
	const JsonVal *events = driver_events(driver);
	StringInfoData types;

	initStringInfo(&types);
	for (int i = 0; events != NULL && i < events->count; i++)
	{
		if (i > 0)
			appendStringInfoChar(&types, ' ');
		appendStringInfoString(&types, jv_get_string(events->u.items[i], "type"));
		if (with_previous)
			appendStringInfo(&types, ":%s", jv_get(events->u.items[i], "previousEventId")->u.text);
	}
	return types.data;
}

/* ---- writing out and reading back ---- */

static inline char *
driver_text(const JsonVal *value)
{
	return (value != NULL) ? jv_to_text(value) : NULL;
}

static inline const Stored *
driver_find_row(const Driver *driver, int32 id)
{
	const Stored *row = driver->stored;

	while (row != NULL && row->id != id)
		row = row->next;
	return row;
}

/* Writes what the branch's flags say has changed, as the server's store does; the rest is what was written before. */
static inline Stored *
driver_store_branch(const Driver *driver, const Branch *branch)
{
	const Stored *old = branch->is_stored ? driver_find_row(driver, branch->id) : NULL;
	Stored *row = palloc0(sizeof(Stored));
	StringInfoData image;

	if (old != NULL)
		*row = *old;
	row->next = NULL;
	if (old != NULL && !branch->is_changed && branch->parent != NULL)
		return row;

	initStringInfo(&image);
	branch_image_print(&image, branch);
	row->id = branch->id;
	row->parent = (branch->parent != NULL) ? branch->parent->id : -1;
	row->index = branch->index;
	row->is_finished = branch->status == BRANCH_FINISHED;
	row->image = image.data;
	if (old == NULL || branch->input_changed)
		row->input = driver_text(branch->input);
	if (old == NULL || branch->variables_changed)
		row->variables = driver_text(branch->variables);
	row->output = driver_text(branch->output);
	return row;
}

/* Is a stored, finished child still to be kept? */
static inline bool
driver_keeps(const Driver *driver, const Stored *row)
{
	if (!row->is_finished)
		return false;
	for (const Branch *branch = driver->x.branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->id == row->id)
			return false;
		if (branch->id == row->parent && (branch->drops_children || branch->status == BRANCH_GONE))
			return false;
	}
	return true;
}

/* A fresh execution with the old one's identity and progress. */
static inline void
driver_begin_again(Driver *driver)
{
	Execution old = driver->x;

	execution_begin(&driver->x);
	driver->x.id = old.id;
	driver->x.machine = old.machine;
	driver->x.arn = old.arn;
	driver->x.name = old.name;
	driver->x.role_arn = old.role_arn;
	driver->x.machine_arn = old.machine_arn;
	driver->x.machine_name = old.machine_name;
	driver->x.start_time = old.start_time;
	driver->x.redrive_count = old.redrive_count;
	driver->x.redrive_time = old.redrive_time;
	driver->x.input = old.input;
	driver->x.input_text = old.input_text;
	driver->x.keeps_history = old.keeps_history;
	driver->x.includes_data = old.includes_data;
	driver->x.status = old.status;
	driver->x.last_event_id = old.last_event_id;
	driver->x.last_branch_id = old.last_branch_id;
	driver->x.is_deleted = old.is_deleted;
	driver->x.output = old.output;
	driver->x.error = old.error;
	driver->x.cause = old.cause;
	driver->x.has_ready_branches = old.has_ready_branches;
}

/* What the rows say, parents first. */
static inline void
driver_restore_rows(Driver *driver, Stored *rows)
{
	driver->stored = rows;
	driver_begin_again(driver);
	for (Stored *row = rows; row != NULL; row = row->next)
	{
		if (!row->is_finished)
			driver_restore_branch(driver, row, (row->parent >= 0) ? branch_find(&driver->x, row->parent) : NULL);
	}
}

static inline void
driver_reload(Driver *driver)
{
	Stored *rows = NULL;
	Stored **end = &rows;

	for (Stored *row = driver->stored; row != NULL; row = row->next)
	{
		if (driver_keeps(driver, row))
		{
			*end = palloc(sizeof(Stored));
			**end = *row;
			end = &(*end)->next;
		}
	}
	*end = NULL;
	for (const Branch *branch = driver->x.branches; branch != NULL; branch = branch->next_in_execution)
	{
		if (branch->status == BRANCH_GONE)
			continue;
		*end = driver_store_branch(driver, branch);
		end = &(*end)->next;
	}
	driver_restore_rows(driver, rows);
}

/* ---- after an end ---- */

static inline bool
driver_is_kept(const Branch *kept, int32 id)
{
	if (kept->id == id)
		return true;
	for (const Branch *child = kept->first_child; child != NULL; child = child->next_sibling)
		if (driver_is_kept(child, id))
			return true;
	return false;
}

static inline void
driver_store_kept(const Driver *driver, const Branch *kept, Stored ***end)
{
	for (const Stored *row = driver->stored; row != NULL; row = row->next)
	{
		if (row->is_finished && row->parent == kept->id && !kept->drops_children &&
			!driver_is_kept(driver->x.kept, row->id))
		{
			**end = palloc(sizeof(Stored));
			***end = *row;
			*end = &(**end)->next;
		}
	}
	**end = driver_store_branch(driver, kept);
	*end = &(**end)->next;
	for (const Branch *child = kept->first_child; child != NULL; child = child->next_sibling)
		driver_store_kept(driver, child, end);
}

/* An execution that has ended, as a turn finds it that is to redrive it: where it stood then. */
static inline void
driver_reload_ended(Driver *driver)
{
	Stored *rows = NULL;
	Stored **end = &rows;

	if (driver->x.status != EXECUTION_SUCCEEDED && driver->x.kept != NULL)
		driver_store_kept(driver, driver->x.kept, &end);
	*end = NULL;
	driver_restore_rows(driver, rows);
}

/* ---- running ---- */

/* Compiles; NULL (and a failed check) when the definition has errors. */
static inline AslMachine *
driver_compile(const char *definition)
{
	DiagnosticList list;
	AslMachine *machine;

	diagnostics_begin(&list);
	machine = asl_compile(definition, strlen(definition), false, state_types, state_type_count, &list);
	if (machine == NULL)
		unit_check(false, "definition: %s at %s", list.count > 0 ? list.items[0].message : "?",
				   (list.count > 0 && list.items[0].location != NULL) ? list.items[0].location : "?");
	return machine;
}

static inline void
driver_begin(Driver *driver, AslMachine *machine, const char *input)
{
	memset(driver, 0, sizeof(*driver));
	driver->machine = machine;
	driver->now = DRIVER_START_TIME;
	driver->events_expected = 1;
	initStringInfo(&driver->history);
	driver->env.now = driver_now;
	driver->env.random = driver_random;
	driver->env.must_yield = driver_must_yield;
	driver->env.load_finished = driver_load_finished;
	driver->env.task_token = driver_token;
	driver->env.max_payload_bytes = 262144;
	driver->env.max_history_events = 25000;
	driver->env.max_map_concurrency = 40;
	driver->env.max_chunk_bytes = 65536;
	driver->env.region = "us-east-1";
	driver->env.owner = driver;

	execution_begin(&driver->x);
	driver->x.id = 1;
	driver->x.machine = machine;
	driver->x.arn = "arn:aws:states:us-east-1:000000000000:execution:machine:run";
	driver->x.name = "run";
	driver->x.role_arn = "arn:aws:iam::000000000000:role/sfn_role";
	driver->x.machine_arn = "arn:aws:states:us-east-1:000000000000:stateMachine:machine";
	driver->x.machine_name = "machine";
	driver->x.start_time = driver->now;
	driver->x.input_text = input;
	driver->x.input = driver_value(input);
	driver->x.keeps_history = true;
	driver->x.includes_data = true;
}

/* One event, and everything that a turn does after it. */
static inline bool
driver_deliver(Driver *driver, const Event *event)
{
	bool was_taken;

	driver->deliveries++;
	driver->steps_left = driver->yield_every;
	was_taken = engine_deliver(&driver->x, event, &driver->env);
	if (!was_taken)
		driver->stale_deliveries++;
	driver_take_history(driver);
	driver_apply_effects(driver);
	driver->again = driver->x.first_taken_back;
	driver->x.first_taken_back = NULL;
	if (driver->restores && driver->x.status == EXECUTION_RUNNING)
		driver_reload(driver);
	if (driver->moves && driver->x.status == EXECUTION_RUNNING)
		execution_move(&driver->x);
	return was_taken;
}

/* The next due event leaves the list; NULL: there is none. */
static inline Pending *
driver_next(Driver *driver)
{
	Pending **best = NULL;
	Pending *found;

	for (Pending **place = &driver->pending; *place != NULL; place = &(*place)->next)
	{
		if (best == NULL || (*place)->due < (*best)->due || (driver->takes_last && (*place)->due == (*best)->due))
			best = place;
	}
	if (best == NULL)
		return NULL;
	found = *best;
	*best = found->next;
	return found;
}

/* Delivers one event; false: there was nothing to do. */
static inline bool
driver_step(Driver *driver)
{
	Event next = {.kind = EVENT_CONTINUE};
	Pending *pending;

	if (driver->again != NULL)
	{
		driver_deliver(driver, &driver->again->event);
		return true;
	}
	if (driver->x.has_ready_branches)
	{
		driver_deliver(driver, &next);
		return true;
	}
	pending = driver_next(driver);
	if (pending == NULL)
		return false;
	driver->now = Max(driver->now, pending->due);
	driver_deliver(driver, &pending->event);
	return true;
}

/* From START until the end, or until nothing is pending. */
static inline void
driver_run(Driver *driver)
{
	Event start = {.kind = EVENT_START};

	driver_deliver(driver, &start);
	while (driver->x.status == EXECUTION_RUNNING && driver_step(driver))
		;
}

static inline const char *
driver_status(const Driver *driver)
{
	return execution_status_name(driver->x.status);
}

#endif /* SFN_ENGINE_DRIVER_H */
