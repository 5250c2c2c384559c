/*
 * event_test.c
 *	  The tests of event patterns: what one value of an event is held against.
 *
 * Each test reads a value once, however the pattern is written.
 */
#include "base/port.h"

#include "base/texts.h"
#include "base/utf8.h"

#include "events/event_pattern_private.h"
#include "jsonata/text.h"

/* ---- a value as it stands ---- */

static bool
same_text(const EventTest *test, const JsonVal *value)
{
	return value->type == JV_STRING && value->count == test->u.operand->count &&
		memcmp(value->u.text, test->u.operand->u.text, value->count) == 0;
}

static bool
same_constant(const EventTest *test, const JsonVal *value)
{
	return value->type == test->u.operand->type && value->boolean == test->u.operand->boolean;
}

static bool
same_number(const EventTest *test, const JsonVal *value)
{
	return value->type == JV_NUMBER && jv_compare_numbers(value, test->u.operand) == 0;
}

/* ---- addresses ---- */

static bool
address_v4(const char *text, int length, IpAddress *address)
{
	int parts = 0;
	int i = 0;

	while (i < length && parts < 4)
	{
		int part = 0;
		int digits = 0;

		for (; i < length && text[i] >= '0' && text[i] <= '9' && part <= 255; i++, digits++)
			part = part * 10 + (text[i] - '0');
		if (digits == 0 || part > 255)
			return false;
		address->bytes[parts++] = (uint8) part;
		if (i < length && (text[i] != '.' || ++i == length))
			return false;
	}
	address->length = 4;
	return parts == 4 && i == length;
}

/* Groups of four digits up to "::" or the end; false: no such groups. */
static bool
address_groups(const char *text, int length, int *i, uint8 *bytes, int *count)
{
	*count = 0;
	while (*i < length && *count < 16)
	{
		int group = 0;
		int digits = 0;

		for (; *i < length && text_hex_digit(text[*i]) >= 0 && digits < 5; (*i)++, digits++)
			group = group * 16 + text_hex_digit(text[*i]);
		if (digits == 0 || digits > 4)
			return false;
		bytes[(*count)++] = (uint8) (group >> 8);
		bytes[(*count)++] = (uint8) group;
		if (*i == length)
			return true;
		if (text[*i] != ':' || *i + 1 == length)
			return false;
		if (text[*i + 1] == ':')
			return true;
		(*i)++;
	}
	return false;
}

static bool
address_v6(const char *text, int length, IpAddress *address)
{
	static const uint8 mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint8 end[16];
	int begin_count = 0;
	int end_count = 0;
	int i = 0;

	memset(address->bytes, 0, sizeof(address->bytes));
	if ((length < 2 || text[0] != ':' || text[1] != ':') &&
		!address_groups(text, length, &i, address->bytes, &begin_count))
		return false;
	if (i < length)
	{
		i += 2; /* "::" */
		if (i < length && (!address_groups(text, length, &i, end, &end_count) || i < length))
			return false;
		if (begin_count + end_count > 14)
			return false;
		memcpy(address->bytes + 16 - end_count, end, end_count);
	}
	else if (begin_count != 16)
		return false;
	address->length = 16;
	if (memcmp(address->bytes, mapped, sizeof(mapped)) == 0)
	{
		memmove(address->bytes, address->bytes + 12, 4);
		address->length = 4;
	}
	return true;
}

static bool
address_parse(const char *text, int length, IpAddress *address)
{
	if (length > 45)
		return false;
	return address_v4(text, length, address) || address_v6(text, length, address);
}

static bool
in_network(const EventTest *test, const JsonVal *value)
{
	const IpAddress *first = &test->u.network.first;
	IpAddress address;

	return value->type == JV_STRING && address_parse(value->u.text, value->count, &address) &&
		address.length == first->length && memcmp(address.bytes, first->bytes, first->length) >= 0 &&
		memcmp(address.bytes, test->u.network.last.bytes, first->length) <= 0;
}

static bool
network_problem(const char **problem, const char *text)
{
	*problem = text;
	return false;
}

/* Bits of the mask, a whole number; -1: it is none. */
static int
mask_bits(const char *text, const char **problem)
{
	char *end;
	long bits = strtol(text, &end, 10);

	if (end == text || *end != '\0' || strchr(" \t\n\v\f\r", *text) != NULL || bits > PG_INT32_MAX ||
		bits < PG_INT32_MIN)
		*problem = "Malformed CIDR, mask bits must be an integer";
	else if (bits < 0)
		*problem = "Malformed CIDR, mask bits must not be negative";
	else
		return (int) bits;
	return -1;
}

