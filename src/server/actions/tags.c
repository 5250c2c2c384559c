/*
 * tags.c
 *	  Tags of state machines, activities, event buses, topics, rules and groups of schedules.
 */
#include "postgres.h"

#include "actions/activities.h"
#include "actions/checks.h"
#include "actions/event_rules.h"
#include "actions/resources.h"
#include "actions/schedule_runs.h"
#include "actions/tags.h"
#include "actions/topics.h"

#define MAX_TAGS 50
#define MAX_TAG_KEY_LENGTH 128
#define MAX_TAG_VALUE_LENGTH 256

/* ---- adding ---- */

static SFN_MUST_CHECK bool
check_tag(ActionCall *call, const char *key, const JsonVal *value)
{
	if (!jv_is(value, JV_STRING))
		return action_fail(call, API_VALIDATION, psprintf("The value of tag '%s' must be a string", key),
						   psprintf("the value of tag \"%s\" must be a string", key));
	if (!check_length(call, key, "tags.key", "the key of a tag", 1, MAX_TAG_KEY_LENGTH) ||
		!check_length(call, value->u.text, "tags.value", "the value of a tag", 0, MAX_TAG_VALUE_LENGTH))
		return false;
	if (pg_strncasecmp(key, "aws:", 4) == 0)
		return action_fail(call, API_VALIDATION, "System tags (aws:) cannot be added by requester",
						   "keys of tags must not begin with \"aws:\"");
	return true;
}

/* AWS's list as an object. */
static const JsonVal *
tags_of_list(ActionCall *call, const JsonVal *list)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < list->count; i++)
	{
		const char *key = jv_get_string(list->u.items[i], "key");
		const JsonVal *value = jv_get(list->u.items[i], "value");

		if (key == NULL)
			return action_fail_null(call, API_VALIDATION, "A tag must have a key", "a tag must have a \"key\"");
		jv_object_add(&object, key, value != NULL ? value : jv_string(""));
	}
	return jv_object_end(&object);
}

bool
tags_add(ActionCall *call, TagOwner owner, const JsonVal *tags)
{
	int64 count;

	if (tags->type == JV_ARRAY)
	{
		tags = tags_of_list(call, tags);
		if (tags == NULL)
			return false;
	}
	if (tags->type != JV_OBJECT)
		return action_fail(call, API_VALIDATION, "Tags must be a list of keys and values",
						   "tags must be an object {\"key\": \"value\"}");
	for (int i = 0; i < tags->count; i++)
		if (!check_tag(call, tags->u.members[i].key, tags->u.members[i].value))
			return false;

	tags_insert(owner, jv_to_text(tags));
	count = tags_count(owner);
	if (count > MAX_TAGS)
		return action_fail(call, API_TOO_MANY_TAGS, psprintf(INT64_FORMAT, count));
	return true;
}

/* ---- tags of a resource ---- */

/*
 * What a resource's ARN stands for, or for SQL callers also the name of a state machine; AWS has an error of its own
 * for one that does not exist.
 */
static SFN_MUST_CHECK bool
tag_owner(ActionCall *call, const char *resource, MachinePrivilege privilege, bool changes, TagOwner *owner)
{
	Arn arn;
	char *problem;
	MachineRow *machine;

	if (arn_looks_like(resource) && strstr(resource, ":events:") != NULL)
		return event_tag_owner(call, resource, changes, owner);
	if (arn_looks_like(resource) && strstr(resource, ":scheduler:") != NULL)
		return schedule_tag_owner(call, resource, changes, owner);
	if (arn_looks_like(resource) && strstr(resource, ":sns:") != NULL)
		return topic_tag_owner(call, resource, changes, owner);
	if (arn_looks_like(resource) && arn_parse(resource, &arn, &problem) && arn.type == ARN_ACTIVITY)
	{
		ActivityRow *activity;

		if (!arn_is_ours(&arn) || activity_by_name(arn.name) == NULL)
			return action_fail(call, API_RESOURCE_NOT_FOUND, resource);
		activity = action_activity(call, resource);
		if (activity == NULL)
			return false;
		*owner = (TagOwner){TAGS_OF_ACTIVITY, activity->id};
		return true;
	}
	if (!action_find_machine(call, resource, &machine))
		return false;
	if (machine == NULL)
		return action_fail(call, API_RESOURCE_NOT_FOUND, resource);
	*owner = (TagOwner){TAGS_OF_MACHINE, machine->id};
	return changes ? action_lock_machine(call, machine, privilege)
				   : require_machine_privilege(call, machine, call->scope.caller, privilege);
}

bool
resource_tag(ActionCall *call, const char *resource, const JsonVal *tags)
{
	TagOwner owner;

	return tag_owner(call, resource, MACHINE_UPDATE, true, &owner) && tags_add(call, owner, tags);
}

bool
resource_untag(ActionCall *call, const char *resource, const JsonVal *keys)
{
	TagOwner owner;

	if (!tag_owner(call, resource, MACHINE_UPDATE, true, &owner))
		return false;
	tags_delete(owner, jv_to_text(keys));
	return true;
}

const JsonVal *
resource_tags(ActionCall *call, const char *resource)
{
	TagOwner owner;

	if (!tag_owner(call, resource, MACHINE_SEE, false, &owner))
		return NULL;
	return parse_stored(tags_as_list(owner));
}
