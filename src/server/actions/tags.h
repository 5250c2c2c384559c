/*
 * tags.h
 *	  Tags of state machines, activities, event buses, rules and groups of schedules.
 */
#ifndef SFN_ACTIONS_TAGS_H
#define SFN_ACTIONS_TAGS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/tags.h"
#include "json/json_value.h"

/* Adds tags: an object {"key": "value"} or AWS's list of {"key", "value"}. */
extern SFN_MUST_CHECK bool tags_add(ActionCall *call, TagOwner owner, const JsonVal *tags);

/* The same of a resource by its ARN, or for SQL callers also a machine's name. */
extern SFN_MUST_CHECK bool resource_tag(ActionCall *call, const char *resource, const JsonVal *tags);
extern SFN_MUST_CHECK bool resource_untag(ActionCall *call, const char *resource, const JsonVal *keys);
/* AWS's list of {"key", "value"}. */
extern SFN_MUST_CHECK const JsonVal *resource_tags(ActionCall *call, const char *resource);

#endif /* SFN_ACTIONS_TAGS_H */
