/*
 * bus_permissions.c
 *	  AWS's policy of an event bus: who may put events on it.
 *
 * What is kept is what the policy means here, the privilege put for a role or for all;
 * the policy that is shown is made from that.  So all that has no meaning here is refused:
 * other actions, other effects, conditions, other accounts, roles that no role was mapped to.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "actions/bus_permissions.h"
#include "actions/event_rules.h"
#include "actions/mapped_roles.h"
#include "aws/arn.h"
#include "base/nearest.h"
#include "settings/guc.h"
#include "store/bus_permissions.h"
#include "json/json_value.h"

#define POLICY_VERSION "2012-10-17"
#define PUT_ACTION "events:PutEvents"
#define EVERYBODY "*"
#define MAX_POLICY 10240
#define MAX_STATEMENT_ID 64
#define STATEMENT_ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static bool
refuse(ActionCall *call, const char *why)
{
	return action_fail(call, API_VALIDATION, why, why);
}

/* ---- whom a principal means ---- */

static char *
account_arn(const char *account)
{
	return psprintf("arn:aws:iam::%s:root", account);
}

/* An account is written as the ARN of its root. */
static SFN_MUST_CHECK bool
read_principal(ActionCall *call, const char *text, BusPermission *permission)
{
	permission->principal = strcmp(text, sfn_account_id) == 0 ? account_arn(text) : pstrdup(text);
	permission->grantee = InvalidOid;
	if (strcmp(text, EVERYBODY) == 0 || strcmp(permission->principal, account_arn(sfn_account_id)) == 0)
		return true;
	if (!arn_is_of_role(text))
		return refuse(call,
					  psprintf("Principal %s is not supported: there are %s, the account %s, and roles' ARNs.", text,
							   EVERYBODY, sfn_account_id));
	if (!role_of_arn(call, text, &permission->grantee))
		return false;
	return OidIsValid(permission->grantee) ||
		refuse(call, psprintf("Principal %s means no role: sfn.map_role() says which one.", text));
}

/* ---- reading a policy ---- */

static SFN_MUST_CHECK bool
check_members(ActionCall *call, const JsonVal *object, const char *what, const char *const *known)
{
	if (!jv_is(object, JV_OBJECT))
		return refuse(call, psprintf("Invalid policy: %s must be an object.", what));
	for (int i = 0; i < object->count; i++)
	{
		if (!name_is_listed(object->u.members[i].key, known))
			return refuse(call, psprintf("%s of %s is not supported.", object->u.members[i].key, what));
	}
	return true;
}

/* Also as a list of one. */
static SFN_MUST_CHECK bool
check_only(ActionCall *call, const JsonVal *statement, const char *member, const char *only)
{
	const JsonVal *value = jv_get(statement, member);

	if (jv_is(value, JV_ARRAY) && value->count == 1)
		value = value->u.items[0];
	return (jv_is(value, JV_STRING) && strcmp(value->u.text, only) == 0) ||
		refuse(call, psprintf("%s of a statement must be %s.", member, only));
}

static SFN_MUST_CHECK bool
check_statement_id(ActionCall *call, const char *id)
{
	size_t length = strlen(id);

	if (length > 0 && length <= MAX_STATEMENT_ID && strspn(id, STATEMENT_ID_CHARACTERS) == length)
		return true;
	return action_fail(call, API_CONSTRAINT, psprintf("'%s'", id), "statementId",
					   "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+", "");
}

/* "*", {"AWS": "..."} or {"AWS": [...]}; as a list. */
static SFN_MUST_CHECK const JsonVal *
principals_of(ActionCall *call, const JsonVal *statement)
{
	static const char *const known[] = {"AWS", NULL};
	const JsonVal *given = jv_get(statement, "Principal");

	if (jv_is(given, JV_OBJECT))
	{
		if (!check_members(call, given, "Principal", known))
			return NULL;
		given = jv_get(given, "AWS");
	}
	if (jv_is(given, JV_STRING))
		given = jv_array(&given, 1);
	if (jv_is(given, JV_ARRAY) && given->count > 0)
		return given;
	(void) refuse(call, "A statement must have a Principal.");
	return NULL;
}

