/*
 * versions.c
 *	  Versions and aliases of state machines in the tables.
 *
 * A version is a number for a revision; its numbers are counted in the machine's
 * row and never used again.  An alias names one version or two.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "store/store.h"
#include "store/versions.h"

#define VERSION_COLUMNS "SELECT number, revision_id, description, creation_date FROM sfn.state_machine_version"
enum
{
	VERSION_NUMBER = 1,
	VERSION_REVISION_ID,
	VERSION_DESCRIPTION,
	VERSION_CREATION_DATE
};
#define ALIAS_COLUMNS \
	"SELECT name, description, first_version, first_weight, second_version, creation_date, update_date" \
	" FROM sfn.state_machine_alias"
enum
{
	ALIAS_NAME = 1,
	ALIAS_DESCRIPTION,
	ALIAS_FIRST_VERSION,
	ALIAS_FIRST_WEIGHT,
	ALIAS_SECOND_VERSION,
	ALIAS_CREATION_DATE,
	ALIAS_UPDATE_DATE
};

static void
version_fill(uint64 row, VersionRow *version)
{
	version->number = store_int32(row, VERSION_NUMBER);
	version->revision_id = store_int64(row, VERSION_REVISION_ID);
	version->description = store_text(row, VERSION_DESCRIPTION);
	version->creation_date = store_timestamp(row, VERSION_CREATION_DATE);
}

static void
alias_fill(uint64 row, AliasRow *alias)
{
	alias->name = store_text(row, ALIAS_NAME);
	alias->description = store_text(row, ALIAS_DESCRIPTION);
	alias->first_version = store_int32(row, ALIAS_FIRST_VERSION);
	alias->first_weight = store_int32(row, ALIAS_FIRST_WEIGHT);
	alias->second_version = store_int32(row, ALIAS_SECOND_VERSION);
	alias->creation_date = store_timestamp(row, ALIAS_CREATION_DATE);
	alias->update_date = store_timestamp(row, ALIAS_UPDATE_DATE);
}

/* The only row of a query for a version, or NULL. */
static VersionRow *
version_query(StoreQuery *query, Datum *args)
{
	VersionRow *version;

	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	version = palloc(sizeof(VersionRow));
	version_fill(0, version);
	return version;
}

/* ---- versions ---- */

VersionRow *
version_find(int64 state_machine_id, int32 number)
{
	static StoreQuery query = {VERSION_COLUMNS " WHERE state_machine_id = $1 AND number = $2", 2, {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), Int32GetDatum(number)};

	return version_query(&query, args);
}

VersionRow *
version_of_revision(int64 state_machine_id, int64 revision_id)
{
	static StoreQuery query = {VERSION_COLUMNS " WHERE state_machine_id = $1 AND revision_id = $2",
							   2,
							   {INT8OID, INT8OID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), Int64GetDatum(revision_id)};

	return version_query(&query, args);
}

VersionRow *
version_insert(int64 state_machine_id, int64 revision_id, const char *description, TimestampTz creation_date)
{
	static StoreQuery query =
		{"WITH counted AS ("
		 " UPDATE sfn.state_machine SET last_version = last_version + 1 WHERE id = $1 RETURNING last_version)"
		 " INSERT INTO sfn.state_machine_version (state_machine_id, number, revision_id, description, creation_date)"
		 " SELECT $1, last_version, $2, $3, $4 FROM counted"
		 " RETURNING number, revision_id, description, creation_date",
		 4,
		 {INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID}};
	Datum args[4] = {Int64GetDatum(state_machine_id), Int64GetDatum(revision_id), CStringGetTextDatum(description),
					 TimestampTzGetDatum(creation_date)};
	VersionRow *version = version_query(&query, args);

	if (version == NULL)
		elog(ERROR, "state machine " INT64_FORMAT " is gone", state_machine_id);
	return version;
}

void
version_delete(int64 state_machine_id, int32 number)
{
	static StoreQuery query = {"DELETE FROM sfn.state_machine_version WHERE state_machine_id = $1 AND number = $2",
							   2,
							   {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), Int32GetDatum(number)};

	(void) store_run(&query, args, NULL, 0);
}

