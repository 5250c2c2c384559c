/*
 * fuzz_jsonata.c
 *	  An expression, a line feed, and the JSON input.
 */
#include "fuzz/fuzz.h"

#include "base/utf8.h"
#include "jsonata/jsonata.h"

static const char *const default_input =
	"{'a':1,'b':'text','c':[1,2,3],'d':{'e':[{'f':1,'g':'x'},{'f':2,'g':'y'},{'f':[3,4]}],'h':null,'i':true},"
	"'n':-2.5,'z':[],'o':{},'s':['b','a','c'],'m':[[1,2],[3,[4]]]}";

static const JsonVal *
lookup(const JsonataBindings *bindings, const char *name, int length)
{
	return length == 1 && name[0] == 'v' ? bindings->owner : NULL;
}

static double
no_chance(const JsonataBindings *bindings)
{
	(void) bindings;
	return 0.5;
}

/* Whatever the names are, they lie within the text. */
static void
check_names(const JsonataExpression *expression, int length)
{
	const JsonataFreeName *names;
	int count = jsonata_free_variables(expression, &names);

	for (int i = 0; i < count; i++)
		FUZZ_ASSERT(names[i].offset >= 0 && names[i].offset < length);
	count = jsonata_free_fields(expression, &names);
	for (int i = 0; i < count; i++)
		FUZZ_ASSERT(names[i].offset >= 0 && names[i].offset < length);
	(void) jsonata_variable_fields(expression, "v", &names);
}

static void
run(const char *text, int length, const JsonVal *input, bool aws)
{
	JsonataOptions options = {.aws_functions = aws, .as_aws = aws};
	JsonataLimits limits = {.timeout_ms = 300, .max_sequence = 20000, .max_memory = 64 * 1024 * 1024};
	JsonataBindings bindings = {lookup, no_chance, unconstify(JsonVal *, input)};
	JsonataError error;
	const JsonVal *result = NULL;
	JsonataExpression *expression = jsonata_compile(text, length, &options, &error);

	if (expression == NULL)
	{
		FUZZ_ASSERT(error.code[0] == 'S' || strcmp(error.code, "U1001") == 0);
		FUZZ_ASSERT(error.message[0] != '\0' && error.offset <= length && error.position <= length);
		return;
	}
	check_names(expression, length);
	if (jsonata_eval(expression, input, &bindings, &limits, 0, &result, &error))
	{
		if (result != NULL)
		{
			JvParseError parse_error;
			char *printed = jv_to_text(result);

			FUZZ_ASSERT(result->depth <= SFN_MAX_DEPTH);
			FUZZ_ASSERT(jv_parse(printed, strlen(printed), &parse_error) != NULL);
		}
	}
	else
		FUZZ_ASSERT(strlen(error.code) == 5 && error.message[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	const char *line_feed = memchr(text, '\n', size);
	int length = line_feed == NULL ? (int) size : line_feed - text;
	const JsonVal *input = NULL;
	JvParseError error;

	if (size > 5000 || memchr(text, '\0', size) != NULL || !utf8_is_valid(text, size))
		return 0;
	if (line_feed != NULL)
		input = jv_parse(line_feed + 1, size - length - 1, &error);
	if (input == NULL)
		input = unit_json(default_input);
	run(text, length, input, false);
	run(text, length, input, true);
	unit_reset_memory();
	return 0;
}
