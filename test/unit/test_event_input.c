/*
 * test_event_input.c
 *	  What targets of rules are given of an event.
 */
#include "unit/unit.h"

#include "events/event_input.h"

#define MAX_BYTES 1000

static const char event_text[] =
	"{'version': '0', 'id': 'e1', 'detail-type': 'Change', 'source': 'aws.states', 'resources': ['r1', 'r2'], 'detail': "
	"{'status': 'FAILED', 'text': 'say \\\"hi\\\" <status>', 'n': 1.50, 'yes': true, 'none': null, 'object': {'b': 1, 'a': "
	"'x\\ny'}, 'list': [{'k': 1}, {'k': 2}]}}";

static const JsonVal *
transformer_of(const char *paths, const char *template)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	if (paths != NULL)
		jv_object_add(&object, "InputPathsMap", unit_json(paths));
	jv_object_add(&object, "InputTemplate", jv_string(template));
	return jv_object_end(&object);
}

/* The input, or "error: " with what is wrong. */
static const char *
input_of(const EventInputSource *source)
{
	EventInputEvent event = {unit_json(event_text), "arn:aws:events:us-east-1:000000000000:rule/r", "r",
							 "2026-01-01T00:00:00Z"};
	JvParseError error;
	const char *problem;
	EventInput *input = event_input_compile(source, &problem);
	char *text;

	if (input == NULL)
		return psprintf("error: %s", problem);
	text = event_input_make(input, &event, MAX_BYTES);
	if (text == NULL)
		return "too long";
	unit_check(jv_parse(text, (int) strlen(text), &error) != NULL, "%s is JSON", text);
	return text;
}

static void
check_template(const char *paths, const char *template, const char *expected)
{
	EventInputSource source = {.transformer = transformer_of(paths, template)};

	unit_text(input_of(&source), expected, "%s", template);
}

static void
check_path(const char *path, const char *expected)
{
	EventInputSource source = {.path = path};

	unit_text(input_of(&source), expected, "%s", path);
}

static void
check_templates(void)
{
	static const char paths[] =
		"{'status': '$.detail.status', 'text': '$.detail.text', 'n': '$.detail.n', 'yes': '$.detail.yes', 'none': "
		"'$.detail.none', 'object': '$.detail.object', 'list': '$.detail.list[*].k', 'second': "
		"'$.resources[1]', 'type': '$.detail-type', 'missing': '$.detail.nothing'}";

	check_template(paths, "\"The execution is <status>\"", "\"The execution is FAILED\"");
	check_template(paths, "{\"s\": <status>, \"t\": \"<status>\"}", "{\"s\": \"FAILED\", \"t\": \"FAILED\"}");
	check_template(paths, "<status>", "\"FAILED\"");
	check_template(
		paths,
		"{\"a\": <n>, \"b\": <yes>, \"c\": <none>, \"d\": <object>, \"e\": <list>, \"f\": <second>, \"g\": <type>}",
		"{\"a\": 1.50, \"b\": true, \"c\": null, \"d\": {\"b\":1,\"a\":\"x\\ny\"}, \"e\": [1,2], \"f\": \"r2\", \"g\": \"Change\"}");
	check_template(paths, "\"<n> <yes> <none> <object> <list>\"",
				   "\"1.50 true null {\\\"b\\\":1,\\\"a\\\":\\\"x\\\\ny\\\"} [1,2]\"");
	/* a value is never read again, as a name or as JSON */
	check_template(paths, "{\"t\": <text>, \"u\": \"<text>\"}",
				   "{\"t\": \"say \\\"hi\\\" <status>\", \"u\": \"say \\\"hi\\\" <status>\"}");
	/* what is not there, as recorded on AWS */
	check_template(paths, "{\"a\": <missing>, \"b\": \"x<missing>\"}", "{\"a\": \"\", \"b\": \"x\"}");
	check_template(paths, "{\"<status>\": 1, \"a\\\"<status>\": 2}", "{\"FAILED\": 1, \"a\\\"FAILED\": 2}");
	check_template(paths, "\"1 < 2, <>, <no name>, \\\\<status>\"", "\"1 < 2, <>, <no name>, \\\\FAILED\"");
	check_template(
		NULL,
		"{\"r\": <aws.events.rule-name>, \"a\": \"<aws.events.rule-arn>\", \"t\": <aws.events.event.ingestion-time>}",
		"{\"r\": \"r\", \"a\": \"arn:aws:events:us-east-1:000000000000:rule/r\", \"t\": \"2026-01-01T00:00:00Z\"}");
	check_template(
		NULL, "<aws.events.event>",
		"{\"version\":\"0\",\"id\":\"e1\",\"detailType\":\"Change\",\"source\":\"aws.states\",\"resources\":[\"r1\",\"r2\"]}");
	check_template(NULL, "[<aws.events.event.json>]", psprintf("[%s]", jv_to_text(unit_json(event_text))));
	check_template(NULL, "{\"fixed\": [1, 2]}", "{\"fixed\": [1, 2]}");
	/* a small template of a large event */
	check_template("{'all': '$'}", "[<all>, <all>, <all>, <all>, <all>]", "too long");
	check_template("{'x': '$.detail.n'}", psprintf("\"%0998d\"", 0), psprintf("\"%0998d\"", 0));
	check_template("{'x': '$.detail.n'}", psprintf("\"%0995d<x>\"", 0), "too long");
}

