/*
 * url_encoding.h
 *	  Percent-encoding, as URLs, forms and signatures have it.
 */
#ifndef SFN_AWS_URL_ENCODING_H
#define SFN_AWS_URL_ENCODING_H

#include "base/port.h"

/* Everything but letters, digits and "-._~" (and "/", if it is kept) becomes %XX, in capitals. */
extern void url_encode_append(StringInfo out, const char *text, bool keeps_slash);
extern char *url_encode(const char *text, bool keeps_slash);

/* The text that was encoded; "+" is no blank here.  NULL: a "%" without two digits behind it, or a byte 0. */
extern char *url_decode(const char *text, int length);

#endif /* SFN_AWS_URL_ENCODING_H */
