/*
 * http_pump.c
 *	  Sending the HTTP requests of a database's tasks.
 *
 * A database has one pump while there are requests; it leaves after 30 idle seconds.
 * One transaction takes what waits and delivers what has come; between two of them
 * requests are under way and no transaction, no snapshot is open.  A request is sent
 * only after the transaction that took it has committed, so one that was in flight
 * when the pump died is known: it is not sent again but fails (that of an EXPRESS
 * execution is sent again, with the same Idempotency-Key).
 *
 * A pump that is to leave for new settings takes nothing more, and stays until what it has sent is answered, beside
 * the one that takes its place.  Rows say which process has sent them, so each knows what is lost with another.
 *
 * Which request is next is up to http_queue.c, what becomes of one to pump_task.c, and how
 * answers get into the database to pump_delivery.c.  What the pump calls by itself is a table of kinds: pump_jobs.c asks
 * services for the jobs that tasks wait for, pump_sources.c fetches messages from SQS.
 */
#include "postgres.h"

#include <sys/resource.h>

#include "access/xact.h"
#include "catalog/namespace.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "services/http/http_policy.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/wakeup.h"
#include "shared/worker_registry.h"
#include "shared/worker_stats.h"
#include "store/http_tasks.h"
#include "store/look_ups.h"
#include "store/store.h"
#include "workers/executor.h"
#include "workers/executor_transaction.h"
#include "workers/http_pump.h"
#include "workers/http_queue.h"
#include "workers/pump_calls.h"
#include "workers/pump_delivery.h"
#include "workers/pump_task.h"

#define TAKE_AT_ONCE 500
#define IDLE_LEAVE_MS 30000
#define GONE_LOOK_MS 400 /* how often it is looked whether somebody still waits */
#define LEAVE_LOOK_MS 50
#define FAILURE_FIRST_MS 100
#define FAILURE_LONGEST_MS 30000
#define OTHER_DESCRIPTORS 128 /* of this process, for files and the like */
#define DESCRIPTORS_EACH 3    /* a connection, and what resolving its name takes */
#define MAX_DESCRIPTORS 65536

typedef struct Pump
{
	MemoryContext context; /* outlives the passes */
	MemoryContext pass_context;
	WaitEventSet *events;
	char *instance_id;
	dlist_head taken; /* by the transaction under way */
	dlist_head in_flight;
	dlist_head finished; /* transfers to be looked at */
	int max_tasks;
	int told_tasks; /* gone when the transaction under way commits */
	uint64 calls;   /* that it has heard */
	bool has_recovered;
	int others; /* pumps that were there as it was last looked for what is lost */
	int others_now;
	bool is_announced; /* somebody has committed requests since the last look for them */
	TimestampTz pass_began;
	int failed_passes; /* in a row */
	TimestampTz retry_at;
	TimestampTz leave_at; /* 0: not asked to */
	bool is_cancelled;
	TimestampTz next_gone_look;
	TimestampTz idle_since;
} Pump;

static Pump pump;

static const PumpCalls *const kinds[] = {&pump_sources, &pump_jobs, &pump_logs}; /* messages may wake jobs */

static void pump_begin(int slot, uint32 generation);
static int raise_descriptor_limit(void);
static bool pump_is_wanted(void);
static void pump_loop(void);
static void look_at_latch(void);
static bool pump_may_go_on(void);
static bool is_leaving(void);
static bool has_drained(void);
static int count_others(void);
static bool pump_pass(void);
static void pass_work(void *arg);
static void recover_lost(void);
static void take_requests(void);
static bool may_have_more(void);
static void look_for_gone(void);
static void pass_committed(void);
static void keep_answer(PumpTask *task);
static void send_request(PumpTask *task);
static void pass_failed(void);
static bool is_time_for_pass(void);
static void look_at_finished(void);
static void wait_for_something(void);
static bool pump_may_leave(void);
static void pump_leave(int code, Datum arg);

/* ---- the process ---- */

void
sfn_pump_main(Datum argument)
{
	uint32 generation;

	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	pump_begin(DatumGetInt32(argument), generation);
	if (pump_is_wanted())
		pump_loop();
	worker_set_state(WORKER_LEAVING);
	proc_exit(0);
}

