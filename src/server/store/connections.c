/*
 * connections.c
 *	  Credentials for HTTP requests, and where requests may go, in the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "settings/guc.h"
#include "store/connections.h"
#include "store/store.h"

#define ERROR_CONNECTION_MISSING "Events.ResourceNotFoundException"
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

void
connection_upsert(const ConnectionRow *connection)
{
	static StoreQuery query =
		{"INSERT INTO sfn.connection AS c (name, owner, description, authorization_type, parameters, shown, tls)"
		 " VALUES ($1, $2::pg_catalog.regrole, $3, $4, $5, $6, $7)"
		 " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, description = excluded.description,"
		 " authorization_type = excluded.authorization_type, parameters = excluded.parameters, shown = excluded.shown,"
		 " tls = excluded.tls, version = c.version + 1, update_date = pg_catalog.clock_timestamp()",
		 7,
		 {TEXTOID, OIDOID, TEXTOID, TEXTOID, JSONOID, JSONOID, JSONOID}};
	char nulls[8] = "       ";
	Datum args[7] = {CStringGetTextDatum(connection->name), ObjectIdGetDatum(connection->owner)};
	const char *texts[5] = {connection->description, connection->authorization_type, connection->parameters,
							connection->shown, connection->tls};

	for (int i = 0; i < 5; i++)
	{
		nulls[i + 2] = texts[i] != NULL ? ' ' : 'n';
		args[i + 2] = texts[i] != NULL ? CStringGetTextDatum(texts[i]) : (Datum) 0;
	}
	(void) store_run(&query, args, nulls, 0);
}

bool
connection_delete(const char *name)
{
	static StoreQuery query = {"DELETE FROM sfn.connection WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0;
}

/* ---- for tasks ---- */

static ConnectionType
type_of(const char *name)
{
	if (strcmp(name, "API_KEY") == 0)
		return CONNECTION_API_KEY;
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

bool
connection_for_task(const char *name_or_arn, Oid role, HttpConnection **connection, SfnError *error)
{
	ConnectionRow *row = connection_by_name(connection_name_of(name_or_arn));

	if (row == NULL)
		return sfn_error(error, ERROR_CONNECTION_MISSING, "The connection %s does not exist.", name_or_arn);
	if (!is_member_of_role(role, row->owner))
		return sfn_error(error, ERROR_CONNECTION_DENIED,
						 "The role of the state machine is no member of the role that owns the connection %s.",
						 name_or_arn);
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
