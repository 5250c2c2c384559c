/*
 * item_source_manifest.c
 *	  Objects that name others, in which the items are: manifests of S3 Inventory and of Athena's UNLOAD.
 *
 * An inventory's manifest is JSON: the bucket and keys of CSV files without a header, and the names
 * of their columns.  Athena's has one line for each file, "s3://bucket/key".  The manifest is held
 * as a whole, the files are streamed.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/error.h"
#include "base/utf8.h"
#include "services/items/item_source_kinds.h"
#include "services/objects/objects.h"

#define MAX_MANIFEST_BYTES (64 * 1024 * 1024)

static bool read_inventory(ItemReading *reading, const char *text, int length);
static bool read_unloaded(ItemReading *reading, char *text);

static const char *
config_string(const ItemReading *reading, const char *name)
{
	const char *value = jv_get_string(reading->source->reader_config, name);

	return value != NULL ? value : "";
}

bool
item_source_is_manifest(const ItemReading *reading)
{
	return strcmp(config_string(reading, "InputType"), "MANIFEST") == 0 ||
		config_string(reading, "ManifestType")[0] != '\0';
}

/* An ObjectDataSink: the bytes together. */
static bool
append_data(void *arg, const char *data, Size length, SfnError *error)
{
	StringInfo all = arg;

	if ((Size) all->len + length > MAX_MANIFEST_BYTES)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "The manifest is larger than 64 MB.");
	appendBinaryStringInfo(all, data, (int) length);
	return true;
}

bool
item_source_manifest(ItemReading *reading, const char *bucket, const char *key)
{
	StringInfoData manifest;

	initStringInfo(&manifest);
	if (!object_get(bucket, key, NULL, reading->source->role, append_data, &manifest, reading->error))
		return false;
	if (!utf8_is_valid(manifest.data, manifest.len) || strlen(manifest.data) != (size_t) manifest.len)
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED, "The manifest is not valid UTF-8 text.");
	if (strcmp(config_string(reading, "ManifestType"), "ATHENA_DATA") == 0)
		return read_unloaded(reading, manifest.data);
	return read_inventory(reading, manifest.data, manifest.len);
}

/* ---- S3 Inventory ---- */

static bool
fail_inventory(ItemReading *reading)
{
	return sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
					 "The manifest is none of an S3 Inventory in CSV format.");
}

/* How the files of an inventory are to be read: "Bucket, Key, Size" are the names of their columns. */
static const JsonVal *
inventory_config(const char *schema)
{
	JvArrayBuilder headers;
	JvObjectBuilder config;

	jv_array_begin(&headers);
	for (const char *name = schema; *name != '\0';)
	{
		size_t length = strcspn(name, ", ");

		if (length > 0)
			jv_array_add(&headers, jv_string_n(name, (int) length));
		name += length + strspn(name + length, ", ");
	}
	jv_object_begin(&config);
	jv_object_add(&config, "InputType", jv_string("CSV"));
	jv_object_add(&config, "CSVHeaderLocation", jv_string("GIVEN"));
	jv_object_add(&config, "CSVHeaders", jv_array_end(&headers));
	return jv_object_end(&config);
}

static bool
read_inventory(ItemReading *reading, const char *text, int length)
{
	JvParseError problem;
	const JsonVal *manifest = jv_parse(text, length, &problem);
	const JsonVal *files = jv_get(manifest, "files");
	const char *format = jv_get_string(manifest, "fileFormat");
	const char *schema = jv_get_string(manifest, "fileSchema");
	const char *bucket = jv_get_string(manifest, "destinationBucket");
	const JsonVal *config;

	if (!jv_is(files, JV_ARRAY) || format == NULL || strcmp(format, "CSV") != 0 || schema == NULL || bucket == NULL)
		return fail_inventory(reading);
	if (strrchr(bucket, ':') != NULL) /* arn:aws:s3:::bucket */
		bucket = strrchr(bucket, ':') + 1;
	config = inventory_config(schema);
	for (int i = 0; i < files->count && !item_source_has_enough(reading); i++)
	{
		const char *key = jv_get_string(files->u.items[i], "key");

		CHECK_FOR_INTERRUPTS();
		if (key == NULL)
			return fail_inventory(reading);
		if (!item_source_read_one_of(reading, bucket, key, config))
			return false;
	}
	return true;
}

/* ---- Athena ---- */

/* Reads the file that a line names; text is cut apart. */
static bool
read_line(ItemReading *reading, char *line)
{
	char *bucket = line + strlen("s3://");
	char *slash = strncmp(line, "s3://", strlen("s3://")) == 0 ? strchr(bucket, '/') : NULL;

	if (slash == NULL)
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
						 "The manifest has a line that is not s3://bucket/key.");
	*slash = '\0';
	return item_source_read_one_of(reading, bucket, slash + 1, reading->source->reader_config);
}

static bool
read_unloaded(ItemReading *reading, char *text)
{
	for (char *line = text; *line != '\0' && !item_source_has_enough(reading);)
	{
		size_t length = strcspn(line, "\r\n");
		char *rest = line + length + strspn(line + length, "\r\n");

		CHECK_FOR_INTERRUPTS();
		line[length] = '\0';
		if (length > 0 && !read_line(reading, line))
			return false;
		line = rest;
	}
	return true;
}
