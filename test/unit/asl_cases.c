/*
 * asl_cases.c
 *	  Runs recorded executions (a folder of conformance cases) through the engine
 *	  without a server: stand-ins for functions, a clock that jumps.
 *
 *		asl_cases FOLDER|FILE... [ID]
 *
 * Compares status, output, error, cause and every event with its ids.  Cases that
 * need more than waits and functions are left out.  With ID only
 * cases whose id contains it are run, and their histories printed.
 */
#include "unit/engine_driver.h"

#include <ctype.h>
#include <dirent.h>

static const char *const functions[] = {
	"id_function",         "echo_function",   "return_bytes_str",       "return_decorated_input",
	"large_output_string", "raise_exception", "raise_custom_exception", "wait_60_seconds",
};

/* ---- functions ---- */

/* The value of a JSON text in a string, or the value itself. */
static const JsonVal *
unwrap(const JsonVal *value)
{
	JvParseError error;
	const JsonVal *inner = NULL;

	if (value->type == JV_STRING)
		inner = jv_parse(value->u.text, value->count, &error);
	return inner != NULL ? inner : value;
}

/* Python's text form of a value. */
static void
print_python(StringInfo out, const JsonVal *value)
{
	switch (value->type)
	{
		case JV_NULL:
			appendStringInfoString(out, "None");
			break;
		case JV_BOOL:
			appendStringInfoString(out, value->boolean ? "True" : "False");
			break;
		case JV_NUMBER:
			appendStringInfoString(out, value->u.text);
			break;
		case JV_STRING:
			appendStringInfo(out, "'%s'", value->u.text);
			break;
		case JV_ARRAY:
			appendStringInfoChar(out, '[');
			for (int i = 0; i < value->count; i++)
			{
				appendStringInfoString(out, i > 0 ? ", " : "");
				print_python(out, value->u.items[i]);
			}
			appendStringInfoChar(out, ']');
			break;
		case JV_OBJECT:
			appendStringInfoChar(out, '{');
			for (int i = 0; i < value->count; i++)
			{
				appendStringInfo(out, "%s'%s': ", i > 0 ? ", " : "", value->u.members[i].key);
				print_python(out, value->u.members[i].value);
			}
			appendStringInfoChar(out, '}');
			break;
	}
}

static const JsonVal *
decorated(const JsonVal *input)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "input-event-");
	if (input->type == JV_STRING)
		appendStringInfoString(&text, input->u.text);
	else
		print_python(&text, input);
	return jv_string(text.data);
}

static const JsonVal *
large_string(void)
{
	int length = 257 * 1024;
	char *text = palloc(length);

	memset(text, 'a', length);
	return jv_string_n(text, length);
}

static void
raise_error(Event *answer, const char *type, const char *message)
{
	answer->kind = EVENT_TASK_FAILED;
	answer->error = type;
	answer->cause =
		psprintf("{\"errorMessage\":\"%s\",\"errorType\":\"%s\",\"requestId\":\"1\",\"stackTrace\":[]}", message, type);
}

/* Runs the function; the seconds it takes. */
static double
call_function(const char *name, const JsonVal *input, Event *answer)
{
	answer->value = input;
	if (strcmp(name, "echo_function") == 0)
		answer->value = unit_json("{'Return': 'HelloWorld'}");
	else if (strcmp(name, "return_bytes_str") == 0)
		answer->value = jv_string("HelloWorld!");
	else if (strcmp(name, "return_decorated_input") == 0)
		answer->value = decorated(input);
	else if (strcmp(name, "large_output_string") == 0)
		answer->value = large_string();
	else if (strcmp(name, "raise_exception") == 0)
		raise_error(answer, "Exception", "Some exception was raised.");
	else if (strcmp(name, "raise_custom_exception") == 0)
		raise_error(answer, "CustomException", "");
	else if (strcmp(name, "wait_60_seconds") == 0)
		return 60;
	return 0;
}

