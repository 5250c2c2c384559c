/*
 * hashes.h
 *	  Digests, HMAC and base64, from the server's own implementations.
 */
#ifndef SFN_BASE_HASHES_H
#define SFN_BASE_HASHES_H

#include "base/port.h"

/* Lower-case hexadecimal digest; NULL when the algorithm is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512. */
extern char *hash_hex(const char *algorithm, const char *data, int length);

/* Two lower-case digits for each byte. */
extern char *bytes_to_hex(const uint8 *bytes, int count);

#define HMAC_SHA256_BYTES 32

/* The digest may go where the key was; false: the library refuses it. */
extern bool hmac_sha256(const void *key, size_t key_length, const void *data, size_t length, uint8 *digest);

extern char *base64_encode(const char *data, int length);

/*
 * The bytes of a base64 text, NUL-terminated, their number in *result_length.
 * Padding may be left out; anything else that is no base64 gives NULL.
 */
extern char *base64_decode(const char *text, int length, int *result_length);

#endif /* SFN_BASE_HASHES_H */
