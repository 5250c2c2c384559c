/*
 * items_csv.c
 *	  CSV: each row is an item, an object of strings named by the header.
 *
 * Quotes allow delimiters and ends of lines in a field, two of them are one.  A
 * backslash escapes a backslash, a quote and the delimiter, and vanishes before
 * anything else.  Missing fields are empty, surplus ones are dropped.  A row ends
 * with LF, CRLF or CR; empty lines are passed over, a line of blanks is a row.
 */
#include "items/item_reader_private.h"


typedef enum CsvPlace
{
	AT_ROW_START,
	AT_FIELD_START,
	IN_FIELD, /* without quotes, or behind the closing one */
	IN_QUOTES,
	AT_QUOTE /* a quote within quotes: the closing one, or the first of two */
} CsvPlace;

/* Texts one behind the other, and where each ends. */
typedef struct CsvFields
{
	StringInfoData text;
	int *ends;
	int count;
	int capacity;
} CsvFields;

typedef struct CsvReader
{
	char delimiter;
	bool is_special[256]; /* bytes that are not simply text of a field */
	CsvPlace place;
	bool is_escaped;   /* behind a backslash */
	bool is_behind_cr; /* a LF belongs to the end of the row before */
	bool has_header;
	bool takes_field; /* the field at hand has a name */
	int64 row;        /* number of the row that is read */
	size_t row_bytes; /* as written */
	CsvFields header;
	CsvFields fields; /* of the row at hand */
} CsvReader;

static bool csv_row_end(ItemReader *reader, SfnError *error);
static bool header_is_unique(const CsvFields *header);
static bool emit_row(ItemReader *reader, CsvReader *csv, SfnError *error);

/* ---- fields ---- */

static void
fields_begin(CsvFields *fields)
{
	initStringInfo(&fields->text);
	fields->capacity = 16;
	fields->ends = palloc(fields->capacity * sizeof(int));
	fields->count = 0;
}

static void
fields_add_end(CsvFields *fields)
{
	if (fields->count == fields->capacity)
	{
		fields->capacity *= 2;
		fields->ends = repalloc(fields->ends, fields->capacity * sizeof(int));
	}
	fields->ends[fields->count++] = fields->text.len;
}

static const char *
field_text(const CsvFields *fields, int i, int *length)
{
	int start = i > 0 ? fields->ends[i - 1] : 0;

	*length = fields->ends[i] - start;
	return fields->text.data + start;
}

static void *
csv_begin(const ItemReaderConfig *config)
{
	CsvReader *csv = palloc0(sizeof(CsvReader));

	csv->delimiter = config->delimiter;
	for (const char *c = "\"\\\r\n"; *c != '\0'; c++)
		csv->is_special[(unsigned char) *c] = true;
	csv->is_special[(unsigned char) csv->delimiter] = true;
	csv->takes_field = true;
	fields_begin(&csv->header);
	fields_begin(&csv->fields);
	csv->has_header = config->headers_given;
	for (int i = 0; config->headers_given && i < config->headers->count; i++)
	{
		const JsonVal *name = config->headers->u.items[i];

		appendBinaryStringInfo(&csv->header.text, name->u.text, name->count);
		fields_add_end(&csv->header);
	}
	return csv;
}

/* ---- bytes ---- */

static void
add_text(CsvReader *csv, const char *text, size_t length)
{
	if (csv->takes_field)
		appendBinaryStringInfo(&csv->fields.text, text, (int) length);
	if (csv->place != IN_QUOTES)
		csv->place = IN_FIELD;
}

static void
end_field(CsvReader *csv)
{
	if (csv->takes_field)
		fields_add_end(&csv->fields);
	csv->takes_field = !csv->has_header || csv->fields.count < csv->header.count;
	csv->place = AT_FIELD_START;
}

/* A quote that no backslash escapes. */
static void
take_quote(CsvReader *csv)
{
	switch (csv->place)
	{
		case AT_ROW_START:
		case AT_FIELD_START:
			csv->place = IN_QUOTES;
			break;
		case IN_QUOTES:
			csv->place = AT_QUOTE;
			break;
		case AT_QUOTE:
			add_text(csv, "\"", 1);
			csv->place = IN_QUOTES;
			break;
		case IN_FIELD:
			add_text(csv, "\"", 1);
			break;
	}
}

