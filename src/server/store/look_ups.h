/*
 * look_ups.h
 *	  What was looked up in this transaction and need not be again.
 *
 * Only for processes that say so: the pump, which makes many calls alike in one transaction and changes none of what it looks
 * up.  In a session it might have changed in between.
 */
#ifndef SFN_STORE_LOOK_UPS_H
#define SFN_STORE_LOOK_UPS_H

#include "postgres.h"

typedef struct LookUp
{
	struct LookUp *next;
	const char *key;
	const void *found; /* NULL: there is none */
} LookUp;

/* From here on, until the transaction ends. */
extern void look_ups_begin(void);

/* NULL: it has to be looked up. */
extern const LookUp *look_up_noted(const char *key);

/* Where what is noted is to be; NULL: nothing is noted. */
extern MemoryContext look_ups_context(void);
extern void look_up_note(const char *key, const void *found);

#endif /* SFN_STORE_LOOK_UPS_H */
