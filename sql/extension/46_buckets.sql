-- Buckets.

CREATE FUNCTION sfn.create_bucket(name text, url text, readers regrole[] DEFAULT NULL, writers regrole[] DEFAULT NULL,
		connection text DEFAULT NULL, region text DEFAULT NULL) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_bucket';
COMMENT ON FUNCTION sfn.create_bucket(text, text, regrole[], regrole[], text, text) IS
	'lets ItemReader and ResultWriter find S3 objects of this bucket in a directory of the server or below an address; for administrators';

CREATE FUNCTION sfn.delete_bucket(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_bucket';
COMMENT ON FUNCTION sfn.delete_bucket(text) IS 'forgets a bucket; what it holds stays where it is';

-- A view with the rights of its owner: the table itself is closed.
CREATE VIEW sfn.buckets WITH (security_barrier) AS
	SELECT b.name, b.url, b.connection, b.region, b.readers::pg_catalog.regrole[] AS readers, b.writers::pg_catalog.regrole[] AS writers,
		b.owner::pg_catalog.regrole AS owner, b.creation_date
	FROM sfn.bucket b
	WHERE pg_catalog.pg_has_role(b.owner, 'USAGE') OR EXISTS (
		SELECT FROM pg_catalog.unnest(b.readers OPERATOR(pg_catalog.||) b.writers) r
		WHERE r::oid OPERATOR(pg_catalog.=) 0::oid OR pg_catalog.pg_has_role(r::oid, 'USAGE'));
COMMENT ON VIEW sfn.buckets IS 'buckets that the reader, or a role that he is a member of, may read or write, or has made';
COMMENT ON COLUMN sfn.buckets.name IS 'its name';
COMMENT ON COLUMN sfn.buckets.url IS 'where it is: file:///directory or https://host/prefix';
COMMENT ON COLUMN sfn.buckets.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.buckets.creation_date IS 'when it was made';
COMMENT ON COLUMN sfn.buckets.connection IS 'name of the connection that requests to the URL are made with';
COMMENT ON COLUMN sfn.buckets.region IS 'S3 region for which requests are signed with the connection''s user name and password; null: they are not signed';
COMMENT ON COLUMN sfn.buckets.readers IS 'roles whose members'' state machines may read it; - stands for every role';
COMMENT ON COLUMN sfn.buckets.writers IS 'roles whose members'' state machines may write to it; - stands for every role';
GRANT SELECT ON sfn.buckets TO PUBLIC;
