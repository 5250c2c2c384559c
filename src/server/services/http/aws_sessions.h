/*
 * aws_sessions.h
 *	  Keys of AWS that are lent for a while, and how a process gets them: in steps, a request each.
 */
#ifndef SFN_SERVICES_HTTP_AWS_SESSIONS_H
#define SFN_SERVICES_HTTP_AWS_SESSIONS_H

#include "postgres.h"

#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "services/http/http_request.h"

#define AWS_MAX_ROLES 6

typedef enum AwsKeySource
{
	AWS_KEY_STATIC, /* or of the environment: it is there */
	AWS_KEY_INSTANCE,
	AWS_KEY_CONTAINER,
	AWS_KEY_WEB_IDENTITY
} AwsKeySource;

/* From where the first key is, and which roles are taken on with it, one after the other. */
typedef struct AwsKeyPlan
{
	const char *credentials; /* their name, for errors */
	AwsKeySource source;
	Sigv4Key key; /* AWS_KEY_STATIC */
	const char *region;
	const char *sts; /* "https://sts.us-east-1.amazonaws.com" */
	AwsRole roles[AWS_MAX_ROLES];
	int role_count;
	const char *machine_role; /* the last role is a task's, and this the machine's; or NULL */
	const char *identity;     /* plans that give the same key have the same */
} AwsKeyPlan;

typedef struct AwsSession AwsSession;

/* In the current memory context, below which it keeps what it has. */
extern AwsSession *aws_session_begin(const AwsKeyPlan *plan);

/* Has the plan a first key and no role, so that there is nothing to ask for? */
extern bool aws_plan_is_done(const AwsKeyPlan *plan);

/* The request of the present step; *is_own: to an address of the machine's own, whatever the allow-list says. */
extern bool aws_session_request(AwsSession *session, HttpRequest *request, bool *is_own, SfnError *error);

/* What came; false: *error.  *expires is set when the key is there, and 0 when there is another step. */
extern bool aws_session_take(AwsSession *session, const HttpResponse *response, TimestampTz *expires, SfnError *error);

/* No step led anywhere: the next fetch begins from the beginning. */
extern void aws_session_reset(AwsSession *session);

/* The key, once it is there. */
extern void aws_session_key(const AwsSession *session, Sigv4Key *key);

#endif /* SFN_SERVICES_HTTP_AWS_SESSIONS_H */
