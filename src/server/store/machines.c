/*
 * machines.c
 *	  State machines and their revisions in the tables.
 *
 * A machine row names its current revision; revisions are never changed.  A
 * deleted machine keeps its row until the last of its executions is pruned.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "store/machines.h"
#include "store/store.h"
#include "store/versions.h"
#include "json/json_value.h"

#define MACHINE_COLUMNS \
	"m.id, m.name, m.type, m.status, m.role::pg_catalog.oid, m.creator::pg_catalog.oid, m.revision_id," \
	" m.creation_date, m.update_date, coalesce(m.map_of, 0)"
enum
{
	MACHINE_ID = 1,
	MACHINE_NAME,
	MACHINE_TYPE,
	MACHINE_STATUS,
	MACHINE_ROLE,
	MACHINE_CREATOR,
	MACHINE_REVISION_ID,
	MACHINE_CREATION_DATE,
	MACHINE_UPDATE_DATE,
	MACHINE_MAP_OF
};

static void share_priority(int64 machine_id, const char *priority);
static void revision_insert(RevisionRow *revision);
static MachineRow *machine_row(uint64 row);

Oid
machine_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("state_machine", schema) : InvalidOid;
}

/* For all backends when this transaction commits, for this one at once. */
void
machines_changed(void)
{
	CacheInvalidateRelcacheByRelid(machine_table());
}

Oid
revision_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("state_machine_revision", schema) : InvalidOid;
}

void
revisions_changed(void)
{
	CacheInvalidateRelcacheByRelid(revision_table());
}

