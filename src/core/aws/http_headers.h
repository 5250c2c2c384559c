/*
 * http_headers.h
 *	  Which methods and headers a definition or a connection may set.
 */
#ifndef SFN_AWS_HTTP_HEADERS_H
#define SFN_AWS_HTTP_HEADERS_H

#include "base/port.h"

/* The same text, if it is a method that a request may have; else NULL, as for NULL. */
extern const char *http_method_find(const char *given);

extern bool header_is_token(const char *name);
extern bool header_value_is_clean(const char *value);
extern bool header_is_forbidden(const char *name);

#endif /* SFN_AWS_HTTP_HEADERS_H */
