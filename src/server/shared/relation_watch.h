/*
 * relation_watch.h
 *	  Whether what was read from a relation still holds.
 *
 * The server has ten places in a process for callbacks of changed relations, which it shares with every extension there is; ours
 * take one.
 */
#ifndef SFN_SHARED_RELATION_WATCH_H
#define SFN_SHARED_RELATION_WATCH_H

#include "postgres.h"

/* Static; all zero at first. */
typedef struct RelationWatch
{
	bool is_current; /* no change has been announced since relation_watch(); the owner may take it back, too */
	Oid relation;    /* InvalidOid: any */
	bool is_listed;
	struct RelationWatch *next;
} RelationWatch;

/* What is read from here on is current until a change of the relation is announced. */
extern void relation_watch(RelationWatch *watch, Oid relation);

#endif /* SFN_SHARED_RELATION_WATCH_H */
