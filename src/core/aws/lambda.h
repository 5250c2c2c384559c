/*
 * lambda.h
 *	  Shapes of the Lambda API.
 */
#ifndef SFN_AWS_LAMBDA_H
#define SFN_AWS_LAMBDA_H

#include "json/json_value.h"

/* What Invoke answers with this payload; with_log: LogType was Tail. */
extern const JsonVal *lambda_invoke_answer(const JsonVal *payload, const char *request_id, bool with_log);

#endif /* SFN_AWS_LAMBDA_H */
