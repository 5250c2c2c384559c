/*
 * check.c
 *	  What no key keeps true between the tables, looked at.
 *
 * The tables have no foreign keys to each other (a dump is restored in any order), and
 * some rules no key could say.  Each check is a query for what breaks a rule; each
 * is true of any one snapshot, so it may run while executors work.  Executions that
 * did not succeed keep branches and tasks for a redrive.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "store/check.h"
#include "store/store.h"

typedef struct Check
{
	const char *kind;
	const char *problem;
	const char *cure;
	StoreQuery query; /* names what breaks the rule; $1, $2: the range of executions */
} Check;

enum
{
	FOUND_OBJECT = 1
};

#define IN_RANGE(column) column " BETWEEN $1 AND $2"
#define QUERY(sql) \
	{ \
		sql, 2, {INT8OID, INT8OID}, .scans = true \
	}

#define NOT_THERE "its execution does not exist"
#define DELETE_ROW "delete the row"

/* Rows of a table that belong to an execution which is not there. */
#define OF_NO_EXECUTION(table) \
	{ \
		table, NOT_THERE, DELETE_ROW, \
			QUERY("SELECT DISTINCT 'execution_id ' || t.execution_id FROM sfn." table " t WHERE " IN_RANGE( \
				"t.execution_id") " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.id = t.execution_id)") \
	}

/* Rows of a table that belong to a machine which is not there. */
#define OF_NO_MACHINE(table) \
	{ \
		table, "its state machine does not exist", DELETE_ROW, \
			QUERY("SELECT DISTINCT 'state_machine_id ' || t.state_machine_id FROM sfn." table " t WHERE $1 <= $2" \
				  " AND NOT EXISTS (SELECT FROM sfn.state_machine m WHERE m.id = t.state_machine_id)") \
	}

/* Rows of a table whose column names, unless it is null or 0, a row of another by its id. */
#define OF_NO(table, column, others, other) \
	{ \
		table, "its " other " does not exist", DELETE_ROW, \
			QUERY("SELECT DISTINCT '" column " ' || t." column " FROM sfn." table " t WHERE $1 <= $2 AND t." column \
				  " <> 0 AND NOT EXISTS (SELECT FROM sfn." others " o WHERE o.id = t." column ")") \
	}

#define EVENTS \
	"(SELECT c.execution_id, (v.event ->> 'id')::bigint AS id, (v.event ->> 'previousEventId')::bigint AS previous," \
	" v.event ->> 'type' AS type FROM sfn.history_chunk c, json_array_elements(c.events) v (event)" \
	" WHERE " IN_RANGE("c.execution_id") ")"
#define TERMINAL "('ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut')"