bool
event_test_network(const JsonVal *text, EventTest *test, const char **problem)
{
	IpAddress *first = &test->u.network.first;
	IpAddress *last = &test->u.network.last;
	char *copy = pnstrdup(text->u.text, text->count);
	char *slash = strchr(copy, '/');
	int bits;

	*test = (EventTest){in_network};
	if (slash == NULL || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
		return network_problem(problem, "Malformed CIDR, one '/' required");
	*slash = '\0';
	bits = mask_bits(slash + 1, problem);
	if (bits < 0)
		return false;
	if (!address_parse(copy, (int) strlen(copy), first))
		return network_problem(problem,
							   psprintf("%s IP address: %s",
										copy[strspn(copy, "0123456789abcdefABCDEF:.")] == '\0' ? "Invalid"
																							   : "Nonstandard",
										copy));
	if (bits >= first->length * 8)
		return network_problem(problem,
							   first->length == 4 ? "IPv4 mask bits must be < 32" : "IPv6 mask bits must be < 128");
	*last = *first;
	for (int i = bits / 8; i < last->length; i++)
	{
		uint8 free_bits = i == bits / 8 ? 0xff >> (bits % 8) : 0xff;

		first->bytes[i] &= ~free_bits;
		last->bytes[i] |= free_bits;
	}
	return true;
}

EventTest
event_test_value(const JsonVal *value)
{
	EventTest test = {same_constant, .u = {.operand = value}};
	IpAddress address;

	if (value->type == JV_NUMBER)
		test.matches = same_number;
	else if (value->type == JV_STRING && address_parse(value->u.text, value->count, &address))
		test = (EventTest){in_network, .u = {.network = {address, address}}};
	else if (value->type == JV_STRING)
		test.matches = same_text;
	return test;
}

EventTest
event_test_exactly(const JsonVal *text)
{
	return (EventTest){same_text, .u = {.operand = text}};
}

/* ---- parts of a text ---- */

static bool
has_prefix(const EventTest *test, const JsonVal *value)
{
	const JsonVal *prefix = test->u.operand;

	return value->type == JV_STRING && value->count >= prefix->count &&
		memcmp(value->u.text, prefix->u.text, prefix->count) == 0;
}

static bool
has_suffix(const EventTest *test, const JsonVal *value)
{
	const JsonVal *suffix = test->u.operand;

	return value->type == JV_STRING && value->count >= suffix->count &&
		memcmp(value->u.text + value->count - suffix->count, suffix->u.text, suffix->count) == 0;
}

EventTest
event_test_prefix(const JsonVal *text)
{
	return (EventTest){has_prefix, .u = {.operand = text}};
}

EventTest
event_test_suffix(const JsonVal *text)
{
	return (EventTest){has_suffix, .u = {.operand = text}};
}

/* ---- upper and lower case ---- */

static const LetterCases *
letters_of(const JsonVal *text, int *count)
{
	LetterCases *letters = palloc(sizeof(LetterCases) * Max(text->count, 1));
	const char *end = text->u.text + text->count;

	*count = 0;
	for (const char *s = text->u.text; s < end; s += jn_char_bytes(s, end))
	{
		LetterCases *letter = &letters[(*count)++];
		unsigned int code = jn_char_code(s, end);
		const char *longer;
		unsigned int upper = jn_letter_upper(code, &longer);

		letter->lower_length = (uint8) jn_put_char(letter->lower, jn_letter_lower(code));
		if (longer == NULL || strlen(longer) > sizeof(letter->upper))
			letter->upper_length = (uint8) jn_put_char(letter->upper, upper);
		else
		{
			letter->upper_length = (uint8) strlen(longer);
			memcpy(letter->upper, longer, letter->upper_length);
		}
	}
	return letters;
}

/* Bytes that the text has of this letter at its beginning, or 0. */
static int
letter_at(const LetterCases *letter, const char *text, int left)
{
	if (left >= letter->lower_length && memcmp(text, letter->lower, letter->lower_length) == 0)
		return letter->lower_length;
	if (left >= letter->upper_length && memcmp(text, letter->upper, letter->upper_length) == 0)
		return letter->upper_length;
	return 0;
}

/* Bytes that the text begins with of these letters; -1: it does not. */
static int
letters_at(const EventTest *test, const char *text, int length)
{
	int read = 0;

	for (int i = 0; i < test->count; i++)
	{
		int bytes = letter_at(&test->u.letters[i], text + read, length - read);

		if (bytes == 0)
			return -1;
		read += bytes;
	}
	return read;
}

/* Bytes that the text ends with of this letter, or 0. */
static int
letter_before(const LetterCases *letter, const char *text, int end)
{
	if (end >= letter->lower_length &&
		memcmp(text + end - letter->lower_length, letter->lower, letter->lower_length) == 0)
		return letter->lower_length;
	if (end >= letter->upper_length &&
		memcmp(text + end - letter->upper_length, letter->upper, letter->upper_length) == 0)
		return letter->upper_length;
	return 0;
}

static bool
same_letters(const EventTest *test, const JsonVal *value)
{
	return value->type == JV_STRING && letters_at(test, value->u.text, value->count) == value->count;
}

static bool
has_prefix_letters(const EventTest *test, const JsonVal *value)
{
	return value->type == JV_STRING && letters_at(test, value->u.text, value->count) >= 0;
}

static bool
has_suffix_letters(const EventTest *test, const JsonVal *value)
{
	int end = value->count;

	if (value->type != JV_STRING)
		return false;
	for (int i = test->count - 1; i >= 0; i--)
	{
		int bytes = letter_before(&test->u.letters[i], value->u.text, end);

		if (bytes == 0)
			return false;
		end -= bytes;
	}
	return true;
}

static EventTest
letters_test(const JsonVal *text, bool (*matches)(const EventTest *, const JsonVal *))
{
	EventTest test = {matches};

	test.u.letters = letters_of(text, &test.count);
	return test;
}

EventTest
event_test_ignore_case(const JsonVal *text)
{
	return letters_test(text, same_letters);
}

EventTest
event_test_prefix_ignore_case(const JsonVal *text)
{
	return letters_test(text, has_prefix_letters);
}

EventTest
event_test_suffix_ignore_case(const JsonVal *text)
{
	return letters_test(text, has_suffix_letters);
}

/* ---- wildcards ---- */

/*
 * The first piece begins the text, the last ends it, and those between are found one after the other, each at its
 * first place: if there is a way to match, this is one.
 */
static bool
matches_wildcard(const EventTest *test, const JsonVal *value)
{
	const WildcardPiece *pieces = test->u.pieces;
	const WildcardPiece *last = &pieces[test->count - 1];
	const char *text = value->u.text;
	const char *end = text + value->count;

	if (value->type != JV_STRING || value->count < pieces->length || memcmp(text, pieces->text, pieces->length) != 0)
		return false;
	text += pieces->length;
	if (test->count == 1)
		return text == end;
	for (int i = 1; i < test->count - 1; i++)
	{
		text = jn_text_find(text, (int) (end - text), pieces[i].text, pieces[i].length);
		if (text == NULL)
			return false;
		text += pieces[i].length;
	}
	return end - text >= last->length && memcmp(end - last->length, last->text, last->length) == 0;
}

/* AWS counts the quotation mark before the text. */
static bool
wildcard_problem(const char **problem, const char *what, int i)
{
	*problem = psprintf("%s at pos %d", what, i + 1);
	return false;
}

bool
event_test_wildcard(const JsonVal *text, EventTest *test, const char **problem)
{
	WildcardPiece *pieces = palloc(sizeof(WildcardPiece) * (text->count + 1));
	char *out = palloc(text->count + 1);
	int count = 0;

	pieces[0] = (WildcardPiece){out, 0};
	for (int i = 0; i < text->count; i++)
	{
		char c = text->u.text[i];
		char next = i + 1 < text->count ? text->u.text[i + 1] : '\0';

		if (c == '*' && next == '*')
			return wildcard_problem(problem, "Consecutive wildcard characters", i);
		if (c == '\\' && next != '*' && next != '\\')
			return wildcard_problem(problem, "Invalid escape character", i);
		if (c == '*')
		{
			pieces[++count] = (WildcardPiece){out, 0};
			continue;
		}
		if (c == '\\')
			c = text->u.text[++i];
		*out++ = c;
		pieces[count].length++;
	}
	*test = (EventTest){matches_wildcard, .count = count + 1, .u = {.pieces = pieces}};
	return true;
}

/* ---- numbers ---- */

static bool
is_above(const JsonVal *number, const NumberBound *bound)
{
	int compared = bound->number != NULL ? jv_compare_numbers(number, bound->number) : 1;

	return compared > 0 || (compared == 0 && !bound->is_open);
}

static bool
is_below(const JsonVal *number, const NumberBound *bound)
{
	int compared = bound->number != NULL ? jv_compare_numbers(number, bound->number) : -1;

	return compared < 0 || (compared == 0 && !bound->is_open);
}

static bool
in_range(const EventTest *test, const JsonVal *value)
{
	return value->type == JV_NUMBER && is_above(value, &test->u.range.low) && is_below(value, &test->u.range.high);
}

EventTest
event_test_range(NumberBound low, NumberBound high)
{
	return (EventTest){in_range, .u = {.range = {low, high}}};
}

/* ---- what is there, and what is not ---- */

static bool
is_anything(const EventTest *test, const JsonVal *value)
{
	(void) test;
	(void) value;
	return true;
}

EventTest
event_test_exists(void)
{
	return (EventTest){is_anything};
}

static bool
is_none_of(const EventTest *test, const JsonVal *value)
{
	for (int i = 0; i < test->count; i++)
	{
		if (test->u.excluded[i].matches(&test->u.excluded[i], value))
			return false;
	}
	return true;
}

EventTest
event_test_anything_but(const EventTest *excluded, int count)
{
	return (EventTest){is_none_of, .count = count, .u = {.excluded = excluded}};
}
