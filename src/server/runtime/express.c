/*
 * express.c
 *	  A synchronous Express execution: from start to end in the caller's backend.
 *
 * No row is read or written but those of its tasks and of its log.  Everything is
 * in the memory context current at the call; one that enters very many states
 * moves what is alive to a child context now and then ("sfn express states") and
 * leaves the rest behind.  Tasks run inline, in subtransactions
 * of the caller's transaction; Waits and delays of retries are slept on the latch,
 * interruptibly, or passed on the test clock.  The engine sets the timer that ends
 * an execution after AWS's five minutes.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "utils/wait_event.h"

#include "actions/start.h"
#include "engine/engine.h"
#include "runtime/counting.h"
#include "runtime/engine_env.h"
#include "runtime/express.h"
#include "runtime/logs.h"
#include "runtime/transition_budget.h"
#include "services/service.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"

#define LOG_CHUNK_BYTES (64 * 1024)
#define STATES_BETWEEN_LOOKS 256
#define MEMORY_BETWEEN_MOVES ((Size) 64 * 1024 * 1024)
#define MAX_MEMORY ((Size) 1024 * 1024 * 1024)

/* A timer that is running. */
typedef struct ExpressTimer
{
	struct ExpressTimer *next;
	int32 branch;
	int32 visit;
	int32 attempt;
	TimerKind kind;
	TimestampTz due;
} ExpressTimer;

typedef struct Express
{
	ExpressRun *run;
	Execution execution;
	EngineEnv env;
	ExpressTimer *timers;
	ExpressTimer *limit;          /* of the whole execution */
	int states;                   /* entered since the engine was looked at */
	int local_tasks;              /* done so far */
	int64 local_task_time;        /* what they took, microseconds */
	MemoryContext context;        /* the caller's: identity and timers are there */
	Size memory_limit;            /* above it, the living are moved */
	MemoryContext states_context; /* where branches have been moved to; NULL: never */
} Express;

static void express_begin(Express *express);
static void identify(Express *express);
static void follow_effects(Express *express);
static void run_task(Express *express, const Effect *effect);
static void go_on(Express *express);
static void leave_garbage(Express *express);
static void timer_add(Express *express, const Effect *effect);
static void timers_clear(Express *express, int32 branch);
static void fire_next_timer(Express *express);
static void sleep_until(TimestampTz moment);
static void express_count(const Express *express);
static void write_log(const Express *express, TimestampTz log_date);
static void take_result(const Express *express);

void
express_run(ExpressRun *run)
{
	Express express;
	Event start = {.kind = EVENT_START};

	check_stack_depth(); /* a task may start another */
	machine_cache_pin();
	express.run = run;
	express.timers = express.limit = NULL;
	express.states = 0;
	express.local_tasks = 0;
	express.local_task_time = 0;
	express.context = CurrentMemoryContext;
	express.states_context = NULL;
	express.memory_limit = MEMORY_BETWEEN_MOVES;
	express_begin(&express);

	(void) engine_deliver(&express.execution, &start, &express.env);
	follow_effects(&express);
	while (express.execution.status == EXECUTION_RUNNING)
	{
		if (express.execution.has_ready_branches)
			go_on(&express);
		else
			fire_next_timer(&express);
		follow_effects(&express);
	}
	run->stop_time = express.env.now(&express.env);
	express_count(&express);
	if (run->cached->is_logged)
		write_log(&express, run->stop_time);
	take_result(&express);
	MemoryContextSwitchTo(express.context);
}

/* ---- what the engine may ask ---- */

/* Now and then the engine stops between two states, so that an endless loop meets its limits. */
static bool
env_must_yield(EngineEnv *env)
{
	Express *express = env->owner;

	return ++express->states >= STATES_BETWEEN_LOOKS;
}

/* All branches are in memory. */
static void
env_load_finished(EngineEnv *env, Execution *execution, Branch *parent)
{
	(void) env;
	(void) execution;
	(void) parent;
}

/* The compiler lets no task of an EXPRESS machine wait for its token; the context object may show one. */
static const char *
env_task_token(EngineEnv *env, Execution *execution, Branch *branch)
{
	(void) env;
	(void) execution;
	(void) branch;
	return random_uuid();
}

/* ---- beginning ---- */

