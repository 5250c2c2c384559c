-- Nobody has a right on these tables: connection strings may have passwords in them, changes the secrets of connections.

CREATE TABLE sfn_proxy.shard (
	id integer PRIMARY KEY CHECK (id BETWEEN 0 AND 2047),
	conninfo text NOT NULL,
	state text NOT NULL CHECK (state IN ('joining', 'active', 'draining')),
	applied bigint NOT NULL DEFAULT 0,
	last_error text,
	added timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sfn_proxy.shard IS 'the shards: databases with sfn';
COMMENT ON COLUMN sfn_proxy.shard.id IS 'its number, sfn.shard_id there';
COMMENT ON COLUMN sfn_proxy.shard.conninfo IS 'how to reach it, for libpq';
COMMENT ON COLUMN sfn_proxy.shard.state IS 'joining: has not made all changes yet; active; draining: takes no new executions';
COMMENT ON COLUMN sfn_proxy.shard.applied IS 'the last change of the log that it has made';
COMMENT ON COLUMN sfn_proxy.shard.last_error IS 'why it has not made the next one';
COMMENT ON COLUMN sfn_proxy.shard.added IS 'when it was added';

CREATE TABLE sfn_proxy.slot (
	slot integer PRIMARY KEY CHECK (slot BETWEEN 0 AND 1023),
	shard integer NOT NULL,
	previous integer[] NOT NULL DEFAULT '{}',
	since timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sfn_proxy.slot IS 'which shard has the executions whose names were chosen, by the first 10 bits of the SHA-256 of the name';
COMMENT ON COLUMN sfn_proxy.slot.slot IS 'the 10 bits';
COMMENT ON COLUMN sfn_proxy.slot.shard IS 'where new executions go';
COMMENT ON COLUMN sfn_proxy.slot.previous IS 'where older ones may be';
COMMENT ON COLUMN sfn_proxy.slot.since IS 'since when they go there';

CREATE TABLE sfn_proxy.change (
	seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	caller name NOT NULL,
	function text NOT NULL,
	arguments text[] NOT NULL,
	revision_id uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
	state text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'accepted', 'rejected')),
	error text,
	created timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);
COMMENT ON TABLE sfn_proxy.change IS 'the log of changes of what all shards have alike: state machines, activities, functions, connections, rules';
COMMENT ON COLUMN sfn_proxy.change.seq IS 'shards make the accepted ones in this order';
COMMENT ON COLUMN sfn_proxy.change.caller IS 'whose change it is';
COMMENT ON COLUMN sfn_proxy.change.function IS 'what is called';
COMMENT ON COLUMN sfn_proxy.change.arguments IS 'with what; may hold secrets';
COMMENT ON COLUMN sfn_proxy.change.revision_id IS 'of the definition that it may make, so that it is the same on all';
COMMENT ON COLUMN sfn_proxy.change.state IS 'proposed: the first shard has not answered; accepted: it has made it; rejected: it raised an error';
COMMENT ON COLUMN sfn_proxy.change.error IS 'that error';
COMMENT ON COLUMN sfn_proxy.change.created IS 'when it was proposed';
CREATE INDEX change_state ON sfn_proxy.change (state, seq);

CREATE TABLE sfn_proxy.map (
	version bigint NOT NULL DEFAULT (10 * extract(epoch FROM clock_timestamp()))::bigint << 16,
	front text,
	region text,
	account text
);
COMMENT ON TABLE sfn_proxy.map IS 'one row';
COMMENT ON COLUMN sfn_proxy.map.version IS 'rises with each change of shards and slots; above its 16 lowest bits it tells which front this is: when it became one';
COMMENT ON COLUMN sfn_proxy.map.front IS 'how this database reaches itself, for the log; null: by its own socket';
COMMENT ON COLUMN sfn_proxy.map.region IS 'sfn.region of all shards';
COMMENT ON COLUMN sfn_proxy.map.account IS 'sfn.account_id of all shards';
INSERT INTO sfn_proxy.map DEFAULT VALUES;

SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.shard', '');
SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.slot', '');
SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.change', '');
SELECT pg_catalog.pg_extension_config_dump('sfn_proxy.change_seq_seq', '');

-- Filled from routes.txt.
CREATE TABLE sfn_proxy.route (
	function text PRIMARY KEY,
	route text NOT NULL,
	effect text NOT NULL CHECK (effect IN ('read', 'repeat', 'write')),
	argument integer,
	member text
);
COMMENT ON TABLE sfn_proxy.route IS 'where a call of a function goes';
COMMENT ON COLUMN sfn_proxy.route.function IS 'its name with the types of its arguments; an action of sfn.api: its name';
COMMENT ON COLUMN sfn_proxy.route.route IS 'by what the shard is found';
COMMENT ON COLUMN sfn_proxy.route.effect IS 'read; repeat: done twice, it is done once; write';
COMMENT ON COLUMN sfn_proxy.route.argument IS 'which argument a wait is limited by, or the group of a schedule is in';
COMMENT ON COLUMN sfn_proxy.route.member IS 'of an action: the member of its request by which the shard is found';
