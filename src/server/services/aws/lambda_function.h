/*
 * lambda_function.h
 *	  Functions in the shape of AWS Lambda.
 */
#ifndef SFN_SERVICES_AWS_LAMBDA_FUNCTION_H
#define SFN_SERVICES_AWS_LAMBDA_FUNCTION_H

#include "postgres.h"

#include "base/error.h"

/* Is the target of a registered function a URL, rather than a SQL function? */
extern bool function_target_is_url(const char *target);

/* Is that function registered, by its name or ARN, and is what it calls still there? */
extern bool function_is_there(const char *reference);

/* Not registered, and the role has credentials with which AWS Lambda is asked for it? */
extern bool function_is_of_aws(const char *reference, Oid role);

/* May machines of the role call it?  False: *error says why not; what is not registered is nobody's. */
extern bool function_is_trusted(const char *reference, Oid role, SfnError *error);

#endif /* SFN_SERVICES_AWS_LAMBDA_FUNCTION_H */
