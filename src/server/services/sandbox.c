/*
 * sandbox.c
 *	  Running a user's SQL inside a turn.
 *
 * Shared mode (many executions in one transaction): SECURITY_RESTRICTED_OPERATION
 * forbids whatever would outlive the subtransaction, and short time and lock
 * limits keep one task from holding up the others.  Alone mode (one execution in
 * the transaction): everything a function may do is allowed, its real timeout
 * holds, and before the subtransaction ends, still as the role, deferred
 * constraints are checked, so that a failing one is this task's error and no
 * trigger is left for the commit, where it would run as the worker.
 *
 * After either: settings as before (a GUC nest level that is always rolled back),
 * no session-level advisory lock, no open cursor, no connection of dblink, no seed,
 * no value of a sequence that currval() would give, and after alone mode no temporary
 * object, prepared statement or LISTEN.
 *
 * In a session (sfn.run_once(), synchronous Express) the transaction is the caller's.
 * When all that he is or can become is the role, he keeps what the task defers or
 * leaves, as after any statement of his.  Else the role is set with
 * SECURITY_RESTRICTED_OPERATION, so that there is nothing to be left: his next
 * statement would meet it with his rights.  Nor does it find what is his: cursors that
 * are open, constraints that wait.  "Can become": a session that did SET ROLE
 * is its login again as soon as it, or a task, likes.  A session that calls for others
 * (the gateway's) is guarded instead: there the outermost task ends as in a worker,
 * still as the role, and only what SQL has prepared is taken from the session, which
 * has statements of its own.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "libpq/be-fsstubs.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "services/sandbox.h"
#include "services/task_guard.h"
#include "services/task_leftovers.h"
#include "settings/ending_settings.h"
#include "settings/guc.h"
#include "shared/in_hand.h"
#include "shared/subtransaction.h"
#include "shared/worker_registry.h"

#define SHARED_LOCK_TIMEOUT "5" /* ms */

/* One that is open, and what its end restores. */
typedef struct SandboxRun
{
	const Sandbox *sandbox;
	Oid user;
	int sec_context;
	bool is_finished;   /* a task of a guarded session: it ends as in a worker */
	bool is_restricted; /* it can leave nothing that outlives the subtransaction */
	int64 temporary_objects;
	List *hidden_cursors; /* its caller's */
	TimeoutId timeout;
	bool sets_timeout;
	bool is_guarded;
	TimestampTz deadline; /* DT_NOEND: none */
	uint32 held_cancels;  /* a turn holds them off: they are for tasks */
	int outer_depth;
	bool was_shared;
	bool was_restricted;
	bool was_of_others;
} SandboxRun;

static ProcessUtility_hook_type next_process_utility_hook = NULL;
static object_access_hook_type next_object_access_hook = NULL;

/* How many sandboxes are open: a task may run a synchronous execution, which has tasks. */
static int open_sandboxes = 0;

/* Is the outermost one in a shared turn?  What it runs may be begun again. */
static bool is_in_shared_turn = false;

/* Is the innermost one kept from leaving anything? */
static bool is_in_restricted = false;

/* ... in the transaction of a session that is another's? */
static bool is_in_transaction_of_others = false;

/* The transaction level of the call whose tasks are guarded; 0: none. */
static int guarded_level = 0;

static bool sandbox_work(void *arg);
static void sandbox_stop(void *arg);
static bool start_timeout(int64 timeout_ms, TimeoutId *timeout);
static bool must_be_restricted(const Sandbox *sandbox, Oid user);
static void sandbox_enter(const SandboxRun *run);
static void sandbox_finish_work(const SandboxRun *run);
static void refuse_temporary_objects(const SandboxRun *run);
static void constraints_immediate(void);
static void constraints_to_default(void);
static void sandbox_clean(const SandboxRun *run);
static void add_hint(const SandboxRun *run, ErrorData *problem);
static SandboxOutcome sandbox_judge(const Sandbox *sandbox, const ErrorData *problem, TimestampTz deadline);
static void set_local(const char *name, const char *value);

