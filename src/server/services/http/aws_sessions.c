/*
 * aws_sessions.c
 *	  Keys of AWS that are lent for a while, and how a process gets them: in steps, a request each.
 *
 * A server's own key is at an address of its own machine, which is fixed here and in the server's environment: no task
 * can name it, since the allow-list knows nothing of it.  Keys stay in this process's memory.
 */
#include "postgres.h"

#include <unistd.h>

#include "lib/stringinfo.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "aws/http_headers.h"
#include "base/error.h"
#include "services/http/aws_call.h"
#include "services/http/aws_sessions.h"

#define INSTANCE_URL "http://169.254.169.254" /* of every machine of EC2 */
#define CONTAINER_URL "http://169.254.170.2"  /* of ECS */
#define METADATA "/latest/meta-data/iam/security-credentials/"
#define MAX_TOKEN_FILE (64 * 1024)
#define EARLY (5 * USECS_PER_MINUTE)

typedef enum SessionStep
{
	STEP_METADATA_TOKEN,
	STEP_METADATA_ROLE,
	STEP_METADATA_KEY,
	STEP_CONTAINER,
	STEP_WEB_IDENTITY,
	STEP_ROLE
} SessionStep;

struct AwsSession
{
	AwsKeyPlan plan;
	MemoryContext context; /* of what was fetched */
	SessionStep step;
	int role;             /* STEP_ROLE: which of the plan's */
	char *metadata_token; /* or NULL */
	char *instance_role;
	Sigv4Key key;
	TimestampTz expires;
};

static const SessionStep first_steps[] = {
	[AWS_KEY_STATIC] = STEP_ROLE,
	[AWS_KEY_INSTANCE] = STEP_METADATA_TOKEN,
	[AWS_KEY_CONTAINER] = STEP_CONTAINER,
	[AWS_KEY_WEB_IDENTITY] = STEP_WEB_IDENTITY,
};

static const char *
copied(const char *text)
{
	return text != NULL ? pstrdup(text) : NULL;
}

static void
copy_plan(AwsKeyPlan *copy, const AwsKeyPlan *plan)
{
	*copy = *plan;
	copy->credentials = copied(plan->credentials);
	copy->key.access_key = copied(plan->key.access_key);
	copy->key.secret_key = copied(plan->key.secret_key);
	copy->key.session_token = copied(plan->key.session_token);
	copy->region = copied(plan->region);
	copy->sts = copied(plan->sts);
	copy->machine_role = copied(plan->machine_role);
	copy->identity = NULL;
	for (int i = 0; i < plan->role_count; i++)
	{
		copy->roles[i].arn = copied(plan->roles[i].arn);
		copy->roles[i].session_name = copied(plan->roles[i].session_name);
		copy->roles[i].external_id = copied(plan->roles[i].external_id);
	}
}

AwsSession *
aws_session_begin(const AwsKeyPlan *plan)
{
	AwsSession *session = palloc0(sizeof(AwsSession));

	copy_plan(&session->plan, plan);
	session->context = AllocSetContextCreate(CurrentMemoryContext, "sfn aws key", ALLOCSET_SMALL_SIZES);
	aws_session_reset(session);
	return session;
}

bool
aws_plan_is_done(const AwsKeyPlan *plan)
{
	return plan->source == AWS_KEY_STATIC && plan->role_count == 0;
}

void
aws_session_reset(AwsSession *session)
{
	MemoryContextReset(session->context);
	session->step = first_steps[session->plan.source];
	session->role = 0;
	session->metadata_token = session->instance_role = NULL;
	session->key = session->plan.key;
	session->expires = DT_NOEND;
}

void
aws_session_key(const AwsSession *session, Sigv4Key *key)
{
	key->access_key = session->key.access_key;
	key->secret_key = session->key.secret_key;
	key->session_token = session->key.session_token;
}

/* ---- requests ---- */

