/*
 * message_attributes.c
 *	  The attributes of messages to queues and topics.
 *
 * SQS and SNS have the same rules, but for lists, which only SNS has, and for how many there are; each has its own words.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/message_attributes.h"
#include "base/hashes.h"

#define MAX_SQS_ATTRIBUTES 10
#define MAX_NAME 256
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define ARRAY_TYPE "String.Array"

typedef struct NamedAttribute
{
	ActionCall *call;
	MessageService service;
	const char *name;
	const char *type;
	const char *field; /* which of its members the type asks for: "String" stands for StringValue */
} NamedAttribute;

static bool
fail(const NamedAttribute *attribute, const char *sqs_text, const char *sns_text)
{
	const char *text = attribute->service == MESSAGE_OF_SQS ? sqs_text : sns_text;

	return attribute->service == MESSAGE_OF_SQS ? action_invalid(attribute->call, text)
												: action_fail(attribute->call, API_PARAMETER_VALUE_IS_INVALID, text);
}

/* The same words of both. */
static bool
fail_alike(const NamedAttribute *attribute, const char *text)
{
	return fail(attribute, text, text);
}

/* ---- names ---- */

static bool
has_reserved_prefix(const char *name)
{
	return pg_strncasecmp(name, "AWS.", strlen("AWS.")) == 0 || pg_strncasecmp(name, "Amazon.", strlen("Amazon.")) == 0;
}

static SFN_MUST_CHECK bool
check_name_of(const NamedAttribute *attribute)
{
	const char *name = attribute->name;
	size_t length = strlen(name);

	if (length > MAX_NAME)
		return fail_alike(attribute,
						  psprintf("Length of message attribute name must be less than %d bytes.", MAX_NAME));
	if (length == 0 || strspn(name, NAME_CHARACTERS) != length)
		return fail_alike(attribute,
						  "Message (user) attribute name can only contain upper and lower case characters, digits,"
						  " periods, hyphens and underscores.");
	if (name[0] == '.' || name[length - 1] == '.' || strstr(name, "..") != NULL)
		return fail_alike(
			attribute, "Message (user) attribute name can not begin or end with a period or have successive periods.");
	return !has_reserved_prefix(name) ||
		fail_alike(attribute,
				   "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are"
				   " reserved for internal use.");
}

/* ---- types and values ---- */

/* "String", "Number" or "Binary", and what one adds to it behind a dot. */
static bool
is_of_type(const char *type, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(type, prefix, length) == 0 && (type[length] == '\0' || (type[length] == '.' && type[length + 1]));
}

static SFN_MUST_CHECK bool
check_type(NamedAttribute *attribute)
{
	static const char *const rows[][2] = {{"String", "String"}, {"Number", "String"}, {"Binary", "Binary"}};

	if (attribute->type == NULL || *attribute->type == '\0')
		return fail_alike(attribute,
						  psprintf("The message attribute '%s' must contain non-empty message attribute type.",
								   attribute->name));
	for (size_t i = 0; i < lengthof(rows) && attribute->field == NULL; i++)
	{
		if (is_of_type(attribute->type, rows[i][0]))
			attribute->field = rows[i][1];
	}
	return attribute->field != NULL ||
		fail(attribute,
			 psprintf("The type of message (user) attribute '%s' is invalid. You must use only the following supported"
					  " type prefixes: Binary, Number, String.",
					  attribute->name),
			 psprintf("The message attribute '%s' has an invalid message attribute type, the set of supported type"
					  " prefixes is Binary, Number, and String.",
					  attribute->name));
}

static bool
is_number(const char *text)
{
	char *end;

	(void) strtod(text, &end);
	return *text != '\0' && *end == '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
}

/* Of texts, numbers, true, false and null. */
static bool
is_flat_array(const char *text)
{
	JvParseError ignored;
	const JsonVal *array = jv_parse(text, (int) strlen(text), &ignored);

	if (!jv_is(array, JV_ARRAY))
		return false;
	for (int i = 0; i < array->count; i++)
	{
		if (jv_is(array->u.items[i], JV_ARRAY) || jv_is(array->u.items[i], JV_OBJECT))
			return false;
	}
	return true;
}

