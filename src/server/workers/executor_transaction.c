/*
 * executor_transaction.c
 *	  Work of a worker in a transaction of its own.
 *
 * One of the two homes of PG_TRY; the other is shared/subtransaction.c.
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"

#include "shared/in_hand.h"
#include "shared/worker_registry.h"
#include "workers/executor_transaction.h"

static bool was_cancelled = false;

static void
name_execution(void *arg)
{
	if (my_worker->execution != 0)
		errcontext("sfn executor with execution %lld in hand", (long long) my_worker->execution);
}

/* Reports the error that was just caught and leaves the transaction. */
static ErrorData *
abort_transaction(MemoryContext context)
{
	ErrorData *error;

	HOLD_INTERRUPTS();
	MemoryContextSwitchTo(context);
	disable_all_timeouts(false);
	QueryCancelPending = false;
	error = CopyErrorData();
	was_cancelled = error->sqlerrcode == ERRCODE_QUERY_CANCELED && (worker_cancel_requested() || worker_must_leave());
	if (!was_cancelled)
		EmitErrorReport();
	FlushErrorState();
	AbortOutOfAnyTransaction();
	RESUME_INTERRUPTS();
	return error;
}

ErrorData *
executor_transaction(void (*work)(void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorContextCallback naming = {.callback = name_execution, .previous = error_context_stack};
	ErrorData *volatile error = NULL;

	error_context_stack = &naming;
	PG_TRY();
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
		PushActiveSnapshot(GetTransactionSnapshot());
		MemoryContextSwitchTo(context);
		work(arg);
		PopActiveSnapshot();
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		error = abort_transaction(context);
	}
	PG_END_TRY();
	error_context_stack = naming.previous;
	MemoryContextSwitchTo(context);
	return error;
}

bool
executor_transaction_was_cancelled(void)
{
	return was_cancelled;
}
