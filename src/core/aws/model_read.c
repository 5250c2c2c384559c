/*
 * model_read.c
 *	  AWS's public model of a service (service-2.json) as a row.
 *
 * Shapes are numbered as the operations reach them, so what no operation reaches is
 * left out, and all words for people are.
 */
#include "aws/model.h"

#include "base/texts.h"

typedef struct ModelReader
{
	const JsonVal *shapes;    /* of the model */
	const JsonVal *positions; /* name: where it is among them */
	int *numbers;             /* of the row's shape, by position; -1: none yet */
	const JsonVal **queue;    /* the shapes of the row, as the model has them */
	int count;
} ModelReader;

/* ---- types ---- */

/* An attribute as the model and as the row call it. */
static const struct
{
	const char *model;
	const char *row;
	bool is_text;
} attributes[] = {{"locationName", "n", true},  {"queryName", "q", true},  {"flattened", "F", false},
				  {"xmlAttribute", "A", false}, {"streaming", "S", false}, {"idempotencyToken", "T", false},
				  {"jsonvalue", "J", false},    {"hostLabel", "H", false}};

/* In place of the long words. */
static const struct
{
	const char *model;
	const char *row;
} locations[] = {{"header", "h"}, {"headers", "H"}, {"querystring", "q"}, {"uri", "u"}, {"statusCode", "s"}};

static const struct
{
	const char *model;
	const char *row;
} scalars[] = {{"string", "s"},  {"character", "s"},  {"integer", "i"},  {"long", "i"},   {"short", "i"},
			   {"byte", "i"},    {"bigInteger", "i"}, {"float", "f"},    {"double", "f"}, {"bigDecimal", "f"},
			   {"boolean", "b"}, {"blob", "B"},       {"timestamp", "t"}};

/* What is said where a shape is used goes before what the shape says. */
static const JsonVal *
attribute_of(const JsonVal *use, const JsonVal *shape, const char *name)
{
	const JsonVal *value = jv_get(use, name);

	return value != NULL ? value : jv_get(shape, name);
}

static bool
is_true(const JsonVal *value)
{
	return jv_is(value, JV_BOOL) && value->boolean;
}

static void
add_namespace(JvObjectBuilder *out, const JsonVal *space)
{
	const char *uri = jv_is(space, JV_STRING) ? space->u.text : jv_get_string(space, "uri");
	const char *prefix = jv_get_string(space, "prefix");

	if (uri == NULL)
		return;
	jv_object_add(out, "ns", jv_string(uri));
	if (prefix != NULL)
		jv_object_add(out, "np", jv_string(prefix));
}

static const JsonVal *
read_attributes(const JsonVal *use, const JsonVal *shape)
{
	JvObjectBuilder out;
	const JsonVal *location = attribute_of(use, shape, "location");

	jv_object_begin(&out);
	for (int i = 0; jv_is(location, JV_STRING) && i < (int) lengthof(locations); i++)
	{
		if (strcmp(locations[i].model, location->u.text) == 0)
			jv_object_add(&out, "l", jv_string(locations[i].row));
	}
	for (int i = 0; i < (int) lengthof(attributes); i++)
	{
		const JsonVal *value = attribute_of(use, shape, attributes[i].model);

		if (attributes[i].is_text ? jv_is(value, JV_STRING) : is_true(value))
			jv_object_add(&out, attributes[i].row, attributes[i].is_text ? value : jv_int(1));
	}
	add_namespace(&out, attribute_of(use, shape, "xmlNamespace"));
	return jv_object_end(&out);
}

static const char *
scalar_letter(const JsonVal *use, const JsonVal *shape, const char *type)
{
	const JsonVal *format = attribute_of(use, shape, "timestampFormat");

	if (is_true(jv_get(shape, "document")))
		return "d";
	for (int i = 0; i < (int) lengthof(scalars); i++)
	{
		if (strcmp(scalars[i].model, type) != 0)
			continue;
		if (strcmp(type, "timestamp") == 0 && jv_is(format, JV_STRING) && format->count > 0)
			return psprintf("t%c", pg_ascii_toupper((unsigned char) format->u.text[0]));
		return scalars[i].row;
	}
	return NULL;
}

