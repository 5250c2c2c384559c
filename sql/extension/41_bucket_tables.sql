-- Where the S3 objects that definitions name are to be found.

CREATE TABLE sfn.bucket (
	name text COLLATE "C" PRIMARY KEY,
	url text NOT NULL,							-- file:///directory or https://host/path
	connection text,							-- name of the connection that requests are made with, or null
	region text,								-- of the signatures of requests, or null: they are not signed
	readers regrole[] NOT NULL,					-- 0 stands for every role
	writers regrole[] NOT NULL,
	owner regrole NOT NULL,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.bucket IS 'directories and addresses in which state machines find and leave S3 objects; filled by administrators';

SELECT pg_catalog.pg_extension_config_dump('sfn.bucket', '');
