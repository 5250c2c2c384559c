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
 * Each task has a memory context of its own, which holds everything about it and is
 * deleted with it.  This is one of the homes of PG_TRY.
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
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "base/error.h"
#include "base/hashes.h"
#include "engine/event_payload.h"
#include "services/http/http_policy.h"
#include "services/http/http_tokens.h"
#include "services/http/http_transfers.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "shared/wakeup.h"
#include "shared/worker_shared.h"
#include "shared/worker_stats.h"
#include "store/connections.h"
#include "store/http_tasks.h"
#include "store/store.h"
#include "workers/executor.h"
#include "workers/http_pump.h"
#include "workers/http_queue.h"

#define TAKE_AT_ONCE 500
#define IDLE_LEAVE_MS 30000
#define GONE_LOOK_MS 400 /* how often it is looked whether somebody still waits */
#define LEAVE_LOOK_MS 50
#define HELD_RETRY_MS 100
#define LONGEST_GATHERING 2000 /* microseconds */
#define FAILURE_FIRST_MS 100
#define FAILURE_LONGEST_MS 30000
#define OTHER_DESCRIPTORS 128 /* of this process, for files and the like */
#define DESCRIPTORS_EACH 3    /* a connection, and what resolving its name takes */
#define MAX_DESCRIPTORS 65536

typedef struct PumpTask
{
	HttpTransfer transfer; /* first */
	HttpTaskRow row;
	HttpRequest request;
	HttpHost *host; /* NULL: not under way any more */
	OAuthToken *token;
	bool is_second_try; /* with a new token */
	bool is_failure;
	const char *payload; /* set: answered */
	TimestampTz sent;    /* of the present try */
} PumpTask;

typedef struct Pump
{
	MemoryContext context; /* outlives the passes */
	MemoryContext pass_context;
	WaitEventSet *events;
	char *instance_id;
	const EgressPolicy *policy;
	dlist_head taken;     /* by the transaction under way */
	dlist_head in_flight; /* and those that wait for a token */
	dlist_head finished;  /* transfers to be looked at */
	dlist_head answered;  /* to be delivered */
	int task_count;       /* all of them */
	int max_tasks;
	bool has_recovered;
	bool is_announced; /* somebody has committed requests since the last look for them */
	bool has_held_rows;
	TimestampTz pass_began;
	int64 pass_took; /* microseconds */
	TimestampTz deliver_at;
	int failed_passes; /* in a row */
	TimestampTz retry_at;
	TimestampTz leave_at; /* 0: not asked to */
	bool is_cancelled;
	TimestampTz next_gone_look;
	TimestampTz idle_since;
} Pump;

static Pump pump;

static void pump_begin(int slot, uint32 generation);
static int raise_descriptor_limit(void);
static bool pump_is_wanted(void);
static void pump_loop(void);
static void look_at_latch(void);
static bool pump_may_go_on(void);
static bool is_leaving(void);
static bool has_drained(void);
static bool pump_pass(void);
static void pass_work(void *arg);
static void recover(void);
static void take(void);
static bool may_have_more(void);
static void take_one(const HttpTaskRow *row);
static void deliver(void);
static void look_for_gone(void);
static void start_taken(void);
static void start(PumpTask *task);
static void set_answered(PumpTask *task);
static void pass_failed(void);
static void drop_taken(void);
static bool is_time_for_pass(void);
static void look_at_finished(void);
static void finish(PumpTask *task);
static void answer_failure(PumpTask *task, const SfnError *error, int64 retry_after);
static void free_task(PumpTask *task);
static void wait_for_something(void);
static bool pump_may_leave(void);
static void pump_leave(int code, Datum arg);

static PumpTask *
task_of_node(dlist_node *node)
{
	return (PumpTask *) dlist_container(HttpTransfer, node, node);
}

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
	dlist_init(&pump.answered);
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
		worker_set_state(WORKER_BUSY);
		if (pump_pass())
		{
			pump.failed_passes = 0;
			start_taken();
		}
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
	if (!MyLatch->is_set)
		return;
	ResetLatch(MyLatch);
	pump.is_announced = true;
}

