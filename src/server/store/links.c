/*
 * links.c
 *	  Links of the gateway, in their table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/links.h"
#include "store/owner_rule.h"
#include "store/store.h"

#define SHOWN_AS_EXPIRED_FOR (7 * USECS_PER_DAY)

enum
{
	LINK_ID = 1,
	LINK_KIND,
	LINK_ROLE,
	LINK_TARGET,
	LINK_DESCRIPTION,
	LINK_USES_LEFT,
	LINK_EXPIRATION
};

void
link_insert(const Link *row, TimestampTz now)
{
	static StoreQuery query = {
		"INSERT INTO sfn.link (link_id, kind, role, target, secret_hash, description, uses_left, expiration_date, creation_date)"
		" VALUES ($1, $2, $3::pg_catalog.regrole, $4, $5, $6, $7, $8, $9)",
		9,
		{TEXTOID, TEXTOID, OIDOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};
	char nulls[10] = "         ";
	Datum args[9] = {CStringGetTextDatum(row->id),
					 CStringGetTextDatum(row->kind),
					 ObjectIdGetDatum(row->role),
					 CStringGetTextDatum(row->target),
					 CStringGetTextDatum(row->secret_hash),
					 store_text_or_null(row->description, &nulls[5]),
					 Int32GetDatum(row->uses_left),
					 store_moment_or_null(row->expiration, &nulls[7]),
					 TimestampTzGetDatum(now)};

	nulls[6] = row->uses_left != ANY_NUMBER_OF_USES ? ' ' : 'n';
	(void) store_run(&query, args, nulls, 0);
}

#define LINK_BY_SECRET \
	"SELECT link_id, kind, role::pg_catalog.oid, target, description, uses_left, expiration_date FROM sfn.link" \
	" WHERE link_id = $1 AND secret_hash = $2"

Link *
link_find(const char *id, const char *secret_hash, bool is_locked)
{
	static StoreQuery reading = {LINK_BY_SECRET, 2, {TEXTOID, TEXTOID}};
	static StoreQuery locking = {LINK_BY_SECRET " FOR UPDATE", 2, {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(id), CStringGetTextDatum(secret_hash)};
	Link *row;

	if (store_run(is_locked ? &locking : &reading, args, NULL, 0) == 0)
		return NULL;
	row = palloc0(sizeof(Link));
	row->id = store_text(0, LINK_ID);
	row->kind = store_text(0, LINK_KIND);
	row->role = store_oid(0, LINK_ROLE);
	row->target = store_text(0, LINK_TARGET);
	row->description = store_text(0, LINK_DESCRIPTION);
	row->uses_left = store_is_null(0, LINK_USES_LEFT) ? ANY_NUMBER_OF_USES : store_int32(0, LINK_USES_LEFT);
	row->expiration = store_timestamp(0, LINK_EXPIRATION);
	return row;
}

void
link_count_use(const char *id)
{
	static StoreQuery query = {"UPDATE sfn.link SET uses_left = uses_left - 1 WHERE link_id = $1 AND uses_left > 0",
							   1,
							   {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(id)};

	(void) store_run(&query, args, NULL, 0);
}

Oid
link_role(const char *id)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.link WHERE link_id = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(id)};

	return store_run(&query, args, NULL, 0) > 0 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

bool
link_delete(const char *id, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.link WHERE link_id = $1 AND " OWNER_ADMITS("role", "$2"),
							   2,
							   {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(id), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

void
links_prune(TimestampTz now)
{
	static StoreQuery query = {"DELETE FROM sfn.link WHERE ctid = ANY (ARRAY(SELECT l.ctid FROM sfn.link l"
							   " WHERE l.expiration_date <= $1 LIMIT 10000 FOR UPDATE SKIP LOCKED))",
							   1,
							   {TIMESTAMPTZOID},
							   .scans = true};
	Datum args[1] = {TimestampTzGetDatum(now - SHOWN_AS_EXPIRED_FOR)};

	(void) store_run(&query, args, NULL, 0);
}
