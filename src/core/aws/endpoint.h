/*
 * endpoint.h
 *	  Where a service is, and for which region requests to it are signed.
 */
#ifndef SFN_AWS_ENDPOINT_H
#define SFN_AWS_ENDPOINT_H

#include "base/port.h"

typedef struct AwsEndpoint
{
	char *host;
	const char *region; /* of signatures */
} AwsEndpoint;

/* Of AWS's own; endpoint_prefix is the model's, region that of the caller. */
extern void aws_endpoint(const char *endpoint_prefix, const char *region, AwsEndpoint *endpoint);

/* The URL of a queue of SQS with that ARN; NULL: it is no queue's. */
extern char *aws_queue_url(const char *arn);

/* The region that a queue's URL or an ARN names; NULL: none. */
extern const char *aws_region_named(const char *text);

#endif /* SFN_AWS_ENDPOINT_H */