/* The answer of lambda:invoke around a function's. */
static const JsonVal *
wrap_payload(const JsonVal *payload)
{
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	jv_object_add(&builder, "ExecutedVersion", jv_string("$LATEST"));
	jv_object_add(&builder, "Payload", payload);
	jv_object_add(&builder, "SdkHttpMetadata", jv_empty_object());
	jv_object_add(&builder, "SdkResponseMetadata", jv_empty_object());
	jv_object_add(&builder, "StatusCode", jv_int(200));
	return jv_object_end(&builder);
}

static bool
is_function(const char *name)
{
	for (int i = 0; i < (int) lengthof(functions); i++)
	{
		if (strcmp(functions[i], name) == 0)
			return true;
	}
	return false;
}

/* The name at the end of a function's ARN, or the name itself. */
static const char *
bare_name(const char *name)
{
	const char *colon = strstr(name, ":function:");

	return (colon != NULL) ? colon + strlen(":function:") : name;
}

static double
run_task(Driver *driver, const Effect *effect, Event *answer)
{
	const AslResource *resource = &effect->task->resource;
	const JsonVal *payload;
	const char *name;
	double seconds;

	(void) driver;
	if (resource->kind == RESOURCE_FUNCTION)
		return call_function(bare_name(resource->text), effect->parameters, answer);

	name = jv_get_string(effect->parameters, "FunctionName");
	name = bare_name(name != NULL ? name : "");
	if (!is_function(name))
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = "Lambda.ResourceNotFoundException";
		answer->cause = psprintf("Function not found: arn:aws:lambda:us-east-1:000000000000:function:%s:$LATEST "
								 "(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; "
								 "Request ID: 1; Proxy: null)",
								 name);
		return 0;
	}
	/* A string that is JSON text is what the function gets, not a string of it. */
	payload = jv_get(effect->parameters, "Payload");
	seconds = call_function(name, payload != NULL ? unwrap(payload) : jv_empty_object(), answer);
	if (answer->kind == EVENT_TASK_SUCCEEDED)
		answer->value = wrap_payload(answer->value);
	return seconds;
}

/* ---- comparing ---- */

static const char *const any_words[] = {
	"timestamp",   "datetime",        "date",        "start-date",       "stop-date",        "creation-date", "time",
	"update-date", "X-Amzn-Trace-Id", "x-amz-crc32", "x-amzn-RequestId", "x-amzn-requestid", "RequestId",
};

static const char *const ignored_keys[] = {
	"billingDetails", "SdkHttpMetadata", "SdkResponseMetadata", "ResponseMetadata", "stackTrace", "requestId",
};

typedef struct Comparison
{
	const JsonVal *wildcards; /* the case's words, or NULL */
	StringInfoData report;    /* the first differences */
	int differences;
} Comparison;

static bool
is_listed(const char *const *list, int count, const char *word)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

static bool
is_wildcard_word(const Comparison *comparison, const char *word)
{
	for (int i = 0; comparison->wildcards != NULL && i < comparison->wildcards->count; i++)
	{
		if (strcmp(comparison->wildcards->u.items[i]->u.text, word) == 0)
			return true;
	}
	return false;
}

/* The length of a wildcard that the pattern begins with; *digits: it stands for twelve digits. */
static int
wildcard_length(const Comparison *comparison, const char *pattern, bool *digits)
{
	int best = 0;

	*digits = strncmp(pattern, "111111111111", 12) == 0;
	if (*digits)
		return 12;
	if (pattern[0] == '<' && (isalpha((unsigned char) pattern[1]) || pattern[1] == '<'))
	{
		const char *name = pattern + (pattern[1] == '<' ? 2 : 1);
		const char *end = name + strcspn(name, "<>");

		if (*end == '>')
		{
			end++;
			if (pattern[1] != '<')
				return end - pattern;
			if (*end == ':')
				end += 1 + strspn(end + 1, "0123456789");
			if (*end == '>')
				end++;
			return end - pattern;
		}
	}
	for (int i = 0; comparison->wildcards != NULL && i < comparison->wildcards->count; i++)
	{
		const JsonVal *word = comparison->wildcards->u.items[i];

		if (word->count > best && strncmp(pattern, word->u.text, word->count) == 0)
			best = word->count;
	}
	if (best == 0 && strncmp(pattern, "date", 4) == 0 && !isalnum((unsigned char) pattern[4]))
		return 4;
	return best;
}

