/*
 * lambda_function.h
 *	  Functions in the shape of AWS Lambda.
 */
#ifndef SFN_SERVICES_AWS_LAMBDA_FUNCTION_H
#define SFN_SERVICES_AWS_LAMBDA_FUNCTION_H

#include "postgres.h"

/* Is the target of a registered function a URL, rather than a SQL function? */
extern bool function_target_is_url(const char *target);

/* Is that function registered, by its name or ARN, and is what it calls still there? */
extern bool function_is_there(const char *reference);

#endif /* SFN_SERVICES_AWS_LAMBDA_FUNCTION_H */