static void
pump_begin(int slot, uint32 generation)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	if (!worker_slot_take(slot, generation))
		proc_exit(0);
	BackgroundWorkerUnblockSignals();

	worker_pin_settings();
	BackgroundWorkerInitializeConnectionByOid(my_worker->database, InvalidOid, 0);
	before_shmem_exit(pump_leave, 0);
	pgstat_report_appname("sfn pump");
	if (synchronous_commit == SYNCHRONOUS_COMMIT_OFF) /* that a request was sent must not be forgotten */
		SetConfigOption("synchronous_commit", "local", PGC_SUSET, PGC_S_OVERRIDE);

	memset(&pump, 0, sizeof(pump));
	pump.context = AllocSetContextCreate(TopMemoryContext, "sfn pump", ALLOCSET_DEFAULT_SIZES);
	pump.pass_context = AllocSetContextCreate(TopMemoryContext, "sfn worker loop", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(pump.pass_context);
	dlist_init(&pump.taken);
	dlist_init(&pump.in_flight);
	dlist_init(&pump.finished);
	pump_delivery_begin();
	for (size_t i = 0; i < lengthof(kinds); i++)
		kinds[i]->begin(pump.context);
	pump.is_announced = true;
	pump.max_tasks = raise_descriptor_limit();
	http_queue_begin(pump.context);
	transfers_begin(pump.max_tasks);
	pump.events = worker_event_set(3);
	AddWaitEventToSet(pump.events, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(pump.events, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(pump.events, WL_SOCKET_READABLE, transfers_descriptor(), NULL, NULL);
}

/* As many as the hard limit allows; returns how many requests they suffice for. */
static int
raise_descriptor_limit(void)
{
	struct rlimit limit;
	rlim_t wanted;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return TAKE_AT_ONCE / 2;
	wanted = limit.rlim_max == RLIM_INFINITY ? MAX_DESCRIPTORS : Min(limit.rlim_max, MAX_DESCRIPTORS);
	if (wanted > limit.rlim_cur)
	{
		limit.rlim_cur = wanted;
		(void) setrlimit(RLIMIT_NOFILE, &limit);
		(void) getrlimit(RLIMIT_NOFILE, &limit);
	}
	wanted = Min(limit.rlim_cur, MAX_DESCRIPTORS);
	if (wanted < OTHER_DESCRIPTORS + 16 * DESCRIPTORS_EACH)
		return 16;
	return (int) ((wanted - OTHER_DESCRIPTORS) / DESCRIPTORS_EACH);
}

/* Is there anything of ours in this database? */
static bool
pump_is_wanted(void)
{
	Oid namespace;
	bool is_wanted;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	namespace = get_namespace_oid("sfn", true);
	is_wanted = sfn_enabled && OidIsValid(namespace) && OidIsValid(get_relname_relid("http_allowed_host", namespace));
	CommitTransactionCommand();
	MemoryContextSwitchTo(pump.pass_context);
	return is_wanted;
}

/* ---- the loop ---- */

static void
pump_loop(void)
{
	while (pump_may_go_on())
	{
		look_at_latch();
		if (!pump_may_go_on())
			break;
		MemoryContextReset(pump.pass_context);
		worker_set_state(is_leaving() ? WORKER_LEAVING : WORKER_BUSY);
		if (pump_pass())
			pass_committed();
		else
			pass_failed();
		do
			wait_for_something();
		while (!is_time_for_pass());
		if (pump_may_leave())
			break;
	}
}

/* Whoever has committed requests has set it. */
static void
look_at_latch(void)
{
	uint64 calls = worker_calls();

	if (!MyLatch->is_set && pump.calls == calls)
		return;
	ResetLatch(MyLatch);
	pump.calls = calls;
	pump.is_announced = true;
}

/* Looks at signals and settings; false: leave. */
static bool
pump_may_go_on(void)
{
	if (QueryCancelPending && worker_must_leave_database())
		pump.is_cancelled = true;
	QueryCancelPending = false;
	if (ProcDiePending)
		proc_exit(1);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	return !is_leaving() || !has_drained();
}

static bool
is_leaving(void)
{
	return worker_must_leave() || !sfn_enabled;
}

/*
 * Who is to leave takes nothing more.  What is under way has its time, but where somebody needs the database for himself:
 * then as long as SQL tasks get.
 */
static bool
has_drained(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (pump_task_busy_count() == 0 || pump.is_cancelled)
		return true;
	if (!worker_must_leave_database())
		return false;
	if (pump.leave_at == 0)
		pump.leave_at = TimestampTzPlusMilliseconds(now, sfn_ddl_grace);
	return now >= pump.leave_at;
}

/* Pumps that leave to this one. */
static int
count_others(void)
{
	int32 pids[REGISTRY_PUMPS];

	return registry_pump_pids(my_worker->database, pids) - 1;
}

/* One transaction; false: it failed and is to be repeated after a pause. */
static bool
pump_pass(void)
{
	bool is_done;

	pump.pass_began = GetCurrentTimestamp();
	pgstat_report_activity(STATE_RUNNING, "requests");
	is_done = executor_transaction(pass_work, NULL) == NULL;
	(void) pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
	return is_done;
}

static void
pass_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	look_ups_begin();
	if (pump.instance_id == NULL || pump.instance_id[0] == '\0')
		pump.instance_id = MemoryContextStrdup(pump.context, http_instance_id());
	if (!is_leaving() && (!pump.has_recovered || count_others() < pump.others))
		recover_lost();
	pump.told_tasks = pump_delivery_tell();
	for (size_t i = 0; i < lengthof(kinds); i++)
		kinds[i]->tell();
	look_for_gone();
	take_requests();
	for (size_t i = 0; i < lengthof(kinds) && !is_leaving(); i++)
		kinds[i]->take(http_policy_now(), pump.context, &pump.taken);
	store_leave(&scope);
}

/* What nobody who is there has in flight; this process has nothing before its first look. */
static void
recover_lost(void)
{
	int32 pids[REGISTRY_PUMPS];
	int count;
	int there = 0;

	LWLockAcquire(worker_registry->lock, LW_SHARED);
	count = registry_pump_pids(my_worker->database, pids);
	LWLockRelease(worker_registry->lock);
	pump.others_now = count - 1;
	for (int i = 0; i < count; i++)
		if (pids[i] != 0 && (pump.has_recovered || pids[i] != MyProcPid))
			pids[there++] = pids[i];
	pump_delivery_recover(pids, there);
	for (size_t i = 0; i < lengthof(kinds); i++)
		kinds[i]->recover(pids, there);
	http_queue_missed();
}

/* ---- taking ---- */

static int
max_under_way(void)
{
	return Min(pump.max_tasks, sfn_http_max_requests);
}

/* How many more requests may be held: those under way, and those whose answer is not delivered yet. */
static int
room(void)
{
	return max_under_way() - pump_task_count();
}

static void
take_requests(void)
{
	const EgressPolicy *policy = http_policy_now();
	int64 ids[TAKE_AT_ONCE];
	HttpTaskRow *rows;
	int chosen;
	int count;

	if (is_leaving())
		return;
	http_queue_look(pump.is_announced);
	pump.is_announced = false;
	chosen = http_queue_choose(ids, Min(room() + pump.told_tasks, TAKE_AT_ONCE), max_under_way());
	if (chosen == 0)
		return;
	count = http_tasks_take(ids, chosen, GetCurrentTimestamp(), &rows);
	for (int i = 0; i < count; i++)
		pump_task_make(&rows[i], policy, pump.instance_id, pump.context, &pump.taken);
	if (count < chosen)
		http_queue_missed();
}

/* There are requests that wait for nothing but us. */
static bool
may_have_more(void)
{
	return !is_leaving() && room() > 0 && (http_queue_pause() == 0 || http_queue_has_more(max_under_way()));
}

/* What was taken is sent: a pump that dies from here on has had it in flight. */
static void
pass_committed(void)
{
	pump.failed_passes = 0;
	pump.has_recovered = true;
	pump.others = pump.others_now;
	pump_delivery_committed(GetCurrentTimestamp() - pump.pass_began);
	for (size_t i = 0; i < lengthof(kinds); i++)
		kinds[i]->committed();
	while (!dlist_is_empty(&pump.taken))
	{
		PumpTask *task = pump_task_of_node(dlist_pop_head_node(&pump.taken));

		if (task->payload != NULL)
			keep_answer(task);
		else
			send_request(task);
	}
}

/* Until the next pass tells it. */
static void
keep_answer(PumpTask *task)
{
	if (task->calls != NULL)
		task->calls->keep(task);
	else
		pump_delivery_add(task);
}

static void
send_request(PumpTask *task)
{
	if (pump_task_send(task))
		dlist_push_tail(&pump.in_flight, &task->attempt.transfer.node);
}

/* Stopped, timed out, answered by token: nobody waits for these any more.  What begins a job has to be known, to be cancelled. */
static void
look_for_gone(void)
{
	TimestampTz now = GetCurrentTimestamp();
	int64 *ids;
	PumpTask **tasks;
	bool *is_gone;
	int count = 0;
	dlist_iter iter;

	if (now < pump.next_gone_look)
		return;
	pump.next_gone_look = TimestampTzPlusMilliseconds(now, GONE_LOOK_MS);
	ids = palloc(sizeof(int64) * (pump_task_count() + 1));
	tasks = palloc(sizeof(PumpTask *) * (pump_task_count() + 1));
	is_gone = palloc(sizeof(bool) * (pump_task_count() + 1));
	dlist_foreach(iter, &pump.in_flight)
	{
		PumpTask *task = pump_task_of_node(iter.cur);

		if (task->calls != NULL || task->job != NULL)
			continue;
		tasks[count] = task;
		ids[count] = task->row.id;
		count++;
	}
	if (count == 0)
		return;
	http_tasks_gone(ids, count, is_gone);
	for (int i = 0; i < count; i++)
		if (is_gone[i])
			pump_task_free(tasks[i]);
}

/* ---- responses ---- */

static void
finish_request(PumpTask *task)
{
	dlist_delete(&task->attempt.transfer.node); /* of those in flight */
	if (!(task->calls != NULL ? task->calls->finish(task) : pump_task_finish(task)))
	{
		send_request(task);
		return;
	}
	keep_answer(task);
}

/* Those that waited for a token go on with it, or fail without. */
static void
token_came(HttpTransfer *transfer)
{
	dlist_head waiting;
	SfnError error = {0};
	bool is_fetched;

	dlist_init(&waiting);
	is_fetched = token_fetched(transfer, &waiting, &error);
	while (!dlist_is_empty(&waiting))
	{
		PumpTask *task = pump_task_of_node(dlist_pop_head_node(&waiting));

		if (is_fetched)
		{
			send_request(task);
			continue;
		}
		if (task->calls != NULL)
			task->calls->fail(task, &error);
		else
			pump_task_fail(task, &error, 0);
		keep_answer(task);
	}
}

static void
look_at_finished(void)
{
	while (!dlist_is_empty(&pump.finished))
	{
		HttpTransfer *transfer = dlist_container(HttpTransfer, finished_node, dlist_pop_head_node(&pump.finished));

		transfer->is_listed = false;
		if (transfer->owner != NULL)
			token_came(transfer);
		else
			finish_request((PumpTask *) transfer);
	}
}

/* ---- waiting ---- */

/* What was taken is not; what has come is delivered after a pause, longer each time, that no commit ends. */
static void
pass_failed(void)
{
	long pause = Min(FAILURE_FIRST_MS << Min(pump.failed_passes, 16), FAILURE_LONGEST_MS);

	while (!dlist_is_empty(&pump.taken))
		pump_task_free(pump_task_of_node(dlist_head_node(&pump.taken)));
	pump_delivery_failed();
	for (size_t i = 0; i < lengthof(kinds); i++)
		kinds[i]->failed();
	http_queue_forget();
	pump.failed_passes++;
	pump.retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pause);
	worker_set_state(WORKER_BACKING_OFF);
}

