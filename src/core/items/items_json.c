/*
 * items_json.c
 *	  A JSON text: the items are the elements of an array, or the members of an object.
 *
 * The bytes go through a scanner that knows just enough of JSON to tell where values
 * begin and end.  It follows ItemsPointer down to the array or object that holds the
 * items; there the text of each value is handed to the parser.  What is passed over
 * on the way and behind it is checked for its structure, not for its escapes.
 *
 * Text is kept for one purpose at a time: an item, the name of a member that
 * matters, or a number or word that is passed over.  Only what is cut by the end of
 * the bytes at hand is copied.
 */
#include "items/item_reader_private.h"

typedef enum ScanState
{
	SCAN_VALUE,        /* a value must follow */
	SCAN_ARRAY_FIRST,  /* a value, or "]" */
	SCAN_OBJECT_FIRST, /* a name, or "}" */
	SCAN_NAME,
	SCAN_COLON,
	SCAN_NEXT, /* "," or the closing bracket */
	SCAN_STRING,
	SCAN_WORD, /* a number, true, false, null */
	SCAN_END   /* behind the value */
} ScanState;

typedef enum KeepPurpose
{
	KEEP_NOTHING,
	KEEP_ITEM,
	KEEP_NAME,
	KEEP_WORD
} KeepPurpose;

typedef struct JsonReader
{
	ScanState state;
	bool string_is_name;
	bool is_escaped; /* behind a backslash in a string */
	int64 offset;    /* of the bytes at hand in the text */
	int depth;       /* open arrays and objects */
	bool is_object[SFN_MAX_DEPTH];

	/* the way to the items */
	const char *pointer;
	int segment_count;
	char **segments;
	int path_depth;   /* open arrays and objects on the way */
	int64 path_index; /* of the element at hand, where the last of them is an array */
	bool is_selected; /* the next value in the last of them is on the way */
	int items_depth;  /* depth within the array or object that holds the items; 0: not found yet */
	bool items_ended;
	int64 item_number;

	KeepPurpose keeps;
	const char *kept_from; /* where the kept text begins in the bytes at hand */
	StringInfoData kept;   /* what came before them */
	StringInfoData name;   /* of the last member that matters */
} JsonReader;

static bool scan(ItemReader *reader, const char **at, const char *data, const char *end, SfnError *error);
static bool begin_value(JsonReader *json, const char *at, SfnError *error);
static bool open_container(JsonReader *json, bool is_object, SfnError *error);
static bool close_container(ItemReader *reader, const char *at, SfnError *error);
static bool end_value(ItemReader *reader, const char *end, SfnError *error);

/* ---- the pointer ---- */

/* One reference token with "~1" and "~0" undone. */
static char *
pointer_segment(const char *text, size_t length)
{
	StringInfoData segment;

	initStringInfo(&segment);
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == '~' && i + 1 < length)
			appendStringInfoChar(&segment, text[++i] == '1' ? '/' : '~');
		else
			appendStringInfoChar(&segment, text[i]);
	}
	return segment.data;
}

static void *
json_begin(const ItemReaderConfig *config)
{
	JsonReader *json = palloc0(sizeof(JsonReader));

	json->pointer = config->items_pointer;
	json->segments = palloc(sizeof(char *) * (strlen(json->pointer) + 1));
	for (const char *c = json->pointer; *c == '/';)
	{
		size_t length = strcspn(++c, "/");

		json->segments[json->segment_count++] = pointer_segment(c, length);
		c += length;
	}
	json->is_selected = true;
	initStringInfo(&json->kept);
	initStringInfo(&json->name);
	return json;
}

/* Whether the element at hand is the one that the pointer names. */
static bool
index_is_selected(const JsonReader *json)
{
	const char *segment = json->segments[json->path_depth - 1];
	char printed[24];

	snprintf(printed, sizeof(printed), INT64_FORMAT, json->path_index);
	return strcmp(segment, printed) == 0;
}

static bool
fail_not_found(const JsonReader *json, SfnError *error)
{
	return sfn_error(error, ERROR_ITEM_READER_FAILED, "The ItemsPointer '%s' does not point to an array or object.",
					 json->pointer);
}

/* ---- keeping text ---- */

static void
keep_begin(JsonReader *json, KeepPurpose purpose, const char *from)
{
	json->keeps = purpose;
	json->kept_from = from;
	json->kept.len = 0; /* not reset: the text may still be in use */
}

/* The bytes at hand end; those of the kept text are put aside. */
static bool
keep_rest(JsonReader *json, const char *end, SfnError *error)
{
	size_t length;

	if (json->keeps == KEEP_NOTHING)
		return true;
	length = end - json->kept_from;
	if (!item_check_size(json->kept.len + length, error))
		return false;
	appendBinaryStringInfo(&json->kept, json->kept_from, (int) length);
	return true;
}

