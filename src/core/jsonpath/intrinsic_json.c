/*
 * intrinsic_json.c
 *	  States.JsonMerge, States.JsonToString, States.StringToJson.
 */
#include "base/port.h"

#include "jsonpath/intrinsic.h"
#include "jsonpath/jpath_private.h"

#define MEMBER_BYTES 160 /* that a member of a new object takes: name, place while it grows, index */
#define PARSED_BYTES 24  /* that a byte of JSON text becomes at most, as in "[[],[],[]]" */

/* States.JsonMerge(a, b, false): the members of both; those of b win. */
bool
intrinsic_json_merge(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *a = intrinsic_argument(call, 0, JV_OBJECT);
	const JsonVal *b = a == NULL ? NULL : intrinsic_argument(call, 1, JV_OBJECT);
	const JsonVal *deep = b == NULL ? NULL : intrinsic_argument(call, 2, JV_BOOL);
	JvObjectBuilder merged;

	if (deep == NULL)
		return false;
	if (deep->boolean)
		return intrinsic_fail(call, "Deep merging is not supported: the third argument must be false");
	if (!intrinsic_spend(call, (uint32) a->count + b->count) ||
		!intrinsic_allows(call, ((Size) a->count + b->count) * MEMBER_BYTES))
		return false;
	jv_object_begin(&merged);
	for (int i = 0; i < a->count; i++)
		jv_object_add_n(&merged, a->u.members[i].key, a->u.members[i].key_length, a->u.members[i].value);
	for (int i = 0; i < b->count; i++)
		jv_object_add_n(&merged, b->u.members[i].key, b->u.members[i].key_length, b->u.members[i].value);
	*result = jv_object_end(&merged);
	return true;
}

/* States.JsonToString(value) */
bool
intrinsic_json_to_string(IntrinsicCall *call, const JsonVal **result)
{
	StringInfoData text;

	if (!intrinsic_text_fits(call, call->values[0], 0))
		return false;
	initStringInfo(&text);
	jv_print(&text, call->values[0]);
	if (text.len > INTRINSIC_MAX_TEXT)
		return intrinsic_fail(call, "The result has more than %d bytes", INTRINSIC_MAX_TEXT);
	*result = jv_string_n(text.data, text.len);
	pfree(text.data);
	return true;
}

/* States.StringToJson(text): a blank text is null, and -0 is 0. */
bool
intrinsic_string_to_json(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *string = intrinsic_argument(call, 0, JV_STRING);
	const char *text;
	int length;
	JvParseError error;

	if (string == NULL)
		return false;
	text = string->u.text;
	length = string->count;
	jpath_trim(&text, &length);
	if (!intrinsic_spend(call, (uint32) length / 16) || !intrinsic_allows(call, (Size) length * PARSED_BYTES))
		return false;
	if (length == 0)
		*result = jv_null();
	else if (length == 2 && memcmp(text, "-0", 2) == 0)
		*result = jv_int(0);
	else
		*result = jv_parse(text, length, &error);
	if (*result == NULL)
		return intrinsic_fail(call, "The string is no JSON text: %s at line %d, column %d", error.message, error.line,
							  error.column);
	return true;
}
