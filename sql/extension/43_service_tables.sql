-- AWS services: what is known of them, and where they are when they are not where AWS has them.

CREATE TABLE sfn.service (
	name text COLLATE "C" PRIMARY KEY,			-- as arn:aws:states:::aws-sdk:NAME:action has it
	prefix text NOT NULL,						-- of the names of its errors
	protocol text NOT NULL,
	operations int NOT NULL,
	source text NOT NULL,						-- 'shipped', or from where it was loaded
	loaded timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	facts text NOT NULL							-- its row; src/core/aws/model.h
);
COMMENT ON TABLE sfn.service IS 'AWS services that tasks can call: their operations with the shapes of requests and results';
REVOKE ALL ON sfn.service FROM PUBLIC;

CREATE TABLE sfn.service_endpoint (
	service text COLLATE "C" NOT NULL,			-- a name as above, or * for all
	region text COLLATE "C",					-- null: for all
	url text NOT NULL,
	UNIQUE NULLS NOT DISTINCT (service, region)
);
ALTER TABLE sfn.service_endpoint REPLICA IDENTITY FULL;
COMMENT ON TABLE sfn.service_endpoint IS 'addresses that calls of a service go to in place of AWS''s; filled by administrators';
REVOKE ALL ON sfn.service_endpoint FROM PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sfn.service', 'WHERE source OPERATOR(pg_catalog.<>) ''shipped''');
SELECT pg_catalog.pg_extension_config_dump('sfn.service_endpoint', '');