static SFN_MUST_CHECK bool
put_principals(ActionCall *call, int64 bus_id, BusPermission *permission, const JsonVal *principals)
{
	for (int i = 0; i < principals->count; i++)
	{
		if (!jv_is(principals->u.items[i], JV_STRING))
			return refuse(call, "A Principal must be a string.");
		if (!read_principal(call, principals->u.items[i]->u.text, permission))
			return false;
		bus_permission_insert(bus_id, permission);
	}
	return true;
}

static SFN_MUST_CHECK bool
put_statement(ActionCall *call, const BusRow *bus, const JsonVal *statement, int position)
{
	static const char *const known[] = {"Sid", "Effect", "Principal", "Action", "Resource", NULL};
	BusPermission permission = {.position = position};
	const JsonVal *principals;
	const char *id;

	if (!check_members(call, statement, "a statement", known) || !check_only(call, statement, "Effect", "Allow") ||
		!check_only(call, statement, "Action", PUT_ACTION) ||
		!check_only(call, statement, "Resource", arn_of_bus(sfn_region, sfn_account_id, bus->name)))
		return false;
	id = jv_get_string(statement, "Sid");
	if (id != NULL && !check_statement_id(call, id))
		return false;
	permission.statement_id = id != NULL ? pstrdup(id) : NULL;
	principals = principals_of(call, statement);
	return principals != NULL && put_principals(call, bus->id, &permission, principals);
}

static SFN_MUST_CHECK bool
check_ids_differ(ActionCall *call, const JsonVal *statements)
{
	for (int i = 0; i < statements->count; i++)
	{
		const char *id = jv_get_string(statements->u.items[i], "Sid");

		for (int k = 0; id != NULL && k < i; k++)
		{
			const char *other = jv_get_string(statements->u.items[k], "Sid");

			if (other != NULL && strcmp(id, other) == 0)
				return refuse(call, psprintf("Two statements have the Sid %s.", id));
		}
	}
	return true;
}

/* ---- changing it ---- */

/* The caller's bus, whose policy nobody else changes until the transaction ends. */
static SFN_MUST_CHECK BusRow *
open_bus(ActionCall *call, const char *name)
{
	BusRow *bus = bus_describe(call, name); /* no topic is one */

	if (bus == NULL)
		return NULL;
	bus_permissions_lock(bus->id);
	return bus_find_own(call, bus->name);
}

static SFN_MUST_CHECK bool
check_size(ActionCall *call, const BusRow *bus)
{
	const char *policy = bus_policy(call, bus);

	return policy == NULL || strlen(policy) <= MAX_POLICY || action_fail(call, API_POLICY_TOO_LONG);
}

/* Where the statement of that id stands; or the place behind all. */
static int
position_of(int64 bus_id, const char *statement_id)
{
	BusPermission *permissions;
	int count = bus_permissions(bus_id, &permissions);

	for (int i = 0; i < count; i++)
	{
		if (permissions[i].statement_id != NULL && strcmp(permissions[i].statement_id, statement_id) == 0)
			return permissions[i].position;
	}
	return count > 0 ? permissions[count - 1].position + 1 : 0;
}

bool
bus_permit(ActionCall *call, const char *name, const char *statement_id, const char *principal)
{
	BusPermission permission = {.statement_id = pstrdup(statement_id)};
	BusRow *bus;

	if (!check_statement_id(call, statement_id) || !read_principal(call, principal, &permission) ||
		(bus = open_bus(call, name)) == NULL)
		return false;
	permission.position = position_of(bus->id, statement_id);
	(void) bus_permissions_delete(bus->id, statement_id);
	bus_permission_insert(bus->id, &permission);
	return check_size(call, bus);
}

