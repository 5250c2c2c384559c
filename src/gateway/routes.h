/*
 * routes.h
 *	  What requests there are, and who answers them.
 */
#ifndef SFN_GATEWAY_ROUTES_H
#define SFN_GATEWAY_ROUTES_H

#include "gateway/request.h"

/* A whole request has come. */
extern void route_request(Request *request);

/* What stands behind a pattern that ends in a star; "" where the path is just the pattern; NULL: another. */
extern const char *route_rest(const char *path, const char *pattern);

/* The gateway is to end: nobody is to bring it new work. */
extern void routes_drain(void);
extern bool routes_are_draining(void);

#endif /* SFN_GATEWAY_ROUTES_H */
