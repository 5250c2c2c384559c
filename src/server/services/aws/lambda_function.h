/*
 * lambda_function.h
 *	  Functions in the shape of AWS Lambda.
 */
#ifndef SFN_SERVICES_AWS_LAMBDA_FUNCTION_H
#define SFN_SERVICES_AWS_LAMBDA_FUNCTION_H

#include "postgres.h"

/* Is the target of a registered function a URL, rather than a SQL function? */
extern bool function_target_is_url(const char *target);

#endif /* SFN_SERVICES_AWS_LAMBDA_FUNCTION_H */
