/*
 * aws_services.h
 *	  What is known of AWS services, as this process has read it.
 */
#ifndef SFN_SERVICES_HTTP_AWS_SERVICES_H
#define SFN_SERVICES_HTTP_AWS_SERVICES_H

#include "postgres.h"

#include "aws/model.h"

/*
 * The service of that name; it stays until the memory context that is current is reset or deleted.  Between
 * store_enter() and store_leave().  NULL: *error says that there is none, and which is the nearest.
 */
extern const AwsService *aws_service_named(const char *name, SfnError *error);

#endif /* SFN_SERVICES_HTTP_AWS_SERVICES_H */
