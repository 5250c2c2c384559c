/*
 * grants.h
 *	  Rights on state machines that were given to roles, in the tables.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_GRANTS_H
#define SFN_STORE_GRANTS_H

#include "postgres.h"

/* Was the role, or one that it is a member of, given one of these?  privileges: a list like "see manage". */
extern bool grant_exists(int64 state_machine_id, Oid role, const char *privileges);

extern void grant_insert(int64 state_machine_id, Oid grantee, const char *privilege, Oid grantor);
extern void grant_delete(int64 state_machine_id, Oid grantee, const char *privilege); /* NULL: all */

/* Deletes all of a machine; returns their names, or NULL: there was none. */
extern char *grants_delete(int64 state_machine_id);

/* Deletes what was given to roles that have been dropped, limits and allowed hosts of theirs too; waits for nobody. */
extern void grants_prune(void);

#endif /* SFN_STORE_GRANTS_H */
