/*
 * connections.c
 *	  Connections: credentials of HTTP tasks.
 *
 * The parameters are those of EventBridge's CreateConnection.  What is shown later
 * is made here, once: everything but the secrets.
 */
#include "postgres.h"

#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/connections.h"
#include "actions/resources.h"
#include "aws/http_headers.h"
#include "store/owner_rule.h"
#include "store/trust.h"

#define MAX_NAME 64
#define MAX_PARAMETERS 100
#define MAX_PEM (64 * 1024)

typedef struct AuthMember
{
	const char *type;   /* AuthorizationType */
	const char *object; /* in AuthParameters */
	const char *inner;  /* an object in it, or NULL */
	const char *member;
	bool is_secret;
} AuthMember;

static const AuthMember auth_members[] = {
	{"API_KEY", "ApiKeyAuthParameters", NULL, "ApiKeyName", false},
	{"API_KEY", "ApiKeyAuthParameters", NULL, "ApiKeyValue", true},
	{"BASIC", "BasicAuthParameters", NULL, "Username", false},
	{"BASIC", "BasicAuthParameters", NULL, "Password", true},
	{"OAUTH_CLIENT_CREDENTIALS", "OAuthParameters", "ClientParameters", "ClientID", false},
	{"OAUTH_CLIENT_CREDENTIALS", "OAuthParameters", "ClientParameters", "ClientSecret", true},
	{"OAUTH_CLIENT_CREDENTIALS", "OAuthParameters", NULL, "AuthorizationEndpoint", false},
	{"OAUTH_CLIENT_CREDENTIALS", "OAuthParameters", NULL, "HttpMethod", false},
};

static const char *const parameter_lists[] = {"HeaderParameters", "QueryStringParameters", "BodyParameters"};

static SFN_MUST_CHECK bool check_connection_name(ActionCall *call, const char *name);
static SFN_MUST_CHECK bool check_members(ActionCall *call, const char *type, const JsonVal *parameters);
static SFN_MUST_CHECK bool check_parameter_lists(ActionCall *call, const JsonVal *owner, const char *member);
static SFN_MUST_CHECK bool check_tls(ActionCall *call, const JsonVal *tls);
static const JsonVal *shown_parameters(const char *type, const JsonVal *parameters);

static bool
invalid(ActionCall *call, const char *what, const char *hint)
{
	return action_fail(call, API_INVALID_CONNECTION, what, hint != NULL ? hint : "");
}

/* The name is taken, or another's; existing NULL: by a transaction that this one does not see. */
static bool
fail_taken(ActionCall *call, const ConnectionRow *existing, const char *name)
{
	if (existing != NULL && owner_admits_replacing(existing->owner, call->scope.caller, call->scope.caller))
		return action_fail(call, API_CONNECTION_ALREADY_EXISTS, name);
	return fail_owned(call, psprintf("connection \"%s\"", name), existing != NULL ? existing->owner : InvalidOid);
}

/* Trust was in its owner, and he lent it. */
static void
forget_rights(const ConnectionRow *connection)
{
	trust_forget(NAME_CONNECTION, connection->id);
	connection_take_back_all(connection->id);
}

/* Stores what has been checked. */
static SFN_MUST_CHECK bool
store_connection(ActionCall *call, ConnectionRow *row, const JsonVal *parameters, const JsonVal *shown, bool replaces)
{
	row->owner = call->scope.caller;
	row->parameters = jv_to_text(parameters);
	row->shown = jv_to_text(shown);
	if (!connection_upsert(row, replaces))
		return fail_taken(call, connection_by_name(row->name), row->name);
	row->connection_id = connection_by_name(row->name)->connection_id;
	return true;
}

bool
connection_create(ActionCall *call, ConnectionRow *row, const JsonVal *parameters, const JsonVal *tls, bool replaces)
{
	if (!check_connection_name(call, row->name) || !check_long_description(call, row->description) ||
		!check_members(call, row->authorization_type, parameters != NULL ? parameters : jv_empty_object()) ||
		!check_tls(call, tls))
		return false;

	row->tls = tls != NULL ? jv_to_text(tls) : NULL;
	return store_connection(call, row, parameters, shown_parameters(row->authorization_type, parameters), replaces);
}

