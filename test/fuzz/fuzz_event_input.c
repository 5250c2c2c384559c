/*
 * fuzz_event_input.c
 *	  Any template over any event: what comes out is JSON.
 *
 * The first line is the template, the second a path, the rest the event.
 */
#include "fuzz/fuzz.h"

#include "events/event_input.h"

static const JsonVal *
transformer_of(const char *template, int length, const char *path)
{
	JvObjectBuilder paths;
	JvObjectBuilder object;

	jv_object_begin(&paths);
	jv_object_add(&paths, "a", jv_string(path));
	jv_object_add(&paths, "b", jv_string("$.b"));
	jv_object_begin(&object);
	jv_object_add(&object, "InputPathsMap", jv_object_end(&paths));
	jv_object_add(&object, "InputTemplate", jv_string_n(template, length));
	return jv_object_end(&object);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	char *text = palloc(size + 1);
	EventInputEvent event = {NULL, "arn\"", "<a>", "time\\"};
	EventInputSource source = {NULL};
	JvParseError error;
	const char *problem;
	EventInput *input;
	char *path;
	char *rest;
	char *made;

	memcpy(text, data, size);
	text[size] = '\0';
	path = strchr(text, '\n');
	rest = path != NULL ? strchr(path + 1, '\n') : NULL;
	if (size < 20000 && rest != NULL)
	{
		*path++ = *rest++ = '\0';
		event.event = jv_parse(rest, (int) strlen(rest), &error);
		source.transformer = transformer_of(text, (int) strlen(text), path);
		input = event_input_compile(&source, &problem);
		if (input != NULL && jv_is(event.event, JV_OBJECT))
		{
			made = event_input_make(input, &event, PG_INT32_MAX);
			FUZZ_ASSERT(jv_parse_stored(made, (int) strlen(made), &error) != NULL);
		}
	}
	unit_reset_memory();
	return 0;
}
