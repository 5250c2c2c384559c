/*
 * s3_sign.c
 *	  URLs of S3 that carry their signature (AWS Signature Version 4, in the query).
 *
 * What is signed is method, host, path, query and time, not the body, which TLS
 * protects.  The signature is made with a key derived from the secret for one day, one
 * region and one service, so no request shows the secret.
 */
#include "aws/s3_sign.h"

#include "common/hmac.h"
#include "common/sha2.h"

#include "aws/s3_listing.h"
#include "base/hashes.h"
#include "base/timestamps.h"

#define EXPIRES_SECONDS "3600"
#define ALGORITHM "AWS4-HMAC-SHA256"

typedef struct Digest
{
	uint8 bytes[PG_SHA256_DIGEST_LENGTH];
} Digest;

/* *result becomes the HMAC of the text; false when the library refuses. */
static bool
hmac(const uint8 *key, size_t key_length, const char *text, Digest *result)
{
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);
	bool is_done = context != NULL && pg_hmac_init(context, key, key_length) >= 0 &&
		pg_hmac_update(context, (const uint8 *) text, strlen(text)) >= 0 &&
		pg_hmac_final(context, result->bytes, sizeof(result->bytes)) >= 0;

	if (context != NULL)
		pg_hmac_free(context);
	return is_done;
}

/* "20130524T000000Z"; its first eight characters are the date. */
static char *
compact_time(TimestampTz now)
{
	StringInfoData printed;
	char *out;
	char *end;

	initStringInfo(&printed);
	timestamp_print(&printed, now - now % USECS_PER_SEC);
	out = end = printed.data;
	for (const char *c = printed.data; *c != '\0'; c++)
	{
		if (*c != '-' && *c != ':')
			*end++ = *c;
	}
	*end = '\0';
	return out;
}

/* The text that is signed, for the canonical form of the request. */
static char *
text_to_sign(const char *canonical, const char *time, const char *scope)
{
	char *digest = hash_hex("SHA-256", canonical, (int) strlen(canonical));

	return digest != NULL ? psprintf(ALGORITHM "\n%s\n%s\n%s", time, scope, digest) : NULL;
}

/* Date, region, service, request: each is signed with what the one before gave; the last signs the text. */
static char *
signature(const S3Key *key, const char *date, const char *text)
{
	char *secret = psprintf("AWS4%s", key->secret_key);
	const char *steps[] = {date, key->region, "s3", "aws4_request", text};
	Digest digest;
	StringInfoData hex;
	bool is_done = hmac((uint8 *) secret, strlen(secret), steps[0], &digest);

	for (int i = 1; i < (int) lengthof(steps) && is_done; i++)
	{
		Digest last = digest;

		is_done = hmac(last.bytes, sizeof(last.bytes), steps[i], &digest);
	}
	if (!is_done)
		return NULL;
	initStringInfo(&hex);
	for (int i = 0; i < (int) sizeof(digest.bytes); i++)
		appendStringInfo(&hex, "%02x", digest.bytes[i]);
	return hex.data;
}

/* The query with everything but the signature, in the order of the names: capitals come first. */
static char *
signed_query(const char *query, const S3Key *key, const char *time, const char *scope)
{
	return psprintf("X-Amz-Algorithm=" ALGORITHM
					"&X-Amz-Credential=%s%%2F%s&X-Amz-Date=%s&X-Amz-Expires=" EXPIRES_SECONDS
					"&X-Amz-SignedHeaders=host%s%s",
					s3_percent_encode(key->access_key, false), s3_percent_encode(scope, false), time,
					query[0] != '\0' ? "&" : "", query);
}

char *
s3_presign(const char *method, const char *url, const char *query, const S3Key *key, TimestampTz now)
{
	const char *host = strstr(url, "://") != NULL ? strstr(url, "://") + 3 : url;
	int host_length = (int) strcspn(host, "/");
	const char *path = host[host_length] != '\0' ? host + host_length : "/";
	char *time = compact_time(now);
	char *date = pnstrdup(time, 8);
	char *scope = psprintf("%s/%s/s3/aws4_request", date, key->region);
	char *full_query = signed_query(query, key, time, scope);
	char *text = text_to_sign(psprintf("%s\n%s\n%s\nhost:%.*s\n\nhost\nUNSIGNED-PAYLOAD", method, path, full_query,
									   host_length, host),
							  time, scope);
	char *made = text != NULL ? signature(key, date, text) : NULL;

	return made != NULL ? psprintf("%s?%s&X-Amz-Signature=%s", url, full_query, made) : NULL;
}
