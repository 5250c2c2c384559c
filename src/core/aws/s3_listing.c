/*
 * s3_listing.c
 *	  Lists of objects: as items of a Distributed Map, and as S3 sends them.
 *
 * S3's answer is a flat XML document whose elements are known; what is read here
 * are the texts between their tags, with the entities undone.  Anything else in
 * the document is passed over.
 */
#include "aws/s3_listing.h"

#include "aws/xml.h"
#include "base/timestamps.h"
#include "base/utf8.h"

/* 2000-01-01 in seconds since 1970: what a TimestampTz counts from. */
#define EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* A stretch of the document. */
typedef struct XmlSpan
{
	const char *start;
	const char *end;
} XmlSpan;

/* ---- objects ---- */

const JsonVal *
s3_object(const char *etag, int64 last_modified, const char *key, int64 size, const char *storage_class)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "Etag", jv_string(etag));
	jv_object_add(&object, "LastModified", jv_int(last_modified));
	jv_object_add(&object, "Key", jv_string(key));
	jv_object_add(&object, "Size", jv_int(size));
	jv_object_add(&object, "StorageClass", jv_string(storage_class));
	return jv_object_end(&object);
}

/* ---- the document ---- */

/* The text within bounds, or NULL. */
static const char *
find_text(const char *text, XmlSpan within)
{
	size_t length = strlen(text);

	for (const char *c = within.start; (size_t) (within.end - c) >= length; c++)
	{
		c = memchr(c, text[0], within.end - c - length + 1);
		if (c == NULL)
			return NULL;
		if (memcmp(c, text, length) == 0)
			return c;
		SFN_CHECK_INTERRUPTS();
	}
	return NULL;
}

/* What is between the first <name> and the </name> behind it; false when there is no such element. */
static bool
find_element(const char *name, XmlSpan within, XmlSpan *inside)
{
	char tag[64];

	snprintf(tag, sizeof(tag), "<%s>", name);
	inside->start = find_text(tag, within);
	if (inside->start == NULL)
		return false;
	inside->start += strlen(tag);
	snprintf(tag, sizeof(tag), "</%s>", name);
	inside->end = find_text(tag, (XmlSpan){inside->start, within.end});
	return inside->end != NULL;
}

/* The text of an element, with its entities undone; NULL when there is no such element or it is no text. */
static const char *
element_text(const char *name, XmlSpan within)
{
	XmlSpan inside;
	StringInfoData out;

	if (!find_element(name, within, &inside))
		return NULL;
	initStringInfo(&out);
	if (!xml_unescape(&out, inside.start, inside.end))
		return NULL;
	return strlen(out.data) == (size_t) out.len && utf8_is_valid(out.data, out.len) ? out.data : NULL;
}

/* One <Contents>; NULL when something that S3 always sends is missing. */
static const JsonVal *
page_object(XmlSpan contents)
{
	const char *key = element_text("Key", contents);
	const char *size = element_text("Size", contents);
	const char *etag = element_text("ETag", contents);
	const char *storage_class = element_text("StorageClass", contents);
	const char *modified = element_text("LastModified", contents);
	char *end = NULL;
	int64 bytes = size != NULL ? strtoll(size, &end, 10) : -1;
	TimestampTz moment = 0;

	if (key == NULL || bytes < 0 || end == size || *end != '\0')
		return NULL;
	if (modified == NULL || !timestamp_parse(modified, (int) strlen(modified), &moment))
		return NULL;
	return s3_object(etag != NULL ? etag : "", moment / USECS_PER_SEC + EPOCH_SECONDS, key, bytes,
					 storage_class != NULL ? storage_class : "STANDARD");
}

const JsonVal *
s3_list_page(const char *xml, int length, const char **next_token, SfnError *error)
{
	XmlSpan rest = {xml, xml + length};
	XmlSpan contents;
	JvArrayBuilder objects;
	const char *is_truncated = element_text("IsTruncated", rest);
	bool goes_on = is_truncated != NULL && strcmp(is_truncated, "true") == 0;

	*next_token = goes_on ? element_text("NextContinuationToken", rest) : NULL;
	if (is_truncated == NULL || (goes_on && *next_token == NULL))
	{
		(void) sfn_error(error, ERROR_ITEM_READER_FAILED, "The answer is no list of objects as S3 sends it.");
		return NULL;
	}
	jv_array_begin(&objects);
	while (find_element("Contents", rest, &contents))
	{
		const JsonVal *object = page_object(contents);

		if (object == NULL)
		{
			(void) sfn_error(error, ERROR_ITEM_READER_FAILED,
							 "The answer has an object that is not described as S3 does it.");
			return NULL;
		}
		jv_array_add(&objects, object);
		rest.start = contents.end;
		SFN_CHECK_INTERRUPTS();
	}
	return jv_array_end(&objects);
}
