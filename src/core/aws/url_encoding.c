/*
 * url_encoding.c
 *	  Percent-encoding, as URLs, forms and signatures have it.
 *
 * A signature is made over encoded text, so there is one spelling only: all that may be
 * encoded is, in capitals.
 */
#include "aws/url_encoding.h"

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		c == '_' || c == '~';
}

void
url_encode_append(StringInfo out, const char *text, bool keeps_slash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if (is_unreserved(*c) || (keeps_slash && *c == '/'))
			appendStringInfoChar(out, (char) *c);
		else
		{
			appendStringInfoChar(out, '%');
			appendStringInfoChar(out, digits[*c >> 4]);
			appendStringInfoChar(out, digits[*c & 15]);
		}
	}
}

char *
url_encode(const char *text, bool keeps_slash)
{
	StringInfoData out;

	initStringInfo(&out);
	url_encode_append(&out, text, keeps_slash);
	return out.data;
}

/* The value of a hexadecimal digit, or -1. */
static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
url_decode(const char *text, int length)
{
	char *decoded = palloc(length + 1);
	char *out = decoded;

	for (int i = 0; i < length; i++)
	{
		if (text[i] == '%')
		{
			int high = length - i > 2 ? digit_value(text[i + 1]) : -1;
			int low = high >= 0 ? digit_value(text[i + 2]) : -1;

			if (low < 0 || high + low == 0)
				return NULL;
			*out++ = (char) (high * 16 + low);
			i += 2;
		}
		else
			*out++ = text[i];
	}
	*out = '\0';
	return decoded;
}
