/*
 * http_policy.c
 *	  The allow-list of this process.
 *
 * Requests under way keep the policy they were sent under, so an old one is not
 * freed: there are as many as an administrator has made changes.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "services/http_policy.h"
#include "store/connections.h"

#define FRESH_MS (120 * 1000) /* longer than libcurl keeps an idle connection */

static EgressPolicy *current = NULL;
static TimestampTz changed = 0; /* 0: never */

static bool
policies_are_equal(const EgressPolicy *a, const EgressPolicy *b)
{
	if (a->count != b->count)
		return false;
	for (int i = 0; i < a->count; i++)
		if (a->entries[i].role != b->entries[i].role || strcmp(a->entries[i].text, b->entries[i].text) != 0)
			return false;
	return true;
}

const EgressPolicy *
http_policy_now(void)
{
	EgressPolicy *loaded = egress_policy_load();
	MemoryContext caller_context;

	if (current != NULL && policies_are_equal(loaded, current))
		return current;
	if (current != NULL)
		changed = GetCurrentTimestamp();
	caller_context = MemoryContextSwitchTo(TopMemoryContext);
	current = egress_policy_load();
	MemoryContextSwitchTo(caller_context);
	return current;
}

bool
http_policy_wants_fresh(const EgressPolicy *policy, Oid role)
{
	return egress_has_own(policy, role) ||
		(changed != 0 && !TimestampDifferenceExceeds(changed, GetCurrentTimestamp(), FRESH_MS));
}
