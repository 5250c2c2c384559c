/*
 * grants.h
 *	  Who may do what with a state machine, and how much a role's machines may take.
 */
#ifndef SFN_ACTIONS_GRANTS_H
#define SFN_ACTIONS_GRANTS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/machines.h"
#include "store/privileges.h"
#include "store/quotas.h"

/* privilege: a name of store/privilege_list.h. */
extern SFN_MUST_CHECK bool machine_grant(ActionCall *call, const char *machine, Oid grantee, const char *privilege);
/* privilege NULL: all of them. */
extern SFN_MUST_CHECK bool machine_revoke(ActionCall *call, const char *machine, Oid grantee, const char *privilege);

/* Ends all rights that were given on a machine, whose role changes, and says which: they were its owner's to give. */
extern void machine_end_grants(const MachineRow *machine);

/* What a role was given on the machine of that id, of whose role it is no member: machine_privilege() for rows. */
extern PrivilegeSet machine_grants_of(int64 machine_id, Oid role);

/* NO_QUOTA in all takes the role's quota away. */
extern SFN_MUST_CHECK bool role_set_quota(ActionCall *call, const Quota *quota);

#endif /* SFN_ACTIONS_GRANTS_H */
