/*
 * lineage.c
 *	  How many rules lead to what is going on.
 */
#include "postgres.h"

#include "actions/lineage.h"

#define LINEAGE "Lineage=sfn:"

static int depth_now = 0;

int
lineage_of(const char *trace_header)
{
	const char *found = trace_header != NULL ? strstr(trace_header, LINEAGE) : NULL;

	return found != NULL ? Max(atoi(found + strlen(LINEAGE)), 0) : 0;
}

char *
lineage_make(int depth)
{
	return depth > 0 ? psprintf(LINEAGE "%d", depth) : NULL;
}

void
lineage_enter(const char *trace_header)
{
	depth_now = lineage_of(trace_header);
}

void
lineage_forget(void)
{
	depth_now = 0;
}

int
lineage_now(void)
{
	return depth_now;
}

char *
lineage_header(void)
{
	return lineage_make(depth_now);
}
