-- Names of others: whom machines trust, and to whom connections are lent.

CREATE TABLE sfn.trust (
	kind text COLLATE "C" NOT NULL CHECK (kind IN ('function', 'activity', 'state_machine', 'event_bus', 'connection', 'bucket', 'queue', 'topic')),
	object_id bigint NOT NULL,					-- of what has the name: one made anew has another
	owner sfn.role NOT NULL,						-- the one who is trusted
	role sfn.role NOT NULL,						-- the role whose machines may call it
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (kind, object_id, role)
);
COMMENT ON TABLE sfn.trust IS 'functions, activities, state machines, event buses, connections, buckets, queues and topics of others that the machines of a role may call';

CREATE TABLE sfn.connection_use (
	connection_id bigint NOT NULL,
	role sfn.role NOT NULL,
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (connection_id, role)
);
COMMENT ON TABLE sfn.connection_use IS 'roles that a connection''s owner lets use it; a bucket has its readers and writers';

SELECT pg_catalog.pg_extension_config_dump('sfn.trust', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.connection_use', '');
