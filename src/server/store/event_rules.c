/*
 * event_rules.c
 *	  Event buses, rules, their targets, and what could not be delivered, in the tables.
 *
 * The default bus has no row.  Every process keeps the rules compiled
 * (actions/event_rule_cache.c), so a change of any of these tables is announced as a
 * relcache invalidation of sfn.event_rule.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "settings/clock.h"
#include "shared/wakeup.h"
#include "store/event_rules.h"
#include "store/store.h"

/* ---- the cache of others ---- */

Oid
rule_table(void)
{
	Oid schema = get_namespace_oid("sfn", true);

	return OidIsValid(schema) ? get_relname_relid("event_rule", schema) : InvalidOid;
}

void
rules_changed(void)
{
	CacheInvalidateRelcacheByRelid(rule_table());
}

/* ---- buses ---- */

const char *
bus_privilege_name(BusPrivilege privilege)
{
	static const char *const names[] = {[BUS_PUT] = "put", [BUS_SUBSCRIBE] = "subscribe", [BUS_PUT_AWS] = "put_aws"};

	return names[privilege];
}

enum
{
	BUS_ID = 1,
	BUS_OWNER
};

BusRow *
bus_by_name(const char *name)
{
	static StoreQuery query = {"SELECT id, owner::pg_catalog.oid FROM sfn.event_bus WHERE name = $1 FOR KEY SHARE",
							   1,
							   {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	BusRow *bus = palloc0(sizeof(BusRow));

	bus->name = pstrdup(name);
	if (strcmp(name, DEFAULT_BUS) == 0)
		return bus;
	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	bus->id = store_int64(0, BUS_ID);
	bus->owner = store_oid(0, BUS_OWNER);
	return bus;
}

bool
bus_insert(const char *name, Oid owner, const char *description)
{
	static StoreQuery query = {"INSERT INTO sfn.event_bus (name, owner, description, creation_date)"
							   " VALUES ($1, $2::pg_catalog.regrole, $3, $4) ON CONFLICT (name) DO NOTHING",
							   4,
							   {TEXTOID, OIDOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[5] = "    ";
	Datum args[4] = {CStringGetTextDatum(name), ObjectIdGetDatum(owner), store_text_or_null(description, &nulls[2]),
					 TimestampTzGetDatum(sfn_now())};

	return store_run(&query, args, nulls, 0) == 1;
}

bool
bus_has_rules(int64 id)
{
	static StoreQuery query = {"SELECT FROM sfn.event_rule WHERE bus_id = $1", 1, {INT8OID}, .sees_latest = true};
	Datum args[1] = {Int64GetDatum(id)};

	return store_run(&query, args, NULL, 1) == 1;
}

void
bus_delete(int64 id)
{
	static StoreQuery query = {"WITH grants AS (DELETE FROM sfn.event_bus_grant WHERE bus_id = $1)"
							   " DELETE FROM sfn.event_bus WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	rules_changed();
}

void
bus_grant(int64 id, Oid role, BusPrivilege privilege)
{
	static StoreQuery query = {"INSERT INTO sfn.event_bus_grant (bus_id, grantee, privilege)"
							   " VALUES ($1, $2::pg_catalog.regrole, $3) ON CONFLICT DO NOTHING",
							   3,
							   {INT8OID, OIDOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), ObjectIdGetDatum(role), CStringGetTextDatum(bus_privilege_name(privilege))};

	(void) store_run(&query, args, NULL, 0);
}

int64
bus_revoke(int64 id, Oid role, BusPrivilege privilege)
{
	static StoreQuery query = {"DELETE FROM sfn.event_bus_grant"
							   " WHERE bus_id = $1 AND grantee = $2::pg_catalog.regrole AND privilege = $3",
							   3,
							   {INT8OID, OIDOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), ObjectIdGetDatum(role), CStringGetTextDatum(bus_privilege_name(privilege))};

	return (int64) store_run(&query, args, NULL, 0);
}

bool
bus_is_granted(int64 id, Oid role, BusPrivilege privilege)
{
	static StoreQuery query = {"SELECT FROM sfn.event_bus_grant WHERE bus_id = $1 AND privilege = $3"
							   " AND pg_catalog.pg_has_role($2, grantee::pg_catalog.oid, 'USAGE')",
							   3,
							   {INT8OID, OIDOID, TEXTOID}};
	Datum args[3] = {Int64GetDatum(id), ObjectIdGetDatum(role), CStringGetTextDatum(bus_privilege_name(privilege))};

	return store_run(&query, args, NULL, 1) == 1;
}

/* ---- rules ---- */

bool
rule_insert(RuleRow *rule)
{
	static StoreQuery query =
		{"INSERT INTO sfn.event_rule (bus_id, name, owner, pattern, is_enabled, description, creation_date)"
		 " VALUES ($1, $2, $3::pg_catalog.regrole, $4, $5, $6, $7) ON CONFLICT (bus_id, name) DO NOTHING RETURNING id",
		 7,
		 {INT8OID, TEXTOID, OIDOID, JSONOID, BOOLOID, TEXTOID, TIMESTAMPTZOID}};
	char nulls[8] = "       ";
	Datum args[7] = {Int64GetDatum(rule->bus_id),    CStringGetTextDatum(rule->name),
					 ObjectIdGetDatum(rule->owner),  CStringGetTextDatum(rule->pattern),
					 BoolGetDatum(rule->is_enabled), store_text_or_null(rule->description, &nulls[5]),
					 TimestampTzGetDatum(sfn_now())};

	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	rule->id = store_int64(0, ONLY_COLUMN);
	rules_changed();
	return true;
}

#define RULE_COLUMNS \
	"r.id, r.bus_id, coalesce(b.name, 'default'), r.name, r.owner::pg_catalog.oid, r.pattern, r.is_enabled, r.description"
#define RULES "sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id = r.bus_id"
enum
{
	RULE_ID = 1,
	RULE_BUS_ID,
	RULE_BUS,
	RULE_NAME,
	RULE_OWNER,
	RULE_PATTERN,
	RULE_IS_ENABLED,
	RULE_DESCRIPTION,
	RULE_TARGET_ID, /* from here on with a target */
	RULE_TARGET,
	RULE_TARGET_ROLE,
	RULE_TARGET_INPUT,
	RULE_TARGET_INPUT_PATH,
	RULE_TARGET_TRANSFORMER,
	RULE_TARGET_MACHINE_ID,
	RULE_TARGET_REVISION_ID
};

static RuleRow
rule_row(uint64 row)
{
	return (RuleRow){.id = store_int64(row, RULE_ID),
					 .bus_id = store_int64(row, RULE_BUS_ID),
					 .bus = store_text(row, RULE_BUS),
					 .name = store_text(row, RULE_NAME),
					 .owner = store_oid(row, RULE_OWNER),
					 .pattern = store_text(row, RULE_PATTERN),
					 .is_enabled = store_bool(row, RULE_IS_ENABLED),
					 .description = store_text(row, RULE_DESCRIPTION)};
}

RuleRow *
rule_lock(const char *bus, const char *name)
{
	static StoreQuery query = {"SELECT " RULE_COLUMNS " FROM " RULES
							   " WHERE coalesce(b.name, 'default') = $1 AND r.name = $2 FOR NO KEY UPDATE OF r",
							   2,
							   {TEXTOID, TEXTOID},
							   .scans = true};
	Datum args[2] = {CStringGetTextDatum(bus), CStringGetTextDatum(name)};
	RuleRow *rule;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	rule = palloc(sizeof(RuleRow));
	*rule = rule_row(0);
	return rule;
}

void
rule_update(const RuleRow *rule)
{
	static StoreQuery query = {"UPDATE sfn.event_rule SET pattern = $2, is_enabled = $3, description = $4,"
							   " disabled_reason = NULL WHERE id = $1",
							   4,
							   {INT8OID, JSONOID, BOOLOID, TEXTOID}};
	char nulls[5] = "    ";
	Datum args[4] = {Int64GetDatum(rule->id), CStringGetTextDatum(rule->pattern), BoolGetDatum(rule->is_enabled),
					 store_text_or_null(rule->description, &nulls[3])};

	(void) store_run(&query, args, nulls, 0);
	rules_changed();
}

void
rule_delete(int64 id)
{
	static StoreQuery query = {"WITH targets AS (DELETE FROM sfn.event_target WHERE rule_id = $1),"
							   " letters AS (DELETE FROM sfn.event_dead_letter WHERE rule_id = $1)"
							   " DELETE FROM sfn.event_rule WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	rules_changed();
}

bool
rule_disable_now(int64 id, const char *reason)
{
	static StoreQuery query = {"UPDATE sfn.event_rule SET is_enabled = false, disabled_reason = $2 WHERE id ="
							   " (SELECT r.id FROM sfn.event_rule r WHERE r.id = $1 AND r.is_enabled"
							   " FOR NO KEY UPDATE SKIP LOCKED)",
							   2,
							   {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(id), CStringGetTextDatum(reason)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	rules_changed();
	return true;
}

void
rules_each(void (*each)(const RuleTargetRow *row))
{
	static StoreQuery query =
		{"SELECT " RULE_COLUMNS ", t.target_id, t.target, t.role::pg_catalog.oid, t.input, t.input_path,"
		 " t.input_transformer, coalesce(t.machine_id, 0), coalesce(m.revision_id, 0) FROM " RULES
		 " LEFT JOIN sfn.event_target t ON t.rule_id = r.id LEFT JOIN sfn.state_machine m ON m.id = t.machine_id"
		 " ORDER BY r.id, t.target_id",
		 0, .scans = true};
	uint64 count = store_run(&query, NULL, NULL, 0);

	for (uint64 i = 0; i < count; i++)
	{
		RuleTargetRow row = {.rule = rule_row(i)};

		row.target.id = store_text(i, RULE_TARGET_ID);
		if (row.target.id != NULL)
		{
			row.target.target = store_text(i, RULE_TARGET);
			row.target.role = store_oid(i, RULE_TARGET_ROLE);
			row.target.input = store_text(i, RULE_TARGET_INPUT);
			row.target.input_path = store_text(i, RULE_TARGET_INPUT_PATH);
			row.target.input_transformer = store_text(i, RULE_TARGET_TRANSFORMER);
			row.target.machine_id = store_int64(i, RULE_TARGET_MACHINE_ID);
			row.revision_id = store_int64(i, RULE_TARGET_REVISION_ID);
		}
		each(&row);
	}
}

/* ---- targets ---- */

void
target_insert(int64 rule_id, const TargetRow *target)
{
	static StoreQuery query = {"INSERT INTO sfn.event_target (rule_id, target_id, target, role, input, input_path,"
							   " input_transformer, retry, machine_id)"
							   " VALUES ($1, $2, $3, $4::pg_catalog.regrole, $5, $6, $7, $8, nullif($9, 0))",
							   9,
							   {INT8OID, TEXTOID, TEXTOID, OIDOID, JSONOID, TEXTOID, JSONOID, JSONOID, INT8OID}};
	char nulls[10] = "         ";
	Datum args[9] = {Int64GetDatum(rule_id),
					 CStringGetTextDatum(target->id),
					 CStringGetTextDatum(target->target),
					 ObjectIdGetDatum(target->role),
					 store_text_or_null(target->input, &nulls[4]),
					 store_text_or_null(target->input_path, &nulls[5]),
					 store_text_or_null(target->input_transformer, &nulls[6]),
					 store_text_or_null(target->retry, &nulls[7]),
					 Int64GetDatum(target->machine_id)};

	(void) store_run(&query, args, nulls, 0);
	rules_changed();
}

bool
target_delete(int64 rule_id, const char *target_id, int64 *machine_id)
{
	static StoreQuery query =
		{"DELETE FROM sfn.event_target WHERE rule_id = $1 AND target_id = $2 RETURNING coalesce(machine_id, 0)",
		 2,
		 {INT8OID, TEXTOID}};
	Datum args[2] = {Int64GetDatum(rule_id), CStringGetTextDatum(target_id)};

	if (store_run(&query, args, NULL, 0) == 0)
		return false;
	*machine_id = store_int64(0, ONLY_COLUMN);
	rules_changed();
	return true;
}

int
target_machines(int64 rule_id, int64 **ids)
{
	static StoreQuery query = {"SELECT machine_id FROM sfn.event_target WHERE rule_id = $1 AND machine_id IS NOT NULL",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(rule_id)};
	int count = (int) store_run(&query, args, NULL, 0);

	*ids = palloc(sizeof(int64) * (count + 1));
	for (int i = 0; i < count; i++)
		(*ids)[i] = store_int64((uint64) i, ONLY_COLUMN);
	return count;
}

/* Its executions go on: what they deliver was accepted. */
void
hidden_machine_drop(int64 id)
{
	machine_set_status(id, "DELETED");
}

/* ---- what was not delivered ---- */

void
dead_letter_insert(int64 rule_id, const char *target_id, const char *event, const char *error, const char *cause)
{
	static StoreQuery query =
		{"INSERT INTO sfn.event_dead_letter (creation_date, rule_id, bus, rule, target_id, event, error, cause)"
		 " SELECT $1, r.id, coalesce(b.name, 'default'), r.name, $3, $4, $5, $6 FROM " RULES " WHERE r.id = $2",
		 6,
		 {TIMESTAMPTZOID, INT8OID, TEXTOID, JSONOID, TEXTOID, TEXTOID}};
	Datum args[6] = {TimestampTzGetDatum(sfn_now()), Int64GetDatum(rule_id),     CStringGetTextDatum(target_id),
					 CStringGetTextDatum(event),     CStringGetTextDatum(error), CStringGetTextDatum(cause)};

	(void) store_run(&query, args, NULL, 0);
}

void
dead_letter_of_execution(int64 machine_id, int64 execution_id, const char *event, const char *error, const char *cause)
{
	static StoreQuery query = {"INSERT INTO sfn.event_dead_letter"
							   " (creation_date, rule_id, bus, rule, target_id, event, error, cause, execution_id)"
							   " SELECT $1, r.id, coalesce(b.name, 'default'), r.name, t.target_id, $4, $5, $6, $3"
							   " FROM sfn.event_target t JOIN " RULES " ON r.id = t.rule_id WHERE t.machine_id = $2",
							   6,
							   {TIMESTAMPTZOID, INT8OID, INT8OID, JSONOID, TEXTOID, TEXTOID},
							   .scans = true};
	char nulls[7] = "      ";
	Datum args[6] = {TimestampTzGetDatum(sfn_now()),       Int64GetDatum(machine_id),
					 Int64GetDatum(execution_id),          CStringGetTextDatum(event),
					 store_text_or_null(error, &nulls[4]), store_text_or_null(cause, &nulls[5])};

	(void) store_run(&query, args, nulls, 0);
}

enum
{
	LETTER_ID = 1,
	LETTER_RULE_ID,
	LETTER_TARGET_ID,
	LETTER_EVENT
};

DeadLetterRow *
dead_letter_take(int64 id, Oid caller)
{
	static StoreQuery query = {"DELETE FROM sfn.event_dead_letter d USING sfn.event_rule r WHERE d.id = $1"
							   " AND r.id = d.rule_id AND pg_catalog.pg_has_role($2, r.owner::pg_catalog.oid, 'USAGE')"
							   " RETURNING d.id, d.rule_id, d.target_id, d.event",
							   2,
							   {INT8OID, OIDOID}};
	Datum args[2] = {Int64GetDatum(id), ObjectIdGetDatum(caller)};
	DeadLetterRow *letter;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	letter = palloc(sizeof(DeadLetterRow));
	*letter = (DeadLetterRow){.id = store_int64(0, LETTER_ID),
							  .rule_id = store_int64(0, LETTER_RULE_ID),
							  .target_id = store_text(0, LETTER_TARGET_ID),
							  .event = store_text(0, LETTER_EVENT)};
	return letter;
}

void
dead_letters_prune(TimestampTz before)
{
	static StoreQuery query = {"DELETE FROM sfn.event_dead_letter WHERE creation_date < $1",
							   1,
							   {TIMESTAMPTZOID},
							   .scans = true};
	Datum args[1] = {TimestampTzGetDatum(before)};

	(void) store_run(&query, args, NULL, 0);
}

/* ---- notifications ---- */

void
notice_insert(const char *channel, const char *payload)
{
	static StoreQuery query = {"INSERT INTO sfn.event_notice (channel, payload) VALUES ($1, $2)",
							   2,
							   {TEXTOID, TEXTOID}};
	Datum args[2] = {CStringGetTextDatum(channel), CStringGetTextDatum(payload)};

	(void) store_run(&query, args, NULL, 0);
	wakeup_at_commit();
}

enum
{
	NOTICE_CHANNEL = 1,
	NOTICE_PAYLOAD
};

int
notices_send(int limit)
{
	static StoreQuery query = {"DELETE FROM sfn.event_notice WHERE id = ANY (ARRAY(SELECT n.id FROM sfn.event_notice n"
							   " ORDER BY n.id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING channel, payload",
							   1,
							   {INT4OID}};
	Datum args[1] = {Int32GetDatum(limit)};
	int count = (int) store_run(&query, args, NULL, 0);

	for (int i = 0; i < count; i++)
		Async_Notify(store_text((uint64) i, NOTICE_CHANNEL), store_text((uint64) i, NOTICE_PAYLOAD));
	return count;
}
