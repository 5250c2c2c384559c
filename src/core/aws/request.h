/*
 * request.h
 *	  The request of an operation, written from its parameters.
 */
#ifndef SFN_AWS_REQUEST_H
#define SFN_AWS_REQUEST_H

#include "aws/model.h"

#define AWS_MAX_HEADERS 100

typedef struct AwsRequest
{
	const char *method;
	const char *host_prefix;              /* "" or with its dot at the end */
	const char *path;                     /* percent-encoded */
	const char *query;                    /* percent-encoded, or "" */
	const char *headers[AWS_MAX_HEADERS]; /* "Name: value", NULL at the end */
	int header_count;
	const char *body; /* NUL-terminated; "" */
	int body_length;
	bool is_unsigned;          /* sent as it is */
	bool has_unsigned_payload; /* signed without its body */
} AwsRequest;

/* token goes where the operation has an idempotency token that the parameters leave out.  False: *error says why. */
extern bool aws_request_write(const AwsService *service, const char *action, const JsonVal *parameters,
							  const char *token, AwsRequest *request, SfnError *error);

/* That there is no such action, with the nearest; always false. */
extern bool aws_action_unknown(const AwsService *service, const char *action, SfnError *error);

/* Do tasks call it?  Not everything that a service has (refused.c); false: *error says why. */
extern bool aws_operation_is_called(const AwsService *service, const JsonVal *operation, const char *name,
									SfnError *error);

/* Does the operation have an idempotency token, so that sending it twice has one effect? */
extern bool aws_operation_has_token(const AwsService *service, const JsonVal *operation);

/* ---- what the writers share (values.c) ---- */

/* The text of a scalar, times in the type's format or else that one ('I', 'U', 'R'); false: *error says why. */
extern bool aws_scalar_text(const AwsType *type, const JsonVal *value, char time_format, const char *name,
							const char **text, SfnError *error);

/* Bytes that a parameter stands for: text as it is, anything else as compact JSON. */
extern const char *aws_bytes(const JsonVal *value, int *length);

extern bool aws_wants(const JsonVal *value, JvType type, const char *name, SfnError *error);

/* The member that key means; false: *error names the nearest. */
extern bool aws_member_of_key(const AwsService *service, const AwsType *structure, const char *key, AwsMember *member,
							  SfnError *error);

/* The time as seconds since 1970, as text or number; false: it is none. */
extern bool aws_time_read(const JsonVal *value, TimestampTz *moment);
extern void aws_time_print(StringInfo out, TimestampTz moment, char time_format);

/* ---- the writers: of the body alone.  with_located: members that stand elsewhere are written, too ---- */
extern bool aws_write_json(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value,
						   const char *name, bool with_located, SfnError *error);
extern bool aws_write_query(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value,
							const char *name, SfnError *error);
extern bool aws_write_xml(const AwsService *service, StringInfo out, const AwsType *type, const JsonVal *value,
						  const char *name, bool with_located, SfnError *error);

#endif /* SFN_AWS_REQUEST_H */
