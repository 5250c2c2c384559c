/*
 * shards.h
 *	  Behind a front of several databases: calls that are about one shard go there.
 */
#ifndef SFN_GATEWAY_SHARDS_H
#define SFN_GATEWAY_SHARDS_H

#include "gateway/request.h"

/* Where a call is made; version: of the map, where the shard depends on the slot of a name. */
typedef struct ShardPlace
{
	int database; /* of pool.h */
	const char *shard;
	const char *version; /* NULL: any */
} ShardPlace;

/* False: the call is for the front. */
extern bool shards_find(const Request *request, const char *action, const char *body, ShardPlace *place);

/* The shard has said that the map has changed. */
extern void shards_map_is_old(int front);

#endif /* SFN_GATEWAY_SHARDS_H */