/* A text or a number of which not every value is one. */
static bool
is_limited(const JsonVal *shape, const char *letter)
{
	if (jv_is(jv_get(shape, "enum"), JV_ARRAY))
		return true;
	return (letter[0] == 'i' || letter[0] == 'f') && (jv_get(shape, "min") != NULL || jv_get(shape, "max") != NULL);
}

/* The number of a shape, which is put into the queue when it is new. */
static const JsonVal *
shape_number(ModelReader *reader, const char *name, const JsonVal *shape)
{
	int64 position = 0;

	(void) jv_to_int64(jv_get(reader->positions, name), &position);
	if (reader->numbers[position] < 0)
	{
		reader->numbers[position] = reader->count;
		reader->queue[reader->count++] = shape;
	}
	return jv_int(reader->numbers[position]);
}

/* Of {"shape": name, attributes}; NULL when the model does not have that shape. */
static const JsonVal *
read_use(ModelReader *reader, const JsonVal *use)
{
	const char *name = jv_get_string(use, "shape");
	const JsonVal *shape = name != NULL ? jv_get(reader->shapes, name) : NULL;
	const char *type = jv_get_string(shape, "type");
	const JsonVal *pair[2];
	const char *letter;

	if (type == NULL)
		return NULL;
	letter = scalar_letter(use, shape, type);
	pair[0] = letter != NULL && !is_limited(shape, letter) ? jv_string(letter) : shape_number(reader, name, shape);
	pair[1] = read_attributes(use, shape);
	return pair[1]->count > 0 ? jv_array(pair, 2) : pair[0];
}

/* ---- shapes ---- */

static const JsonVal *
read_structure(ModelReader *reader, const JsonVal *shape)
{
	const JsonVal *members = jv_get(shape, "members");
	const JsonVal *required = jv_get(shape, "required");
	const char *payload = jv_get_string(shape, "payload");
	JvObjectBuilder row;
	JvObjectBuilder out;

	jv_object_begin(&out);
	for (int i = 0; jv_is(members, JV_OBJECT) && i < members->count; i++)
	{
		const JsonVal *type = read_use(reader, members->u.members[i].value);

		if (type != NULL)
			jv_object_add(&out, members->u.members[i].key, type);
	}
	jv_object_begin(&row);
	jv_object_add(&row, "m", jv_object_end(&out));
	if (payload != NULL)
		jv_object_add(&row, "p", jv_string(payload));
	if (jv_is(required, JV_ARRAY) && required->count > 0)
		jv_object_add(&row, "rq", required);
	return jv_object_end(&row);
}

static const JsonVal *
read_limited(const JsonVal *shape, const char *letter)
{
	static const char *const limits[] = {"min", "max", "enum"};
	JvObjectBuilder row;

	jv_object_begin(&row);
	jv_object_add(&row, "s", jv_string(letter));
	for (int i = 0; i < (int) lengthof(limits); i++)
		if (jv_get(shape, limits[i]) != NULL && (letter[0] != 's' || strcmp(limits[i], "enum") == 0))
			jv_object_add(&row, limits[i], jv_get(shape, limits[i]));
	return jv_object_end(&row);
}

static const JsonVal *
read_shape(ModelReader *reader, const JsonVal *shape)
{
	const char *type = jv_get_string(shape, "type");
	const char *letter = scalar_letter(NULL, shape, type);
	const JsonVal *element = read_use(reader, jv_get(shape, strcmp(type, "list") == 0 ? "member" : "value"));
	const JsonVal *key = read_use(reader, jv_get(shape, "key"));
	JvObjectBuilder row;

	if (letter != NULL)
		return read_limited(shape, letter);
	if (strcmp(type, "structure") == 0 || element == NULL)
		return read_structure(reader, shape);
	jv_object_begin(&row);
	if (strcmp(type, "map") == 0)
	{
		jv_object_add(&row, "K", key != NULL ? key : jv_string("s"));
		jv_object_add(&row, "M", element);
	}
	else
		jv_object_add(&row, "L", element);
	return jv_object_end(&row);
}

