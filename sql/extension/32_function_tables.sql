-- What a function ARN calls: Lambda functions on AWS, here SQL functions and URLs.

CREATE TABLE sfn.function (
	name text COLLATE "C" PRIMARY KEY,
	target text NOT NULL,						-- qualified signature: schema.name(argument types)
	alone boolean NOT NULL DEFAULT false,
	owner regrole NOT NULL,
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.function IS 'what a function ARN and lambda:invoke call: SQL functions under a name of their own';

SELECT pg_catalog.pg_extension_config_dump('sfn.function', '');
