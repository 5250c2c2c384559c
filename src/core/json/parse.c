/*
 * parse.c
 *	  From JSON text to a value.
 *
 * Tokens come from the server's lexer; the grammar above it is a loop with a
 * stack of its own, so that nesting costs no C stack.  The elements of all open
 * arrays and objects stand in one list; closing one takes its part off the end.
 *
 * The lexer leaves strings as they are written.  Few strings hold a backslash;
 * those are unescaped here, whatever the encoding of the database: \u0000 and
 * half surrogate pairs are errors.  The messages are ours as well, since the
 * server's are translated and differ between versions.
 */
#include "base/port.h"

#include "base/pg_compat.h"

#include "base/utf8.h"
#include "json/value_private.h"

/* Bytes of a character, at most. */
#define MAX_UTF8_LENGTH 4

/* An array or object that is not closed yet. */
typedef struct OpenContainer
{
	bool is_object;
	int first;  /* its first entry in the list */
	int offset; /* where it begins, and where its key does (-1: none) */
	int key_offset;
} OpenContainer;

typedef struct Position
{
	const JsonVal *value;
	int offset;
	int key_offset;
} Position;

struct JvPositions
{
	char *text;
	const JsonVal *root;
	Position *places; /* ordered by value once the parse is done */
	int count;
	int capacity;
};

typedef struct JvParser
{
	const char *text;
	int length;
	JsonLexContext *lex;
	JvParseError *error;
	JvPool pool;
	JvMember *entries; /* keys unset inside arrays */
	int entry_count;
	int entry_capacity;
	OpenContainer *open;
	int open_count;
	int open_capacity;
	int max_depth;
	int key_offset;         /* of the member whose value is read, -1 in arrays */
	JvPositions *positions; /* NULL: not wanted */
} JvParser;

static const JsonVal *parse(JvParser *parser);

/* ---- entry points ---- */

static void
parser_begin(JvParser *parser, const char *text, int length, JvParseError *error)
{
	memset(parser, 0, sizeof(JvParser));
	parser->text = text;
	parser->length = length;
	parser->error = error;
	parser->max_depth = SFN_MAX_DEPTH;
	parser->key_offset = -1;
	parser->lex = compat_json_lexer(text, length);
	jv_pool_begin(&parser->pool, (Size) length * 4);
	parser->entry_capacity = 16;
	parser->entries = palloc(parser->entry_capacity * sizeof(JvMember));
	parser->open_capacity = 8;
	parser->open = palloc(parser->open_capacity * sizeof(OpenContainer));
}

static void
parser_end(JvParser *parser)
{
	pfree(parser->entries);
	pfree(parser->open);
	pfree(parser->lex);
}

/* Parses one JSON text (surrounding blanks allowed); NULL and *error filled when it is none. */
const JsonVal *
jv_parse(const char *text, int length, JvParseError *error)
{
	JvParser parser;
	const JsonVal *value;

	parser_begin(&parser, text, length, error);
	value = parse(&parser);
	parser_end(&parser);
	return value;
}

/* The same for what the engine has written itself, around and between values that users may have. */
const JsonVal *
jv_parse_stored(const char *text, int length, JvParseError *error)
{
	JvParser parser;
	const JsonVal *value;

	parser_begin(&parser, text, length, error);
	parser.max_depth = SFN_MAX_STORED_DEPTH;
	value = parse(&parser);
	parser_end(&parser);
	return value;
}

static int
compare_positions(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t) ((const Position *) a)->value;
	uintptr_t right = (uintptr_t) ((const Position *) b)->value;

	return left < right ? -1 : left > right;
}

/* The same, and remembers where values stand. */
const JsonVal *
jv_parse_positions(const char *text, int length, JvParseError *error, JvPositions **positions)
{
	JvParser parser;
	JvPositions *made = palloc0(sizeof(JvPositions));
	const JsonVal *value;

	made->capacity = 64;
	made->places = palloc(made->capacity * sizeof(Position));
	parser_begin(&parser, text, length, error);
	parser.positions = made;
	value = parse(&parser);
	parser_end(&parser);

	made->text = pnstrdup(text, length);
	made->root = value;
	qsort(made->places, made->count, sizeof(Position), compare_positions);
	*positions = made;
	return value;
}

