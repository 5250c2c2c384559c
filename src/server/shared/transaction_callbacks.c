/*
 * transaction_callbacks.c
 *	  What parts of sfn do at the end of a transaction.
 *
 * The server calls those who registered in the reverse order of that, which would be
 * the order in which a session happened to use things.  So it is asked once, when
 * the library is loaded, and the order is that of a table (sfn.c, which alone knows all
 * parts).
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/resowner.h"

#include "shared/transaction_callbacks.h"

static const TransactionPart *transaction_parts = NULL;
static int transaction_part_count = 0;

/* NULL: nothing of this part happens at that event. */
static TransactionHandler
handler_of(const TransactionPart *part, XactEvent event)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			return part->before_commit;
		case XACT_EVENT_COMMIT:
			return part->committed;
		case XACT_EVENT_ABORT:
			return part->aborted;
		case XACT_EVENT_PREPARE:
			return part->prepared;
		default: /* of parallel workers, whose leader sees to everything */
			return NULL;
	}
}

static void
at_transaction_event(XactEvent event, void *arg)
{
	for (int i = 0; i < transaction_part_count; i++)
	{
		TransactionHandler handler = handler_of(&transaction_parts[i], event);

		if (handler != NULL)
			handler();
	}
}

/*
 * Behind the invalidations and the locks, once for each owner of resources that is left: the first time is the one that
 * matters, and a handler has nothing to do the second.
 */
static void
at_release(ResourceReleasePhase phase, bool is_commit, bool is_top_level, void *arg)
{
	if (phase != RESOURCE_RELEASE_AFTER_LOCKS || !is_commit || !is_top_level)
		return;
	for (int i = 0; i < transaction_part_count; i++)
	{
		if (transaction_parts[i].announced != NULL)
			transaction_parts[i].announced();
	}
}

static void
at_subtransaction_event(SubXactEvent event, SubTransactionId me, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	for (int i = 0; i < transaction_part_count; i++)
	{
		const TransactionPart *part = &transaction_parts[i];
		SubtransactionHandler handler =
			event == SUBXACT_EVENT_COMMIT_SUB ? part->subtransaction_committed : part->subtransaction_aborted;

		if (handler != NULL)
			handler(level);
	}
}

void
transaction_callbacks_install(const TransactionPart *parts, int count)
{
	transaction_parts = parts;
	transaction_part_count = count;
	RegisterXactCallback(at_transaction_event, NULL);
	RegisterSubXactCallback(at_subtransaction_event, NULL);
	RegisterResourceReleaseCallback(at_release, NULL);
}
