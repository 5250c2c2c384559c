-- Activities, and their tags.

CREATE TABLE sfn.activity (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE,
	owner regrole NOT NULL,
	creation_date timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn.activity IS 'queues of work for programs that poll; members of owner may take tasks and delete the activity';

CREATE TABLE sfn.activity_tag (
	activity_id bigint NOT NULL,
	key text COLLATE "C" NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (activity_id, key)
);
COMMENT ON TABLE sfn.activity_tag IS 'tags of activities';

SELECT pg_catalog.pg_extension_config_dump('sfn.activity', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.activity_tag', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.activity_id_seq', '');
