-- Event buses, rules, targets, and putting events; topics.

CREATE FUNCTION sfn.create_bus(name text, description text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_bus';
COMMENT ON FUNCTION sfn.create_bus(text, text) IS 'makes an event bus that belongs to the caller';

CREATE FUNCTION sfn.drop_bus(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_bus';
COMMENT ON FUNCTION sfn.drop_bus(text) IS 'deletes an event bus that has no rules';

CREATE FUNCTION sfn.grant_bus(bus text, role regrole, privilege text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_grant_bus';
COMMENT ON FUNCTION sfn.grant_bus(text, regrole, text) IS
	'lets a role put events on a bus (put), its rules get events that others put (subscribe), or it put events of reserved sources (put_aws)';

CREATE FUNCTION sfn.revoke_bus(bus text, role regrole, privilege text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_revoke_bus';
COMMENT ON FUNCTION sfn.revoke_bus(text, regrole, text) IS 'takes back what sfn.grant_bus() gave';

CREATE FUNCTION sfn.create_rule(name text, pattern json, target text DEFAULT NULL, bus text DEFAULT 'default', input_path text DEFAULT NULL,
		input json DEFAULT NULL, input_transformer json DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL,
		enabled boolean DEFAULT true, description text DEFAULT NULL, replace boolean DEFAULT false, dead_letter_queue text DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_rule';
COMMENT ON FUNCTION sfn.create_rule(text, json, text, text, text, json, json, regrole, json, boolean, text, boolean, text) IS
	'makes a rule for the events that match a pattern, with a target "1" if one is given; its ARN';

CREATE FUNCTION sfn.set_target(rule text, target_id text, target text, input_path text DEFAULT NULL, input json DEFAULT NULL,
		input_transformer json DEFAULT NULL, role regrole DEFAULT NULL, retry json DEFAULT NULL, dead_letter_queue text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_target';
COMMENT ON FUNCTION sfn.set_target(text, text, text, text, json, json, regrole, json, text) IS
	'adds a target to a rule, or changes it: what is told of the events that match';

CREATE FUNCTION sfn.remove_target(rule text, target_id text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_remove_target';
COMMENT ON FUNCTION sfn.remove_target(text, text) IS 'takes a target from a rule; what is under way to it goes on';

CREATE FUNCTION sfn.enable_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_rule';
COMMENT ON FUNCTION sfn.enable_rule(text) IS 'lets a rule match events again';

CREATE FUNCTION sfn.disable_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_rule';
COMMENT ON FUNCTION sfn.disable_rule(text) IS 'keeps a rule, which matches nothing until sfn.enable_rule()';

CREATE FUNCTION sfn.drop_rule(rule text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_rule';
COMMENT ON FUNCTION sfn.drop_rule(text) IS 'deletes a rule with its targets and dead letters; what is under way to them goes on';

CREATE FUNCTION sfn.put_event(source text, detail_type text, detail json, resources text[] DEFAULT '{}', bus text DEFAULT 'default',
		"time" timestamptz DEFAULT pg_catalog.now()) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_put_event';
COMMENT ON FUNCTION sfn.put_event(text, text, json, text[], text, timestamptz) IS
	'puts an event on a bus; what the rules that match start is started when the transaction commits';

CREATE FUNCTION sfn.put_events(entries json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_put_events';
COMMENT ON FUNCTION sfn.put_events(json) IS 'puts events as AWS''s PutEvents does: those that cannot be put are told in the answer';

CREATE FUNCTION sfn.wait_for_event(pattern json, timeout interval DEFAULT '60 s', bus text DEFAULT 'default') RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_wait_for_event';
COMMENT ON FUNCTION sfn.wait_for_event(json, interval, text) IS
	'waits for an event that matches a pattern and is committed from now on; null when the time is over';

CREATE FUNCTION sfn.redeliver(dead_letter bigint) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_redeliver';
COMMENT ON FUNCTION sfn.redeliver(bigint) IS 'tells a target once more of an event that it could not be told of';

CREATE VIEW sfn.event_buses WITH (security_barrier) AS
	SELECT 'default' AS name, NULL::pg_catalog.regrole AS owner, NULL::text AS description, NULL::timestamptz AS creation_date
	UNION ALL SELECT b.name, b.owner::pg_catalog.regrole, b.description, b.creation_date FROM sfn.event_bus b
	WHERE NOT pg_catalog.starts_with(b.name, 'topic/');
COMMENT ON VIEW sfn.event_buses IS 'event buses';
COMMENT ON COLUMN sfn.event_buses.name IS 'its name';
COMMENT ON COLUMN sfn.event_buses.owner IS 'the role it belongs to; the default bus belongs to nobody';
COMMENT ON COLUMN sfn.event_buses.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_buses.creation_date IS 'when it was made';
GRANT SELECT ON sfn.event_buses TO PUBLIC;

CREATE VIEW sfn.event_bus_grants WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, g.grantee::pg_catalog.regrole AS grantee, g.privilege, g.statement_id
	FROM (SELECT p.bus_id, p.grantee, p.privilege, NULL::text AS statement_id FROM sfn.event_bus_grant p
			UNION ALL SELECT p.bus_id, p.grantee, 'put', coalesce(p.statement_id, '') FROM sfn.event_bus_permission p) g
		LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) g.bus_id
	WHERE g.grantee::oid OPERATOR(pg_catalog.=) 0::oid OR pg_catalog.pg_has_role(g.grantee::oid, 'USAGE') OR pg_catalog.pg_has_role(coalesce(b.owner::oid, 10), 'USAGE');
COMMENT ON VIEW sfn.event_bus_grants IS 'privileges on event buses that roles of the reader have, or that are given on his buses';
COMMENT ON COLUMN sfn.event_bus_grants.bus IS 'name of the bus';
COMMENT ON COLUMN sfn.event_bus_grants.grantee IS 'who has it; - stands for every role';
COMMENT ON COLUMN sfn.event_bus_grants.privilege IS 'put, subscribe or put_aws';
COMMENT ON COLUMN sfn.event_bus_grants.statement_id IS 'of the policy that gives it, empty where that has none; null: sfn.grant_bus() gave it';
GRANT SELECT ON sfn.event_bus_grants TO PUBLIC;

CREATE VIEW sfn.event_rules WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, r.name, r.owner::pg_catalog.regrole AS owner, r.pattern, s.expression AS schedule, s.next_due,
		r.is_enabled AS enabled, r.disabled_reason,
		r.description, r.creation_date,
		(SELECT pg_catalog.count(*) FROM sfn.event_target t WHERE t.rule_id OPERATOR(pg_catalog.=) r.id) AS targets
	FROM sfn.event_rule r LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
		LEFT JOIN sfn.schedule s ON s.rule_id OPERATOR(pg_catalog.=) r.id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_rules IS 'rules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_rules.bus IS 'name of the bus whose events it looks at';
COMMENT ON COLUMN sfn.event_rules.name IS 'its name, unique on the bus';
COMMENT ON COLUMN sfn.event_rules.owner IS 'the role it belongs to: it gets the events that this role may see';
COMMENT ON COLUMN sfn.event_rules.pattern IS 'which events match; null: it has a schedule alone';
COMMENT ON COLUMN sfn.event_rules.schedule IS 'the expression for the times at which its targets are told, or null';
COMMENT ON COLUMN sfn.event_rules.next_due IS 'the next of these times';
COMMENT ON COLUMN sfn.event_rules.enabled IS 'does it look at events?';
COMMENT ON COLUMN sfn.event_rules.disabled_reason IS 'why the engine has disabled it, or null';
COMMENT ON COLUMN sfn.event_rules.description IS 'what its maker says of it';
COMMENT ON COLUMN sfn.event_rules.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.event_rules.targets IS 'how many it has';
GRANT SELECT ON sfn.event_rules TO PUBLIC;

CREATE VIEW sfn.event_targets WITH (security_barrier) AS
	SELECT coalesce(b.name, 'default') AS bus, r.name AS rule, t.target_id, t.target, t.role::pg_catalog.regrole AS role, t.input, t.input_path,
		t.input_transformer, t.retry,
		t.aws_members OPERATOR(pg_catalog.->) 'DeadLetterConfig' OPERATOR(pg_catalog.->>) 'Arn' AS dead_letter_queue
	FROM sfn.event_target t JOIN sfn.event_rule r ON r.id OPERATOR(pg_catalog.=) t.rule_id
		LEFT JOIN sfn.event_bus b ON b.id OPERATOR(pg_catalog.=) r.bus_id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_targets IS 'targets of the rules of roles that the reader is a member of';
COMMENT ON COLUMN sfn.event_targets.bus IS 'name of the bus of its rule';
COMMENT ON COLUMN sfn.event_targets.rule IS 'name of its rule';
COMMENT ON COLUMN sfn.event_targets.target_id IS 'its name within the rule';
COMMENT ON COLUMN sfn.event_targets.target IS 'what is told';
COMMENT ON COLUMN sfn.event_targets.role IS 'in whose name';
COMMENT ON COLUMN sfn.event_targets.input IS 'what it is told whatever the event is';
COMMENT ON COLUMN sfn.event_targets.input_path IS 'which part of the event it is told';
COMMENT ON COLUMN sfn.event_targets.input_transformer IS 'the text that is made of the event';
COMMENT ON COLUMN sfn.event_targets.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.event_targets.dead_letter_queue IS 'ARN of the queue for what it could not be told; null: sfn.event_dead_letters has that';
GRANT SELECT ON sfn.event_targets TO PUBLIC;

CREATE VIEW sfn.event_dead_letters WITH (security_barrier) AS
	SELECT d.id, d.creation_date, d.bus, d.rule, d.target_id, d.event, d.error, d.cause,
		sfn.execution_arn(m.name, e.name, e.express_id) AS execution_arn
	FROM sfn.event_dead_letter d JOIN sfn.event_rule r ON r.id OPERATOR(pg_catalog.=) d.rule_id
		LEFT JOIN sfn.execution e ON e.id OPERATOR(pg_catalog.=) d.execution_id
		LEFT JOIN sfn.state_machine m ON m.id OPERATOR(pg_catalog.=) e.state_machine_id
	WHERE pg_catalog.pg_has_role(r.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.event_dead_letters IS 'events that targets of one''s rules could not be told of; kept for two weeks';
COMMENT ON COLUMN sfn.event_dead_letters.id IS 'what sfn.redeliver() takes';
COMMENT ON COLUMN sfn.event_dead_letters.creation_date IS 'when it was given up';
COMMENT ON COLUMN sfn.event_dead_letters.bus IS 'name of the bus';
COMMENT ON COLUMN sfn.event_dead_letters.rule IS 'name of the rule';
COMMENT ON COLUMN sfn.event_dead_letters.target_id IS 'the target within the rule';
COMMENT ON COLUMN sfn.event_dead_letters.event IS 'the event';
COMMENT ON COLUMN sfn.event_dead_letters.error IS 'the error of the last attempt';
COMMENT ON COLUMN sfn.event_dead_letters.cause IS 'its cause';
COMMENT ON COLUMN sfn.event_dead_letters.execution_arn IS 'the execution that tried to deliver it, whose history shows each attempt';
GRANT SELECT ON sfn.event_dead_letters TO PUBLIC;

-- Topics: buses whose name begins with topic/; subscriptions are their rules.

CREATE FUNCTION sfn.create_topic(name text) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_topic';
COMMENT ON FUNCTION sfn.create_topic(text) IS 'makes a topic that belongs to the caller, unless he has it; returns its ARN';

CREATE FUNCTION sfn.delete_topic(topic text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_topic';
COMMENT ON FUNCTION sfn.delete_topic(text) IS 'deletes a topic with its subscriptions; what is under way to them goes on';

CREATE FUNCTION sfn.subscribe(topic text, target text, raw boolean DEFAULT false, role regrole DEFAULT NULL, retry json DEFAULT NULL,
		filter_policy json DEFAULT NULL, filter_scope text DEFAULT 'MessageAttributes') RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_subscribe';
COMMENT ON FUNCTION sfn.subscribe(text, text, boolean, regrole, json, json, text) IS
	'has a target told of what is published to a topic, or of what a policy asks for, in SNS''s form or the message alone; returns the ARN of the subscription';

CREATE FUNCTION sfn.unsubscribe(subscription text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_unsubscribe';
COMMENT ON FUNCTION sfn.unsubscribe(text) IS 'ends a subscription; what is under way to its target goes on';

CREATE FUNCTION sfn.publish(topic text, message text, subject text DEFAULT NULL, attributes json DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_publish';
COMMENT ON FUNCTION sfn.publish(text, text, text, json) IS 'publishes a message to a topic, in the caller''s transaction; returns its id';

CREATE VIEW sfn.topics WITH (security_barrier) AS
	SELECT pg_catalog.substr(b.name, 7) AS name,
		pg_catalog.concat('arn:aws:sns:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', pg_catalog.substr(b.name, 7)) AS topic_arn,
		b.owner::pg_catalog.regrole AS owner,
		(SELECT pg_catalog.count(*) FROM sfn.event_rule r WHERE r.bus_id OPERATOR(pg_catalog.=) b.id) AS subscriptions,
		b.creation_date
	FROM sfn.event_bus b
	WHERE pg_catalog.starts_with(b.name, 'topic/')
		AND (pg_catalog.pg_has_role(b.owner::oid, 'USAGE') OR EXISTS (SELECT FROM sfn.event_bus_grant g
			WHERE g.bus_id OPERATOR(pg_catalog.=) b.id
				AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) g.grantee::oid)
				AND pg_catalog.pg_has_role(g.grantee::oid, 'USAGE')));
COMMENT ON VIEW sfn.topics IS 'topics that the reader, or a role that he is a member of, owns or may use';
COMMENT ON COLUMN sfn.topics.name IS 'its name';
COMMENT ON COLUMN sfn.topics.topic_arn IS 'what TopicArn of a task names it by';
COMMENT ON COLUMN sfn.topics.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.topics.subscriptions IS 'how many there are to it';
COMMENT ON COLUMN sfn.topics.creation_date IS 'when it was made';
GRANT SELECT ON sfn.topics TO PUBLIC;

CREATE VIEW sfn.subscriptions WITH (security_barrier) AS
	SELECT pg_catalog.concat('arn:aws:sns:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', pg_catalog.substr(b.name, 7), ':', r.name) AS subscription_arn,
		pg_catalog.substr(b.name, 7) AS topic, r.owner::pg_catalog.regrole AS owner, t.target, t.role::pg_catalog.regrole AS role,
		coalesce(t.input_path OPERATOR(pg_catalog.=) '$.detail.Message', false) AS raw, t.retry,
		coalesce(r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageAttributes', r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageBody') AS filter_policy,
		CASE WHEN r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageAttributes' IS NOT NULL THEN 'MessageAttributes'
			WHEN r.pattern::pg_catalog.json OPERATOR(pg_catalog.->) 'MessageBody' IS NOT NULL THEN 'MessageBody' END AS filter_scope,
		r.is_enabled AS enabled,
		r.creation_date
	FROM sfn.event_bus b JOIN sfn.event_rule r ON r.bus_id OPERATOR(pg_catalog.=) b.id
		JOIN sfn.event_target t ON t.rule_id OPERATOR(pg_catalog.=) r.id
	WHERE pg_catalog.starts_with(b.name, 'topic/')
		AND (pg_catalog.pg_has_role(r.owner::oid, 'USAGE') OR pg_catalog.pg_has_role(b.owner::oid, 'USAGE'));
COMMENT ON VIEW sfn.subscriptions IS 'subscriptions of roles that the reader is a member of, and all to topics of such roles';
COMMENT ON COLUMN sfn.subscriptions.subscription_arn IS 'what sfn.unsubscribe() takes';
COMMENT ON COLUMN sfn.subscriptions.topic IS 'name of the topic';
COMMENT ON COLUMN sfn.subscriptions.owner IS 'the role that has subscribed';
COMMENT ON COLUMN sfn.subscriptions.target IS 'what is told';
COMMENT ON COLUMN sfn.subscriptions.role IS 'in whose name';
COMMENT ON COLUMN sfn.subscriptions.raw IS 'does it get the message alone?';
COMMENT ON COLUMN sfn.subscriptions.retry IS 'how often it is tried again';
COMMENT ON COLUMN sfn.subscriptions.filter_policy IS 'which messages it gets; null: all';
COMMENT ON COLUMN sfn.subscriptions.filter_scope IS 'what that is about, MessageAttributes or MessageBody';
COMMENT ON COLUMN sfn.subscriptions.enabled IS 'false: the engine or its owner has disabled it, see sfn.event_rules';
COMMENT ON COLUMN sfn.subscriptions.creation_date IS 'when it was made';
GRANT SELECT ON sfn.subscriptions TO PUBLIC;
