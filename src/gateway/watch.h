/*
 * watch.h
 *	  Requests of the page that wait until an execution changes.
 */
#ifndef SFN_GATEWAY_WATCH_H
#define SFN_GATEWAY_WATCH_H

#include "gateway/request.h"

/* The request has a role; its body is {"execution", "mark"}.  The answer is {"mark"}, another one or, after a while, the same. */
extern void watch_request(Request *request);

/* Looks what has changed; returns when to be called again, in milliseconds. */
extern int watch_tend(void);

/* How many wait. */
extern int watch_count(void);

/* All are answered now. */
extern void watch_end(void);

#endif /* SFN_GATEWAY_WATCH_H */
