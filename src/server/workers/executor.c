/*
 * executor.c
 *	  Taking due inbox rows of one database, turn after turn.
 *
 * Each database with the extension has one permanent executor.  It began as the
 * probe: a worker that looks whether the extension is there and its executions
 * belong here, and leaves again if not.  When there is more to do than it manages,
 * helpers come; they leave after five idle seconds.  Tasks that need a turn of
 * their own are for helpers, so that timers and pure transitions go on while such
 * tasks run; with sfn.max_workers = 1 the permanent one does both in turns.
 *
 * One pass of the loop is one transaction at most, and nothing is open while it
 * sleeps: no transaction, no snapshot.  The latch is reset before the snapshot of
 * a turn is taken, so a commit that comes later ends the sleep (wakeup.c).
 *
 * When a turn fails, the execution in hand becomes a suspect (suspects.c) and the
 * turn is redone without it.  When nothing was in hand (writing, commit), the
 * executions of the turn are redone one by one.
 */
#include "postgres.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "runtime/turn.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/crowd.h"
#include "shared/given_up.h"
#include "shared/in_hand.h"
#include "shared/in_hand_file.h"
#include "shared/machine_stats.h"
#include "shared/suspects.h"
#include "shared/task_places.h"
#include "shared/wakeup.h"
#include "shared/worker_registry.h"
#include "shared/worker_stats.h"
#include "store/http_tasks.h"
#include "store/inbox_watch.h"
#include "store/instance.h"
#include "store/log_deliveries.h"
#include "store/queue_sources.h"
#include "store/setting_place.h"
#include "store/sql_version.h"
#include "store/store.h"
#include "workers/executor.h"
#include "workers/executor_failures.h"
#include "workers/executor_transaction.h"
#include "workers/executor_tries.h"
#include "workers/notices.h"
#include "workers/pruner.h"
#include "workers/queue_poller.h"
#include "workers/replayer.h"
#include "workers/scheduler.h"

#define KEPT_MEMORY (32 * 1024 * 1024)
#define TURN_MAX_ROWS 1000
#define ONE_EXECUTION_MAX_ROWS 100
#define IN_HAND_MAX 64
#define HELPER_IDLE_MS 5000
#define UNCLAIMED_LOOK_MS 5000 /* a database without executions may be about to receive a dump */
#define CONTENTION_FIRST_MS 2  /* what was found is in another's hand */
#define CONTENTION_LONGEST_MS 100
#define FAILURE_FIRST_MS 100
#define FAILURE_LONGEST_MS 30000
#define QUIET_FAILURES 3 /* failures in a row that are redone at once */

/* What one pass of the loop does. */
typedef struct Choice
{
	TurnRequest request;
	SuspectAction suspect; /* SUSPECT_NONE: an ordinary turn, or one of the redone */
	bool has_crashed;      /* the suspect, a worker */
	bool is_redone;
	bool stands_back; /* a processor is to be free for others */
	bool is_try;      /* of a task that wants a helper */
	int passed_over;  /* of those that took too long when they were tried */
} Choice;

typedef struct Executor
{
	MemoryContext loop_context;
	char database_name[NAMEDATALEN];
	bool is_ours; /* the instance row names this database; else it is looked at before each turn */
	bool was_alone_turn;
	int alone_turns; /* of tasks that want a turn of their own, in a row, that found one */
	bool asks_about_alone;
	TimestampTz asked_about_alone;
	int empty_turns;     /* in a row, that found nothing due */
	int contended_turns; /* in a row, that found only what others hold */
	int failed_turns;    /* in a row */
	uint64 calls;        /* that it has heard */
	TimestampTz next_due;
	TimestampTz idle_since; /* 0: not idle */
	int64 redone[TURN_EXECUTIONS_KEPT];
	int redone_count;
	int redone_next;
} Executor;

static Executor executor;

