-- Rights on state machines that their roles have given to others.

CREATE TABLE sfn.state_machine_grant (
	state_machine_id bigint NOT NULL,
	grantee regrole NOT NULL,
	privilege text NOT NULL CHECK (privilege IN ('start', 'see', 'manage')),
	grantor regrole NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (state_machine_id, grantee, privilege)
);
COMMENT ON TABLE sfn.state_machine_grant IS 'who, beside the members of its role, may do what with a state machine';

SELECT pg_catalog.pg_extension_config_dump('sfn.state_machine_grant', '');