int64
version_count(int64 state_machine_id)
{
	static StoreQuery query = {"SELECT count(*) FROM sfn.state_machine_version WHERE state_machine_id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

int
version_list(int64 state_machine_id, int32 before, int max, VersionRow **versions)
{
	static StoreQuery query = {VERSION_COLUMNS " WHERE state_machine_id = $1 AND ($2 = 0 OR number < $2)"
											   " ORDER BY number DESC LIMIT $3",
							   3,
							   {INT8OID, INT4OID, INT4OID}};
	Datum args[3] = {Int64GetDatum(state_machine_id), Int32GetDatum(before), Int32GetDatum(max)};
	int count = (int) store_run(&query, args, NULL, 0);

	*versions = palloc(sizeof(VersionRow) * Max(count, 1));
	for (int row = 0; row < count; row++)
		version_fill(row, &(*versions)[row]);
	return count;
}

/* ---- aliases ---- */

AliasRow *
alias_find(int64 state_machine_id, const char *name)
{
	static StoreQuery query = {ALIAS_COLUMNS " WHERE state_machine_id = $1 AND name = $2", 2, {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), CStringGetTextDatum(name)};
	AliasRow *alias;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	alias = palloc(sizeof(AliasRow));
	alias_fill(0, alias);
	return alias;
}

/* Runs a query that takes all of an alias; returns how many rows it changed. */
static uint64
alias_write(StoreQuery *query, int64 state_machine_id, const AliasRow *alias)
{
	Datum args[8] = {Int64GetDatum(state_machine_id),           CStringGetTextDatum(alias->name),
					 CStringGetTextDatum(alias->description),   Int32GetDatum(alias->first_version),
					 Int32GetDatum(alias->first_weight),        Int32GetDatum(alias->second_version),
					 TimestampTzGetDatum(alias->creation_date), TimestampTzGetDatum(alias->update_date)};

	return store_run(query, args, alias->second_version == 0 ? "     n  " : NULL, 0);
}

bool
alias_insert(int64 state_machine_id, const AliasRow *alias)
{
	static StoreQuery query =
		{"INSERT INTO sfn.state_machine_alias (state_machine_id, name, description, first_version, first_weight,"
		 " second_version, creation_date, update_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		 " ON CONFLICT (state_machine_id, name) DO NOTHING",
		 8,
		 {INT8OID, TEXTOID, TEXTOID, INT4OID, INT4OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};

	return alias_write(&query, state_machine_id, alias) == 1;
}

void
alias_update(int64 state_machine_id, const AliasRow *alias)
{
	static StoreQuery query =
		{"UPDATE sfn.state_machine_alias SET description = $3, first_version = $4, first_weight = $5,"
		 " second_version = $6, creation_date = $7, update_date = $8 WHERE state_machine_id = $1 AND name = $2",
		 8,
		 {INT8OID, TEXTOID, TEXTOID, INT4OID, INT4OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID}};

	(void) alias_write(&query, state_machine_id, alias);
}

bool
alias_delete(int64 state_machine_id, const char *name)
{
	static StoreQuery query = {"DELETE FROM sfn.state_machine_alias WHERE state_machine_id = $1 AND name = $2",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1;
}

int64
alias_count(int64 state_machine_id)
{
	static StoreQuery query = {"SELECT count(*) FROM sfn.state_machine_alias WHERE state_machine_id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

int
alias_list(int64 state_machine_id, int32 version, const char *after, int max, AliasRow **aliases)
{
	static StoreQuery query = {ALIAS_COLUMNS " WHERE state_machine_id = $1"
											 " AND ($2 = 0 OR first_version = $2 OR second_version = $2)"
											 " AND ($3 IS NULL OR name > $3) ORDER BY name LIMIT $4",
							   4,
							   {INT8OID, INT4OID, TEXTOID, INT4OID}};
	Datum args[4] = {Int64GetDatum(state_machine_id), Int32GetDatum(version),
					 after != NULL ? CStringGetTextDatum(after) : (Datum) 0, Int32GetDatum(max)};
	int count = (int) store_run(&query, args, after != NULL ? NULL : "  n ", 0);

	*aliases = palloc(sizeof(AliasRow) * Max(count, 1));
	for (int row = 0; row < count; row++)
		alias_fill(row, &(*aliases)[row]);
	return count;
}

void
versions_drop(int64 state_machine_id)
{
	static StoreQuery drop_aliases = {"DELETE FROM sfn.state_machine_alias WHERE state_machine_id = $1", 1, {INT8OID}};
	static StoreQuery drop_versions = {"DELETE FROM sfn.state_machine_version WHERE state_machine_id = $1",
									   1,
									   {INT8OID}};
	Datum args[1] = {Int64GetDatum(state_machine_id)};

	(void) store_run(&drop_aliases, args, NULL, 0);
	(void) store_run(&drop_versions, args, NULL, 0);
}