/* Does the text match the recorded one, wildcards standing for anything? */
static bool
text_matches(const Comparison *comparison, const char *pattern, const char *text)
{
	bool digits;
	int length;

	for (; *pattern != '\0'; pattern++, text++)
	{
		length = wildcard_length(comparison, pattern, &digits);
		if (length > 0 && digits)
		{
			if (strspn(text, "0123456789") < 12)
				return false;
			pattern += length - 1;
			text += length - 1;
			continue;
		}
		if (length > 0)
		{
			for (const char *rest = text;; rest++)
			{
				if (text_matches(comparison, pattern + length, rest))
					return true;
				if (*rest == '\0')
					return false;
			}
		}
		if (*pattern != *text)
			return false;
	}
	return *text == '\0';
}

static void
differ(Comparison *comparison, const char *path, const JsonVal *expected, const JsonVal *actual)
{
	if (comparison->differences++ < 6)
		appendStringInfo(&comparison->report, "  %s: recorded %.300s, got %.300s\n", path,
						 expected != NULL ? jv_to_text(expected) : "nothing",
						 actual != NULL ? jv_to_text(actual) : "nothing");
}

static void compare(Comparison *comparison, const char *path, const JsonVal *expected, const JsonVal *actual);

static void
compare_objects(Comparison *comparison, const char *path, const JsonVal *expected, const JsonVal *actual)
{
	for (int i = 0; i < expected->count; i++)
	{
		const char *key = expected->u.members[i].key;

		compare(comparison, psprintf("%s.%s", path, key), expected->u.members[i].value, jv_get(actual, key));
	}
	for (int i = 0; i < actual->count; i++)
	{
		const char *key = actual->u.members[i].key;

		if (jv_get(expected, key) == NULL)
			compare(comparison, psprintf("%s.%s", path, key), NULL, actual->u.members[i].value);
	}
}

static void
compare_strings(Comparison *comparison, const char *path, const JsonVal *expected, const JsonVal *actual)
{
	const JsonVal *inner = unwrap(expected);
	const JsonVal *other = unwrap(actual);

	if (text_matches(comparison, expected->u.text, actual->u.text))
		return;
	if (inner != expected && other != actual)
		compare(comparison, path, inner, other);
	else
		differ(comparison, path, expected, actual);
}

static bool
stands_for_anything(const Comparison *comparison, const JsonVal *expected)
{
	const char *text = expected->u.text;

	if (expected->type != JV_STRING)
		return false;
	return is_listed(any_words, lengthof(any_words), text) || is_wildcard_word(comparison, text) ||
		(text[0] == '<' && strcspn(text + 1, "<>") == (size_t) expected->count - 2 && text[expected->count - 1] == '>');
}

static void
compare(Comparison *comparison, const char *path, const JsonVal *expected, const JsonVal *actual)
{
	const char *key = strrchr(path, '.');

	if (key != NULL && is_listed(ignored_keys, lengthof(ignored_keys), key + 1))
		return;
	if (expected == NULL || actual == NULL)
	{
		if (expected != actual)
			differ(comparison, path, expected, actual);
		return;
	}
	if (stands_for_anything(comparison, expected))
		return;
	if (expected->type == JV_STRING && actual->type == JV_STRING)
	{
		compare_strings(comparison, path, expected, actual);
		return;
	}
	expected = unwrap(expected);
	actual = unwrap(actual);
	if (expected->type == JV_OBJECT && actual->type == JV_OBJECT)
		compare_objects(comparison, path, expected, actual);
	else if (expected->type == JV_ARRAY && actual->type == JV_ARRAY && expected->count == actual->count)
	{
		for (int i = 0; i < expected->count; i++)
			compare(comparison, psprintf("%s[%d]", path, i), expected->u.items[i], actual->u.items[i]);
	}
	else if (!jv_equal(expected, actual))
		differ(comparison, path, expected, actual);
}

