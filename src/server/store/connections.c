/*
 * connections.c
 *	  Credentials for HTTP requests, and where requests may go, in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include "settings/clock.h"
#include "settings/guc.h"
#include "store/connections.h"
#include "store/owner_rule.h"
#include "store/store.h"
#include "store/trust.h"

#define ERROR_CONNECTION_DENIED "Events.ConnectionResource.AccessDenied"

enum
{
	CONNECTION_ID = 1,
	CONNECTION_VERSION,
	CONNECTION_NAME,
	CONNECTION_CONNECTION_ID,
	CONNECTION_OWNER,
	CONNECTION_DESCRIPTION,
	CONNECTION_AUTHORIZATION_TYPE,
	CONNECTION_PARAMETERS,
	CONNECTION_SHOWN,
	CONNECTION_TLS
};

ConnectionRow *
connection_by_name(const char *name)
{
	static StoreQuery query = {
		"SELECT id, version, name, connection_id::pg_catalog.text, owner::pg_catalog.oid, description, authorization_type,"
		" parameters, shown, tls FROM sfn.connection WHERE name = $1",
		1,
		{TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	ConnectionRow *row;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	row = palloc0(sizeof(ConnectionRow));
	row->id = store_int64(0, CONNECTION_ID);
	row->version = store_int64(0, CONNECTION_VERSION);
	row->name = store_text(0, CONNECTION_NAME);
	row->connection_id = store_text(0, CONNECTION_CONNECTION_ID);
	row->owner = store_oid(0, CONNECTION_OWNER);
	row->description = store_text(0, CONNECTION_DESCRIPTION);
	row->authorization_type = store_text(0, CONNECTION_AUTHORIZATION_TYPE);
	row->parameters = store_text(0, CONNECTION_PARAMETERS);
	row->shown = store_text(0, CONNECTION_SHOWN);
	row->tls = store_text(0, CONNECTION_TLS);
	return row;
}

bool
connection_upsert(const ConnectionRow *connection, bool replaces)
{
	static StoreQuery query =
		{"INSERT INTO sfn.connection AS c (name, owner, description, authorization_type, parameters, shown, tls)"
		 " VALUES ($1, $2::pg_catalog.regrole, $3, $4, $5, $6, $7)"
		 " ON CONFLICT (name) DO UPDATE SET description = excluded.description,"
		 " authorization_type = excluded.authorization_type, parameters = excluded.parameters, shown = excluded.shown,"
		 " tls = excluded.tls, version = c.version + 1, update_date = pg_catalog.clock_timestamp()"
		 " WHERE $8 AND " OWNER_ADMITS_REPLACING("c.owner", "$2"),
		 8,
		 {TEXTOID, OIDOID, TEXTOID, TEXTOID, JSONOID, JSONOID, JSONOID, BOOLOID}};
	char nulls[9] = "        ";
	Datum args[8] = {CStringGetTextDatum(connection->name), ObjectIdGetDatum(connection->owner)};
	const char *texts[5] = {connection->description, connection->authorization_type, connection->parameters,
							connection->shown, connection->tls};

	for (int i = 0; i < 5; i++)
	{
		nulls[i + 2] = texts[i] != NULL ? ' ' : 'n';
		args[i + 2] = texts[i] != NULL ? CStringGetTextDatum(texts[i]) : (Datum) 0;
	}
	args[7] = BoolGetDatum(replaces);
	return store_run(&query, args, nulls, 0) > 0;
}

bool
connection_delete(const char *name, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.connection WHERE name = $1 AND " OWNER_ADMITS("owner", "$2"),
							   2,
							   {TEXTOID, OIDOID}};
	Datum args[2] = {CStringGetTextDatum(name), ObjectIdGetDatum(caller)};

	return store_run(&query, args, NULL, 0) > 0;
}

/* ---- whom it is lent to ---- */

void
connection_take_back_all(int64 id)
{
	static StoreQuery query = {"DELETE FROM sfn.connection_use WHERE connection_id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
}

static bool
is_lent(const ConnectionRow *connection, Oid role)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.connection_use WHERE connection_id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(connection->id)};
	uint64 count;

	if (has_privs_of_role(role, connection->owner))
		return true;
	count = store_run(&query, args, NULL, 0);
	for (uint64 i = 0; i < count; i++)
	{
		if (has_privs_of_role(role, store_oid(i, ONLY_COLUMN)))
			return true;
	}
	return false;
}