static bool
has_event_stream(const ModelReader *reader, const JsonVal *use)
{
	const char *name = jv_get_string(use, "shape");
	const JsonVal *members = name != NULL ? jv_get(jv_get(reader->shapes, name), "members") : NULL;

	for (int i = 0; jv_is(members, JV_OBJECT) && i < members->count; i++)
	{
		const char *member = jv_get_string(members->u.members[i].value, "shape");

		if (member != NULL && is_true(jv_get(jv_get(reader->shapes, member), "eventstream")))
			return true;
	}
	return false;
}

/* ---- operations ---- */

static void
add_text(JvObjectBuilder *out, const char *name, const char *text, const char *otherwise)
{
	if (text != NULL && (otherwise == NULL || strcmp(text, otherwise) != 0))
		jv_object_add(out, name, jv_string(text));
}

static void
add_checksum(JvObjectBuilder *row, const JsonVal *operation)
{
	const JsonVal *checksum = jv_get(operation, "httpChecksum");

	if (is_true(jv_get(operation, "httpChecksumRequired")) || is_true(jv_get(checksum, "requestChecksumRequired")))
		jv_object_add(row, "ck", jv_int(1));
	add_text(row, "ca", jv_get_string(checksum, "requestAlgorithmMember"), NULL);
}

/* The root's name in XML is the shape's unless something else is said. */
static const JsonVal *
read_root(ModelReader *reader, const JsonVal *use)
{
	const JsonVal *type = read_use(reader, use);
	const JsonVal *pair[2];

	if (type == NULL)
		return NULL;
	pair[0] = jv_is(type, JV_ARRAY) ? type->u.items[0] : type;
	pair[1] = jv_is(type, JV_ARRAY) ? type->u.items[1] : jv_empty_object();
	if (jv_get(pair[1], "n") == NULL)
		pair[1] = jv_object_set(pair[1], "n", 1, jv_get(use, "shape"));
	return jv_array(pair, 2);
}

static const JsonVal *
read_operation(ModelReader *reader, const JsonVal *operation, bool is_xml)
{
	const JsonVal *http = jv_get(operation, "http");
	const JsonVal *input = jv_get(operation, "input");
	const JsonVal *output = jv_get(operation, "output");
	const char *authtype = jv_get_string(operation, "authtype");
	JvObjectBuilder row;

	jv_object_begin(&row);
	add_text(&row, "m", jv_get_string(http, "method"), "POST");
	add_text(&row, "u", jv_get_string(http, "requestUri"), "/");
	if (input != NULL)
	{
		const JsonVal *type = is_xml ? read_root(reader, input) : read_use(reader, input);

		if (type != NULL)
			jv_object_add(&row, "i", type);
	}
	if (read_use(reader, output) != NULL)
		jv_object_add(&row, "o", read_use(reader, output));
	add_text(&row, "w", jv_get_string(output, "resultWrapper"), NULL);
	if (authtype != NULL && strcmp(authtype, "none") == 0)
		jv_object_add(&row, "a", jv_string("none"));
	else if (is_true(jv_get(operation, "unsignedPayload")) ||
			 (authtype != NULL && strcmp(authtype, "v4-unsigned-body") == 0))
		jv_object_add(&row, "a", jv_string("unsigned"));
	add_text(&row, "hp", jv_get_string(jv_get(operation, "endpoint"), "hostPrefix"), NULL);
	add_checksum(&row, operation);
	if (has_event_stream(reader, input) || has_event_stream(reader, output))
		jv_object_add(&row, "es", jv_int(1));
	return jv_object_end(&row);
}

/* ---- services ---- */

/* The first of those spoken here that the model names. */
static const char *
chosen_protocol(const JsonVal *metadata)
{
	static const char *const spoken[] = {"json", "rest-json", "query", "ec2", "rest-xml"};
	const JsonVal *named = jv_get(metadata, "protocols");

	for (int i = 0; i < (int) lengthof(spoken); i++)
	{
		for (int n = 0; jv_is(named, JV_ARRAY) && n < named->count; n++)
		{
			if (jv_is(named->u.items[n], JV_STRING) && strcmp(named->u.items[n]->u.text, spoken[i]) == 0)
				return spoken[i];
		}
	}
	return jv_get_string(metadata, "protocol");
}

