/*
 * tags.c
 *	  Tags of state machines and activities.
 *
 * Each kind of owner has a table of its own; the statements are the same.  The tags
 * go with their owner.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/store.h"
#include "store/tags.h"

/* A statement for each kind of owner, in the order of TagOwnerKind; it ends with the condition on the owner and more. */
#define OF_OWNER(statement, more, ...) \
	{ \
		{statement " FROM sfn.tag WHERE state_machine_id = $1" more, __VA_ARGS__}, \
		{ \
			statement " FROM sfn.activity_tag WHERE activity_id = $1" more, __VA_ARGS__ \
		} \
	}

void
tags_insert(TagOwner owner, const char *tags)
{
#define INSERT(table, id) \
	{ \
		"INSERT INTO " table " (" id ", key, value) SELECT $1, t.key, t.value FROM pg_catalog.json_each_text($2) t" \
		" ON CONFLICT (" id ", key) DO UPDATE SET value = excluded.value", \
			2, \
		{ \
			INT8OID, JSONOID \
		} \
	}
	static StoreQuery queries[] = {INSERT("sfn.tag", "state_machine_id"), INSERT("sfn.activity_tag", "activity_id")};
	Datum args[2] = {Int64GetDatum(owner.id), CStringGetTextDatum(tags)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
}

void
tags_delete(TagOwner owner, const char *keys)
{
	static StoreQuery queries[] =
		OF_OWNER("DELETE", " AND key IN (SELECT pg_catalog.json_array_elements_text($2))", 2, {INT8OID, JSONOID});
	Datum args[2] = {Int64GetDatum(owner.id), CStringGetTextDatum(keys)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
}

char *
tags_as_list(TagOwner owner)
{
	static StoreQuery queries[] =
		OF_OWNER("SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('key', key, 'value', value)"
				 " ORDER BY key), '[]')::text",
				 "", 1, {INT8OID});
	Datum args[1] = {Int64GetDatum(owner.id)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
	return store_text(0, ONLY_COLUMN);
}

int64
tags_count(TagOwner owner)
{
	static StoreQuery queries[] = OF_OWNER("SELECT count(*)", "", 1, {INT8OID});
	Datum args[1] = {Int64GetDatum(owner.id)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}