/* ---- for tasks ---- */

static ConnectionType
type_of(const char *name)
{
	if (strcmp(name, "API_KEY") == 0)
		return CONNECTION_API_KEY;
	if (strcmp(name, "AWS") == 0)
		return CONNECTION_AWS;
	return strcmp(name, "BASIC") == 0                   ? CONNECTION_BASIC
		: strcmp(name, "OAUTH_CLIENT_CREDENTIALS") == 0 ? CONNECTION_OAUTH
														: CONNECTION_NONE;
}

static HttpConnection *
connection_of_row(const ConnectionRow *row)
{
	HttpConnection *connection = palloc0(sizeof(HttpConnection));
	JvParseError error;
	const JsonVal *tls = row->tls != NULL ? jv_parse(row->tls, (int) strlen(row->tls), &error) : NULL;

	connection->id = row->id;
	connection->version = row->version;
	connection->name = row->name;
	connection->type = type_of(row->authorization_type);
	connection->parameters = jv_parse(row->parameters, (int) strlen(row->parameters), &error);
	connection->has_tls = tls != NULL;
	connection->ca = jv_get_string(tls, "ca");
	connection->certificate = jv_get_string(tls, "certificate");
	connection->key = jv_get_string(tls, "key");
	return connection;
}

/* "name" of "arn:aws:events:REGION:ACCOUNT:connection/name/uuid", or the text itself. */
static char *
connection_name_of(const char *name_or_arn)
{
	const char *marker = strncmp(name_or_arn, "arn:", 4) == 0 ? strstr(name_or_arn, ":connection/") : NULL;
	const char *name = marker != NULL ? marker + strlen(":connection/") : name_or_arn;

	return pnstrdup(name, strcspn(name, "/"));
}

/* Names the owner and what he can do. */
static bool
fail_use(const ConnectionRow *row, const char *name_or_arn, Oid role, SfnError *error)
{
	const char *owner = GetUserNameFromId(row->owner, true);
	const char *role_name = GetUserNameFromId(role, true);

	return sfn_error(
		error, ERROR_CONNECTION_DENIED,
		"The role of the state machine may not use the connection %s, which is owned by role \"%s\". If it should, a "
		"member of that role runs: SELECT sfn.grant_use('connection', %s, %s)",
		name_or_arn, owner != NULL ? owner : "(dropped)", quote_literal_cstr(row->name),
		quote_literal_cstr(quote_identifier(role_name != NULL ? role_name : "(dropped)")));
}

bool
connection_for_task(const char *name_or_arn, Oid role, HttpConnection **connection, SfnError *error)
{
	ConnectionRow *row = connection_by_name(connection_name_of(name_or_arn));

	if (row == NULL)
		return sfn_error(error, ERROR_CONNECTION_MISSING, "The connection %s does not exist.", name_or_arn);
	if (!name_is_trusted(&(OwnedName){.kind = NAME_CONNECTION, .id = row->id, .name = row->name, .owner = row->owner},
						 role, error))
		return false;
	if (!is_lent(row, role))
		return fail_use(row, name_or_arn, role, error);
	*connection = connection_of_row(row);
	return true;
}

/* ---- where requests may go ---- */

enum
{
	ALLOWED_HOST = 1,
	ALLOWED_ROLE
};

EgressPolicy *
egress_policy_load(void)
{
	static StoreQuery query = {
		"SELECT host, coalesce(role::pg_catalog.oid, 0) FROM sfn.http_allowed_host ORDER BY host, role::pg_catalog.oid",
		0};
	EgressPolicy *policy = palloc0(sizeof(EgressPolicy));
	List *names = NIL;
	ListCell *cell;
	int rows = (int) store_run(&query, NULL, NULL, 0);
	EgressEntry *entries;

	(void) SplitGUCList(pstrdup(sfn_http_allowed_hosts), ',', &names);
	entries = palloc0(sizeof(EgressEntry) * (rows + list_length(names) + 1));
	for (int i = 0; i < rows; i++)
	{
		entries[policy->count].text = store_text(i, ALLOWED_HOST);
		entries[policy->count++].role = store_oid(i, ALLOWED_ROLE);
	}
	foreach(cell, names)
		entries[policy->count++].text = pstrdup(lfirst(cell));
	policy->entries = entries;
	return policy;
}