static Check checks[] = {
	{"execution", "it is RUNNING and nothing will ever wake it", "stop it and redrive it",
	 QUERY("SELECT 'id ' || s.id FROM sfn.stuck_executions s WHERE " IN_RANGE("s.id"))},
	{"execution", "its status and its stop_date disagree", "report it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND (e.status = :EXECUTION_RUNNING) <> (e.stop_date IS NULL)")},
	{"execution", "its revision or state machine does not exist", "it fails at its next step; stop it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND NOT EXISTS (SELECT FROM sfn.state_machine_revision r JOIN sfn.state_machine m ON m.id = r.state_machine_id"
				 " WHERE r.id = e.revision_id)")},
	{"execution", "it has ended and is quarantined", "report it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND e.stop_date IS NOT NULL AND e.quarantined_at IS NOT NULL")},
	{"execution", "lists by status do not show it", "insert its row into execution_status",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND (e.status > :EXECUTION_SUCCEEDED OR e.status = :EXECUTION_RUNNING AND e.image IS NOT NULL)"
				 " AND NOT EXISTS (SELECT FROM sfn.execution_status s WHERE s.state_machine_id = e.state_machine_id"
				 " AND s.map_run_id = coalesce(e.map_run_id, 0) AND s.status = e.status AND s.start_date = e.start_date"
				 " AND s.execution_id = e.id)")},
	{"branch", "its execution has succeeded", DELETE_ROW,
	 QUERY(
		 "SELECT DISTINCT 'execution_id ' || b.execution_id FROM sfn.branch b JOIN sfn.execution e ON e.id = b.execution_id"
		 " WHERE " IN_RANGE("e.id") " AND e.status IN (:EXECUTION_SUCCEEDED)")},
	{"task", "its execution has succeeded", DELETE_ROW,
	 QUERY(
		 "SELECT DISTINCT 'execution_id ' || t.execution_id FROM sfn.task t JOIN sfn.execution e ON e.id = t.execution_id"
		 " WHERE " IN_RANGE("e.id") " AND e.status = :EXECUTION_SUCCEEDED")},
	{"task", "its activity does not exist", "stop the execution",
	 QUERY("SELECT 'execution_id ' || t.execution_id FROM sfn.task t WHERE " IN_RANGE(
		 "t.execution_id") " AND t.activity_id IS NOT NULL AND NOT EXISTS (SELECT FROM sfn.activity a WHERE a.id = t.activity_id)")},
	OF_NO_EXECUTION("branch"),
	OF_NO_EXECUTION("execution_status"),
	OF_NO_EXECUTION("history_chunk"),
	OF_NO_EXECUTION("inbox"),
	OF_NO_EXECUTION("redrive_token"),
	OF_NO_EXECUTION("task"),
	{"inbox", "it is to begin an execution again that runs or has succeeded", DELETE_ROW,
	 QUERY(
		 "SELECT DISTINCT 'execution_id ' || i.execution_id FROM sfn.inbox i JOIN sfn.execution e ON e.id = i.execution_id"
		 " WHERE " IN_RANGE("e.id") " AND i.kind = :EVENT_REDRIVE AND i.payload IS NOT NULL"
									" AND e.status <= :EXECUTION_SUCCEEDED")},
	{"map_run", "its execution does not exist", DELETE_ROW,
	 QUERY("SELECT r.name FROM sfn.map_run r WHERE " IN_RANGE(
		 "r.execution_id") " AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.id = r.execution_id)")},
	{"map_run", "it is RUNNING and its execution is not", "report it",
	 QUERY("SELECT r.name FROM sfn.map_run r JOIN sfn.execution e ON e.id = r.execution_id WHERE " IN_RANGE(
		 "e.id") " AND r.status = :EXECUTION_RUNNING AND e.stop_date IS NOT NULL")},
	{"map_run", "its counts are not those of its children", "report it",
	 QUERY(
		 "SELECT r.name FROM sfn.map_run r, LATERAL (SELECT count(*), count(*) FILTER (WHERE e.status = :EXECUTION_SUCCEEDED),"
		 " count(*) FILTER (WHERE e.status > :EXECUTION_SUCCEEDED) FROM sfn.execution e WHERE e.map_run_id = r.id)"
		 " c (begun, succeeded, others), LATERAL (SELECT r.failed + r.timed_out + r.aborted + r.pending_redrive)"
		 " t (others) WHERE " IN_RANGE(
			 "r.execution_id") " AND r.status <> :EXECUTION_ABORTED"
							   " AND NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = r.execution_id AND i.kind = :EVENT_MAP_RUN)"
							   " AND CASE r.status WHEN :EXECUTION_SUCCEEDED" /* retention may have been there */
							   " THEN c.begun > r.started OR c.succeeded > r.succeeded OR c.others > t.others"
							   " ELSE (c.begun, c.succeeded, c.others) <> (r.started, r.succeeded, t.others) END")},
	{"map_run_input", "its map run does not exist", DELETE_ROW,
	 QUERY("SELECT DISTINCT 'map_run_id ' || i.map_run_id FROM sfn.map_run_input i WHERE $1 <= $2"
		   " AND NOT EXISTS (SELECT FROM sfn.map_run r WHERE r.id = i.map_run_id)")},
	{"history", "the ids of its events have gaps or do not end with the last one", "report it",
	 QUERY("SELECT 'execution_id ' || e.id FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
		   " LEFT JOIN " EVENTS " v ON v.execution_id = e.id WHERE " IN_RANGE(
			   "e.id") " AND m.type = 'STANDARD' GROUP BY e.id, e.last_event_id"
					   " HAVING e.last_event_id <> count(v.id) OR e.last_event_id <> coalesce(max(v.id), 0)")},
	{"history", "an event names a previous one that does not come before it", "report it",
	 QUERY("SELECT DISTINCT 'execution_id ' || v.execution_id FROM " EVENTS
		   " v WHERE v.previous < 0 OR v.previous >= v.id")},
	{"history", "it has another number of ends than the execution has had", "report it",
	 QUERY("SELECT 'execution_id ' || e.id FROM " EVENTS " v JOIN sfn.execution e ON e.id = v.execution_id"
		   " JOIN sfn.state_machine m ON m.id = e.state_machine_id AND m.type = 'STANDARD' GROUP BY e.id, e.stop_date"
		   " HAVING count(*) FILTER (WHERE v.type IN " TERMINAL ")"
		   " <> count(*) FILTER (WHERE v.type = 'ExecutionRedriven') + (e.stop_date IS NOT NULL)::int")},
	OF_NO_MACHINE("state_machine_revision"),
	OF_NO_MACHINE("state_machine_version"),
	OF_NO_MACHINE("state_machine_alias"),
	OF_NO_MACHINE("state_machine_grant"),
	OF_NO_MACHINE("tag"),
	{"state_machine", "its role does not exist", "create the role and call sfn.adopt(), or sfn.update_state_machine()",
	 QUERY("SELECT m.name FROM sfn.state_machine m WHERE $1 <= $2 AND m.status <> 'DELETED'"
		   " AND NOT EXISTS (SELECT FROM pg_authid a WHERE a.oid = m.role::oid)")},
	OF_NO("activity_tag", "activity_id", "activity", "activity"),
	OF_NO("event_bus_grant", "bus_id", "event_bus", "event bus"),
	OF_NO("event_bus_permission", "bus_id", "event_bus", "event bus"),
	OF_NO("event_bus_tag", "bus_id", "event_bus", "event bus"),
	OF_NO("event_rule", "bus_id", "event_bus", "event bus"),
	OF_NO("event_rule_tag", "rule_id", "event_rule", "rule"),
	OF_NO("event_target", "rule_id", "event_rule", "rule"),
	OF_NO("event_target", "machine_id", "state_machine", "hidden state machine"),
	OF_NO("event_dead_letter", "rule_id", "event_rule", "rule"),
	OF_NO("schedule", "rule_id", "event_rule", "rule"),
	OF_NO("schedule", "machine_id", "state_machine", "hidden state machine"),
	OF_NO("schedule_group_tag", "group_id", "schedule_group", "group"),
	{"event_rule", "it has neither a pattern nor a schedule", "call sfn.create_rule() with replace, or sfn.drop_rule()",
	 QUERY("SELECT r.name FROM sfn.event_rule r WHERE $1 <= $2 AND r.pattern IS NULL"
		   " AND NOT EXISTS (SELECT FROM sfn.schedule s WHERE s.rule_id = r.id)")},
	{"schedule", "its group does not exist", "call sfn.create_schedule_group() with its name",
	 QUERY(
		 "SELECT s.group_name || '/' || s.name FROM sfn.schedule s WHERE $1 <= $2 AND s.rule_id IS NULL"
		 " AND s.group_name <> 'default' AND NOT EXISTS (SELECT FROM sfn.schedule_group g WHERE g.name = s.group_name)")},
	{"state_machine", "no target and no schedule is told by it", "report it",
	 QUERY("SELECT m.name FROM sfn.state_machine m WHERE $1 <= $2 AND m.map_of = m.id AND m.status <> 'DELETED'"
		   " AND NOT EXISTS (SELECT FROM sfn.event_target t WHERE t.machine_id = m.id)"
		   " AND NOT EXISTS (SELECT FROM sfn.schedule s WHERE s.machine_id = m.id)")},
};

void
check_tables(int64 from_id, int64 to_id, void (*tell)(const CheckFinding *finding, void *arg), void *arg)
{
	Datum args[2] = {Int64GetDatum(from_id), Int64GetDatum(to_id)};

	for (int i = 0; i < (int) lengthof(checks); i++)
	{
		Check *check = &checks[i];
		uint64 count = store_run(&check->query, args, NULL, 0);

		for (uint64 row = 0; row < count; row++)
		{
			CheckFinding finding = {check->kind, store_text(row, FOUND_OBJECT), check->problem, check->cure};

			tell(&finding, arg);
		}
	}
}
