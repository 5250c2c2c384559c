/*
 * log.h
 *	  The log: a line for each request, on standard error.  No bodies, tokens or signatures.
 */
#ifndef SFN_GATEWAY_LOG_H
#define SFN_GATEWAY_LOG_H

#include "gateway/request.h"

extern void log_request(const Request *request);
/* Writes what has been kept. */
extern void log_flush(void);

extern void log_line(const char *what, const char *text);
/* What only the log may say of a request's error. */
extern void log_detail(const Request *request, const char *text);

#endif /* SFN_GATEWAY_LOG_H */
