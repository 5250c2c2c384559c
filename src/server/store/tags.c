/*
 * tags.c
 *	  Tags of state machines, activities, event buses, rules and groups of schedules.
 *
 * Each kind of owner has a table of its own; the statements are the same.  The tags
 * go with their owner.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/store.h"
#include "store/tags.h"

/* A statement for each kind of owner, in the order of TagOwnerKind. */
#define OF_OWNERS(of) \
	{ \
		of("sfn.tag", "state_machine_id"), of("sfn.activity_tag", "activity_id"), of("sfn.event_bus_tag", "bus_id"), \
			of("sfn.event_rule_tag", "rule_id"), of("sfn.schedule_group_tag", "group_id") \
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
	static StoreQuery queries[] = OF_OWNERS(INSERT);
	Datum args[2] = {Int64GetDatum(owner.id), CStringGetTextDatum(tags)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
}

void
tags_delete(TagOwner owner, const char *keys)
{
#define DELETE(table, id) \
	{ \
		"DELETE FROM " table " WHERE " id " = $1 AND key IN (SELECT pg_catalog.json_array_elements_text($2))", 2, \
		{ \
			INT8OID, JSONOID \
		} \
	}
	static StoreQuery queries[] = OF_OWNERS(DELETE);
	Datum args[2] = {Int64GetDatum(owner.id), CStringGetTextDatum(keys)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
}

char *
tags_as_list(TagOwner owner)
{
#define AS_LIST(table, id) \
	{ \
		"SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('key', key, 'value', value) ORDER BY key)," \
		" '[]')::text FROM " table " WHERE " id " = $1", \
			1, \
		{ \
			INT8OID \
		} \
	}
	static StoreQuery queries[] = OF_OWNERS(AS_LIST);
	Datum args[1] = {Int64GetDatum(owner.id)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
	return store_text(0, ONLY_COLUMN);
}

int64
tags_count(TagOwner owner)
{
#define COUNT(table, id) \
	{ \
		"SELECT count(*) FROM " table " WHERE " id " = $1", 1, \
		{ \
			INT8OID \
		} \
	}
	static StoreQuery queries[] = OF_OWNERS(COUNT);
	Datum args[1] = {Int64GetDatum(owner.id)};

	(void) store_run(&queries[owner.kind], args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}
