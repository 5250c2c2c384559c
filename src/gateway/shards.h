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

/* Where they are, as far as the front has told and they can be reached: numbers of databases; returns how many. */
extern int shards_databases(int front, int *databases, int most);
/* One of those as a place; false: it is none any more. */
extern bool shards_place(int front, int database, ShardPlace *place);

/* Asks for the first map as soon as there is a front. */
extern void shards_tend(void);

/* The shard has said that the map has changed. */
extern void shards_map_is_old(int front);

#endif /* SFN_GATEWAY_SHARDS_H */
