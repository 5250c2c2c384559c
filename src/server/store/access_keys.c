/*
 * access_keys.c
 *	  Access keys of the gateway, their secrets, and what repeated calls have started, in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/access_keys.h"
#include "store/owner_rule.h"
#include "store/store.h"

#define REPEATABLE_FOR (15 * USECS_PER_MINUTE)

enum
{
	KEY_ID = 1,
	KEY_ROLE,
	KEY_ACTIONS,
	KEY_EXPIRATION,
	KEY_SECRET,
	KEY_TOKEN_HASH
};

AccessKey *
access_key_active(const char *id)
{
	static StoreQuery query =
		{"SELECT k.access_key_id, k.role::pg_catalog.oid, k.actions, k.expiration_date, s.secret, s.token_hash"
		 " FROM sfn.access_key k LEFT JOIN sfn.secret s ON s.kind = 'access key' AND s.name = k.access_key_id"
		 " WHERE k.access_key_id = $1 AND k.status = 'Active'",
		 1,
		 {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(id)};
	AccessKey *key;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	key = palloc0(sizeof(AccessKey));
	key->id = store_text(0, KEY_ID);
	key->role = store_oid(0, KEY_ROLE);
	key->actions = store_array(0, KEY_ACTIONS);
	key->has_actions = !store_is_null(0, KEY_ACTIONS);
	key->expiration = store_timestamp(0, KEY_EXPIRATION);
	key->secret = store_text(0, KEY_SECRET);
	key->token_hash = store_text(0, KEY_TOKEN_HASH);
	return key;
}

void
access_key_used(const char *id, TimestampTz now)
{
	static StoreQuery query = {
		"UPDATE sfn.access_key SET last_used = $2 WHERE access_key_id = (SELECT k.access_key_id FROM sfn.access_key k"
		" WHERE k.access_key_id = $1 AND (k.last_used IS NULL OR k.last_used < $2 - interval '1 hour') FOR UPDATE SKIP LOCKED)",
		2,
		{TEXTOID, TIMESTAMPTZOID}};
	Datum args[2] = {CStringGetTextDatum(id), TimestampTzGetDatum(now)};

	(void) store_run(&query, args, NULL, 0);
}

Oid
access_key_role(const char *id)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.access_key WHERE access_key_id = $1",
							   1,
							   {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(id)};

	return store_run(&query, args, NULL, 0) > 0 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

static bool
secret_insert(const AccessKey *key)
{
	static StoreQuery query = {"INSERT INTO sfn.secret (kind, name, secret, token_hash)"
							   " VALUES ('access key', $1, $2, $3) ON CONFLICT DO NOTHING",
							   3,
							   {TEXTOID, TEXTOID, TEXTOID}};
	Datum args[3] = {CStringGetTextDatum(key->id), CStringGetTextDatum(key->secret)};

	if (key->token_hash != NULL)
		args[2] = CStringGetTextDatum(key->token_hash);
	return store_run(&query, args, key->token_hash != NULL ? NULL : "  n", 0) > 0;
}

bool
access_key_insert(const AccessKey *key, TimestampTz now)
{
	static StoreQuery query =
		{"INSERT INTO sfn.access_key AS k (access_key_id, role, actions, description, expiration_date, creation_date)"
		 " VALUES ($1, $2::pg_catalog.regrole, $3, $4, $5, $6)"
		 " ON CONFLICT (access_key_id) DO UPDATE SET actions = excluded.actions, description = excluded.description,"
		 " expiration_date = excluded.expiration_date WHERE k.role::pg_catalog.oid = $2 AND NOT EXISTS"
		 " (SELECT FROM sfn.secret s WHERE s.kind = 'access key' AND s.name = k.access_key_id)",
		 6,
		 {TEXTOID, OIDOID, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	Datum args[6] = {CStringGetTextDatum(key->id),         ObjectIdGetDatum(key->role), key->actions, (Datum) 0,
					 TimestampTzGetDatum(key->expiration), TimestampTzGetDatum(now)};
	char nulls[7] = "      ";

	nulls[2] = key->has_actions ? ' ' : 'n';
	nulls[3] = key->description != NULL ? ' ' : 'n';
	nulls[4] = key->expiration != 0 ? ' ' : 'n';
	if (key->description != NULL)
		args[3] = CStringGetTextDatum(key->description);
	return store_run(&query, args, nulls, 0) > 0 && secret_insert(key);
}

bool
access_key_set_status(const char *id, const char *status, Oid caller)
{
	static StoreQuery query =
		{"UPDATE sfn.access_key SET status = $2 WHERE access_key_id = $1 AND " OWNER_ADMITS("role", "$3"),
		 3,
		 {TEXTOID, TEXTOID, OIDOID}};
	Datum args[3] = {CStringGetTextDatum(id), CStringGetTextDatum(status), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

bool
access_key_delete(const char *id, Oid caller)
{
	static StoreQuery query =
		{"WITH gone AS (DELETE FROM sfn.access_key WHERE access_key_id = $1 AND " OWNER_ADMITS(
			 "role", "$2") " RETURNING access_key_id),"
						   " secrets AS (DELETE FROM sfn.secret s USING gone g WHERE s.kind = 'access key'"
						   " AND s.name = g.access_key_id) SELECT FROM gone",
		 2,
		 {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(id), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

void
access_secrets_prune(void)
{
	static StoreQuery query = {"DELETE FROM sfn.secret s WHERE s.kind = 'access key' AND NOT EXISTS"
							   " (SELECT FROM sfn.access_key k WHERE k.access_key_id = s.name)",
							   0, .scans = true};

	(void) store_run(&query, NULL, NULL, 0);
}

void
gateway_grant(const char *role, bool is_granted)
{
	static StoreQuery query =
		{"SELECT pg_catalog.string_agg(p.oid::pg_catalog.regprocedure::text, ', ') FROM pg_catalog.pg_proc p"
		 " WHERE p.pronamespace = 'sfn_internal'::pg_catalog.regnamespace AND p.proname ~ '^(gateway|shard)_'",
		 0, .scans = true};
	char *functions;

	(void) store_run(&query, NULL, NULL, 0);
	functions = store_text(0, ONLY_COLUMN);
	if (SPI_execute(is_granted ? psprintf("GRANT EXECUTE ON FUNCTION %s TO %s", functions, role)
							   : psprintf("REVOKE EXECUTE ON FUNCTION %s FROM %s", functions, role),
					false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not change the rights of the functions of the gateway");
}

/* ---- calls that may be repeated ---- */

