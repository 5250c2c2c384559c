/*
 * tags.h
 *	  Tags of state machines, activities, event buses, rules and groups of schedules.  Everything here runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_TAGS_H
#define SFN_STORE_TAGS_H

#include "postgres.h"

typedef enum TagOwnerKind
{
	TAGS_OF_MACHINE,
	TAGS_OF_ACTIVITY,
	TAGS_OF_BUS,
	TAGS_OF_RULE,
	TAGS_OF_SCHEDULE_GROUP
} TagOwnerKind;

/* What tags are on. */
typedef struct TagOwner
{
	TagOwnerKind kind;
	int64 id;
} TagOwner;

extern void tags_insert(TagOwner owner, const char *tags); /* a JSON object; replaces values of keys that are there */
extern void tags_delete(TagOwner owner, const char *keys); /* a JSON array */
extern char *tags_as_list(TagOwner owner);                 /* [{"key": .., "value": ..}, ...] ordered by key */
extern int64 tags_count(TagOwner owner);

#endif /* SFN_STORE_TAGS_H */