static TimestampTz
calls_due(bool is_leaving_now)
{
	TimestampTz due = DT_NOEND;

	for (size_t i = 0; i < lengthof(kinds); i++)
		due = Min(due, kinds[i]->due(is_leaving_now));
	return due;
}

static TimestampTz
delivery_due(void)
{
	return pump_delivery_due(dlist_is_empty(&pump.in_flight));
}

static bool
is_time_for_pass(void)
{
	TimestampTz now = GetCurrentTimestamp();

	look_at_latch();
	if (ProcDiePending || QueryCancelPending || ConfigReloadPending || (is_leaving() && has_drained()))
		return true;
	if (pump.failed_passes > 0)
		return now >= pump.retry_at;
	return count_others() < pump.others || (pump.is_announced && room() > 0 && !is_leaving()) || may_have_more() ||
		delivery_due() <= now || calls_due(is_leaving()) <= now ||
		(pump_task_busy_count() > 0 && now >= pump.next_gone_look) || pump_may_leave();
}

static long
wait_length(void)
{
	TimestampTz now = GetCurrentTimestamp();
	long length = IDLE_LEAVE_MS + 1;
	long transfers = transfers_timeout();

	if (transfers >= 0)
		length = Min(length, transfers);
	if (pump.failed_passes > 0)
		return Min(length, TimestampDifferenceMilliseconds(now, pump.retry_at));
	if (may_have_more() || delivery_due() <= now || calls_due(is_leaving()) <= now || pump.calls != worker_calls())
		return 0;
	if (calls_due(is_leaving()) != DT_NOEND)
		length = Min(length, TimestampDifferenceMilliseconds(now, calls_due(is_leaving())));
	if (is_leaving())
		length = Min(length, LEAVE_LOOK_MS);
	else if (pump.others > 0)
		length = Min(length, GONE_LOOK_MS);
	if (delivery_due() != DT_NOEND)
		length = Min(length, TimestampDifferenceMilliseconds(now, delivery_due()));
	if (http_queue_pause() >= 0 && room() > 0 && !is_leaving())
		length = Min(length, http_queue_pause());
	if (pump_task_busy_count() > 0)
		length = Min(length, TimestampDifferenceMilliseconds(now, pump.next_gone_look));
	return length;
}

