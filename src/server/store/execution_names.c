/*
 * execution_names.c
 *	  What new executions are called, and how a name is looked up.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

#include "aws/generated_name.h"
#include "settings/guc.h"
#include "store/execution_names.h"
#include "store/store.h"

/* ---- new ones ---- */

/* Says no to whom the INSERT would for which the id is. */
int64
execution_new_id(void)
{
	store_refuse_standby();
	PreventCommandIfReadOnly("INSERT");
	PreventCommandIfParallelMode("INSERT");
	return nextval_internal(get_relname_relid("execution_id_seq", get_namespace_oid("sfn", false)), false);
}

void
new_name_make(NewName *name, const char *chosen, bool is_express)
{
	int shard = sfn_shard_id >= 0 ? sfn_shard_id : GENERATED_NAME_NO_SHARD;

	name->id = execution_new_id();
	name->is_chosen = chosen != NULL;
	name->is_express = is_express;
	if (chosen != NULL)
		name->name = pstrdup(chosen);
	else /* names must differ, which the id sees to, not be secret */
		name->name = generated_name(shard, name->id, pg_prng_uint64(&pg_global_prng_state));
	if (is_express)
		name->express_id = *DatumGetUUIDP(DirectFunctionCall1(gen_random_uuid, (Datum) 0));
}

char *
new_name_stored(const NewName *name)
{
	if (!name->is_express)
		return name->name;
	return psprintf("%s:%s", name->name,
					DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&name->express_id))));
}

/* ---- looking up ---- */

/* A name that looks like one of ours may be a chosen one, or of another machine: the row has to have all of it. */
static bool
is_name_of(int64 id, const char *machine_name, const char *stored_name)
{
	static StoreQuery query = {"SELECT FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
							   " WHERE e.id = $1 AND m.name = $2 AND " STORED_NAME " = $3",
							   3,
							   {INT8OID, TEXTOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), CStringGetTextDatum(machine_name), CStringGetTextDatum(stored_name)};

	return store_run(&query, args, NULL, 1) == 1;
}

int64
execution_id_by_name(const char *machine_name, const char *stored_name)
{
	static StoreQuery query = {"SELECT e.id FROM sfn.state_machine m JOIN sfn.execution e ON e.state_machine_id = m.id"
							   " WHERE m.name = $1 AND e.is_named AND e.name = $2 AND " STORED_NAME " = $3"
							   " ORDER BY m.id DESC LIMIT 1",
							   3,
							   {TEXTOID, TEXTOID, TEXTOID}};
	char *name = pnstrdup(stored_name, strcspn(stored_name, ":"));
	Datum args[3] = {CStringGetTextDatum(machine_name), CStringGetTextDatum(name), CStringGetTextDatum(stored_name)};
	int shard;
	int64 id;

	if (generated_name_parse(name, &shard, &id) && is_name_of(id, machine_name, stored_name))
		return id;
	return store_run(&query, args, NULL, 0) == 1 ? store_int64(0, ONLY_COLUMN) : 0;
}

#define SEEN_BY(viewer) "sfn_internal.may_see_execution(coalesce(m.map_of, m.id), m.role::oid, e.starter, " viewer ")"

int
execution_ids_by_name(const char *machine_name, const char *stored_name, Oid viewer, int64 **ids)
{
	static StoreQuery by_id = {"SELECT e.id FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
							   " WHERE e.id = $4 AND NOT e.is_named AND m.name = $1 AND " STORED_NAME " = $2"
							   " AND " SEEN_BY("$3"),
							   4,
							   {TEXTOID, TEXTOID, OIDOID, INT8OID}};
	static StoreQuery by_name = {"SELECT e.id FROM sfn.state_machine m JOIN sfn.execution e"
								 " ON e.state_machine_id = m.id WHERE m.name = $1 AND e.is_named AND e.name = $4"
								 " AND " STORED_NAME " = $2 AND " SEEN_BY("$3") " ORDER BY m.id DESC",
								 4,
								 {TEXTOID, TEXTOID, OIDOID, TEXTOID}};
	char *name = pnstrdup(stored_name, strcspn(stored_name, ":"));
	Datum args[4] = {CStringGetTextDatum(machine_name), CStringGetTextDatum(stored_name), ObjectIdGetDatum(viewer)};
	bool is_ours = false;
	int shard;
	int64 id;
	int count;

	if (generated_name_parse(name, &shard, &id))
	{
		args[3] = Int64GetDatum(id);
		is_ours = store_run(&by_id, args, NULL, 1) == 1;
	}
	args[3] = CStringGetTextDatum(name);
	count = (int) store_run(&by_name, args, NULL, 0);
	*ids = palloc(sizeof(int64) * (count + 1));
	store_int64s(*ids, count);
	if (is_ours)
		(*ids)[count++] = id;
	return count;
}
