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
#include "store/trust.h"

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
	BUS_OWNER,
	BUS_DESCRIPTION
};

#define BUS_BY_NAME "SELECT id, owner::pg_catalog.oid, description FROM sfn.event_bus WHERE name = $1"

static BusRow *
named_bus(StoreQuery *query, const char *name)
{
	Datum args[1] = {CStringGetTextDatum(name)};
	BusRow *bus = palloc0(sizeof(BusRow));

	bus->name = pstrdup(name);
	if (strcmp(name, DEFAULT_BUS) == 0)
		return bus;
	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	bus->id = store_int64(0, BUS_ID);
	bus->owner = store_oid(0, BUS_OWNER);
	bus->description = store_text(0, BUS_DESCRIPTION);
	return bus;
}

BusRow *
bus_by_name(const char *name)
{
	static StoreQuery query = {BUS_BY_NAME " FOR KEY SHARE", 1, {TEXTOID}};

	return named_bus(&query, name);
}

BusRow *
bus_lock(const char *name)
{
	static StoreQuery query = {BUS_BY_NAME " FOR NO KEY UPDATE", 1, {TEXTOID}};

	return named_bus(&query, name);
}

BusRow *
bus_find(const char *name)
{
	static StoreQuery query = {BUS_BY_NAME, 1, {TEXTOID}};

	return named_bus(&query, name);
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

void
bus_describe_as(int64 id, const char *description)
{
	static StoreQuery query = {"UPDATE sfn.event_bus SET description = $2 WHERE id = $1", 2, {INT8OID, TEXTOID}};
	char nulls[3] = "  ";
	Datum args[2] = {Int64GetDatum(id), store_text_or_null(description, &nulls[1])};

	(void) store_run(&query, args, nulls, 0);
}

enum
{
	SHOWN_BUS_ID = 1,
	SHOWN_BUS_NAME,
	SHOWN_BUS_OWNER,
	SHOWN_BUS_DESCRIPTION,
	SHOWN_BUS_CREATION_DATE
};

#define BUS_COLUMNS "b.id, b.name, b.owner::pg_catalog.oid, b.description, b.creation_date"
#define SHOWN_BUSES \
	"SELECT * FROM (SELECT 0::bigint AS id, 'default' COLLATE \"C\" AS name, 0::oid AS owner, NULL::text AS description," \
	" NULL::timestamptz AS creation_date UNION ALL SELECT " BUS_COLUMNS " FROM sfn.event_bus b" \
	" WHERE NOT pg_catalog.starts_with(b.name, '" TOPIC_BUS_PREFIX "')) b"

static BusRow
shown_bus(uint64 row)
{
	return (BusRow){.id = store_int64(row, SHOWN_BUS_ID),
					.name = store_text(row, SHOWN_BUS_NAME),
					.owner = store_oid(row, SHOWN_BUS_OWNER),
					.description = store_text(row, SHOWN_BUS_DESCRIPTION),
					.creation_date = store_timestamp(row, SHOWN_BUS_CREATION_DATE)};
}

static int
shown_buses(int count, BusRow **buses)
{
	*buses = palloc(sizeof(BusRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*buses)[i] = shown_bus((uint64) i);
	return count;
}

int
buses_page(const NamePage *page, BusRow **buses)
{
	static StoreQuery query = {SHOWN_BUSES " WHERE b.name > $1 AND pg_catalog.starts_with(b.name, $2)"
										   " ORDER BY b.name LIMIT $3",
							   3,
							   {TEXTOID, TEXTOID, INT4OID},
							   .scans = true};
	Datum args[3] = {CStringGetTextDatum(page->after), CStringGetTextDatum(page->prefix), Int32GetDatum(page->limit)};

	return shown_buses((int) store_run(&query, args, NULL, 0), buses);
}

int
topics_page(const char *after, BusRow **topics)
{
	static StoreQuery query = {"SELECT " BUS_COLUMNS " FROM sfn.event_bus b WHERE b.name > $1"
							   " AND pg_catalog.starts_with(b.name, '" TOPIC_BUS_PREFIX "') ORDER BY b.name",
							   1,
							   {TEXTOID},
							   .scans = true};
	Datum args[1] = {CStringGetTextDatum(psprintf(TOPIC_BUS_PREFIX "%s", after))};

	return shown_buses((int) store_run(&query, args, NULL, 0), topics);
}

BusRow *
bus_read(const char *name)
{
	static StoreQuery query = {SHOWN_BUSES " WHERE b.name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	BusRow *bus;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;
	bus = palloc(sizeof(BusRow));
	*bus = shown_bus(0);
	return bus;
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
	static StoreQuery query = {"WITH grants AS (DELETE FROM sfn.event_bus_grant WHERE bus_id = $1),"
							   " permissions AS (DELETE FROM sfn.event_bus_permission WHERE bus_id = $1),"
							   " tags AS (DELETE FROM sfn.event_bus_tag WHERE bus_id = $1)"
							   " DELETE FROM sfn.event_bus WHERE id = $1",
							   1,
							   {INT8OID}};
	Datum args[1] = {Int64GetDatum(id)};

	(void) store_run(&query, args, NULL, 0);
	trust_forget(NAME_EVENT_BUS, id);
	trust_forget(NAME_TOPIC, id); /* if it was one */
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
							   " AND pg_catalog.pg_has_role($2, grantee::pg_catalog.oid, 'USAGE')"
							   " UNION ALL SELECT FROM sfn.event_bus_permission WHERE bus_id = $1 AND $3 = 'put'"
							   " AND (grantee::pg_catalog.oid = 0"
							   " OR pg_catalog.pg_has_role($2, grantee::pg_catalog.oid, 'USAGE'))",
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
		{"INSERT INTO sfn.event_rule (bus_id, name, owner, pattern, is_enabled, description, creation_date, role_arn)"
		 " VALUES ($1, $2, $3::pg_catalog.regrole, $4, $5, $6, $7, $8)"
		 " ON CONFLICT (bus_id, name) DO NOTHING RETURNING id",
		 8,
		 {INT8OID, TEXTOID, OIDOID, JSONOID, BOOLOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}};
	char nulls[9] = "        ";
	Datum args[8] = {Int64GetDatum(rule->bus_id),    CStringGetTextDatum(rule->name),
					 ObjectIdGetDatum(rule->owner),  store_text_or_null(rule->pattern, &nulls[3]),
					 BoolGetDatum(rule->is_enabled), store_text_or_null(rule->description, &nulls[5]),
					 TimestampTzGetDatum(sfn_now()), store_text_or_null(rule->role_arn, &nulls[7])};

	if (store_run(&query, args, nulls, 0) == 0)
		return false;
	rule->id = store_int64(0, ONLY_COLUMN);
	rules_changed();
	return true;
}

#define RULE_COLUMNS \
	"r.id, r.bus_id, coalesce(b.name, 'default'), r.name, r.owner::pg_catalog.oid, r.pattern, r.is_enabled," \
	" r.description, r.role_arn, s.expression"
#define RULES \
	"sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id = r.bus_id LEFT JOIN sfn.schedule s ON s.rule_id = r.id"
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
	RULE_ROLE_ARN,
	RULE_SCHEDULE,
	RULE_TARGET_ID, /* from here on with a target */
	RULE_TARGET,
	RULE_TARGET_ROLE,
	RULE_TARGET_INPUT,
	RULE_TARGET_INPUT_PATH,
	RULE_TARGET_TRANSFORMER,
	RULE_TARGET_MACHINE_ID,
	RULE_TARGET_REVISION_ID,
	RULE_TARGET_RETRY,
	RULE_TARGET_AWS_MEMBERS
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
					 .description = store_text(row, RULE_DESCRIPTION),
					 .role_arn = store_text(row, RULE_ROLE_ARN),
					 .schedule = store_text(row, RULE_SCHEDULE)};
}

#define RULE_BY_NAME \
	"SELECT " RULE_COLUMNS " FROM " RULES " WHERE r.name = $2 AND r.bus_id =" \
	" CASE WHEN $1 = 'default' THEN 0 ELSE (SELECT n.id FROM sfn.event_bus n WHERE n.name = $1) END"

static RuleRow *
rule_by_name(StoreQuery *query, const char *bus, const char *name)
{
	Datum args[2] = {CStringGetTextDatum(bus), CStringGetTextDatum(name)};
	RuleRow *rule;

	if (store_run(query, args, NULL, 0) == 0)
		return NULL;
	rule = palloc(sizeof(RuleRow));
	*rule = rule_row(0);
	return rule;
}

RuleRow *
rule_lock(const char *bus, const char *name)
{
	static StoreQuery query = {RULE_BY_NAME " FOR NO KEY UPDATE OF r", 2, {TEXTOID, TEXTOID}, .scans = true};

	return rule_by_name(&query, bus, name);
}

RuleRow *
rule_read(const char *bus, const char *name)
{
	static StoreQuery query = {RULE_BY_NAME, 2, {TEXTOID, TEXTOID}, .scans = true};

	return rule_by_name(&query, bus, name);
}

int
rules_page(int64 bus_id, const NamePage *page, Oid viewer, const char *target, RuleRow **rules)
{
	static StoreQuery query = {"SELECT " RULE_COLUMNS " FROM " RULES " WHERE r.bus_id = $1 AND r.name > $2"
							   " AND pg_catalog.starts_with(r.name, $3)"
							   " AND pg_catalog.pg_has_role($4, r.owner::pg_catalog.oid, 'USAGE') AND ($5 IS NULL OR"
							   " EXISTS (SELECT FROM sfn.event_target t WHERE t.rule_id = r.id AND t.target = $5))"
							   " ORDER BY r.name LIMIT $6",
							   6,
							   {INT8OID, TEXTOID, TEXTOID, OIDOID, TEXTOID, INT4OID},
							   .scans = true};
	char nulls[7] = "      ";
	Datum args[6] = {Int64GetDatum(bus_id),    CStringGetTextDatum(page->after),      CStringGetTextDatum(page->prefix),
					 ObjectIdGetDatum(viewer), store_text_or_null(target, &nulls[4]), Int32GetDatum(page->limit)};
	int count = (int) store_run(&query, args, nulls, 0);

	*rules = palloc(sizeof(RuleRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*rules)[i] = rule_row((uint64) i);
	return count;
}

void
rule_update(const RuleRow *rule)
{
	static StoreQuery query = {"UPDATE sfn.event_rule SET pattern = $2, is_enabled = $3, description = $4,"
							   " role_arn = $5, disabled_reason = NULL WHERE id = $1",
							   5,
							   {INT8OID, JSONOID, BOOLOID, TEXTOID, TEXTOID}};
	char nulls[6] = "     ";
	Datum args[5] = {Int64GetDatum(rule->id), store_text_or_null(rule->pattern, &nulls[1]),
					 BoolGetDatum(rule->is_enabled), store_text_or_null(rule->description, &nulls[3]),
					 store_text_or_null(rule->role_arn, &nulls[4])};

	(void) store_run(&query, args, nulls, 0);
	rules_changed();
}

void
rule_delete(int64 id)
{
	static StoreQuery query = {"WITH targets AS (DELETE FROM sfn.event_target WHERE rule_id = $1),"
							   " letters AS (DELETE FROM sfn.event_dead_letter WHERE rule_id = $1),"
							   " tags AS (DELETE FROM sfn.event_rule_tag WHERE rule_id = $1),"
							   " clocks AS (DELETE FROM sfn.schedule WHERE rule_id = $1)"
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
	static StoreQuery query = {
		"SELECT " RULE_COLUMNS ", t.target_id, t.target, t.role::pg_catalog.oid, t.input, t.input_path,"
		" t.input_transformer, coalesce(t.machine_id, 0), coalesce(m.revision_id, 0), t.retry, t.aws_members FROM " RULES
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
			row.target.retry = store_text(i, RULE_TARGET_RETRY);
			row.target.aws_members = store_text(i, RULE_TARGET_AWS_MEMBERS);
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
							   " input_transformer, retry, machine_id, aws_members)"
							   " VALUES ($1, $2, $3, $4::pg_catalog.regrole, $5, $6, $7, $8, nullif($9, 0), $10)",
							   10,
							   {INT8OID, TEXTOID, TEXTOID, OIDOID, JSONOID, TEXTOID, JSONOID, JSONOID, INT8OID,
								JSONOID}};
	char nulls[11] = "          ";
	Datum args[10] = {Int64GetDatum(rule_id),
					  CStringGetTextDatum(target->id),
					  CStringGetTextDatum(target->target),
					  ObjectIdGetDatum(target->role),
					  store_text_or_null(target->input, &nulls[4]),
					  store_text_or_null(target->input_path, &nulls[5]),
					  store_text_or_null(target->input_transformer, &nulls[6]),
					  store_text_or_null(target->retry, &nulls[7]),
					  Int64GetDatum(target->machine_id),
					  store_text_or_null(target->aws_members, &nulls[9])};

	(void) store_run(&query, args, nulls, 0);
	rules_changed();
}

enum
{
	TARGET_ID = 1,
	TARGET_TARGET,
	TARGET_ROLE,
	TARGET_INPUT,
	TARGET_INPUT_PATH,
	TARGET_TRANSFORMER,
	TARGET_RETRY,
	TARGET_AWS_MEMBERS
};

int
targets_page(int64 rule_id, const NamePage *page, TargetRow **targets)
{
	static StoreQuery query = {"SELECT t.target_id, t.target, t.role::pg_catalog.oid, t.input, t.input_path,"
							   " t.input_transformer, t.retry, t.aws_members FROM sfn.event_target t"
							   " WHERE t.rule_id = $1 AND t.target_id > $2 ORDER BY t.target_id LIMIT $3",
							   3,
							   {INT8OID, TEXTOID, INT4OID}};
	Datum args[3] = {Int64GetDatum(rule_id), CStringGetTextDatum(page->after), Int32GetDatum(page->limit)};
	int count = (int) store_run(&query, args, NULL, 0);

	*targets = palloc(sizeof(TargetRow) * (count + 1));
	for (int i = 0; i < count; i++)
		(*targets)[i] = (TargetRow){.id = store_text((uint64) i, TARGET_ID),
									.target = store_text((uint64) i, TARGET_TARGET),
									.role = store_oid((uint64) i, TARGET_ROLE),
									.input = store_text((uint64) i, TARGET_INPUT),
									.input_path = store_text((uint64) i, TARGET_INPUT_PATH),
									.input_transformer = store_text((uint64) i, TARGET_TRANSFORMER),
									.retry = store_text((uint64) i, TARGET_RETRY),
									.aws_members = store_text((uint64) i, TARGET_AWS_MEMBERS)};
	return count;
}

bool
rule_has_targets(int64 rule_id)
{
	static StoreQuery query = {"SELECT FROM sfn.event_target WHERE rule_id = $1", 1, {INT8OID}, .sees_latest = true};
	Datum args[1] = {Int64GetDatum(rule_id)};

	return store_run(&query, args, NULL, 1) == 1;
}

static int64
counted(StoreQuery *query, Datum what)
{
	Datum args[1] = {what};

	(void) store_run(query, args, NULL, 0);
	return store_int64(0, ONLY_COLUMN);
}

int64
targets_of_rule(int64 rule_id)
{
	static StoreQuery query = {"SELECT count(*) FROM sfn.event_target WHERE rule_id = $1",
							   1,
							   {INT8OID},
							   .sees_latest = true};

	return counted(&query, Int64GetDatum(rule_id));
}

int64
targets_of_role(Oid owner)
{
	static StoreQuery query = {"SELECT count(*) FROM sfn.event_target t JOIN sfn.event_rule r ON r.id = t.rule_id"
							   " WHERE r.owner::pg_catalog.oid = $1",
							   1,
							   {OIDOID},
							   .sees_latest = true,
							   .scans = true};

	return counted(&query, ObjectIdGetDatum(owner));
}

int64
rules_of_role(Oid owner)
{
	static StoreQuery query = {"SELECT (SELECT count(*) FROM sfn.event_rule WHERE owner::pg_catalog.oid = $1)"
							   " + (SELECT count(*) FROM sfn.event_archive WHERE owner::pg_catalog.oid = $1)",
							   1,
							   {OIDOID},
							   .sees_latest = true,
							   .scans = true};

	return counted(&query, ObjectIdGetDatum(owner));
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
	store_int64s(*ids, count);
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