static void
express_begin(Express *express)
{
	const ExpressRun *run = express->run;
	const CachedMachine *cached = run->cached;
	Execution *execution = &express->execution;

	engine_env_begin(&express->env, express);
	express->env.must_yield = env_must_yield;
	express->env.load_finished = env_load_finished;
	express->env.task_token = env_task_token;
	express->env.max_chunk_bytes = LOG_CHUNK_BYTES;
	express->env.budget = transition_budget_of_session();

	execution_begin(execution);
	execution->machine = cached->machine;
	execution->role_arn = cached->role_arn;
	execution->machine_arn = cached->arn;
	execution->machine_name = cached->name;
	execution->machine_version_arn = run->version_arn;
	execution->machine_alias_arn = run->alias_arn;
	execution->start_time = sfn_now();
	execution->input = run->input;
	execution->input_text = run->input_text;
	execution->keeps_history = cached->is_logged;
	execution->least_weight = cached->log_weight;
	execution->includes_data = cached->logs_data;
	if (run->is_described || cached->is_logged || cached->uses_context)
		identify(express);
}

/* Name and ARN; most executions that nobody looks at need neither, and random numbers take a microsecond. */
static void
identify(Express *express)
{
	MemoryContext caller_context = MemoryContextSwitchTo(express->context);
	char *name = express_name(express->run->name);

	express->execution.arn = psprintf("%s%s", express->run->cached->execution_arn_prefix, name);
	express->execution.name = pnstrdup(name, strcspn(name, ":"));
	MemoryContextSwitchTo(caller_context);
}

/* ---- effects ---- */

/* Does what the engine asked for; tasks answer at once and may lead to further effects at the end of the list. */
static void
follow_effects(Express *express)
{
	Effect *effect;

	while ((effect = execution_take_effect(&express->execution)) != NULL)
	{
		switch (effect->kind)
		{
			case EFFECT_RUN_TASK:
				run_task(express, effect);
				break;
			case EFFECT_RUN_MAP: /* the compiler lets no EXPRESS machine have one */
				break;
			case EFFECT_SET_TIMER:
				timer_add(express, effect);
				break;
			case EFFECT_CLEAR:
				timers_clear(express, effect->branch->id);
				break;
		}
	}
}

/* How long the task may take: its own time-out, and what is left of the execution's. */
static int64
task_timeout_ms(const Express *express, const Effect *effect)
{
	int64 timeout_ms = effect->timeout_seconds * 1000;
	int64 left_ms;

	if (express->limit == NULL)
		return timeout_ms;
	left_ms = Max(1, (express->limit->due - sfn_now() + 999) / 1000);
	return timeout_ms > 0 ? Min(timeout_ms, left_ms) : left_ms;
}

static bool
is_over_limit(const Express *express)
{
	return express->limit != NULL && sfn_now() >= express->limit->due;
}

static void
fire(Express *express, const ExpressTimer *timer)
{
	Event event = {.kind = EVENT_TIMER_FIRED,
				   .timer = timer->kind,
				   .branch = timer->branch,
				   .visit = timer->visit,
				   .attempt = timer->attempt};

	(void) engine_deliver(&express->execution, &event, &express->env);
}

/* Calls the service; what that takes counts. */
static ServiceOutcome
call_and_measure(Express *express, const ServiceCall *call, Event *answer)
{
	TimestampTz started = GetCurrentTimestamp();
	ServiceOutcome outcome = service_call(call, answer);

	express->local_tasks++;
	express->local_task_time += Max(GetCurrentTimestamp() - started, 0);
	return outcome;
}

/* Is the service told which execution calls it? */
static bool
tells_who_calls(const AslResource *resource)
{
	return resource->kind != RESOURCE_SQL && resource->kind != RESOURCE_HTTP;
}

static void
run_task(Express *express, const Effect *effect)
{
	const Execution *execution = &express->execution;
	ServiceCall call = {.resource = &effect->task->resource,
						.parameters = effect->parameters,
						.role = express->run->cached->role,
						.role_arn = execution->role_arn,
						.task_role = effect->credentials_role,
						.machine_arn = express->run->cached->arn,
						.timeout_ms = task_timeout_ms(express, effect),
						.is_alone = true,
						.is_session = true,
						.is_inline = true,
						.is_last_try = true};
	int32 branch = effect->branch->id;
	Event answer;

	if (!engine_awaits(execution, branch, effect->visit, effect->attempt))
		return;
	if (execution->arn == NULL && tells_who_calls(call.resource))
		identify(express);
	call.execution_name = execution->name;
	call.execution_arn = execution->arn;
	if (call_and_measure(express, &call, &answer) != SERVICE_ANSWERED)
		(void) service_fail(&answer, ERROR_TASK_FAILED,
							"The resource \"%s\" cannot be called by a synchronous execution.",
							effect->task->resource.text);
	if (is_over_limit(express))
	{
		fire(express, express->limit);
		return;
	}
	answer.branch = branch;
	answer.visit = effect->visit;
	answer.attempt = effect->attempt;
	(void) engine_deliver(&express->execution, &answer, &express->env);
}