static void executor_begin(int slot, uint32 generation);
static bool database_wants_executor(void);
static bool extension_is_there(void);
static SettingPlace enabled_place(void);
static void note_disabled(void);
static void executor_loop(void);
static void note_due(TimestampTz due);
static bool executor_may_go_on(void);
static void publish_settings(void);
static bool takes_alone(void);
static void executor_pass(void);
static void choose(Choice *choice);
static void make_room(Choice *choice);
static void write_evenly(bool is_wanted);
static void choose_one(Choice *choice, int64 execution);
static bool gives_way(void);
static ErrorData *run_turn(const Choice *choice, TurnResult *result);
static void turn_done(const Choice *choice, const TurnResult *result);
static void call_for_help(const Choice *choice, const TurnResult *result);
static void note_found(const Choice *choice, const TurnResult *result);
static void turn_failed(const Choice *choice, const ErrorData *error);
static void redo_one_by_one(void);
static void back_off(void);
static void ask_about_tasks_alone(void);
static void ask_about_requests(void);
static void wait_for_others(void);
static bool helper_may_leave(void);
static bool was_called(void);
static void rest(void);
static long rest_length(TimestampTz now);
static bool sleep_for(long milliseconds);
static void pause_for(long milliseconds);
static void executor_leave(int code, Datum arg);

/*
 * Each turn frees what the last one allocated.  Given back to the kernel, it would
 * come back page by page, cleared: a tenth of the time of a busy executor.
 */
static void
keep_freed_memory(void)
{
#ifdef __GLIBC__
	(void) mallopt(M_MMAP_THRESHOLD, KEPT_MEMORY);
	(void) mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
#endif
}

void
sfn_executor_main(Datum argument)
{
	uint32 generation;

	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	executor_begin(DatumGetInt32(argument), generation);

	if (!database_wants_executor())
		proc_exit(0);
	my_worker->role = WORKER_EXECUTOR;
	wake_launcher(); /* few probe at once: the next may */
	my_database_entry()->failed_starts = 0;
	keep_freed_memory();
	if (my_worker->is_permanent)
		ask_about_requests();
	executor_loop();
	worker_set_state(WORKER_LEAVING);
	proc_exit(0);
}

/* ---- beginning ---- */

static void
executor_begin(int slot, uint32 generation)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);

	if (!worker_slot_take(slot, generation))
		proc_exit(0);
	BackgroundWorkerUnblockSignals();
	in_hand_file_join();

	worker_pin_settings();
	BackgroundWorkerInitializeConnectionByOid(my_worker->database, InvalidOid, 0);
	before_shmem_exit(executor_leave, 0);
	pgstat_report_appname("sfn executor");

	memset(&executor, 0, sizeof(executor));
	executor.asks_about_alone = my_worker->is_permanent;
	executor.loop_context = AllocSetContextCreate(TopMemoryContext, "sfn worker loop", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(executor.loop_context);
	publish_settings();
}

/* Whatever is set for the server, the database or the role: as autovacuum does. */
void
worker_pin_settings(void)
{
	static const char *const pinned[][2] =
	{ {"default_transaction_deferrable", "off"},
	  {"default_transaction_isolation", "read committed"},
	  {"default_transaction_read_only", "off"},
	  {"exit_on_error", "off"},
	  {"idle_in_transaction_session_timeout", "0"},
	  {"idle_session_timeout", "0"},
	  {"lock_timeout", "0"},
	  {"row_security", "on"},
	  {"session_replication_role", "origin"},
	  {"sfn.test_now", ""},
	  {"statement_timeout", "0"},
#if PG_VERSION_NUM >= 170000
	  {"transaction_timeout", "0"},
#endif
	  {"zero_damaged_pages", "off"},
	};

	for (size_t i = 0; i < lengthof(pinned); i++)
		SetConfigOption(pinned[i][0], pinned[i][1], PGC_SUSET, PGC_S_OVERRIDE);
}

