-- One of several databases: what it has taken over of their front's log of changes.

CREATE TABLE sfn.shard_change (
	seq bigint PRIMARY KEY,
	revision_id uuid NOT NULL,
	applied timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sfn.shard_change IS 'changes of the front that were made here, each in the transaction that made it';
COMMENT ON COLUMN sfn.shard_change.seq IS 'its number in the front''s log';
COMMENT ON COLUMN sfn.shard_change.revision_id IS 'that of the change there: another one under the same number is of another log';
COMMENT ON COLUMN sfn.shard_change.applied IS 'when';

CREATE TABLE sfn.shard_map (
	shard integer PRIMARY KEY,
	version bigint NOT NULL,
	server_start timestamptz NOT NULL
);
COMMENT ON TABLE sfn.shard_map IS 'of which version the front''s map of slots has to be for starts by name; no row: this is no shard';
COMMENT ON COLUMN sfn.shard_map.shard IS 'this shard; one row';
COMMENT ON COLUMN sfn.shard_map.version IS 'that of the last move of slots away from here';
COMMENT ON COLUMN sfn.shard_map.server_start IS 'of which run of the server the front has said so: slots may have moved while it was down';

SELECT pg_catalog.pg_extension_config_dump('sfn.shard_change', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.shard_map', '');