static bool
has_no_key(const AwsSession *session, SfnError *error, const char *why)
{
	return sfn_error(error, ERROR_TASK_FAILED, "The AWS credentials \"%s\" give no key: %s", session->plan.credentials,
					 why);
}

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The contents of a small file, without the line's end; NULL: it cannot be read. */
static char *
small_file(const char *path)
{
	FILE *file = AllocateFile(path, "r");
	char *text = palloc(MAX_TOKEN_FILE + 1);
	size_t length;

	if (file == NULL)
		return NULL;
	length = fread(text, 1, MAX_TOKEN_FILE, file);
	(void) FreeFile(file);
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	text[length] = '\0';
	return length > 0 && header_value_is_clean(text) ? text : NULL;
}

static bool
request_metadata(AwsSession *session, HttpRequest *request, SfnError *error)
{
	const char *address = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *path = session->step == STEP_METADATA_TOKEN ? "/latest/api/token"
		: session->step == STEP_METADATA_ROLE               ? METADATA
															: psprintf(METADATA "%s", session->instance_role);
	const char *headers[2] = {session->step == STEP_METADATA_TOKEN
								  ? "X-aws-ec2-metadata-token-ttl-seconds: 21600"
								  : psprintf("X-aws-ec2-metadata-token: %s",
											 session->metadata_token != NULL ? session->metadata_token : ""),
							  NULL};

	if (address == NULL)
		address = INSTANCE_URL;
	if (address[strlen(address) - 1] == '/')
		address = pnstrdup(address, strlen(address) - 1);
	return http_plain_request(session->step == STEP_METADATA_TOKEN ? "PUT" : "GET", psprintf("%s%s", address, path),
							  headers, NULL, request, error);
}

static bool
request_container(AwsSession *session, HttpRequest *request, SfnError *error)
{
	const char *path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *url =
		path != NULL ? psprintf(CONTAINER_URL "%s", path) : environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *token = file != NULL ? small_file(file) : environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	const char *headers[2] = {token != NULL ? psprintf("Authorization: %s", token) : NULL, NULL};

	if (url == NULL)
		return has_no_key(session, error,
						  "the server's environment has no AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and no _FULL_URI.");
	if (file != NULL && token == NULL)
		return has_no_key(session, error, "the file of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read.");
	return http_plain_request("GET", url, headers, NULL, request, error);
}

static bool
request_of_sts(AwsSession *session, const char *body, const Sigv4Key *key, HttpRequest *request, SfnError *error)
{
	static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};

	if (!http_plain_request("POST", psprintf("%s/", session->plan.sts), headers, NULL, request, error))
		return false;
	request->keeps_failure = true;
	request->body = body;
	request->body_length = (int) strlen(body);
	request->headers[request->header_count++] = psprintf("Host: %s", strstr(session->plan.sts, "://") + 3);
	if (key != NULL)
		aws_request_sign(request, "/", "", NULL, key);
	return true;
}

static bool
request_web_identity(AwsSession *session, HttpRequest *request, SfnError *error)
{
	const char *file = environment("AWS_WEB_IDENTITY_TOKEN_FILE");
	const char *token = file != NULL ? small_file(file) : NULL;
	const char *name = environment("AWS_ROLE_SESSION_NAME");
	AwsRole role = {.arn = environment("AWS_ROLE_ARN"), .session_name = name != NULL ? name : "sfn"};

	if (file == NULL || role.arn == NULL)
		return has_no_key(session, error,
						  "the server's environment has no AWS_WEB_IDENTITY_TOKEN_FILE or no AWS_ROLE_ARN.");
	if (token == NULL)
		return has_no_key(session, error, "the file of AWS_WEB_IDENTITY_TOKEN_FILE cannot be read.");
	return request_of_sts(session, aws_web_identity_body(&role, token), NULL, request, error);
}

