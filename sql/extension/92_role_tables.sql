-- Which role a roleArn of AWS's API means.

CREATE TABLE sfn.mapped_role (
	role_arn text COLLATE "C" PRIMARY KEY,
	role sfn.role NOT NULL						-- whom state machines with that roleArn run as
);
COMMENT ON TABLE sfn.mapped_role IS 'which role a roleArn of AWS''s API means';
COMMENT ON COLUMN sfn.mapped_role.role_arn IS 'as clients of the API give it';
COMMENT ON COLUMN sfn.mapped_role.role IS 'whom a state machine runs as that is made with it';

SELECT pg_catalog.pg_extension_config_dump('sfn.mapped_role', '');
