/*
 * owners.h
 *	  Handing over and deleting all that a role owns.
 */
#ifndef SFN_ACTIONS_OWNERS_H
#define SFN_ACTIONS_OWNERS_H

#include "postgres.h"

#include "actions/errors.h"

/* Who is a member of both roles may hand all over; *count: how many objects.  Rights that were given on machines end. */
extern SFN_MUST_CHECK bool role_reassign(ActionCall *call, Oid old_role, Oid new_role, int64 *count);

/* Deletes all of it, as the caller may. */
extern SFN_MUST_CHECK bool role_drop_owned(ActionCall *call, Oid role);

/* For whoever wants to drop the role: lines that name what it owns, or NULL. */
extern char *role_owned_names(Oid role);

#endif /* SFN_ACTIONS_OWNERS_H */
