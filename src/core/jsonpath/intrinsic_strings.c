/*
 * intrinsic_strings.c
 *	  States.Format, States.StringSplit, States.UUID.
 */
#include "base/port.h"

#include "base/utf8.h"
#include "jsonpath/intrinsic.h"
#include "json/java_text.h"

/*
 * The template as it is scanned for {}: of a constant the text with its escapes,
 * so that \{ can be told from {; of any other value the text itself.
 */
static void
format_template(const IntrinsicCall *call, const char **text, int *length)
{
	if (call->arguments[0].raw != NULL)
	{
		*text = call->arguments[0].raw;
		*length = call->arguments[0].raw_length;
	}
	else
	{
		*text = call->values[0]->u.text;
		*length = call->values[0]->count;
	}
}

/* Length of the escape or {} at s, 0 when there is neither. */
static int
format_special(const IntrinsicCall *call, const char *s, int left)
{
	bool is_constant = (call->arguments[0].raw != NULL);

	if (left < 2)
		return 0;
	if (s[0] == '{' && s[1] == '}')
		return 2;
	if (s[0] == '\\' && strchr(is_constant ? "{}'\\" : "{}", s[1]) != NULL && s[1] != '\0')
		return 2;
	return 0;
}

/* States.Format(template, value, ...): each {} is replaced by the next value. */
bool
intrinsic_format(IntrinsicCall *call, const JsonVal **result)
{
	const char *text;
	int length;
	int used = 1;
	StringInfoData out;

	if (intrinsic_argument(call, 0, JV_STRING) == NULL)
		return false;
	format_template(call, &text, &length);
	initStringInfo(&out);
	for (int i = 0; i < length;)
	{
		if (format_special(call, text + i, length - i) == 0)
			appendStringInfoChar(&out, text[i++]);
		else if (text[i] == '\\')
		{
			appendStringInfoChar(&out, text[i + 1]);
			i += 2;
		}
		else
		{
			if (used < call->count)
			{
				if (!intrinsic_text_fits(call, call->values[used], out.len))
					return false;
				java_text_print(&out, call->values[used]);
			}
			used++;
			i += 2;
		}
		if (out.len > INTRINSIC_MAX_TEXT)
			return intrinsic_fail(call, "The result has more than %d bytes", INTRINSIC_MAX_TEXT);
	}
	if (used != call->count)
		return intrinsic_fail(call, "The number of values, %d, does not match the %d occurrences of {} in the template",
							  call->count - 1, used - 1);
	*result = jv_string_n(out.data, out.len);
	pfree(out.data);
	return true;
}

/* Whether the character that begins at s is one of the separators. */
static bool
is_separator(const char *s, int size, const JsonVal *separators)
{
	for (int i = 0; i < separators->count;)
	{
		int other = utf8_char_length(separators->u.text + i, separators->count - i);

		if (other == size && memcmp(separators->u.text + i, s, size) == 0)
			return true;
		i += other;
	}
	return false;
}

/* States.StringSplit(text, separators): every character of the second separates; empty pieces are dropped. */
bool
intrinsic_string_split(IntrinsicCall *call, const JsonVal **result)
{
	const JsonVal *string = intrinsic_argument(call, 0, JV_STRING);
	const JsonVal *separators = string == NULL ? NULL : intrinsic_argument(call, 1, JV_STRING);
	JvArrayBuilder pieces;
	int start = 0;

	if (separators == NULL)
		return false;
	jv_array_begin(&pieces);
	for (int i = 0; i < string->count;)
	{
		const char *s = string->u.text + i;
		int size = utf8_char_length(s, string->count - i);

		if (!intrinsic_spend(call, 1 + (uint32) separators->count / 16))
			return false;
		if (is_separator(s, size, separators))
		{
			if (i > start)
				jv_array_add(&pieces, jv_string_n(string->u.text + start, i - start));
			start = i + size;
		}
		i += size;
	}
	if (string->count > start)
		jv_array_add(&pieces, jv_string_n(string->u.text + start, string->count - start));
	*result = jv_array_end(&pieces);
	return true;
}

/* Sixteen random bytes, from the scope where it has a source. */
static bool
random_bytes(const EvalScope *scope, uint8 *bytes)
{
	if (scope->random == NULL)
		return pg_strong_random(bytes, 16);
	for (int i = 0; i < 16; i += 2)
	{
		uint32 two = (uint32) (scope->random(scope) * 65536);

		bytes[i] = (uint8) (two >> 8);
		bytes[i + 1] = (uint8) two;
	}
	return true;
}

/* States.UUID(): version 4. */
bool
intrinsic_uuid(IntrinsicCall *call, const JsonVal **result)
{
	uint8 bytes[16];
	StringInfoData text;

	if (!random_bytes(call->scope, bytes))
		return intrinsic_fail(call, "There is no source of random numbers");
	bytes[6] = (bytes[6] & 0x0F) | 0x40;
	bytes[8] = (bytes[8] & 0x3F) | 0x80;
	initStringInfo(&text);
	for (int i = 0; i < 16; i++)
		appendStringInfo(&text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
	*result = jv_string_n(text.data, text.len);
	return true;
}
