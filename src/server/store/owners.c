/*
 * owners.c
 *	  What roles own: state machines, activities, functions, connections, buckets, queues, rules, archives, event buses, topics, schedules and their groups.
 *
 * The server refuses to drop a role that an ACL names, in whichever database, and
 * no other dependency of ours would be understood by DROP ROLE, REASSIGN OWNED and
 * DROP OWNED.  So each owner has an entry in the ACL of the view sfn.owned_objects,
 * which gives nothing beyond what PUBLIC has.  It comes with his first object and
 * goes with the last.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "shared/quota_accounts.h"
#include "store/event_archives.h"
#include "store/event_rules.h"
#include "store/machines.h"
#include "store/owners.h"
#include "store/queue_sources.h"
#include "store/store.h"

#define NOTED_MAX 64

enum
{
	OWNED_KIND = 1,
	OWNED_NAME
};

int
owned_objects_of(Oid role, int max, OwnedObject **objects)
{
	static StoreQuery query = {"SELECT kind, name FROM sfn.owned_objects WHERE owner = $1::pg_catalog.regrole"
							   " ORDER BY 1, 2",
							   1,
							   {OIDOID},
							   .scans = true,
							   .sees_latest = true};
	Datum args[1] = {ObjectIdGetDatum(role)};
	int count = (int) store_run(&query, args, NULL, max);

	*objects = palloc(sizeof(OwnedObject) * (count + 1));
	for (int i = 0; i < count; i++)
	{
		(*objects)[i].kind = store_text((uint64) i, OWNED_KIND);
		(*objects)[i].name = store_text((uint64) i, OWNED_NAME);
	}
	return count;
}

/* ---- the entry ---- */

static Oid
marked_view(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("owned_objects", schema) : InvalidOid;
}

static bool
has_entry(Oid view, Oid role)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
	bool is_null;
	Datum datum;
	bool result = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	datum = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &is_null);
	if (!is_null)
	{
		Acl *acl = DatumGetAclPCopy(datum);

		for (int i = 0; i < ACL_NUM(acl) && !result; i++)
			result = ACL_DAT(acl)[i].ai_grantee == role;
	}
	ReleaseSysCache(tuple);
	return result;
}

static Oid
owner_of_view(Oid view)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(view));
	Oid owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* The server never drops the bootstrap superuser, and knows the owner of the view. */
