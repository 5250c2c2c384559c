/*
 * aws_keys.c
 *	  Which key a call is signed with: from its credentials to the plan by which the key is had.
 *
 * Credentials that take on a role stand on others of the same owner; a task's own role is taken on last.
 */
#include "postgres.h"

#include "aws/endpoint.h"
#include "base/error.h"
#include "services/http/aws_keys.h"
#include "settings/guc.h"
#include "store/services.h"

static const struct
{
	const char *name;
	AwsKeySource source;
} sources[] = {
	{"STATIC", AWS_KEY_STATIC},       {"ENVIRONMENT", AWS_KEY_STATIC},        {"INSTANCE", AWS_KEY_INSTANCE},
	{"CONTAINER", AWS_KEY_CONTAINER}, {"WEB_IDENTITY", AWS_KEY_WEB_IDENTITY},
};

static const char *
environment_variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? pstrdup(value) : NULL;
}

/* The first key, from what is stored or from the server's environment. */
static bool
take_source(AwsKeyPlan *plan, const char *source, const AwsCredentials *credentials, SfnError *error)
{
	const JsonVal *parameters = credentials->parameters;
	bool is_environment = strcmp(source, "ENVIRONMENT") == 0;

	for (int i = 0; i < (int) lengthof(sources); i++)
		if (strcmp(sources[i].name, source) == 0)
			plan->source = sources[i].source;
	if (plan->source != AWS_KEY_STATIC)
		return true;
	plan->key.access_key =
		is_environment ? environment_variable("AWS_ACCESS_KEY_ID") : jv_get_string(parameters, "AccessKeyId");
	plan->key.secret_key =
		is_environment ? environment_variable("AWS_SECRET_ACCESS_KEY") : jv_get_string(parameters, "SecretAccessKey");
	plan->key.session_token =
		is_environment ? environment_variable("AWS_SESSION_TOKEN") : jv_get_string(parameters, "SessionToken");
	if (plan->key.access_key != NULL && plan->key.secret_key != NULL)
		return true;
	return sfn_error(error, ERROR_TASK_FAILED, "The AWS credentials \"%s\" have no access key.", credentials->name);
}

static void
add_identity(AwsKeyPlan *plan, const AwsCredentials *credentials)
{
	plan->identity =
		psprintf("%s" INT64_FORMAT "." INT64_FORMAT "/", plan->identity, credentials->id, credentials->version);
}

/* The role that these credentials take on, in front of those that come behind it. */
static void
add_role(AwsKeyPlan *plan, const JsonVal *parameters, const char *session_name)
{
	AwsRole role = {.arn = jv_get_string(parameters, "RoleArn"),
					.session_name = session_name,
					.external_id = jv_get_string(parameters, "ExternalId")};

	(void) (jv_get(parameters, "DurationSeconds") != NULL &&
			jv_to_int64(jv_get(parameters, "DurationSeconds"), &role.seconds));
	memmove(&plan->roles[1], &plan->roles[0], sizeof(AwsRole) * plan->role_count);
	plan->roles[0] = role;
	plan->role_count++;
}

/* From the credentials of the call down to those that have a key of their own. */
static bool
follow_sources(AwsKeyPlan *plan, const AwsCredentials *first, const char *session_name, const char **region,
			   SfnError *error)
{
	AwsCredentials credentials = *first;

	for (;;)
	{
		const char *source = jv_get_string(credentials.parameters, "Source");

		add_identity(plan, &credentials);
		if (*region == NULL)
			*region = jv_get_string(credentials.parameters, "Region");
		if (source == NULL || strcmp(source, "ASSUME_ROLE") != 0)
			return take_source(plan, source != NULL ? source : "STATIC", &credentials, error);
		if (plan->role_count >= AWS_MAX_ROLES - 1)
			return sfn_error(error, ERROR_TASK_FAILED, "The AWS credentials \"%s\" stand on too many others.",
							 first->name);
		add_role(plan, credentials.parameters, session_name);
		if (!aws_credentials_source(&credentials, &credentials, error))
			return false;
	}
}

bool
aws_key_plan(const JsonVal *stored, Oid role, AwsKeyPlan *plan, SfnError *error)
{
	const char *role_arn = jv_get_string(stored, "role_arn");
	const char *task_role = jv_get_string(stored, "task_role");
	const char *named = jv_get_string(stored, "credentials");
	const char *name = jv_get_string(stored, "session_name");
	const char *session_name = aws_session_name(name != NULL ? name : "sfn");
	const char *region = NULL;
	AwsCredentials credentials;
	AwsEndpoint endpoint;

	memset(plan, 0, sizeof(*plan));
	plan->identity = "";
	if (!(named != NULL ? aws_credentials_named(role, named, &credentials, error)
						: aws_credentials_for(role, role_arn, &credentials, error)) ||
		!follow_sources(plan, &credentials, session_name, &region, error))
		return false;
	plan->credentials = credentials.name;
	plan->region = region != NULL ? region : sfn_region;
	if (task_role != NULL)
	{
		plan->roles[plan->role_count++] = (AwsRole){.arn = task_role, .session_name = session_name};
		plan->machine_role = role_arn != NULL ? role_arn : "of the state machine";
	}
	plan->identity = psprintf("%s%s/%s", plan->identity, plan->key.access_key != NULL ? plan->key.access_key : "",
							  task_role != NULL ? task_role : "");
	plan->sts = service_endpoint_for("sts", plan->region);
	if (plan->sts == NULL)
	{
		aws_endpoint("sts", plan->region, &endpoint);
		plan->sts = psprintf("https://%s", endpoint.host);
	}
	return true;
}

bool
aws_has_key(const char *role_arn, Oid role)
{
	JvObjectBuilder out;
	AwsKeyPlan plan;
	SfnError ignored = {0};

	jv_object_begin(&out);
	if (role_arn != NULL)
		jv_object_add(&out, "role_arn", jv_string(role_arn));
	return aws_key_plan(jv_object_end(&out), role, &plan, &ignored);
}
