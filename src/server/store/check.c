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
#include "store/taken_ids.h"

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
#define LOST_EVENTS \
	"they are lost, as by a dump without them: sfn.delete_execution() deletes the rest when it has ended"

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

/* What is somebody's who is no more: the server refuses to drop him, so it came with a restore. */
#define OF_NO_ROLE(table, column, name) \
	{ \
		table, "its role does not exist", "create the role and call sfn.adopt(), or delete it", \
			QUERY("SELECT " name " FROM sfn." table " t WHERE $1 <= $2 AND NOT EXISTS" \
				  " (SELECT FROM pg_authid a WHERE a.oid = t." column "::oid)") \
	}

/* A right of somebody whom the cluster of a restore does not have; others go some time after their role (grants.c). */
#define OF_UNKNOWN(table, column, name) \
	{ \
		table, "its role is not known here", "create the role and call sfn.adopt(), or delete the row", \
			QUERY("SELECT " name " FROM sfn." table " t WHERE $1 <= $2 AND t." column "::oid > 2147483647" \
				  " AND NOT EXISTS (SELECT FROM pg_authid a WHERE a.oid = t." column "::oid)") \
	}

/* A branch that nothing of its own will move on: no wait, task, answer or branch below it. */
#define WAITS_FOR_NOTHING(execution, branch) \
	" NOT EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = " execution " AND (i.kind <> :EVENT_TIMER_FIRED" \
	" OR i.branch = " branch " AND i.timer NOT IN (:TIMER_TASK, :TIMER_HEARTBEAT, :TIMER_EXECUTION)))" \
	" AND NOT EXISTS (SELECT FROM sfn.task t WHERE t.execution_id = " execution " AND t.branch = " branch ")" \
	" AND NOT EXISTS (SELECT FROM sfn.branch c WHERE c.execution_id = " execution " AND c.parent_id = " branch ")"

#define EVENTS \
	"(SELECT c.execution_id, (v.event ->> 'id')::bigint AS id, (v.event ->> 'previousEventId')::bigint AS previous," \
	" v.event ->> 'type' AS type FROM sfn.history_chunk c, json_array_elements(c.events) v (event)" \
	" WHERE " IN_RANGE("c.execution_id") ")"
#define TERMINAL "('ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut')"

