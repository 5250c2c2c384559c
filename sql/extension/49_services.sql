-- AWS services: loading what is known of them, endpoints, credentials.

CREATE FUNCTION sfn.load_services(directory text) RETURNS integer
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_load_services';
COMMENT ON FUNCTION sfn.load_services(text) IS
	'loads AWS''s models of services from a directory of the server such as botocore/data; returns how many; for superusers';

CREATE FUNCTION sfn.load_service_model(model json) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_load_service_model';
COMMENT ON FUNCTION sfn.load_service_model(json) IS
	'loads one service from AWS''s model of it (service-2.json); returns the name that Resources use; for superusers';

CREATE FUNCTION sfn_internal.shipped_services() RETURNS json
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sfn_shipped_services';
COMMENT ON FUNCTION sfn_internal.shipped_services() IS 'the AWS services that come with sfn, for the view sfn.services';

CREATE VIEW sfn.services AS
	SELECT s.name, s.prefix, s.protocol, s.operations, s.source, s.loaded FROM sfn.service s
	UNION ALL
	SELECT f.name, f.prefix, f.protocol, f.operations, 'shipped', NULL
	FROM pg_catalog.json_to_recordset(sfn_internal.shipped_services()) f (name text, prefix text, protocol text, operations int)
	WHERE NOT EXISTS (SELECT FROM sfn.service s WHERE s.name OPERATOR(pg_catalog.=) f.name);
COMMENT ON VIEW sfn.services IS 'AWS services whose actions tasks can call';
COMMENT ON COLUMN sfn.services.name IS 'as arn:aws:states:::aws-sdk:NAME:action has it';
COMMENT ON COLUMN sfn.services.prefix IS 'what the names of its errors begin with';
COMMENT ON COLUMN sfn.services.protocol IS 'json, rest-json, query, ec2 or rest-xml';
COMMENT ON COLUMN sfn.services.operations IS 'how many it has';
COMMENT ON COLUMN sfn.services.source IS 'shipped: it came with sfn; else from where it was loaded';
COMMENT ON COLUMN sfn.services.loaded IS 'when it was loaded; null: it came with sfn';
GRANT SELECT ON sfn.services TO PUBLIC;

CREATE FUNCTION sfn.create_service_endpoint(service text, url text, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_service_endpoint';
COMMENT ON FUNCTION sfn.create_service_endpoint(text, text, text) IS
	'sends calls of a service, or of all (*), to an address of one''s own instead of AWS''s; for superusers';

CREATE FUNCTION sfn.delete_service_endpoint(service text, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_service_endpoint';
COMMENT ON FUNCTION sfn.delete_service_endpoint(text, text) IS 'sends them to AWS again; for superusers';

CREATE VIEW sfn.service_endpoints AS
	SELECT e.service, e.region, e.url FROM sfn.service_endpoint e;
COMMENT ON VIEW sfn.service_endpoints IS 'addresses that calls of services go to in place of AWS''s';
COMMENT ON COLUMN sfn.service_endpoints.service IS 'its name, or * for all';
COMMENT ON COLUMN sfn.service_endpoints.region IS 'the region whose calls it takes; null: all';
COMMENT ON COLUMN sfn.service_endpoints.url IS 'where they go';
GRANT SELECT ON sfn.service_endpoints TO PUBLIC;

-- Credentials are connections, with their owners, rights and secrets.
CREATE FUNCTION sfn.create_aws_credentials(name text, source text, parameters jsonb DEFAULT '{}', region text DEFAULT NULL,
		role_arns text[] DEFAULT NULL, replace boolean DEFAULT false) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_aws_credentials';
COMMENT ON FUNCTION sfn.create_aws_credentials(text, text, jsonb, text, text[], boolean) IS
	'stores credentials that calls of AWS services are signed with, for state machines whose role_arn is listed, or, as "default", for all of roles with the caller''s privileges';

CREATE VIEW sfn.aws_credentials WITH (security_barrier) AS
	SELECT c.name, c.shown OPERATOR(pg_catalog.->>) 'Source' AS source, c.shown OPERATOR(pg_catalog.->>) 'AccessKeyId' AS access_key_id,
		c.shown OPERATOR(pg_catalog.->>) 'Region' AS region,
		CASE WHEN c.shown OPERATOR(pg_catalog.->) 'RoleArns' IS NOT NULL
			THEN ARRAY(SELECT pg_catalog.json_array_elements_text(c.shown OPERATOR(pg_catalog.->) 'RoleArns')) END AS role_arns,
		c.owner::pg_catalog.regrole AS owner, c.creation_date, c.update_date
	FROM sfn.connection c
	WHERE c.authorization_type OPERATOR(pg_catalog.=) 'AWS' AND pg_catalog.pg_has_role(c.owner, 'USAGE');
COMMENT ON VIEW sfn.aws_credentials IS 'AWS credentials of the roles that the reader is a member of, without their secrets';
COMMENT ON COLUMN sfn.aws_credentials.name IS 'its name, which is also that of the connection that holds them';
COMMENT ON COLUMN sfn.aws_credentials.source IS 'STATIC, ASSUME_ROLE, ENVIRONMENT, INSTANCE, CONTAINER or WEB_IDENTITY';
COMMENT ON COLUMN sfn.aws_credentials.access_key_id IS 'of STATIC: the public part';
COMMENT ON COLUMN sfn.aws_credentials.region IS 'where calls go; null: sfn.region';
COMMENT ON COLUMN sfn.aws_credentials.role_arns IS 'the role_arn of state machines that use them';
COMMENT ON COLUMN sfn.aws_credentials.owner IS 'the role they belong to';
COMMENT ON COLUMN sfn.aws_credentials.creation_date IS 'when they were stored';
COMMENT ON COLUMN sfn.aws_credentials.update_date IS 'when they were last changed';
GRANT SELECT ON sfn.aws_credentials TO PUBLIC;
