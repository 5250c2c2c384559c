-- What roles own.  An owner has an entry in the ACL of sfn.owned_objects, so that the server refuses to drop the role, from
-- any database; the entry comes with the first object and goes with the last, when the transaction commits.

CREATE VIEW sfn.owned_objects WITH (security_barrier) AS
SELECT o.kind, o.name, o.owner FROM (
	SELECT 'state machine', m.name, m.role FROM sfn.state_machine m
	WHERE m.status OPERATOR(pg_catalog.=) 'ACTIVE' AND m.map_of IS NULL
	UNION ALL SELECT 'activity', a.name, a.owner FROM sfn.activity a
	UNION ALL SELECT 'function', f.name, f.owner FROM sfn.function f
	UNION ALL SELECT 'connection', c.name, c.owner FROM sfn.connection c
	UNION ALL SELECT 'bucket', b.name, b.owner FROM sfn.bucket b
	UNION ALL SELECT 'queue', q.name, q.owner FROM sfn.queue q
	UNION ALL SELECT 'queue trigger', q.name, t.owner
		FROM sfn.queue_trigger t JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) t.queue_id
	UNION ALL SELECT 'rule', pg_catalog.concat_ws('/', b.name, r.name), r.owner
		FROM sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
	UNION ALL SELECT 'archive', a.name, a.owner FROM sfn.event_archive a
	UNION ALL SELECT 'event bus', b.name, b.owner FROM sfn.event_bus b WHERE NOT pg_catalog.starts_with(b.name, 'topic/')
	UNION ALL SELECT 'topic', pg_catalog.substr(b.name, 7), b.owner FROM sfn.event_bus b WHERE pg_catalog.starts_with(b.name, 'topic/')
	UNION ALL SELECT 'schedule group', g.name, g.owner FROM sfn.schedule_group g
	UNION ALL SELECT 'schedule', pg_catalog.concat(s.group_name, '/', s.name), s.owner FROM sfn.schedule s WHERE s.rule_id IS NULL) o (kind, name, owner)
WHERE pg_catalog.pg_has_role(o.owner::oid, 'MEMBER');
COMMENT ON VIEW sfn.owned_objects IS 'what the roles own that one is a member of; an owner has an entry in its ACL, which keeps the role from being dropped';
COMMENT ON COLUMN sfn.owned_objects.name IS 'of a state machine, activity, function, connection, bucket, queue, queue trigger (the queue), rule (bus/rule; without a bus on the default one), archive, event bus, topic, schedule (group/schedule) or schedule group';
COMMENT ON COLUMN sfn.owned_objects.owner IS 'the role that owns it';
COMMENT ON COLUMN sfn.owned_objects.kind IS 'state machine, activity, function, connection, bucket, queue, queue trigger, rule, archive, event bus, topic, schedule or schedule group';
GRANT SELECT ON sfn.owned_objects TO PUBLIC;

CREATE FUNCTION sfn.reassign(old_role regrole, new_role regrole) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_reassign';
COMMENT ON FUNCTION sfn.reassign(regrole, regrole) IS
	'hands over all state machines, activities, functions, connections, buckets, queues and their triggers, rules, archives, event buses, topics, schedules and their groups of a role; how many there were';

CREATE FUNCTION sfn_internal.owner_changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'sfn_owner_changed';
COMMENT ON FUNCTION sfn_internal.owner_changed() IS 'keeps the ACL of sfn.owned_objects as it should be; the argument is the column with the owner';
REVOKE ALL ON FUNCTION sfn_internal.owner_changed() FROM PUBLIC;

CREATE TRIGGER owner_gained AFTER INSERT ON sfn.state_machine FOR EACH ROW
	WHEN (new.map_of IS NULL) EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_changed AFTER UPDATE OF role, status ON sfn.state_machine FOR EACH ROW
	WHEN (old.map_of IS NULL AND old.status OPERATOR(pg_catalog.=) 'ACTIVE' AND
		(old.role OPERATOR(pg_catalog.<>) new.role OR new.status OPERATOR(pg_catalog.<>) 'ACTIVE'))
	EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_lost AFTER DELETE ON sfn.state_machine FOR EACH ROW
	WHEN (old.map_of IS NULL AND old.status OPERATOR(pg_catalog.=) 'ACTIVE') EXECUTE FUNCTION sfn_internal.owner_changed('role');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.activity FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.function FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.connection FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.bucket FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.queue FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.queue_trigger FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_rule FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_bus FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.event_archive FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.schedule FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
CREATE TRIGGER owner_changed AFTER INSERT OR UPDATE OF owner OR DELETE ON sfn.schedule_group FOR EACH ROW
	EXECUTE FUNCTION sfn_internal.owner_changed('owner');
