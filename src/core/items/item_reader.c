/*
 * item_reader.c
 *	  What the readers of all formats have in common: configuration, byte order mark, MaxItems.
 */
#include "items/item_reader_private.h"

#include "base/utf8.h"

#define MAX_POINTER_LENGTH 2000


static const char byte_order_mark[] = "\xEF\xBB\xBF";
#define MARK_LENGTH 3
#define MARK_IS_PAST (MARK_LENGTH + 1)

static const ItemFormat *const formats[] = {
	[ITEMS_CSV] = &item_format_csv,
	[ITEMS_JSON] = &item_format_json,
	[ITEMS_JSONL] = &item_format_jsonl,
};

static const struct
{
	const char *name;
	ItemInputType type;
} input_types[] = {{"CSV", ITEMS_CSV}, {"JSON", ITEMS_JSON}, {"JSONL", ITEMS_JSONL}};

static const struct
{
	const char *name;
	char delimiter;
} delimiters[] = {{"COMMA", ','}, {"PIPE", '|'}, {"SEMICOLON", ';'}, {"SPACE", ' '}, {"TAB", '\t'}};

static bool config_input_type(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error);
static bool config_csv(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error);
static bool config_headers(const JsonVal *headers, SfnError *error);
static bool config_pointer(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error);

/* ---- configuration ---- */

bool
item_reader_config(const JsonVal *reader_config, int64 max_items, ItemReaderConfig *config, SfnError *error)
{
	memset(config, 0, sizeof(ItemReaderConfig));
	config->delimiter = ',';
	config->items_pointer = "";
	if (max_items < 0)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "field MaxItems must be positive");
	config->max_items = Min(max_items, ITEMS_MAX_COUNT);
	if (!config_input_type(reader_config, config, error))
		return false;
	if (config->input_type == ITEMS_CSV)
		return config_csv(reader_config, config, error);
	return config->input_type != ITEMS_JSON || config_pointer(reader_config, config, error);
}

static bool
config_input_type(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error)
{
	const char *name = jv_get_string(reader_config, "InputType");

	if (name == NULL)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The field 'InputType' of ReaderConfig is required: CSV, JSON or JSONL.");
	for (int i = 0; i < (int) lengthof(input_types); i++)
	{
		if (strcmp(input_types[i].name, name) == 0)
		{
			config->input_type = input_types[i].type;
			return true;
		}
	}
	return sfn_error(error, ERROR_ITEM_READER_FAILED,
					 "The InputType %s cannot be read here. Items can be read as CSV, JSON or JSONL.", name);
}

static bool
config_csv(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error)
{
	const char *delimiter = jv_get_string(reader_config, "CSVDelimiter");
	const char *location = jv_get_string(reader_config, "CSVHeaderLocation");
	bool is_known = (delimiter == NULL);

	for (int i = 0; i < (int) lengthof(delimiters) && !is_known; i++)
	{
		is_known = strcmp(delimiters[i].name, delimiter) == 0;
		if (is_known)
			config->delimiter = delimiters[i].delimiter;
	}
	if (!is_known)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The CSVDelimiter %s is none of COMMA, PIPE, SEMICOLON, SPACE, TAB.", delimiter);
	if (location != NULL && strcmp(location, "FIRST_ROW") == 0)
		return true;
	if (location == NULL || strcmp(location, "GIVEN") != 0)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The field 'CSVHeaderLocation' of ReaderConfig must be FIRST_ROW or GIVEN.");
	config->headers_given = true;
	config->headers = jv_get(reader_config, "CSVHeaders");
	return config_headers(config->headers, error);
}

/* Given headers: strings, all different, not too long. */
static bool
config_headers(const JsonVal *headers, SfnError *error)
{
	int64 bytes = 0;
	JvObjectBuilder names;

	if (!jv_is(headers, JV_ARRAY) || headers->count == 0)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The field 'CSVHeaders' of ReaderConfig must be an array of strings.");
	jv_object_begin(&names);
	for (int i = 0; i < headers->count; i++)
	{
		const JsonVal *header = headers->u.items[i];

		if (header->type != JV_STRING)
			return sfn_error(error, ERROR_ITEM_READER_FAILED,
							 "The field 'CSVHeaders' of ReaderConfig must be an array of strings.");
		bytes += header->count + 1;
		if (bytes > MAX_HEADER_BYTES)
			return sfn_error(error, ERROR_ITEM_READER_FAILED, "CSV headers cannot be larger than 10 KiB.");
		jv_object_add_n(&names, header->u.text, header->count, jv_null());
	}
	if (jv_object_end(&names)->count < headers->count)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "CSV headers cannot contain duplicates.");
	return true;
}

