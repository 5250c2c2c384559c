/*
 * credentials.c
 *	  Keys that are lent for a while: asking for those of a role, reading what came.
 */
#include "aws/credentials.h"

#include "aws/http_headers.h"
#include "aws/request.h"
#include "aws/url_encoding.h"
#include "aws/xml.h"
#include "base/utf8.h"

#define MAX_SESSION_NAME 64
#define MIN_SESSION_NAME 2

char *
aws_session_name(const char *name)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const char *c = name; *c != '\0' && out.len < MAX_SESSION_NAME; c++)
		appendStringInfoChar(&out,
							 (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
									 strchr("_+=,.@-", *c) != NULL
								 ? *c
								 : '-');
	while (out.len < MIN_SESSION_NAME)
		appendStringInfoChar(&out, '-');
	return out.data;
}

/* ---- requests ---- */

static void
add_field(StringInfo out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(out, "&%s=", name);
	url_encode_append(out, value, false);
}

static void
begin_body(StringInfo out, const char *action, const AwsRole *role)
{
	initStringInfo(out);
	appendStringInfo(out, "Action=%s&Version=2011-06-15", action);
	add_field(out, "RoleArn", role->arn);
	add_field(out, "RoleSessionName", role->session_name);
	if (role->seconds > 0)
		appendStringInfo(out, "&DurationSeconds=" INT64_FORMAT, role->seconds);
}

char *
aws_assume_role_body(const AwsRole *role)
{
	StringInfoData out;

	begin_body(&out, "AssumeRole", role);
	add_field(&out, "ExternalId", role->external_id);
	return out.data;
}

char *
aws_web_identity_body(const AwsRole *role, const char *token)
{
	StringInfoData out;

	begin_body(&out, "AssumeRoleWithWebIdentity", role);
	add_field(&out, "WebIdentityToken", token);
	return out.data;
}

/* ---- answers ---- */

static bool
is_complete(const AwsLentKey *key)
{
	return key->access_key != NULL && key->secret_key != NULL && key->session_token != NULL &&
		key->access_key[0] != '\0' && header_value_is_clean(key->access_key) &&
		header_value_is_clean(key->session_token);
}

static bool
take_expiration(const char *text, AwsLentKey *key)
{
	return text != NULL && aws_time_read(jv_string(text), &key->expires);
}

bool
aws_read_sts_key(const char *body, int length, AwsLentKey *key)
{
	const XmlNode *root = xml_parse(body, length);
	const XmlNode *found = NULL;

	for (const XmlNode *result = root != NULL ? root->children : NULL; result != NULL && found == NULL;
		 result = result->next)
		found = xml_child(result, "Credentials");
	if (found == NULL)
		return false;
	key->access_key = xml_child_text(found, "AccessKeyId");
	key->secret_key = xml_child_text(found, "SecretAccessKey");
	key->session_token = xml_child_text(found, "SessionToken");
	return is_complete(key) && take_expiration(xml_child_text(found, "Expiration"), key);
}

bool
aws_read_json_key(const char *body, int length, AwsLentKey *key)
{
	JvParseError error;
	const JsonVal *found = utf8_is_valid(body, length) ? jv_parse(body, length, &error) : NULL;

	key->access_key = jv_get_string(found, "AccessKeyId");
	key->secret_key = jv_get_string(found, "SecretAccessKey");
	key->session_token = jv_get_string(found, "Token");
	return is_complete(key) && take_expiration(jv_get_string(found, "Expiration"), key);
}

char *
aws_read_sts_problem(const char *body, int length)
{
	const XmlNode *root = xml_parse(body, length);
	const XmlNode *error = root != NULL ? xml_child(root, "Error") : NULL;
	const char *code = error != NULL ? xml_child_text(error, "Code") : NULL;
	const char *message = error != NULL ? xml_child_text(error, "Message") : NULL;

	return code != NULL ? psprintf("%s: %s", code, message != NULL ? message : "") : NULL;
}
