/*
 * roles.c
 *	  Roles of restored rows that this cluster did not have.
 *
 * A restore keeps an unknown name as a number made from it (api/sql/role_type.c).
 * sfn.adopt() puts the role in its place when there is one of that name by then.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/syscache.h"

#include "store/roles.h"
#include "store/store.h"

#define UNKNOWN_BIT ((Oid) 1 << 31)

/* $1, $2: numbers that stand for names, and the roles that have them now. */
#define RESOLVE(table, column) \
	{ \
		"UPDATE sfn." table " t SET " column " = u.role FROM unnest($1, $2) u (unknown, role) WHERE t." column \
		"::oid = u.unknown", \
			2, {OIDARRAYOID, OIDARRAYOID}, .scans = true \
	}
#define RESOLVE_ARRAY(table, column) \
	{ \
		"UPDATE sfn." table " t SET " column " = ARRAY(SELECT coalesce(u.role, r::oid) FROM unnest(t." column \
		") WITH ORDINALITY a (r, n)" \
		" LEFT JOIN unnest($1, $2) u (unknown, role) ON u.unknown = r::oid ORDER BY n)::sfn.role[]" \
		" WHERE t." column "::oid[] && $1", \
			2, {OIDARRAYOID, OIDARRAYOID}, .scans = true \
	}

/* What a role that came back has been given meanwhile counts, not what was restored; in one row each, of which a key is. */
#define SUPERSEDED(table, column, same) \
	{ \
		"DELETE FROM sfn." table " t USING unnest($1, $2) u (unknown, role) WHERE t." column \
		"::oid = u.unknown AND EXISTS (SELECT FROM sfn." table " o WHERE o." column "::oid = u.role AND " same ")", \
			2, {OIDARRAYOID, OIDARRAYOID}, .scans = true \
	}

static StoreQuery resolving[] = {
	RESOLVE("state_machine", "role"),
	RESOLVE("state_machine", "creator"),
	RESOLVE("state_machine_revision", "role"),
	SUPERSEDED("state_machine_grant", "grantee",
			   "(o.state_machine_id, o.privilege) = (t.state_machine_id, t.privilege)"),
	RESOLVE("state_machine_grant", "grantee"),
	RESOLVE("state_machine_grant", "grantor"),
	SUPERSEDED("quota", "role", "true"),
	RESOLVE("quota", "role"),
	RESOLVE("execution", "starter"),
	RESOLVE("task", "role"),
	RESOLVE("job", "role"),
	RESOLVE("activity", "owner"),
	RESOLVE("function", "owner"),
	RESOLVE("connection", "owner"),
	SUPERSEDED("http_allowed_host", "role", "o.host = t.host"),
	RESOLVE("http_allowed_host", "role"),
	RESOLVE("bucket", "owner"),
	RESOLVE("queue", "owner"),
	RESOLVE("queue_trigger", "owner"),
	SUPERSEDED("queue_use", "role", "o.queue_id = t.queue_id"),
	RESOLVE("queue_use", "role"),
	RESOLVE("queue_use", "grantor"),
	RESOLVE("trust", "owner"),
	SUPERSEDED("trust", "role", "(o.kind, o.object_id) = (t.kind, t.object_id)"),
	RESOLVE("trust", "role"),
	RESOLVE("trust", "grantor"),
	SUPERSEDED("connection_use", "role", "o.connection_id = t.connection_id"),
	RESOLVE("connection_use", "role"),
	RESOLVE("connection_use", "grantor"),
	RESOLVE("access_key", "role"),
	RESOLVE("mapped_role", "role"),
	RESOLVE("event_bus", "owner"),
	SUPERSEDED("event_bus_grant", "grantee", "(o.bus_id, o.privilege) = (t.bus_id, t.privilege)"),
	RESOLVE("event_bus_grant", "grantee"),
	RESOLVE("event_bus_permission", "grantee"),
	RESOLVE("event_archive", "owner"),
	RESOLVE("archived_event", "putter"),
	RESOLVE("event_rule", "owner"),
	RESOLVE("event_target", "role"),
	RESOLVE("schedule_group", "owner"),
	RESOLVE("schedule", "owner"),
	RESOLVE("schedule", "role"),
	RESOLVE("link", "role"),
	RESOLVE_ARRAY("bucket", "readers"),
	RESOLVE_ARRAY("bucket", "writers"),
};

Oid
role_unknown(const char *name)
{
	return UNKNOWN_BIT | hash_bytes((const unsigned char *) name, (int) strlen(name));
}

bool
role_is_unknown(Oid role)
{
	return (role & UNKNOWN_BIT) != 0 && !SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

/* Every role of the cluster, and the number that its name would have become. */
static void
list_roles(ArrayType **unknown, ArrayType **present)
{
	Relation relation = table_open(AuthIdRelationId, AccessShareLock);
	TableScanDesc scan = table_beginscan_catalog(relation, 0, NULL);
	ArrayBuildState *numbers = initArrayResult(OIDOID, CurrentMemoryContext, false);
	ArrayBuildState *roles = initArrayResult(OIDOID, CurrentMemoryContext, false);
	HeapTuple tuple;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_authid role = (Form_pg_authid) GETSTRUCT(tuple);

		accumArrayResult(numbers, ObjectIdGetDatum(role_unknown(NameStr(role->rolname))), false, OIDOID,
						 CurrentMemoryContext);
		accumArrayResult(roles, ObjectIdGetDatum(role->oid), false, OIDOID, CurrentMemoryContext);
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	*unknown = DatumGetArrayTypeP(makeArrayResult(numbers, CurrentMemoryContext));
	*present = DatumGetArrayTypeP(makeArrayResult(roles, CurrentMemoryContext));
}

/* Machines whose role is still missing: their executions fail with States.Permissions. */
static void
warn_of_unknown(void)
{
	static StoreQuery query = {"SELECT count(*), string_agg(m.name, ', ' ORDER BY m.name) FROM sfn.state_machine m"
							   " WHERE m.status <> 'DELETED' AND m.map_of IS NULL"
							   " AND NOT EXISTS (SELECT FROM pg_catalog.pg_authid a WHERE a.oid = m.role::oid)",
							   0, .scans = true};

	enum
	{
		UNKNOWN_COUNT = 1,
		UNKNOWN_NAMES
	};

	(void) store_run(&query, NULL, NULL, 0);
	if (store_int64(0, UNKNOWN_COUNT) > 0)
		ereport(
			WARNING,
			(errmsg("state machines have roles that do not exist here"), errdetail("%s", store_text(0, UNKNOWN_NAMES)),
			 errhint(
				 "Create the roles and call sfn.adopt() again, or give the machines others: sfn.update_state_machine().")));
}

void
roles_resolve(void)
{
	ArrayType *unknown;
	ArrayType *present;
	Datum args[2];

	list_roles(&unknown, &present);
	args[0] = PointerGetDatum(unknown);
	args[1] = PointerGetDatum(present);
	for (int i = 0; i < (int) lengthof(resolving); i++)
		(void) store_run(&resolving[i], args, NULL, 0);
	warn_of_unknown();
}
