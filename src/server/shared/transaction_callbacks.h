/*
 * transaction_callbacks.h
 *	  What parts of sfn do at the end of a transaction: one callback of the server that calls them in order.
 */
#ifndef SFN_SHARED_TRANSACTION_CALLBACKS_H
#define SFN_SHARED_TRANSACTION_CALLBACKS_H

#include "postgres.h"

/*
 * Each is called whether its part was used in the transaction or not, so it has to be cheap then; NULL: nothing to do.
 * before_commit may fail, which aborts the transaction.  The others may not; after the commit record an error is a
 * PANIC, and nothing should have to wait there.
 */
typedef struct TransactionPart
{
	void (*before_commit)(void); /* or PREPARE TRANSACTION */
	void (*committed)(void);     /* visible to others */
	void (*aborted)(void);
	void (*prepared)(void);

	/* The nesting level is that of the subtransaction that ends; its parent's is one less. */
	void (*subtransaction_committed)(int level);
	void (*subtransaction_aborted)(int level);
} TransactionPart;

/* For _PG_init(): the table is kept, and its rows are called in their order. */
extern void transaction_callbacks_install(const TransactionPart *parts, int count);

#endif /* SFN_SHARED_TRANSACTION_CALLBACKS_H */