/* Sleeps until the latch is set, a socket is ready or a moment has come, and does what libcurl wants done. */
static void
wait_for_something(void)
{
	WaitEvent occurred[3];
	long length = wait_length();

	if (pump_task_count() > 0)
		pump.idle_since = 0;
	else if (pump.idle_since == 0)
		pump.idle_since = GetCurrentTimestamp();
	if (length > 0 && pump.failed_passes == 0)
		worker_set_state(is_leaving() ? WORKER_LEAVING : WORKER_IDLE);
	(void) WaitEventSetWait(pump.events, length, occurred, lengthof(occurred), sfn_wait_event("SfnPumpMain"));
	transfers_work(&pump.finished);
	look_at_finished();
}

static bool
pump_may_leave(void)
{
	if (pump_task_count() > 0 || may_have_more() || calls_due(false) != DT_NOEND || pump.others > 0 ||
		pump.failed_passes > 0 || pump.idle_since == 0 ||
		!TimestampDifferenceExceeds(pump.idle_since, GetCurrentTimestamp(), IDLE_LEAVE_MS))
		return false;

	/* Who commits a request from here on asks the launcher; who did so before has set the latch. */
	worker_set_state(WORKER_LEAVING);
	look_at_latch();
	if (!pump.is_announced)
		return true;
	pump.idle_since = 0;
	return false;
}

/* At exit: one that was not asked to leave is wanted again, unless it was idle; and whoever leaves requests behind. */
static void
pump_leave(int code, Datum arg)
{
	if (pump_task_count() > 0 || (!worker_must_leave() && (code != 0 || MyLatch->is_set || pump.is_announced)))
		pg_atomic_write_u32(&my_database_entry()->pump_wanted, 1);
}
