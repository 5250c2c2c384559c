/*
 * sdk_answer.h
 *	  The envelope that AWS's SDK puts around answers and errors of services, as the optimized integrations show it.
 */
#ifndef SFN_AWS_SDK_ANSWER_H
#define SFN_AWS_SDK_ANSWER_H

#include "json/json_value.h"

/* Adds SdkHttpMetadata and SdkResponseMetadata; version: of a function, or NULL. */
extern void sdk_answer_metadata(JvObjectBuilder *answer, const char *content_type, const char *version,
								const char *request_id);

/* "text (Service: AWSLambda; Status Code: 404; ...)", the cause of an error. */
extern char *sdk_error_cause(const char *text, const char *service, int status, const char *code,
							 const char *request_id);

#endif /* SFN_AWS_SDK_ANSWER_H */
