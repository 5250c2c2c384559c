/*
 * transaction_callbacks.h
 *	  What parts of sfn do at the end of a transaction: one callback of the server that calls them in order.
 */
#ifndef SFN_SHARED_TRANSACTION_CALLBACKS_H
#define SFN_SHARED_TRANSACTION_CALLBACKS_H

#include "postgres.h"

typedef void (*TransactionHandler)(void);
typedef void (*SubtransactionHandler)(int level);

/*
 * Each is called whether its part was used in the transaction or not, so it has to be cheap then; NULL: nothing to do.
 * before_commit may fail, which aborts the transaction.  The others may not; after the commit record an error is a
 * PANIC, and nothing should have to wait there.
 */
typedef struct TransactionPart
{
	TransactionHandler before_commit; /* or PREPARE TRANSACTION */
	TransactionHandler committed;     /* visible to others */
	TransactionHandler announced;     /* the same, and others who look know which of their caches are outdated */
	TransactionHandler aborted;
	TransactionHandler prepared;

	/* The nesting level is that of the subtransaction that ends; its parent's is one less. */
	SubtransactionHandler subtransaction_committed;
	SubtransactionHandler subtransaction_aborted;
} TransactionPart;

/* For _PG_init(): the table is kept, and its rows are called in their order. */
extern void transaction_callbacks_install(const TransactionPart *parts, int count);

#endif /* SFN_SHARED_TRANSACTION_CALLBACKS_H */