static Check checks[] = {
	{"execution", "it is RUNNING and nothing will ever wake it", "stop it and redrive it",
	 QUERY("SELECT 'id ' || s.id FROM sfn.stuck_executions s WHERE " IN_RANGE("s.id"))},
	{"execution", "it waits, and nothing but a time-out will ever wake it", "stop it and redrive it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND e.stop_date IS NULL AND e.image IS NOT NULL"
				 " AND EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id) AND" WAITS_FOR_NOTHING("e.id",
																										   "0"))},
	{"execution", "its status and its stop_date disagree", "report it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND (e.status = :EXECUTION_RUNNING) <> (e.stop_date IS NULL)")},
	{"execution", "its revision or state machine does not exist", "it fails at its next step; stop it",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND NOT EXISTS (SELECT FROM sfn.state_machine_revision r JOIN sfn.state_machine m ON m.id = r.state_machine_id"
				 " WHERE r.id = e.revision_id AND m.id = e.state_machine_id)")},
	{"execution", "it has a history and does not say where it stands", "stop it and start it anew",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND e.stop_date IS NULL AND e.image IS NULL AND e.last_event_id > 0")},
	{"execution", "its map run does not exist", "delete it by sfn.delete_execution() when it has ended",
	 QUERY("SELECT 'id ' || e.id FROM sfn.execution e WHERE " IN_RANGE(
		 "e.id") " AND e.map_run_id IS NOT NULL AND NOT EXISTS (SELECT FROM sfn.map_run r WHERE r.id = e.map_run_id)")},
	{"execution", "nobody will tell its end to the task that waits for it", "stop the waiting one and redrive it",
	 QUERY(
		 "SELECT 'id ' || e.id FROM sfn.execution e JOIN sfn.task t ON t.child_execution_id = e.id AND t.kind = :TASK_CHILD"
		 " WHERE " IN_RANGE("e.id") " AND e.stop_date IS NULL AND NOT e.has_parent")},
	{"execution_status", "it is not the status of the execution", DELETE_ROW,
	 QUERY(
		 "SELECT 'execution_id ' || s.execution_id FROM sfn.execution_status s JOIN sfn.execution e ON e.id = s.execution_id"
		 " WHERE " IN_RANGE("e.id") " AND (s.state_machine_id, s.map_run_id, s.status, s.start_date)"
									" <> (e.state_machine_id, coalesce(e.map_run_id, 0), e.status, e.start_date)")},
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
	{"branch", "it runs, and nothing but a time-out will ever wake it", "stop the execution and redrive it",
	 QUERY(
		 "SELECT 'execution_id ' || b.execution_id FROM sfn.branch b JOIN sfn.execution e ON e.id = b.execution_id"
		 " WHERE " IN_RANGE(
			 "e.id") " AND e.stop_date IS NULL AND NOT b.is_finished AND" WAITS_FOR_NOTHING("b.execution_id", "b.id"))},
	{"branch", "its execution or the branch above it does not know of it", "stop the execution and redrive it",
	 QUERY(
		 "SELECT DISTINCT 'execution_id ' || b.execution_id FROM sfn.branch b JOIN sfn.execution e ON e.id = b.execution_id"
		 " WHERE " IN_RANGE(
			 "e.id") " AND e.stop_date IS NULL AND (NOT e.has_branches OR b.parent_id <> 0 AND NOT EXISTS"
					 " (SELECT FROM sfn.branch p WHERE p.execution_id = b.execution_id AND p.id = b.parent_id))")},
	{"task", "its execution has succeeded", DELETE_ROW,
	 QUERY(
		 "SELECT DISTINCT 'execution_id ' || t.execution_id FROM sfn.task t JOIN sfn.execution e ON e.id = t.execution_id"
		 " WHERE " IN_RANGE("e.id") " AND e.status = :EXECUTION_SUCCEEDED")},
	{"task", "its activity does not exist", "stop the execution",
	 QUERY("SELECT 'execution_id ' || t.execution_id FROM sfn.task t WHERE " IN_RANGE(
		 "t.execution_id") " AND t.activity_id IS NOT NULL AND NOT EXISTS (SELECT FROM sfn.activity a WHERE a.id = t.activity_id)")},
	{"task", "its job does not exist", "stop the execution and redrive it",
	 QUERY("SELECT 'execution_id ' || t.execution_id FROM sfn.task t WHERE " IN_RANGE(
		 "t.execution_id") " AND t.kind = :TASK_JOB AND NOT EXISTS (SELECT FROM sfn.job j WHERE j.task_id = t.id)")},
	{"task", "what it waits for does not exist", "stop the execution and redrive it",
	 QUERY("SELECT 'execution_id ' || t.execution_id FROM sfn.task t WHERE " IN_RANGE(
		 "t.execution_id") " AND (t.kind = :TASK_CHILD AND NOT EXISTS (SELECT FROM sfn.execution e WHERE e.id = t.child_execution_id)"
						   " OR t.kind = :TASK_MAP_RUN AND NOT EXISTS (SELECT FROM sfn.map_run r WHERE r.id = t.child_execution_id))")},
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
	{"map_run", "inputs of its children are gone", "stop its execution",
	 QUERY("SELECT r.name FROM sfn.map_run r WHERE " IN_RANGE(
		 "r.execution_id") " AND r.status = :EXECUTION_RUNNING AND r.is_loaded AND r.started < r.child_count AND r.child_count >"
						   " (SELECT coalesce(sum(json_array_length(i.inputs)), 0) FROM sfn.map_run_input i WHERE i.map_run_id = r.id)")},
	{"map_run_input", "its map run does not exist", DELETE_ROW,
	 QUERY("SELECT DISTINCT 'map_run_id ' || i.map_run_id FROM sfn.map_run_input i WHERE $1 <= $2"
		   " AND NOT EXISTS (SELECT FROM sfn.map_run r WHERE r.id = i.map_run_id)")},
	{"history", "the ids of its events have gaps or do not end with the last one", LOST_EVENTS,
	 QUERY("SELECT 'execution_id ' || e.id FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id"
		   " LEFT JOIN " EVENTS " v ON v.execution_id = e.id WHERE " IN_RANGE(
			   "e.id") " AND m.type = 'STANDARD' GROUP BY e.id, e.last_event_id"
					   " HAVING e.last_event_id <> count(v.id) OR e.last_event_id <> coalesce(max(v.id), 0)")},
	{"history_chunk", "it has other events than it says", LOST_EVENTS,
	 QUERY("SELECT DISTINCT 'execution_id ' || c.execution_id FROM sfn.history_chunk c WHERE " IN_RANGE(
		 "c.execution_id") " AND (c.first_id, c.last_id) <> ((c.events -> 0 ->> 'id')::bigint, (c.events -> -1 ->> 'id')::bigint)")},
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
	OF_NO_MACHINE("log_delivery"),
	{"state_machine", "its revision does not exist", "delete it by sfn.delete_state_machine() and make it anew",
	 QUERY("SELECT m.name FROM sfn.state_machine m WHERE $1 <= $2 AND m.status = 'ACTIVE' AND NOT EXISTS"
		   " (SELECT FROM sfn.state_machine_revision r WHERE r.id = m.revision_id AND r.state_machine_id = m.id)")},
	{"state_machine", "the one that it belongs to does not exist", DELETE_ROW,
	 QUERY("SELECT m.name FROM sfn.state_machine m WHERE $1 <= $2 AND m.map_of IS NOT NULL AND NOT EXISTS"
		   " (SELECT FROM sfn.state_machine p WHERE p.id = m.map_of)")},
	{"state_machine_version", "its revision does not exist", DELETE_ROW,
	 QUERY(
		 "SELECT 'state_machine_id ' || v.state_machine_id FROM sfn.state_machine_version v WHERE $1 <= $2 AND NOT EXISTS"
		 " (SELECT FROM sfn.state_machine_revision r WHERE r.id = v.revision_id AND r.state_machine_id = v.state_machine_id)")},
	{"state_machine_alias", "a version of it does not exist", "call sfn.update_state_machine_alias() or delete it",
	 QUERY("SELECT a.name FROM sfn.state_machine_alias a, unnest(ARRAY[a.first_version, a.second_version]) n (number)"
		   " WHERE $1 <= $2 AND n.number IS NOT NULL AND NOT EXISTS (SELECT FROM sfn.state_machine_version v"
		   " WHERE v.state_machine_id = a.state_machine_id AND v.number = n.number)")},
	{"state_machine", "its role does not exist", "create the role and call sfn.adopt(), or sfn.update_state_machine()",
	 QUERY("SELECT m.name FROM sfn.state_machine m WHERE $1 <= $2 AND m.status <> 'DELETED'"
		   " AND NOT EXISTS (SELECT FROM pg_authid a WHERE a.oid = m.role::oid)")},
	OF_NO("activity_tag", "activity_id", "activity", "activity"),
	OF_NO("connection_use", "connection_id", "connection", "connection"),
	OF_NO("queue_message", "queue_id", "queue", "queue"),
	OF_NO("queue_deduplication", "queue_id", "queue", "queue"),
	OF_NO("queue_use", "queue_id", "queue", "queue"),
	OF_NO("queue_trigger", "queue_id", "queue", "queue"),
	OF_NO("queue_group_run", "queue_id", "queue", "queue"),
	OF_NO("queue_source", "queue_id", "queue", "queue"),
	OF_NO("queue_source_message", "source_id", "queue_source", "source"),
	OF_NO("event_archive", "bus_id", "event_bus", "event bus"),
	OF_NO("archived_event", "archive_id", "event_archive", "archive"),
	OF_NO("archive_count", "archive_id", "event_archive", "archive"),
	OF_NO("event_replay", "archive_id", "event_archive", "archive"),
	{"trust", "what is trusted does not exist", DELETE_ROW,
	 QUERY(
		 "SELECT t.kind || ' ' || t.object_id FROM sfn.trust t WHERE $1 <= $2 AND NOT EXISTS (SELECT FROM ("
		 "SELECT 'function', id FROM sfn.function UNION ALL SELECT 'activity', id FROM sfn.activity"
		 " UNION ALL SELECT 'state_machine', id FROM sfn.state_machine UNION ALL SELECT 'connection', id FROM sfn.connection"
		 " UNION ALL SELECT 'bucket', id FROM sfn.bucket UNION ALL SELECT 'queue', id FROM sfn.queue"
		 " UNION ALL SELECT k, id FROM sfn.event_bus, unnest('{event_bus,topic}'::text[]) k)"
		 " o (kind, id) WHERE o.kind = t.kind AND o.id = t.object_id)")},
	{"secret", "its access key does not exist", DELETE_ROW,
	 QUERY("SELECT s.name FROM sfn.secret s WHERE $1 <= $2 AND s.kind = 'access key' AND NOT EXISTS"
		   " (SELECT FROM sfn.access_key k WHERE k.access_key_id = s.name)")},
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
	OF_NO_ROLE("activity", "owner", "t.name"),
	OF_NO_ROLE("function", "owner", "t.name"),
	OF_NO_ROLE("connection", "owner", "t.name"),
	OF_NO_ROLE("bucket", "owner", "t.name"),
	OF_NO_ROLE("queue", "owner", "t.name"),
	OF_NO_ROLE("queue_trigger", "owner", "'queue_id ' || t.queue_id"),
	OF_NO_ROLE("event_bus", "owner", "t.name"),
	OF_NO_ROLE("event_archive", "owner", "t.name"),
	OF_NO_ROLE("event_rule", "owner", "t.name"),
	OF_NO_ROLE("schedule_group", "owner", "t.name"),
	OF_NO_ROLE("schedule", "owner", "t.group_name || '/' || t.name"),
	OF_UNKNOWN("state_machine_grant", "grantee", "'state_machine_id ' || t.state_machine_id"),
	OF_UNKNOWN("quota", "role", "t.role::text"),
	OF_UNKNOWN("http_allowed_host", "role", "t.host"),
	OF_UNKNOWN("trust", "role", "t.kind || ' ' || t.object_id"),
	OF_UNKNOWN("connection_use", "role", "'connection_id ' || t.connection_id"),
	OF_UNKNOWN("queue_use", "role", "'queue_id ' || t.queue_id"),
	OF_UNKNOWN("event_bus_grant", "grantee", "'bus_id ' || t.bus_id"),
	OF_UNKNOWN("event_target", "role", "'rule_id ' || t.rule_id"),
	OF_UNKNOWN("access_key", "role", "t.access_key_id"),
	OF_UNKNOWN("mapped_role", "role", "t.role_arn"),
	OF_UNKNOWN("link", "role", "t.link_id"),
	{"role", "it owns something and can be dropped", "call sfn.adopt()",
	 QUERY("SELECT DISTINCT o.owner::text FROM sfn.owned_objects o JOIN pg_authid r ON r.oid = o.owner::oid, pg_class c"
		   " WHERE $1 <= $2 AND c.oid = 'sfn.owned_objects'::regclass AND r.oid NOT IN (10, c.relowner)"
		   " AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = r.oid)")},
	{"sequence", "it is behind the ids that were taken from it", "call sfn.adopt()",
	 QUERY("SELECT DISTINCT t.sequence::text FROM " TAKEN_IDS
		   " t (sequence, taken) WHERE $1 <= $2 AND " IS_BEHIND("t"))},
	{"instance", "the executions are those of another database: nothing runs", "call sfn.adopt()",
	 QUERY(
		 "SELECT current_database()::text WHERE $1 <= $2 AND NOT EXISTS (SELECT FROM sfn.instance i, pg_control_system() s, pg_database d"
		 " WHERE i.system_identifier = s.system_identifier AND i.database_oid = d.oid AND d.datname = current_database())"
		 " AND (EXISTS (SELECT FROM sfn.state_machine_revision) OR EXISTS (SELECT FROM sfn.execution))")},
	{"schedule", "it is due and nobody will look at it", "call sfn.enable_schedule() or sfn.drop_schedule()",
	 QUERY(
		 "SELECT s.group_name || '/' || s.name FROM sfn.schedule s WHERE $1 <= $2 AND s.is_enabled AND (s.due IS NULL) <> (s.next_due IS NULL)")},
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
