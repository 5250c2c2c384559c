/*
 * s3_listing.h
 *	  Lists of objects: as items of a Distributed Map, and as S3 sends them.
 */
#ifndef SFN_AWS_S3_LISTING_H
#define SFN_AWS_S3_LISTING_H

#include "json/json_value.h"

/* An object as a list shows it; etag with its quotes, last_modified in seconds since 1970. */
extern const JsonVal *s3_object(const char *etag, int64 last_modified, const char *key, int64 size,
								const char *storage_class);

/*
 * The objects of one answer of ListObjectsV2, an array; *next_token is what continues the list, NULL at its end.
 * NULL: *error is States.ItemReaderFailed, since the text is no such answer.
 */
extern const JsonVal *s3_list_page(const char *xml, int length, const char **next_token, SfnError *error);

#endif /* SFN_AWS_S3_LISTING_H */
