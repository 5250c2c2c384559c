-- Queues of messages.

CREATE TABLE sfn.queue (
	id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,	-- whom one trusts is said of it, not of the name
	name text COLLATE "C" PRIMARY KEY,
	owner sfn.role NOT NULL,
	visibility_timeout integer NOT NULL,		-- seconds
	delay integer NOT NULL,						-- seconds
	dead_letter_queue_id bigint,				-- null: none
	max_receive_count integer,					-- null: any number
	deduplicates_content boolean NOT NULL,		-- a FIFO queue's
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue IS 'queues of messages, in place of those of SQS';

CREATE TABLE sfn.queue_message (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	queue_id bigint NOT NULL,
	visible_at timestamptz NOT NULL,			-- when it may be received: sent, delayed, or received and not deleted in time
	message_id uuid NOT NULL,
	sent timestamptz NOT NULL,
	first_received timestamptz,
	receive_count integer NOT NULL DEFAULT 0,
	receipt uuid,								-- of the last time it was received
	attributes json,							-- MessageAttributes
	message_group text COLLATE "C",				-- of a FIFO queue they are in the order of ids
	deduplication_id text COLLATE "C",			-- of a FIFO queue
	body text NOT NULL
);
COMMENT ON TABLE sfn.queue_message IS 'messages that nobody has deleted yet';
CREATE INDEX queue_message_visible ON sfn.queue_message (queue_id, visible_at, id);
CREATE INDEX queue_message_in_order ON sfn.queue_message (queue_id, id) WHERE message_group IS NOT NULL;
CREATE INDEX queue_message_of_group ON sfn.queue_message (queue_id, message_group, id) WHERE message_group IS NOT NULL;

CREATE TABLE sfn.queue_deduplication (
	queue_id bigint NOT NULL,
	deduplication_id text COLLATE "C" NOT NULL,
	message_id uuid NOT NULL,
	sequence bigint NOT NULL,					-- the message's id, which it had also when it is gone
	sent timestamptz NOT NULL,
	PRIMARY KEY (queue_id, deduplication_id)
);
COMMENT ON TABLE sfn.queue_deduplication IS 'what was sent to FIFO queues in the last minutes, so that it is not sent twice';
CREATE INDEX queue_deduplication_sent ON sfn.queue_deduplication (queue_id, sent);

CREATE TABLE sfn.queue_use (
	queue_id bigint NOT NULL,
	role sfn.role NOT NULL,
	grantor sfn.role NOT NULL,
	grant_date timestamptz NOT NULL,
	PRIMARY KEY (queue_id, role)
);
COMMENT ON TABLE sfn.queue_use IS 'roles that a queue''s owner lets use it';

CREATE TABLE sfn.queue_trigger (
	queue_id bigint PRIMARY KEY,
	owner sfn.role NOT NULL,					-- as whom it receives and starts
	state_machine text NOT NULL,				-- name or ARN, of a version or alias also
	batch_size integer NOT NULL,
	batch_window integer NOT NULL,				-- seconds
	max_concurrency integer,					-- null: any number
	is_enabled boolean NOT NULL,
	paused_until timestamptz,					-- after a start that was refused
	running bigint[] NOT NULL DEFAULT '{}',		-- with a max_concurrency: executions that it has started and that may run yet
	starts bigint NOT NULL DEFAULT 0,
	messages bigint NOT NULL DEFAULT 0,
	last_start timestamptz,
	last_error text,							-- null: the last start was made
	last_error_date timestamptz,
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue_trigger IS 'which state machine is started with the messages of a queue';

CREATE TABLE sfn.queue_group_run (
	queue_id bigint NOT NULL,
	message_group text COLLATE "C" NOT NULL,
	execution_id bigint NOT NULL,
	PRIMARY KEY (queue_id, message_group)
);
COMMENT ON TABLE sfn.queue_group_run IS 'groups of FIFO queues that wait for an execution which was started with messages of theirs';

CREATE TABLE sfn.queue_source (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	queue_id bigint UNIQUE,						-- where its messages go; null: they are events of jobs, and wake these
	url text COLLATE "C" NOT NULL,				-- of the queue of SQS
	credentials text,							-- by name; null: what the queue's owner calls AWS with
	is_enabled boolean NOT NULL,
	messages bigint NOT NULL DEFAULT 0,
	last_message timestamptz,
	failures integer NOT NULL DEFAULT 0,		-- in a row
	last_error text,							-- null: the last call has succeeded
	last_error_date timestamptz,
	next_poll timestamptz NOT NULL,
	polled_by integer,							-- the process that asks just now
	attempt uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),	-- which call it is, the same when it is made again; a FIFO queue's answer is the same then
	creation_date timestamptz NOT NULL
);
COMMENT ON TABLE sfn.queue_source IS 'queues of SQS whose messages are fetched';
CREATE UNIQUE INDEX queue_source_of_jobs ON sfn.queue_source (url) WHERE queue_id IS NULL;

CREATE TABLE sfn.queue_source_message (
	source_id bigint NOT NULL,
	message_id text COLLATE "C" NOT NULL,		-- SQS's
	receipt_handle text,						-- by which it is to be deleted there; null: it was
	delete_after timestamptz NOT NULL,
	seen timestamptz NOT NULL,
	PRIMARY KEY (source_id, message_id)
);
COMMENT ON TABLE sfn.queue_source_message IS 'messages of SQS that were fetched lately, so that one which comes again is known';
CREATE INDEX queue_source_message_undeleted ON sfn.queue_source_message (source_id, delete_after) WHERE receipt_handle IS NOT NULL;
CREATE INDEX queue_source_message_seen ON sfn.queue_source_message (source_id, seen) WHERE receipt_handle IS NULL;

SELECT pg_catalog.pg_extension_config_dump('sfn.queue', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_message', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_message_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_deduplication', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_use', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_trigger', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_group_run', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('sfn.queue_source_message', '');
