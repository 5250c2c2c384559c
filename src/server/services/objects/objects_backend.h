/*
 * objects_backend.h
 *	  What each kind of bucket implements; objects.c has the table.
 */
#ifndef SFN_SERVICES_OBJECTS_OBJECTS_BACKEND_H
#define SFN_SERVICES_OBJECTS_OBJECTS_BACKEND_H

#include "services/objects/objects.h"

/* An object, or a bucket, as the backends are told of it. */
typedef struct ObjectPlace
{
	const char *bucket;
	const char *url;        /* the bucket's */
	const char *root;       /* its URL without the scheme */
	const char *key;        /* or the prefix of a list */
	const char *after;      /* of a list: the key behind which it begins, or "" */
	const char *version;    /* of an object, or NULL */
	const char *connection; /* for requests; or NULL */
	const char *region;     /* for which they are signed with its keys; or NULL */
	Oid requester;          /* the bucket's owner: requests are made as this role */
} ObjectPlace;

typedef struct ObjectBackend
{
	const char *scheme;                                               /* "file://" */
	const char *(*url_problem)(const char **root, const char **hint); /* as object_url_problem() */
	bool (*get)(const ObjectPlace *place, ObjectDataSink sink, void *arg, SfnError *error);
	bool (*describe)(const ObjectPlace *place, const char **headers, SfnError *error);
	bool (*list)(const ObjectPlace *place, ObjectListSink sink, void *arg, SfnError *error);
	ObjectWriter *(*put_begin)(const ObjectPlace *place, SfnError *error);
	bool (*put_write)(ObjectWriter *writer, const char *data, Size length, SfnError *error);
	int64 (*put_end)(ObjectWriter *writer, SfnError *error);
	bool (*remove)(const ObjectPlace *place, SfnError *error);
} ObjectBackend;

/* Each backend's writer begins with this. */
struct ObjectWriter
{
	const ObjectBackend *backend;
};

extern const ObjectBackend object_backend_file;
extern const ObjectBackend object_backend_http;
extern const ObjectBackend object_backend_https;

/* S3's answers; the name of the error is the caller's. */
extern bool object_fail_no_key(const ObjectPlace *place, const char *error_name, SfnError *error);
extern bool object_fail_access(const ObjectPlace *place, const char *error_name, SfnError *error);

#endif /* SFN_SERVICES_OBJECTS_OBJECTS_BACKEND_H */
