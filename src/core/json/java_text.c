/*
 * java_text.c
 *	  Values in the words of Java's toString(), which AWS puts into some texts.
 */
#include "json/java_text.h"

static void
print_list(StringInfo out, const JsonVal *array)
{
	appendStringInfoChar(out, '[');
	for (int i = 0; i < array->count; i++)
	{
		if (i > 0)
			appendStringInfoString(out, ", ");
		java_text_print(out, array->u.items[i]);
	}
	appendStringInfoChar(out, ']');
}

static void
print_map(StringInfo out, const JsonVal *object)
{
	appendStringInfoChar(out, '{');
	for (int i = 0; i < object->count; i++)
	{
		const JvMember *member = &object->u.members[i];

		if (i > 0)
			appendStringInfoString(out, ", ");
		appendBinaryStringInfo(out, member->key, member->key_length);
		appendStringInfoChar(out, '=');
		java_text_print(out, member->value);
	}
	appendStringInfoChar(out, '}');
}

/* Recursion is bounded by the value's depth. */
void
java_text_print(StringInfo out, const JsonVal *value)
{
	switch (value->type)
	{
		case JV_STRING:
			appendBinaryStringInfo(out, value->u.text, value->count);
			break;
		case JV_ARRAY:
			print_list(out, value);
			break;
		case JV_OBJECT:
			print_map(out, value);
			break;
		default: /* numbers and the three words look alike in both */
			jv_print(out, value);
			break;
	}
}
