/*
 * services.c
 *	  AWS services in the tables: what is known of them, endpoints, credentials for calls.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/connections.h"
#include "store/look_ups.h"
#include "store/services.h"
#include "store/store.h"

/* ---- what is known ---- */

void
service_upsert(const ServiceFacts *facts)
{
	static StoreQuery query =
		{"INSERT INTO sfn.service (name, prefix, protocol, operations, source, facts) VALUES ($1, $2, $3, $4, $5, $6)"
		 " ON CONFLICT (name) DO UPDATE SET prefix = excluded.prefix, protocol = excluded.protocol,"
		 " operations = excluded.operations, source = excluded.source, facts = excluded.facts,"
		 " loaded = pg_catalog.clock_timestamp()",
		 6,
		 {TEXTOID, TEXTOID, TEXTOID, INT4OID, TEXTOID, TEXTOID}};
	Datum args[6] = {CStringGetTextDatum(facts->name),     CStringGetTextDatum(facts->prefix),
					 CStringGetTextDatum(facts->protocol), Int32GetDatum(facts->operations),
					 CStringGetTextDatum(facts->source),   CStringGetTextDatum(facts->text)};

	(void) store_run(&query, args, NULL, 0);
}

TimestampTz
service_loaded(const char *name)
{
	static StoreQuery query = {"SELECT loaded FROM sfn.service WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	const char *key = psprintf("loaded %s", name);
	const LookUp *before = look_up_noted(key);
	TimestampTz loaded;
	TimestampTz *kept;

	if (before != NULL)
		return *(const TimestampTz *) before->found;
	loaded = store_run(&query, args, NULL, 0) > 0 ? store_timestamp(0, ONLY_COLUMN) : 0;
	if (look_ups_context() == NULL)
		return loaded;
	kept = MemoryContextAlloc(look_ups_context(), sizeof(TimestampTz));
	*kept = loaded;
	look_up_note(key, kept);
	return loaded;
}

char *
service_facts(const char *name)
{
	static StoreQuery query = {"SELECT facts FROM sfn.service WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0 ? store_text(0, ONLY_COLUMN) : NULL;
}

int
service_names(const char ***names)
{
	static StoreQuery query = {.sql = "SELECT name FROM sfn.service ORDER BY name", .scans = true};
	int count = (int) store_run(&query, NULL, NULL, 0);

	*names = palloc(sizeof(char *) * (count + 1));
	for (int i = 0; i < count; i++)
		(*names)[i] = store_text(i, ONLY_COLUMN);
	return count;
}

/* ---- endpoints ---- */

char *
service_endpoint_for(const char *service, const char *region)
{
	static StoreQuery query =
		{"SELECT url FROM sfn.service_endpoint WHERE service IN ($1, '*') AND (region = $2 OR region IS NULL)"
		 " ORDER BY service = '*', region IS NULL LIMIT 1",
		 2,
		 {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(service), CStringGetTextDatum(region)};
	const char *key = psprintf("endpoint %s %s", service, region);
	const LookUp *before = look_up_noted(key);
	char *url;

	if (before != NULL)
		return before->found != NULL ? pstrdup(before->found) : NULL;
	url = store_run(&query, args, NULL, 0) > 0 ? store_text(0, ONLY_COLUMN) : NULL;
	if (look_ups_context() != NULL)
		look_up_note(key, url != NULL ? MemoryContextStrdup(look_ups_context(), url) : NULL);
	return url;
}

void
service_endpoint_upsert(const char *service, const char *region, const char *url)
{
	static StoreQuery query = {"INSERT INTO sfn.service_endpoint (service, region, url) VALUES ($1, $2, $3)"
							   " ON CONFLICT (service, region) DO UPDATE SET url = excluded.url",
							   3,
							   {TEXTOID, TEXTOID, TEXTOID}};
	char nulls[4] = {' ', region == NULL ? 'n' : ' ', ' ', '\0'};
	Datum args[3] = {CStringGetTextDatum(service), region != NULL ? CStringGetTextDatum(region) : (Datum) 0,
					 CStringGetTextDatum(url)};

	(void) store_run(&query, args, nulls, 0);
}

bool
service_endpoint_delete(const char *service, const char *region)
{
	static StoreQuery query = {"DELETE FROM sfn.service_endpoint WHERE service = $1 AND region IS NOT DISTINCT FROM $2",
							   2,
							   {TEXTOID, TEXTOID}};
	char nulls[3] = {' ', region == NULL ? 'n' : ' ', '\0'};
	Datum args[2] = {CStringGetTextDatum(service), region != NULL ? CStringGetTextDatum(region) : (Datum) 0};

	return store_run(&query, args, nulls, 0) > 0;
}

/* ---- credentials ---- */

/* Names of those that list the role_arn, then "default", of whatever owner. */
static int
candidates(const char *role_arn, char ***names, int *listed)
{
	static StoreQuery query = {
		"SELECT name, EXISTS (SELECT FROM pg_catalog.json_array_elements_text(parameters->'RoleArns') a (arn) WHERE a.arn = $1)"
		" FROM sfn.connection WHERE authorization_type = 'AWS' ORDER BY 2 DESC, name",
		1,
		{TEXTOID}};
	enum
	{
		CANDIDATE_NAME = 1,
		CANDIDATE_IS_LISTED
	};
	Datum args[1] = {CStringGetTextDatum(role_arn)};
	int rows = (int) store_run(&query, args, NULL, 0);
	int count = 0;

	*names = palloc(sizeof(char *) * (rows + 1));
	*listed = 0;
	for (int i = 0; i < rows; i++)
	{
		char *name = store_text(i, CANDIDATE_NAME);
		bool is_listed = store_bool(i, CANDIDATE_IS_LISTED);

		if (is_listed || strcmp(name, "default") == 0)
			(*names)[count++] = name;
		*listed += is_listed;
	}
	return count;
}

static AwsCredentials
credentials_of(const char *name, const HttpConnection *connection)
{
	return (AwsCredentials){.id = connection->id,
							.version = connection->version,
							.name = name,
							.parameters = connection->parameters};
}

static bool
find_credentials(Oid role, const char *role_arn, AwsCredentials *credentials, SfnError *error)
{
	char **names;
	int listed;
	int count = candidates(role_arn != NULL ? role_arn : "", &names, &listed);
	const char *chosen = NULL;
	HttpConnection *connection = NULL;
	SfnError denied = {0};

	for (int i = 0; i < count; i++)
	{
		HttpConnection *usable = NULL;

		if (i >= listed && chosen != NULL)
			break;
		if (!connection_for_task(names[i], role, &usable, &denied))
			continue;
		if (chosen != NULL)
			return sfn_error(error, ERROR_TASK_FAILED, "The AWS credentials \"%s\" and \"%s\" both list the role %s.",
							 chosen, names[i], role_arn);
		chosen = names[i];
		connection = usable;
	}
	if (chosen == NULL && denied.cause != NULL)
		return sfn_error(error, ERROR_TASK_FAILED, "%s", denied.cause);
	if (chosen == NULL)
		return sfn_error(
			error, ERROR_TASK_FAILED,
			"There are no AWS credentials for this call: none list the role %s, and none are called \"default\". "
			"sfn.create_aws_credentials() stores them.",
			role_arn != NULL ? role_arn : "of the state machine");
	*credentials = credentials_of(chosen, connection);
	return true;
}

bool
aws_credentials_named(Oid role, const char *name, AwsCredentials *credentials, SfnError *error)
{
	HttpConnection *connection = NULL;
	SfnError denied = {0};

	if (!connection_for_task(name, role, &connection, &denied))
		return sfn_error(error, ERROR_TASK_FAILED, "%s", denied.cause);
	if (connection->type != CONNECTION_AWS)
		return sfn_error(error, ERROR_TASK_FAILED, "The connection \"%s\" has no credentials of AWS.", name);
	*credentials = credentials_of(name, connection);
	return true;
}

/* Of its own memory. */
static AwsCredentials
copy_credentials(const AwsCredentials *credentials)
{
	AwsCredentials copy = *credentials;

	copy.name = pstrdup(credentials->name);
	copy.parameters = jv_clone(credentials->parameters);
	return copy;
}

static void
note_credentials(const char *key, const AwsCredentials *credentials)
{
	MemoryContext caller_context = MemoryContextSwitchTo(look_ups_context());
	AwsCredentials *kept = palloc(sizeof(AwsCredentials));

	*kept = copy_credentials(credentials);
	look_up_note(key, kept);
	MemoryContextSwitchTo(caller_context);
}

bool
aws_credentials_for(Oid role, const char *role_arn, AwsCredentials *credentials, SfnError *error)
{
	const char *key = psprintf("credentials %u %s", role, role_arn != NULL ? role_arn : "");
	const LookUp *before = look_up_noted(key);

	if (before != NULL)
	{
		*credentials = copy_credentials(before->found);
		return true;
	}
	if (!find_credentials(role, role_arn, credentials, error))
		return false;
	if (look_ups_context() != NULL)
		note_credentials(key, credentials);
	return true;
}

bool
aws_credentials_source(const AwsCredentials *outer, AwsCredentials *source, SfnError *error)
{
	const char *name = jv_get_string(outer->parameters, "SourceCredentials");
	const ConnectionRow *above = connection_by_name(outer->name);
	const ConnectionRow *row = name != NULL ? connection_by_name(name) : NULL;
	JvParseError not_json;

	if (above == NULL || row == NULL || row->owner != above->owner || strcmp(row->authorization_type, "AWS") != 0)
		return sfn_error(error, ERROR_TASK_FAILED,
						 "The AWS credentials \"%s\" stand on \"%s\", which do not exist, or have another owner.",
						 outer->name, name != NULL ? name : "");
	source->id = row->id;
	source->version = row->version;
	source->name = row->name;
	source->parameters = jv_parse_stored(row->parameters, (int) strlen(row->parameters), &not_json);
	return true;
}
