/*
 * routes.h
 *	  What requests there are, and who answers them.
 */
#ifndef SFN_GATEWAY_ROUTES_H
#define SFN_GATEWAY_ROUTES_H

#include "gateway/request.h"

/* A whole request has come. */
extern void route_request(Request *request);

/* The gateway is to end: nobody is to bring it new work. */
extern void routes_drain(void);
extern bool routes_are_draining(void);

#endif /* SFN_GATEWAY_ROUTES_H */