static void
add_errors(JvObjectBuilder *row, const JsonVal *shapes)
{
	JvArrayBuilder names;
	JvObjectBuilder codes;

	jv_array_begin(&names);
	jv_object_begin(&codes);
	for (int i = 0; i < shapes->count; i++)
	{
		const char *name = shapes->u.members[i].key;
		const char *code = jv_get_string(jv_get(shapes->u.members[i].value, "error"), "code");

		if (!is_true(jv_get(shapes->u.members[i].value, "exception")))
			continue;
		jv_array_add(&names, jv_string(name));
		if (code != NULL && strcmp(code, name) != 0)
			jv_object_add(&codes, code, jv_string(name));
	}
	jv_object_add(row, "ex", jv_array_end(&names));
	jv_object_add(row, "err", jv_object_end(&codes));
}

static void
add_metadata(JvObjectBuilder *row, const JsonVal *metadata, const char *service_id, const char *protocol)
{
	const char *endpoint = jv_get_string(metadata, "endpointPrefix");

	jv_object_add(row, "prefix", jv_string(aws_service_prefix(service_id)));
	jv_object_add(row, "ep", jv_string(endpoint));
	jv_object_add(row, "proto", jv_string(protocol));
	add_text(row, "sn", jv_get_string(metadata, "signingName"), endpoint);
	add_text(row, "jv", jv_get_string(metadata, "jsonVersion"), NULL);
	add_text(row, "tp", jv_get_string(metadata, "targetPrefix"), NULL);
	add_text(row, "api", jv_get_string(metadata, "apiVersion"), NULL);
	if (jv_get(metadata, "awsQueryCompatible") != NULL)
		jv_object_add(row, "qc", jv_bool(true));
}

static void
reader_begin(ModelReader *reader, const JsonVal *shapes)
{
	JvObjectBuilder positions;

	reader->shapes = shapes;
	reader->numbers = palloc(sizeof(int) * (shapes->count + 1));
	reader->queue = palloc(sizeof(JsonVal *) * (shapes->count + 1));
	reader->count = 0;
	jv_object_begin(&positions);
	for (int i = 0; i < shapes->count; i++)
	{
		reader->numbers[i] = -1;
		jv_object_add(&positions, shapes->u.members[i].key, jv_int(i));
	}
	reader->positions = jv_object_end(&positions);
}

const JsonVal *
aws_model_read(const JsonVal *model, const char **problem)
{
	const JsonVal *metadata = jv_get(model, "metadata");
	const JsonVal *operations = jv_get(model, "operations");
	const char *service_id = jv_get_string(metadata, "serviceId");
	const char *protocol = chosen_protocol(metadata);
	ModelReader reader;
	JvObjectBuilder row;
	JvObjectBuilder operation_rows;
	JvArrayBuilder shape_rows;

	*problem = "it has no metadata with serviceId, endpointPrefix and protocol";
	if (service_id == NULL || service_id[0] == '\0' || protocol == NULL ||
		jv_get_string(metadata, "endpointPrefix") == NULL)
		return NULL;
	*problem = "it has no operations and shapes";
	if (!jv_is(operations, JV_OBJECT) || !jv_is(jv_get(model, "shapes"), JV_OBJECT))
		return NULL;
	reader_begin(&reader, jv_get(model, "shapes"));
	jv_object_begin(&operation_rows);
	for (int i = 0; i < operations->count; i++)
		jv_object_add(&operation_rows, operations->u.members[i].key,
					  read_operation(&reader, operations->u.members[i].value, text_ends_with(protocol, "xml")));
	jv_array_begin(&shape_rows);
	for (int i = 0; i < reader.count; i++)
	{
		SFN_CHECK_INTERRUPTS();
		jv_array_add(&shape_rows, read_shape(&reader, reader.queue[i]));
	}
	jv_object_begin(&row);
	add_metadata(&row, metadata, service_id, protocol);
	jv_object_add(&row, "ops", jv_object_end(&operation_rows));
	jv_object_add(&row, "sh", jv_array_end(&shape_rows));
	add_errors(&row, reader.shapes);
	return jv_object_end(&row);
}
