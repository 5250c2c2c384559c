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
#include "store/store.h"

#define IS_AMONG(roles) \
	"EXISTS (SELECT FROM pg_catalog.unnest(" roles ") r WHERE r::pg_catalog.oid = 0" \
	" OR pg_catalog.pg_has_role($2, r::pg_catalog.oid, 'MEMBER'))"
#define ACCESS_COLUMNS \
	"url, " IS_AMONG("readers") ", " IS_AMONG("writers") ", connection, region, owner::pg_catalog.oid"
enum
{
	ACCESS_URL = 1,
	ACCESS_MAY_READ,
	ACCESS_MAY_WRITE,
	ACCESS_CONNECTION,
	ACCESS_REGION,
	ACCESS_OWNER
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
	return true;
}

void
bucket_upsert(const BucketRow *bucket)
{
	static StoreQuery query =
		{"INSERT INTO sfn.bucket (name, url, readers, writers, owner, creation_date, connection, region)"
		 " VALUES ($1, $2, $3, $4, $5::pg_catalog.regrole, $6, $7, $8)"
		 " ON CONFLICT (name) DO UPDATE SET url = excluded.url, readers = excluded.readers, writers = excluded.writers,"
		 " owner = excluded.owner, connection = excluded.connection, region = excluded.region",
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
	(void) store_run(&query, args, nulls, 0);
}

bool
bucket_delete(const char *name)
{
	static StoreQuery query = {"DELETE FROM sfn.bucket WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0;
}

#define IS_THERE \
	"(r::pg_catalog.oid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_authid a WHERE a.oid = r::pg_catalog.oid))"
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
