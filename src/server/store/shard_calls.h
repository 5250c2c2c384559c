/*
 * shard_calls.h
 *	  Calls that the front of several databases makes here.
 */
#ifndef SFN_STORE_SHARD_CALLS_H
#define SFN_STORE_SHARD_CALLS_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/array.h"

/*
 * Calls a function of the extension, named by its signature, as the current user and with that one's rights; arguments:
 * text[], as texts.  Each row of the result, too, is a text[].
 */
extern void shard_call_run(const char *signature, ArrayType *arguments, ReturnSetInfo *result);

#endif /* SFN_STORE_SHARD_CALLS_H */
