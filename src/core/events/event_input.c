/*
 * event_input.c
 *	  What a target of a rule is given of an event.
 *
 * A template is cut into pieces when it is compiled.  With something in the place of
 * every name it must be JSON; values are filled in as JSON, or escaped inside of a
 * string, so it stays JSON whatever the event is.
 */
#include "base/port.h"

#include "base/error.h"

#include "events/event_input.h"
#include "jsonpath/jsonpath.h"

/* A name that the template may use. */
typedef struct InputName
{
	const char *name;
	const JPath *path;                                          /* or */
	const JsonVal *(*predefined)(const EventInputEvent *event); /* what every event has */
} InputName;

/* A part of the template: its text as it stands, or what a name stands for. */
typedef struct InputPiece
{
	const char *text; /* NULL: the name's value */
	int length;
	const InputName *name;
	bool in_string;
} InputPiece;

struct EventInput
{
	const JsonVal *constant;
	const JPath *path;
	const InputName *names;
	int name_count;
	const InputPiece *pieces;
	int piece_count;
};

/* ---- names that are always there ---- */

static const JsonVal *
rule_arn(const EventInputEvent *event)
{
	return jv_string(event->rule_arn);
}

static const JsonVal *
rule_name(const EventInputEvent *event)
{
	return jv_string(event->rule_name);
}

static const JsonVal *
ingestion_time(const EventInputEvent *event)
{
	return jv_string(event->ingestion_time);
}

static const JsonVal *
whole_event(const EventInputEvent *event)
{
	return event->event;
}

/* Without its detail, and with the name that AWS gives the type there. */
static const JsonVal *
event_without_detail(const EventInputEvent *event)
{
	const JsonVal *whole = event->event;
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < whole->count; i++)
	{
		const JvMember *member = &whole->u.members[i];

		if (strcmp(member->key, "detail-type") == 0)
			jv_object_add(&object, "detailType", member->value);
		else if (strcmp(member->key, "detail") != 0)
			jv_object_add_n(&object, member->key, member->key_length, member->value);
	}
	return jv_object_end(&object);
}

static const InputName predefined_names[] = {
	{"aws.events.event", .predefined = event_without_detail},
	{"aws.events.event.ingestion-time", .predefined = ingestion_time},
	{"aws.events.event.json", .predefined = whole_event},
	{"aws.events.rule-arn", .predefined = rule_arn},
	{"aws.events.rule-name", .predefined = rule_name},
};

/* ---- compiling ---- */

static const JPath *
compile_path(const char *text, const char **problem)
{
	SfnError error = {0};
	const JPath *path = jpath_parse(text, (int) strlen(text), JPATH_PATH, &error);

	if (path == NULL)
		*problem = psprintf("\"%s\" is no JSONPath: %s", text, error.cause);
	else if (jpath_root(path) != JPATH_ROOT_INPUT)
		*problem = psprintf("\"%s\" does not begin at the event, as in $.detail", text);
	else
		return path;
	return NULL;
}

/* The map's names with the predefined ones before them. */
static InputName *
compile_names(const JsonVal *map, int *count, const char **problem)
{
	int defined = map != NULL ? map->count : 0;
	InputName *names = palloc0(sizeof(InputName) * (lengthof(predefined_names) + defined));

	memcpy(names, predefined_names, sizeof(predefined_names));
	*count = (int) lengthof(predefined_names);
	for (int i = 0; i < defined; i++)
	{
		const JvMember *member = &map->u.members[i];
		InputName *name = &names[(*count)++];

		if (pg_strncasecmp(member->key, "aws", 3) == 0 || member->key_length == 0)
			*problem = psprintf("InputPathsMap has the name \"%s\"; names are not empty and do not begin with AWS",
								member->key);
		else if (member->value->type != JV_STRING)
			*problem = psprintf("InputPathsMap has no text as the path of \"%s\"", member->key);
		else
			name->path = compile_path(member->value->u.text, problem);
		name->name = member->key;
		if (name->path == NULL)
			return NULL;
	}
	return names;
}

/* Length of the name between "<" and ">" that begins here; 0: it is a "<" like any other. */
static int
name_length(const char *text)
{
	int length = 0;

	while ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= 'A' && text[length] <= 'Z') ||
		   (text[length] >= '0' && text[length] <= '9') ||
		   (text[length] != '\0' && strchr("_-.", text[length]) != NULL))
		length++;
	return text[length] == '>' ? length : 0;
}

static const InputName *
find_name(const InputName *names, int count, const char *name, int length)
{
	for (int i = 0; i < count; i++)
	{
		if (strncmp(names[i].name, name, length) == 0 && names[i].name[length] == '\0')
			return &names[i];
	}
	return NULL;
}

/* Bytes of the escape of a JSON string that begins here, or what there is of it. */
static int
escape_length(const char *text)
{
	return (int) strnlen(text, text[1] == 'u' ? 6 : 2);
}

/* The template's text and names in turns. */
static bool
cut_template(const char *text, EventInput *input, const char **problem)
{
	InputPiece *pieces = palloc(sizeof(InputPiece) * (strlen(text) + 1));
	bool in_string = false;
	const char *begin = text;
	int length;

	input->pieces = pieces;
	for (const char *c = text; *c != '\0'; c++)
	{
		if (in_string && *c == '\\')
		{
			c += escape_length(c) - 1; /* a name in it would not be one, and the value change what the escape means */
			continue;
		}
		if (*c == '"')
			in_string = !in_string;
		if (*c != '<' || (length = name_length(c + 1)) == 0)
			continue;
		pieces[input->piece_count++] = (InputPiece){begin, (int) (c - begin)};
		pieces[input->piece_count] =
			(InputPiece){.name = find_name(input->names, input->name_count, c + 1, length), .in_string = in_string};
		if (pieces[input->piece_count++].name == NULL)
		{
			*problem = psprintf("InputTemplate contains invalid placeholder %s", pnstrdup(c + 1, length));
			return false;
		}
		c += length + 1;
		begin = c + 1;
	}
	pieces[input->piece_count++] = (InputPiece){begin, (int) strlen(begin)};
	return true;
}

