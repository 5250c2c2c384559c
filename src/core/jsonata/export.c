/*
 * export.c
 *	  Values out of the arena: results, and copies that may be changed.
 *
 * Only what the evaluation made is copied; parts of the input are shared.  A
 * container that is used many times is copied once: it remembers its copy (in
 * its index) and the length of the copy's text (in its number).  One that
 * contains itself is noticed.
 *
 * Sharing makes it easy to have a small value with an endless text, and sooner
 * or later somebody prints it: the length of a result's text is bounded.
 */
#include "base/port.h"

#include "jsonata/runtime.h"

/* Bytes of JSON text that a result may have. */
#define LONGEST_RESULT (256.0 * 1024 * 1024)

#define SIZE_CACHE 64

/* Parts of the input whose length is known, so that each is measured once or so. */
typedef struct Export
{
	Evaluation *ev;
	const JsonVal *measured[SIZE_CACHE];
	double sizes[SIZE_CACHE];
} Export;

static const JsonVal *export_value(Export *x, const JsonVal *value, int depth, double *size);

/* ---- lengths ---- */

/* About the length of an input value's text; its depth is bounded. */
static double
input_size(const JsonVal *value)
{
	double size = 2;

	switch (value->type)
	{
		case JV_NUMBER:
			return value->count;
		case JV_STRING:
			return value->count + 2;
		case JV_ARRAY:
			for (int i = 0; i < value->count; i++)
				size += input_size(value->u.items[i]) + 1;
			return size;
		case JV_OBJECT:
			for (int i = 0; i < value->count; i++)
				size += value->u.members[i].key_length + 4 + input_size(value->u.members[i].value);
			return size;
		default:
			return 5;
	}
}

static double
measure_input(Export *x, const JsonVal *value)
{
	int slot = ((uintptr_t) value >> 4) % SIZE_CACHE;

	if (value->type != JV_ARRAY && value->type != JV_OBJECT)
		return input_size(value);
	if (x->measured[slot] != value)
	{
		SFN_CHECK_INTERRUPTS();
		x->measured[slot] = value;
		x->sizes[slot] = input_size(value);
	}
	return x->sizes[slot];
}

/* ---- strings with half characters ---- */

/* Code of the half character at a byte, or 0. */
static unsigned int
half_at(const char *text, int i, int length)
{
	const unsigned char *s = (const unsigned char *) text + i;

	if (i + 2 < length && s[0] == 0xED && s[1] >= 0xA0)
		return 0xD000 | ((s[1] & 0x3F) << 6) | (s[2] & 0x3F);
	return 0;
}

/* Joins two halves to a character; a single one becomes U+FFFD. */
static char *
without_halves(const char *text, int length, int *new_length)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < length;)
	{
		unsigned int high = half_at(text, i, length);
		unsigned int low = high >= 0xD800 && high < 0xDC00 ? half_at(text, i + 3, length) : 0;

		if (high == 0)
			appendStringInfoChar(&out, text[i++]);
		else if (low >= 0xDC00)
		{
			unsigned int code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);

			appendStringInfoChar(&out, (char) (0xF0 | (code >> 18)));
			appendStringInfoChar(&out, (char) (0x80 | ((code >> 12) & 0x3F)));
			appendStringInfoChar(&out, (char) (0x80 | ((code >> 6) & 0x3F)));
			appendStringInfoChar(&out, (char) (0x80 | (code & 0x3F)));
			i += 6;
		}
		else
		{
			appendStringInfoString(&out, "\xEF\xBF\xBD");
			i += 3;
		}
	}
	*new_length = out.len;
	return out.data;
}

static const JsonVal *
export_text(Evaluation *ev, const char *text, int length)
{
	if (ev->has_surrogates)
		text = without_halves(text, length, &length);
	return jv_string_n(text, length);
}

/* ---- results ---- */

/* A number that was read keeps its spelling, others are spelled as JavaScript does. */
static const JsonVal *
export_number(const Evaluation *ev, const JsonVal *value)
{
	const char *name = jn_not_finite(value->number);
	char text[40];

	if (value->u.text != NULL)
		return jv_number_text(value->u.text, value->count);
	if (name != NULL)
		return ev->expression->options.as_aws ? jv_string(name) : jv_null();
	return jv_number_text(text, jn_print_number(text, value->number));
}

static const JsonVal *
export_array(Export *x, const JsonVal *value, int depth, double *size)
{
	const JsonVal **items = unconstify(const JsonVal **, (const JsonVal **) value->u.items);

	for (int i = 0; i < value->count; i++)
	{
		items[i] = export_value(x, items[i] == NULL ? jv_null() : items[i], depth + 1, size);
		JN_CHECK(items[i]);
		*size += 1;
	}
	return jv_array(items, value->count);
}

/* An object of few members in one piece. */
static const JsonVal *
small_object(const JsonVal *value)
{
	Size size = sizeof(JsonVal) + value->count * sizeof(JvMember);
	JsonVal *object;
	JvMember *members;
	char *text;
	int32 depth = 0;

	for (int i = 0; i < value->count; i++)
		size += value->u.members[i].key_length + 1;
	object = palloc(size);
	members = (JvMember *) (object + 1);
	text = (char *) (members + value->count);
	for (int i = 0; i < value->count; i++)
	{
		const JvMember *member = &value->u.members[i];

		members[i] = *member;
		members[i].key = text;
		memcpy(text, member->key, member->key_length);
		text[member->key_length] = '\0';
		text += member->key_length + 1;
		depth = Max(depth, member->value->depth);
	}
	memset(object, 0, sizeof(JsonVal));
	object->type = JV_OBJECT;
	object->count = value->count;
	object->depth = depth + 1;
	object->u.members = members;
	return object;
}

