/*
 * function.h
 *	  Functions in the shape of AWS Lambda.
 */
#ifndef SFN_FUNCTION_H
#define SFN_FUNCTION_H

#include "json/json_value.h"

/* Is the target of a registered function a URL, rather than a SQL function? */
extern bool function_target_is_url(const char *target);

/* What the Invoke API answers with this payload. */
extern const JsonVal *function_invoke_result(const JsonVal *payload);

#endif /* SFN_FUNCTION_H */