SandboxOutcome
sandbox_run(const Sandbox *sandbox, ErrorData **problem)
{
	SandboxRun run = {.sandbox = sandbox,
					  .held_cancels = QueryCancelHoldoffCount,
					  .outer_depth = open_sandboxes,
					  .was_shared = is_in_shared_turn,
					  .was_restricted = is_in_restricted,
					  .was_of_others = is_in_transaction_of_others};
	TimestampTz deadline =
		sandbox->timeout_ms > 0 ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), sandbox->timeout_ms) : DT_NOEND;
	SandboxOutcome outcome;

	*problem = NULL;
	if (run.held_cancels > 0 && QueryCancelPending)
	{
		QueryCancelPending = false;
		if (worker_cancel_requested() || worker_must_leave())
			return SANDBOX_PUT_OFF;
	}

	GetUserIdAndSecContext(&run.user, &run.sec_context);
	run.deadline = deadline;
	run.is_finished = sandbox->is_inline && guarded_level > 0 && run.outer_depth == 0;
	run.is_restricted = !run.is_finished && must_be_restricted(sandbox, run.user);
	*problem = subtransaction_run(sandbox_work, sandbox_stop, &run);
	sandbox_clean(&run);
	if (*problem == NULL)
		return SANDBOX_DONE;
	add_hint(&run, *problem);
	outcome = sandbox_judge(sandbox, *problem, deadline);
	QueryCancelHoldoffCount = run.held_cancels; /* the error has reset it */
	return outcome;
}

/* In the subtransaction. */
static bool
sandbox_work(void *arg)
{
	SandboxRun *run = arg;
	const Sandbox *sandbox = run->sandbox;
	MemoryContext context = CurrentMemoryContext;
	ErrorContextCallback *caller_context = error_context_stack;
	int guc_level = NewGUCNestLevel();

	open_sandboxes = run->outer_depth + 1;
	ending_settings_guard(true);
	is_in_shared_turn = run->was_shared || !sandbox->is_alone;
	is_in_restricted = run->is_restricted;
	is_in_transaction_of_others = run->is_restricted && (sandbox->is_inline || sandbox->is_session);
	if (run->is_restricted)
		task_hide_cursors(&run->hidden_cursors);
	QueryCancelHoldoffCount = 0;
	error_context_stack = NULL; /* who runs the task is not the task's business */
	sandbox_enter(run);
	run->temporary_objects = run->is_restricted ? task_count_temporary_objects() : 0;
	run->sets_timeout = start_timeout(sandbox->timeout_ms, &run->timeout);
	run->is_guarded = my_worker != NULL && run->outer_depth == 0;
	if (run->is_guarded)
		task_guard_begin(run->deadline, sandbox->is_alone && !sandbox->is_limited);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);
	sandbox->work(sandbox->arg);
	sandbox_finish_work(run);
	task_close_cursors();
	SPI_finish();
	sandbox_stop(run);
	CHECK_FOR_INTERRUPTS();
	QueryCancelHoldoffCount = run->held_cancels;
	error_context_stack = caller_context;

	if (!sandbox->is_inline || run->user != sandbox->role) /* large objects it opened are not for the next task */
		AtEOSubXact_LargeObject(false, GetCurrentSubTransactionId(), InvalidSubTransactionId);
	AtEOXact_GUC(false, guc_level);
	SetUserIdAndSecContext(run->user, run->sec_context);
	return true;
}

/* The task is over, done or failed. */
static void
sandbox_stop(void *arg)
{
	SandboxRun *run = arg;

	open_sandboxes = run->outer_depth;
	ending_settings_guard(open_sandboxes > 0);
	is_in_shared_turn = run->was_shared;
	is_in_restricted = run->was_restricted;
	is_in_transaction_of_others = run->was_of_others;
	task_show_cursors(run->hidden_cursors);
	if (run->sets_timeout)
		disable_timeout(run->timeout, false);
	if (run->is_guarded)
		task_guard_end();
}

int
sandbox_depth(void)
{
	return open_sandboxes;
}

void
sandbox_want_alone(const char *what)
{
	if (is_in_shared_turn)
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("%s needs a turn of its own", what)));
}

/*
 * When constraints are checked is the transaction's: of the caller, who has deferred his own to a moment at which they
 * are checked as himself, and of all whose tasks share a turn.
 */
static void
process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
				QueryCompletion *completion)
{
	if (is_in_restricted && IsA(planned->utilityStmt, ConstraintsSetStmt))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute SET CONSTRAINTS within security-restricted operation")));
	if (next_process_utility_hook)
		next_process_utility_hook(planned, query, read_only_tree, context, params, environment, receiver, completion);
	else
		standard_ProcessUtility(planned, query, read_only_tree, context, params, environment, receiver, completion);
}

