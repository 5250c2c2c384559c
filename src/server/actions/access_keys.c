/*
 * access_keys.c
 *	  Access keys: who signs HTTP requests with one calls as its role.
 *
 * A key is no login: it acts as its role and no other, whatever its maker may do
 * later.  Its secret is kept as it is, since signatures are computed from it; it is
 * shown once, and its session token, which is sent as it is, is kept as a digest.
 */
#include "postgres.h"

#include "catalog/catalog.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/access_keys.h"
#include "actions/checks.h"
#include "base/hashes.h"
#include "settings/clock.h"
#include "settings/guc.h"

#define ID_LETTERS 16
#define SECRET_BYTES 30
#define TOKEN_BYTES 48
#define MAX_ID 128
#define MAX_SECRET 1024

static char *
random_base64(int bytes)
{
	char *random = palloc(bytes);

	if (!pg_strong_random(random, bytes))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	return base64_encode(random, bytes);
}

/* AKIA..., as AWS's keys that last; ASIA... as those that do not. */
static char *
random_id(bool expires)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8 random[ID_LETTERS];
	char *id = pstrdup(expires ? "ASIA0123456789ABCDEF" : "AKIA0123456789ABCDEF");

	if (!pg_strong_random(random, sizeof(random)))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
	for (int i = 0; i < ID_LETTERS; i++)
		id[4 + i] = letters[random[i] % 32];
	return id;
}

/* What can stand in a header, in one word. */
static bool
is_word(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c > '~' || *c == '/' || *c == ',' || *c == ':' || *c == '=')
			return false;
	}
	return length > 0 && length <= max;
}

static bool
is_printable(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c <= ' ' || *c > '~')
			return false;
	}
	return length > 0 && length <= max;
}

static SFN_MUST_CHECK bool
check_actions(ActionCall *call, const AccessKey *key)
{
	Datum *patterns;
	bool *nulls;
	int count;

	if (!key->has_actions)
		return true;
	deconstruct_array(DatumGetArrayTypeP(key->actions), TEXTOID, -1, false, TYPALIGN_INT, &patterns, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		const char *pattern = nulls[i] ? "" : TextDatumGetCString(patterns[i]);

		if (strspn(pattern, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*?:") != strlen(pattern) ||
			pattern[0] == '\0')
			return action_invalid(
				call,
				"actions must be names of actions such as states:StartExecution, in which * and ? stand for "
				"letters");
	}
	return true;
}

bool
gateway_role_check(ActionCall *call, Oid role)
{
	if (GetUserNameFromId(role, true) == NULL)
		return action_fail(call, API_PERMISSION_DENIED, "the role of the call does not exist any more", "");
	/* what the server's own roles may, such as running programs, only members are to have */
	if (IsReservedName(GetUserNameFromId(role, false)))
		return action_fail(call, API_PERMISSION_DENIED,
						   psprintf("role \"%s\" is the server's own, as which no calls are made over HTTP",
									GetUserNameFromId(role, false)),
						   "Use a role that is a member of it.");
	if (superuser_arg(role) && !sfn_gateway_superusers)
		return action_fail(call, API_PERMISSION_DENIED,
						   psprintf("role \"%s\" is a superuser, as whom no calls are made over HTTP",
									GetUserNameFromId(role, false)),
						   "Use a role that owns the state machines, or set sfn.gateway_superusers.");
	return true;
}

bool
access_key_create(ActionCall *call, AccessKey *key, char **session_token)
{
	bool is_given = key->secret != NULL;

	*session_token = NULL;
	if (!OidIsValid(key->role))
		key->role = call->scope.caller;
	if (!has_privs_of_role(call->scope.caller, key->role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "Calls with the key are made by that role.",
									   GetUserNameFromId(key->role, false));
	if (!gateway_role_check(call, key->role) || !check_actions(call, key) ||
		!check_long_description(call, key->description))
		return false;
	if ((key->id == NULL) != (key->secret == NULL))
		return action_invalid(call, "access_key_id and secret_access_key are given together, or neither is");
	if (is_given && (!is_word(key->id, MAX_ID) || !is_printable(key->secret, MAX_SECRET)))
		return action_invalid(
			call,
			"access_key_id must be one word of at most 128 characters without \"/\", \",\", \":\" and \"=\", "
			"secret_access_key one of at most 1024");
	if (key->expiration != 0 && key->expiration <= sfn_now())
		return action_invalid(call, "expires must be a time to come");
	if (!is_given)
	{
		key->id = random_id(key->expiration != 0);
		key->secret = random_base64(SECRET_BYTES);
		if (key->expiration != 0)
		{
			*session_token = random_base64(TOKEN_BYTES);
			key->token_hash = hash_hex("SHA-256", *session_token, (int) strlen(*session_token));
		}
	}
	return access_key_insert(key, sfn_now()) || action_fail(call, API_ACCESS_KEY_ALREADY_EXISTS, key->id);
}

static SFN_MUST_CHECK bool
fail_key(ActionCall *call, const char *id)
{
	Oid role = access_key_role(id);

	if (OidIsValid(role) && GetUserNameFromId(role, true) != NULL)
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "The access key is that role's.",
									   GetUserNameFromId(role, false));
	return action_fail(call, API_ACCESS_KEY_DOES_NOT_EXIST, id);
}

bool
access_key_update(ActionCall *call, const char *id, const char *status)
{
	if (strcmp(status, "Active") != 0 && strcmp(status, "Inactive") != 0)
		return action_invalid(call, "status must be Active or Inactive");
	return access_key_set_status(id, status, call->scope.caller) || fail_key(call, id);
}

bool
access_key_drop(ActionCall *call, const char *id)
{
	return access_key_delete(id, call->scope.caller) || fail_key(call, id);
}
