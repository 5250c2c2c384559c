/*
 * change_triggers.c
 *	  Who made a trigger that starts executions, in the tables.
 *
 * Notes are written while CREATE TRIGGER runs, half of whose changes nobody sees yet;
 * a statement would show them.  So rows are read and written without one.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "shared/relation_watch.h"
#include "store/change_triggers.h"
#include "store/store.h"

enum
{
	NOTE_TRIGGER = 1,
	NOTE_TABLE,
	NOTE_CREATOR,
	NOTE_COLUMN_COUNT = NOTE_CREATOR
};

/* ---- the trigger ---- */

/* InvalidOid: the extension is not in this database. */
static Oid
start_function(void)
{
	List *name;

	if (!OidIsValid(get_namespace_oid("sfn", true)))
		return InvalidOid;
	name = list_make2(makeString(pstrdup("sfn")), makeString(pstrdup("start_execution_on_change")));
	return LookupFuncName(name, 0, NULL, true);
}

/* *parent: the trigger that it is a clone of, or InvalidOid. */
static bool
read_trigger(Oid trigger, ChangeTriggerRow *row, Oid *parent)
{
	Relation triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;
	bool is_there;
	Oid function = InvalidOid;

	ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	scan = systable_beginscan(triggers, TriggerOidIndexId, true, SnapshotSelf, 1, &key);
	tuple = systable_getnext(scan);
	is_there = HeapTupleIsValid(tuple);
	if (is_there)
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		row->id = trigger;
		row->table = form->tgrelid;
		row->is_clone = OidIsValid(form->tgparentid);
		function = form->tgfoid;
		*parent = form->tgparentid;
	}
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	row->is_ours = is_there && function == start_function();
	return is_there;
}

bool
change_trigger_read(Oid trigger, ChangeTriggerRow *row)
{
	Oid parent;

	return read_trigger(trigger, row, &parent);
}

bool
change_trigger_root(Oid trigger, ChangeTriggerRow *row)
{
	Oid parent = trigger;

	while (OidIsValid(parent))
	{
		if (!read_trigger(parent, row, &parent))
			return false;
	}
	return true;
}

/* ---- notes ---- */

/* The table of notes, its index too; NULL: the extension is not there, or is just being dropped. */
static Relation
open_notes(LOCKMODE lock, Oid *index)
{
	Oid schema = get_namespace_oid("sfn", true);
	Oid table = OidIsValid(schema) ? get_relname_relid("change_trigger", schema) : InvalidOid;

	*index = OidIsValid(table) ? get_relname_relid("change_trigger_pkey", schema) : InvalidOid;
	return OidIsValid(*index) ? try_table_open(table, lock) : NULL;
}

