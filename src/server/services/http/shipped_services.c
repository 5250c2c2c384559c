/*
 * shipped_services.c
 *	  The AWS services that come with sfn: a file beside the extension's script, a row in each line.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "aws/model.h"
#include "services/http/shipped_services.h"

#define FILE_NAME "sfn-services.jsonl"
#define BEGINNING "{\"prefix\":\""
#define MAX_FILE (64 * 1024 * 1024)

typedef struct ShippedLine
{
	char *name; /* of the service */
	long start; /* in the file */
	int length;
} ShippedLine;

/* What stands where in the file, as this process has found it. */
static ShippedLine *lines = NULL;
static int line_count = 0;

/*
 * The directories in which the server looks for scripts of extensions, joined by colons: of PostgreSQL 18 a setting, of
 * Debian's one that stands before the usual directory, else that one only.
 */
static char *
extension_directories(const char *share)
{
	const char *control_path = GetConfigOption("extension_control_path", true, false);
	const char *destination = GetConfigOption("extension_destdir", true, false);

	if (control_path != NULL && control_path[0] != '\0')
		return psprintf("%s:%s", control_path, share);
	if (destination != NULL && destination[0] != '\0')
		return psprintf("%s%s:%s", destination, share, share);
	return pstrdup(share);
}

/* Where the extension's script is, there is this file, too; the last place is the usual one. */
static FILE *
open_file(void)
{
	char share[MAXPGPATH];
	char *path = NULL;
	FILE *file = NULL;
	char *rest;

	get_share_path(my_exec_path, share);
	rest = extension_directories(share);
	for (char *directory; file == NULL && (directory = strsep(&rest, ":")) != NULL;)
	{
		path = psprintf("%s/extension/" FILE_NAME, strcmp(directory, "$system") == 0 ? share : directory);
		file = AllocateFile(path, "rb");
	}
	if (file == NULL)
		ereport(WARNING, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", path)));
	return file;
}

/* From there on, at most so many bytes. */
static char *
read_part(FILE *file, long start, int length)
{
	char *text = palloc0(length + 1);

	if (fseek(file, start, SEEK_SET) != 0 || fread(text, 1, length, file) != (size_t) length)
		text[0] = '\0';
	return text;
}

/* Of the line's service; NULL: it is none of ours. */
static char *
name_in_line(const char *line)
{
	const char *prefix = line + strlen(BEGINNING);

	if (strncmp(line, BEGINNING, strlen(BEGINNING)) != 0)
		return NULL;
	return aws_service_name(pnstrdup(prefix, strcspn(prefix, "\"")));
}

static void
add_line(const char *name, long start, int length)
{
	MemoryContext caller_context = MemoryContextSwitchTo(TopMemoryContext);

	lines = lines == NULL ? palloc(sizeof(ShippedLine)) : repalloc(lines, sizeof(ShippedLine) * (line_count + 1));
	lines[line_count++] = (ShippedLine){.name = pstrdup(name), .start = start, .length = length};
	MemoryContextSwitchTo(caller_context);
}

static void
forget_lines(void)
{
	for (int i = 0; i < line_count; i++)
		pfree(lines[i].name);
	line_count = 0;
}

static void
find_lines(FILE *file)
{
	char *text;
	long size;

	forget_lines();
	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || size > MAX_FILE)
		return;
	text = read_part(file, 0, (int) size);
	for (const char *line = text; *line != '\0';)
	{
		int length = (int) strcspn(line, "\n");
		char *name = name_in_line(line);

		if (name != NULL)
			add_line(name, line - text, length);
		line += length + (line[length] == '\n');
	}
	pfree(text);
}

/* NULL: the file has changed, or cannot be read. */
static const JsonVal *
read_line(FILE *file, const ShippedLine *at)
{
	char *line = read_part(file, at->start, at->length);
	char *name = name_in_line(line);
	JvParseError not_json;

	return name != NULL && strcmp(name, at->name) == 0 ? jv_parse(line, at->length, &not_json) : NULL;
}

static const ShippedLine *
line_of(const char *name)
{
	for (int i = 0; i < line_count; i++)
	{
		if (strcmp(lines[i].name, name) == 0)
			return &lines[i];
	}
	return NULL;
}

const JsonVal *
shipped_service(const char *name)
{
	FILE *file;
	const JsonVal *row = NULL;

	if (line_count > 0 && line_of(name) == NULL)
		return NULL;
	file = open_file();
	if (file == NULL)
		return NULL;
	for (int looks = 0; row == NULL && looks < 2; looks++)
	{
		if (line_count == 0 || looks > 0)
			find_lines(file);
		if (line_of(name) != NULL)
			row = read_line(file, line_of(name));
	}
	FreeFile(file);
	return row;
}

int
shipped_service_names(const char ***names)
{
	FILE *file = line_count == 0 ? open_file() : NULL;

	if (file != NULL)
	{
		find_lines(file);
		FreeFile(file);
	}
	*names = palloc(sizeof(char *) * (line_count + 1));
	for (int i = 0; i < line_count; i++)
		(*names)[i] = pstrdup(lines[i].name);
	return line_count;
}

const JsonVal *
shipped_services(void)
{
	const char **names;
	int count = shipped_service_names(&names);
	JvArrayBuilder all;

	jv_array_begin(&all);
	for (int i = 0; i < count; i++)
	{
		const JsonVal *row = shipped_service(names[i]);
		JvObjectBuilder out;

		CHECK_FOR_INTERRUPTS();
		if (row == NULL)
			continue;
		jv_object_begin(&out);
		jv_object_add(&out, "name", jv_string(names[i]));
		jv_object_add(&out, "prefix", jv_get(row, "prefix"));
		jv_object_add(&out, "protocol", jv_get(row, "proto"));
		jv_object_add(&out, "operations", jv_int(jv_get(row, "ops")->count));
		jv_array_add(&all, jv_object_end(&out));
	}
	return jv_array_end(&all);
}