/* The kept text is complete; where it stands. */
static bool
keep_end(JsonReader *json, const char *end, const char **text, size_t *length, SfnError *error)
{
	*text = json->kept_from;
	*length = end - json->kept_from;
	if (json->kept.len > 0)
	{
		if (!keep_rest(json, end, error))
			return false;
		*text = json->kept.data;
		*length = json->kept.len;
	}
	json->keeps = KEEP_NOTHING;
	json->kept.len = 0;
	return item_check_size(*length, error);
}

/* ---- the scanner ---- */

static bool
fail_here(const JsonReader *json, const char *at, const char *data, SfnError *error)
{
	return sfn_error(error, ERROR_ITEM_READER_FAILED,
					 "The text is not valid JSON: unexpected character at byte " INT64_FORMAT ".",
					 json->offset + (at - data));
}

static bool
json_feed(ItemReader *reader, const char *data, size_t length, SfnError *error)
{
	JsonReader *json = reader->state;
	const char *end = data + length;
	const char *at = data;

	json->kept_from = data;
	while (at < end && !reader->is_done)
	{
		if (!scan(reader, &at, data, end, error))
			return false;
		SFN_CHECK_INTERRUPTS();
	}
	json->offset += length;
	return reader->is_done || keep_rest(json, end, error);
}

static bool
is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
		c == '.';
}

/* Up to the end of the string or of the bytes at hand; false at a control character. */
static bool
scan_string(ItemReader *reader, const char **at, const char *end, bool *is_good, SfnError *error)
{
	JsonReader *json = reader->state;
	const char *c = *at;

	*is_good = true;
	for (; c < end; c++)
	{
		if (json->is_escaped)
			json->is_escaped = false;
		else if (*c == '"')
		{
			*at = c + 1;
			if (!json->string_is_name)
				return end_value(reader, *at, error);
			json->state = SCAN_COLON;
			return true;
		}
		else if (*c == '\\')
			json->is_escaped = true;
		*is_good = ((unsigned char) *c >= ' ');
		if (!*is_good)
			break;
	}
	*at = c;
	return true;
}

/* The name of a member is complete: remembered where it may matter. */
static bool
take_name(JsonReader *json, const char *end, SfnError *error)
{
	const char *text;
	size_t length;

	if (json->keeps != KEEP_NAME)
		return true;
	if (!keep_end(json, end, &text, &length, error))
		return false;
	if (!item_text_is_valid(text, length))
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "The name of a member is not valid UTF-8 text.");
	resetStringInfo(&json->name);
	if (memchr(text, '\\', length) == NULL)
		appendBinaryStringInfo(&json->name, text + 1, (int) length - 2);
	else
	{
		JvParseError problem;
		const JsonVal *name = jv_parse(text, (int) length, &problem);

		if (name == NULL)
			return sfn_error(error, ERROR_ITEM_READER_FAILED, "The name of a member is not valid JSON: %s.",
							 problem.message);
		appendBinaryStringInfo(&json->name, name->u.text, name->count);
	}
	if (json->items_depth == 0)
		json->is_selected = strcmp(json->name.data, json->segments[json->path_depth - 1]) == 0;
	return true;
}

/* Whether the container at hand is on the way to the items, or holds them. */
static bool
is_at_container_of_interest(const JsonReader *json)
{
	if (json->items_depth > 0)
		return json->depth == json->items_depth && !json->items_ended;
	return json->depth == json->path_depth;
}

static void
begin_name(JsonReader *json, const char *at)
{
	json->state = SCAN_STRING;
	json->string_is_name = true;
	if (is_at_container_of_interest(json))
		keep_begin(json, KEEP_NAME, at);
}

/* A comma: another element or member. */
static void
next_entry(JsonReader *json)
{
	if (json->is_object[json->depth - 1])
	{
		json->state = SCAN_NAME;
		return;
	}
	json->state = SCAN_VALUE;
	if (json->items_depth == 0 && json->depth == json->path_depth)
	{
		json->path_index++;
		json->is_selected = index_is_selected(json);
	}
}

/* A string, or as much of it as is there. */
static bool
scan_in_string(ItemReader *reader, const char **at, const char *data, const char *end, SfnError *error)
{
	JsonReader *json = reader->state;
	bool is_name = json->string_is_name;
	bool is_good;

	if (!scan_string(reader, at, end, &is_good, error))
		return false;
	if (!is_good)
		return fail_here(json, *at, data, error);
	return !is_name || json->state != SCAN_COLON || take_name(json, *at, error);
}

