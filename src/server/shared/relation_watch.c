/*
 * relation_watch.c
 *	  One callback for changed relations, which tells all of ours.
 */
#include "postgres.h"

#include "utils/inval.h"

#include "shared/relation_watch.h"

static RelationWatch *watches;

/* Invalid: it may be any. */
static void
on_relation_changed(Datum arg, Oid relation)
{
	for (RelationWatch *watch = watches; watch != NULL; watch = watch->next)
	{
		if (!OidIsValid(relation) || !OidIsValid(watch->relation) || watch->relation == relation)
			watch->is_current = false;
	}
}

void
relation_watch(RelationWatch *watch, Oid relation)
{
	if (watches == NULL)
		CacheRegisterRelcacheCallback(on_relation_changed, (Datum) 0);
	if (!watch->is_listed)
	{
		watch->next = watches;
		watches = watch;
		watch->is_listed = true;
	}
	watch->relation = relation;
	watch->is_current = true;
}
