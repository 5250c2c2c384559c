/*
 * hashes.h
 *	  Digests and base64, from the server's own implementations.
 */
#ifndef SFN_BASE_HASHES_H
#define SFN_BASE_HASHES_H

#include "base/port.h"

/* Lower-case hexadecimal digest; NULL when the algorithm is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512. */
extern char *hash_hex(const char *algorithm, const char *data, int length);

extern char *base64_encode(const char *data, int length);

/*
 * The bytes of a base64 text, NUL-terminated, their number in *result_length.
 * Padding may be left out; anything else that is no base64 gives NULL.
 */
extern char *base64_decode(const char *text, int length, int *result_length);

#endif /* SFN_BASE_HASHES_H */