/* ---- errors ---- */

/* Line and column, both from 1, of a byte offset; columns count characters. */
static void
locate(const char *text, int offset, int *line, int *column)
{
	*line = 1;
	*column = 1;
	for (int i = 0; i < offset; i++)
	{
		if (text[i] == '\n')
		{
			(*line)++;
			*column = 1;
		}
		else if ((text[i] & 0xC0) != 0x80)
			(*column)++;
	}
}

/* Fills the error; always returns NULL. */
static void *
parse_fail(JvParser *parser, const char *message, int offset)
{
	JvParseError *error = parser->error;
	JsonLexContext *lex = parser->lex;

	if (error == NULL)
		return NULL;
	error->message = message;
	error->is_too_deep = false;
	error->offset = Min(Max(offset, 0), parser->length);
	locate(parser->text, error->offset, &error->line, &error->column);
	if (lex->token_start != NULL && lex->token_terminator > lex->token_start)
		error->token = pnstrdup(lex->token_start, lex->token_terminator - lex->token_start);
	else
		error->token = "";
	return NULL;
}

/* What is wrong, for the lexer's codes and for tokens that stand where they cannot. */
static const char *const messages[] = {
	[JSON_ESCAPING_INVALID] = "The escape is invalid",
	[JSON_ESCAPING_REQUIRED] = "A control character inside a string must be escaped",
	[JSON_EXPECTED_ARRAY_NEXT] = "Expected \",\" or \"]\", but found \"%s\"",
	[JSON_EXPECTED_COLON] = "Expected \":\", but found \"%s\"",
	[JSON_EXPECTED_END] = "Expected the end of the text, but found \"%s\"",
	[JSON_EXPECTED_JSON] = "Expected a JSON value, but found \"%s\"",
	[JSON_EXPECTED_MORE] = "The text ends unexpectedly",
	[JSON_EXPECTED_OBJECT_FIRST] = "Expected a string or \"}\", but found \"%s\"",
	[JSON_EXPECTED_OBJECT_NEXT] = "Expected \",\" or \"}\", but found \"%s\"",
	[JSON_EXPECTED_STRING] = "Expected a string, but found \"%s\"",
	[JSON_INVALID_TOKEN] = "Token \"%s\" is invalid",
	[JSON_UNICODE_CODE_POINT_ZERO] = "\\u0000 cannot be stored in a string",
	[JSON_UNICODE_ESCAPE_FORMAT] = "\"\\u\" must be followed by four hexadecimal digits",
	[JSON_UNICODE_HIGH_SURROGATE] = "A high surrogate must not follow a high surrogate",
	[JSON_UNICODE_LOW_SURROGATE] = "A high surrogate and a low surrogate must follow each other",
};

/* Fails with the code's message; always returns NULL. */
static void *
parse_fail_code(JvParser *parser, JsonParseErrorType code, int offset)
{
	const char *message = NULL;
	const char *s;

	if (parser->error == NULL)
		return NULL;
	if ((unsigned int) code < lengthof(messages))
		message = messages[code];
	if (message == NULL)
		message = "The text is no JSON";
	parse_fail(parser, message, offset);
	s = strstr(message, "%s");
	if (s != NULL)
		parser->error->message = psprintf("%.*s%s%s", (int) (s - message), message, parser->error->token, s + 2);
	return NULL;
}

static int
token_offset(JvParser *parser)
{
	/* the lexer has no token at the end of the input */
	if (parser->lex->token_start == NULL || parser->lex->token_type == JSON_TOKEN_END)
		return parser->length;
	return parser->lex->token_start - parser->text;
}

/* The token cannot stand here. */
static void *
parse_unexpected(JvParser *parser, JsonParseErrorType code)
{
	if (parser->lex->token_start == NULL || parser->lex->token_type == JSON_TOKEN_END)
		code = JSON_EXPECTED_MORE;
	return parse_fail_code(parser, code, token_offset(parser));
}

