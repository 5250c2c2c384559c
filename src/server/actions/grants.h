/*
 * grants.h
 *	  Who may do what with a state machine, and how much a role's machines may take.
 */
#ifndef SFN_ACTIONS_GRANTS_H
#define SFN_ACTIONS_GRANTS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/quotas.h"

/* privilege: "start", "see" or "manage". */
extern SFN_MUST_CHECK bool machine_grant(ActionCall *call, const char *machine, Oid grantee, const char *privilege);
/* privilege NULL: all of them. */
extern SFN_MUST_CHECK bool machine_revoke(ActionCall *call, const char *machine, Oid grantee, const char *privilege);

/* May this role see the machine of that id, of whose role it is no member?  The rule of machine_privilege() for rows. */
extern bool machine_is_seen(int64 machine_id, Oid role);

/* NO_QUOTA in all takes the role's quota away. */
extern SFN_MUST_CHECK bool role_set_quota(ActionCall *call, const Quota *quota);

#endif /* SFN_ACTIONS_GRANTS_H */
