/*
 * tags.c
 *	  Tags of state machines and activities.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "api/tags.h"
#include "api/tasks.h"

#define MAX_TAGS 50
#define MAX_TAG_KEY_LENGTH 128
#define MAX_TAG_VALUE_LENGTH 256

/* ---- what SQL functions and sfn.api() share ---- */

/*
 * What a resource's ARN stands for, or for SQL callers also the name of a state machine; AWS has an error of its own
 * for one that does not exist.
 */
static TagOwner
tag_owner(const ApiCall *call, const char *resource, MachinePrivilege privilege)
{
	Arn arn;
	char *problem;
	MachineRow *machine;

	if (arn_looks_like(resource) && arn_parse(resource, &arn, &problem) && arn.type == ARN_ACTIVITY)
	{
		if (!arn_is_ours(&arn) || activity_by_name(arn.name) == NULL)
			api_error(call, API_RESOURCE_NOT_FOUND, resource, NULL);
		return (TagOwner){TAGS_OF_ACTIVITY, api_activity(call, resource)->id};
	}
	machine = api_find_machine(call, resource);
	if (machine == NULL)
		api_error(call, API_RESOURCE_NOT_FOUND, resource, NULL);
	require_machine_privilege(call, machine, call->scope.caller, privilege);
	return (TagOwner){TAGS_OF_MACHINE, machine->id};
}

static void
check_tag(const ApiCall *call, const char *key, const JsonVal *value)
{
	if (!jv_is(value, JV_STRING))
		api_error(call, API_VALIDATION, psprintf("The value of tag '%s' must be a string", key),
				  psprintf("the value of tag \"%s\" must be a string", key), NULL);
	check_length(call, key, "tags.key", "the key of a tag", 1, MAX_TAG_KEY_LENGTH);
	check_length(call, value->u.text, "tags.value", "the value of a tag", 0, MAX_TAG_VALUE_LENGTH);
	if (pg_strncasecmp(key, "aws:", 4) == 0)
		api_error(call, API_VALIDATION, "System tags (aws:) cannot be added by requester",
				  "keys of tags must not begin with \"aws:\"", NULL);
}

/* AWS's list as an object. */
static const JsonVal *
tags_of_list(const ApiCall *call, const JsonVal *list)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < list->count; i++)
	{
		const char *key = jv_get_string(list->u.items[i], "key");
		const JsonVal *value = jv_get(list->u.items[i], "value");

		if (key == NULL)
			api_error(call, API_VALIDATION, "A tag must have a key", "a tag must have a \"key\"", NULL);
		jv_object_add(&object, key, value != NULL ? value : jv_string(""));
	}
	return jv_object_end(&object);
}

void
tags_add(const ApiCall *call, TagOwner owner, const JsonVal *tags)
{
	int64 count;

	if (tags->type == JV_ARRAY)
		tags = tags_of_list(call, tags);
	if (tags->type != JV_OBJECT)
		api_error(call, API_VALIDATION, "Tags must be a list of keys and values",
				  "tags must be an object {\"key\": \"value\"}", NULL);
	for (int i = 0; i < tags->count; i++)
		check_tag(call, tags->u.members[i].key, tags->u.members[i].value);

	tags_insert(owner, jv_to_text(tags));
	count = tags_count(owner);
	if (count > MAX_TAGS)
		api_error(call, API_TOO_MANY_TAGS, psprintf(INT64_FORMAT, count), NULL);
}

/* ---- SQL functions ---- */

extern PGDLLEXPORT Datum sfn_tag_resource(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_tag_resource);
Datum
sfn_tag_resource(PG_FUNCTION_ARGS)
{
	ApiCall call;
	char *tags = jsonb_argument(fcinfo, 1);
	TagOwner owner;

	api_enter(&call, API_SQL, "TagResource");
	owner = tag_owner(&call, required_text(&call, fcinfo, 0, "resource"), MACHINE_MANAGE);
	tags_add(&call, owner, tags != NULL ? parse_stored(tags) : jv_empty_object());
	api_leave(&call);
	PG_RETURN_VOID();
}

/* The elements of a text[] that are not null, as a JSON array. */
static const JsonVal *
text_array_argument(FunctionCallInfo fcinfo, int number)
{
	JvArrayBuilder list;
	Datum *elements;
	bool *nulls;
	int count = 0;

	if (!PG_ARGISNULL(number))
		deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	jv_array_begin(&list);
	for (int i = 0; i < count; i++)
	{
		if (!nulls[i])
			jv_array_add(&list, jv_string(TextDatumGetCString(elements[i])));
	}
	return jv_array_end(&list);
}

extern PGDLLEXPORT Datum sfn_untag_resource(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_untag_resource);
Datum
sfn_untag_resource(PG_FUNCTION_ARGS)
{
	ApiCall call;
	const JsonVal *keys = text_array_argument(fcinfo, 1);
	TagOwner owner;

	api_enter(&call, API_SQL, "UntagResource");
	owner = tag_owner(&call, required_text(&call, fcinfo, 0, "resource"), MACHINE_MANAGE);
	tags_delete(owner, jv_to_text(keys));
	api_leave(&call);
	PG_RETURN_VOID();
}

extern PGDLLEXPORT Datum sfn_list_tags_for_resource(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_list_tags_for_resource);
Datum
sfn_list_tags_for_resource(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ApiCall call;
	const JsonVal *tags;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, API_SQL, "ListTagsForResource");
	tags = parse_stored(tags_as_list(tag_owner(&call, required_text(&call, fcinfo, 0, "resource"), MACHINE_SEE)));
	api_leave(&call);
	for (int i = 0; i < tags->count; i++)
	{
		Datum values[2] = {CStringGetTextDatum(jv_get_string(tags->u.items[i], "key")),
						   CStringGetTextDatum(jv_get_string(tags->u.items[i], "value"))};
		bool nulls[2] = {false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- actions of sfn.api() ---- */

const JsonVal *
aws_list_tags_for_resource(const ApiCall *call, const JsonVal *request)
{
	TagOwner owner = tag_owner(call, request_string(request, "resourceArn"), MACHINE_SEE);
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "tags", parse_stored(tags_as_list(owner)));
	return jv_object_end(&answer);
}

const JsonVal *
aws_tag_resource(const ApiCall *call, const JsonVal *request)
{
	tags_add(call, tag_owner(call, request_string(request, "resourceArn"), MACHINE_MANAGE),
			 request_value(request, "tags"));
	return jv_empty_object();
}

const JsonVal *
aws_untag_resource(const ApiCall *call, const JsonVal *request)
{
	const JsonVal *keys = request_value(request, "tagKeys");

	for (int i = 0; i < keys->count; i++)
	{
		if (keys->u.items[i]->type != JV_STRING)
			api_error(call, API_SERIALIZATION, "The member 'tagKeys' of UntagResource must be a list of strings", NULL);
	}
	tags_delete(tag_owner(call, request_string(request, "resourceArn"), MACHINE_MANAGE), jv_to_text(keys));
	return jv_empty_object();
}