/* Looks at signals and settings; false: leave. */
static bool
pump_may_go_on(void)
{
	if (QueryCancelPending && worker_must_leave())
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

/* Who is to leave takes nothing more, and gives what is under way as long as SQL tasks get. */
static bool
has_drained(void)
{
	TimestampTz now = GetCurrentTimestamp();

	if (pump.leave_at == 0)
		pump.leave_at = TimestampTzPlusMilliseconds(now, sfn_ddl_grace);
	return pump.task_count == 0 || pump.is_cancelled || now >= pump.leave_at;
}

/* One transaction; false: it failed and is to be repeated after a pause. */
static bool
pump_pass(void)
{
	volatile bool is_done = false;

	pump.pass_began = GetCurrentTimestamp();
	pgstat_report_activity(STATE_RUNNING, "requests");
	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		MemoryContextSwitchTo(pump.pass_context);
		pass_work(NULL);
		PopActiveSnapshot();
		CommitTransactionCommand();
		is_done = true;
	}
	PG_CATCH();
	{
		HOLD_INTERRUPTS();
		MemoryContextSwitchTo(pump.pass_context);
		disable_all_timeouts(false);
		QueryCancelPending = false;
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		store_unpin_planner();
		RESUME_INTERRUPTS();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(pump.pass_context);
	(void) pgstat_report_stat(false);
	pgstat_report_activity(STATE_IDLE, NULL);
	return is_done;
}

typedef struct Delivery
{
	HttpAnswer *answers;
	int count;
} Delivery;

static Delivery delivery; /* of the pass under way */

static void
pass_work(void *arg)
{
	StoreScope scope;

	store_enter(&scope);
	if (pump.instance_id == NULL || pump.instance_id[0] == '\0')
		pump.instance_id = MemoryContextStrdup(pump.context, http_instance_id());
	if (!pump.has_recovered)
		recover();
	deliver();
	look_for_gone();
	pump.policy = http_policy_now();
	take();
	store_leave(&scope);
}

/* What the pump before this one had in flight. */
static void
recover(void)
{
	HttpTaskRow *tasks;
	int count = http_tasks_recover(&tasks);
	HttpAnswer *answers = palloc0(sizeof(HttpAnswer) * (count + 1));
	Event lost = {.error = ERROR_TASK_FAILED, .cause = "The worker was lost while the request was in flight."};
	const char *payload = event_payload_print(&lost);

	for (int i = 0; i < count; i++)
	{
		answers[i].task = &tasks[i];
		answers[i].is_failure = true;
		answers[i].payload = payload;
	}
	if (count > 0)
		http_tasks_answer(answers, count, GetCurrentTimestamp());
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
	return max_under_way() - pump.task_count;
}

static void
take(void)
{
	int max = room();
	int64 ids[TAKE_AT_ONCE];
	HttpTaskRow *rows;
	int chosen;
	int count;

	if (is_leaving())
		return;
	http_queue_look(pump.is_announced);
	pump.is_announced = false;
	for (int i = 0; i < delivery.count; i++)
		max += delivery.answers[i].is_delivered; /* gone when this commits */
	chosen = http_queue_choose(ids, Min(max, TAKE_AT_ONCE), max_under_way());
	if (chosen == 0)
		return;
	count = http_tasks_take(ids, chosen, GetCurrentTimestamp(), &rows);
	for (int i = 0; i < count; i++)
		take_one(&rows[i]);
	if (count < chosen)
		http_queue_missed();
}

/* There are requests that wait for nothing but us. */
static bool
may_have_more(void)
{
	return !is_leaving() && room() > 0 && (http_queue_pause() == 0 || http_queue_has_more(max_under_way()));
}

/* The same for one attempt, whoever sends it; another database's differ. */
static char *
idempotency_key(const HttpTaskRow *row)
{
	char *name = psprintf("%s/" INT64_FORMAT "/%d/%d/%d", pump.instance_id, row->execution_id, row->branch, row->visit,
						  row->attempt);
	char *hex = hash_hex("SHA-256", name, (int) strlen(name));

	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static int64
timeout_of(const PumpTask *task)
{
	int64 limit = http_time_limit(task->request.flavour);
	int64 seconds = task->row.timeout_seconds;

	return seconds > 0 && seconds * 1000 < limit ? seconds * 1000 + 1000 : limit; /* the engine's timer goes first */
}

static bool
prepare(PumpTask *task, SfnError *error)
{
	HttpTransfer *transfer = &task->transfer;
	JvParseError not_json;
	const JsonVal *stored = jv_parse_stored(task->row.parameters, (int) strlen(task->row.parameters), &not_json);
	const char *name = http_task_connection(stored);
	HttpConnection *connection = NULL;

	if (name != NULL && !connection_for_task(name, task->row.role, &connection, error))
		return false;
	transfer->connection = connection;
	transfer->policy = pump.policy;
	transfer->role = task->row.role;
	transfer->max_body = sfn_max_payload_size;
	transfer->is_fresh = http_policy_wants_fresh(pump.policy, task->row.role);
	if (!http_request_build(stored, connection, idempotency_key(&task->row), &task->request, error))
		return false;
	transfer->timeout_ms = timeout_of(task);
	if (connection != NULL && connection->type == CONNECTION_OAUTH)
		task->token = token_of_connection(pump.context, connection);
	return true;
}

/* Makes the request; sending it waits for the commit. */
static void
take_one(const HttpTaskRow *row)
{
	MemoryContext context = AllocSetContextCreate(pump.context, "sfn http transfer", ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	PumpTask *task = palloc0(sizeof(PumpTask));
	SfnError error = {0};

	task->transfer.context = context;
	task->transfer.request = &task->request;
	task->row = *row;
	task->row.parameters = pstrdup(row->parameters != NULL ? row->parameters : "null");
	task->host = http_queue_started(row->host);
	dlist_push_tail(&pump.taken, &task->transfer.node);
	pump.task_count++;
	if (!prepare(task, &error))
		answer_failure(task, &error, 0);
	MemoryContextSwitchTo(caller_context);
}

/* The transaction that took them has failed. */
static void
drop_taken(void)
{
	while (!dlist_is_empty(&pump.taken))
		free_task(task_of_node(dlist_head_node(&pump.taken)));
	delivery.count = 0;
	http_queue_forget();
}

static void
start_taken(void)
{
	for (int i = 0; i < delivery.count; i++)
	{
		PumpTask *task = (PumpTask *) ((char *) delivery.answers[i].task - offsetof(PumpTask, row));

		if (delivery.answers[i].is_delivered)
			free_task(task);
	}
	delivery.count = 0;
	pump.has_recovered = true;
	pump.has_held_rows = !dlist_is_empty(&pump.answered);
	pump.pass_took = Min(Max(GetCurrentTimestamp() - pump.pass_began, 0), LONGEST_GATHERING);
	if (pump.has_held_rows)
		pump.deliver_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), HELD_RETRY_MS);

	while (!dlist_is_empty(&pump.taken))
	{
		PumpTask *task = task_of_node(dlist_pop_head_node(&pump.taken));

		if (task->payload != NULL)
			set_answered(task);
		else
			start(task);
	}
}

static void
start(PumpTask *task)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->transfer.context);
	const char *header;

	if (task->token != NULL && (header = token_header(task->token)) == NULL)
		token_wait(task->token, &task->transfer);
	else
	{
		if (task->token != NULL)
			task->request.authorization = pstrdup(header);
		dlist_push_tail(&pump.in_flight, &task->transfer.node);
		task->sent = GetCurrentTimestamp();
		worker_stats_count(WORKER_REQUESTS_SENT);
		transfer_start(&task->transfer);
	}
	MemoryContextSwitchTo(caller_context);
}