int64
gateway_start_find(Oid role, const char *invocation_id, TimestampTz now)
{
	static StoreQuery query =
		{"SELECT execution_id FROM sfn.gateway_start WHERE role = $1 AND invocation_id = $2 AND start_date > $3",
		 3,
		 {OIDOID, TEXTOID, TIMESTAMPTZOID},
		 .sees_latest = true};
	Datum args[3] = {ObjectIdGetDatum(role), CStringGetTextDatum(invocation_id),
					 TimestampTzGetDatum(now - REPEATABLE_FOR)};

	return store_run(&query, args, NULL, 0) > 0 ? store_int64(0, ONLY_COLUMN) : 0;
}

bool
gateway_start_note(Oid role, const char *invocation_id, int64 execution_id, TimestampTz now)
{
	static StoreQuery query =
		{"INSERT INTO sfn.gateway_start AS s (role, invocation_id, execution_id, start_date) VALUES ($1, $2, $3, $4)"
		 " ON CONFLICT (role, invocation_id) DO UPDATE SET execution_id = excluded.execution_id,"
		 " start_date = excluded.start_date WHERE s.start_date <= $5",
		 5,
		 {OIDOID, TEXTOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	Datum args[5] = {ObjectIdGetDatum(role), CStringGetTextDatum(invocation_id), Int64GetDatum(execution_id),
					 TimestampTzGetDatum(now), TimestampTzGetDatum(now - REPEATABLE_FOR)};

	return store_run(&query, args, NULL, 0) > 0;
}

void
gateway_starts_prune(TimestampTz now)
{
	static StoreQuery query =
		{"DELETE FROM sfn.gateway_start WHERE ctid = ANY (ARRAY(SELECT s.ctid FROM sfn.gateway_start s"
		 " WHERE s.start_date <= $1 LIMIT 10000 FOR UPDATE SKIP LOCKED))",
		 1,
		 {TIMESTAMPTZOID},
		 .scans = true};
	Datum args[1] = {TimestampTzGetDatum(now - REPEATABLE_FOR)};

	(void) store_run(&query, args, NULL, 0);
}
