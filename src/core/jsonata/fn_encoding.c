/*
 * fn_encoding.c
 *	  Base64 and the escapes of URLs.
 *
 * Base64 works on characters up to U+00FF, one byte each, as the language has
 * it; of others the low byte counts.
 */
#include "base/port.h"

#include "base/hashes.h"
#include "jsonata/library.h"
#include "jsonata/text.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- base64 ---- */

/* $base64encode(string) */
const JsonVal *
fn_base64_encode(Call *call)
{
	const JsonVal *str = call->args[0];
	const char *s;
	const char *end;
	StringInfoData out;
	unsigned int bits = 0;
	int count = 0;

	if (str == NULL)
		return NULL;
	s = str->u.text;
	end = s + str->count;
	initStringInfo(&out);
	for (; s < end; s += jn_char_bytes(s, end))
	{
		JN_TICK(call->ev);
		bits = (bits << 8) | (jn_char_code(s, end) & 0xFF);
		if (++count == 3)
		{
			for (int shift = 18; shift >= 0; shift -= 6)
				appendStringInfoChar(&out, base64_digits[(bits >> shift) & 63]);
			bits = 0;
			count = 0;
		}
	}
	if (count > 0)
	{
		bits <<= count == 1 ? 16 : 8;
		appendStringInfoChar(&out, base64_digits[(bits >> 18) & 63]);
		appendStringInfoChar(&out, base64_digits[(bits >> 12) & 63]);
		appendStringInfoChar(&out, count == 1 ? '=' : base64_digits[(bits >> 6) & 63]);
		appendStringInfoChar(&out, '=');
	}
	return jn_text_of_buffer(call->ev, &out);
}

static int
base64_value(char c)
{
	const char *found;

	if (c == '-')
		return 62;
	if (c == '_')
		return 63;
	found = c != '\0' ? strchr(base64_digits, c) : NULL;
	return found != NULL ? (int) (found - base64_digits) : -1;
}

static bool
is_base64(const char *text, int length)
{
	int decoded_length;
	char *decoded = base64_decode(text, length, &decoded_length);

	if (decoded == NULL)
		return false;
	pfree(decoded);
	return true;
}

/* $base64decode(string): what is no digit is skipped and "=" ends it, but AWS takes only what is base64. */
const JsonVal *
fn_base64_decode(Call *call)
{
	const JsonVal *str = call->args[0];
	StringInfoData out;
	unsigned int bits = 0;
	int count = 0;

	if (str == NULL)
		return NULL;
	if (call->ev->expression->options.as_aws && !is_base64(str->u.text, str->count))
		return jn_fail_message(call->ev, "D3137", "The argument of the base64decode function is no base64 text");
	initStringInfo(&out);
	for (int i = 0; i < str->count && str->u.text[i] != '='; i++)
	{
		int value = base64_value(str->u.text[i]);

		JN_TICK(call->ev);
		if (value < 0)
			continue;
		bits = (bits << 6) | value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (((bits >> count) & 0xFF) == 0)
		{
			pfree(out.data);
			return jn_fail_message(call->ev, "D3150",
								   "The decoded string contains a NUL character, which no string can hold");
		}
		jn_append_char(&out, (bits >> count) & 0xFF);
	}
	return jn_text_of_buffer(call->ev, &out);
}

/* ---- URLs ---- */

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != '\0' && strchr("-_.!~*'()", c) != NULL);
}

static bool
is_reserved(char c)
{
	return c != '\0' && strchr(";,/?:@&=+$#", c) != NULL;
}

/* The function's name belongs to the error's text. */
static const JsonVal *
fail_malformed(Call *call, const char *function)
{
	jn_fail_value(call->ev, "D3140", call->args[0]);
	call->ev->failure.message = function;
	return JN_FAIL;
}

static const JsonVal *
encode(Call *call, bool keep_reserved, const char *function)
{
	const JsonVal *str = call->args[0];
	StringInfoData out;

	if (str == NULL)
		return NULL;
	initStringInfo(&out);
	for (int i = 0; i < str->count; i++)
	{
		unsigned char c = str->u.text[i];

		JN_TICK(call->ev);

		/* half a character has no UTF-8 form */
		if (c == 0xED && i + 1 < str->count && (unsigned char) str->u.text[i + 1] >= 0xA0)
		{
			pfree(out.data);
			return fail_malformed(call, function);
		}
		if (is_unreserved(c) || (keep_reserved && is_reserved(c)))
			appendStringInfoChar(&out, c);
		else
			appendStringInfo(&out, "%%%02X", c);
	}
	return jn_text_of_buffer(call->ev, &out);
}

/* $encodeUrl(str) */
const JsonVal *
fn_encode_url(Call *call)
{
	return encode(call, true, "encodeUrl");
}

/* $encodeUrlComponent(str) */
const JsonVal *
fn_encode_url_component(Call *call)
{
	return encode(call, false, "encodeUrlComponent");
}

/* The byte behind a "%", or -1. */
static int
escaped_byte(const char *s, const char *end)
{
	int value = 0;

	if (end - s < 3 || *s != '%')
		return -1;
	for (int i = 1; i <= 2; i++)
	{
		char c = s[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value = value * 16 + (c | 32) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

/* The escaped character at s: its bytes, or 0 when it is no valid UTF-8. */
static int
escaped_char(const char *s, const char *end, char *bytes)
{
	int first = escaped_byte(s, end);
	int count = first < 0 ? 0 : first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (count == 0 || first > 0xF4 || first == 0)
		return 0;
	bytes[0] = (char) first;
	for (int i = 1; i < count; i++)
	{
		int byte = escaped_byte(s + i * 3, end);

		if (byte < 0x80 || byte > 0xBF)
			return 0;
		if (i == 1 &&
			((first == 0xE0 && byte < 0xA0) || (first == 0xED && byte > 0x9F) || (first == 0xF0 && byte < 0x90) ||
			 (first == 0xF4 && byte > 0x8F)))
			return 0;
		bytes[i] = (char) byte;
	}
	return count;
}

static const JsonVal *
decode(Call *call, bool keep_reserved, const char *function)
{
	const JsonVal *str = call->args[0];
	const char *s;
	const char *end;
	StringInfoData out;

	if (str == NULL)
		return NULL;
	s = str->u.text;
	end = s + str->count;
	initStringInfo(&out);
	while (s < end)
	{
		char bytes[4];
		int count;

		JN_TICK(call->ev);
		if (*s != '%')
		{
			appendStringInfoChar(&out, *s++);
			continue;
		}
		count = escaped_char(s, end, bytes);
		if (count == 0)
		{
			pfree(out.data);
			return fail_malformed(call, function);
		}
		if (keep_reserved && count == 1 && is_reserved(bytes[0]))
			appendBinaryStringInfo(&out, s, 3);
		else
			appendBinaryStringInfo(&out, bytes, count);
		s += count * 3;
	}
	return jn_text_of_buffer(call->ev, &out);
}

/* $decodeUrl(str) */
const JsonVal *
fn_decode_url(Call *call)
{
	return decode(call, true, "decodeUrl");
}

/* $decodeUrlComponent(str) */
const JsonVal *
fn_decode_url_component(Call *call)
{
	return decode(call, false, "decodeUrlComponent");
}
