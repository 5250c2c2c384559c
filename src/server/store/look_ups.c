/*
 * look_ups.c
 *	  What was looked up in this transaction and need not be again.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "store/look_ups.h"

static MemoryContext context;
static LookUp *noted;

static void
forget(void *arg)
{
	context = NULL;
	noted = NULL;
}

void
look_ups_begin(void)
{
	MemoryContextCallback *at_end = MemoryContextAllocZero(TopTransactionContext, sizeof(MemoryContextCallback));

	at_end->func = forget;
	MemoryContextRegisterResetCallback(TopTransactionContext, at_end);
	context = TopTransactionContext;
	noted = NULL;
}

const LookUp *
look_up_noted(const char *key)
{
	for (const LookUp *one = noted; one != NULL; one = one->next)
	{
		if (strcmp(one->key, key) == 0)
			return one;
	}
	return NULL;
}

MemoryContext
look_ups_context(void)
{
	return context;
}

void
look_up_note(const char *key, const void *found)
{
	LookUp *one;

	if (context == NULL)
		return;
	one = MemoryContextAlloc(context, sizeof(LookUp));
	*one = (LookUp){.next = noted, .key = MemoryContextStrdup(context, key), .found = found};
	noted = one;
}
