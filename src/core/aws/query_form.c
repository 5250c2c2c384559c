/*
 * query_form.c
 *	  AWS's query protocol from the service's side: a form becomes a request in JSON, an answer in JSON becomes XML.
 */
#include "base/port.h"

#include "aws/query_form.h"
#include "aws/url_encoding.h"
#include "aws/xml.h"

#define MAX_FIELDS 1000
#define MAX_DEPTH 10

/* A field, of whose name as much has been read as the value is deep. */
typedef struct Field
{
	const char *rest; /* of its name; "": it is the value of where it stands */
	const char *value;
} Field;

static const JsonVal *value_of(Field *fields, int count, int depth);

/* ---- the form ---- */

/* "+" is a blank. */
static char *
decoded(const char *text, size_t length)
{
	char *copy = pnstrdup(text, length);

	for (char *c = copy; *c != '\0'; c++)
	{
		if (*c == '+')
			*c = ' ';
	}
	return url_decode(copy, (int) length);
}

/* -1: it is none. */
static int
read_fields(const char *form, Field *fields)
{
	int count = 0;

	while (*form != '\0')
	{
		size_t length = strcspn(form, "&");
		size_t name_length = strcspn(form, "=");

		if (name_length < length)
		{
			if (count == MAX_FIELDS)
				return -1;
			fields[count].rest = decoded(form, name_length);
			fields[count].value = decoded(form + name_length + 1, length - name_length - 1);
			if (fields[count].rest == NULL || fields[count].value == NULL)
				return -1;
			count++;
		}
		form += length + (form[length] == '&');
	}
	return count;
}

static size_t
first_part(const Field *field)
{
	return strcspn(field->rest, ".");
}

static bool
begins_alike(const Field *a, const Field *b)
{
	return first_part(a) == first_part(b) && strncmp(a->rest, b->rest, first_part(a)) == 0;
}

static bool
begins_with(const Field *field, const char *part)
{
	return first_part(field) == strlen(part) && strncmp(field->rest, part, strlen(part)) == 0;
}

static bool
has_come(const Field *fields, int number)
{
	for (int i = 0; i < number; i++)
	{
		if (begins_alike(&fields[i], &fields[number]))
			return true;
	}
	return false;
}

/* The fields that begin as that one does, without that part; returns how many. */
static int
fields_below(const Field *fields, int count, int number, Field *below)
{
	int found = 0;

	for (int i = number; i < count; i++)
	{
		size_t length = first_part(&fields[i]);

		if (begins_alike(&fields[i], &fields[number]))
			below[found++] =
				(Field){.rest = fields[i].rest + length + (fields[i].rest[length] == '.'), .value = fields[i].value};
	}
	return found;
}

/* Adds an element of a map: {"key", "value"} or {"Name", "Value"}. */
static void
add_entry(JvObjectBuilder *map, const JsonVal *entry)
{
	const char *key = jv_get_string(entry, "key") != NULL ? jv_get_string(entry, "key") : jv_get_string(entry, "Name");
	const JsonVal *value = jv_get(entry, "value") != NULL ? jv_get(entry, "value") : jv_get(entry, "Value");

	if (key != NULL && value != NULL)
		jv_object_add(map, pstrdup(key), value);
}

/* What stands below "member" or "entry", by numbers. */
static const JsonVal *
elements_of(Field *fields, int count, bool is_map, int depth)
{
	Field *below = palloc(sizeof(Field) * count);
	JvArrayBuilder list;
	JvObjectBuilder map;

	jv_array_begin(&list);
	jv_object_begin(&map);
	for (int i = 0; i < count; i++)
	{
		const JsonVal *element;

		if (has_come(fields, i))
			continue;
		element = value_of(below, fields_below(fields, count, i, below), depth + 1);
		if (element == NULL)
			return NULL;
		if (is_map)
			add_entry(&map, element);
		else
			jv_array_add(&list, element);
	}
	return is_map ? jv_object_end(&map) : jv_array_end(&list);
}

static const JsonVal *
object_of(Field *fields, int count, int depth)
{
	Field *below = palloc(sizeof(Field) * count);
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < count; i++)
	{
		const JsonVal *value;

		if (has_come(fields, i))
			continue;
		value = value_of(below, fields_below(fields, count, i, below), depth + 1);
		if (value == NULL)
			return NULL;
		jv_object_add_n(&object, pnstrdup(fields[i].rest, first_part(&fields[i])), (int) first_part(&fields[i]), value);
	}
	return jv_object_end(&object);
}

static const JsonVal *
value_of(Field *fields, int count, int depth)
{
	Field *below;
	bool is_map = count > 0 && begins_with(&fields[0], "entry");

	if (count == 0 || depth > MAX_DEPTH)
		return NULL;
	if (fields[0].rest[0] == '\0')
		return jv_string(fields[0].value);
	if (!is_map && !begins_with(&fields[0], "member"))
		return object_of(fields, count, depth);
	below = palloc(sizeof(Field) * count);
	return elements_of(below, fields_below(fields, count, 0, below), is_map, depth);
}

const JsonVal *
query_form_read(const char *form)
{
	Field *fields = palloc(sizeof(Field) * MAX_FIELDS);
	int count = read_fields(form, fields);

	return count > 0 ? object_of(fields, count, 0) : NULL;
}

/* ---- the answer ---- */

static void
print_value(StringInfo out, const JsonVal *value)
{
	if (jv_is(value, JV_STRING))
		xml_escape(out, value->u.text);
	else if (jv_is(value, JV_OBJECT))
		query_answer_print(out, value);
	else if (!jv_is(value, JV_ARRAY))
		jv_print(out, value);
	else
	{
		for (int i = 0; i < value->count; i++)
		{
			appendStringInfoString(out, "<member>");
			print_value(out, value->u.items[i]);
			appendStringInfoString(out, "</member>");
		}
	}
}

static void
print_map(StringInfo out, const JsonVal *map)
{
	for (int i = 0; i < map->count; i++)
	{
		appendStringInfoString(out, "<entry><key>");
		xml_escape(out, map->u.members[i].key);
		appendStringInfoString(out, "</key><value>");
		print_value(out, map->u.members[i].value);
		appendStringInfoString(out, "</value></entry>");
	}
}

void
query_answer_print(StringInfo out, const JsonVal *answer)
{
	for (int i = 0; i < answer->count; i++)
	{
		const JvMember *member = &answer->u.members[i];

		appendStringInfo(out, "<%s>", member->key);
		if (strcmp(member->key, "Attributes") == 0 && jv_is(member->value, JV_OBJECT))
			print_map(out, member->value);
		else
			print_value(out, member->value);
		appendStringInfo(out, "</%s>", member->key);
	}
}