/* The probe's question, which any executor asks itself at start; says in the database's entry why not. */
static bool
database_wants_executor(void)
{
	DatabaseEntry *entry = my_database_entry();
	InstanceState instance = INSTANCE_UNCLAIMED;
	SettingPlace place = {.words = "", .cure = ""};
	char *problem = NULL;
	const char *cure;
	bool is_there;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	strlcpy(executor.database_name, get_database_name(MyDatabaseId), NAMEDATALEN);
	is_there = extension_is_there();
	MemoryContextSwitchTo(executor.loop_context);
	if (is_there)
		problem = sql_version_problem(&cure);
	if (is_there && problem == NULL && sfn_enabled)
		instance = instance_check();
	else if (is_there && problem == NULL)
		place = enabled_place();
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(executor.loop_context);

	if (!is_there)
	{
		database_set_status(entry, DATABASE_ABSENT, "the extension is not installed in this database", "");
		statistics_forget(entry->oid);
	}
	else if (problem != NULL)
		database_set_status(entry, DATABASE_OUTDATED, psprintf("%s: %s", problem, cure), "");
	else if (!sfn_enabled)
		database_set_status(entry, DATABASE_DISABLED, place.words, place.cure);
	else if (instance == INSTANCE_FOREIGN)
	{
		database_set_status(entry, DATABASE_PAUSED, "copy of another database; sfn.adopt() makes its executions run",
							"SELECT sfn.adopt()");
		ereport(LOG,
				(errmsg("database \"%s\" is a copy: its executions stay paused", executor.database_name),
				 errhint("SELECT sfn.adopt() in that database makes them its own.")));
	}
	else
	{
		if (entry->status != DATABASE_ACTIVE)
			database_set_status(entry, DATABASE_ACTIVE, "", "");
		return true;
	}
	return false;
}

/* Where it is switched off. */
static SettingPlace
enabled_place(void)
{
	SettingPlace place = setting_place("sfn.enabled");

	place.words = psprintf("sfn.enabled is off (%s)", place.words);
	return place;
}

static void
disabled_work(void *arg)
{
	SettingPlace place = enabled_place();

	(void) arg;
	database_set_status(my_database_entry(), DATABASE_DISABLED, place.words, place.cure);
}

/* Switched off while it runs. */
static void
note_disabled(void)
{
	if (executor_transaction(disabled_work, NULL) != NULL)
		database_set_status(my_database_entry(), DATABASE_DISABLED, "sfn.enabled is off", "");
}

/* Not just a schema of that name. */
static bool
extension_is_there(void)
{
	Oid extension = get_extension_oid("sfn", true);
	Oid namespace = get_namespace_oid("sfn", true);

	return OidIsValid(extension) && OidIsValid(namespace) &&
		getExtensionOfObject(RelationRelationId, get_relname_relid("instance", namespace)) == extension;
}

/* Per-database settings that the launcher has to know. */
static void
publish_settings(void)
{
	DatabaseEntry *entry = my_database_entry();

	LWLockAcquire(worker_registry->lock, LW_EXCLUSIVE);
	entry->max_workers = sfn_max_workers;
	entry->max_long_tasks = sfn_max_long_tasks;
	LWLockRelease(worker_registry->lock);
}

static bool
takes_alone(void)
{
	return !my_worker->is_permanent || sfn_max_workers == 1;
}

/* ---- the loop ---- */

static void
executor_loop(void)
{
	for (;;)
	{
		ResetLatch(MyLatch);
		executor.calls = worker_calls();
		if (!executor_may_go_on())
			break;
		MemoryContextReset(executor.loop_context);
		if (executor.asks_about_alone)
			ask_about_tasks_alone();

		executor_pass();
		if (executor.is_ours)
			notices_step();
		if (executor.is_ours && my_worker->is_permanent)
		{
			note_due(scheduler_step());
			note_due(queue_poller_step());
			note_due(replayer_step());
		}
		if (my_worker->is_permanent && worker_has_helpers())
			executor.asks_about_alone = true; /* at most once a second, however busy this one is */
		if (my_worker->is_permanent)
			pruner_beside_turns();
		if (executor.contended_turns > 0)
			wait_for_others();
		else if (executor.redone_next >= executor.redone_count &&
				 executor.empty_turns >= (takes_alone() || try_was_due() ? 2 : 1))
		{
			if (my_worker->is_permanent && pruner_step())
				continue;
			if (gives_way())
				break;
			rest();
			if (helper_may_leave())
				break;
		}
	}
}

/* It sleeps no longer than until then; 0: never. */
static void
note_due(TimestampTz due)
{
	if (due != 0 && (executor.next_due == 0 || due < executor.next_due))
		executor.next_due = due;
}

/* Looks at signals and settings; false: leave. */
static bool
executor_may_go_on(void)
{
	QueryCancelPending = false; /* there is nothing to cancel between turns */
	if (ProcDiePending)
		proc_exit(1); /* as usual when the server stops: without a FATAL in the log */
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		publish_settings();
		if (!sfn_enabled)
			note_disabled();
	}
	return sfn_enabled && !worker_must_leave();
}

