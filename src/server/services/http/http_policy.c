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

#include "services/http/http_policy.h"
#include "store/connections.h"

#define FRESH_MS (120 * 1000) /* longer than libcurl keeps an idle connection */

static EgressPolicy *current = NULL;
static TimestampTz narrowed = 0; /* 0: never */

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

static bool
has_entry(const EgressPolicy *policy, const EgressEntry *entry)
{
	for (int i = 0; i < policy->count; i++)
		if (policy->entries[i].role == entry->role && strcmp(policy->entries[i].text, entry->text) == 0)
			return true;
	return false;
}

/* Is anything forbidden now that was allowed? */
static bool
policy_is_narrower(const EgressPolicy *now, const EgressPolicy *before)
{
	for (int i = 0; i < before->count; i++)
		if (!has_entry(now, &before->entries[i]))
			return true;
	return false;
}

const EgressPolicy *
http_policy_now(void)
{
	EgressPolicy *loaded = egress_policy_load();
	MemoryContext caller_context;

	if (current != NULL && policies_are_equal(loaded, current))
		return current;
	if (current != NULL && policy_is_narrower(loaded, current))
		narrowed = GetCurrentTimestamp();
	caller_context = MemoryContextSwitchTo(TopMemoryContext);
	current = egress_policy_load();
	MemoryContextSwitchTo(caller_context);
	return current;
}

bool
http_policy_wants_fresh(const EgressPolicy *policy, Oid role)
{
	return egress_has_own(policy, role) ||
		(narrowed != 0 && !TimestampDifferenceExceeds(narrowed, GetCurrentTimestamp(), FRESH_MS));
}
