/*
 * http_form.c
 *	  URL encoding of queries and of request bodies.
 *
 * Everything but the unreserved characters of a URL is percent-encoded, blanks and
 * the brackets of nested names too.
 */
#include "postgres.h"

#include "aws/url_encoding.h"
#include "base/port.h"
#include "services/http/http_request.h"

/* sfn.max_payload_size is not larger; the caller compares with that. */
#define FORM_MAX_BYTES (64 * 1024 * 1024)

static void add_member(StringInfo out, const char *name, const JsonVal *value, ArrayFormat format);

const char *
form_scalar(const JsonVal *value)
{
	if (value->type == JV_STRING)
		return value->u.text;
	return value->type == JV_NULL ? "" : jv_to_text(value);
}

static void
add_pair(StringInfo out, const char *name, const char *value)
{
	if (out->len > 0)
		appendStringInfoChar(out, '&');
	url_encode_append(out, name, false);
	appendStringInfoChar(out, '=');
	url_encode_append(out, value, false);
}

/* "a,b,c" as one value. */
static void
add_commas(StringInfo out, const char *name, const JsonVal *array)
{
	StringInfoData joined;

	initStringInfo(&joined);
	for (int i = 0; i < array->count; i++)
		appendStringInfo(&joined, "%s%s", i > 0 ? "," : "", form_scalar(array->u.items[i]));
	add_pair(out, name, joined.data);
}

static void
add_array(StringInfo out, const char *name, const JsonVal *array, ArrayFormat format)
{
	if (format == ARRAY_COMMAS)
	{
		add_commas(out, name, array);
		return;
	}
	for (int i = 0; i < array->count; i++)
	{
		const char *element = name;

		SFN_CHECK_INTERRUPTS();
		if (format == ARRAY_INDICES)
			element = psprintf("%s[%d]", name, i);
		else if (format == ARRAY_BRACKETS)
			element = psprintf("%s[]", name);
		add_member(out, element, array->u.items[i], format);
	}
}

/* Nests no deeper than the parser allows values to; what is too large to be sent is not completed. */
static void
add_member(StringInfo out, const char *name, const JsonVal *value, ArrayFormat format)
{
	if (out->len > FORM_MAX_BYTES)
		return;
	if (value->type == JV_OBJECT)
	{
		for (int i = 0; i < value->count; i++)
		{
			SFN_CHECK_INTERRUPTS();
			add_member(out, psprintf("%s[%s]", name, value->u.members[i].key), value->u.members[i].value, format);
		}
	}
	else if (value->type == JV_ARRAY)
		add_array(out, name, value, format);
	else
		add_pair(out, name, form_scalar(value));
}

void
form_add_value(StringInfo out, const char *name, const JsonVal *value, ArrayFormat format)
{
	add_member(out, name, value, format);
}

bool
form_array_format(const char *name, ArrayFormat *format)
{
	static const char *const names[] = {"INDICES", "REPEAT", "COMMAS", "BRACKETS"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (strcmp(names[i], name) == 0)
		{
			*format = (ArrayFormat) i;
			return true;
		}
	}
	return false;
}