/* One turn, whatever comes of it. */
static void
executor_pass(void)
{
	Choice choice;
	TurnResult result;
	ErrorData *error;
	TimestampTz started = GetCurrentTimestamp();

	choose(&choice);
	worker_set_state(WORKER_BUSY);
	if (choice.suspect == SUSPECT_QUARANTINE)
	{
		quarantine_suspect(choice.request.only_execution, choice.has_crashed);
		return;
	}
	if (choice.stands_back)
	{
		executor.contended_turns++;
		return;
	}
	error = run_turn(&choice, &result);
	if (choice.is_try)
		try_done(choice.passed_over, &result, error != NULL, started);
	if (error == NULL)
		turn_done(&choice, &result);
	else
	{
		turn_failed(&choice, error);
		back_off();
	}
}

/* ---- choosing ---- */

static void
choose(Choice *choice)
{
	static int64 excluded[REGISTRY_SUSPECTS + TRIED_MAX];
	TurnRequest *request = &choice->request;
	int64 suspect;

	memset(choice, 0, sizeof(Choice));
	choice->suspect = SUSPECT_NONE;
	request->max_executions = TURN_MAX_ROWS;
	request->mode = TURN_SHARED;

	if (executor.redone_next < executor.redone_count)
	{
		choice->is_redone = true;
		choose_one(choice, executor.redone[executor.redone_next++]);
		return;
	}
	if (takes_alone() && (choice->suspect = suspect_take(&suspect, &choice->has_crashed)) != SUSPECT_NONE)
	{
		choose_one(choice, suspect);
		return;
	}

	request->excluded = excluded;
	request->excluded_count = suspects_list(excluded, REGISTRY_SUSPECTS);
	executor.was_alone_turn = takes_alone() && !executor.was_alone_turn;
	if (executor.was_alone_turn)
	{
		request->mode = TURN_ALONE;
		request->takes_alone = true;
		request->max_executions = 1;
	}
	else if (try_is_due(takes_alone()))
	{
		choice->is_try = true;
		choice->passed_over = try_choose(request, excluded);
	}
	else if (pg_atomic_read_u32(&my_database_entry()->careful_turns) > 0)
		request->max_executions = 1;
	else
		make_room(choice);
}

/* Where another role's light work comes beside a crowd. */
static void
make_room(Choice *choice)
{
	TurnRequest *request = &choice->request;

	request->makes_room = crowd_makes_room(&request->crowd);
	write_evenly(request->makes_room);
	if (!request->makes_room)
		return;
	if (my_worker->is_permanent)
		request->passes_crowd = crowd_has_helper();
	else
		choice->stands_back = !crowd_wants_helper();
}

/*
 * Pages that a crowd's turns have written reach the disk as they go, unless that is set: the kernel would keep them for
 * half a minute, and the commits of all would wait while it writes them together.
 */
static void
write_evenly(bool is_wanted)
{
	static bool is_set = false;

	if (is_wanted != is_set)
		SetConfigOption("backend_flush_after", is_wanted ? "1MB" : "0", PGC_USERSET, PGC_S_DYNAMIC_DEFAULT);
	is_set = is_wanted;
}

static void
choose_one(Choice *choice, int64 execution)
{
	choice->request.mode = choice->suspect != SUSPECT_NONE ? TURN_ALONE : TURN_SHARED;
	choice->request.takes_alone = choice->suspect != SUSPECT_NONE;
	choice->request.is_last_try = choice->suspect == SUSPECT_RUN_LAST;
	choice->request.only_execution = execution;
	choice->request.max_executions = ONE_EXECUTION_MAX_ROWS;
}

/* ---- running ---- */

typedef struct TurnWork
{
	const TurnRequest *request;
	TurnResult *result;
	bool is_foreign; /* a restore put a copy under our feet */
} TurnWork;

static void
turn_work(void *arg)
{
	TurnWork *work = arg;

	if (!executor.is_ours)
	{
		InstanceState instance = instance_check();

		executor.is_ours = instance == INSTANCE_OURS;
		work->is_foreign = instance == INSTANCE_FOREIGN;
	}
	if (!work->is_foreign)
		turn_run(work->request, work->result);
}

