/*
 * intrinsic_encoding.c
 *	  States.Base64Encode, States.Base64Decode, States.Hash.
 */
#include "base/port.h"

#include "base/hashes.h"
#include "base/utf8.h"
#include "jsonpath/intrinsic.h"

/* The argument if it is a string within AWS's limit. */
static const JsonVal *
limited_string(IntrinsicCall *call, const JsonVal *string)
{
	if (string == NULL || utf8_utf16_length(string->u.text, string->count) <= INTRINSIC_MAX_CHARACTERS)
		return string;
	intrinsic_fail(call, "The first argument has more than %d characters", INTRINSIC_MAX_CHARACTERS);
	return NULL;
}

/* States.Base64Encode(text) */
bool
intrinsic_base64_encode(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *string = limited_string(call, intrinsic_argument(call, 0, JV_STRING));

	if (string == NULL)
		return false;
	*result = jv_string(base64_encode(string->u.text, string->count));
	return true;
}

/* The bytes as text: what is no UTF-8 becomes U+FFFD, byte by byte, as Java does it. */
static const JsonVal *
text_of_bytes(const char *bytes, int length)
{
	StringInfoData text;

	if (utf8_is_valid(bytes, length))
		return jv_string_n(bytes, length);
	initStringInfo(&text);
	for (int i = 0; i < length;)
	{
		int size = utf8_char_length(bytes + i, length - i);

		if (!utf8_is_valid(bytes + i, size))
		{
			appendStringInfoString(&text, "\xEF\xBF\xBD");
			i++;
			continue;
		}
		appendBinaryStringInfo(&text, bytes + i, size);
		i += size;
	}
	return jv_string_n(text.data, text.len);
}

/* States.Base64Decode(text) */
bool
intrinsic_base64_decode(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *string = limited_string(call, intrinsic_argument(call, 0, JV_STRING));
	char *bytes;
	int length;

	if (string == NULL)
		return false;
	bytes = base64_decode(string->u.text, string->count, &length);
	if (bytes == NULL)
		return intrinsic_fail(call, "The string is not encoded in base64");
	if (memchr(bytes, '\0', length) != NULL)
		return intrinsic_fail(call, "The decoded text holds a NUL character");
	*result = text_of_bytes(bytes, length);
	return true;
}

/* States.Hash(data, algorithm): of data that is no string, the hash of its JSON text. */
bool
intrinsic_hash(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *data = call->values[0];
	const JsonVal *algorithm = intrinsic_argument(call, 1, JV_STRING);
	char *digest;

	if (algorithm == NULL)
		return false;
	if (data->type != JV_STRING && !intrinsic_text_fits(call, data, 0))
		return false;
	if (data->type != JV_STRING)
		data = jv_string(jv_to_text(data));
	if (limited_string(call, data) == NULL)
		return false;
	digest = hash_hex(algorithm->u.text, data->u.text, data->count);
	if (digest == NULL)
		return intrinsic_fail(call, "There is no hash algorithm \"%s\"", algorithm->u.text);
	*result = jv_string(digest);
	return true;
}
