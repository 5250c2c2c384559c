/*
 * sort.h
 *	  A stable sort whose comparisons may fail: the order-by clause and $sort.
 */
#ifndef SFN_JSONATA_SORT_H
#define SFN_JSONATA_SORT_H

#include "jsonata/runtime.h"

/* Sets *after when a belongs behind b; JN_FAIL or NULL. */
typedef const JsonVal *(*SortCompare)(Evaluation *ev, void *owner, const JsonVal *a, const JsonVal *b, bool *after);

/* Sorts in place; JN_FAIL or NULL. */
extern const JsonVal *jn_merge_sort(Evaluation *ev, const JsonVal **items, int count, SortCompare compare, void *owner);

static inline bool
jn_is_orderable(const JsonVal *value)
{
	return value->type == JV_NUMBER || value->type == JV_STRING;
}

#endif /* SFN_JSONATA_SORT_H */
