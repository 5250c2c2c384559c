/*
 * gateway.h
 *	  The frame in which the gateway's sessions act for others.
 */
#ifndef SFN_API_AWS_GATEWAY_H
#define SFN_API_AWS_GATEWAY_H

#include "postgres.h"

typedef struct GatewayFrame
{
	Oid user;
	int security;
	int settings;
} GatewayFrame;

/*
 * What runs between these two is done by the role, as whom calls must be possible, and cannot become another (gateway.c).  After an
 * error the transaction's end restores the rest.
 */
extern void gateway_frame_begin(GatewayFrame *frame, Oid role);
extern void gateway_frame_end(const GatewayFrame *frame);

/* An action of one of the APIs as the current user, in the frame: "StartExecution", "events:PutRule"; the answer as json. */
extern Datum gateway_call_as_user(const char *action, const char *request, const char *invocation_id);
/* A page of that name, likewise. */
extern Datum gateway_page_as_user(const char *name, const char *request);

#endif /* SFN_API_AWS_GATEWAY_H */
