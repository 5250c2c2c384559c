/*
 * trust.c
 *	  Whose functions, activities, machines, event buses, connections, buckets, queues and topics a machine may call, in the
 *	  tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings/clock.h"
#include "store/event_rules.h"
#include "store/store.h"
#include "store/trust.h"

const char *const name_kind_words[NAME_KIND_COUNT] = {
	[NAME_FUNCTION] = "function",   [NAME_ACTIVITY] = "activity",     [NAME_STATE_MACHINE] = "state_machine",
	[NAME_EVENT_BUS] = "event_bus", [NAME_CONNECTION] = "connection", [NAME_BUCKET] = "bucket",
	[NAME_QUEUE] = "queue",         [NAME_TOPIC] = "topic",
};

enum
{
	NAME_ID = 1,
	NAME_OWNER
};

#define NAME_QUERY(table) \
	{ \
		"SELECT id, owner::pg_catalog.oid FROM sfn." table " WHERE name = $1 FOR SHARE", 1, \
		{ \
			TEXTOID \
		} \
	}

bool
owned_name_lock(NameKind kind, const char *name, OwnedName *found)
{
	static StoreQuery queries[NAME_KIND_COUNT] =
		{[NAME_FUNCTION] = NAME_QUERY("function"),
		 [NAME_ACTIVITY] = NAME_QUERY("activity"),
		 [NAME_STATE_MACHINE] = {"SELECT id, role::pg_catalog.oid FROM sfn.state_machine WHERE name = $1"
								 " AND status <> 'DELETED' AND map_of IS NULL FOR SHARE",
								 1,
								 {TEXTOID}},
		 [NAME_EVENT_BUS] = {"SELECT id, owner::pg_catalog.oid FROM sfn.event_bus WHERE name = $1"
							 " AND NOT pg_catalog.starts_with(name, '" TOPIC_BUS_PREFIX "') FOR SHARE",
							 1,
							 {TEXTOID}},
		 [NAME_CONNECTION] = NAME_QUERY("connection"),
		 [NAME_BUCKET] = NAME_QUERY("bucket"),
		 [NAME_QUEUE] = NAME_QUERY("queue"),
		 [NAME_TOPIC] = {"SELECT id, owner::pg_catalog.oid FROM sfn.event_bus WHERE name = '" TOPIC_BUS_PREFIX "' || $1"
						 " FOR SHARE",
						 1,
						 {TEXTOID}}};
	Datum args[1] = {CStringGetTextDatum(name)};

	if (store_run(&queries[kind], args, NULL, 0) == 0)
		return false;
	*found = (OwnedName){.kind = kind, .name = name};
	found->id = store_int64(0, NAME_ID);
	found->owner = store_oid(0, NAME_OWNER);
	return true;
}

static bool
trust_exists(const OwnedName *called, Oid role)
{
	static StoreQuery query = {"SELECT FROM sfn.trust WHERE kind = $1 AND object_id = $2"
							   " AND owner = $3::pg_catalog.regrole AND role = $4::pg_catalog.regrole",
							   4,
							   {TEXTOID, INT8OID, OIDOID, OIDOID}};
	Datum args[4] = {CStringGetTextDatum(name_kind_words[called->kind]), Int64GetDatum(called->id),
					 ObjectIdGetDatum(called->owner), ObjectIdGetDatum(role)};

	return store_run(&query, args, NULL, 0) > 0;
}

static const char *
role_name_or_dropped(Oid role)
{
	const char *name = GetUserNameFromId(role, true);

	return name != NULL ? name : "(dropped)";
}

/* "state machine". */
static const char *
kind_in_words(NameKind kind)
{
	char *words = pstrdup(name_kind_words[kind]);
	char *joint = strchr(words, '_');

	if (joint != NULL)
		*joint = ' ';
	return words;
}

bool
name_is_trusted(const OwnedName *called, Oid role, SfnError *error)
{
	const char *kind = name_kind_words[called->kind];
	const char *owner;
	const char *role_name;

	if (superuser_arg(called->owner) || has_privs_of_role(called->owner, role) || trust_exists(called, role))
		return true;
	owner = role_name_or_dropped(called->owner);
	role_name = role_name_or_dropped(role);
	return sfn_error(error, ERROR_PERMISSIONS,
					 "The %s \"%s\" is owned by role \"%s\", which the state machine's role \"%s\" does not trust. "
					 "If it should, a member of that role runs: SELECT sfn.trust('%s', %s, %s, %s)",
					 kind_in_words(called->kind), called->name, owner, role_name, kind,
					 quote_literal_cstr(called->name), quote_literal_cstr(quote_identifier(owner)),
					 quote_literal_cstr(quote_identifier(role_name)));
}

