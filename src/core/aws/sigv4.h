/*
 * sigv4.h
 *	  AWS Signature Version 4: who sends a request, and that it is as he wrote it.
 *
 * A request is brought into one canonical form, whatever way it was written, and that form is
 * signed with a key derived from the secret for one day, one region and one service, so no
 * request shows the secret.  Whoever checks a signature makes the same form and the same signature.
 *
 * All strings returned are NULL when the server's library refuses the digests, and where said.
 */
#ifndef SFN_AWS_SIGV4_H
#define SFN_AWS_SIGV4_H

#include "base/port.h"

/* In place of the payload's digest: it is not signed.  S3 takes that, over TLS. */
#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"

typedef struct Sigv4Key
{
	const char *access_key;
	const char *secret_key;
	const char *session_token; /* NULL: none */
	const char *region;
	const char *service; /* "s3": its own rules for paths, and the payload's digest is a header */
} Sigv4Key;

typedef struct Sigv4Request
{
	const char *method;
	const char *path;           /* as it is sent, percent-encoded; "" is "/" */
	const char *query;          /* as it is sent, without "?"; or "" */
	const char *const *headers; /* those that are signed, Host among them: "Name: value", NULL at the end */
	const char *payload_hash;   /* SHA-256 in hexadecimal, or SIGV4_UNSIGNED_PAYLOAD */
} Sigv4Request;

/* SHA-256 of a payload, as requests have it. */
extern char *sigv4_payload_hash(const char *payload, int length);

/* "20130524T000000Z"; its first eight characters are the day of the key. */
extern char *sigv4_time(TimestampTz now);

/*
 * The canonical form, and the names of its headers ("host;x-amz-date").  The signature in a query is no part of it.
 * NULL: the query is not encoded as it should be.
 */
extern char *sigv4_canonical_request(const Sigv4Request *request, const char *service, char **signed_headers);

/* The signature of a canonical form, in hexadecimal. */
extern char *sigv4_signature(const char *canonical, const char *time, const Sigv4Key *key);

/* What the request has to have besides its own headers: lines, NULL at the end, the last one "Authorization: ...". */
extern const char **sigv4_headers(const Sigv4Request *request, const Sigv4Key *key, TimestampTz now);

/*
 * The URL with the query and the signature that lets a request of that method pass for so long.  url is scheme, host
 * and path, percent-encoded; query is "name=value" joined by "&", percent-encoded, or "".  header: one that the
 * request has to have beside Host, behind it in the alphabet ("x-name: value"), or NULL.
 */
extern char *sigv4_presign(const char *method, const char *url, const char *query, const char *header,
						   const char *payload_hash, const Sigv4Key *key, TimestampTz now, int seconds);

#endif /* SFN_AWS_SIGV4_H */