/* An event without what is compared apart. */
static const JsonVal *
details_of(const JsonVal *event)
{
	static const char *const apart[] = {"id", "previousEventId", "timestamp", "restored"};
	JvObjectBuilder builder;

	jv_object_begin(&builder);
	for (int i = 0; i < event->count; i++)
	{
		if (!is_listed(apart, lengthof(apart), event->u.members[i].key))
			jv_object_add(&builder, event->u.members[i].key, event->u.members[i].value);
	}
	return jv_object_end(&builder);
}

static bool
event_matches(const Comparison *comparison, const JsonVal *expected, const JsonVal *actual)
{
	Comparison trial = {.wildcards = comparison->wildcards};

	initStringInfo(&trial.report);
	compare(&trial, "", details_of(expected), details_of(actual));
	return trial.differences == 0;
}

/* Every recorded event is found once, in whatever order. */
static bool
matches_in_any_order(const Comparison *comparison, const JsonVal *expected, const JsonVal *actual)
{
	bool *is_used = palloc0(actual->count + 1);

	if (expected->count != actual->count)
		return false;
	for (int i = 0; i < expected->count; i++)
	{
		int found = 0;

		while (found < actual->count &&
			   (is_used[found] || !event_matches(comparison, expected->u.items[i], actual->u.items[found])))
			found++;
		if (found == actual->count)
			return false;
		is_used[found] = true;
	}
	return true;
}

static void
compare_ids(Comparison *comparison, const JsonVal *expected, const JsonVal *actual)
{
	static const char *const names[] = {"id", "previousEventId"};

	for (int i = 0; i < expected->count && i < actual->count; i++)
	{
		for (int n = 0; n < 2; n++)
		{
			const JsonVal *id = jv_get(expected->u.items[i], names[n]);

			if (id != NULL && id->type != JV_NULL)
				compare(comparison, psprintf("event %d %s", i + 1, names[n]), id, jv_get(actual->u.items[i], names[n]));
		}
	}
}

static void
compare_events(Comparison *comparison, const JsonVal *expected, const JsonVal *actual, bool any_order)
{
	Comparison ordered = *comparison;

	initStringInfo(&ordered.report);
	if (expected->count != actual->count)
		differ(&ordered, "number of events", jv_int(expected->count), jv_int(actual->count));
	for (int i = 0; i < expected->count && i < actual->count; i++)
		compare(&ordered, psprintf("event %d", i + 1), details_of(expected->u.items[i]),
				details_of(actual->u.items[i]));
	if (ordered.differences == comparison->differences)
		compare_ids(comparison, expected, actual);
	else if (!any_order || !matches_in_any_order(comparison, expected, actual))
	{
		comparison->differences = ordered.differences;
		appendStringInfoString(&comparison->report, ordered.report.data);
	}
}

/* ---- cases ---- */

static bool
is_wanted(const JsonVal *test)
{
	const JsonVal *needs = jv_get(test, "needs");

	if (strcmp(jv_get_string(test, "kind"), "execution") != 0)
		return false;
	for (int i = 0; i < needs->count; i++)
	{
		const char *need = needs->u.items[i]->u.text;

		if (strcmp(need, "wait") != 0 && strncmp(need, "lambda:", 7) != 0)
			return false;
	}
	return true;
}

/* "{{now+Ns}}" and the like become plain words. */
static char *
without_tokens(char *text)
{
	StringInfoData out;
	char *token;

	initStringInfo(&out);
	while ((token = strstr(text, "{{")) != NULL && strstr(token, "}}") != NULL)
	{
		appendBinaryStringInfo(&out, text, token - text);
		appendStringInfoString(&out, strncmp(token, "{{now+", 6) == 0 ? "2024-01-01T00:00:05" : "0a1b2c3d");
		text = strstr(token, "}}") + 2;
	}
	appendStringInfoString(&out, text);
	return out.data;
}

