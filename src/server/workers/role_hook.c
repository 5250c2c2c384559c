/*
 * role_hook.c
 *	  What DROP ROLE, REASSIGN OWNED and DROP OWNED mean for what the extension keeps in this database.
 *
 * The server itself refuses to drop a role that owns something of ours, in any
 * database, because of an ACL entry (store/owners.c).  Here, in the database where
 * it is, the error says what it is.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"

#include "actions/owners.h"
#include "store/owners.h"
#include "store/sql_version.h"
#include "workers/role_hook.h"

/* A call of the current user's; what an action says against it is raised. */
static void
begin(ActionCall *call)
{
	memset(call, 0, sizeof(ActionCall));
	call->style = ACTION_SQL;
	call->action = "Reassign";
	store_enter(&call->scope);
}

static void
end(ActionCall *call, bool is_done)
{
	if (!is_done)
		ereport(ERROR,
				(errcode(call->error.sqlstate), errmsg_internal("%s", call->error.sql_text),
				 call->error.detail != NULL ? errdetail_internal("%s", call->error.detail) : 0,
				 call->error.hint != NULL ? errhint("%s", call->error.hint) : 0));
	store_leave(&call->scope);
}

/* ---- DROP ROLE ---- */

static void
refuse_to_drop(Oid role, const char *names)
{
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("role \"%s\" cannot be dropped because some objects depend on it", GetUserNameFromId(role, false)),
			 errdetail_internal("%s", names),
			 errhint("REASSIGN OWNED or sfn.reassign() hands them over, DROP OWNED deletes them.")));
}

static void
before_drop_role(const DropRoleStmt *statement)
{
	ListCell *cell;

	if (!superuser() && !has_createrole_privilege(GetUserId()))
		return;
	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);
		StoreScope scope;
		char *names;

		if (!OidIsValid(role))
			continue;
		store_enter(&scope);
		names = role_owned_names(role);
		owners_settle(&role, 1); /* what this transaction has taken from it, perhaps */
		store_leave(&scope);
		if (names != NULL)
			refuse_to_drop(role, names);
	}
}

static bool
may_drop_owned(const DropOwnedStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

		if (!OidIsValid(role) || !has_privs_of_role(GetUserId(), role))
			return false;
	}
	return true;
}

void
role_hook_before(const Node *statement)
{
	if (IsA(statement, DropRoleStmt) && sql_version_fits())
		before_drop_role((const DropRoleStmt *) statement);
	else if (IsA(statement, DropOwnedStmt) && sql_version_fits() && may_drop_owned((const DropOwnedStmt *) statement))
		owners_lock();
}

/* ---- REASSIGN OWNED, DROP OWNED ---- */

static void
after_reassign_owned(const ReassignOwnedStmt *statement)
{
	Oid new_role = get_rolespec_oid(statement->newrole, false);
	ListCell *cell;

	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), false);
		ActionCall call;
		int64 count;

		begin(&call);
		end(&call, role_reassign(&call, role, new_role, &count));
	}
}

static void
after_drop_owned(const DropOwnedStmt *statement)
{
	ListCell *cell;

	foreach(cell, statement->roles)
	{
		Oid role = get_rolespec_oid(lfirst_node(RoleSpec, cell), false);
		ActionCall call;

		begin(&call);
		end(&call, role_drop_owned(&call, role));
	}
}

void
role_hook_after(const Node *statement)
{
	if (IsA(statement, ReassignOwnedStmt) && sql_version_fits())
		after_reassign_owned((const ReassignOwnedStmt *) statement);
	else if (IsA(statement, DropOwnedStmt) && sql_version_fits())
		after_drop_owned((const DropOwnedStmt *) statement);
}