bool
aws_session_request(AwsSession *session, HttpRequest *request, bool *is_own, SfnError *error)
{
	Sigv4Key key = session->key;

	*is_own = session->step <= STEP_CONTAINER;
	switch (session->step)
	{
		case STEP_METADATA_TOKEN:
		case STEP_METADATA_ROLE:
		case STEP_METADATA_KEY:
			return request_metadata(session, request, error);
		case STEP_CONTAINER:
			return request_container(session, request, error);
		case STEP_WEB_IDENTITY:
			return request_web_identity(session, request, error);
		case STEP_ROLE:
			break;
	}
	key.region = session->plan.region;
	key.service = "sts";
	return request_of_sts(session, aws_assume_role_body(&session->plan.roles[session->role]), &key, request, error);
}

/* ---- answers ---- */

static void
keep_key(AwsSession *session, const AwsLentKey *key)
{
	MemoryContext caller_context = MemoryContextSwitchTo(session->context);

	session->key.access_key = pstrdup(key->access_key);
	session->key.secret_key = pstrdup(key->secret_key);
	session->key.session_token = pstrdup(key->session_token);
	session->expires = Min(session->expires, key->expires);
	MemoryContextSwitchTo(caller_context);
}

/* The next role, if there is one; else the key is there, until shortly before it expires. */
static void
key_came(AwsSession *session, const AwsLentKey *key, TimestampTz *expires)
{
	TimestampTz now = GetCurrentTimestamp();

	keep_key(session, key);
	session->role = session->step == STEP_ROLE ? session->role + 1 : 0;
	session->step = STEP_ROLE;
	if (session->role < session->plan.role_count)
		return;
	*expires = Max(session->expires - EARLY, now + (session->expires - now) / 2);
	session->step = first_steps[session->plan.source];
	session->role = 0;
}

static bool
fail_role(const AwsSession *session, const HttpResponse *response, SfnError *error)
{
	const AwsKeyPlan *plan = &session->plan;
	const char *problem = aws_read_sts_problem(response->body, (int) response->body_length);

	if (plan->machine_role != NULL && session->step == STEP_ROLE && session->role == plan->role_count - 1 &&
		response->status >= 400 && response->status <= 403)
		return sfn_error(error, ERROR_TASK_FAILED, "The role %s is not authorized to assume the task state's role, %s.",
						 plan->machine_role, plan->roles[session->role].arn);
	return has_no_key(session, error,
					  problem != NULL ? problem : psprintf("STS answered with status %ld.", response->status));
}

static char *
keep_line(AwsSession *session, const HttpResponse *response)
{
	int length = (int) strcspn(response->body, "\r\n");
	char *line = pnstrdup(response->body, length);

	return length > 0 && header_value_is_clean(line) ? MemoryContextStrdup(session->context, line) : NULL;
}

static bool
take_metadata(AwsSession *session, const HttpResponse *response, SfnError *error)
{
	char *line = keep_line(session, response);

	if (line == NULL)
		return has_no_key(session, error, "the instance says nothing of a role.");
	if (session->step == STEP_METADATA_TOKEN)
		session->metadata_token = line;
	else
		session->instance_role = line;
	session->step++;
	return true;
}

bool
aws_session_take(AwsSession *session, const HttpResponse *response, TimestampTz *expires, SfnError *error)
{
	bool is_of_sts = session->step >= STEP_WEB_IDENTITY;
	AwsLentKey key = {0};

	*expires = 0;
	if (response->status < 200 || response->status > 299)
		return is_of_sts
			? fail_role(session, response, error)
			: has_no_key(session, error, psprintf("the machine's address answered with status %ld.", response->status));
	if (session->step < STEP_METADATA_KEY)
		return take_metadata(session, response, error);
	if (is_of_sts ? !aws_read_sts_key(response->body, (int) response->body_length, &key)
				  : !aws_read_json_key(response->body, (int) response->body_length, &key))
		return has_no_key(session, error, "the answer has none.");
	key_came(session, &key, expires);
	return true;
}