static SysScanDesc
scan_notes(Relation notes, Oid index, Oid trigger)
{
	ScanKeyData key;

	ScanKeyInit(&key, NOTE_TRIGGER, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	return systable_beginscan(notes, index, true, SnapshotSelf, 1, &key);
}

static void
delete_note(Relation notes, Oid index, Oid trigger)
{
	SysScanDesc scan = scan_notes(notes, index, trigger);
	HeapTuple tuple = systable_getnext(scan);

	if (HeapTupleIsValid(tuple))
	{
		CatalogTupleDelete(notes, &tuple->t_self);
		CacheInvalidateRelcache(notes);
	}
	systable_endscan(scan);
}

void
change_trigger_note(const ChangeTriggerRow *trigger, Oid creator)
{
	Oid index;
	Relation notes = open_notes(RowExclusiveLock, &index);
	Datum values[NOTE_COLUMN_COUNT] = {ObjectIdGetDatum(trigger->id), ObjectIdGetDatum(trigger->table),
									   ObjectIdGetDatum(creator)};
	bool nulls[NOTE_COLUMN_COUNT] = {false};

	if (notes == NULL)
		return;
	delete_note(notes, index, trigger->id);
	CatalogTupleInsert(notes, heap_form_tuple(RelationGetDescr(notes), values, nulls));
	CacheInvalidateRelcache(notes);
	table_close(notes, NoLock);
}

void
change_trigger_forget(Oid trigger)
{
	Oid index;
	Relation notes = open_notes(RowExclusiveLock, &index);

	if (notes == NULL)
		return;
	delete_note(notes, index, trigger);
	table_close(notes, NoLock);
}

/* A note for another table is of another trigger, whose number has come up again. */
static Oid
read_creator(Relation notes, Oid index, const ChangeTriggerRow *trigger)
{
	SysScanDesc scan = scan_notes(notes, index, trigger->id);
	HeapTuple tuple = systable_getnext(scan);
	Oid creator = InvalidOid;
	bool is_null;

	if (HeapTupleIsValid(tuple) &&
		DatumGetObjectId(fastgetattr(tuple, NOTE_TABLE, RelationGetDescr(notes), &is_null)) == trigger->table)
		creator = DatumGetObjectId(fastgetattr(tuple, NOTE_CREATOR, RelationGetDescr(notes), &is_null));
	systable_endscan(scan);
	return creator;
}

/* ---- what is known of them ---- */

typedef struct KnownCreator
{
	Oid trigger;
	Oid creator;
} KnownCreator;

static HTAB *known_creators; /* in CacheMemoryContext; emptied when any note changes */
static RelationWatch watch;

static void
begin_known_creators(Oid notes)
{
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(KnownCreator), .hcxt = CacheMemoryContext};

	if (known_creators != NULL)
		hash_destroy(known_creators);
	known_creators = hash_create("sfn change triggers", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	relation_watch(&watch, notes);
}

Oid
change_trigger_creator(Oid trigger)
{
	KnownCreator *known = watch.is_current ? hash_search(known_creators, &trigger, HASH_FIND, NULL) : NULL;
	ChangeTriggerRow root;
	Relation notes;
	Oid index;
	Oid creator = InvalidOid;

	if (known != NULL)
		return known->creator;
	notes = open_notes(AccessShareLock, &index);
	if (notes == NULL)
		return InvalidOid;
	if (!watch.is_current)
		begin_known_creators(RelationGetRelid(notes));
	if (change_trigger_root(trigger, &root))
		creator = read_creator(notes, index, &root);
	table_close(notes, AccessShareLock);
	if (watch.is_current) /* and nothing has changed meanwhile */
	{
		known = hash_search(known_creators, &trigger, HASH_ENTER, NULL);
		known->creator = creator;
	}
	return creator;
}

/* ---- those of a machine ---- */

#define ARGUMENT_TEXT(value) \
	"pg_catalog.encode(pg_catalog.convert_to(" value ", pg_catalog.getdatabaseencoding()), 'escape')"

char *
change_triggers_naming(const char *name, const char *arn)
{
	static StoreQuery query = {
		"SELECT pg_catalog.string_agg(pg_catalog.format('%s (%I)', t.tgrelid::pg_catalog.regclass, t.tgname), ', '"
		" ORDER BY t.tgrelid::pg_catalog.regclass::pg_catalog.text, t.tgname)"
		" FROM pg_catalog.pg_trigger t,"
		" pg_catalog.split_part(pg_catalog.encode(t.tgargs, 'escape'), $4, 1) argument"
		" WHERE t.tgfoid = $1 AND t.tgparentid = 0 AND (argument IN (" ARGUMENT_TEXT("$2") ", " ARGUMENT_TEXT(
			"$3") ") OR pg_catalog.starts_with(argument, " ARGUMENT_TEXT("$2") " || ':')"
																			   " OR pg_catalog.starts_with(argument, " ARGUMENT_TEXT(
																				   "$3") " || ':'))",
		4,
		{OIDOID, TEXTOID, TEXTOID, TEXTOID},
		.scans = true};
	Datum args[4] = {ObjectIdGetDatum(start_function()), CStringGetTextDatum(name), CStringGetTextDatum(arn),
					 CStringGetTextDatum("\\000")};

	(void) store_run(&query, args, NULL, 0);
	return store_text(0, ONLY_COLUMN);
}
