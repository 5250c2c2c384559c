/*
 * rule_bounds.h
 *	  How many rules, archives and targets there may be: each process keeps all of them, and whoever's event it is waits for them.
 */
#ifndef SFN_ACTIONS_RULE_BOUNDS_H
#define SFN_ACTIONS_RULE_BOUNDS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_rules.h"

/* Asked when one more is there.  Until the transaction ends, no other one makes any of that role, unless it has few. */
extern SFN_MUST_CHECK bool rules_are_within_bound(ActionCall *call, Oid owner);
extern SFN_MUST_CHECK bool targets_are_within_bound(ActionCall *call, const RuleRow *rule);

#endif /* SFN_ACTIONS_RULE_BOUNDS_H */