/* One transaction with a turn in it; the error, if it failed. */
static ErrorData *
run_turn(const Choice *choice, TurnResult *result)
{
	TurnWork work = {.request = &choice->request, .result = result};
	bool is_single = choice->request.only_execution != 0 || choice->request.max_executions == 1;
	TimestampTz started = GetCurrentTimestamp();
	ErrorData *error;

	memset(result, 0, sizeof(TurnResult));
	pgstat_report_activity(STATE_RUNNING, choice->request.mode == TURN_ALONE ? "turn of one execution" : "turn");
	worker_begin_turn(is_single, choice->suspect != SUSPECT_NONE);
	if (choice->request.mode == TURN_SHARED)
		crowd_turn(true);
	error = executor_transaction(turn_work, &work);
	task_place_leave();
	if (choice->request.mode == TURN_SHARED)
		crowd_turn(result->rows_claimed > 0);
	if (error == NULL)
	{
		(void) worker_end_turn();
		worker_stats_turn(result, choice->is_redone || choice->suspect != SUSPECT_NONE, started);
		pg_atomic_fetch_add_u64(&my_database_entry()->ended, result->ended);
	}
	machine_stats_turn_ended(error == NULL);
	given_up_turn_ended(error == NULL);
	(void) pgstat_report_stat(false);

	if (work.is_foreign)
	{
		database_set_status(my_database_entry(), DATABASE_UNKNOWN, "", ""); /* the next probe says what is to say */
		pg_atomic_write_u32(&my_worker->leave_requested, LEAVE_TO_ANOTHER);
		SetLatch(MyLatch);
	}
	return error;
}

static void
turn_done(const Choice *choice, const TurnResult *result)
{
	DatabaseEntry *entry = my_database_entry();

	/* a turn that looked for one task only, and found none, says nothing of the others */
	if (result->rows_claimed > 0 || (choice->request.mode == TURN_SHARED && choice->request.only_execution == 0))
		executor.failed_turns = 0;
	if (choice->suspect != SUSPECT_NONE && result->executions > 0)
		suspect_passed(choice->request.only_execution);
	else if (choice->suspect != SUSPECT_NONE)
		suspect_found_nothing(choice->request.only_execution);
	else if (result->executions > 0)
	{
		pg_atomic_fetch_add_u64(&entry->commits, 1);
		if (pg_atomic_read_u32(&entry->careful_turns) > 0)
			pg_atomic_fetch_sub_u32(&entry->careful_turns, 1);
	}

	if (entry->reason[0] != '\0' && suspects_next_due() == 0)
		database_note_error(entry, ""); /* whom the last error was of has passed, or is quarantined, which says more */
	call_for_help(choice, result);
	if (result->rows_claimed > 0 && result->next_due != 0)
		worker_report_due(result->next_due);
	note_found(choice, result);
}

/* A turn of one task cannot see whether there are more of them; a second one in a row can. */
static void
call_for_help(const Choice *choice, const TurnResult *result)
{
	if (choice->request.mode == TURN_ALONE)
	{
		executor.alone_turns = result->rows_claimed > 0 ? executor.alone_turns + 1 : 0;
		my_worker->leaves_place = result->leaves_place;
	}

	if (result->postponed_alone > 0)
		worker_call_for_helpers((int) Min(result->postponed_alone, INT_MAX));
	else if (choice->request.only_execution == 0 &&
			 (choice->request.mode == TURN_ALONE ? executor.alone_turns > 1
												 : result->has_more && !choice->request.makes_room))
		worker_call_for_help();
}

/* Whether there was something to do decides what comes next: another turn, a pause, a rest. */
static void
note_found(const Choice *choice, const TurnResult *result)
{
	if (result->rows_claimed > 0 || choice->request.only_execution != 0)
	{
		executor.empty_turns = 0;
		executor.idle_since = 0;
	}
	else
	{
		executor.empty_turns++;
		executor.next_due = result->next_due;
	}
	if (result->rows_claimed > 0 && result->executions == 0)
		executor.contended_turns++;
	else if (result->executions > 0 || choice->request.mode == TURN_SHARED)
		executor.contended_turns = 0;
}