static bool
parse_advance(JvParser *parser)
{
	JsonParseErrorType code = json_lex(parser->lex);
	int offset;

	if (code == JSON_SUCCESS)
		return true;
	if (code == JSON_INVALID_TOKEN || parser->lex->token_start == NULL)
		offset = token_offset(parser);
	else /* within a string: where the lexer stopped */
		offset = parser->lex->token_terminator - parser->text;
	parse_fail_code(parser, code, offset);
	return false;
}

/* ---- strings ---- */

static int
hex_value(const char *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++)
	{
		char c = s[i];
		int digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/*
 * Reads \uXXXX, or a pair of them, at s (behind the u) and writes UTF-8.  Moves
 * both ends; the lexer has made sure that four digits follow each \u.
 */
static JsonParseErrorType
unescape_unicode(const char **s, const char *end, char **out)
{
	int code = end - *s >= 4 ? hex_value(*s) : -1;

	if (code < 0)
		return JSON_UNICODE_ESCAPE_FORMAT;
	*s += 4;
	if (code == 0)
		return JSON_UNICODE_CODE_POINT_ZERO;
	if (is_utf16_surrogate_second(code))
		return JSON_UNICODE_LOW_SURROGATE;
	if (is_utf16_surrogate_first(code))
	{
		int second;

		if (end - *s < 6 || (*s)[0] != '\\' || (*s)[1] != 'u')
			return JSON_UNICODE_LOW_SURROGATE;
		second = hex_value(*s + 2);
		if (second >= 0 && is_utf16_surrogate_first(second))
			return JSON_UNICODE_HIGH_SURROGATE;
		if (second < 0 || !is_utf16_surrogate_second(second))
			return JSON_UNICODE_LOW_SURROGATE;
		*s += 6;
		code = surrogate_pair_to_codepoint(code, second);
	}
	unicode_to_utf8(code, (unsigned char *) *out);
	*out += utf8_char_length(*out, MAX_UTF8_LENGTH);
	return JSON_SUCCESS;
}

/* Undoes the escapes of a string's inside; *length becomes that of the result. */
static char *
unescape(JvParser *parser, const char *s, int *length)
{
	static const char plain[256] = {
		['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
	};
	const char *end = s + *length;
	char *result = palloc(*length + 1);
	char *out = result;

	while (s < end)
	{
		const char *backslash = memchr(s, '\\', end - s);
		int run = (backslash == NULL ? end : backslash) - s;
		JsonParseErrorType code = JSON_SUCCESS;

		memcpy(out, s, run);
		out += run;
		s += run;
		if (backslash == NULL)
			break;
		s++;
		if (s < end && *s == 'u')
		{
			s++;
			code = unescape_unicode(&s, end, &out);
		}
		else if (s < end && plain[(unsigned char) *s] != 0)
			*out++ = plain[(unsigned char) *s++];
		else
			code = JSON_ESCAPING_INVALID;
		if (code != JSON_SUCCESS)
			return parse_fail_code(parser, code, backslash - parser->text);
	}
	*length = out - result;
	*out = '\0';
	return result;
}

/* The text of the current string token, unescaped; it may still be part of the input. */
static const char *
string_token(JvParser *parser, int *length)
{
	const char *start = parser->lex->token_start + 1;

	*length = parser->lex->token_terminator - 1 - start;
	if (memchr(start, '\\', *length) == NULL)
		return start;
	return unescape(parser, start, length);
}

/* ---- the grammar ---- */

static void
remember_position(JvParser *parser, const JsonVal *value, int offset, int key_offset)
{
	JvPositions *positions = parser->positions;

	if (positions->count == positions->capacity)
	{
		positions->capacity *= 2;
		positions->places = repalloc(positions->places, positions->capacity * sizeof(Position));
	}
	positions->places[positions->count].value = value;
	positions->places[positions->count].offset = offset;
	positions->places[positions->count].key_offset = key_offset;
	positions->count++;
}

/* Where positions are wanted no two places share a value, so constants are copied. */
static const JsonVal *
own_place(JvParser *parser, const JsonVal *value, int offset, int key_offset)
{
	if (parser->positions == NULL)
		return value;
	if (value == jv_null() || value == jv_bool(true) || value == jv_bool(false))
	{
		JsonVal *copy = palloc(sizeof(JsonVal));

		*copy = *value;
		value = copy;
	}
	remember_position(parser, value, offset, key_offset);
	return value;
}

/* The scalar that the current token is; NULL and an error for other tokens. */
static const JsonVal *
parse_scalar(JvParser *parser)
{
	JsonLexContext *lex = parser->lex;
	const JsonVal *value;
	const char *text;
	int length;

	switch (lex->token_type)
	{
		case JSON_TOKEN_STRING:
			text = string_token(parser, &length);
			if (text == NULL)
				return NULL;
			value = jv_make_string(&parser->pool, text, length);
			break;
		case JSON_TOKEN_NUMBER:
			value = jv_make_number(&parser->pool, lex->token_start, lex->token_terminator - lex->token_start);
			break;
		case JSON_TOKEN_TRUE:
			value = jv_bool(true);
			break;
		case JSON_TOKEN_FALSE:
			value = jv_bool(false);
			break;
		case JSON_TOKEN_NULL:
			value = jv_null();
			break;
		default:
			return parse_unexpected(parser, JSON_EXPECTED_JSON);
	}
	return own_place(parser, value, lex->token_start - parser->text, parser->key_offset);
}

static bool
open_container(JvParser *parser, bool is_object)
{
	OpenContainer *container;

	if (parser->open_count == parser->max_depth)
	{
		parse_fail(parser, psprintf("JSON text is nested more than %d levels deep", parser->max_depth),
				   token_offset(parser));
		if (parser->error != NULL)
			parser->error->is_too_deep = true;
		return false;
	}
	if (parser->open_count == parser->open_capacity)
	{
		parser->open_capacity *= 2;
		parser->open = repalloc(parser->open, parser->open_capacity * sizeof(OpenContainer));
	}
	container = &parser->open[parser->open_count++];
	container->is_object = is_object;
	container->first = parser->entry_count;
	container->offset = token_offset(parser);
	container->key_offset = parser->key_offset;
	parser->key_offset = -1;
	return true;
}

/* Makes the innermost open container a value. */
static const JsonVal *
close_container(JvParser *parser)
{
	OpenContainer *container = &parser->open[--parser->open_count];
	JvMember *entries = parser->entries + container->first;
	int count = parser->entry_count - container->first;
	const JsonVal *value;

	if (container->is_object)
		value = jv_make_object(&parser->pool, entries, count);
	else
	{
		const JsonVal **items = (const JsonVal **) entries;

		/* an item is no larger than an entry and never in front of it */
		for (int i = 0; i < count; i++)
		{
			const JsonVal *item = entries[i].value;

			items[i] = item;
		}
		value = jv_make_array(&parser->pool, items, count);
	}
	parser->entry_count = container->first;
	return own_place(parser, value, container->offset, container->key_offset);
}

/* Adds an entry: for a member with its key, for an element with its value. */
static JvMember *
new_entry(JvParser *parser)
{
	if (parser->entry_count == parser->entry_capacity)
	{
		parser->entry_capacity *= 2;
		parser->entries = repalloc(parser->entries, parser->entry_capacity * sizeof(JvMember));
		SFN_CHECK_INTERRUPTS();
	}
	return &parser->entries[parser->entry_count++];
}

/* Reads key and colon, the current token being where the key must be. */
static bool
parse_key(JvParser *parser, bool is_first)
{
	JvMember *entry;
	const char *key;
	int length;

	if (parser->lex->token_type != JSON_TOKEN_STRING)
	{
		parse_unexpected(parser, is_first ? JSON_EXPECTED_OBJECT_FIRST : JSON_EXPECTED_STRING);
		return false;
	}
	parser->key_offset = token_offset(parser);
	key = string_token(parser, &length);
	if (key == NULL)
		return false;
	entry = new_entry(parser);
	entry->key = jv_pool_text(&parser->pool, key, length);
	entry->key_length = length;

	if (!parse_advance(parser))
		return false;
	if (parser->lex->token_type != JSON_TOKEN_COLON)
	{
		parse_unexpected(parser, JSON_EXPECTED_COLON);
		return false;
	}
	return parse_advance(parser);
}

/*
 * Reads from the beginning of a value to the end of the first value that is
 * complete: a scalar or an empty container.  What it opens stays open.
 */
static const JsonVal *
parse_to_leaf(JvParser *parser)
{
	for (;;)
	{
		JsonTokenType token = parser->lex->token_type;
		bool is_object = (token == JSON_TOKEN_OBJECT_START);

		if (!is_object && token != JSON_TOKEN_ARRAY_START)
			return parse_scalar(parser);
		if (!open_container(parser, is_object) || !parse_advance(parser))
			return NULL;
		if (parser->lex->token_type == (is_object ? JSON_TOKEN_OBJECT_END : JSON_TOKEN_ARRAY_END))
			return close_container(parser);
		if (is_object && !parse_key(parser, true))
			return NULL;
	}
}

static const JsonVal *
parse(JvParser *parser)
{
	const JsonVal *value;

	if (!parse_advance(parser))
		return NULL;
	value = parse_to_leaf(parser);
	while (value != NULL)
	{
		OpenContainer *container;
		JsonTokenType token;

		if (!parse_advance(parser))
			return NULL;
		token = parser->lex->token_type;
		if (parser->open_count == 0)
			return token == JSON_TOKEN_END ? value : parse_unexpected(parser, JSON_EXPECTED_END);

		container = &parser->open[parser->open_count - 1];
		if (container->is_object)
			parser->entries[parser->entry_count - 1].value = value;
		else
			new_entry(parser)->value = value;
		if (token == JSON_TOKEN_COMMA)
		{
			if (!parse_advance(parser))
				return NULL;
			if (container->is_object && !parse_key(parser, false))
				return NULL;
			value = parse_to_leaf(parser);
		}
		else if (token == (container->is_object ? JSON_TOKEN_OBJECT_END : JSON_TOKEN_ARRAY_END))
			value = close_container(parser);
		else
			return parse_unexpected(parser,
									container->is_object ? JSON_EXPECTED_OBJECT_NEXT : JSON_EXPECTED_ARRAY_NEXT);
	}
	return NULL;
}

/* ---- positions ---- */

/* The value that a JSON pointer names below root, or NULL. */
static const JsonVal *
pointer_follow(const JsonVal *root, const char *pointer)
{
	const JsonVal *value = root;

	while (value != NULL && *pointer == '/')
	{
		StringInfoData name;

		initStringInfo(&name);
		for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++)
		{
			char c = *pointer;

			if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
				c = *++pointer == '0' ? '~' : '/';
			appendStringInfoChar(&name, c);
		}
		if (value->type == JV_ARRAY)
		{
			char *end;
			long position = strtol(name.data, &end, 10);

			value = (name.len > 0 && *end == '\0' && position >= 0 && position < value->count)
				? value->u.items[position]
				: NULL;
		}
		else
			value = jv_get_n(value, name.data, name.len);
	}
	return *pointer == '\0' ? value : NULL;
}

/*
 * Line and column, found by JSON pointer: of a member its key, of an element
 * and of the root the value.  False when there is none.
 */
int
jv_offset_of(const JvPositions *positions, const JsonVal *value)
{
	Position wanted = {.value = value};
	Position *place = bsearch(&wanted, positions->places, positions->count, sizeof(Position), compare_positions);

	return place != NULL ? place->offset : -1;
}

bool
jv_position_of(const JvPositions *positions, const char *json_pointer, int *line, int *column)
{
	Position wanted;
	Position *place;

	if (positions == NULL || positions->root == NULL)
		return false;
	wanted.value = pointer_follow(positions->root, json_pointer);
	if (wanted.value == NULL)
		return false;
	place = bsearch(&wanted, positions->places, positions->count, sizeof(Position), compare_positions);
	if (place == NULL)
		return false;
	locate(positions->text, place->key_offset >= 0 ? place->key_offset : place->offset, line, column);
	return true;
}
