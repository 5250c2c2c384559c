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

#endif /* SFN_API_AWS_GATEWAY_H */