static const JsonVal *
export_object(Export *x, const JsonVal *value, int depth, double *size)
{
	JvMember *members = unconstify(JvMember *, value->u.members);
	JvObjectBuilder builder;

	for (int i = 0; i < value->count; i++)
	{
		members[i].value = export_value(x, members[i].value == NULL ? jv_null() : members[i].value, depth + 1, size);
		JN_CHECK(members[i].value);
		*size += members[i].key_length + 4;
	}
	if (value->count == 0)
		return jv_empty_object();
	if (value->count <= 8 && !x->ev->has_surrogates)
		return small_object(value);

	jv_object_begin(&builder);
	for (int i = 0; i < value->count; i++)
	{
		const char *key = members[i].key;
		int key_length = members[i].key_length;

		if (x->ev->has_surrogates)
			key = without_halves(key, key_length, &key_length);
		jv_object_add_n(&builder, key, key_length, members[i].value);
	}
	return jv_object_end(&builder);
}

static const JsonVal *
export_container(Export *x, const JsonVal *value, int depth, double *size)
{
	JsonVal *own = unconstify(JsonVal *, value);
	const JsonVal *result = (const JsonVal *) own->index;
	double own_size = 2;

	if (depth > SFN_MAX_DEPTH || (own->flags & JN_BUSY))
		return jn_fail_deep(x->ev);
	if (result == NULL)
	{
		own->flags |= JN_BUSY;
		if (own->type == JV_ARRAY)
			result = export_array(x, own, depth, &own_size);
		else
			result = export_object(x, own, depth, &own_size);
		own->flags &= ~JN_BUSY;
		JN_CHECK(result);
		own->index = (const JvIndex *) result;
		own->number = own_size;
	}
	*size += own->number;
	if (*size > LONGEST_RESULT)
		return jn_fail_memory(x->ev);
	return result->depth + depth > SFN_MAX_DEPTH ? jn_fail_deep(x->ev) : result;
}

static const JsonVal *
export_value(Export *x, const JsonVal *value, int depth, double *size)
{
	const JsonVal *result;

	JN_TICK(x->ev);
	if (value->type == JN_FUNCTION)
		return jv_string_n("", 0);
	if (value->type == JN_TUPLE)
		return tuple_of(value)->at == NULL ? jv_null() : export_value(x, tuple_of(value)->at, depth, size);
	if ((value->flags & JN_MADE) && (value->type == JV_ARRAY || value->type == JV_OBJECT))
		return export_container(x, value, depth, size);

	result = value;
	if (value->flags & JN_MADE)
		result =
			value->type == JV_NUMBER ? export_number(x->ev, value) : export_text(x->ev, value->u.text, value->count);
	if (depth > 0)
		*size += measure_input(x, result);
	return *size > LONGEST_RESULT ? jn_fail_memory(x->ev) : result;
}

/* The value in the current context; undefined stays NULL.  JN_FAIL when it is too deep or too large. */
const JsonVal *
jn_export(Evaluation *ev, const JsonVal *value)
{
	Export x;
	double size = 0;

	if (value == NULL)
		return NULL;
	x.ev = ev;
	memset(x.measured, 0, sizeof(x.measured));
	return export_value(&x, value, 0, &size);
}

/* ---- copies that may be changed ---- */

static const JsonVal *
clone_at(Evaluation *ev, const JsonVal *value, int depth)
{
	if (depth > SFN_MAX_DEPTH)
		return jn_fail_deep(ev);
	JN_TICK(ev);
	if (value == NULL)
		return jv_null();
	if (value->type == JN_FUNCTION)
		return jn_text(ev, "", 0);
	if (value->type == JV_NUMBER && isnan(value->number))
		return jv_null();
	if (value->type == JV_NUMBER && isinf(value->number))
		return jn_fail_value(ev, "D1001", value);
	if (value->type == JV_ARRAY)
	{
		JnArray *array = jn_array(ev, value->count, 0);

		for (int i = 0; i < value->count; i++)
		{
			const JsonVal *item = clone_at(ev, value->u.items[i], depth + 1);

			JN_CHECK(item);
			JN_CHECK(jn_push(ev, array, item));
		}
		return &array->v;
	}
	if (value->type == JV_OBJECT)
	{
		JnObject *object = jn_object(ev, value->count);

		for (int i = 0; i < value->count; i++)
		{
			const JsonVal *member = clone_at(ev, value->u.members[i].value, depth + 1);

			JN_CHECK(member);
			jn_object_put(ev, object, value->u.members[i].key, value->u.members[i].key_length, member);
		}
		return &object->v;
	}
	return value;
}

/* A copy whose objects and arrays are new; functions become empty strings, as in JSON text. */
const JsonVal *
jn_clone(Evaluation *ev, const JsonVal *value)
{
	return value == NULL ? NULL : clone_at(ev, value, 0);
}
