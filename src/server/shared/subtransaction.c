/*
 * subtransaction.c
 *	  Work in a subtransaction, whose errors are data.
 *
 * One of the two homes of PG_TRY; the other is workers/executor_transaction.c.  Whatever
 * fails, be it the saving of the error, nothing that was begun here stays open: who
 * catches errors further out rolls back one level, which has to be his.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "shared/subtransaction.h"

typedef struct Caller
{
	MemoryContext context;
	ResourceOwner owner;
	int level;
} Caller;

static void
return_to_caller(const Caller *caller)
{
	MemoryContextSwitchTo(caller->context);
	CurrentResourceOwner = caller->owner;
}

/* SPI's connections of what is rolled back end with it. */
static void
roll_back_to_caller(const Caller *caller)
{
	while (GetCurrentTransactionNestLevel() > caller->level)
		RollbackAndReleaseCurrentSubTransaction();
	return_to_caller(caller);
}

/* The error that was just caught. */
static ErrorData *
take_error(const Caller *caller, void (*at_error)(void *arg), void *arg)
{
	ErrorData *volatile error = NULL;

	PG_TRY();
	{
		MemoryContextSwitchTo(caller->context);
		error = CopyErrorData();
		FlushErrorState();
		if (at_error != NULL)
			at_error(arg);
	}
	PG_CATCH();
	{
		roll_back_to_caller(caller);
		PG_RE_THROW();
	}
	PG_END_TRY();
	roll_back_to_caller(caller);
	return error;
}

ErrorData *
subtransaction_run(bool (*work)(void *arg), void (*at_error)(void *arg), void *arg)
{
	const Caller caller = {CurrentMemoryContext, CurrentResourceOwner, GetCurrentTransactionNestLevel()};
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		MemoryContextSwitchTo(caller.context);
		if (work(arg))
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
		return_to_caller(&caller);
	}
	PG_CATCH();
	{
		error = take_error(&caller, at_error, arg);
	}
	PG_END_TRY();
	return error;
}
