/*
 * quotas.c
 *	  Limits for what a role's executions take: those that run as it.
 *
 * An execution runs as the role of its revision, whatever role its state machine is
 * given later.  While no role has a limit a start costs one comparison: that nobody
 * has one is remembered until the table is changed, which tells every session.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "shared/relation_watch.h"
#include "store/quotas.h"
#include "store/store.h"

#define KNOWN_MAX 16

static const char *const kind_names[QUOTA_KINDS] = {
	[QUOTA_OPEN_EXECUTIONS] = "open executions",
	[QUOTA_PAYLOAD_BYTES] = "bytes of input of open executions",
	[QUOTA_STORED_BYTES] = "stored bytes",
	[QUOTA_STARTS] = "starts a second",
	[QUOTA_HTTP_REQUESTS] = "HTTP requests a second",
};

static RelationWatch watch;
static bool there_are_any;

/* What was found since then. */
typedef struct KnownQuota
{
	bool has_quota;
	Quota quota;
} KnownQuota;

static KnownQuota known[KNOWN_MAX];
static int known_count;

const char *
quota_kind_name(QuotaKind kind)
{
	return kind_names[kind];
}

static Oid
quota_table(void)
{
	return get_relname_relid("quota", get_namespace_oid("sfn", false));
}

static void
ask_whether_any(void)
{
	static StoreQuery query = {"SELECT FROM sfn.quota LIMIT 1", 0, .sees_latest = true};

	known_count = 0;
	relation_watch(&watch, InvalidOid); /* whatever relation: such messages are rare, and looking again is cheap */
	there_are_any = store_run(&query, NULL, NULL, 1) > 0;
}

bool
quotas_exist(void)
{
	if (!watch.is_current)
		ask_whether_any();
	return there_are_any;
}

bool
quotas_are_known_to_be_none(void)
{
	return watch.is_current && !there_are_any;
}

/* ---- finding ---- */

static bool
read_quota(Oid role, Quota *quota)
{
	static StoreQuery query =
		{"SELECT coalesce(open_executions, -1), coalesce(payload_bytes, -1), coalesce(stored_bytes, -1),"
		 " coalesce(starts_per_second, -1), coalesce(http_per_second, -1) FROM sfn.quota"
		 " WHERE role = $1::pg_catalog.regrole",
		 1,
		 {OIDOID},
		 .sees_latest = true};
	Datum args[1] = {ObjectIdGetDatum(role)};

	quota->role = role;
	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	for (int kind = 0; kind < QUOTA_KINDS; kind++)
		quota->limits[kind] = store_int64(0, kind + 1); /* columns in the order of QuotaKind */
	return true;
}

bool
quota_find(Oid role, Quota *quota)
{
	KnownQuota *found = NULL;

	if (!quotas_exist())
		return false;
	for (int i = 0; i < known_count && found == NULL; i++)
	{
		if (known[i].quota.role == role)
			found = &known[i];
	}
	if (found == NULL)
	{
		KnownQuota read = {0};

		read.has_quota = read_quota(role, &read.quota);
		if (!watch.is_current || known_count == KNOWN_MAX)
			known_count = 0;
		found = &known[known_count++];
		*found = read;
	}
	*quota = found->quota;
	return found->has_quota;
}

bool
quota_find_of_revision(int64 revision_id, Quota *quota)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.state_machine_revision WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(revision_id)};

	if (!quotas_exist())
		return false;
	return store_run(&query, args, NULL, 0) == 1 && quota_find(store_oid(0, ONLY_COLUMN), quota);
}

/* ---- counting ---- */

/* Executions of a role: those that are open, or about to be again. */
#define OF_ROLE " JOIN sfn.state_machine_revision v ON v.id = e.revision_id WHERE v.role = $1::pg_catalog.regrole"

enum
{
	COUNTED_OPEN = 1,
	COUNTED_PAYLOAD,
	COUNTED_STORED
};

/* Open executions; those that a redrive will open, with the children of their map runs; and, if $2, all that is stored. */
static QuotaAmounts
count_rows(Oid role, bool counts_stored)
{
	static StoreQuery query =
		{"WITH redriven AS MATERIALIZED (SELECT DISTINCT i.execution_id AS id FROM sfn.inbox i"
		 " WHERE i.kind = :EVENT_REDRIVE),"
		 " open AS (SELECT e.input FROM sfn.execution e" OF_ROLE " AND e.stop_date IS NULL"
		 " UNION ALL SELECT e.input FROM redriven d JOIN sfn.execution e ON e.id = d.id" OF_ROLE
		 " AND e.stop_date IS NOT NULL"
		 " UNION ALL SELECT e.input FROM redriven d JOIN sfn.execution p ON p.id = d.id AND p.stop_date IS NOT NULL"
		 " JOIN sfn.map_run r ON r.execution_id = p.id JOIN sfn.execution e ON e.map_run_id = r.id" OF_ROLE
		 " AND e.stop_date IS NOT NULL AND e.status <> :EXECUTION_SUCCEEDED)"
		 " SELECT count(*), coalesce(sum(pg_catalog.octet_length(o.input::pg_catalog.text)), 0)::pg_catalog.int8,"
		 " CASE WHEN $2 THEN (SELECT coalesce(sum(e.history_bytes + pg_catalog.octet_length(e.input::pg_catalog.text)),"
		 " 0)::pg_catalog.int8 FROM sfn.execution e" OF_ROLE ") ELSE 0 END FROM open o",
		 2,
		 {OIDOID, BOOLOID},
		 .scans = true,
		 .sees_latest = true};
	Datum args[2] = {ObjectIdGetDatum(role), BoolGetDatum(counts_stored)};
	QuotaAmounts found;

	(void) store_run(&query, args, NULL, 0);
	found.of[QUOTA_OPEN_EXECUTIONS] = store_int64(0, COUNTED_OPEN);
	found.of[QUOTA_PAYLOAD_BYTES] = store_int64(0, COUNTED_PAYLOAD);
	found.of[QUOTA_STORED_BYTES] = store_int64(0, COUNTED_STORED);
	return found;
}