/* Is the template JSON, with null for each name and nothing for those in strings? */
static bool
check_template(const EventInput *input, const char **problem)
{
	StringInfoData sample;
	JvParseError error;

	initStringInfo(&sample);
	for (int i = 0; i < input->piece_count; i++)
	{
		const InputPiece *piece = &input->pieces[i];

		if (piece->text != NULL)
			appendBinaryStringInfo(&sample, piece->text, piece->length);
		else if (!piece->in_string)
			appendStringInfoString(&sample, "null");
	}
	if (jv_parse(sample.data, sample.len, &error) != NULL)
		return true;
	*problem = psprintf("InputTemplate is not JSON: with null in the place of names it is %s", sample.data);
	return false;
}

static bool
compile_transformer(const JsonVal *transformer, EventInput *input, const char **problem)
{
	const JsonVal *map = jv_get(transformer, "InputPathsMap");
	const char *template = jv_get_string(transformer, "InputTemplate");

	*problem = NULL;
	for (int i = 0; transformer->type == JV_OBJECT && i < transformer->count; i++)
	{
		const char *key = transformer->u.members[i].key;

		if (strcmp(key, "InputPathsMap") != 0 && strcmp(key, "InputTemplate") != 0)
			*problem = psprintf("an input transformer has InputPathsMap and InputTemplate, no \"%s\"", key);
	}
	if (template == NULL)
		*problem = "an input transformer is an object with a text InputTemplate";
	else if (strlen(template) > EVENT_INPUT_MAX_TEMPLATE)
		*problem = psprintf("InputTemplate has more than %d bytes", EVENT_INPUT_MAX_TEMPLATE);
	else if (map != NULL && (map->type != JV_OBJECT || map->count > EVENT_INPUT_MAX_PATHS))
		*problem = psprintf("InputPathsMap is an object with at most %d members", EVENT_INPUT_MAX_PATHS);
	if (*problem != NULL)
		return false;
	input->names = compile_names(map, &input->name_count, problem);
	return input->names != NULL && cut_template(template, input, problem) && check_template(input, problem);
}

EventInput *
event_input_compile(const EventInputSource *source, const char **problem)
{
	EventInput *input = palloc0(sizeof(EventInput));

	if ((source->constant != NULL) + (source->path != NULL) + (source->transformer != NULL) > 1)
	{
		*problem = "Only one of Input, InputPath, or InputTransformer must be provided";
		return NULL;
	}
	input->constant = source->constant;
	if (source->path != NULL && (input->path = compile_path(source->path, problem)) == NULL)
		return NULL;
	if (source->transformer != NULL && !compile_transformer(source->transformer, input, problem))
		return NULL;
	return input;
}

/* ---- making the input ---- */

static const JsonVal *
no_context(const EvalScope *scope)
{
	(void) scope;
	return jv_empty_object();
}

static const JsonVal *
no_variable(const EvalScope *scope, const char *name, int length)
{
	(void) scope;
	(void) name;
	(void) length;
	return NULL;
}

/* NULL: the event has nothing there. */
static const JsonVal *
value_at(const JPath *path, const JsonVal *event)
{
	EvalScope scope = {.input = event, .context = no_context, .variable = no_variable};
	const JsonVal *value;
	SfnError error;

	return jpath_eval(path, &scope, &value, &error) ? value : NULL;
}

/* A value inside of a string: a text without its quotation marks, the JSON of all others. */
static void
append_in_string(StringInfo out, const JsonVal *value)
{
	StringInfoData quoted;

	initStringInfo(&quoted);
	if (value->type == JV_STRING)
		jv_print_string(&quoted, value->u.text, value->count);
	else
		jv_print_in_string(&quoted, value);
	appendBinaryStringInfo(out, quoted.data + 1, quoted.len - 2);
	pfree(quoted.data);
}

/* What the name stands for, worked out where it comes first. */
static const JsonVal *
value_of(const InputName *name, const EventInputEvent *event, const JsonVal **known)
{
	if (*known == NULL)
		*known = name->path != NULL ? value_at(name->path, event->event) : name->predefined(event);
	if (*known == NULL)
		*known = jv_string("");
	return *known;
}

static char *
fill_template(const EventInput *input, const EventInputEvent *event, int max_bytes)
{
	const JsonVal **known = palloc0(sizeof(JsonVal *) * input->name_count);
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < input->piece_count && out.len <= max_bytes; i++)
	{
		const InputPiece *piece = &input->pieces[i];

		SFN_CHECK_INTERRUPTS();
		if (piece->text != NULL)
			appendBinaryStringInfo(&out, piece->text, piece->length);
		else if (piece->in_string)
			append_in_string(&out, value_of(piece->name, event, &known[piece->name - input->names]));
		else
			jv_print(&out, value_of(piece->name, event, &known[piece->name - input->names]));
	}
	return out.len <= max_bytes ? out.data : NULL;
}

char *
event_input_make(const EventInput *input, const EventInputEvent *event, int max_bytes)
{
	char *text;
	const JsonVal *value = input->constant != NULL ? input->constant : event->event;

	if (input->path != NULL)
		value = value_at(input->path, event->event);
	if (input->pieces != NULL)
		return fill_template(input, event, max_bytes);
	text = value != NULL ? jv_to_text(value) : pstrdup("null");
	return strlen(text) <= (size_t) max_bytes ? text : NULL;
}
