/*
 * http.h
 *	  HTTP: connections of clients, by libmicrohttpd.
 */
#ifndef SFN_GATEWAY_HTTP_H
#define SFN_GATEWAY_HTTP_H

#include "gateway/request.h"

/* Listens; says what is wrong and ends the program. */
extern void http_begin(void);

/* Does what there is to do; returns for how long, in milliseconds, there will be nothing, as far as is known. */
extern int http_run(void);

/* The request has its answer. */
extern void http_resume(Request *request);

/* Reads the certificates again: new connections have those, requests under way are not disturbed.  Bad ones are not taken. */
extern void http_reload_certificates(void);

/* No more connections; requests of those that are there go on. */
extern void http_stop_listening(void);
extern int http_requests(void); /* that have no answer yet, or whose answer is on its way */
extern int http_clients(void);

#endif /* SFN_GATEWAY_HTTP_H */
