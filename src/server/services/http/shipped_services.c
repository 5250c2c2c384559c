/*
 * shipped_services.c
 *	  The AWS services that come with sfn: a file beside the extension's script, a row in each line.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/fd.h"

#include "aws/model.h"
#include "services/http/shipped_services.h"

#define FILE_NAME "sfn-services.jsonl"
#define BEGINNING "{\"prefix\":\""

/* The text of the file; "" when it cannot be read. */
static char *
read_file(void)
{
	char share[MAXPGPATH];
	char *path;
	FILE *file;
	StringInfoData text;
	size_t count;

	get_share_path(my_exec_path, share);
	path = psprintf("%s/extension/" FILE_NAME, share);
	initStringInfo(&text);
	file = AllocateFile(path, "rb");
	if (file == NULL)
	{
		ereport(WARNING, (errcode_for_file_access(), errmsg("could not open file \"%s\": %m", path)));
		return text.data;
	}
	do
	{
		enlargeStringInfo(&text, 64 * 1024);
		count = fread(text.data + text.len, 1, 64 * 1024, file);
		text.len += (int) count;
	} while (count > 0);
	text.data[text.len] = '\0';
	FreeFile(file);
	return text.data;
}

/* The next line and the name of its service; false: there is none. */
static bool
next_line(char **at, const char **line, int *length, char **name)
{
	if (**at == '\0' || strncmp(*at, BEGINNING, strlen(BEGINNING)) != 0)
		return false;
	*line = *at;
	*length = (int) strcspn(*at, "\n");
	*name = aws_service_name(pnstrdup(*at + strlen(BEGINNING), strcspn(*at + strlen(BEGINNING), "\"")));
	*at += *length + ((*at)[*length] == '\n');
	return true;
}

const JsonVal *
shipped_service(const char *name)
{
	char *at = read_file();
	const char *line;
	int length;
	char *found;
	JvParseError not_json;

	while (next_line(&at, &line, &length, &found))
	{
		if (strcmp(found, name) == 0)
			return jv_parse(line, length, &not_json);
	}
	return NULL;
}

const JsonVal *
shipped_services(void)
{
	char *at = read_file();
	const char *line;
	int length;
	char *name;
	JvArrayBuilder all;

	jv_array_begin(&all);
	while (next_line(&at, &line, &length, &name))
	{
		JvParseError not_json;
		const JsonVal *row = jv_parse(line, length, &not_json);
		JvObjectBuilder out;

		CHECK_FOR_INTERRUPTS();
		if (row == NULL)
			continue;
		jv_object_begin(&out);
		jv_object_add(&out, "name", jv_string(name));
		jv_object_add(&out, "prefix", jv_get(row, "prefix"));
		jv_object_add(&out, "protocol", jv_get(row, "proto"));
		jv_object_add(&out, "operations", jv_int(jv_get(row, "ops")->count));
		jv_array_add(&all, jv_object_end(&out));
	}
	return jv_array_end(&all);
}
