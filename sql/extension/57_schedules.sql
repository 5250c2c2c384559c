-- Schedules.

CREATE FUNCTION sfn.create_schedule(name text, expression text, target text, input json DEFAULT '{}', timezone text DEFAULT 'UTC',
		start_date timestamptz DEFAULT NULL, end_date timestamptz DEFAULT NULL, flexible interval DEFAULT NULL, catch_up text DEFAULT 'last',
		role regrole DEFAULT NULL, retry json DEFAULT NULL, enabled boolean DEFAULT true, group_name text DEFAULT 'default',
		action_after_completion text DEFAULT 'NONE', description text DEFAULT NULL, replace boolean DEFAULT false,
		parameters json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_schedule';
COMMENT ON FUNCTION sfn.create_schedule(text, text, text, json, text, timestamptz, timestamptz, interval, text, regrole, json, boolean, text, text, text, boolean, json, text) IS
	'starts a state machine, or tells another target, at the times of an expression; the ARN of the schedule';

CREATE FUNCTION sfn.update_schedule(name text, expression text DEFAULT NULL, target text DEFAULT NULL, input json DEFAULT NULL,
		timezone text DEFAULT NULL, start_date timestamptz DEFAULT NULL, end_date timestamptz DEFAULT NULL, flexible interval DEFAULT NULL,
		catch_up text DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL, enabled boolean DEFAULT NULL,
		group_name text DEFAULT 'default', action_after_completion text DEFAULT NULL, description text DEFAULT NULL,
		parameters json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_update_schedule';
COMMENT ON FUNCTION sfn.update_schedule(text, text, text, json, text, timestamptz, timestamptz, interval, text, regrole, json, boolean, text, text, text, json, text) IS
	'changes what is given of a schedule, and leaves the rest of it and its counts as they are';

CREATE FUNCTION sfn.create_schedule_group(name text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_schedule_group';
COMMENT ON FUNCTION sfn.create_schedule_group(text) IS 'makes a group of schedules that belongs to the caller; its ARN';

CREATE FUNCTION sfn.drop_schedule_group(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_schedule_group';
COMMENT ON FUNCTION sfn.drop_schedule_group(text) IS 'deletes a group with its schedules';

CREATE FUNCTION sfn.drop_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_schedule';
COMMENT ON FUNCTION sfn.drop_schedule(text, text) IS 'deletes a schedule; what it has started goes on';

CREATE FUNCTION sfn.enable_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_schedule';
COMMENT ON FUNCTION sfn.enable_schedule(text, text) IS 'lets a schedule go on, with its next time from now';

CREATE FUNCTION sfn.disable_schedule(name text, group_name text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_schedule';
COMMENT ON FUNCTION sfn.disable_schedule(text, text) IS 'keeps a schedule, which does nothing until sfn.enable_schedule()';

CREATE FUNCTION sfn.run_due_schedules("limit" integer DEFAULT 1000) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_run_due_schedules';
COMMENT ON FUNCTION sfn.run_due_schedules(integer) IS
	'does what is due of schedules of the caller''s roles, for superusers of all, as the executor does by itself; for pg_cron, and tests; how many it looked at';

CREATE FUNCTION sfn.use_pg_cron(database name DEFAULT pg_catalog.current_database()) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_use_pg_cron';
COMMENT ON FUNCTION sfn.use_pg_cron(name) IS
	'has pg_cron do each minute what the schedules of a database are due for, in place of the executor; the number of its job; superusers only';
REVOKE ALL ON FUNCTION sfn.use_pg_cron(name) FROM PUBLIC;

CREATE FUNCTION sfn.leave_pg_cron(database name DEFAULT pg_catalog.current_database()) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_leave_pg_cron';
COMMENT ON FUNCTION sfn.leave_pg_cron(name) IS
	'has the executor do again what the schedules of a database are due for; superusers only';
REVOKE ALL ON FUNCTION sfn.leave_pg_cron(name) FROM PUBLIC;

CREATE VIEW sfn.schedule_groups WITH (security_barrier) AS
	SELECT 'default' AS name, NULL::pg_catalog.regrole AS owner, NULL::timestamptz AS creation_date
	UNION ALL SELECT g.name, g.owner::pg_catalog.regrole, g.creation_date FROM sfn.schedule_group g;
COMMENT ON VIEW sfn.schedule_groups IS 'groups of schedules';
COMMENT ON COLUMN sfn.schedule_groups.name IS 'its name';
COMMENT ON COLUMN sfn.schedule_groups.owner IS 'the role it belongs to; the default one belongs to nobody';
COMMENT ON COLUMN sfn.schedule_groups.creation_date IS 'when it was made';
GRANT SELECT ON sfn.schedule_groups TO PUBLIC;

CREATE VIEW sfn.schedules WITH (security_barrier) AS
	SELECT s.group_name, s.name, s.owner::pg_catalog.regrole AS owner, s.role::pg_catalog.regrole AS role, s.expression, s.timezone, s.start_date,
		s.end_date, s.flexible, s.target, s.input, s.aws_members AS parameters,
		s.aws_members OPERATOR(pg_catalog.->) 'DeadLetterConfig' OPERATOR(pg_catalog.->>) 'Arn' AS dead_letter_queue, s.retry, s.catch_up, s.deletes_itself, s.is_enabled AS enabled, s.disabled_reason, s.next_due, s.last_due, s.runs,
		s.missed, s.description, s.creation_date, s.last_modification_date
	FROM sfn.schedule s WHERE s.rule_id IS NULL AND pg_catalog.pg_has_role(s.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.schedules IS 'schedules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.schedules.group_name IS 'the group it belongs to';
COMMENT ON COLUMN sfn.schedules.name IS 'its name, unique in the group';
COMMENT ON COLUMN sfn.schedules.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.schedules.role IS 'in whose name the target is told';
COMMENT ON COLUMN sfn.schedules.expression IS 'when it is due';
COMMENT ON COLUMN sfn.schedules.timezone IS 'on the clocks of this zone';
COMMENT ON COLUMN sfn.schedules.start_date IS 'not before then';
COMMENT ON COLUMN sfn.schedules.end_date IS 'not after then';
COMMENT ON COLUMN sfn.schedules.flexible IS 'up to how much later than due';
COMMENT ON COLUMN sfn.schedules.target IS 'what is started or told';
COMMENT ON COLUMN sfn.schedules.input IS 'what it is told; null: the event "Scheduled Event", as on AWS';
COMMENT ON COLUMN sfn.schedules.parameters IS 'what else AWS''s API has of its kind of target, as EventBridgeParameters of a bus';
COMMENT ON COLUMN sfn.schedules.dead_letter_queue IS 'ARN of the queue for what the target could not be told, or null';
COMMENT ON COLUMN sfn.schedules.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.schedules.catch_up IS 'what is done of times that were missed: none, last, all';
COMMENT ON COLUMN sfn.schedules.deletes_itself IS 'is it deleted when nothing is due any more?';
COMMENT ON COLUMN sfn.schedules.enabled IS 'is anything done?';
COMMENT ON COLUMN sfn.schedules.disabled_reason IS 'why the engine has disabled it, or null';
COMMENT ON COLUMN sfn.schedules.next_due IS 'when something is done next; null: never';
COMMENT ON COLUMN sfn.schedules.last_due IS 'the time for which something was done last';
COMMENT ON COLUMN sfn.schedules.runs IS 'how often something was done';
COMMENT ON COLUMN sfn.schedules.missed IS 'how many times have passed without';
COMMENT ON COLUMN sfn.schedules.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.schedules.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.schedules.last_modification_date IS 'when somebody changed it last';
GRANT SELECT ON sfn.schedules TO PUBLIC;
