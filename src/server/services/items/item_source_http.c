/*
 * item_source_http.c
 *	  What a URL gives as a source of items: CSV, JSON or JSON Lines, by ReaderConfig.
 *
 * Parameters are Headers, an object of strings, and Authentication.ConnectionArn, as
 * http:invoke has it; both may be missing.
 */
#include "postgres.h"

#include "aws/http_headers.h"
#include "base/error.h"
#include "services/http/http_inline.h"
#include "services/items/item_source_kinds.h"
#include "services/objects/unpack.h"

typedef struct UrlReading
{
	ItemFeed feed;
	void *unpacking;
} UrlReading;

static bool
pass_data(void *arg, const char *data, Size length)
{
	UrlReading *url = arg;

	return packing_gzip.data(url->unpacking, data, length, url->feed.reading->error);
}

/* One "Name: value" line; NULL when a definition may not set such a header. */
static const char *
header_line(const JvMember *header)
{
	if (header->value->type != JV_STRING || !header_is_token(header->key) || header_is_forbidden(header->key) ||
		!header_value_is_clean(header->value->u.text))
		return NULL;
	return psprintf("%s: %s", header->key, header->value->u.text);
}

/* All lines, NULL at the end; NULL: the error is filled. */
static const char *const *
header_lines(ItemReading *reading)
{
	const JsonVal *headers = jv_get(reading->source->parameters, "Headers");
	const char **lines;

	if (headers == NULL)
		headers = jv_empty_object();
	if (headers->type != JV_OBJECT)
	{
		(void) sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
						 "The field 'Headers' of the parameters of ItemReader must be an object of strings.");
		return NULL;
	}
	lines = palloc0(sizeof(char *) * (headers->count + 1));
	for (int i = 0; i < headers->count; i++)
	{
		lines[i] = header_line(&headers->u.members[i]);
		if (lines[i] == NULL)
		{
			(void) sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
							 "The header \"%s\" of ItemReader is not allowed.", headers->u.members[i].key);
			return NULL;
		}
	}
	return lines;
}

/* The URL as $$.Map.Item.Source shows it: without what may be secret. */
static const char *
shown_url(const char *url)
{
	return pnstrdup(url, strcspn(url, "?#"));
}

bool
item_source_url(ItemReading *reading)
{
	const JsonVal *authentication = jv_get(reading->source->parameters, "Authentication");
	UrlReading url;
	HttpExchange exchange = {.method = "GET",
							 .url = reading->source->resource,
							 .role = reading->source->role,
							 .connection = jv_get_string(authentication, "ConnectionArn"),
							 .sink = pass_data,
							 .arg = &url};
	SfnError problem = {0};

	exchange.headers = header_lines(reading);
	if (exchange.headers == NULL ||
		!item_feed_begin(&url.feed, reading, reading->source->reader_config, shown_url(exchange.url)))
		return false;
	url.unpacking = packing_gzip.begin(item_feed_data, &url.feed);
	if (!http_exchange(&exchange, &problem))
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED, "%s: %s", problem.name,
						 problem.cause != NULL ? problem.cause : "");
	if (reading->error->name != NULL)
		return false;
	return exchange.is_interrupted || (packing_gzip.end(url.unpacking, reading->error) && item_feed_end(&url.feed));
}
