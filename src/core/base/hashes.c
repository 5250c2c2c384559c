/*
 * hashes.c
 *	  Digests, HMAC and base64, from the server's own implementations.
 */
#include "base/hashes.h"

#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/hmac.h"

#define MAX_DIGEST 64

static const struct
{
	const char *name;
	pg_cryptohash_type type;
	int length;
} algorithms[] = {
	{"MD5", PG_MD5, 16},        {"SHA-1", PG_SHA1, 20},     {"SHA-256", PG_SHA256, 32},
	{"SHA-384", PG_SHA384, 48}, {"SHA-512", PG_SHA512, 64},
};

char *
bytes_to_hex(const uint8 *bytes, int count)
{
	static const char digits[] = "0123456789abcdef";
	char *text = palloc(count * 2 + 1);

	for (int i = 0; i < count; i++)
	{
		text[i * 2] = digits[bytes[i] >> 4];
		text[i * 2 + 1] = digits[bytes[i] & 15];
	}
	text[count * 2] = '\0';
	return text;
}

/* Lower-case hexadecimal digest; NULL when the algorithm is not known or the library refuses it. */
char *
hash_hex(const char *algorithm, const char *data, int length)
{
	for (int i = 0; i < (int) lengthof(algorithms); i++)
	{
		uint8 digest[MAX_DIGEST];
		pg_cryptohash_ctx *context;
		bool done;

		if (strcmp(algorithms[i].name, algorithm) != 0)
			continue;
		context = pg_cryptohash_create(algorithms[i].type);
		if (context == NULL)
			return NULL;
		done = pg_cryptohash_init(context) >= 0 && pg_cryptohash_update(context, (const uint8 *) data, length) >= 0 &&
			pg_cryptohash_final(context, digest, algorithms[i].length) >= 0;
		pg_cryptohash_free(context);
		return done ? bytes_to_hex(digest, algorithms[i].length) : NULL;
	}
	return NULL;
}

bool
hmac_sha256(const void *key, size_t key_length, const void *data, size_t length, uint8 *digest)
{
	pg_hmac_ctx *context = pg_hmac_create(PG_SHA256);
	bool is_done = context != NULL && pg_hmac_init(context, key, key_length) >= 0 &&
		pg_hmac_update(context, data, length) >= 0 && pg_hmac_final(context, digest, HMAC_SHA256_BYTES) >= 0;

	pg_hmac_free(context);
	return is_done;
}

char *
base64_encode(const char *data, int length)
{
	int size = pg_b64_enc_len(length);
	char *text = palloc(size + 1);
	int written = pg_b64_encode((const void *) data, length, text, size);

	text[Max(written, 0)] = '\0';
	return text;
}

/* The bytes of a base64 text; NULL when it is none.  No blanks, padding optional but not half done. */
char *
base64_decode(const char *text, int length, int *result_length)
{
	char *padded = palloc(length + 3);
	int size;
	char *result;

	for (int i = 0; i < length; i++)
	{
		bool follows_padding = i > 0 && text[i - 1] == '=' && text[i] != '=';

		if (follows_padding || text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r'))
			return NULL;
	}
	memcpy(padded, text, length);
	if (length % 4 >= 2 && memchr(text, '=', length) == NULL)
	{
		while (length % 4 != 0)
			padded[length++] = '=';
	}
	size = pg_b64_dec_len(length);
	result = palloc(size + 1);
	*result_length = pg_b64_decode(padded, length, (void *) result, size);
	if (*result_length < 0)
		return NULL;
	result[*result_length] = '\0';
	return result;
}
