/*
 * test_event_pattern.c
 *	  Event patterns: the answers of test/cases/event_patterns.jsonl, and hostile patterns.
 *
 * A line of the file is a pattern with events that match and that do not; with "values", the pattern is about one
 * field and the events are its values.  Or it is the text of a pattern that is refused.
 */
#include "unit/unit.h"

#include <time.h>

#include "events/event_pattern.h"
#include "events/event_sieve.h"

static EventPattern *
compile(const char *text, EventPatternError *error)
{
	return event_pattern_compile(text, (int) strlen(text), error);
}

/* {"a": value} */
static const JsonVal *
field_of(const JsonVal *value)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "a", value);
	return jv_object_end(&object);
}

static void
check_events(const EventPattern *pattern, const JsonVal *events, bool are_values, bool expected, const char *text)
{
	for (int i = 0; events != NULL && i < events->count; i++)
	{
		const JsonVal *event = are_values ? field_of(events->u.items[i]) : events->u.items[i];

		unit_check(event_pattern_matches(pattern, event) == expected, "%s %s %s", text,
				   expected ? "matches" : "does not match", jv_to_text(event));
	}
}

static void
check_pattern(const JsonVal *line)
{
	const JsonVal *values = jv_get(line, "values");
	char *text = jv_to_text(values != NULL ? field_of(values) : jv_get(line, "pattern"));
	EventPatternError error;
	EventPattern *pattern = compile(text, &error);

	if (!unit_check(pattern != NULL, "%s is a pattern: %s", text, error.reason != NULL ? error.reason : ""))
		return;
	check_events(pattern, jv_get(line, "yes"), values != NULL, true, text);
	check_events(pattern, jv_get(line, "no"), values != NULL, false, text);
}

static void
check_error(const JsonVal *line)
{
	const char *text = jv_get_string(line, "text");
	EventPatternError error;
	int64 column;

	jv_to_int64(jv_get(line, "column"), &column);
	if (!unit_check(compile(text, &error) == NULL, "%s is refused", text))
		return;
	unit_text(error.reason, jv_get_string(line, "error"), "%s", text);
	/* column 0: AWS tells no place, we do */
	if (column == 0)
		unit_check(error.location == NULL && error.column > 0, "%s: no place", text);
	else
		unit_check(error.column == column && strstr(error.location, psprintf("column: %d]", (int) column)) != NULL,
				   "%s: at column %d, not %d", text, (int) column, error.column);
}

static void
check_file(const char *name)
{
	int length;
	char *text = unit_read_file(name, &length);

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		JvParseError error;
		const JsonVal *value = jv_parse(line, (int) strlen(line), &error);

		if (!unit_check(value != NULL, "a line of %s is JSON: %.60s", name, line))
			continue;
		if (jv_get(value, "text") != NULL)
			check_error(value);
		else
			check_pattern(value);
	}
}

/* ---- sieves ---- */

/* Does the sieve of that pattern let an event of that source and type pass?  It must when the pattern matches it. */
static void
check_sieve(const char *text, const char *source, const char *detail_type, bool passes)
{
	EventSieve sieve = event_sieve(text);
	EventPatternError error;
	EventPattern *pattern = compile(text, &error);

	if (!unit_check(pattern != NULL, "%s is a pattern: %s", text, error.reason != NULL ? error.reason : ""))
		return;
	unit_check(event_sieve_passes(&sieve, source, detail_type) == passes, "%s %s %s: %s", text, source, detail_type,
			   passes ? "passes" : "does not pass");
	unit_check(passes || !event_pattern_may_have(pattern, "source", jv_string(source)) ||
				   !event_pattern_may_have(pattern, "detail-type", jv_string(detail_type)),
			   "%s %s %s: nor does it match", text, source, detail_type);
}