static void
count_if_due(const Quota *quota, QuotaAccount *account, bool is_refused, bool has_written)
{
	bool counts_stored = quota->limits[QUOTA_STORED_BYTES] != NO_QUOTA;
	QuotaCount count;
	QuotaAmounts found;

	if (!quota_account_wants_count(account, is_refused, counts_stored))
		return;
	quota_account_begin_count(account, &count, counts_stored);
	found = count_rows(quota->role, counts_stored);
	quota_account_end_count(account, &count, &found, has_written);
}

/* ---- taking ---- */

bool
quota_take(const Quota *quota, const QuotaAmounts *amounts, bool may_count, QuotaExcess *excess)
{
	QuotaAccount *account = quota_account_of(quota->role);

	for (int again = 0; again <= (may_count ? 1 : 0); again++)
	{
		if (may_count)
			count_if_due(quota, account, again > 0, true);
		excess->kind = quota_account_reserve(account, amounts, quota->limits, &excess->use);
		if (excess->kind == QUOTA_KINDS)
			return true;
	}
	return false;
}

bool
quota_take_start(const Quota *quota, QuotaExcess *excess)
{
	int64 limit = quota->limits[QUOTA_STARTS];

	excess->kind = QUOTA_STARTS;
	excess->use = limit;
	return limit == NO_QUOTA || quota_account_take(quota_account_of(quota->role), QUOTA_STARTS, limit, 1) == 1;
}

bool
quota_is_passed(const Quota *quota, QuotaKind kind, bool has_written, QuotaExcess *excess)
{
	QuotaAccount *account = quota_account_of(quota->role);

	for (int again = 0; again <= 1; again++)
	{
		count_if_due(quota, account, again > 0, has_written);
		excess->kind = kind;
		excess->use = quota_account_use(account, kind);
		if (excess->use < quota->limits[kind])
			return false;
	}
	return true;
}

enum
{
	REDRIVEN_COUNT = 1,
	REDRIVEN_BYTES
};

QuotaAmounts
quota_amounts_of_redrive(int64 execution_id)
{
	static StoreQuery query =
		{"SELECT count(*), coalesce(sum(pg_catalog.octet_length(e.input::pg_catalog.text)), 0)::pg_catalog.int8"
		 " FROM sfn.execution e WHERE e.id = $1 OR e.status <> :EXECUTION_SUCCEEDED AND e.map_run_id IN"
		 " (SELECT r.id FROM sfn.map_run r WHERE r.execution_id = $1)",
		 1,
		 {INT8OID},
		 .scans = true};
	Datum args[1] = {Int64GetDatum(execution_id)};
	QuotaAmounts amounts = {0};

	(void) store_run(&query, args, NULL, 0);
	amounts.of[QUOTA_OPEN_EXECUTIONS] = store_int64(0, REDRIVEN_COUNT);
	amounts.of[QUOTA_PAYLOAD_BYTES] = store_int64(0, REDRIVEN_BYTES);
	return amounts;
}

/* ---- setting ---- */

void
quota_set(const Quota *quota)
{
	static StoreQuery drop = {"DELETE FROM sfn.quota WHERE role = $1::pg_catalog.regrole", 1, {OIDOID}};
	static StoreQuery set =
		{"INSERT INTO sfn.quota (role, open_executions, payload_bytes, stored_bytes, starts_per_second,"
		 " http_per_second) VALUES ($1::pg_catalog.regrole, $2, $3, $4, $5, $6) ON CONFLICT (role) DO UPDATE"
		 " SET open_executions = excluded.open_executions, payload_bytes = excluded.payload_bytes,"
		 " stored_bytes = excluded.stored_bytes, starts_per_second = excluded.starts_per_second,"
		 " http_per_second = excluded.http_per_second",
		 1 + QUOTA_KINDS,
		 {OIDOID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID}};
	Datum args[1 + QUOTA_KINDS] = {ObjectIdGetDatum(quota->role)};
	char nulls[1 + QUOTA_KINDS + 1] = " ";
	bool has_limit = false;

	for (int kind = 0; kind < QUOTA_KINDS; kind++)
	{
		args[1 + kind] = Int64GetDatum(quota->limits[kind]);
		nulls[1 + kind] = quota->limits[kind] == NO_QUOTA ? 'n' : ' ';
		has_limit |= quota->limits[kind] != NO_QUOTA;
	}
	(void) store_run(has_limit ? &set : &drop, args, nulls, 0);
	CacheInvalidateRelcacheByRelid(quota_table());
	watch.is_current = false;
	quota_accounts_recount();
}