/* Its host has room for another one from here on. */
static void
set_answered(PumpTask *task)
{
	http_queue_ended(task->host);
	task->host = NULL;
	if (dlist_is_empty(&pump.answered))
		pump.deliver_at = GetCurrentTimestamp() + pump.pass_took;
	dlist_push_tail(&pump.answered, &task->transfer.node);
}

static void
free_task(PumpTask *task)
{
	dlist_delete(&task->transfer.node);
	pump.task_count--;
	if (task->host != NULL)
		http_queue_ended(task->host);
	transfer_free(&task->transfer);
}

/* ---- delivering ---- */

static void
deliver(void)
{
	dlist_iter iter;
	int count = 0;

	delivery.answers = palloc0(sizeof(HttpAnswer) * (pump.task_count + 1));
	delivery.count = 0;
	dlist_foreach(iter, &pump.answered)
	{
		PumpTask *task = task_of_node(iter.cur);

		delivery.answers[count].task = &task->row;
		delivery.answers[count].is_failure = task->is_failure;
		delivery.answers[count++].payload = task->payload;
	}
	if (count > 0)
		http_tasks_answer(delivery.answers, count, GetCurrentTimestamp());
	delivery.count = count;
}

/* Stopped, timed out, answered by token: nobody waits for these any more. */
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
	ids = palloc(sizeof(int64) * (pump.task_count + 1));
	tasks = palloc(sizeof(PumpTask *) * (pump.task_count + 1));
	is_gone = palloc(sizeof(bool) * (pump.task_count + 1));
	dlist_foreach(iter, &pump.in_flight)
	{
		tasks[count] = task_of_node(iter.cur);
		ids[count] = tasks[count]->row.id;
		count++;
	}
	if (count == 0)
		return;
	http_tasks_gone(ids, count, is_gone);
	for (int i = 0; i < count; i++)
		if (is_gone[i])
			free_task(tasks[i]);
}

static void
answer_value(PumpTask *task, const JsonVal *value)
{
	Event event = {.value = value};

	task->payload = event_payload_print(&event);
	task->is_failure = false;
}

static void
answer_failure(PumpTask *task, const SfnError *error, int64 retry_after)
{
	Event event = {.error = error->name,
				   .cause = error->cause,
				   .retry_after = retry_after,
				   .schedule_failed = task->row.has_token};

	task->payload = event_payload_print(&event);
	task->is_failure = true;
}

