/*
 * subtransaction.h
 *	  Work in a subtransaction, whose errors are data.
 */
#ifndef SFN_SHARED_SUBTRANSACTION_H
#define SFN_SHARED_SUBTRANSACTION_H

#include "postgres.h"

/*
 * For whoever has a transaction open: does the work in a subtransaction.  True: what it did stays; false: it is rolled
 * back, which is no error.  When the work fails, or releasing it does, at_error (NULL: nothing) is called for what must not go on
 * during the rollback, all subtransactions begun since are rolled back, and the error is returned; NULL: there was none.
 *
 * Memory context, resource owner and SPI's level are those of the call, within the work and afterwards; the error is in that
 * memory.
 */
extern ErrorData *subtransaction_run(bool (*work)(void *arg), void (*at_error)(void *arg), void *arg);

#endif /* SFN_SHARED_SUBTRANSACTION_H */
