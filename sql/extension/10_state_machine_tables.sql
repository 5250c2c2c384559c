-- State machines, their definitions and their tags.

CREATE TABLE sfn.state_machine (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL,
	type text NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
	status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DELETING', 'DELETED')),
	role sfn.role NOT NULL,
	creator sfn.role NOT NULL,
	revision_id bigint NOT NULL,
	creation_date timestamptz NOT NULL,
	update_date timestamptz,
	last_version integer NOT NULL DEFAULT 0,	-- numbers of versions are never used again
	map_of bigint								-- what the children of a Distributed Map run: the state machine they belong to; itself: it delivers events
);
COMMENT ON TABLE sfn.state_machine IS 'one row per state machine; revision_id is the definition that new executions run';
CREATE UNIQUE INDEX state_machine_name ON sfn.state_machine (name) WHERE status <> 'DELETED';
CREATE INDEX state_machine_any_name ON sfn.state_machine (name);
CREATE INDEX state_machine_map ON sfn.state_machine (map_of) WHERE map_of IS NOT NULL;

CREATE TABLE sfn.state_machine_revision (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	state_machine_id bigint NOT NULL,
	revision_id uuid NOT NULL DEFAULT coalesce(nullif(pg_catalog.current_setting('sfn_shard.revision_id', true), '')::uuid,
		pg_catalog.gen_random_uuid()),			-- given where several databases are to have the same (98_shards.sql)
	definition text NOT NULL,
	role sfn.role NOT NULL,
	role_arn text NOT NULL,
	logging jsonb,
	tracing jsonb,
	priority int4,
	retention text,								-- how long what has ended is kept: '7 days', 'forever'
	failures_for text,
	children_for text,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.state_machine_revision IS 'immutable definitions with their settings; a running execution keeps the one it was started with, but for its role and priority, which may be changed';
CREATE INDEX state_machine_revision_machine ON sfn.state_machine_revision (state_machine_id, id);
CREATE INDEX state_machine_revision_retention ON sfn.state_machine_revision (id)
	WHERE retention IS NOT NULL OR failures_for IS NOT NULL OR children_for IS NOT NULL;

CREATE TABLE sfn.tag (
	state_machine_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (state_machine_id, key)
);
COMMENT ON TABLE sfn.tag IS 'tags of state machines';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_revision', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_revision_id_seq', '');
