/*
 * bus_permissions.c
 *	  Who may put events on a bus by the policy that AWS's PutPermission makes, in the table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/bus_permissions.h"
#include "store/object_locks.h"
#include "store/store.h"

void
bus_permissions_lock(int64 bus_id)
{
	object_lock("event_bus_permission", bus_id);
}

enum
{
	PERMISSION_POSITION = 1,
	PERMISSION_STATEMENT_ID,
	PERMISSION_PRINCIPAL,
	PERMISSION_GRANTEE
};

int
bus_permissions(int64 bus_id, BusPermission **permissions)
{
	static StoreQuery query = {"SELECT position, statement_id, principal, grantee::pg_catalog.oid"
							   " FROM sfn.event_bus_permission WHERE bus_id = $1 ORDER BY position, principal",
							   1,
							   {INT8OID},
							   .sees_latest = true};
	Datum args[1] = {Int64GetDatum(bus_id)};
	int count = (int) store_run(&query, args, NULL, 0);

	*permissions = palloc0(sizeof(BusPermission) * (count + 1));
	for (int i = 0; i < count; i++)
		(*permissions)[i] = (BusPermission){.position = store_int32((uint64) i, PERMISSION_POSITION),
											.statement_id = store_text((uint64) i, PERMISSION_STATEMENT_ID),
											.principal = store_text((uint64) i, PERMISSION_PRINCIPAL),
											.grantee = store_oid((uint64) i, PERMISSION_GRANTEE)};
	return count;
}

void
bus_permission_insert(int64 bus_id, const BusPermission *permission)
{
	static StoreQuery query =
		{"INSERT INTO sfn.event_bus_permission (bus_id, position, statement_id, principal, grantee)"
		 " VALUES ($1, $2, $3, $4, $5::pg_catalog.regrole) ON CONFLICT (bus_id, position, principal) DO NOTHING",
		 5,
		 {INT8OID, INT4OID, TEXTOID, TEXTOID, OIDOID}};
	char nulls[6] = "     ";
	Datum args[5] = {Int64GetDatum(bus_id), Int32GetDatum(permission->position),
					 store_text_or_null(permission->statement_id, &nulls[2]),
					 CStringGetTextDatum(permission->principal), ObjectIdGetDatum(permission->grantee)};

	(void) store_run(&query, args, nulls, 0);
}

int64
bus_permissions_delete(int64 bus_id, const char *statement_id)
{
	static StoreQuery query = {"DELETE FROM sfn.event_bus_permission"
							   " WHERE bus_id = $1 AND ($2 IS NULL OR statement_id = $2)",
							   2,
							   {INT8OID, TEXTOID},
							   .scans = true};
	char nulls[3] = "  ";
	Datum args[2] = {Int64GetDatum(bus_id), store_text_or_null(statement_id, &nulls[1])};

	return (int64) store_run(&query, args, nulls, 0);
}
