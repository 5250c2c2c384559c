/*
 * bus_permissions.h
 *	  AWS's policy of an event bus: who may put events on it.
 */
#ifndef SFN_ACTIONS_BUS_PERMISSIONS_H
#define SFN_ACTIONS_BUS_PERMISSIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"

/* Adds the statement of that id, or puts it anew; principal: "*" or an account. */
extern SFN_MUST_CHECK bool bus_permit(ActionCall *call, const char *bus, const char *statement_id,
									  const char *principal);
/* Puts a whole policy in place of the one that there is. */
extern SFN_MUST_CHECK bool bus_set_policy(ActionCall *call, const char *bus, const char *policy);
/* Takes a statement from the policy, or all where the id is NULL. */
extern SFN_MUST_CHECK bool bus_forbid(ActionCall *call, const char *bus, const char *statement_id);

/* The policy, for those to whom the bus belongs; NULL: not for the caller, or there is none. */
extern char *bus_policy(const ActionCall *call, const BusRow *bus);

#endif /* SFN_ACTIONS_BUS_PERMISSIONS_H */
