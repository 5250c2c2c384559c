/*
 * instance.c
 *	  Which database the stored executions belong to.
 *
 * The one row of sfn.instance names the cluster (its system identifier) and the
 * database (its oid) in which the executions may run.  It is written together with
 * the first state machine, not by CREATE EXTENSION: so a dump restored into a
 * fresh database brings the row of its origin, which differs, and stays paused.
 * While the row is missing but something is stored, a restore is under way.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "settings/guc.h"
#include "store/instance.h"
#include "store/owners.h"
#include "store/roles.h"
#include "store/store.h"
#include "store/taken_ids.h"

static void instance_write(StoreQuery *query);

enum
{
	INSTANCE_IS_THIS = 1,
	INSTANCE_HAS_CONTENT
};

/*
 * Whose executions are these?  One statement, so that it cannot see the tables
 * before and after a first state machine was committed.
 */
InstanceState
instance_check(void)
{
	static StoreQuery query = {"SELECT (SELECT system_identifier = $1 AND database_oid = $2 FROM sfn.instance),"
							   " EXISTS (SELECT FROM sfn.state_machine_revision) OR EXISTS (SELECT FROM sfn.execution)"
							   " OR EXISTS (SELECT FROM sfn.inbox)",
							   2,
							   {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum((int64) GetSystemIdentifier()), ObjectIdGetDatum(MyDatabaseId)};
	InstanceState state;
	StoreScope scope;

	store_enter(&scope);
	(void) store_run(&query, args, NULL, 0);
	if (!store_is_null(0, INSTANCE_IS_THIS))
		state = store_bool(0, INSTANCE_IS_THIS) ? INSTANCE_OURS : INSTANCE_FOREIGN;
	else
		state = store_bool(0, INSTANCE_HAS_CONTENT) ? INSTANCE_FOREIGN : INSTANCE_UNCLAIMED;
	store_leave(&scope);
	return state;
}

/* Makes an unused database ours; leaves a claimed or restored one as it is. */
void
instance_claim_if_empty(void)
{
	static StoreQuery query =
		{"INSERT INTO sfn.instance (system_identifier, database_oid) SELECT $1, $2"
		 " WHERE NOT EXISTS (SELECT FROM sfn.state_machine_revision) AND NOT EXISTS (SELECT FROM sfn.execution)"
		 " ON CONFLICT DO NOTHING",
		 2,
		 {INT8OID, OIDOID}};

	instance_write(&query);
}

/* A subscription that writes into our tables makes them somebody else's still. */
static void
refuse_subscriber(void)
{
	static StoreQuery query =
		{"SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_subscription_rel r"
		 " ON r.srsubid = s.oid JOIN pg_catalog.pg_class c ON c.oid = r.srrelid"
		 " WHERE c.relnamespace = 'sfn'::regnamespace LIMIT 1",
		 0};

	if (store_run(&query, NULL, NULL, 1) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("subscription \"%s\" feeds the tables of sfn", store_text(0, ONLY_COLUMN)),
				 errhint("Drop the subscription first; its executions still run where they come from.")));
}

/* Ids that came with the rows, and not from here, are not given again. */
static void
advance_sequences(void)
{
	static StoreQuery query = {"SELECT pg_catalog.setval(t.sequence, max(t.taken)) FROM " TAKEN_IDS
							   " t (sequence, taken) WHERE " IS_BEHIND("t") " GROUP BY t.sequence",
							   0};

	(void) store_run(&query, NULL, NULL, 0);
}

/* Makes whatever is stored ours, under a new instance id. */
void
instance_adopt(void)
{
	static StoreQuery query =
		{"INSERT INTO sfn.instance (system_identifier, database_oid) VALUES ($1, $2)"
		 " ON CONFLICT (is_only) DO UPDATE SET system_identifier = excluded.system_identifier,"
		 " database_oid = excluded.database_oid, instance_id = excluded.instance_id, adopted_at = excluded.adopted_at",
		 2,
		 {INT8OID, OIDOID}};

	StoreScope scope;

	store_enter(&scope);
	store_refuse_standby();
	refuse_subscriber();
	advance_sequences();
	roles_resolve();
	owners_note_all();
	store_leave(&scope);
	instance_write(&query);
}

/*
 * A setting as it stands for workers that begin now, NULL where it is not set for database or role.  They connect as the
 * bootstrap superuser; the more special setting counts, as when a session begins.
 */
static char *
setting_of_workers(const char *name)
{
	static StoreQuery query = {"SELECT split_part(s.setting, '=', 2) FROM pg_db_role_setting d,"
							   " unnest(d.setconfig) AS s (setting)"
							   " WHERE d.setdatabase IN (0, $1) AND d.setrole IN (0, $2)"
							   " AND lower(split_part(s.setting, '=', 1)) = $3"
							   " ORDER BY d.setrole = 0, d.setdatabase = 0 LIMIT 1",
							   3,
							   {OIDOID, OIDOID, TEXTOID}};
	Datum args[3] = {ObjectIdGetDatum(MyDatabaseId), ObjectIdGetDatum(BOOTSTRAP_SUPERUSERID),
					 CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 1) > 0 ? store_text(0, ONLY_COLUMN) : NULL;
}

bool
instance_has_workers(bool enabled_for_server)
{
	StoreScope scope;
	char *setting;
	bool result = enabled_for_server;

	store_enter(&scope);
	setting = setting_of_workers("sfn.enabled");
	if (setting != NULL)
		(void) parse_bool(setting, &result);
	store_leave(&scope);
	return result;
}

bool
instance_has_own_schedules(void)
{
	char *setting = setting_of_workers("sfn.schedule_driver");

	return strcmp(setting != NULL ? setting : sfn_schedule_driver, SCHEDULE_DRIVER_OWN) == 0;
}

static void
instance_write(StoreQuery *query)
{
	Datum args[2] = {Int64GetDatum((int64) GetSystemIdentifier()), ObjectIdGetDatum(MyDatabaseId)};
	StoreScope scope;

	store_enter(&scope);
	(void) store_run(query, args, NULL, 0);
	store_leave(&scope);
}
