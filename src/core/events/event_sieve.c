/*
 * event_sieve.c
 *	  What a pattern's text says of source and detail-type: most events need no other look at it.
 *
 * Where that is not plain to see it lets everything pass: a text with escapes, a field that stands there twice, or one that a
 * "$or" beside it may speak of, too.
 */
#include "base/port.h"

#include "events/event_sieve.h"

static const char *
skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* Behind a string that begins here; NULL: it has no end. */
static const char *
behind_string(const char *at)
{
	const char *end = strchr(at + 1, '"');

	return end != NULL ? end + 1 : NULL;
}

/* Where the value that begins here has ended; NULL: it does not. */
static const char *
behind_value(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++)
	{
		if (*at == '"')
		{
			at = behind_string(at);
			if (at == NULL)
				return NULL;
			at--;
		}
		else if (*at == '[' || *at == '{')
			depth++;
		else if ((*at == ']' || *at == '}') && --depth <= 0)
			return depth == 0 ? at + 1 : at;
		else if (*at == ',' && depth == 0)
			return at;
	}
	return NULL;
}

/* ["a", "b"] and nothing else in it */
static bool
is_plain(const char *at)
{
	if (*at != '[')
		return false;
	do
	{
		at = skip_space(at + 1);
		if (*at != '"' || (at = behind_string(at)) == NULL)
			return false;
		at = skip_space(at);
	} while (*at == ',');
	return *at == ']';
}

static bool
is_named(const char *key, const char *key_end, const char *name)
{
	return (size_t) (key_end - key) == strlen(name) && memcmp(key, name, key_end - key) == 0;
}

static bool
stands_twice(const char *text, const char *name)
{
	const char *first = strstr(text, name);

	return first != NULL && strstr(first + 1, name) != NULL;
}

/* One more member of the pattern itself; *seen counts those of the name. */
static void
take_member(const char *key, const char *key_end, const char *value, const char *name, int *seen, const char **plain)
{
	if (!is_named(key, key_end, name))
		return;
	*plain = is_plain(value) && *seen == 0 ? value : NULL;
	(*seen)++;
}

EventSieve
event_sieve(const char *text)
{
	EventSieve sieve = {0};
	const EventSieve all = {0};
	const char *at = skip_space(text);
	bool has_or = false;
	int sources = 0;
	int types = 0;

	if (*at != '{' || strchr(text, '\\') != NULL)
		return all;
	do
	{
		const char *key = skip_space(at + 1);
		const char *key_end = *key == '"' ? behind_string(key) : NULL;
		const char *value = key_end != NULL ? skip_space(key_end) : NULL;

		if (value == NULL || *value != ':')
			return all;
		value = skip_space(value + 1);
		take_member(key, key_end, value, "\"source\"", &sources, &sieve.source);
		take_member(key, key_end, value, "\"detail-type\"", &types, &sieve.detail_type);
		has_or = has_or || is_named(key, key_end, "\"$or\"");
		at = behind_value(value);
		if (at == NULL)
			return all;
		at = skip_space(at);
	} while (*at == ',');
	if (has_or && stands_twice(text, "\"source\""))
		sieve.source = NULL;
	if (has_or && stands_twice(text, "\"detail-type\""))
		sieve.detail_type = NULL;
	return sieve;
}

static bool
is_among(const char *plain, const char *name)
{
	size_t length = strlen(name);

	do
	{
		const char *string = skip_space(plain + 1) + 1;
		const char *end = strchr(string, '"');

		if ((size_t) (end - string) == length && memcmp(string, name, length) == 0)
			return true;
		plain = skip_space(end + 1);
	} while (*plain == ',');
	return false;
}

bool
event_sieve_passes(const EventSieve *sieve, const char *source, const char *detail_type)
{
	return (sieve->source == NULL || source == NULL || is_among(sieve->source, source)) &&
		(sieve->detail_type == NULL || detail_type == NULL || is_among(sieve->detail_type, detail_type));
}
