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

bool
grant_exists(int64 state_machine_id, Oid role, const char *privileges)
{
	static StoreQuery query = {"SELECT grantee::pg_catalog.oid FROM sfn.state_machine_grant WHERE state_machine_id = $1"
							   " AND privilege = ANY (pg_catalog.string_to_array($2, ' '))",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), CStringGetTextDatum(privileges)};
	uint64 count = store_run(&query, args, NULL, 0);

	for (uint64 i = 0; i < count; i++)
	{
		if (is_member_of_role(role, store_oid(i, ONLY_COLUMN)))
			return true;
	}
	return false;
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

/* The rows of a table whose role, if they name one, is no more. */
#define DELETE_OF_DROPPED(table, column) \
	"DELETE FROM sfn." table " WHERE ctid = ANY (ARRAY(SELECT g.ctid FROM sfn." table " g WHERE g." column \
	" IS NOT NULL AND NOT EXISTS" \
	" (SELECT FROM pg_catalog.pg_authid r WHERE r.oid = g." column "::pg_catalog.oid) FOR UPDATE SKIP LOCKED))"

void
grants_prune(void)
{
	static StoreQuery queries[] = {{DELETE_OF_DROPPED("state_machine_grant", "grantee"), 0},
								   {DELETE_OF_DROPPED("quota", "role"), 0},
								   {DELETE_OF_DROPPED("http_allowed_host", "role"), 0}};

	for (size_t i = 0; i < lengthof(queries); i++)
		(void) store_run(&queries[i], NULL, NULL, 0);
}
