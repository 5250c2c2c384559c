/*
 * credentials.h
 *	  Keys that are lent for a while: asking for those of a role, reading what came.
 */
#ifndef SFN_AWS_CREDENTIALS_H
#define SFN_AWS_CREDENTIALS_H

#include "base/error.h"

/* A role that is to be taken on. */
typedef struct AwsRole
{
	const char *arn;
	const char *session_name;
	const char *external_id; /* or NULL */
	int64 seconds;           /* 0: as long as STS gives by itself */
} AwsRole;

typedef struct AwsLentKey
{
	const char *access_key;
	const char *secret_key;
	const char *session_token;
	TimestampTz expires;
} AwsLentKey;

/* A name that STS takes: of what is longer or has other characters, what it takes. */
extern char *aws_session_name(const char *name);

/* Bodies of requests to STS; that of a web identity is not signed. */
extern char *aws_assume_role_body(const AwsRole *role);
extern char *aws_web_identity_body(const AwsRole *role, const char *token);

/* STS's answer, and the JSON of an instance or a container.  False: it is none. */
extern bool aws_read_sts_key(const char *body, int length, AwsLentKey *key);
extern bool aws_read_json_key(const char *body, int length, AwsLentKey *key);

/* "AccessDenied: User ... is not authorized", as far as an answer says that; or NULL. */
extern char *aws_read_sts_problem(const char *body, int length);

#endif /* SFN_AWS_CREDENTIALS_H */
