/*
 * fuzz_event_pattern.c
 *	  Any text as an event pattern and, behind a newline, as an event.
 *
 * A pattern that compiles gives the same answer for the event inside of an array's
 * only element, and its text as the parser prints it is the same pattern.
 */
#include "fuzz/fuzz.h"

#include "events/event_pattern.h"
#include "events/event_sieve.h"

/* A copy of its own, so that reading beyond it is seen. */
static char *
copy_of(const char *text, size_t length)
{
	char *copy = palloc(Max(length, 1));

	memcpy(copy, text, length);
	return copy;
}

static const JsonVal *
in_object(const char *name, const JsonVal *value)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, name, value);
	return jv_object_end(&object);
}

/* The pattern below a name of its own matches the event there, alone in an array or not. */
static void
check_below(const JsonVal *pattern_value, const JsonVal *event, bool expected)
{
	char *text = jv_to_text(in_object("below", pattern_value));
	EventPatternError error;
	EventPattern *pattern = event_pattern_compile(text, (int) strlen(text), &error);

	if (pattern == NULL)
		return; /* too long or too deep by this */
	FUZZ_ASSERT(event_pattern_matches(pattern, in_object("below", event)) == expected);
	FUZZ_ASSERT(event_pattern_matches(pattern, in_object("below", jv_array(&event, 1))) == expected);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	const char *newline = memchr(text, '\n', size);
	int length;
	int event_length;
	EventPatternError error;
	EventPattern *pattern;
	JvParseError problem;
	const JsonVal *event;
	const JsonVal *value;
	bool matches;
	EventSieve sieve;

	if (size > 20000 || newline == NULL)
		return 0;
	length = (int) (newline - text);
	event_length = (int) size - length - 1;
	pattern = event_pattern_compile(copy_of(text, length), length, &error);
	FUZZ_ASSERT((pattern == NULL) == (error.reason != NULL));
	event = jv_parse(copy_of(newline + 1, event_length), event_length, &problem);
	if (pattern != NULL && jv_is(event, JV_OBJECT))
	{
		matches = event_pattern_matches(pattern, event);
		sieve = event_sieve(pnstrdup(text, length));
		FUZZ_ASSERT(!matches ||
					event_sieve_passes(&sieve, jv_get_string(event, "source"), jv_get_string(event, "detail-type")));
		value = jv_parse(copy_of(text, length), length, &problem);
		check_below(value, event, matches);
	}
	unit_reset_memory();
	return 0;
}
