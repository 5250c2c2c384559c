/*
 * http_headers.c
 *	  Which methods and headers a definition or a connection may set.
 */
#include "base/port.h"

#include "aws/http_headers.h"

/* Refused by AWS, and those that frame a message. */
static const char *const forbidden[] = {
	"A-IM",
	"Accept-Charset",
	"Accept-Datetime",
	"Accept-Encoding",
	"Authorization",
	"Cache-Control",
	"Connection",
	"Content-Encoding",
	"Content-Length",
	"Content-MD5",
	"Date",
	"Expect",
	"Forwarded",
	"From",
	"Host",
	"HTTP2-Settings",
	"If-Match",
	"If-Modified-Since",
	"If-None-Match",
	"If-Range",
	"If-Unmodified-Since",
	"Keep-Alive",
	"Max-Forwards",
	"Origin",
	"Pragma",
	"Proxy-Authorization",
	"Proxy-Connection",
	"Referer",
	"Server",
	"TE",
	"Trailer",
	"Transfer-Encoding",
	"Upgrade",
	"Via",
	"Warning",
};

static const char *const forbidden_prefixes[] = {"x-forwarded-", "x-amz-", "x-amzn-"};

const char *
http_method_find(const char *given)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"};

	for (int i = 0; given != NULL && i < (int) lengthof(methods); i++)
	{
		if (strcmp(methods[i], given) == 0)
			return methods[i];
	}
	return NULL;
}

bool
header_is_token(const char *name)
{
	return *name != '\0' &&
		strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(name);
}

/* No control characters but the tab: nothing that could end the line. */
bool
header_value_is_clean(const char *value)
{
	for (const unsigned char *c = (const unsigned char *) value; *c != '\0'; c++)
		if ((*c < ' ' && *c != '\t') || *c == 127)
			return false;
	return true;
}

bool
header_is_forbidden(const char *name)
{
	for (int i = 0; i < (int) lengthof(forbidden); i++)
		if (pg_strcasecmp(forbidden[i], name) == 0)
			return true;
	for (int i = 0; i < (int) lengthof(forbidden_prefixes); i++)
		if (pg_strncasecmp(forbidden_prefixes[i], name, strlen(forbidden_prefixes[i])) == 0)
			return true;
	return false;
}
