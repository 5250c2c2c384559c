-- Buses that events come on, rules that look for some of them, and what is to be told then.  The bus 0 is the default one,
-- which is always there and has no row; the topic x is the bus topic/x.

CREATE TABLE sfn.event_bus (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner sfn.role NOT NULL,
	description text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.event_bus IS 'event buses beside the default one';

CREATE TABLE sfn.event_bus_grant (
	bus_id bigint NOT NULL,
	grantee sfn.role NOT NULL,
	privilege text NOT NULL CHECK (privilege IN ('put', 'subscribe', 'put_aws')),
	PRIMARY KEY (bus_id, grantee, privilege)
);
COMMENT ON TABLE sfn.event_bus_grant IS 'who may put events on a bus, get those of others, and put some whose source is reserved';

CREATE TABLE sfn.event_bus_permission (
	bus_id bigint NOT NULL,
	position integer NOT NULL,					-- of the statement in the policy
	statement_id text COLLATE "C",				-- the same for all of a statement; null: it has none
	principal text COLLATE "C" NOT NULL,		-- as the policy names whom it lets
	grantee sfn.role NOT NULL,					-- whom that means; 0 stands for every role
	PRIMARY KEY (bus_id, position, principal)
);
COMMENT ON TABLE sfn.event_bus_permission IS 'who may put events on a bus by the policy that AWS''s PutPermission makes';

CREATE TABLE sfn.event_rule (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	bus_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	owner sfn.role NOT NULL,					-- what he may see, the rule gets
	pattern json,								-- null: it is told by its clock alone, a row of sfn.schedule
	is_enabled boolean NOT NULL,
	disabled_reason text,						-- when it was not its owner
	description text,
	role_arn text,								-- as AWS's PutRule was given it; shown, no more
	creation_date timestamptz NOT NULL,
	UNIQUE (bus_id, name)
);
COMMENT ON TABLE sfn.event_rule IS 'which events of a bus lead to something';
CREATE INDEX event_rule_owner ON sfn.event_rule ((owner::oid));

CREATE TABLE sfn.event_target (
	rule_id bigint NOT NULL,
	target_id text COLLATE "C" NOT NULL,
	target text NOT NULL,						-- as it was given
	role sfn.role NOT NULL,						-- it is told in the name of
	input json,
	input_path text,
	input_transformer json,
	retry json,
	aws_members json,							-- others that AWS's PutTargets was given; shown, and some of them read
	machine_id bigint,							-- the hidden state machine that delivers; null: none is needed
	PRIMARY KEY (rule_id, target_id)
);
COMMENT ON TABLE sfn.event_target IS 'what is told of the events of a rule';

CREATE TABLE sfn.event_bus_tag (
	bus_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (bus_id, key)
);
COMMENT ON TABLE sfn.event_bus_tag IS 'tags of event buses';

CREATE TABLE sfn.event_rule_tag (
	rule_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (rule_id, key)
);
COMMENT ON TABLE sfn.event_rule_tag IS 'tags of rules';

CREATE TABLE sfn.event_dead_letter (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	creation_date timestamptz NOT NULL,
	rule_id bigint NOT NULL,
	bus text NOT NULL,
	rule text NOT NULL,
	target_id text NOT NULL,
	event json NOT NULL,
	error text,
	cause text,
	execution_id bigint							-- that tried to deliver it; null: a loop was ended
);
COMMENT ON TABLE sfn.event_dead_letter IS 'events that a target could not be told of';
CREATE INDEX event_dead_letter_rule ON sfn.event_dead_letter (rule_id);

CREATE TABLE sfn.event_notice (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	channel text NOT NULL,
	payload text NOT NULL
);
COMMENT ON TABLE sfn.event_notice IS 'notifications for the targets notify:channel; an executor sends and deletes them after the commit';

CREATE TABLE sfn.awaited_event (
	ticket bigint NOT NULL,						-- of the wait
	writer xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
	event json NOT NULL,
	creation_date timestamptz NOT NULL,
	PRIMARY KEY (ticket, writer)
);
COMMENT ON TABLE sfn.awaited_event IS 'events for sessions in sfn.wait_for_event(), until they have read them';

SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_grant', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_permission', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_target', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_bus_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_rule_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_dead_letter', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_dead_letter_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_notice', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.event_notice_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.awaited_event', 'WHERE false');
