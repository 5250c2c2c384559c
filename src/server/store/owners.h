/*
 * owners.h
 *	  What roles own: state machines, activities, functions, connections, buckets, queues, rules, event buses, schedules.
 *
 * All but the ends of transactions run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_OWNERS_H
#define SFN_STORE_OWNERS_H

#include "postgres.h"

typedef struct OwnedObject
{
	char *kind; /* as sfn.owned_objects says */
	char *name;
} OwnedObject;

/* What the role owns, at most max (0: all); their number. */
extern int owned_objects_of(Oid role, int max, OwnedObject **objects);

/* The role has an object more, or one less; what that means for its entry in the ACL is settled before the commit. */
extern void owner_note(Oid role, bool is_gained);
extern void owners_note_all(void);                      /* rows have come past the triggers that note owners */
extern void owners_settle(const Oid *roles, int count); /* at once, for whoever drops roles */
extern void owners_lock(void);                          /* the server is about to take entries itself */

/* Ends of transactions (sfn.c). */
extern void owners_before_commit(void);
extern void owners_forget(void);

/* What somebody else's rule or schedule does in the name of a role. */
typedef struct OrderInName
{
	Oid owner;     /* of the rule or schedule */
	int64 rule_id; /* 0: a schedule */
	char *target_id;
	int64 schedule_id;
	int64 machine_id; /* the hidden one that delivers, 0: none */
} OrderInName;

/* All of them; until the transaction ends there come no more. */
extern int orders_of_others(Oid role, OrderInName **orders);

/* What has ended with the old owner. */
typedef struct EndedWithOwner
{
	int64 grants;  /* on state machines */
	int64 sources; /* of queues: what he had fetched, by whose credentials */
	int64 replays; /* that were under way */
} EndedWithOwner;

/* Hands all over, executions under way included.  Returns how many objects there were. */
extern int64 owner_replace(Oid old_role, Oid new_role, const char *old_role_arn, const char *new_role_arn,
						   EndedWithOwner *ended);

#endif /* SFN_STORE_OWNERS_H */