static bool
config_pointer(const JsonVal *reader_config, ItemReaderConfig *config, SfnError *error)
{
	const JsonVal *pointer = jv_get(reader_config, "ItemsPointer");

	if (pointer == NULL)
		return true;
	if (pointer->type != JV_STRING || pointer->count >= MAX_POINTER_LENGTH ||
		(pointer->count > 0 && pointer->u.text[0] != '/'))
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The field 'ItemsPointer' of ReaderConfig must be a JSON Pointer of less than %d characters.",
						 MAX_POINTER_LENGTH);
	for (const char *c = strchr(pointer->u.text, '~'); c != NULL; c = strchr(c + 1, '~'))
	{
		if (c[1] != '0' && c[1] != '1')
			return sfn_error(error, ERROR_ITEM_READER_FAILED,
							 "The ItemsPointer '%s' is no JSON Pointer: '~' must be followed by 0 or 1.",
							 pointer->u.text);
	}
	config->items_pointer = pointer->u.text;
	return true;
}

/* ---- reading ---- */

ItemReader *
item_reader_begin(const ItemReaderConfig *config, ItemSink sink, void *arg)
{
	ItemReader *reader = palloc0(sizeof(ItemReader));

	reader->config = *config;
	reader->format = formats[config->input_type];
	reader->sink = sink;
	reader->arg = arg;
	reader->state = reader->format->begin(&reader->config);
	return reader;
}

static bool
feed_format(ItemReader *reader, const char *data, size_t length, SfnError *error)
{
	if (length == 0 || reader->is_done)
		return true;
	if (reader->format->feed(reader, data, length, error))
		return true;
	reader->is_failed = true;
	return false;
}

/* Passes over a byte order mark; what only began like one is text. */
static bool
feed_mark(ItemReader *reader, const char **data, size_t *length, SfnError *error)
{
	int begun;

	while (*length > 0 && reader->mark_length < MARK_LENGTH && **data == byte_order_mark[reader->mark_length])
	{
		reader->mark_length++;
		(*data)++;
		(*length)--;
	}
	if (*length == 0)
		return true;
	begun = reader->mark_length < MARK_LENGTH ? reader->mark_length : 0;
	reader->mark_length = MARK_IS_PAST;
	return feed_format(reader, byte_order_mark, begun, error);
}

bool
item_reader_feed(ItemReader *reader, const char *data, size_t length, SfnError *error)
{
	Assert(!reader->is_failed);
	SFN_CHECK_INTERRUPTS();
	if (reader->mark_length != MARK_IS_PAST && !feed_mark(reader, &data, &length, error))
		return false;
	return feed_format(reader, data, length, error);
}

bool
item_reader_is_done(const ItemReader *reader)
{
	return reader->is_done;
}

bool
item_reader_end(ItemReader *reader, SfnError *error)
{
	if (reader->mark_length < MARK_LENGTH && !feed_format(reader, byte_order_mark, reader->mark_length, error))
		return false;
	return reader->is_done || reader->format->end(reader, error);
}

/* ---- for the formats ---- */

bool
item_emit(ItemReader *reader, const JsonVal *item, const char *key, SfnError *error)
{
	reader->count++;
	reader->is_done = (reader->count == reader->config.max_items);
	return reader->sink(reader->arg, item, key, error);
}

bool
item_emit_text(ItemReader *reader, const char *text, size_t length, const char *key, const char *where, int64 number,
			   SfnError *error)
{
	JvParseError problem;
	const JsonVal *item;

	if (!item_check_size(length, error))
		return false;
	if (!item_text_is_valid(text, length))
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "%s " INT64_FORMAT " is not valid UTF-8 text.", where,
						 number);
	item = jv_parse(text, (int) length, &problem);
	if (item == NULL)
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "%s " INT64_FORMAT " is not valid JSON: %s.", where, number,
						 problem.message);
	return item_emit(reader, item, key, error);
}

bool
item_check_size(size_t length, SfnError *error)
{
	return length <= ITEM_MAX_BYTES ||
		sfn_error(error, ERROR_ITEM_READER_FAILED, "An item cannot be larger than 8 MB.");
}

bool
item_text_is_valid(const char *text, size_t length)
{
	return memchr(text, '\0', length) == NULL && utf8_is_valid(text, (int) length);
}
