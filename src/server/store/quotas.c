/*
 * quotas.c
 *	  Limits for open executions, by the role of their state machine.
 *
 * While no role has a limit a start costs one comparison: that nobody has one is
 * remembered until the table is changed, which tells every session.  The use is
 * that of the last role asked about.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "store/quotas.h"
#include "store/store.h"

static bool is_known; /* whether there are any */
static bool there_are_any;

static struct
{
	Oid role;
	QuotaUse use;
	TimestampTz counted;
	TimestampTz took;
} last;

static Oid
quota_table(void)
{
	return get_relname_relid("quota", get_namespace_oid("sfn", false));
}

/* Whatever relation it is: such messages are rare, and looking again is cheap. */
static void
on_relation_changed(Datum arg, Oid relation)
{
	is_known = false;
}

static void
ask_whether_any(void)
{
	static bool listens = false;
	static StoreQuery query = {"SELECT FROM sfn.quota LIMIT 1", 0};

	if (!listens)
		CacheRegisterRelcacheCallback(on_relation_changed, (Datum) 0);
	listens = true;
	is_known = true; /* before the look: a change meanwhile undoes it */
	there_are_any = store_run(&query, NULL, NULL, 1) > 0;
}

enum
{
	QUOTA_OPEN_EXECUTIONS = 1,
	QUOTA_PAYLOAD_BYTES
};

bool
quota_find(Oid role, Quota *quota)
{
	static StoreQuery query = {"SELECT coalesce(open_executions, -1), coalesce(payload_bytes, -1) FROM sfn.quota"
							   " WHERE role = $1::pg_catalog.regrole",
							   1,
							   {OIDOID}};
	Datum args[1] = {ObjectIdGetDatum(role)};

	if (!is_known)
		ask_whether_any();
	if (!there_are_any || store_run(&query, args, NULL, 0) == 0)
		return false;
	quota->role = role;
	quota->open_executions = store_int64(0, QUOTA_OPEN_EXECUTIONS);
	quota->payload_bytes = store_int64(0, QUOTA_PAYLOAD_BYTES);
	return true;
}

enum
{
	USE_OPEN_EXECUTIONS = 1,
	USE_PAYLOAD_BYTES
};

QuotaUse
quota_use(Oid role, bool is_first)
{
	static StoreQuery query =
		{"SELECT count(*), coalesce(sum(pg_catalog.octet_length(e.input::pg_catalog.text)), 0)::pg_catalog.int8"
		 " FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
		 " WHERE m.role = $1::pg_catalog.regrole AND e.stop_date IS NULL",
		 1,
		 {OIDOID},
		 .scans = true};
	Datum args[1] = {ObjectIdGetDatum(role)};
	TimestampTz now = GetCurrentTimestamp();

	if (last.role == role && (!is_first || now - last.counted < 20 * last.took))
		return last.use;
	(void) store_run(&query, args, NULL, 0);
	last.role = role;
	last.use.open_executions = store_int64(0, USE_OPEN_EXECUTIONS);
	last.use.payload_bytes = store_int64(0, USE_PAYLOAD_BYTES);
	last.counted = GetCurrentTimestamp();
	last.took = last.counted - now;
	return last.use;
}

void
quota_add(Oid role, int64 payload_bytes)
{
	if (last.role != role)
		return;
	last.use.open_executions++;
	last.use.payload_bytes += payload_bytes;
}

void
quota_set(const Quota *quota)
{
	static StoreQuery drop = {"DELETE FROM sfn.quota WHERE role = $1::pg_catalog.regrole", 1, {OIDOID}};
	static StoreQuery set =
		{"INSERT INTO sfn.quota VALUES ($1::pg_catalog.regrole, $2, $3) ON CONFLICT (role) DO UPDATE"
		 " SET open_executions = excluded.open_executions, payload_bytes = excluded.payload_bytes",
		 3,
		 {OIDOID, INT8OID, INT8OID}};
	Datum args[3] = {ObjectIdGetDatum(quota->role), Int64GetDatum(quota->open_executions),
					 Int64GetDatum(quota->payload_bytes)};
	char nulls[4] = "   ";

	nulls[1] = quota->open_executions == NO_QUOTA ? 'n' : ' ';
	nulls[2] = quota->payload_bytes == NO_QUOTA ? 'n' : ' ';
	if (quota->open_executions == NO_QUOTA && quota->payload_bytes == NO_QUOTA)
		(void) store_run(&drop, args, NULL, 0);
	else
		(void) store_run(&set, args, nulls, 0);
	CacheInvalidateRelcacheByRelid(quota_table());
	is_known = false;
	last.role = InvalidOid;
}
