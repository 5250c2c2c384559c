/*
 * shard_calls.h
 *	  Calls that the front of several databases makes here.
 */
#ifndef SFN_STORE_SHARD_CALLS_H
#define SFN_STORE_SHARD_CALLS_H

#include "postgres.h"

#include "utils/array.h"

/* What is done with each row, a text[]. */
typedef struct ShardRows
{
	void (*put)(Datum row, void *to);
	void *to;
} ShardRows;

/*
 * Calls a function of the extension, named by its signature, or reads a view of it, named by "view schema.name", as the current user and with that one's rights; arguments:
 * text[], as texts.  Each row of the result, too, is a text[].
 */
extern void shard_call_run(const char *signature, ArrayType *arguments, const ShardRows *rows);

/* The first elements of text[]; NULL for null and for what is missing. */
extern void shard_call_texts(ArrayType *arguments, const char **texts, int count);

/*
 * The version that the front's map of slots must have for starts by name, and until the transaction ends it is no other; false: the front
 * has not said so since the server was started.
 */
extern bool shard_map_hold(int64 *version);

#endif /* SFN_STORE_SHARD_CALLS_H */