static char *
body_of(const JsonVal *test, const char *name, const char *absent)
{
	const JsonVal *value = jv_get(test, name);
	const char *text = jv_get_string(test, psprintf("%s_text", name));

	if (text != NULL)
		return without_tokens(pstrdup(text));
	return (value != NULL) ? without_tokens(jv_to_text(value)) : pstrdup(absent);
}

static const JsonVal *
text_value(const char *text)
{
	return (text != NULL) ? jv_string(text) : NULL;
}

static void
compare_outcome(Comparison *comparison, const JsonVal *expect, const Driver *driver)
{
	const JsonVal *output = driver->x.output;

	compare(comparison, "status", jv_get(expect, "status"), jv_string(driver_status(driver)));
	if (jv_get(expect, "output") != NULL)
		compare(comparison, "output", jv_get(expect, "output"), output != NULL ? jv_string(jv_to_text(output)) : NULL);
	compare(comparison, "error", jv_get(expect, "error"), text_value(driver->x.error));
	compare(comparison, "cause", jv_get(expect, "cause"), text_value(driver->x.cause));
}

static bool
run_case(const JsonVal *test, bool restores, bool is_verbose)
{
	const JsonVal *expect = jv_get(test, "expect");
	const JsonVal *events = jv_get(expect, "events");
	char *definition = body_of(test, "definition", "");
	bool is_partial = jv_get(expect, "partial") != NULL;
	Comparison comparison = {.wildcards = jv_get(test, "wildcards")};
	AslMachine *machine = driver_compile(definition);
	Driver driver;

	initStringInfo(&comparison.report);
	if (machine == NULL)
		return unit_check(false, "%s", jv_get_string(test, "id"));
	driver_begin(&driver, machine, body_of(test, "input", "{}"));
	driver.task = run_task;
	driver.restores = restores;
	driver_run(&driver);
	if (!is_partial)
		compare_outcome(&comparison, expect, &driver);
	if (events != NULL)
	{
		const JsonVal *actual = driver_events(&driver);
		bool any_order = strstr(definition, "\"Parallel\"") != NULL || strstr(definition, "\"Map\"") != NULL;

		if (is_partial && actual->count > events->count)
			actual = jv_array(actual->u.items, events->count);
		compare_events(&comparison, events, actual, any_order);
	}
	if (is_verbose)
		printf("%s\n", driver.history.data);
	if (comparison.differences > 0)
		printf("%s", comparison.report.data);
	return unit_check(comparison.differences == 0, "%s%s", jv_get_string(test, "id"), restores ? " (restored)" : "");
}

static void
run_file(const char *name, const char *only)
{
	int length;
	char *text = unit_read_file(name, &length);
	JvParseError error;
	const JsonVal *tests = jv_parse(text, length, &error);

	if (!jv_is(tests, JV_ARRAY))
		return;
	for (int i = 0; i < tests->count; i++)
	{
		const JsonVal *test = tests->u.items[i];

		if (!is_wanted(test) || (only != NULL && strstr(jv_get_string(test, "id"), only) == NULL))
			continue;
		run_case(test, false, only != NULL);
		run_case(test, true, false);
	}
}

static void
run_folder(const char *name, const char *only)
{
	DIR *folder = opendir(name);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
	{
		int length = strlen(entry->d_name);

		if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0 &&
			strcmp(entry->d_name, "lambdas.json") != 0)
			run_file(psprintf("%s/%s", name, entry->d_name), only);
	}
	if (folder != NULL)
		closedir(folder);
}

int
main(int argc, char **argv)
{
	if (argc < 2)
	{
		fprintf(stderr, "usage: asl_cases FOLDER|FILE [ID]\n");
		return 2;
	}
	if (strstr(argv[1], ".json") != NULL)
		run_file(argv[1], argc > 2 ? argv[2] : NULL);
	else
		run_folder(argv[1], argc > 2 ? argv[2] : NULL);
	return unit_done();
}