static bool
needs_entry(Oid view, Oid role)
{
	return role != BOOTSTRAP_SUPERUSERID && role != owner_of_view(view) &&
		SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

static bool
owns_something(Oid role)
{
	OwnedObject *objects;

	return owned_objects_of(role, 1, &objects) > 0;
}

/* Without going through utility hooks and event triggers, which may do anything. */
static void
change_entry(Oid role, bool is_grant)
{
	GrantStmt *statement = makeNode(GrantStmt);
	AccessPriv *privilege = makeNode(AccessPriv);
	RoleSpec *grantee = makeNode(RoleSpec);

	privilege->priv_name = pstrdup("select");
	grantee->roletype = ROLESPEC_CSTRING;
	grantee->rolename = GetUserNameFromId(role, false);
	grantee->location = -1;
	statement->is_grant = is_grant;
	statement->targtype = ACL_TARGET_OBJECT;
	statement->objtype = OBJECT_TABLE;
	statement->objects = list_make1(makeRangeVar(pstrdup("sfn"), pstrdup("owned_objects"), -1));
	statement->privileges = list_make1(privilege);
	statement->grantees = list_make1(grantee);
	statement->behavior = DROP_RESTRICT;
	ExecuteGrantStmt(statement);
	CommandCounterIncrement();
}

static bool
is_settled(Oid view, Oid role)
{
	return !needs_entry(view, role) || has_entry(view, role) == owns_something(role);
}

/*
 * An entry that is there is relied on under RowShareLock, which those who make and take entries wait for.  All that
 * have to be changed wait for each other, since a second change of the ACL meanwhile would be an error.
 */
static void
settle(Oid view, const Oid *roles, int count)
{
	bool has_to_change = false;

	LockRelationOid(view, RowShareLock);
	for (int i = 0; i < count && !has_to_change; i++)
		has_to_change = !is_settled(view, roles[i]);
	if (!has_to_change)
		return;
	UnlockRelationOid(view, RowShareLock);
	LockRelationOid(view, ExclusiveLock);
	for (int i = 0; i < count; i++)
	{
		if (!is_settled(view, roles[i]))
			change_entry(roles[i], owns_something(roles[i]));
	}
}

void
owners_settle(const Oid *roles, int count)
{
	Oid view = marked_view();

	if (OidIsValid(view))
		settle(view, roles, count);
}

void
owners_lock(void)
{
	Oid view = marked_view();

	if (OidIsValid(view))
		LockRelationOid(view, ExclusiveLock);
}

/* ---- at the end of the transaction ---- */

/*
 * Whose number of objects may have become one, or none, in this transaction.  The entry is changed only as it commits: a
 * transaction that stays open holds up nobody.
 */
static Oid noted[NOTED_MAX];
static int noted_count = 0;

void
owner_note(Oid role, bool is_gained)
{
	if (is_gained) /* as the server does for owners of its objects: until the end it is not dropped */
		LockSharedObject(AuthIdRelationId, role, 0, AccessShareLock);
	for (int i = 0; i < noted_count; i++)
	{
		if (noted[i] == role)
			return;
	}
	if (noted_count == NOTED_MAX)
	{
		owners_settle(noted, noted_count);
		noted_count = 0;
	}
	noted[noted_count++] = role;
}

void
owners_note_all(void)
{
	static StoreQuery query =
		{"SELECT DISTINCT owner::pg_catalog.oid FROM sfn.owned_objects o"
		 " WHERE EXISTS (SELECT FROM pg_catalog.pg_authid a WHERE a.oid = o.owner::pg_catalog.oid)",
		 0, .scans = true, .sees_latest = true};
	int count = (int) store_run(&query, NULL, NULL, 0);
	Oid *owners = palloc(sizeof(Oid) * (count + 1));

	for (int i = 0; i < count; i++)
		owners[i] = store_oid((uint64) i, ONLY_COLUMN);
	for (int i = 0; i < count; i++)
		owner_note(owners[i], true);
}

void
owners_before_commit(void)
{
	StoreScope scope;

	if (noted_count == 0)
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	store_enter(&scope);
	owners_settle(noted, noted_count);
	store_leave(&scope);
	PopActiveSnapshot();
	noted_count = 0;
}

void
owners_forget(void)
{
	noted_count = 0;
}

/* ---- handing over ---- */

#define REPLACE_ROLE(table, column) \
	"UPDATE sfn." table " SET " column " = $2::pg_catalog.regrole WHERE " column " = $1::pg_catalog.regrole"

#define IS_MACHINE_OF(row, role) \
	"EXISTS (SELECT FROM sfn.state_machine m WHERE m.id = " row ".state_machine_id" \
	" AND m.role = " role "::pg_catalog.regrole)"

/*
 * Rows that objects have for themselves: their revisions, tasks that wait.  A revision that a machine had before it went to
 * somebody else stays the old role's: what its owner starts is not done as the new one.
 */
static void
replace_in_parts(Datum *args)
{
	static StoreQuery revisions = {"UPDATE sfn.state_machine_revision r SET role = $2::pg_catalog.regrole,"
								   " role_arn = CASE WHEN role_arn = $3 THEN $4 ELSE role_arn END"
								   " WHERE role = $1::pg_catalog.regrole AND " IS_MACHINE_OF("r", "$1"),
								   4,
								   {OIDOID, OIDOID, TEXTOID, TEXTOID}};
	static StoreQuery tasks = {"UPDATE sfn.task t SET role = $2::pg_catalog.regrole FROM sfn.execution e"
							   " WHERE e.id = t.execution_id AND t.role = $1::pg_catalog.regrole"
							   " AND " IS_MACHINE_OF("e", "$1"),
							   2,
							   {OIDOID, OIDOID},
							   .scans = true};

	(void) store_run(&revisions, args, NULL, 0);
	(void) store_run(&tasks, args, NULL, 0);
}

#define LOCK_OF_ROLE(table, column) \
	{ \
		"SELECT FROM sfn." table " WHERE " column " = $1::pg_catalog.regrole FOR NO KEY UPDATE", 1, {OIDOID}, \
			.scans = true \
	}

/* What others may be given rights on: whoever gives some just now is waited for, and what he has given ends, too. */
static void
lock_owned(Datum *args)
{
	static StoreQuery queries[] = {
		LOCK_OF_ROLE("state_machine", "role"), LOCK_OF_ROLE("activity", "owner"),
		LOCK_OF_ROLE("function", "owner"),     LOCK_OF_ROLE("connection", "owner"),
		LOCK_OF_ROLE("bucket", "owner"),       LOCK_OF_ROLE("queue", "owner"),
		LOCK_OF_ROLE("event_bus", "owner"),    LOCK_OF_ROLE("event_archive", "owner"),
	};

	for (size_t i = 0; i < lengthof(queries); i++)
		(void) store_run(&queries[i], args, NULL, 0);
}

static int64
end_grants(Datum *args)
{
	static StoreQuery query = {"DELETE FROM sfn.state_machine_grant g USING sfn.state_machine m"
							   " WHERE m.id = g.state_machine_id AND m.role = $1::pg_catalog.regrole",
							   1,
							   {OIDOID},
							   .scans = true,
							   .sees_latest = true};

	return (int64) store_run(&query, args, NULL, 0);
}

/* Whoever has them now was not trusted, lent no connection and queue and let nobody use a bus or topic, nor does it begin anew when they come back. */
static void
end_trust_and_use(Datum *args)
{
	static StoreQuery trust = {"DELETE FROM sfn.trust WHERE owner = $1::pg_catalog.regrole",
							   1,
							   {OIDOID},
							   .scans = true,
							   .sees_latest = true};
	static StoreQuery use = {"DELETE FROM sfn.connection_use u USING sfn.connection c"
							 " WHERE c.id = u.connection_id AND c.owner = $1::pg_catalog.regrole",
							 1,
							 {OIDOID},
							 .scans = true,
							 .sees_latest = true};
	static StoreQuery queue_use = {"DELETE FROM sfn.queue_use u USING sfn.queue q"
								   " WHERE q.id = u.queue_id AND q.owner = $1::pg_catalog.regrole",
								   1,
								   {OIDOID},
								   .scans = true,
								   .sees_latest = true};
	static StoreQuery bus_use = {"WITH permissions AS (DELETE FROM sfn.event_bus_permission p USING sfn.event_bus b"
								 " WHERE b.id = p.bus_id AND b.owner = $1::pg_catalog.regrole)"
								 " DELETE FROM sfn.event_bus_grant g USING sfn.event_bus b"
								 " WHERE b.id = g.bus_id AND b.owner = $1::pg_catalog.regrole",
								 1,
								 {OIDOID},
								 .scans = true,
								 .sees_latest = true};

	(void) store_run(&trust, args, NULL, 0);
	(void) store_run(&use, args, NULL, 0);
	(void) store_run(&queue_use, args, NULL, 0);
	(void) store_run(&bus_use, args, NULL, 0);
}

enum
{
	ORDER_OWNER = 1,
	ORDER_RULE_ID,
	ORDER_TARGET_ID,
	ORDER_SCHEDULE_ID,
	ORDER_MACHINE_ID
};

int
orders_of_others(Oid role, OrderInName **orders)
{
	static StoreQuery lock = {"LOCK TABLE sfn.event_target, sfn.schedule IN SHARE ROW EXCLUSIVE MODE", 0};
	static StoreQuery query =
		{"SELECT r.owner::pg_catalog.oid, t.rule_id, t.target_id, 0::bigint, coalesce(t.machine_id, 0)"
		 " FROM sfn.event_target t JOIN sfn.event_rule r ON r.id = t.rule_id"
		 " WHERE t.role = $1::pg_catalog.regrole AND r.owner <> $1::pg_catalog.regrole"
		 " UNION ALL SELECT s.owner::pg_catalog.oid, 0, NULL, s.id, coalesce(s.machine_id, 0) FROM sfn.schedule s"
		 " WHERE s.role = $1::pg_catalog.regrole AND s.owner <> $1::pg_catalog.regrole",
		 1,
		 {OIDOID},
		 .scans = true,
		 .sees_latest = true};
	Datum args[1] = {ObjectIdGetDatum(role)};
	int count;

	(void) store_run(&lock, NULL, NULL, 0);
	count = (int) store_run(&query, args, NULL, 0);
	*orders = palloc(sizeof(OrderInName) * (count + 1));
	for (int i = 0; i < count; i++)
		(*orders)[i] = (OrderInName){.owner = store_oid((uint64) i, ORDER_OWNER),
									 .rule_id = store_int64((uint64) i, ORDER_RULE_ID),
									 .target_id = store_text((uint64) i, ORDER_TARGET_ID),
									 .schedule_id = store_int64((uint64) i, ORDER_SCHEDULE_ID),
									 .machine_id = store_int64((uint64) i, ORDER_MACHINE_ID)};
	return count;
}

int64
owner_replace(Oid old_role, Oid new_role, const char *old_role_arn, const char *new_role_arn, EndedWithOwner *ended)
{
	static StoreQuery queries[] = {
		{REPLACE_ROLE("state_machine", "role"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("activity", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("function", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("connection", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("bucket", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("queue", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("queue_trigger", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("event_rule", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("event_target", "role"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("event_bus", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("event_archive", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("schedule_group", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("schedule", "owner"), 2, {OIDOID, OIDOID}},
		{REPLACE_ROLE("schedule", "role"), 2, {OIDOID, OIDOID}},
	};
	Datum args[4] = {ObjectIdGetDatum(old_role), ObjectIdGetDatum(new_role), CStringGetTextDatum(old_role_arn),
					 CStringGetTextDatum(new_role_arn)};
	OwnedObject *objects;
	int64 count = owned_objects_of(old_role, 0, &objects);

	lock_owned(args);
	*ended = (EndedWithOwner){end_grants(args), queue_sources_stop_of(old_role), replays_end_of(old_role)};
	end_trust_and_use(args);
	replace_in_parts(args);
	for (size_t i = 0; i < lengthof(queries); i++)
		(void) store_run(&queries[i], args, NULL, 0);
	machines_changed();
	revisions_changed();
	rules_changed();
	quota_accounts_recount();
	return count;
}