static void
check_sieves(void)
{
	static const char *const of_any_source[] = {
		"{\"detail\": {\"source\": [\"b\"]}}",
		"{\"source\": [\"b\", {\"prefix\": \"a\"}]}",
		"{\"source\": [{\"exists\": true}]}",
		"{\"source\": {\"source\": [\"b\"]}}",
		"{\"sourc\\u0065\": [\"a\"]}",
		"{\"source\": [\"\\u0061\"]}",
		"{\"source\": [\"b\"], \"source\": [\"a\"]}",
		"{\"source\": [\"b\"], \"$or\": [{\"source\": [\"a\"]}, {\"detail\": {\"k\": [1]}}]}",
		"{\"$or\": [{\"source\": [\"a\"]}, {\"source\": [\"b\"]}]}",
	};

	for (int i = 0; i < (int) lengthof(of_any_source); i++)
		check_sieve(of_any_source[i], "a", "t", true);
	check_sieve("{\"source\": [\"a\"]}", "a", "t", true);
	check_sieve("{\"source\": [\"a\"]}", "aa", "t", false);
	check_sieve(" { \"detail\": {\"x\": [\"}\", {\"numeric\": [\">\", 1]}]} , \"source\" : [ \"b\" , \"a\" ] } ", "a",
				"t", true);
	check_sieve(" { \"detail\": {\"x\": [\"}\", {\"numeric\": [\">\", 1]}]} , \"source\" : [ \"b\" , \"a\" ] } ", "b ",
				"t", false);
	check_sieve("{\"source\": [\"a\"], \"detail-type\": [\"u\", \"v\"]}", "a", "t", false);
	check_sieve("{\"source\": [\"a\"], \"detail-type\": [\"u\", \"t\"]}", "a", "t", true);
	check_sieve("{\"detail-type\": [\"u\"], \"$or\": [{\"source\": [\"a\"]}, {\"source\": [\"b\"]}]}", "a", "t", false);
}

/* ---- hostile patterns ---- */

static char *
repeated(const char *what, int times)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < times; i++)
		appendStringInfoString(&out, what);
	return out.data;
}

/* A pattern that is meant to take long is refused, or done soon: no more than a small part of a second, sanitizers and all. */
static void
check_soon(const char *what, const char *text, const JsonVal *event, bool expected)
{
	EventPatternError error;
	clock_t begin = clock();
	EventPattern *pattern = compile(text, &error);

	if (unit_check(pattern != NULL, "%s: %s", what, error.reason != NULL ? error.reason : "a pattern"))
		unit_check(event_pattern_matches(pattern, event) == expected, "%s: the answer", what);
	unit_check(clock() - begin < 20 * CLOCKS_PER_SEC, "%s: takes %.1f s", what,
			   (double) (clock() - begin) / CLOCKS_PER_SEC);
}

static void
check_hostile(void)
{
	char *text = repeated("ab", 100000);
	char *stars = psprintf("{\"a\": [{\"wildcard\": \"%sx\"}]}", repeated("*ab", 1300));
	char *wildcards =
		psprintf("{\"a\": [%s{\"wildcard\": \"*x\"}]}", repeated("{\"wildcard\": \"*ba*ba*ba*ba*ba*bb*\"},", 100));
	JvArrayBuilder items;
	EventPatternError error;

	check_soon("wildcards", stars, field_of(jv_string(text)), false);
	check_soon("many wildcards", wildcards, field_of(jv_string(text)), false);

	/* fields of one element, none of which has them all */
	jv_array_begin(&items);
	for (int i = 0; i < 20000; i++)
		jv_array_add(&items, unit_json(psprintf("{'f%d': 1, 'g': [{'x': 1}, {'y': 2}]}", i % 20)));
	text = "{\"a\": {\"f0\": [1], \"f1\": [1], \"f2\": [1], \"g\": {\"x\": [1], \"y\": [2]}}}";
	check_soon("elements", text, field_of(jv_array_end(&items)), false);

	/* each "$or" doubles the alternatives */
	text = "\"p\": [1]";
	for (int i = 0; i < 11; i++)
		text = psprintf("%s, \"k%d\": {\"$or\": [{\"a\": [1]}, {\"b\": [1]}]}", text, i);
	OK(compile(psprintf("{%s}", text), &error) == NULL);
	unit_text(error.reason, "There are more than 1000 combinations of $or", "eleven times two");

	text = psprintf("{%s\"a\": [1]%s", repeated("\"a\": {", 500), repeated("}", 501));
	check_soon("a deep pattern", text, unit_json(psprintf("%s{'a': 1}%s", repeated("{'a': ", 500), repeated("}", 500))),
			   true);
	text = psprintf("{\"a\": [\"%s\"]}", repeated("x", EVENT_PATTERN_MAX_BYTES));
	OK(compile(text, &error) == NULL);
	OK(strstr(error.reason, "of at most 4096") != NULL);
}

int
main(int argc, char **argv)
{
	check_file(psprintf("%s/event_patterns.jsonl", argc > 1 ? argv[1] : "test/cases"));
	check_sieves();
	check_hostile();
	return unit_done();
}
