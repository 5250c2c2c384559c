/*
 * functions.h
 *	  What a function ARN and lambda:invoke call: SQL functions under a name of their own.
 *
 * Everything here runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_FUNCTIONS_H
#define SFN_STORE_FUNCTIONS_H

#include "postgres.h"

typedef struct FunctionRow
{
	int64 id; /* of a row that was read: one made anew has another */
	char *name;
	char *target; /* qualified signature, as regprocedure reads it: "schema"."name"(type, ...) */
	bool alone;   /* each call in a transaction of its own */
	Oid owner;
} FunctionRow;

extern FunctionRow *function_by_name(const char *name); /* NULL when there is none */
/* Both false: there is one of that name that is not the owner's, or caller's; or, to delete, none. */
extern bool function_upsert(const FunctionRow *function);
extern bool function_delete(const char *name, Oid caller);

#endif /* SFN_STORE_FUNCTIONS_H */
