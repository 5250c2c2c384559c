/*
 * mapped_roles.c
 *	  Which role a roleArn of AWS's API means, in the table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/mapped_roles.h"
#include "store/owner_rule.h"
#include "store/store.h"

Oid
mapped_role_find(const char *role_arn)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.mapped_role WHERE role_arn = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(role_arn)};

	return store_run(&query, args, NULL, 0) > 0 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

bool
mapped_role_set(const char *role_arn, Oid role, Oid caller)
{
	static StoreQuery query =
		{"INSERT INTO sfn.mapped_role AS m (role_arn, role) VALUES ($1, $2::pg_catalog.regrole)"
		 " ON CONFLICT (role_arn) DO UPDATE SET role = excluded.role WHERE " OWNER_ADMITS("m.role", "$3"),
		 3,
		 {TEXTOID, OIDOID, OIDOID}};
	Datum args[3] = {CStringGetTextDatum(role_arn), ObjectIdGetDatum(role), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

bool
mapped_role_delete(const char *role_arn, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.mapped_role WHERE role_arn = $1 AND " OWNER_ADMITS("role", "$2"),
							   2,
							   {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(role_arn), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}