bool
bus_set_policy(ActionCall *call, const char *name, const char *text)
{
	static const char *const known[] = {"Version", "Statement", NULL};
	BusRow *bus = open_bus(call, name);
	JvParseError error;
	const JsonVal *policy = jv_parse(text, (int) strlen(text), &error);
	const JsonVal *statements;

	if (bus == NULL)
		return false;
	if (policy == NULL)
		return refuse(call, psprintf("Invalid policy: %s.", error.message));
	if (!check_members(call, policy, "the policy", known) || !check_only(call, policy, "Version", POLICY_VERSION))
		return false;
	statements = jv_get(policy, "Statement");
	if (jv_is(statements, JV_OBJECT))
		statements = jv_array(&statements, 1);
	if (!jv_is(statements, JV_ARRAY) || statements->count == 0)
		return refuse(call, "The policy must have a Statement.");
	if (!check_ids_differ(call, statements))
		return false;
	(void) bus_permissions_delete(bus->id, NULL);
	for (int i = 0; i < statements->count; i++)
	{
		if (!put_statement(call, bus, statements->u.items[i], i))
			return false;
	}
	return check_size(call, bus);
}

bool
bus_forbid(ActionCall *call, const char *name, const char *statement_id)
{
	BusRow *bus = open_bus(call, name);
	BusPermission *permissions;

	if (bus == NULL)
		return false;
	if (statement_id != NULL && bus_permissions(bus->id, &permissions) == 0)
		return action_fail(call, API_BUS_HAS_NO_POLICY);
	return bus_permissions_delete(bus->id, statement_id) > 0 || statement_id == NULL ||
		action_fail(call, API_BUS_STATEMENT_DOES_NOT_EXIST, statement_id);
}

/* ---- showing it ---- */

/* One that was dropped is a number, as on AWS, so that nobody takes it for a later one of the same name. */
static const JsonVal *
principal_name(const BusPermission *permission)
{
	return jv_string(!OidIsValid(permission->grantee) || GetUserNameFromId(permission->grantee, true) != NULL
						 ? permission->principal
						 : psprintf("AROA%017u", permission->grantee));
}

static const JsonVal *
principal_value(const BusPermission *permissions, int count)
{
	JvArrayBuilder list;
	JvObjectBuilder object;

	if (count == 1 && strcmp(permissions[0].principal, EVERYBODY) == 0)
		return jv_string(EVERYBODY);
	jv_array_begin(&list);
	for (int i = 0; i < count; i++)
		jv_array_add(&list, principal_name(&permissions[i]));
	jv_object_begin(&object);
	jv_object_add(&object, "AWS", count == 1 ? principal_name(&permissions[0]) : jv_array_end(&list));
	return jv_object_end(&object);
}

static const JsonVal *
statement_object(const BusRow *bus, const BusPermission *permissions, int count)
{
	JvObjectBuilder statement;

	jv_object_begin(&statement);
	if (permissions[0].statement_id != NULL)
		jv_object_add(&statement, "Sid", jv_string(permissions[0].statement_id));
	jv_object_add(&statement, "Effect", jv_string("Allow"));
	jv_object_add(&statement, "Principal", principal_value(permissions, count));
	jv_object_add(&statement, "Action", jv_string(PUT_ACTION));
	jv_object_add(&statement, "Resource", jv_string(arn_of_bus(sfn_region, sfn_account_id, bus->name)));
	return jv_object_end(&statement);
}

char *
bus_policy(const ActionCall *call, const BusRow *bus)
{
	BusPermission *permissions;
	int count = bus_is_own(bus, call->scope.caller) ? bus_permissions(bus->id, &permissions) : 0;
	JvArrayBuilder statements;
	JvObjectBuilder policy;

	if (count == 0)
		return NULL;
	jv_array_begin(&statements);
	for (int first = 0, next; first < count; first = next)
	{
		for (next = first + 1; next < count && permissions[next].position == permissions[first].position;)
			next++;
		jv_array_add(&statements, statement_object(bus, &permissions[first], next - first));
	}
	jv_object_begin(&policy);
	jv_object_add(&policy, "Version", jv_string(POLICY_VERSION));
	jv_object_add(&policy, "Statement", jv_array_end(&statements));
	return jv_to_text(jv_object_end(&policy));
}
