/*
 * rule_bounds.c
 *	  How many rules, archives and targets there may be.
 *
 * Bounds are those of a role, wherever its rules are: one of a bus would be used up by
 * whoever comes first, and of buses there are any number.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "actions/rule_bounds.h"
#include "settings/guc.h"
#include "store/object_locks.h"

#define FEW 30 /* one in so many of the bound */
#define MAX_TARGETS_OF_RULE 100
#define MAX_TARGETS_OF_RULE_BY_AWS 5 /* as PutTargets has it */

static bool
fail_bound(ActionCall *call, const char *what)
{
	return action_fail(call, API_EVENT_LIMIT_EXCEEDED, what);
}

/* Who has few makes more beside other sessions that do: they pass the bound by little. */
static SFN_MUST_CHECK bool
check_role_bound(ActionCall *call, Oid owner, int64 (*count)(Oid owner), const char *what)
{
	if (count(owner) <= sfn_max_rules_per_role / FEW)
		return true;
	object_lock("event_rule", owner);
	return count(owner) <= sfn_max_rules_per_role ||
		fail_bound(call,
				   psprintf("role \"%s\" would have more than %d %s", GetUserNameFromId(owner, false),
							sfn_max_rules_per_role, what));
}

bool
rules_are_within_bound(ActionCall *call, Oid owner)
{
	return check_role_bound(call, owner, rules_of_role, "rules and archives");
}

bool
targets_are_within_bound(ActionCall *call, const RuleRow *rule)
{
	int bound = call->style == ACTION_AWS ? MAX_TARGETS_OF_RULE_BY_AWS : MAX_TARGETS_OF_RULE;

	if (targets_of_rule(rule->id) > bound)
		return fail_bound(call, psprintf("rule \"%s\" would have more than %d targets", rule->name, bound));
	return check_role_bound(call, rule->owner, targets_of_role, "targets of its rules");
}
