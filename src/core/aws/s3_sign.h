/*
 * s3_sign.h
 *	  URLs of S3 that carry their signature (AWS Signature Version 4, in the query).
 */
#ifndef SFN_AWS_S3_SIGN_H
#define SFN_AWS_S3_SIGN_H

#include "base/port.h"

typedef struct S3Key
{
	const char *access_key;
	const char *secret_key;
	const char *region;
} S3Key;

/*
 * The URL with the query and the signature that lets a request of that method pass for an hour.  url is scheme, host and path,
 * percent-encoded; query is "name=value" joined by "&", percent-encoded and in the order of the names, or "".
 * NULL: the digests are not to be had.
 */
extern char *s3_presign(const char *method, const char *url, const char *query, const S3Key *key, TimestampTz now);

#endif /* SFN_AWS_S3_SIGN_H */