bool
name_fail_unlent(const OwnedName *used, Oid role, SfnError *error)
{
	const char *kind = name_kind_words[used->kind];

	return sfn_error(
		error, ERROR_PERMISSIONS,
		"The role of the state machine may not use the %s \"%s\", which is owned by role \"%s\". If it should, a "
		"member of that role runs: SELECT sfn.grant_use('%s', %s, %s)",
		kind, used->name, role_name_or_dropped(used->owner), kind, quote_literal_cstr(used->name),
		quote_literal_cstr(quote_identifier(role_name_or_dropped(role))));
}

void
trust_put(const OwnedName *trusted, Oid role, Oid grantor)
{
	static StoreQuery query =
		{"INSERT INTO sfn.trust (kind, object_id, owner, role, grantor, grant_date)"
		 " VALUES ($1, $2, $3::pg_catalog.regrole, $4::pg_catalog.regrole, $5::pg_catalog.regrole, $6)"
		 " ON CONFLICT (kind, object_id, role) DO UPDATE SET owner = excluded.owner, grantor = excluded.grantor,"
		 " grant_date = excluded.grant_date",
		 6,
		 {TEXTOID, INT8OID, OIDOID, OIDOID, OIDOID, TIMESTAMPTZOID}};
	Datum args[6] = {CStringGetTextDatum(name_kind_words[trusted->kind]),
					 Int64GetDatum(trusted->id),
					 ObjectIdGetDatum(trusted->owner),
					 ObjectIdGetDatum(role),
					 ObjectIdGetDatum(grantor),
					 TimestampTzGetDatum(sfn_now())};

	(void) store_run(&query, args, NULL, 0);
}

void
trust_delete(const OwnedName *trusted, Oid role)
{
	static StoreQuery query =
		{"DELETE FROM sfn.trust WHERE kind = $1 AND object_id = $2 AND role = $3::pg_catalog.regrole",
		 3,
		 {TEXTOID, INT8OID, OIDOID}};
	Datum args[3] = {CStringGetTextDatum(name_kind_words[trusted->kind]), Int64GetDatum(trusted->id),
					 ObjectIdGetDatum(role)};

	(void) store_run(&query, args, NULL, 0);
}

void
trust_forget(NameKind kind, int64 id)
{
	static StoreQuery query = {"DELETE FROM sfn.trust WHERE kind = $1 AND object_id = $2", 2, {TEXTOID, INT8OID}};
	Datum args[2] = {CStringGetTextDatum(name_kind_words[kind]), Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- whom a connection or queue is lent to ---- */

#define LEND_QUERY(kind) \
	{ \
		"INSERT INTO sfn." kind "_use (" kind "_id, role, grantor, grant_date)" \
		" VALUES ($1, $2::pg_catalog.regrole, $3::pg_catalog.regrole, $4) ON CONFLICT DO NOTHING", \
			4, \
		{ \
			INT8OID, OIDOID, OIDOID, TIMESTAMPTZOID \
		} \
	}
#define TAKE_BACK_QUERY(kind) \
	{ \
		"DELETE FROM sfn." kind "_use WHERE " kind "_id = $1 AND role = $2::pg_catalog.regrole", 2, \
		{ \
			INT8OID, OIDOID \
		} \
	}

void
use_lend(const OwnedName *lent, Oid role, Oid grantor)
{
	static StoreQuery queries[NAME_KIND_COUNT] =
		{[NAME_CONNECTION] = LEND_QUERY("connection"), [NAME_QUEUE] = LEND_QUERY("queue")};
	Datum args[4] = {Int64GetDatum(lent->id), ObjectIdGetDatum(role), ObjectIdGetDatum(grantor),
					 TimestampTzGetDatum(sfn_now())};

	(void) store_run(&queries[lent->kind], args, NULL, 0);
}

void
use_take_back(const OwnedName *lent, Oid role)
{
	static StoreQuery queries[NAME_KIND_COUNT] =
		{[NAME_CONNECTION] = TAKE_BACK_QUERY("connection"), [NAME_QUEUE] = TAKE_BACK_QUERY("queue")};
	Datum args[2] = {Int64GetDatum(lent->id), ObjectIdGetDatum(role)};

	(void) store_run(&queries[lent->kind], args, NULL, 0);
}