/* A server that refuses a token gets a new one, once. */
static bool
tries_again(PumpTask *task, const HttpResponse *response)
{
	HttpTransfer *transfer = &task->transfer;

	if (task->token == NULL || task->is_second_try || (response->status != 401 && response->status != 407))
		return false;
	token_refuse(task->token, task->request.authorization);
	transfer_reset(transfer);
	task->is_second_try = true;
	start(task);
	return true;
}

/* A transfer has ended, somehow: what is to be told. */
static void
finish(PumpTask *task)
{
	MemoryContext caller_context = MemoryContextSwitchTo(task->transfer.context);
	HttpResponse response;
	SfnError error = {0};
	const JsonVal *value;

	dlist_delete(&task->transfer.node); /* of those in flight */
	worker_stats_add(WORKER_REQUEST_TIME, Max(GetCurrentTimestamp() - task->sent, 0));
	transfer_report_refusal(&task->transfer, psprintf("execution " INT64_FORMAT, task->row.execution_id));
	if (!transfer_response(&task->transfer, &response, &error))
		answer_failure(task, &error, 0);
	else if (tries_again(task, &response))
	{
		MemoryContextSwitchTo(caller_context);
		return;
	}
	else if (http_response_value(&task->request, &response, &value, &error))
		answer_value(task, value);
	else
		answer_failure(task, &error, http_retry_after(&response));
	worker_stats_count(task->is_failure ? WORKER_REQUESTS_FAILED : WORKER_REQUESTS_SUCCEEDED);
	set_answered(task);
	MemoryContextSwitchTo(caller_context);
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
		PumpTask *task = task_of_node(dlist_pop_head_node(&waiting));
		MemoryContext caller_context = MemoryContextSwitchTo(task->transfer.context);

		if (is_fetched)
			start(task);
		else
		{
			answer_failure(task, &error, 0);
			set_answered(task);
		}
		MemoryContextSwitchTo(caller_context);
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
			finish((PumpTask *) transfer);
	}
}

/* ---- waiting ---- */

/* What was taken is not; what has come is delivered after a pause, longer each time, that no commit ends. */
static void
pass_failed(void)
{
	long pause = Min(FAILURE_FIRST_MS << Min(pump.failed_passes, 16), FAILURE_LONGEST_MS);

	drop_taken();
	pump.failed_passes++;
	pump.retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), pause);
	worker_set_state(WORKER_BACKING_OFF);
}

/*
 * One commit delivers many answers: the first one waits for others as long as the last pass took, unless none are
 * under way.
 */
static bool
delivery_is_due(TimestampTz now)
{
	if (dlist_is_empty(&pump.answered))
		return false;
	return now >= pump.deliver_at || (dlist_is_empty(&pump.in_flight) && !pump.has_held_rows);
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
	return (pump.is_announced && room() > 0 && !is_leaving()) || may_have_more() || delivery_is_due(now) ||
		(pump.task_count > 0 && now >= pump.next_gone_look) || pump_may_leave();
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
	if (may_have_more() || delivery_is_due(now))
		return 0;
	if (is_leaving())
		length = Min(length, LEAVE_LOOK_MS);
	if (!dlist_is_empty(&pump.answered))
		length = Min(length, TimestampDifferenceMilliseconds(now, pump.deliver_at));
	if (http_queue_pause() >= 0 && room() > 0 && !is_leaving())
		length = Min(length, http_queue_pause());
	if (pump.task_count > 0)
		length = Min(length, TimestampDifferenceMilliseconds(now, pump.next_gone_look));
	return length;
}

/* Sleeps until the latch is set, a socket is ready or a moment has come, and does what libcurl wants done. */
static void
wait_for_something(void)
{
	WaitEvent occurred[3];
	long length = wait_length();

	if (pump.task_count > 0)
		pump.idle_since = 0;
	else if (pump.idle_since == 0)
		pump.idle_since = GetCurrentTimestamp();
	if (length > 0 && pump.failed_passes == 0)
		worker_set_state(WORKER_IDLE);
	(void) WaitEventSetWait(pump.events, length, occurred, lengthof(occurred), sfn_wait_event("SfnPumpMain"));
	transfers_work(&pump.finished);
	look_at_finished();
}

static bool
pump_may_leave(void)
{
	if (pump.task_count > 0 || may_have_more() || pump.failed_passes > 0 || pump.idle_since == 0 ||
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

/* At exit: one that was not asked to leave is wanted again, unless it was idle. */
static void
pump_leave(int code, Datum arg)
{
	if (!worker_must_leave() && (code != 0 || MyLatch->is_set || pump.is_announced))
		pg_atomic_write_u32(&my_database_entry()->pump_wanted, 1);
}
