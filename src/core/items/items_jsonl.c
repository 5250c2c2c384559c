/*
 * items_jsonl.c
 *	  JSON Lines: each line is an item, blank lines are passed over.
 *
 * A line that lies within the bytes at hand is parsed where it is; only one that
 * is cut is put together in a buffer.
 */
#include "items/item_reader_private.h"

typedef struct JsonLines
{
	StringInfoData begun; /* a line of which not all is there */
	int64 line;           /* number of the line that is read */
} JsonLines;

static void *
jsonl_begin(const ItemReaderConfig *config)
{
	JsonLines *lines = palloc0(sizeof(JsonLines));

	initStringInfo(&lines->begun);
	return lines;
}

static bool
is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	}
	return true;
}

static bool
jsonl_line(ItemReader *reader, const char *text, size_t length, SfnError *error)
{
	JsonLines *lines = reader->state;

	lines->line++;
	return is_blank(text, length) || item_emit_text(reader, text, length, NULL, "Line", lines->line, error);
}

static bool
jsonl_feed(ItemReader *reader, const char *data, size_t length, SfnError *error)
{
	JsonLines *lines = reader->state;
	const char *end = data + length;

	while (data < end && !reader->is_done)
	{
		const char *newline = memchr(data, '\n', end - data);
		size_t part = (newline != NULL ? newline : end) - data;
		const char *text = data;
		size_t text_length = part;

		if (!item_check_size(lines->begun.len + part, error))
			return false;
		if (newline == NULL || lines->begun.len > 0)
		{
			appendBinaryStringInfo(&lines->begun, data, (int) part);
			text = lines->begun.data;
			text_length = lines->begun.len;
		}
		if (newline == NULL)
			return true;
		data = newline + 1;
		lines->begun.len = 0; /* the text stays until more is added */
		if (!jsonl_line(reader, text, text_length, error))
			return false;
		SFN_CHECK_INTERRUPTS();
	}
	return true;
}

static bool
jsonl_end(ItemReader *reader, SfnError *error)
{
	JsonLines *lines = reader->state;

	return lines->begun.len == 0 || jsonl_line(reader, lines->begun.data, lines->begun.len, error);
}

const ItemFormat item_format_jsonl = {.begin = jsonl_begin, .feed = jsonl_feed, .end = jsonl_end};