static void
check_problems(void)
{
	EventInputSource two = {.path = "$", .constant = jv_null()};
	EventInputSource other = {.transformer = unit_json("{'InputTemplate': '1', 'Template': '2'}")};
	EventInputSource text = {.transformer = unit_json("'x'")};
	StringInfoData many;

	check_template(NULL, "{\"a\": <b>}", "error: InputTemplate contains invalid placeholder b");
	check_template("{'b': '$.x'}", "{\"a\": <b>",
				   "error: InputTemplate is not JSON: with null in the place of names it is {\"a\": null");
	check_template("{'b': '$.x'}", "<b><b>",
				   "error: InputTemplate is not JSON: with null in the place of names it is nullnull");
	check_template("{'b': '$.x'}", "\"\\<b>\"",
				   "error: InputTemplate is not JSON: with null in the place of names it is \"\\<b>\"");
	check_template("{'b': '$.x'}", "\"\\u00<b>41\"",
				   "error: InputTemplate is not JSON: with null in the place of names it is \"\\u00<b>41\"");
	check_template("{'b': '$.x'}", "", "error: InputTemplate is not JSON: with null in the place of names it is ");
	check_template("{'AWSx': '$.x'}", "1",
				   "error: InputPathsMap has the name \"AWSx\"; names are not empty and do not begin with AWS");
	check_template("{'b': 5}", "1", "error: InputPathsMap has no text as the path of \"b\"");
	check_template("{'b': '$$.x'}", "1", "error: \"$$.x\" does not begin at the event, as in $.detail");
	check_template("{'b': '$x.y'}", "1", "error: \"$x.y\" does not begin at the event, as in $.detail");
	check_template("[]", "1", "error: InputPathsMap is an object with at most 100 members");
	unit_text(input_of(&two), "error: Only one of Input, InputPath, or InputTransformer must be provided",
			  "two of them");
	unit_text(input_of(&other), "error: an input transformer has InputPathsMap and InputTemplate, no \"Template\"",
			  "another member");
	unit_text(input_of(&text), "error: an input transformer is an object with a text InputTemplate", "a text");

	initStringInfo(&many);
	for (int i = 0; i <= EVENT_INPUT_MAX_PATHS; i++)
		appendStringInfo(&many, "%s'k%d': '$.x'", i == 0 ? "{" : ", ", i);
	appendStringInfoChar(&many, '}');
	check_template(many.data, "1", "error: InputPathsMap is an object with at most 100 members");
	resetStringInfo(&many);
	for (int i = 0; i <= EVENT_INPUT_MAX_TEMPLATE; i++)
		appendStringInfoChar(&many, '1');
	check_template(NULL, many.data, "error: InputTemplate has more than 8192 bytes");
}

int
main(void)
{
	EventInputSource whole = {NULL};
	EventInputSource constant = {.constant = unit_json("{'a': [1.0]}")};

	unit_text(input_of(&whole), jv_to_text(unit_json(event_text)), "the whole event");
	unit_text(input_of(&constant), "{\"a\":[1.0]}", "a constant");
	check_path("$", jv_to_text(unit_json(event_text)));
	check_path("$.detail.object", "{\"b\":1,\"a\":\"x\\ny\"}");
	check_path("$.detail.status", "\"FAILED\"");
	check_path("$.detail.list[*].k", "[1,2]");
	check_path("$['detail-type']", "\"Change\"");
	check_path("$.nothing", "null");
	check_path("$$.x", "error: \"$$.x\" does not begin at the event, as in $.detail");
	check_templates();
	check_problems();
	return unit_done();
}