/* An end of line outside quotes. */
static bool
take_line_end(ItemReader *reader, CsvReader *csv, char c, SfnError *error)
{
	bool is_second = (c == '\n' && csv->is_behind_cr);

	csv->is_behind_cr = (c == '\r');
	if (is_second || csv->place == AT_ROW_START)
	{
		csv->row_bytes = 0;
		return true;
	}
	end_field(csv);
	return csv_row_end(reader, error);
}

/* A byte that may mean something. */
static bool
take_special(ItemReader *reader, CsvReader *csv, char c, SfnError *error)
{
	bool was_escaped = csv->is_escaped;

	csv->is_escaped = false;
	if (was_escaped && (c == '\\' || c == '"' || c == csv->delimiter))
		add_text(csv, &c, 1);
	else if (c == '\\')
	{
		csv->is_escaped = true;
		if (csv->place != IN_QUOTES)
			csv->place = IN_FIELD;
	}
	else if (c == '"')
		take_quote(csv);
	else if (csv->place == IN_QUOTES)
		add_text(csv, &c, 1);
	else if (c == csv->delimiter)
		end_field(csv);
	else
		return take_line_end(reader, csv, c, error);
	csv->is_behind_cr = false;
	return true;
}

static bool
check_row_size(const CsvReader *csv, SfnError *error)
{
	if (!csv->has_header && csv->row_bytes > MAX_HEADER_BYTES)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "CSV headers cannot be larger than 10 KiB.");
	return item_check_size(csv->row_bytes, error);
}

static bool
csv_feed(ItemReader *reader, const char *data, size_t length, SfnError *error)
{
	CsvReader *csv = reader->state;
	const char *end = data + length;

	while (data < end && !reader->is_done)
	{
		const char *run = data;

		while (data < end && !csv->is_special[(unsigned char) *data])
			data++;
		csv->row_bytes += data - run;
		if (!check_row_size(csv, error))
			return false;
		if (data > run)
		{
			csv->is_escaped = false;
			csv->is_behind_cr = false;
			add_text(csv, run, data - run);
		}
		if (data == end)
			return true;
		csv->row_bytes++;
		if (!take_special(reader, csv, *data++, error))
			return false;
		SFN_CHECK_INTERRUPTS();
	}
	return true;
}

static bool
csv_end(ItemReader *reader, SfnError *error)
{
	CsvReader *csv = reader->state;

	if (csv->place == IN_QUOTES)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The CSV text ends within a quoted field of row " INT64_FORMAT ".", csv->row + 1);
	if (csv->place == AT_ROW_START)
		return true;
	end_field(csv);
	return csv_row_end(reader, error);
}

/* ---- rows ---- */

static void
next_row(CsvReader *csv)
{
	resetStringInfo(&csv->fields.text);
	csv->fields.count = 0;
	csv->row_bytes = 0;
	csv->takes_field = true;
	csv->place = AT_ROW_START;
}

static bool
csv_row_end(ItemReader *reader, SfnError *error)
{
	CsvReader *csv = reader->state;

	csv->row++;
	if (!check_row_size(csv, error))
		return false;
	if (!item_text_is_valid(csv->fields.text.data, csv->fields.text.len))
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "Row " INT64_FORMAT " of the CSV text is not valid UTF-8 text.", csv->row);
	if (csv->has_header)
		return emit_row(reader, csv, error);

	if (!header_is_unique(&csv->fields))
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "CSV headers cannot contain duplicates.");
	{
		CsvFields header = csv->fields;

		csv->fields = csv->header;
		csv->header = header;
	}
	csv->has_header = true;
	next_row(csv);
	return true;
}

static bool
header_is_unique(const CsvFields *header)
{
	JvObjectBuilder names;

	jv_object_begin(&names);
	for (int i = 0; i < header->count; i++)
	{
		int length;
		const char *name = field_text(header, i, &length);

		jv_object_add_n(&names, name, length, jv_null());
	}
	return jv_object_end(&names)->count == header->count;
}

static bool
emit_row(ItemReader *reader, CsvReader *csv, SfnError *error)
{
	JvObjectBuilder item;

	jv_object_begin(&item);
	for (int i = 0; i < csv->header.count; i++)
	{
		int name_length;
		const char *name = field_text(&csv->header, i, &name_length);
		int length = 0;
		const char *text = i < csv->fields.count ? field_text(&csv->fields, i, &length) : "";

		jv_object_add_n(&item, name, name_length, jv_string_n(text, length));
	}
	next_row(csv);
	return item_emit(reader, jv_object_end(&item), NULL, error);
}

const ItemFormat item_format_csv = {.begin = csv_begin, .feed = csv_feed, .end = csv_end};
