/*
 * item_source_objects.c
 *	  S3 objects as sources of items: the content of one, a list, the content of all in a list.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "base/error.h"
#include "services/items/item_source_kinds.h"
#include "services/objects/objects.h"
#include "services/objects/unpack.h"

/* ---- one object ---- */

bool
item_source_read_object(ItemReading *reading, const char *bucket, const char *key, const char *version,
						const JsonVal *reader_config)
{
	const Packing *packing = packing_of(key);
	Oid role = reading->source->role;
	ItemFeed feed;
	void *unpacking;

	if (!item_feed_begin(&feed, reading, reader_config, psprintf("S3://%s/%s", bucket, key)))
		return false;
	if (packing == NULL)
		return object_get(bucket, key, version, role, item_feed_data, &feed, reading->error) && item_feed_end(&feed);
	unpacking = packing->begin(item_feed_data, &feed);
	return object_get(bucket, key, version, role, packing->data, unpacking, reading->error) &&
		(item_reader_is_done(feed.reader) || packing->end(unpacking, reading->error)) && item_feed_end(&feed);
}

bool
item_source_read_one_of(ItemReading *reading, const char *bucket, const char *key, const JsonVal *reader_config)
{
	SfnError *error = reading->error;

	if (item_source_read_object(reading, bucket, key, NULL, reader_config))
		return true;
	if (error->name == ERROR_ITEM_READER_FAILED && strstr(error->cause, key) == NULL)
		error->cause = psprintf("In the object %s: %s", key, error->cause);
	return false;
}

bool
item_source_get_object(ItemReading *reading)
{
	const char *bucket = item_source_string(reading, "Bucket");
	const char *key = bucket != NULL ? item_source_string(reading, "Key") : NULL;

	if (key == NULL)
		return false;
	if (item_source_is_manifest(reading))
		return item_source_manifest(reading, bucket, key);
	return item_source_read_object(reading, bucket, key, jv_get_string(reading->source->parameters, "VersionId"),
								   reading->source->reader_config);
}

/* ---- lists ---- */

typedef struct ObjectList
{
	ItemReading *reading;
	const char *bucket;
	const char *source_name;
	MemoryContext object_context; /* for reading one object */
} ObjectList;

/* The object's description is the item. */
static bool
take_description(void *arg, const JsonVal *object, SfnError *error)
{
	ObjectList *list = arg;

	return item_source_emit(list->reading, object, NULL, list->source_name) && !item_source_has_enough(list->reading);
}

/* The items are in the object. */
static bool
take_content(void *arg, const JsonVal *object, SfnError *error)
{
	ObjectList *list = arg;
	MemoryContext context = MemoryContextSwitchTo(list->object_context);
	const char *key = jv_get_string(object, "Key");
	bool is_read = item_source_read_one_of(list->reading, list->bucket, key, list->reading->source->reader_config);

	MemoryContextSwitchTo(list->reading->caller_context);
	if (!is_read && error->cause != NULL)
		error->cause = pstrdup(error->cause);
	MemoryContextSwitchTo(context);
	MemoryContextReset(list->object_context);
	return is_read && !item_source_has_enough(list->reading);
}

bool
item_source_list_objects(ItemReading *reading)
{
	const char *bucket = item_source_string(reading, "Bucket");
	const char *prefix = jv_get_string(reading->source->parameters, "Prefix");
	const char *transformation = jv_get_string(reading->source->reader_config, "Transformation");
	bool is_flattened = transformation != NULL && strcmp(transformation, "LOAD_AND_FLATTEN") == 0;
	ObjectList list = {.reading = reading, .bucket = bucket};

	if (bucket == NULL)
		return false;
	if (reading->source->max_items < 0)
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED, "field MaxItems must be positive");
	list.source_name = psprintf("S3://%s", bucket);
	list.object_context = AllocSetContextCreate(CurrentMemoryContext, "sfn item object", ALLOCSET_DEFAULT_SIZES);
	return object_list(bucket, prefix != NULL ? prefix : "", "", reading->source->role,
					   is_flattened ? take_content : take_description, &list, reading->error);
}