/* ---- failing ---- */

/* Who is to run alone from now on? */
static void
turn_failed(const Choice *choice, const ErrorData *error)
{
	int64 in_hand = worker_end_turn();
	int64 only = choice->request.only_execution;

	executor.empty_turns = 0;
	if (executor_transaction_was_cancelled() || worker_must_leave())
	{
		if (choice->suspect != SUSPECT_NONE)
			suspect_put_back(only);
		return;
	}

	worker_stats_count(WORKER_ERRORS);
	database_note_error(my_database_entry(), error->message != NULL ? error->message : "");

	if (choice->suspect != SUSPECT_NONE)
		suspect_failed(only, fault_of(error->sqlerrcode));
	else if ((in_hand != 0 || only != 0) && execution_put_aside(in_hand != 0 ? in_hand : only))
		executor.failed_turns = 0;
	else
	{
		executor.failed_turns++;
		redo_one_by_one();
	}
}

/* Nobody was in hand: whose rows or commit failed shows when each has a transaction of its own. */
static void
redo_one_by_one(void)
{
	const int64 *executions;

	executor.redone_count = worker_turn_executions(&executions);
	memcpy(executor.redone, executions, executor.redone_count * sizeof(int64));
	executor.redone_next = 0;
}

/* After failures in a row the executor pauses, longer each time, whatever its latch says. */
static void
back_off(void)
{
	int excess = executor.failed_turns - QUIET_FAILURES;

	if (excess <= 0)
		return;
	worker_set_state(WORKER_BACKING_OFF);
	pgstat_report_activity(STATE_IDLE, NULL);
	pause_for(Min(FAILURE_FIRST_MS << Min(excess - 1, 16), FAILURE_LONGEST_MS));
}

/* ---- resting ---- */

/* Since the loop began anew, also where a wait for a lock or a page has reset the latch since. */
static bool
was_called(void)
{
	return MyLatch->is_set || executor.calls != worker_calls() || ConfigReloadPending || worker_must_leave();
}

static void
alone_work(void *arg)
{
	int64 in_hand[IN_HAND_MAX];
	int count = worker_executions_in_hand(in_hand, IN_HAND_MAX);

	*(bool *) arg = inbox_has_task_alone(GetCurrentTimestamp(), in_hand, count);
}

/* Tasks that need a helper may have been left by executors before us, or when all helpers were busy. */
static void
ask_about_tasks_alone(void)
{
	TimestampTz now = GetCurrentTimestamp();
	bool is_due = false;

	if (now >= executor.asked_about_alone &&
		!TimestampDifferenceExceeds(executor.asked_about_alone, now, HELPERS_WATCH_MS))
		return; /* a timer after the other ends our sleep */
	executor.asks_about_alone = false;
	executor.asked_about_alone = now;
	if (!takes_alone() && executor_transaction(alone_work, &is_due) == NULL && is_due)
		worker_call_for_help();
}

static void
requests_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	if (http_tasks_exist() || jobs_exist() || queue_sources_exist() || unsent_logs_exist())
		pump_wakeup_at_commit();
	store_leave(&scope);
}

/* Requests may have been left by a pump before us. */
static void
ask_about_requests(void)
{
	(void) executor_transaction(requests_work, NULL);
}

/* What is due is in another's hand, and soon done. */
static void
wait_for_others(void)
{
	int doublings = Min(executor.contended_turns - 1, 16);

	worker_set_state(WORKER_IDLE);
	(void) sleep_for(Min(CONTENTION_FIRST_MS << doublings, CONTENTION_LONGEST_MS));
}

/*
 * Another database wants a process that this one can do without: nothing is due for some time.  Who wakes us from here
 * on asks the launcher, too; who did before has set the latch.
 */
