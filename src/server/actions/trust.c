/*
 * trust.c
 *	  Trusting the owner of what a definition names, and lending connections, buckets, queues and topics.
 *
 * Two sides have a say.  What is called gets inputs, and a function runs as the
 * machine's role: so those who have the role's privileges say whom they trust.  A
 * connection, bucket, queue or topic works with what is its owner's: so its owner says who may use it.
 * Rights are checked when what is named is locked.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "actions/trust.h"
#include "store/buckets.h"
#include "store/event_rules.h"
#include "store/trust.h"

/* The errors of names that are not there; each takes the name, some twice. */
static const ApiErrorId missing_errors[NAME_KIND_COUNT] = {
	[NAME_FUNCTION] = API_FUNCTION_DOES_NOT_EXIST,
	[NAME_ACTIVITY] = API_ACTIVITY_DOES_NOT_EXIST,
	[NAME_STATE_MACHINE] = API_STATE_MACHINE_DOES_NOT_EXIST,
	[NAME_EVENT_BUS] = API_EVENT_BUS_DOES_NOT_EXIST,
	[NAME_CONNECTION] = API_CONNECTION_DOES_NOT_EXIST,
	[NAME_BUCKET] = API_BUCKET_DOES_NOT_EXIST,
	[NAME_QUEUE] = API_QUEUE_DOES_NOT_EXIST,
	[NAME_TOPIC] = API_TOPIC_DOES_NOT_EXIST,
};

static SFN_MUST_CHECK bool
find_kind(ActionCall *call, const char *word, NameKind first, const char *choices, NameKind *kind)
{
	for (int i = first; i < NAME_KIND_COUNT; i++)
	{
		*kind = (NameKind) i;
		if (strcmp(name_kind_words[i], word) == 0)
			return true;
	}
	return action_fail(call, API_VALIDATION, "", psprintf("kind must be %s, not \"%s\"", choices, word));
}

static SFN_MUST_CHECK bool
lock_name(ActionCall *call, NameKind kind, const char *name, OwnedName *found)
{
	return owned_name_lock(kind, name, found) || action_fail(call, missing_errors[kind], name, name);
}

static SFN_MUST_CHECK bool
check_role(ActionCall *call, const char *argument, Oid role)
{
	return (OidIsValid(role) && GetUserNameFromId(role, true) != NULL) ||
		action_fail(call, API_VALIDATION, "", psprintf("%s must be a role", argument));
}

/* ---- trust: the machine's side ---- */

static SFN_MUST_CHECK bool
find_for_trust(ActionCall *call, const char *word, const char *name, Oid role, OwnedName *found)
{
	const char *role_name = GetUserNameFromId(role, true);
	NameKind kind;

	if (!find_kind(call, word, NAME_FUNCTION,
				   "function, activity, state_machine, event_bus, connection, bucket, queue or topic", &kind))
		return false;
	if (!has_privs_of_role(call->scope.caller, role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
									   "Whom the state machines of a role trust is said by members of the role.",
									   role_name != NULL ? role_name : "(dropped)");
	return lock_name(call, kind, name, found);
}

bool
name_trust(ActionCall *call, const char *kind, const char *name, Oid owner, Oid role)
{
	OwnedName found;

	if (!check_role(call, "owner", owner) || !check_role(call, "role", role) ||
		!find_for_trust(call, kind, name, role, &found))
		return false;
	if (found.owner != owner)
	{
		const char *actual = GetUserNameFromId(found.owner, true);

		return action_fail(call, API_VALIDATION, "",
						   psprintf("%s \"%s\" is owned by role \"%s\", not \"%s\"", kind, name,
									actual != NULL ? actual : "(dropped)", GetUserNameFromId(owner, false)));
	}
	trust_put(&found, role, call->scope.caller);
	return true;
}

bool
name_untrust(ActionCall *call, const char *kind, const char *name, Oid role)
{
	OwnedName found;

	if (!find_for_trust(call, kind, name, role, &found))
		return false;
	trust_delete(&found, role);
	return true;
}

/* ---- use: the owner's side ---- */

static SFN_MUST_CHECK bool
find_for_use(ActionCall *call, const char *word, const char *name, OwnedName *found)
{
	NameKind kind;

	if (!find_kind(call, word, NAME_CONNECTION, "connection, bucket, queue or topic", &kind) ||
		!lock_name(call, kind, name, found))
		return false;
	return has_privs_of_role(call->scope.caller, found->owner) ||
		action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied for %s \"%s\"", word, name),
					"Its owner says who may use it.");
}

bool
name_grant_use(ActionCall *call, const char *kind, const char *name, Oid role)
{
	OwnedName found;

	if (!check_role(call, "role", role) || !find_for_use(call, kind, name, &found))
		return false;
	if (found.kind == NAME_TOPIC)
		bus_grant(found.id, role, BUS_PUT);
	else if (found.kind == NAME_BUCKET)
		bucket_lend(found.id, role);
	else
		use_lend(&found, role, call->scope.caller);
	return true;
}

bool
name_revoke_use(ActionCall *call, const char *kind, const char *name, Oid role)
{
	OwnedName found;

	if (!find_for_use(call, kind, name, &found))
		return false;
	if (found.kind == NAME_TOPIC)
		(void) bus_revoke(found.id, role, BUS_PUT);
	else if (found.kind == NAME_BUCKET)
		bucket_take_back(found.id, role);
	else
		use_take_back(&found, role);
	return true;
}
