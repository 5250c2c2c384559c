/*
 * grants.c
 *	  Rights on state machines that were given to roles, in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "store/grants.h"
#include "store/store.h"

enum
{
	GIVEN_TO = 1,
	GIVEN_PRIVILEGE
};

PrivilegeSet
grants_of(int64 state_machine_id, Oid role)
{
	static StoreQuery query = {"SELECT grantee::pg_catalog.oid, privilege FROM sfn.state_machine_grant"
							   " WHERE state_machine_id = $1",
							   1,
							   {INT8OID},
							   .sees_latest = true};
	Datum args[1] = {Int64GetDatum(state_machine_id)};
	uint64 count = store_run(&query, args, NULL, 0);
	PrivilegeSet given = 0;

	for (uint64 i = 0; i < count; i++)
	{
		MachinePrivilege privilege;

		if (has_privs_of_role(role, store_oid(i, GIVEN_TO)) &&
			privilege_of_name(store_text(i, GIVEN_PRIVILEGE), &privilege))
			given |= privilege_includes(privilege);
	}
	return given;
}

void
grant_insert(int64 state_machine_id, Oid grantee, const char *privilege, Oid grantor)
{
	static StoreQuery query =
		{"INSERT INTO sfn.state_machine_grant (state_machine_id, grantee, privilege, grantor, grant_date)"
		 " VALUES ($1, $2::pg_catalog.regrole, $3, $4::pg_catalog.regrole, $5) ON CONFLICT DO NOTHING",
		 5,
		 {INT8OID, OIDOID, TEXTOID, OIDOID, TIMESTAMPTZOID}};
	Datum args[5] = {Int64GetDatum(state_machine_id), ObjectIdGetDatum(grantee), CStringGetTextDatum(privilege),
					 ObjectIdGetDatum(grantor), TimestampTzGetDatum(sfn_now())};

	(void) store_run(&query, args, NULL, 0);
}

void
grant_delete(int64 state_machine_id, Oid grantee, const char *privilege)
{
	static StoreQuery query = {"DELETE FROM sfn.state_machine_grant WHERE state_machine_id = $1"
							   " AND grantee = $2::pg_catalog.regrole AND ($3 IS NULL OR privilege = $3)",
							   3,
							   {INT8OID, OIDOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(state_machine_id), ObjectIdGetDatum(grantee),
					 privilege != NULL ? CStringGetTextDatum(privilege) : (Datum) 0};

	(void) store_run(&query, args, privilege != NULL ? NULL : "  n", 0);
}

char *
grants_delete(int64 state_machine_id)
{
	static StoreQuery query = {"WITH gone AS (DELETE FROM sfn.state_machine_grant WHERE state_machine_id = $1"
							   " RETURNING grantee, privilege)"
							   " SELECT pg_catalog.string_agg(privilege || ' of role ' || grantee::text, ', '"
							   " ORDER BY grantee::text, privilege) FROM gone",
							   1,
							   {INT8OID},
							   .sees_latest = true};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&query, args, NULL, 0);
	return store_text(0, ONLY_COLUMN);
}

/*
 * The rows of a table whose role, if they name one, is no more.  The upper half of
 * the numbers may stand for restored names (roles.c), which sfn.adopt() waits for.
 */
#define DELETE_OF_DROPPED(table, column) \
	"DELETE FROM sfn." table " WHERE ctid = ANY (ARRAY(SELECT g.ctid FROM sfn." table " g WHERE g." column \
	"::pg_catalog.oid BETWEEN 1::pg_catalog.oid AND 2147483647::pg_catalog.oid AND NOT EXISTS" \
	" (SELECT FROM pg_catalog.pg_authid r WHERE r.oid = g." column "::pg_catalog.oid) FOR UPDATE SKIP LOCKED))"

void
grants_prune(void)
{
	static StoreQuery queries[] = {{DELETE_OF_DROPPED("state_machine_grant", "grantee"), 0},
								   {DELETE_OF_DROPPED("quota", "role"), 0},
								   {DELETE_OF_DROPPED("http_allowed_host", "role"), 0},
								   {DELETE_OF_DROPPED("trust", "role"), 0},
								   {DELETE_OF_DROPPED("trust", "owner"), 0},
								   {DELETE_OF_DROPPED("connection_use", "role"), 0},
								   {DELETE_OF_DROPPED("queue_use", "role"), 0},
								   {DELETE_OF_DROPPED("access_key", "role"), 0},
								   {DELETE_OF_DROPPED("mapped_role", "role"), 0},
								   {DELETE_OF_DROPPED("event_bus_grant", "grantee"), 0},
								   {DELETE_OF_DROPPED("event_bus_permission", "grantee"), 0},
								   {DELETE_OF_DROPPED("link", "role"), 0}};

	for (size_t i = 0; i < lengthof(queries); i++)
		(void) store_run(&queries[i], NULL, NULL, 0);
}