bool
connection_create_aws(ActionCall *call, ConnectionRow *row, const JsonVal *parameters, bool replaces)
{
	JvObjectBuilder shown;

	if (!check_connection_name(call, row->name))
		return false;
	jv_object_begin(&shown);
	for (int i = 0; i < parameters->count; i++)
	{
		const JvMember *member = &parameters->u.members[i];

		if (strcmp(member->key, "SecretAccessKey") != 0 && strcmp(member->key, "SessionToken") != 0)
			jv_object_add(&shown, member->key, member->value);
	}
	return store_connection(call, row, parameters, jv_object_end(&shown), replaces);
}

bool
connection_drop(ActionCall *call, const char *name)
{
	ConnectionRow *existing = connection_by_name(name);

	if (existing == NULL)
		return action_fail(call, API_CONNECTION_DOES_NOT_EXIST, name);
	if (!connection_delete(name, call->scope.caller))
		return fail_owned(call, psprintf("connection \"%s\"", name), existing->owner);
	forget_rights(existing);
	return true;
}

/* ---- checks; no message repeats a value ---- */

bool
check_connection_object(ActionCall *call, const JsonVal *value, const char *argument)
{
	return value == NULL || value->type == JV_OBJECT || invalid(call, psprintf("%s must be an object", argument), NULL);
}

static bool
check_connection_name(ActionCall *call, const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length > MAX_NAME ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != length)
		return invalid(call, "its name must have 1 to 64 letters, digits, dots, hyphens or underscores", NULL);
	return true;
}

static const JsonVal *
object_of_member(const JsonVal *parameters, const AuthMember *member)
{
	const JsonVal *object = jv_get(parameters, member->object);

	return member->inner != NULL ? jv_get(object, member->inner) : object;
}

static bool
check_members(ActionCall *call, const char *type, const JsonVal *parameters)
{
	bool is_known = false;

	for (int i = 0; i < (int) lengthof(auth_members); i++)
	{
		const AuthMember *member = &auth_members[i];
		const char *value = jv_get_string(object_of_member(parameters, member), member->member);

		if (strcmp(member->type, type) != 0)
			continue;
		is_known = true;
		if (value == NULL || value[0] == '\0')
			return invalid(call,
						   psprintf("%s needs the string %s in %s", type, member->member,
									member->inner != NULL ? member->inner : member->object),
						   NULL);
		if (!header_value_is_clean(value) || (strcmp(member->member, "ApiKeyName") == 0 && !header_is_token(value)))
			return invalid(call, psprintf("%s contains characters that are not allowed", member->member), NULL);
		if (strcmp(member->member, "HttpMethod") == 0 && strcmp(value, "GET") != 0 && strcmp(value, "POST") != 0 &&
			strcmp(value, "PUT") != 0)
			return invalid(call, "HttpMethod must be GET, POST or PUT", NULL);
	}
	if (!is_known)
		return invalid(call, "authorization_type must be API_KEY, BASIC or OAUTH_CLIENT_CREDENTIALS", NULL);
	return check_parameter_lists(call, parameters, "InvocationHttpParameters") &&
		check_parameter_lists(call, jv_get(parameters, "OAuthParameters"), "OAuthHttpParameters");
}

static bool
check_parameter_lists(ActionCall *call, const JsonVal *owner, const char *member)
{
	for (int i = 0; i < (int) lengthof(parameter_lists); i++)
	{
		const JsonVal *list = jv_get(jv_get(owner, member), parameter_lists[i]);

		if (list == NULL)
			continue;
		if (list->type != JV_ARRAY || list->count > MAX_PARAMETERS)
			return invalid(call,
						   psprintf("%s must be an array of at most %d objects", parameter_lists[i], MAX_PARAMETERS),
						   NULL);
		for (int n = 0; n < list->count; n++)
		{
			const char *key = jv_get_string(list->u.items[n], "Key");
			const char *value = jv_get_string(list->u.items[n], "Value");

			if (key == NULL || value == NULL)
				return invalid(call, psprintf("each of %s needs the strings Key and Value", parameter_lists[i]), NULL);
			if (i == 0 && (!header_is_token(key) || !header_value_is_clean(value)))
				return invalid(call, "a header parameter contains characters that are not allowed", NULL);
		}
	}
	return true;
}