MachineRow *
machine_by_name(const char *name)
{
	static StoreQuery query =
		{"SELECT " MACHINE_COLUMNS
		 " FROM sfn.state_machine m WHERE m.name = $1 AND m.status <> 'DELETED' AND m.map_of IS NULL",
		 1,
		 {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) == 1 ? machine_row(0) : NULL;
}

MachineRow *
machine_by_id(int64 id)
{
	static StoreQuery query = {"SELECT " MACHINE_COLUMNS " FROM sfn.state_machine m WHERE m.id = $1", 1, {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 0) == 1 ? machine_row(0) : NULL;
}

int
machine_list(Oid role, const char *after, int max, MachineRow ***machines)
{
	static StoreQuery query = {"SELECT " MACHINE_COLUMNS " FROM sfn.state_machine m"
							   " WHERE m.status <> 'DELETED' AND m.map_of IS NULL AND ($2 IS NULL OR m.name > $2)"
							   " AND sfn_internal.may_see(m.id, m.role::pg_catalog.oid, $1)"
							   " ORDER BY m.name LIMIT $3",
							   3,
							   {OIDOID, TEXTOID, INT4OID},
							   .scans = true};
	Datum args[3] = {ObjectIdGetDatum(role), after != NULL ? CStringGetTextDatum(after) : (Datum) 0,
					 Int32GetDatum(max)};
	char nulls[4] = "   ";
	int count;

	nulls[1] = after != NULL ? ' ' : 'n';
	count = (int) store_run(&query, args, nulls, 0);
	*machines = palloc(sizeof(MachineRow *) * Max(count, 1));
	for (int i = 0; i < count; i++)
		(*machines)[i] = machine_row((uint64) i);
	return count;
}

static MachineRow *
machine_row(uint64 row)
{
	MachineRow *machine = palloc0(sizeof(MachineRow));

	machine->id = store_int64(row, MACHINE_ID);
	machine->name = store_text(row, MACHINE_NAME);
	machine->is_express = strcmp(store_text(row, MACHINE_TYPE), "EXPRESS") == 0;
	machine->status = store_text(row, MACHINE_STATUS);
	machine->role = store_oid(row, MACHINE_ROLE);
	machine->creator = store_oid(row, MACHINE_CREATOR);
	machine->revision_id = store_int64(row, MACHINE_REVISION_ID);
	machine->creation_date = store_timestamp(row, MACHINE_CREATION_DATE);
	machine->update_date = store_timestamp(row, MACHINE_UPDATE_DATE);
	machine->map_of = store_int64(row, MACHINE_MAP_OF);
	return machine;
}

enum
{
	REVISION_ID = 1,
	REVISION_STATE_MACHINE_ID,
	REVISION_MACHINE_NAME,
	REVISION_MACHINE_TYPE,
	REVISION_UUID,
	REVISION_DEFINITION,
	REVISION_ROLE,
	REVISION_ROLE_ARN,
	REVISION_CREATION_DATE,
	REVISION_SETTINGS /* and so on, one for each */
};

enum
{
	SHARE_ROLE = 1,
	SHARE_PRIORITY
};

bool
revision_share(int64 id, Oid *role, int *priority)
{
	static StoreQuery query = {"SELECT r.role::pg_catalog.oid, coalesce(r.priority, " CppAsString2(
								   DEFAULT_PRIORITY) ") FROM sfn.state_machine_revision r WHERE r.id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	*role = store_oid(0, SHARE_ROLE);
	*priority = store_int32(0, SHARE_PRIORITY);
	return true;
}

RevisionRow *
revision_by_id(int64 id)
{
	static StoreQuery query =
		{"SELECT r.id, r.state_machine_id, m.name, m.type, r.revision_id::text, r.definition,"
		 " r.role::pg_catalog.oid, r.role_arn, r.creation_date" MACHINE_SETTING_ROWS(
			 SETTING_AS_TEXT) " FROM sfn.state_machine_revision r JOIN sfn.state_machine m ON m.id = r.state_machine_id"
							  " WHERE r.id = $1",
		 1,
		 {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};
	RevisionRow *revision;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;

	revision = palloc0(sizeof(RevisionRow));
	revision->id = store_int64(0, REVISION_ID);
	revision->state_machine_id = store_int64(0, REVISION_STATE_MACHINE_ID);
	revision->machine_name = store_text(0, REVISION_MACHINE_NAME);
	revision->is_express = strcmp(store_text(0, REVISION_MACHINE_TYPE), "EXPRESS") == 0;
	revision->revision_uuid = store_text(0, REVISION_UUID);
	revision->definition = store_text(0, REVISION_DEFINITION);
	revision->role = store_oid(0, REVISION_ROLE);
	revision->role_arn = store_text(0, REVISION_ROLE_ARN);
	revision->creation_date = store_timestamp(0, REVISION_CREATION_DATE);
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		revision->settings[i] = store_text(0, REVISION_SETTINGS + i);
	return revision;
}

bool
revision_is_first(int64 state_machine_id, int64 revision_id)
{
	static StoreQuery query = {"SELECT FROM sfn.state_machine_revision WHERE state_machine_id = $1 AND id < $2 LIMIT 1",
							   2,
							   {INT8OID, INT8OID}};
	Datum args[2] = {Int64GetDatum(state_machine_id), Int64GetDatum(revision_id)};

	return store_run(&query, args, NULL, 1) == 0;
}

enum
{
	INSERTED_ID = 1,
	INSERTED_REVISION_ID
};

bool
machine_insert(MachineRow *machine, RevisionRow *revision)
{
	static StoreQuery query =
		{"INSERT INTO sfn.state_machine (id, name, type, role, creator, revision_id, creation_date, map_of)"
		 " OVERRIDING SYSTEM VALUE SELECT i.id, $1, $2, $3::pg_catalog.regrole, $4::pg_catalog.regrole,"
		 " pg_catalog.nextval('sfn.state_machine_revision_id_seq'), $5, CASE WHEN $6 THEN i.id END"
		 " FROM (SELECT pg_catalog.nextval('sfn.state_machine_id_seq') AS id OFFSET 0) i"
		 " ON CONFLICT (name) WHERE status <> 'DELETED' DO NOTHING RETURNING id, revision_id",
		 6,
		 {TEXTOID, TEXTOID, OIDOID, OIDOID, TIMESTAMPTZOID, BOOLOID}};
	Datum args[6] = {CStringGetTextDatum(machine->name),
					 CStringGetTextDatum(machine->is_express ? "EXPRESS" : "STANDARD"),
					 ObjectIdGetDatum(machine->role),
					 ObjectIdGetDatum(machine->creator),
					 TimestampTzGetDatum(machine->creation_date),
					 BoolGetDatum(machine->is_hidden)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	machine->id = store_int64(0, INSERTED_ID);
	machine->revision_id = store_int64(0, INSERTED_REVISION_ID);
	machine->status = "ACTIVE";
	revision->id = machine->revision_id;
	revision->state_machine_id = machine->id;
	revision_insert(revision);
	machines_changed();
	return true;
}

void
machine_lock(MachineRow *machine)
{
	static StoreQuery query = {"SELECT " MACHINE_COLUMNS " FROM sfn.state_machine m WHERE m.id = $1 FOR NO KEY UPDATE",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(machine->id)};

	if (store_run(&query, args, NULL, 0) != 1)
		elog(ERROR, "state machine \"%s\" is gone", machine->name);
	*machine = *machine_row(0);
}

Oid
machine_role_now(const MachineRow *machine)
{
	static StoreQuery query = {"SELECT role::pg_catalog.oid FROM sfn.state_machine WHERE id = $1",
							   1,
							   {INT8OID},
							   .sees_latest = true};
	Datum args[1] = {Int64GetDatum(machine->id)};

	if (!IsolationUsesXactSnapshot())
		return machine->role;
	return store_run(&query, args, NULL, 0) == 1 ? store_oid(0, ONLY_COLUMN) : InvalidOid;
}

void
machine_add_revision(MachineRow *machine, RevisionRow *revision, TimestampTz update_date)
{
	static StoreQuery query =
		{"UPDATE sfn.state_machine SET revision_id = pg_catalog.nextval('sfn.state_machine_revision_id_seq'),"
		 " role = $2::pg_catalog.regrole, update_date = $3 WHERE id = $1 RETURNING revision_id",
		 3,
		 {INT8OID, OIDOID, TIMESTAMPTZOID}};
	static StoreQuery maps = {"UPDATE sfn.state_machine SET role = $2::pg_catalog.regrole"
							  " WHERE map_of = $1 AND role <> $2::pg_catalog.regrole",
							  2,
							  {INT8OID, OIDOID}};
	Datum args[3] = {Int64GetDatum(machine->id), ObjectIdGetDatum(revision->role), TimestampTzGetDatum(update_date)};

	(void) store_run(&maps, args, NULL, 0);
	if (store_run(&query, args, NULL, 0) != 1)
		elog(ERROR, "state machine \"%s\" is gone", machine->name);
	machine->revision_id = store_int64(0, ONLY_COLUMN);
	machine->role = revision->role;
	machine->update_date = update_date;
	revision->id = machine->revision_id;
	revision->state_machine_id = machine->id;
	revision_insert(revision);
	share_priority(machine->id, revision->settings[SETTING_PRIORITY]);
	machines_changed();
}

/* Executors go by the machine, whichever of its revisions they run: all have the priority of the newest, and so have those of its maps. */
static void
share_priority(int64 machine_id, const char *priority)
{
	static StoreQuery query = {"UPDATE sfn.state_machine_revision SET priority = $2 WHERE state_machine_id = ANY"
							   " (ARRAY(SELECT $1 UNION ALL SELECT m.id FROM sfn.state_machine m WHERE m.map_of = $1))"
							   " AND priority IS DISTINCT FROM $2",
							   2,
							   {INT8OID, INT4OID}};
	Datum args[2] = {Int64GetDatum(machine_id), Int32GetDatum(priority != NULL ? atoi(priority) : 0)};

	if (store_run(&query, args, priority != NULL ? NULL : " n", 0) > 0)
		revisions_changed();
}

/* The settings as an object of texts, from which the statement takes each for its column. */
static char *
settings_object(const RevisionRow *revision)
{
#define SETTING_NAME(id, column, type, member, by, privilege) [SETTING_##id] = #column,
	static const char *const columns[] = {MACHINE_SETTING_ROWS(SETTING_NAME)};
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (revision->settings[i] != NULL)
			jv_object_add(&object, columns[i], jv_string(revision->settings[i]));
	return jv_to_text(jv_object_end(&object));
}

/* The id is taken from the sequence already, because the machine's row names it. */
static void
revision_insert(RevisionRow *revision)
{
	static StoreQuery query =
		{"INSERT INTO sfn.state_machine_revision"
		 " (id, state_machine_id, definition, role, role_arn, creation_date" MACHINE_SETTING_ROWS(
			 SETTING_COLUMN) ")"
							 " OVERRIDING SYSTEM VALUE"
							 " VALUES ($1, $2, $3, $4::pg_catalog.regrole, $5, $6" MACHINE_SETTING_ROWS(
								 SETTING_FROM_OBJECT) ")"
													  " RETURNING revision_id::text",
		 7,
		 {INT8OID, INT8OID, TEXTOID, OIDOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}};
	Datum args[7] = {Int64GetDatum(revision->id),
					 Int64GetDatum(revision->state_machine_id),
					 CStringGetTextDatum(revision->definition),
					 ObjectIdGetDatum(revision->role),
					 CStringGetTextDatum(revision->role_arn),
					 TimestampTzGetDatum(revision->creation_date),
					 CStringGetTextDatum(settings_object(revision))};

	(void) store_run(&query, args, NULL, 0);
	revision->revision_uuid = store_text(0, ONLY_COLUMN);
}

void
machine_touch(int64 id, TimestampTz update_date)
{
	static StoreQuery query = {"UPDATE sfn.state_machine SET update_date = $2 WHERE id = $1",
							   2,
							   {INT8OID, TIMESTAMPTZOID}};
	Datum args[2] = {Int64GetDatum(id), TimestampTzGetDatum(update_date)};

	(void) store_run(&query, args, NULL, 0);
}

void
machine_set_status(int64 id, const char *status)
{
	static StoreQuery query = {"UPDATE sfn.state_machine SET status = $2 WHERE id = $1 OR map_of = $1",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(id), CStringGetTextDatum(status)};

	(void) store_run(&query, args, NULL, 0);
	versions_drop(id);
	machines_changed();
}

/* ---- for statistics ---- */

/* The ids in the last result. */
static int
take_ids(int64 *ids, uint64 rows)
{
	store_int64s(ids, rows);
	return (int) rows;
}

int
machines_seen_by(Oid role, int64 **ids)
{
	static StoreQuery query = {"SELECT m.id FROM sfn.state_machine m WHERE m.status <> 'DELETED'"
							   " AND ($1 = 0::pg_catalog.oid"
							   " OR sfn_internal.may_see(coalesce(m.map_of, m.id), m.role::pg_catalog.oid, $1))",
							   1,
							   {OIDOID}};
	Datum args[1] = {ObjectIdGetDatum(role)};
	uint64 rows = store_run(&query, args, NULL, 0);

	*ids = palloc(sizeof(int64) * (rows + 1));
	return take_ids(*ids, rows);
}

int
machines_that_are_deleted(int64 *ids, int count)
{
	static StoreQuery query = {"SELECT id FROM sfn.state_machine WHERE id = ANY ($1) AND status = 'DELETED'",
							   1,
							   {INT8ARRAYOID}};
	Datum *datums = palloc(sizeof(Datum) * (count + 1));
	Datum args[1];

	for (int i = 0; i < count; i++)
		datums[i] = Int64GetDatum(ids[i]);
	args[0] = PointerGetDatum(construct_array(datums, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	return take_ids(ids, store_run(&query, args, NULL, 0));
}