/* A descriptor of a large object is a small number, which the caller's are, too; by its own number it asks for rights. */
static void
note_access(ObjectAccessType access, Oid class, Oid object, int sub, void *arg)
{
	static const Oid by_descriptor[] = {F_LOREAD,    F_LOWRITE,     F_LO_LSEEK,      F_LO_LSEEK64, F_LO_TELL,
										F_LO_TELL64, F_LO_TRUNCATE, F_LO_TRUNCATE64, F_LO_CLOSE};

	if (next_object_access_hook)
		next_object_access_hook(access, class, object, sub, arg);
	if (access != OAT_FUNCTION_EXECUTE || !is_in_transaction_of_others)
		return;
	for (size_t i = 0; i < lengthof(by_descriptor); i++)
		if (object == by_descriptor[i])
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot use descriptors of large objects within security-restricted operation"),
					 errhint("lo_get() and lo_put() need none.")));
}

void
sandbox_install(void)
{
	next_object_access_hook = object_access_hook;
	object_access_hook = note_access;
	next_process_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

static void
cancel_task(void)
{
	InterruptPending = true;
	QueryCancelPending = true;
	SetLatch(MyLatch);
}

/*
 * The task's time-out begins.  A worker and most sessions have the statement's
 * to spare; where a statement_timeout is running already, one of our own does it.
 */
static bool
start_timeout(int64 timeout_ms, TimeoutId *timeout)
{
	static TimeoutId own_timeout = MAX_TIMEOUTS;

	if (timeout_ms <= 0)
		return false;
	*timeout = STATEMENT_TIMEOUT;
	if (get_timeout_active(STATEMENT_TIMEOUT))
	{
		if (own_timeout == MAX_TIMEOUTS)
			own_timeout = RegisterTimeout(USER_TIMEOUT, cancel_task);
		*timeout = own_timeout;
		if (get_timeout_active(own_timeout))
			return false;
	}
	enable_timeout_after(*timeout, (int) Min(timeout_ms, INT_MAX));
	return true;
}

/*
 * In a worker and in a guarded session the outermost sandbox cleans up.  In another session nobody does, so a task that could leave something to
 * another than its role is kept from it.
 */
static bool
must_be_restricted(const Sandbox *sandbox, Oid user)
{
	Oid role = sandbox->role;

	if (!sandbox->is_alone || !(sandbox->is_session || sandbox->is_inline))
		return !sandbox->is_alone;
	return user != role ||
		(my_worker == NULL && guarded_level == 0 && (GetSessionUserId() != role || GetAuthenticatedUserId() != role));
}

static void
sandbox_enter(const SandboxRun *run)
{
	const Sandbox *sandbox = run->sandbox;
	bool is_workers = !sandbox->is_inline && !sandbox->is_session;
	int kept = run->sec_context;

	if (is_workers)
		ResetSequenceCaches(); /* the engine uses sequences, too */
	if (!is_workers || strcmp(namespace_search_path, sfn_task_search_path) != 0)
		set_local("search_path", sfn_task_search_path);
	if (!sandbox->is_alone)
		set_local("lock_timeout", SHARED_LOCK_TIMEOUT);
	if (run->is_restricted)
		kept |= SECURITY_RESTRICTED_OPERATION;
	else if (sandbox->is_inline && !run->is_finished)
		return;
	SetUserIdAndSecContext(sandbox->role, kept | SECURITY_LOCAL_USERID_CHANGE);
}

/*
 * Still as the role: what it deferred to the commit happens now.  That setting lasts for the rest of the transaction,
 * which a worker ends before the next task.  A restricted task can have deferred nothing.
 */
static void
sandbox_finish_work(const SandboxRun *run)
{
	const Sandbox *sandbox = run->sandbox;

	if (run->is_restricted)
	{
		refuse_temporary_objects(run);
		return;
	}
	if (sandbox->is_inline && !run->is_finished)
		return;
	constraints_immediate();

	/* A trigger that ran now may have deferred others anew; those may not do so again. */
	SetUserIdAndSecContext(sandbox->role, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	constraints_immediate();
	if (sandbox->is_session || run->is_finished)
		constraints_to_default();
}

/*
 * The server refuses temporary relations in a restricted operation, but neither types nor functions: and a type "text"
 * in pg_temp comes before the server's own in whatever the session says next.
 */
static void
refuse_temporary_objects(const SandboxRun *run)
{
	if (task_count_temporary_objects() > run->temporary_objects)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot create temporary objects within security-restricted operation")));
}

static void
constraints_immediate(void)
{
	if (SPI_execute("SET CONSTRAINTS ALL IMMEDIATE", false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not make constraints immediate");
}

/* In a session's transaction other tasks may follow, which defer what was declared so. */
static void
constraints_to_default(void)
{
	char *names;

	if (SPI_execute("SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, c.conname), ', ')"
					" FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n"
					" ON n.oid OPERATOR(pg_catalog.=) c.connamespace WHERE c.condeferred"
					" AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')",
					true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not list deferred constraints");
	names = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (names != NULL && SPI_execute(psprintf("SET CONSTRAINTS %s DEFERRED", names), false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not defer constraints again");
}

/* Takes away what a subtransaction's end leaves: in the session, not in the transaction. */
static void
sandbox_clean(const SandboxRun *run)
{
	const Sandbox *sandbox = run->sandbox;

	if ((sandbox->is_inline || sandbox->is_session) && !run->is_finished)
		return;
	LockReleaseSession(USER_LOCKMETHOD);
	task_close_dblink();
	task_forget_seed();
	if (!sandbox->is_alone)
		return;
	if (run->is_finished)
		task_drop_prepared_by_sql();
	else
		DropAllPreparedStatements();
	ResetTempTableNamespace();
	Async_UnlistenAll();
}

/* ---- sessions that call as others ---- */

void
sandbox_guard_begin(void)
{
	guarded_level = GetCurrentTransactionNestLevel();
}

void
sandbox_guard_end(void)
{
	guarded_level = 0;
}

void
sandbox_guard_subtransaction_aborted(int level)
{
	if (guarded_level >= level)
		sandbox_guard_end();
}

/* What the limits of a shared turn cause; never the task's own failure there. */
static bool
is_of_sharing(int sqlstate)
{
	return sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED || sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE;
}

/*
 * An inline task's error that is the caller's: his statement is cancelled, or he
 * is himself a task in a shared turn, which is to run alone then.
 */
static bool
is_of_caller(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_OPERATOR_INTERVENTION ||
		(InSecurityRestrictedOperation() && is_of_sharing(sqlstate));
}

/* Not all that a role may do can it do in another's session. */
static void
add_hint(const SandboxRun *run, ErrorData *problem)
{
	const Sandbox *sandbox = run->sandbox;
	const char *role;

	if (!run->is_restricted || !sandbox->is_alone || problem->sqlerrcode != ERRCODE_INSUFFICIENT_PRIVILEGE ||
		problem->hint != NULL)
		return;
	role = quote_identifier(GetUserNameFromId(sandbox->role, false));
	problem->hint = sandbox->is_inline
		? psprintf("In a session that is or can become another role than %s, tasks of %s may leave nothing behind: "
				   "no temporary objects, no deferred constraints, no other role.",
				   role, role)
		: psprintf("In a session that is or can become another role than %s, tasks of %s may leave nothing behind: "
				   "run the tests as role %s.",
				   role, role, role);
}

/* Whose failure is it? */
static SandboxOutcome
sandbox_judge(const Sandbox *sandbox, const ErrorData *problem, TimestampTz deadline)
{
	int sqlstate = problem->sqlerrcode;
	int category = ERRCODE_TO_CATEGORY(sqlstate);
	bool is_late = GetCurrentTimestamp() >= deadline;

	if (sandbox->is_inline && !is_late && is_of_caller(sqlstate))
		ReThrowError((ErrorData *) problem);
	if (sandbox->is_session && !is_late && sqlstate == ERRCODE_QUERY_CANCELED)
		ReThrowError((ErrorData *) problem); /* whoever called sfn.run_once() does not want it any more */
	if (sqlstate == ERRCODE_QUERY_CANCELED && (worker_cancel_requested() || worker_must_leave()))
		return SANDBOX_PUT_OFF;
	if (sqlstate == ERRCODE_QUERY_CANCELED && is_late)
		return sandbox->is_alone && !sandbox->is_limited ? SANDBOX_TIMED_OUT : SANDBOX_TOO_LONG;
	if (!sandbox->is_alone && is_of_sharing(sqlstate))
		return sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE ? SANDBOX_RESTRICTED : SANDBOX_TOO_LONG;
	if (!sandbox->is_last_try && !sandbox->is_session &&
		(category == ERRCODE_INSUFFICIENT_RESOURCES || category == ERRCODE_OPERATOR_INTERVENTION ||
		 category == ERRCODE_SYSTEM_ERROR || category == ERRCODE_INTERNAL_ERROR))
	{
		/* The turn that fails for it is one of this task only: others must not have to be done again. */
		if (!sandbox->is_alone)
			return SANDBOX_TOO_LONG;
		ReThrowError((ErrorData *) problem);
	}
	return SANDBOX_FAILED;
}

static void
set_local(const char *name, const char *value)
{
	(void) set_config_option(name, value, superuser() ? PGC_SUSET : PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
}
