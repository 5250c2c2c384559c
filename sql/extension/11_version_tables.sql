-- Versions and aliases of state machines.

CREATE TABLE sfn.state_machine_version (
	state_machine_id bigint NOT NULL,
	number integer NOT NULL,
	revision_id bigint NOT NULL,
	description text NOT NULL DEFAULT '',
	creation_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, number)
);
COMMENT ON TABLE sfn.state_machine_version IS 'revisions that were published under a number';
CREATE UNIQUE INDEX state_machine_version_revision ON sfn.state_machine_version (state_machine_id, revision_id);

CREATE TABLE sfn.state_machine_alias (
	state_machine_id bigint NOT NULL,
	name text COLLATE "C" NOT NULL,
	description text NOT NULL DEFAULT '',
	first_version integer NOT NULL,
	first_weight integer NOT NULL CHECK (first_weight BETWEEN 0 AND 100),
	second_version integer,						-- gets the rest of 100; null: there is none
	creation_date timestamptz NOT NULL,
	update_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, name)
);
COMMENT ON TABLE sfn.state_machine_alias IS 'names for one version, or for two that share the executions by weight';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_version', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_alias', '');