/* A character that is no blank, the one before at; *is_good becomes false when it cannot stand here. */
static bool
scan_character(ItemReader *reader, char c, const char *at, bool *is_good, SfnError *error)
{
	JsonReader *json = reader->state;

	*is_good = true;
	switch (json->state)
	{
		case SCAN_ARRAY_FIRST:
			if (c == ']')
				return close_container(reader, at, error);
			/* FALLTHROUGH */
		case SCAN_VALUE:
			if (c == '"' || c == '[' || c == '{' || is_word_character(c))
				return begin_value(json, at - 1, error);
			break;
		case SCAN_OBJECT_FIRST:
			if (c == '}')
				return close_container(reader, at, error);
			/* FALLTHROUGH */
		case SCAN_NAME:
			if (c != '"')
				break;
			begin_name(json, at - 1);
			return true;
		case SCAN_COLON:
			if (c != ':')
				break;
			json->state = SCAN_VALUE;
			return true;
		case SCAN_NEXT:
			if (c == (json->is_object[json->depth - 1] ? '}' : ']'))
				return close_container(reader, at, error);
			if (c != ',')
				break;
			next_entry(json);
			return true;
		default:
			break;
	}
	*is_good = false;
	return true;
}

/* Takes one token, or as much of it as is there. */
static bool
scan(ItemReader *reader, const char **at, const char *data, const char *end, SfnError *error)
{
	JsonReader *json = reader->state;
	bool is_good;
	char c;

	if (json->state == SCAN_STRING)
		return scan_in_string(reader, at, data, end, error);
	if (json->state == SCAN_WORD)
	{
		while (*at < end && is_word_character(**at))
			(*at)++;
		return *at == end || end_value(reader, *at, error);
	}
	c = *(*at)++;
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return true;
	if (!scan_character(reader, c, *at, &is_good, error))
		return false;
	return is_good || fail_here(json, *at - 1, data, error);
}

/* ---- values ---- */

/* On the way to the items: is this value the next step, or what holds them? */
static bool
take_step(JsonReader *json, char c, SfnError *error)
{
	bool is_container = (c == '[' || c == '{');

	if (json->path_depth < json->segment_count)
	{
		if (!is_container)
			return fail_not_found(json, error);
		json->path_depth++;
		json->path_index = 0;
		json->is_selected = (c == '[' && index_is_selected(json));
		return true;
	}
	/* AWS takes an object only where a pointer names one. */
	if (c != '[' && (c != '{' || json->segment_count == 0))
		return sfn_error(error, ERROR_ITEM_READER_FAILED, "Attempting to map over non-iterable node.");
	json->items_depth = json->depth + 1;
	return true;
}

/* at: its first byte, which is behind us. */
static bool
begin_value(JsonReader *json, const char *at, SfnError *error)
{
	char c = *at;

	if (json->items_depth == 0)
	{
		if (json->depth == json->path_depth && json->is_selected && !take_step(json, c, error))
			return false;
	}
	else if (json->depth == json->items_depth && !json->items_ended)
		keep_begin(json, KEEP_ITEM, at);

	if (c == '[' || c == '{')
		return open_container(json, c == '{', error);
	json->state = (c == '"') ? SCAN_STRING : SCAN_WORD;
	json->string_is_name = false;
	if (c != '"' && json->keeps == KEEP_NOTHING)
		keep_begin(json, KEEP_WORD, at);
	return true;
}

static bool
open_container(JsonReader *json, bool is_object, SfnError *error)
{
	if (json->depth == SFN_MAX_DEPTH)
		return sfn_error(error, ERROR_ITEM_READER_FAILED,
						 "The text is not valid JSON: nested more than %d levels deep.", SFN_MAX_DEPTH);
	json->is_object[json->depth++] = is_object;
	json->state = is_object ? SCAN_OBJECT_FIRST : SCAN_ARRAY_FIRST;
	return true;
}

/* at: behind the bracket. */
static bool
close_container(ItemReader *reader, const char *at, SfnError *error)
{
	JsonReader *json = reader->state;

	if (json->items_depth == 0 && json->depth == json->path_depth)
		return fail_not_found(json, error);
	if (json->depth == json->items_depth)
		json->items_ended = true;
	json->depth--;
	return end_value(reader, at, error);
}

/* end: behind the value. */
static bool
end_value(ItemReader *reader, const char *end, SfnError *error)
{
	JsonReader *json = reader->state;
	const char *text;
	size_t length;
	JvParseError problem;

	json->state = json->depth == 0 ? SCAN_END : SCAN_NEXT;
	if (json->keeps == KEEP_ITEM && json->depth == json->items_depth)
	{
		if (!keep_end(json, end, &text, &length, error))
			return false;
		return item_emit_text(reader, text, length, json->is_object[json->depth - 1] ? json->name.data : NULL, "Item",
							  ++json->item_number, error);
	}
	if (json->keeps != KEEP_WORD)
		return true;
	if (!keep_end(json, end, &text, &length, error))
		return false;
	return jv_parse(text, (int) length, &problem) != NULL ||
		sfn_error(error, ERROR_ITEM_READER_FAILED, "The text is not valid JSON: %s.", problem.message);
}

static bool
json_end(ItemReader *reader, SfnError *error)
{
	JsonReader *json = reader->state;

	return json->state == SCAN_END ||
		sfn_error(error, ERROR_ITEM_READER_FAILED, "The text is not valid JSON: The text ends unexpectedly.");
}

const ItemFormat item_format_json = {.begin = json_begin, .feed = json_feed, .end = json_end};
