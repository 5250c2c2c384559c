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
 * no session-level advisory lock, no open cursor, no value of a sequence that
 * currval() would give, and after alone mode no temporary object, prepared
 * statement or LISTEN.
 *
 * Inline (synchronous Express): the transaction is the caller's.  A caller who is
 * the role itself keeps what the task defers or leaves, as after any statement of
 * his; for another one the role is set with SECURITY_RESTRICTED_OPERATION, so that
 * there is nothing to be left.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/async.h"
#include "commands/prepare.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "libpq/be-fsstubs.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "services/sandbox.h"
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
	TimeoutId timeout;
	bool sets_timeout;
	uint32 held_cancels; /* a turn holds them off: they are for tasks */
	int outer_depth;
	bool was_shared;
} SandboxRun;

/* How many sandboxes are open: a task may run a synchronous execution, which has tasks. */
static int open_sandboxes = 0;

/* Is the outermost one in a shared turn?  What it runs may be begun again. */
static bool is_in_shared_turn = false;

static bool sandbox_work(void *arg);
static void sandbox_stop(void *arg);
static bool start_timeout(int64 timeout_ms, TimeoutId *timeout);
static void sandbox_enter(const Sandbox *sandbox);
static void sandbox_finish_work(const Sandbox *sandbox);
static void constraints_immediate(void);
static void constraints_to_default(void);
static void sandbox_clean(const Sandbox *sandbox);
static SandboxOutcome sandbox_judge(const Sandbox *sandbox, const ErrorData *problem, TimestampTz deadline);
static void set_local(const char *name, const char *value);

SandboxOutcome
sandbox_run(const Sandbox *sandbox, ErrorData **problem)
{
	SandboxRun run = {.sandbox = sandbox,
					  .held_cancels = QueryCancelHoldoffCount,
					  .outer_depth = open_sandboxes,
					  .was_shared = is_in_shared_turn};
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
	*problem = subtransaction_run(sandbox_work, sandbox_stop, &run);
	sandbox_clean(sandbox);
	if (*problem == NULL)
		return SANDBOX_DONE;
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
	is_in_shared_turn = run->was_shared || !sandbox->is_alone;
	QueryCancelHoldoffCount = 0;
	error_context_stack = NULL; /* who runs the task is not the task's business */
	sandbox_enter(sandbox);
	run->sets_timeout = start_timeout(sandbox->timeout_ms, &run->timeout);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(context);
	sandbox->work(sandbox->arg);
	sandbox_finish_work(sandbox);
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
	is_in_shared_turn = run->was_shared;
	if (run->sets_timeout)
		disable_timeout(run->timeout, false);
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

/* As the role, if the caller is another: nothing that outlives the subtransaction can be made then. */
static void
enter_inline(Oid role)
{
	Oid user;
	int sec_context;

	GetUserIdAndSecContext(&user, &sec_context);
	set_local("search_path", sfn_task_search_path);
	if (user != role)
		SetUserIdAndSecContext(role, sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
}

static void
sandbox_enter(const Sandbox *sandbox)
{
	if (sandbox->is_inline)
	{
		enter_inline(sandbox->role);
		return;
	}
	if (!sandbox->is_session)
		ResetSequenceCaches(); /* the engine uses sequences, too */
	if (sandbox->is_session || strcmp(namespace_search_path, sfn_task_search_path) != 0)
		set_local("search_path", sfn_task_search_path);
	if (!sandbox->is_alone)
		set_local("lock_timeout", SHARED_LOCK_TIMEOUT);
	SetUserIdAndSecContext(sandbox->role,
						   SECURITY_LOCAL_USERID_CHANGE | (sandbox->is_alone ? 0 : SECURITY_RESTRICTED_OPERATION));
}

/*
 * Still as the role: what it deferred to the commit happens now.  That setting lasts for the rest of the transaction,
 * which a worker ends before the next task.
 */
static void
sandbox_finish_work(const Sandbox *sandbox)
{
	if (!sandbox->is_alone || sandbox->is_inline)
		return;
	constraints_immediate();

	/* A trigger that ran now may have deferred others anew; those may not do so again. */
	SetUserIdAndSecContext(sandbox->role, SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	constraints_immediate();
	if (sandbox->is_session)
		constraints_to_default();
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
sandbox_clean(const Sandbox *sandbox)
{
	if (sandbox->is_inline || sandbox->is_session)
		return;
	LockReleaseSession(USER_LOCKMETHOD);
	PortalHashTableDeleteAll();
	if (!sandbox->is_alone)
		return;
	DropAllPreparedStatements();
	ResetTempTableNamespace();
	Async_UnlistenAll();
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
		return sandbox->is_alone ? SANDBOX_TIMED_OUT : SANDBOX_TOO_LONG;
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
