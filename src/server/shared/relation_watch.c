/*
 * relation_watch.c
 *	  One callback for changed relations, which tells all of ours.
 */
#include "postgres.h"

#include "shared/relation_watch.h"

#define MAX_WATCHERS 32 /* files that keep something by a relation's contents */

static RelcacheCallbackFunction watchers[MAX_WATCHERS];
static int watcher_count;

static void
tell_all(Datum argument, Oid relation)
{
	for (int i = 0; i < watcher_count; i++)
		watchers[i](argument, relation);
}

void
relation_watch(RelcacheCallbackFunction on_changed)
{
	if (watcher_count == MAX_WATCHERS)
		elog(ERROR, "more than %d watchers of relations", MAX_WATCHERS);
	if (watcher_count == 0)
		CacheRegisterRelcacheCallback(tell_all, (Datum) 0);
	watchers[watcher_count++] = on_changed;
}
