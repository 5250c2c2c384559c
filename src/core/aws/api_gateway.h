/*
 * api_gateway.h
 *	  The request of apigateway:invoke.
 */
#ifndef SFN_AWS_API_GATEWAY_H
#define SFN_AWS_API_GATEWAY_H

#include "aws/request.h"

/* Names whose services are meant: of the endpoint's facts, and in signatures. */
#define API_GATEWAY "apigateway"
#define API_GATEWAY_SIGNED_AS "execute-api"

/*
 * The request and the host that the parameters name; unsigned unless AuthType asks for a signature; resource: whose
 * parameters they are.  False: *error.
 */
extern bool api_request(const char *resource, const JsonVal *parameters, AwsRequest *request, const char **host,
						SfnError *error);

/* The region in the host of an API ("abc.execute-api.us-east-1.amazonaws.com"); NULL: it is no such host. */
extern const char *api_gateway_region(const char *host);

#endif /* SFN_AWS_API_GATEWAY_H */