static SFN_MUST_CHECK bool
check_bytes(const NamedAttribute *attribute, const char *text)
{
	int length;

	return base64_decode(text, (int) strlen(text), &length) != NULL ||
		fail_alike(attribute, psprintf("The value of message attribute '%s' is no base64.", attribute->name));
}

static SFN_MUST_CHECK bool
check_text(const NamedAttribute *attribute, const char *text)
{
	const char *name = attribute->name;

	if (!message_text_is_valid(text))
		return attribute->service == MESSAGE_OF_SQS
			? action_fail(attribute->call, API_INVALID_MESSAGE_CONTENTS, "")
			: fail_alike(attribute, psprintf("The value of message attribute '%s' has invalid characters.", name));
	if (is_of_type(attribute->type, "Number") && !is_number(text))
		return fail(attribute, psprintf("Can't cast the value of message (user) attribute '%s' to a number.", name),
					psprintf("Could not cast message attribute '%s' value to number.", name));
	return attribute->service == MESSAGE_OF_SQS || strcmp(attribute->type, ARRAY_TYPE) != 0 || is_flat_array(text) ||
		fail_alike(attribute,
				   psprintf("The value of message attribute '%s' of type '" ARRAY_TYPE "' is no array of strings,"
							" numbers, true, false and null.",
							name));
}

static SFN_MUST_CHECK bool
check_value(const NamedAttribute *attribute, const JsonVal *given)
{
	const char *value = jv_get_string(given, psprintf("%sValue", attribute->field));
	const char *other = strcmp(attribute->field, "Binary") == 0 ? "StringValue" : "BinaryValue";

	if (value == NULL && jv_get_string(given, other) != NULL)
		return fail_alike(attribute,
						  psprintf("The message attribute '%s' with type '%s' must use field '%s'.", attribute->name,
								   attribute->type, attribute->field));
	if (value == NULL || *value == '\0')
		return fail(attribute,
					psprintf("Message (user) attribute '%s' must contain a non-empty value of type '%s'.",
							 attribute->name, attribute->field),
					psprintf("The message attribute '%s' must contain non-empty message attribute value for message"
							 " attribute type '%s'.",
							 attribute->name, attribute->type));
	return strcmp(attribute->field, "Binary") == 0 ? check_bytes(attribute, value) : check_text(attribute, value);
}

bool
message_attributes_check(ActionCall *call, MessageService service, const JsonVal *attributes)
{
	NamedAttribute attribute = {.call = call, .service = service};

	if (attributes == NULL || attributes->type == JV_NULL)
		return true;
	if (attributes->type != JV_OBJECT)
		return fail_member_type(call, "MessageAttributes", "an object");
	if (service == MESSAGE_OF_SQS && attributes->count > MAX_SQS_ATTRIBUTES)
		return action_invalid(call,
							  psprintf("Number of message attributes [%d] exceeds the allowed maximum [%d].",
									   attributes->count, MAX_SQS_ATTRIBUTES));
	for (int i = 0; i < attributes->count; i++)
	{
		const JsonVal *given = attributes->u.members[i].value;

		attribute.name = attributes->u.members[i].key;
		attribute.type = jv_get_string(given, "DataType");
		attribute.field = NULL;
		if (!check_name_of(&attribute) || !check_type(&attribute) || !check_value(&attribute, given))
			return false;
	}
	return true;
}

int64
message_attributes_length(const JsonVal *attributes)
{
	int64 length = 0;

	for (int i = 0; jv_is(attributes, JV_OBJECT) && i < attributes->count; i++)
	{
		const JsonVal *given = attributes->u.members[i].value;
		const char *type = jv_get_string(given, "DataType");
		const char *text = jv_get_string(given, "StringValue");
		const char *bytes = jv_get_string(given, "BinaryValue");
		int byte_count = 0;

		if (bytes != NULL)
			(void) base64_decode(bytes, (int) strlen(bytes), &byte_count);
		length += attributes->u.members[i].key_length + Max(byte_count, 0);
		length += (type != NULL ? strlen(type) : 0) + (text != NULL ? strlen(text) : 0);
	}
	return length;
}

bool
message_text_is_valid(const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if ((*c < ' ' && *c != '\t' && *c != '\n' && *c != '\r') || (c[0] == 0xEF && c[1] == 0xBF && c[2] >= 0xBE))
			return false;
	}
	return true;
}
