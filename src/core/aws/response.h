/*
 * response.h
 *	  The result of an operation, or its error, read from the response.
 */
#ifndef SFN_AWS_RESPONSE_H
#define SFN_AWS_RESPONSE_H

#include "aws/model.h"
#include "aws/xml.h"

typedef struct AwsResponse
{
	long status;
	const char *headers; /* status line and header lines, as they came */
	const char *body;
	int body_length;
} AwsResponse;

typedef struct AwsFailure
{
	const char *code; /* as the service calls it; the status when it says nothing */
	const char *message;
	const char *request_id;
	const char *extended_request_id; /* S3's, or NULL */
	const char *exception;           /* of a modelled error, or NULL */
} AwsFailure;

/* The result of a success; false: the response is none that the operation has, *error says why. */
extern bool aws_response_read(const AwsService *service, const char *action, AwsKeyStyle style,
							  const AwsResponse *response, const JsonVal **result, SfnError *error);

extern void aws_failure_read(const AwsService *service, const AwsResponse *response, AwsFailure *failure);

/* "DynamoDb.ResourceNotFoundException" and its cause, as aws-sdk tasks have them. */
extern char *aws_failure_name(const AwsService *service, const AwsFailure *failure);
extern char *aws_failure_cause(const AwsService *service, const AwsFailure *failure, long status);

/* The value of a header, without blanks around it; NULL: there is none. */
extern char *aws_header(const char *headers, const char *name);

/* What is read from JSON, a node of XML and a header's text; NULL: it is no such thing. */
extern const JsonVal *aws_read_json(const AwsService *service, const AwsType *type, AwsKeyStyle style,
									const JsonVal *value);
extern const JsonVal *aws_read_xml(const AwsService *service, const AwsType *type, AwsKeyStyle style,
								   const XmlNode *node);
extern const JsonVal *aws_read_text(const AwsType *type, const char *text);

/* Text when the bytes are that, else base64. */
extern const JsonVal *aws_read_bytes(const char *bytes, int length);

#endif /* SFN_AWS_RESPONSE_H */
