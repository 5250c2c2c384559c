/*
 * grants.h
 *	  Rights on state machines that were given to roles, in the tables.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_GRANTS_H
#define SFN_STORE_GRANTS_H

#include "postgres.h"

#include "store/privileges.h"

/* What the role, and those whose privileges it has, were given, with all that it includes. */
extern PrivilegeSet grants_of(int64 state_machine_id, Oid role);

extern void grant_insert(int64 state_machine_id, Oid grantee, const char *privilege, Oid grantor);
extern void grant_delete(int64 state_machine_id, Oid grantee, const char *privilege); /* NULL: all */

/* Deletes all of a machine; returns their names, or NULL: there was none. */
extern char *grants_delete(int64 state_machine_id);

/* Deletes what was given to roles that have been dropped, limits and allowed hosts of theirs too; waits for nobody. */
extern void grants_prune(void);

#endif /* SFN_STORE_GRANTS_H */
