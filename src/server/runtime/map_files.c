/*
 * map_files.c
 *	  The results of a map run in S3 objects: files of records, and a manifest that lists them.
 */
#include "postgres.h"

#include "base/error.h"
#include "runtime/map_targets.h"
#include "services/objects/objects.h"

/* A further file is begun after so many bytes. */
#define FILE_BYTES (INT64CONST(5) * 1024 * 1024 * 1024)

typedef enum ResultKind
{
	RESULT_SUCCEEDED,
	RESULT_FAILED,
	RESULT_PENDING,
	RESULT_KINDS
} ResultKind;

static const char *const kind_names[RESULT_KINDS] = {"SUCCEEDED", "FAILED", "PENDING"};

typedef struct MapFiles
{
	MapExport *export;
	const char *bucket;
	const char *folder; /* with a slash behind it */
	JvArrayBuilder files[RESULT_KINDS];
} MapFiles;

static bool
close_file(MapFiles *files, ResultKind kind, ObjectWriter *writer, const char *key)
{
	int64 size;
	JvObjectBuilder file;

	if (!files->export->results->is_lines && !object_put_write(writer, "]", 1, &files->export->error))
		return false;
	size = object_put_end(writer, &files->export->error);
	if (size < 0)
		return false;
	jv_object_begin(&file);
	map_results_add_text(&file, "Key", key);
	jv_object_add(&file, "Size", jv_int(size));
	jv_array_add(&files->files[kind], jv_object_end(&file));
	return true;
}

static bool
is_of_kind(const MapResult *result, ResultKind kind)
{
	switch (kind)
	{
		case RESULT_SUCCEEDED:
			return result->status == EXECUTION_SUCCEEDED;
		case RESULT_FAILED:
			return result->status > EXECUTION_SUCCEEDED;
		default:
			return result->status == 0;
	}
}

/* One kind's files; *next is where it goes on, for the next file. */
static bool
write_file(MapFiles *files, ResultKind kind, int number, int64 *next, bool *is_end)
{
	MemoryContext context = CurrentMemoryContext;
	MapResults *results = files->export->results;
	const char *key =
		psprintf("%s%s_%d.%s", files->folder, kind_names[kind], number, results->is_lines ? "jsonl" : "json");
	Oid role = results->running->cached->role;
	ObjectWriter *writer = NULL;
	bool is_first = true;
	int64 bytes = 0;
	MapResult *page;
	int count;

	while (bytes < FILE_BYTES && (count = map_results_page(results, kind == RESULT_PENDING, *next, &page)) > 0)
	{
		StringInfoData out;

		initStringInfo(&out);
		for (int i = 0; i < count; i++)
		{
			if (!is_of_kind(&page[i], kind))
				continue;
			map_results_append(results, &out, &page[i], &is_first);
			files->export->records++;
		}
		*next = page[count - 1].index + 1;
		MemoryContextSwitchTo(context);
		if (out.len == 0)
			continue;
		if (writer == NULL)
		{
			writer = object_put_begin(files->bucket, key, role, &files->export->error);
			if (writer == NULL || (!results->is_lines && !object_put_write(writer, "[", 1, &files->export->error)))
				return false;
		}
		if (!object_put_write(writer, out.data, out.len, &files->export->error))
			return false;
		bytes += out.len;
	}
	MemoryContextSwitchTo(context);
	*is_end = bytes < FILE_BYTES;
	return writer == NULL || close_file(files, kind, writer, key);
}

static bool
write_kind(MapFiles *files, ResultKind kind)
{
	int64 next = 0;
	bool is_end = false;

	for (int number = 0; !is_end; number++)
	{
		if (!write_file(files, kind, number, &next, &is_end))
			return false;
	}
	return true;
}

/* Which files there are, beside them. */
static bool
write_manifest(MapFiles *files)
{
	MapExport *export = files->export;
	const char *key = psprintf("%smanifest.json", files->folder);
	const char *text;
	JvObjectBuilder manifest;
	JvObjectBuilder lists;
	JvObjectBuilder details;
	ObjectWriter *writer;

	jv_object_begin(&lists);
	jv_object_add(&lists, "FAILED", jv_array_end(&files->files[RESULT_FAILED]));
	jv_object_add(&lists, "PENDING", jv_array_end(&files->files[RESULT_PENDING]));
	jv_object_add(&lists, "SUCCEEDED", jv_array_end(&files->files[RESULT_SUCCEEDED]));
	jv_object_begin(&manifest);
	map_results_add_text(&manifest, "DestinationBucket", files->bucket);
	map_results_add_text(&manifest, "MapRunArn", map_results_arn(export->results));
	jv_object_add(&manifest, "ResultFiles", jv_object_end(&lists));
	text = jv_to_text(jv_object_end(&manifest));

	writer = object_put_begin(files->bucket, key, export->results->running->cached->role, &export->error);
	if (writer == NULL || !object_put_write(writer, text, strlen(text), &export->error) ||
		object_put_end(writer, &export->error) < 0)
		return false;

	jv_object_begin(&details);
	map_results_add_text(&details, "Bucket", files->bucket);
	map_results_add_text(&details, "Key", key);
	export->details = jv_object_end(&details);
	return true;
}

/* "<Prefix>/<name>/", after a redrive "<Prefix>/<name>/Redrive-1/". */
static const char *
export_folder(const MapRunRow *run, const char *prefix)
{
	StringInfoData folder;

	initStringInfo(&folder);
	if (prefix != NULL && prefix[0] != '\0')
		appendStringInfo(&folder, "%s%s", prefix, prefix[strlen(prefix) - 1] == '/' ? "" : "/");
	appendStringInfo(&folder, "%s/", run->name);
	if (run->redrive_count > 0)
		appendStringInfo(&folder, "Redrive-%d/", run->redrive_count);
	return folder.data;
}

bool
map_target_put_object(MapExport *export)
{
	MapFiles files = {.export = export,
					  .bucket = jv_get_string(export->parameters, "Bucket"),
					  .folder = export_folder(export->results->run, jv_get_string(export->parameters, "Prefix"))};

	if (files.bucket == NULL)
		return sfn_error(&export->error, ERROR_RESULT_WRITER_FAILED, "The ResultWriter names no Bucket.");
	for (int kind = 0; kind < RESULT_KINDS; kind++)
		jv_array_begin(&files.files[kind]);
	for (int kind = 0; kind < RESULT_KINDS; kind++)
	{
		if (!write_kind(&files, (ResultKind) kind))
			return false;
	}
	return write_manifest(&files);
}
