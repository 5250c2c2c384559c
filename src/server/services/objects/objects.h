/*
 * objects.h
 *	  The S3 objects that definitions name: read, listed and written where sfn.create_bucket() says.
 *
 * Each call asks whether the role may do that with the bucket.  Failures are
 * workflow errors, States.ItemReaderFailed for reading and States.ResultWriterFailed
 * for writing, with S3's own words where S3 has some.
 */
#ifndef SFN_SERVICES_OBJECTS_OBJECTS_H
#define SFN_SERVICES_OBJECTS_OBJECTS_H

#include "postgres.h"

#include "json/json_value.h"

/*
 * Takes the next bytes.  False ends the reading: as a failure when *error is filled (its name set), else because
 * they are enough.
 */
typedef bool (*ObjectDataSink)(void *arg, const char *data, Size length, SfnError *error);

/* Takes one object of a list, which is gone when it returns; false as above. */
typedef bool (*ObjectListSink)(void *arg, const JsonVal *object, SfnError *error);

typedef struct ObjectWriter ObjectWriter;

/* Streams an object's bytes; the memory of one buffer, whatever the size.  version: NULL, or which one of those that the bucket keeps. */
extern bool object_get(const char *bucket, const char *key, const char *version, Oid role, ObjectDataSink sink,
					   void *arg, SfnError *error);

/* What S3 says of an object beside its bytes: *headers, as lines of a response. */
extern bool object_describe(const char *bucket, const char *key, const char *version, Oid role, const char **headers,
							SfnError *error);

/*
 * Objects whose keys begin with the prefix, in the order of their keys, each as
 * {"Etag", "LastModified" (epoch seconds), "Key", "Size", "StorageClass"}.  after: only those behind this key, "" for all.
 */
extern bool object_list(const char *bucket, const char *prefix, const char *after, Oid role, ObjectListSink sink,
						void *arg, SfnError *error);

/*
 * Writing is atomic: the object is there, whole and durable, after object_put_end(), which gives its size, or -1.
 * What was begun and not ended is gone with the end of the (sub)transaction that began it, and after
 * any failure.  A key that has an object already gets the new one.
 */
extern ObjectWriter *object_put_begin(const char *bucket, const char *key, Oid role, SfnError *error);
extern bool object_put_write(ObjectWriter *writer, const char *data, Size length, SfnError *error);
extern int64 object_put_end(ObjectWriter *writer, SfnError *error);

/* At once, whatever becomes of the transaction. */
extern bool object_delete(const char *bucket, const char *key, Oid role, SfnError *error);

/* May the role write to the bucket, or read it? */
extern bool object_bucket_is_open(const char *bucket, Oid role, bool for_writing, SfnError *error);

/* Which of S3's errors a failure is: "NoSuchKey", "NoSuchBucket", "AccessDenied", with its status; NULL: none of them. */
extern const char *object_failure_code(const SfnError *error, long *status);

/*
 * What is wrong with a bucket's URL, or NULL; *url becomes its usual spelling, *hint a hint or NULL.
 */
extern const char *object_url_problem(const char **url, const char **hint);

#endif /* SFN_SERVICES_OBJECTS_OBJECTS_H */
