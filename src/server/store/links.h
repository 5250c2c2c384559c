/*
 * links.h
 *	  Links of the gateway, in their table.  Everything here runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_LINKS_H
#define SFN_STORE_LINKS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define ANY_NUMBER_OF_USES (-1)

typedef struct Link
{
	char *id;
	char *kind; /* approve, start or graph */
	Oid role;
	char *target;
	char *secret_hash;
	char *description;      /* or NULL */
	int uses_left;          /* or ANY_NUMBER_OF_USES */
	TimestampTz expiration; /* 0: never */
} Link;

extern void link_insert(const Link *row, TimestampTz now);

/* NULL: there is none of that id with that secret.  is_locked: until the end of the transaction, as it is by then. */
extern Link *link_find(const char *id, const char *secret_hash, bool is_locked);
extern void link_count_use(const char *id);

/* The role of one; InvalidOid: there is none. */
extern Oid link_role(const char *id);
/* False: there is none, or it is not of a role whose privileges the caller has. */
extern bool link_delete(const char *id, Oid caller);

/* Those that have expired a week ago. */
extern void links_prune(TimestampTz now);

#endif /* SFN_STORE_LINKS_H */
