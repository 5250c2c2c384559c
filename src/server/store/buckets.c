/*
 * buckets.c
 *	  Buckets in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "store/buckets.h"
#include "store/owner_rule.h"
#include "store/store.h"

#define IS_AMONG(roles) \
	"EXISTS (SELECT FROM pg_catalog.unnest(" roles ") r WHERE r::pg_catalog.oid = 0" \
	" OR pg_catalog.pg_has_role($2, r::pg_catalog.oid, 'USAGE'))"
#define ACCESS_COLUMNS \
	"url, " IS_AMONG("readers") ", " IS_AMONG("writers") ", connection, region, owner::pg_catalog.oid, id"
enum
{
	ACCESS_URL = 1,
	ACCESS_MAY_READ,
	ACCESS_MAY_WRITE,
	ACCESS_CONNECTION,
	ACCESS_REGION,
	ACCESS_OWNER,
	ACCESS_ID
};

bool
bucket_access(const char *name, Oid role, BucketAccess *access)
{
	static StoreQuery query = {"SELECT " ACCESS_COLUMNS " FROM sfn.bucket WHERE name = $1", 2, {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(name), ObjectIdGetDatum(role)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	access->url = store_text(0, ACCESS_URL);
	access->may_read = store_bool(0, ACCESS_MAY_READ);
	access->may_write = store_bool(0, ACCESS_MAY_WRITE);
	access->connection = store_text(0, ACCESS_CONNECTION);
	access->region = store_text(0, ACCESS_REGION);
	access->owner = store_oid(0, ACCESS_OWNER);
	access->id = store_int64(0, ACCESS_ID);
	return true;
}

bool
bucket_upsert(const BucketRow *bucket)
{
	static StoreQuery query =
		{"INSERT INTO sfn.bucket AS b (name, url, readers, writers, owner, creation_date, connection, region)"
		 " VALUES ($1, $2, $3, $4, $5::pg_catalog.regrole, $6, $7, $8)"
		 " ON CONFLICT (name) DO UPDATE SET url = excluded.url, readers = excluded.readers, writers = excluded.writers,"
		 " connection = excluded.connection, region = excluded.region"
		 " WHERE " OWNER_ADMITS_REPLACING("b.owner", "$5"),
		 8,
		 {TEXTOID, TEXTOID, REGROLEARRAYOID, REGROLEARRAYOID, OIDOID, TIMESTAMPTZOID, TEXTOID, TEXTOID}};
	Datum args[8] = {CStringGetTextDatum(bucket->name),
					 CStringGetTextDatum(bucket->url),
					 bucket->readers,
					 bucket->writers,
					 ObjectIdGetDatum(bucket->owner),
					 TimestampTzGetDatum(sfn_now())};
	char nulls[9] = "        ";
	const char *optional[2] = {bucket->connection, bucket->region};

	for (int i = 0; i < 2; i++)
	{
		nulls[6 + i] = optional[i] != NULL ? ' ' : 'n';
		args[6 + i] = optional[i] != NULL ? CStringGetTextDatum(optional[i]) : (Datum) 0;
	}
	return store_run(&query, args, nulls, 0) > 0;
}

Oid
bucket_owner(const char *name)
{
	static StoreQuery query = {"SELECT owner::pg_catalog.oid FROM sfn.bucket WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

int64
bucket_delete(const char *name, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.bucket WHERE name = $1 AND " OWNER_ADMITS("owner",
																						  "$2") " RETURNING id",
							   2,
							   {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(name), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0 ? store_int64(0, ONLY_COLUMN) : 0;
}

#define WITHOUT_ROLE(roles) roles " = pg_catalog.array_remove(" roles ", $2::sfn.role)"
#define WITH_ROLE(roles) \
	roles " = pg_catalog.array_append(pg_catalog.array_remove(" roles ", $2::sfn.role), $2::sfn.role)"

void
bucket_lend(int64 id, Oid role)
{
	static StoreQuery query = {"UPDATE sfn.bucket SET " WITH_ROLE("readers") ", " WITH_ROLE("writers") " WHERE id = $1",
							   2,
							   {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(id), ObjectIdGetDatum(role)};

	(void) store_run(&query, args, NULL, 0);
}

void
bucket_take_back(int64 id, Oid role)
{
	static StoreQuery query = {"UPDATE sfn.bucket SET " WITHOUT_ROLE("readers") ", " WITHOUT_ROLE(
								   "writers") " WHERE id = $1",
							   2,
							   {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(id), ObjectIdGetDatum(role)};

	(void) store_run(&query, args, NULL, 0);
}

#define IS_THERE \
	"(r::pg_catalog.oid = 0 OR r::pg_catalog.oid >= 2147483648::pg_catalog.oid OR EXISTS (SELECT FROM pg_catalog.pg_authid a WHERE a.oid = r::pg_catalog.oid))"
#define SET_THOSE_THERE(roles) roles " = ARRAY(SELECT r FROM pg_catalog.unnest(" roles ") r WHERE " IS_THERE ")"
#define UPDATE_OF_DROPPED \
	"UPDATE sfn.bucket SET " SET_THOSE_THERE("readers") ", " SET_THOSE_THERE( \
		"writers") " WHERE ctid = ANY (ARRAY(SELECT b.ctid FROM sfn.bucket b WHERE EXISTS" \
				   " (SELECT FROM pg_catalog.unnest(b.readers || b.writers) r WHERE NOT " IS_THERE \
				   ") FOR UPDATE SKIP LOCKED))"

void
buckets_prune(void)
{
	static StoreQuery query = {UPDATE_OF_DROPPED, 0};

	(void) store_run(&query, NULL, NULL, 0);
}