static bool
check_tls(ActionCall *call, const JsonVal *tls)
{
	for (int i = 0; tls != NULL && i < tls->count; i++)
	{
		const JvMember *member = &tls->u.members[i];

		if (strcmp(member->key, "ca") != 0 && strcmp(member->key, "certificate") != 0 &&
			strcmp(member->key, "key") != 0)
			return invalid(call, "tls has the members ca, certificate and key", NULL);
		if (member->value->type != JV_STRING || member->value->count > MAX_PEM ||
			strstr(member->value->u.text, "-----BEGIN ") == NULL)
			return invalid(call, psprintf("tls %s must be text in PEM format", member->key), NULL);
	}
	if (tls != NULL && (jv_get(tls, "certificate") == NULL) != (jv_get(tls, "key") == NULL))
		return invalid(call, "tls needs both certificate and key, or neither", NULL);
	return true;
}

/* ---- what is shown ---- */

/* The lists with the values of secrets left out. */
static const JsonVal *
shown_lists(const JsonVal *parameters)
{
	const JsonVal *result = jv_empty_object();

	for (int i = 0; i < (int) lengthof(parameter_lists); i++)
	{
		const JsonVal *list = jv_get(parameters, parameter_lists[i]);
		JvArrayBuilder shown;

		jv_array_begin(&shown);
		for (int n = 0; list != NULL && n < list->count; n++)
		{
			const JsonVal *item = list->u.items[n];
			const JsonVal *is_secret = jv_get(item, "IsValueSecret");
			bool is_shown = is_secret == NULL || (is_secret->type == JV_BOOL && !is_secret->boolean);
			JvObjectBuilder copy;

			jv_object_begin(&copy);
			jv_object_add(&copy, "Key", jv_get(item, "Key"));
			if (is_shown)
				jv_object_add(&copy, "Value", jv_get(item, "Value"));
			jv_object_add(&copy, "IsValueSecret", jv_bool(!is_shown));
			jv_array_add(&shown, jv_object_end(&copy));
		}
		if (list != NULL)
			result = jv_object_set(result, parameter_lists[i], (int) strlen(parameter_lists[i]), jv_array_end(&shown));
	}
	return result;
}

static const JsonVal *
set_member(const JsonVal *object, const char *name, const JsonVal *value)
{
	return jv_object_set(object != NULL ? object : jv_empty_object(), name, (int) strlen(name), value);
}

static const JsonVal *
shown_parameters(const char *type, const JsonVal *parameters)
{
	const JsonVal *result = jv_empty_object();
	const JsonVal *oauth_lists = jv_get(jv_get(parameters, "OAuthParameters"), "OAuthHttpParameters");

	for (int i = 0; i < (int) lengthof(auth_members); i++)
	{
		const AuthMember *member = &auth_members[i];
		const JsonVal *outer = jv_get(result, member->object);
		const JsonVal *value = jv_get(object_of_member(parameters, member), member->member);

		if (strcmp(member->type, type) != 0 || member->is_secret)
			continue;
		if (member->inner != NULL)
			outer = set_member(outer, member->inner, set_member(jv_get(outer, member->inner), member->member, value));
		else
			outer = set_member(outer, member->member, value);
		if (oauth_lists != NULL)
			outer = set_member(outer, "OAuthHttpParameters", shown_lists(oauth_lists));
		result = set_member(result, member->object, outer);
	}
	if (jv_get(parameters, "InvocationHttpParameters") != NULL)
		result =
			set_member(result, "InvocationHttpParameters", shown_lists(jv_get(parameters, "InvocationHttpParameters")));
	return result;
}
