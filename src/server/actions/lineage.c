/*
 * lineage.c
 *	  How many rules lead to what is going on, and whose they are.
 */
#include "postgres.h"

#include "actions/lineage.h"
#include "store/new_executions.h"

#define LINEAGE_FORMAT TRACE_LINEAGE "%d:%u"

static Lineage here;

/* Behind what callers have given. */
static const char *
last_in(const char *trace_header)
{
	const char *last = NULL;

	for (const char *at = trace_header; at != NULL && (at = strstr(at, TRACE_LINEAGE)) != NULL;
		 at += strlen(TRACE_LINEAGE))
		last = at;
	return last;
}

Lineage
lineage_of(const char *trace_header)
{
	const char *last = last_in(trace_header);
	Lineage lineage = {0};

	if (last == NULL || sscanf(last, LINEAGE_FORMAT, &lineage.depth, &lineage.owner) < 1 || lineage.depth < 0)
		return (Lineage){0};
	return lineage;
}

Lineage
lineage_with(Lineage before, Oid rule_owner)
{
	return (Lineage){.depth = before.depth + 1,
					 .owner = before.depth == 0 || before.owner == rule_owner ? rule_owner : InvalidOid};
}

char *
lineage_make(Lineage lineage)
{
	return lineage.depth > 0 ? psprintf(LINEAGE_FORMAT, lineage.depth, lineage.owner) : NULL;
}

void
lineage_enter(const char *trace_header)
{
	here = lineage_of(trace_header);
}

void
lineage_forget(void)
{
	here = (Lineage){0};
}

Lineage
lineage_now(void)
{
	return here;
}

char *
lineage_header(const char *given)
{
	if (given == NULL)
		return lineage_make(here);
	if (here.depth == 0 && last_in(given) == NULL)
		return pstrdup(given);
	return psprintf("%s;" LINEAGE_FORMAT, given, here.depth, here.owner);
}