/* More states are to be entered, unless the execution has used up what it may. */
static void
go_on(Express *express)
{
	Event event = {.kind = EVENT_CONTINUE};

	express->states = 0;
	if (is_over_limit(express))
	{
		fire(express, express->limit);
		return;
	}
	if (MemoryContextMemAllocated(CurrentMemoryContext, false) > express->memory_limit)
		leave_garbage(express);
	if (express->memory_limit > MAX_MEMORY)
		engine_fail(&express->execution, ERROR_RUNTIME, "The execution needs more than 1 GB of memory.", &express->env);
	else
		(void) engine_deliver(&express->execution, &event, &express->env);
}

/* What was logged so far is written, and what is alive moves to a fresh context; the next time is when that has doubled. */
static void
leave_garbage(Express *express)
{
	Execution *execution = &express->execution;
	MemoryContext old_context = express->states_context;

	if (express->run->cached->is_logged)
		write_log(express, sfn_now());
	execution->first_chunk = execution->last_chunk = NULL;

	express->states_context = AllocSetContextCreate(express->context, "sfn express states", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(express->states_context);
	execution_move(execution);
	if (old_context != NULL)
		MemoryContextDelete(old_context);
	express->memory_limit = Max(MEMORY_BETWEEN_MOVES, 2 * MemoryContextMemAllocated(CurrentMemoryContext, false));
}

/* ---- timers ---- */

static void
timer_add(Express *express, const Effect *effect)
{
	ExpressTimer *timer = MemoryContextAlloc(express->context, sizeof(ExpressTimer));

	timer->branch = effect->branch->id;
	timer->visit = effect->visit;
	timer->attempt = effect->attempt;
	timer->kind = effect->timer;
	timer->due = effect->due;
	timer->next = NULL;
	if (timer->kind == TIMER_EXECUTION)
	{
		express->limit = timer;
		return;
	}
	timer->next = express->timers;
	express->timers = timer;
}

static void
timers_clear(Express *express, int32 branch)
{
	for (ExpressTimer **link = &express->timers; *link != NULL;)
	{
		if ((*link)->branch == branch)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
}

/* The execution waits: for the timer that is due first, or its own end. */
static void
fire_next_timer(Express *express)
{
	ExpressTimer **first = NULL;
	ExpressTimer *timer = express->limit;

	for (ExpressTimer **link = &express->timers; *link != NULL; link = &(*link)->next)
	{
		if (first == NULL || (*link)->due < (*first)->due)
			first = link;
	}
	if (first != NULL && (timer == NULL || (*first)->due < timer->due))
	{
		timer = *first;
		*first = timer->next;
	}
	if (timer == NULL)
		elog(ERROR, "the execution waits for nothing");
	sleep_until(timer->due);
	fire(express, timer);
}

static void
sleep_until(TimestampTz moment)
{
	if (sfn_clock_is_fixed())
	{
		sfn_clock_move_to(moment);
		return;
	}
	for (;;)
	{
		long left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), moment);

		CHECK_FOR_INTERRUPTS();
		if (left <= 0)
			return;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

/* ---- the end ---- */

/* Into the statistics; whatever becomes of the caller's transaction. */
static void
express_count(const Express *express)
{
	const Execution *execution = &express->execution;
	MachineCounts *counts = machine_stats_of_call(express->run->cached->state_machine_id);

	counts->counts[MACHINE_STARTED]++;
	counts->counts[MACHINE_EVENTS] += execution->last_event_id;
	counts->counts[MACHINE_LOCAL_TASKS] += express->local_tasks;
	counts->counts[MACHINE_LOCAL_TASK_TIME] += express->local_task_time;
	count_engine(counts, execution);
	count_end(counts, execution, express->run->stop_time);
	machine_stats_call_ended(express->run->stop_time);
}

static void
write_log(const Express *express, TimestampTz log_date)
{
	const CachedMachine *cached = express->run->cached;
	LogTarget target = {.state_machine_id = cached->state_machine_id,
						.execution_name = express->execution.arn + strlen(cached->execution_arn_prefix),
						.log_date = log_date};

	log_write(&express->execution, cached, &target);
}

static void
take_result(const Express *express)
{
	const Execution *execution = &express->execution;
	ExpressRun *run = express->run;

	run->status = execution->status;
	run->output = execution->output;
	run->error = execution->error;
	run->cause = execution->cause;
	if (execution->status == EXECUTION_TIMED_OUT)
		run->error = ERROR_TIMEOUT;
	run->arn = execution->arn;
	run->name = execution->name;
	run->start_time = execution->start_time;
}
