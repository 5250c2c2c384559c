/*
 * names.h
 *	  How Step Functions spells what a service's model calls otherwise.
 */
#ifndef SFN_AWS_NAMES_H
#define SFN_AWS_NAMES_H

#include "base/port.h"

/* The beginning of a service's error names; in lower case its name in Resources: "Amazon DynamoDB" -> "DynamoDb". */
extern char *aws_service_prefix(const char *service_id);
extern char *aws_service_name(const char *prefix);

/* How a member is spelled in parameters and results. */
typedef enum AwsKeyStyle
{
	AWS_KEYS_SDK,      /* aws-sdk: the name that the Java SDK gives it, "DBName" -> "DbName" */
	AWS_KEYS_OPTIMIZED /* the optimized integrations that stand on the older SDK: "DBName" */
} AwsKeyStyle;

extern const char *aws_member_key(const char *prefix, const char *member, AwsKeyStyle style);

/* Does somebody who writes key mean the member?  Beside its key, the model's own name and any case are accepted. */
extern bool aws_key_is_exact(const char *prefix, const char *member, const char *key);
extern bool aws_key_is_similar(const char *prefix, const char *member, const char *key);

/* The name of an error's shape: "ResourceNotFoundFault" -> "ResourceNotFoundException". */
extern char *aws_exception_name(const char *shape);

#endif /* SFN_AWS_NAMES_H */