static bool
gives_way(void)
{
	DatabaseEntry *entry = my_database_entry();
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz due = executor.next_due != 0 ? executor.next_due : DT_NOEND;

	if (pg_atomic_exchange_u32(&my_worker->yield_requested, 0) == 0 ||
		(!my_worker->is_permanent && my_worker->leaves_place))
		return false;
	if (my_worker->is_permanent)
	{
		bool waits = entry->is_waiting_for_process; /* for a helper: it comes back soon, to try again */

		if (due < TimestampTzPlusMilliseconds(now, REGISTRY_NOTHING_DUE_MS) || suspects_next_due() != 0 ||
			(!waits && pg_atomic_read_u32(&entry->help_wanted) != 0))
			return false;
		pg_atomic_write_u32(&entry->help_wanted, 0);
		database_rests_until(entry,
							 Min(due, TimestampTzPlusMilliseconds(now, waits ? TRY_PAUSE_MS : sfn_poll_interval)));
	}
	worker_set_state(WORKER_LEAVING);
	if (!was_called())
		return true;
	if (my_worker->is_permanent)
		database_rests_until(entry, 0);
	return false;
}

static bool
helper_may_leave(void)
{
	if (my_worker->is_permanent || my_worker->leaves_place ||
		!TimestampDifferenceExceeds(executor.idle_since, GetCurrentTimestamp(), HELPER_IDLE_MS))
		return false;

	/* Who calls for help from here on does not choose us; who did has set the latch. */
	worker_set_state(WORKER_LEAVING);
	return !was_called();
}

/* Sleeps until there may be something to do. */
static void
rest(void)
{
	TimestampTz now = GetCurrentTimestamp();
	long length = rest_length(now);

	if (executor.idle_since == 0)
		executor.idle_since = now;
	my_worker->sleeps_until = TimestampTzPlusMilliseconds(now, length);
	my_worker->next_due = executor.next_due != 0 ? executor.next_due : DT_NOEND;
	worker_set_state(WORKER_IDLE);
	pgstat_report_activity(STATE_IDLE, NULL);
	(void) pgstat_report_stat(true);
	if (!was_called() && !sleep_for(length))
		executor.asks_about_alone = my_worker->is_permanent;
	executor.empty_turns = 0;
}

/*
 * Until something is due, but not longer than the poll interval.  Helpers leave
 * timers to the permanent executor, and that leaves suspects and tasks that run
 * alone to them; it only sees that there is a helper.
 */
static long
rest_length(TimestampTz now)
{
	TimestampTz suspect_due = suspects_next_due();
	long length = my_worker->is_permanent ? sfn_poll_interval : HELPER_IDLE_MS + 1;

	if (!executor.is_ours)
		length = Min(length, UNCLAIMED_LOOK_MS);
	if (my_worker->is_permanent && executor.next_due != 0)
		length = Min(length, TimestampDifferenceMilliseconds(now, executor.next_due));
	if (suspect_due != 0 && takes_alone())
		length = Min(length, TimestampDifferenceMilliseconds(now, suspect_due) + 1);
	else if (suspect_due != 0 && suspect_due <= now)
		worker_call_for_help();
	if (my_worker->is_permanent && (suspect_due != 0 || executor.asks_about_alone || worker_has_helpers()))
		length = Min(length, HELPERS_WATCH_MS);
	return length;
}

/* True: the latch was set. */
static bool
sleep_for(long milliseconds)
{
	int events = WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
						   sfn_wait_event("SfnExecutorMain"));

	return (events & WL_LATCH_SET) != 0;
}

/* A pause that commits do not end, but signals and a request to leave do. */
static void
pause_for(long milliseconds)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);
	TimestampTz now;

	while ((now = GetCurrentTimestamp()) < until && executor_may_go_on())
	{
		if (sleep_for(TimestampDifferenceMilliseconds(now, until)))
			ResetLatch(MyLatch);
	}
}

/* ---- ending ---- */

/*
 * At exit, asked for or not, while shared memory is still whole.  What this
 * executor had in hand or found due is for the permanent one to look at again.
 */
static void
executor_leave(int code, Datum arg)
{
	DatabaseEntry *entry = my_database_entry();
	bool is_asked = worker_gave_up() || worker_must_leave();
	WorkerSlot *permanent;

	suspects_worker_leaves(is_asked);
	if (is_asked || my_worker->is_permanent)
		return;
	LWLockAcquire(worker_registry->lock, LW_SHARED);
	permanent = registry_permanent_worker(entry->oid);
	if (permanent != NULL)
		worker_call(permanent);
	LWLockRelease(worker_registry->lock);
	if (code != 0 || was_called())
		pg_atomic_write_u32(&entry->help_wanted, 1);
}
