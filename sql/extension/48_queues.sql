-- Queues and their messages.

CREATE FUNCTION sfn.create_queue(name text, visibility_timeout interval DEFAULT '30 s', delay interval DEFAULT '0',
		dead_letter_queue text DEFAULT NULL, max_receive_count integer DEFAULT NULL, content_based_deduplication boolean DEFAULT false)
	RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue';
COMMENT ON FUNCTION sfn.create_queue(text, interval, interval, text, integer, boolean) IS
	'makes a queue of messages, a FIFO queue by a name that ends with .fifo, or changes one of one''s own; returns its URL';

CREATE FUNCTION sfn.set_queue_attributes(queue text, visibility_timeout interval DEFAULT NULL, delay interval DEFAULT NULL,
		dead_letter_queue text DEFAULT NULL, max_receive_count integer DEFAULT NULL, content_based_deduplication boolean DEFAULT NULL)
	RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_set_queue_attributes';
COMMENT ON FUNCTION sfn.set_queue_attributes(text, interval, interval, text, integer, boolean) IS
	'changes what is given of a queue of one''s own, and nothing else';

CREATE FUNCTION sfn.delete_queue(name text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_queue';
COMMENT ON FUNCTION sfn.delete_queue(text) IS 'deletes a queue with its messages';

CREATE FUNCTION sfn.purge_queue(queue text) RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_purge_queue';
COMMENT ON FUNCTION sfn.purge_queue(text) IS 'deletes all messages of a queue; how many there were';

CREATE FUNCTION sfn.send_message(queue text, body text, attributes json DEFAULT NULL, delay interval DEFAULT NULL,
		message_group text DEFAULT NULL, deduplication_id text DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_send_message';
COMMENT ON FUNCTION sfn.send_message(text, text, json, interval, text, text) IS 'puts a message into a queue, in the caller''s transaction; returns its id';

CREATE FUNCTION sfn.receive_message(queue text, max_messages integer DEFAULT 1, visibility_timeout interval DEFAULT NULL,
		OUT message_id uuid, OUT receipt_handle text, OUT body text, OUT attributes json, OUT receive_count integer,
		OUT sent timestamptz, OUT first_received timestamptz, OUT message_group text, OUT deduplication_id text, OUT sequence_number text)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_receive_message';
COMMENT ON FUNCTION sfn.receive_message(text, integer, interval) IS
	'takes messages of a queue, oldest first, which nobody else gets before the visibility timeout; without waiting';

CREATE FUNCTION sfn.delete_message(queue text, receipt_handle text) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_message';
COMMENT ON FUNCTION sfn.delete_message(text, text) IS 'deletes a message that was received; false: it is gone, or somebody has received it since';

CREATE FUNCTION sfn.change_message_visibility(queue text, receipt_handle text, visibility_timeout interval) RETURNS boolean
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_change_message_visibility';
COMMENT ON FUNCTION sfn.change_message_visibility(text, text, interval) IS
	'has a message that was received come back after that time, from now on; false: it is gone, or somebody has received it since';

CREATE VIEW sfn.queues WITH (security_barrier) AS
	SELECT q.name,
		pg_catalog.concat('https://sqs.', pg_catalog.current_setting('sfn.region'), '.amazonaws.com/',
			pg_catalog.current_setting('sfn.account_id'), '/', q.name) AS queue_url,
		pg_catalog.concat('arn:aws:sqs:', pg_catalog.current_setting('sfn.region'), ':',
			pg_catalog.current_setting('sfn.account_id'), ':', q.name) AS queue_arn,
		q.owner::pg_catalog.regrole AS owner,
		pg_catalog.make_interval(secs => q.visibility_timeout) AS visibility_timeout,
		pg_catalog.make_interval(secs => q.delay) AS delay,
		(SELECT d.name FROM sfn.queue d WHERE d.id OPERATOR(pg_catalog.=) q.dead_letter_queue_id) AS dead_letter_queue,
		q.max_receive_count, q.deduplicates_content AS content_based_deduplication,
		(SELECT pg_catalog.count(*) FROM sfn.queue_message m WHERE m.queue_id OPERATOR(pg_catalog.=) q.id) AS messages,
		q.creation_date
	FROM sfn.queue q
	WHERE pg_catalog.pg_has_role(q.owner::oid, 'USAGE') OR EXISTS (SELECT FROM sfn.queue_use u
		WHERE u.queue_id OPERATOR(pg_catalog.=) q.id AND EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) u.role::oid)
			AND pg_catalog.pg_has_role(u.role::oid, 'USAGE'));
COMMENT ON VIEW sfn.queues IS 'queues that the reader, or a role that he is a member of, owns or may use';
COMMENT ON COLUMN sfn.queues.name IS 'its name';
COMMENT ON COLUMN sfn.queues.queue_url IS 'what QueueUrl of a task names it by; it says nothing of where it is';
COMMENT ON COLUMN sfn.queues.queue_arn IS 'its ARN';
COMMENT ON COLUMN sfn.queues.owner IS 'the role it belongs to';
COMMENT ON COLUMN sfn.queues.visibility_timeout IS 'how long a message that was received is hidden from others';
COMMENT ON COLUMN sfn.queues.delay IS 'how long a message waits after it was sent';
COMMENT ON COLUMN sfn.queues.dead_letter_queue IS 'the queue of messages that were received too often; null: none';
COMMENT ON COLUMN sfn.queues.max_receive_count IS 'how often a message is received before it goes there';
COMMENT ON COLUMN sfn.queues.content_based_deduplication IS 'does a FIFO queue take messages of the same body for the same?';
COMMENT ON COLUMN sfn.queues.messages IS 'how many messages it has, received and delayed ones among them';
COMMENT ON COLUMN sfn.queues.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queues TO PUBLIC;

-- Queues of SQS that they are fed from.

CREATE FUNCTION sfn.create_queue_source(queue text, source text, credentials text DEFAULT NULL, enabled boolean DEFAULT true) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue_source';
COMMENT ON FUNCTION sfn.create_queue_source(text, text, text, boolean) IS
	'has the messages of a queue of SQS, by its URL or ARN, fetched into a queue of one''s own, each once; or changes that';

CREATE FUNCTION sfn.drop_queue_source(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_queue_source';
COMMENT ON FUNCTION sfn.drop_queue_source(text) IS 'fetches nothing more into the queue; what it has stays';

CREATE FUNCTION sfn.create_job_events(queue_url text, credentials text DEFAULT 'default') RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_job_events';
COMMENT ON FUNCTION sfn.create_job_events(text, text) IS
	'has jobs of AWS services asked for as soon as an event in a queue of SQS names them; for superusers';

CREATE FUNCTION sfn.drop_job_events(queue_url text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_job_events';
COMMENT ON FUNCTION sfn.drop_job_events(text) IS 'reads no more events of jobs from the queue; for superusers';

CREATE VIEW sfn.queue_sources WITH (security_barrier) AS
	SELECT q.name AS queue, s.url AS source, s.credentials, s.is_enabled AS enabled, s.messages, s.last_message,
		(SELECT pg_catalog.count(*) FROM sfn.queue_source_message m
			WHERE m.source_id OPERATOR(pg_catalog.=) s.id AND m.receipt_handle IS NOT NULL) AS undeleted,
		s.last_error, s.last_error_date, CASE WHEN s.last_error IS NOT NULL THEN s.next_poll END AS paused_until, s.creation_date
	FROM sfn.queue_source s LEFT JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) s.queue_id
	WHERE CASE WHEN s.queue_id IS NULL THEN pg_catalog.current_setting('is_superuser') OPERATOR(pg_catalog.=) 'on'
		ELSE pg_catalog.pg_has_role(q.owner::oid, 'USAGE') END;
COMMENT ON VIEW sfn.queue_sources IS 'queues of SQS whose messages are fetched into queues of the reader, or of a role that he is a member of; to superusers, those with events of jobs also';
COMMENT ON COLUMN sfn.queue_sources.queue IS 'the queue here; null: events of jobs, which wake them';
COMMENT ON COLUMN sfn.queue_sources.source IS 'the URL of the queue of SQS';
COMMENT ON COLUMN sfn.queue_sources.credentials IS 'what the calls are signed with; null: as machines of the queue''s owner without a role ARN';
COMMENT ON COLUMN sfn.queue_sources.enabled IS 'is anything fetched?';
COMMENT ON COLUMN sfn.queue_sources.messages IS 'how many messages have come, each counted once';
COMMENT ON COLUMN sfn.queue_sources.last_message IS 'when the last one has come';
COMMENT ON COLUMN sfn.queue_sources.undeleted IS 'how many of them SQS has not been told yet to delete';
COMMENT ON COLUMN sfn.queue_sources.last_error IS 'why the last call has failed; null: it succeeded';
COMMENT ON COLUMN sfn.queue_sources.last_error_date IS 'when one failed last';
COMMENT ON COLUMN sfn.queue_sources.paused_until IS 'when it is tried again after that; null: it does not pause';
COMMENT ON COLUMN sfn.queue_sources.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queue_sources TO PUBLIC;

-- Their triggers.

CREATE FUNCTION sfn.create_queue_trigger(queue text, state_machine text, batch_size integer DEFAULT 10, batch_window interval DEFAULT '0',
		max_concurrency integer DEFAULT NULL, enabled boolean DEFAULT true) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_queue_trigger';
COMMENT ON FUNCTION sfn.create_queue_trigger(text, text, integer, interval, integer, boolean) IS
	'has a state machine started with the messages of a queue, which are deleted in the same transaction; or changes one''s own trigger of the queue';

CREATE FUNCTION sfn.drop_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_drop_queue_trigger';
COMMENT ON FUNCTION sfn.drop_queue_trigger(text) IS 'deletes the trigger of a queue; what it has started goes on';

CREATE FUNCTION sfn.enable_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_enable_queue_trigger';
COMMENT ON FUNCTION sfn.enable_queue_trigger(text) IS 'lets the trigger of a queue go on, at once also when it pauses';

CREATE FUNCTION sfn.disable_queue_trigger(queue text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_disable_queue_trigger';
COMMENT ON FUNCTION sfn.disable_queue_trigger(text) IS 'keeps the trigger of a queue, which does nothing until sfn.enable_queue_trigger()';

CREATE VIEW sfn.queue_triggers WITH (security_barrier) AS
	SELECT q.name AS queue, t.state_machine, t.owner::pg_catalog.regrole AS owner, t.batch_size,
		pg_catalog.make_interval(secs => t.batch_window) AS batch_window, t.max_concurrency, t.is_enabled AS enabled, t.starts, t.messages,
		t.last_start, t.last_error, t.last_error_date, t.paused_until, t.creation_date
	FROM sfn.queue_trigger t JOIN sfn.queue q ON q.id OPERATOR(pg_catalog.=) t.queue_id
	WHERE pg_catalog.pg_has_role(t.owner::oid, 'USAGE') OR pg_catalog.pg_has_role(q.owner::oid, 'USAGE');
COMMENT ON VIEW sfn.queue_triggers IS 'triggers that the reader, or a role that he is a member of, owns or has the queue of';
COMMENT ON COLUMN sfn.queue_triggers.queue IS 'whose messages it takes';
COMMENT ON COLUMN sfn.queue_triggers.state_machine IS 'what it starts with them, as its maker has named it';
COMMENT ON COLUMN sfn.queue_triggers.owner IS 'the role it belongs to, with whose rights it receives and starts';
COMMENT ON COLUMN sfn.queue_triggers.batch_size IS 'the most messages of one execution';
COMMENT ON COLUMN sfn.queue_triggers.batch_window IS 'how long it waits for them to become so many';
COMMENT ON COLUMN sfn.queue_triggers.max_concurrency IS 'how many of its executions run at a time; null: any number';
COMMENT ON COLUMN sfn.queue_triggers.enabled IS 'is anything done?';
COMMENT ON COLUMN sfn.queue_triggers.starts IS 'how many executions it has started';
COMMENT ON COLUMN sfn.queue_triggers.messages IS 'with how many messages';
COMMENT ON COLUMN sfn.queue_triggers.last_start IS 'when it has started the last one';
COMMENT ON COLUMN sfn.queue_triggers.last_error IS 'why the last start was refused; null: it was made';
COMMENT ON COLUMN sfn.queue_triggers.last_error_date IS 'when one was refused last';
COMMENT ON COLUMN sfn.queue_triggers.paused_until IS 'when it tries again after that; null: it does not pause';
COMMENT ON COLUMN sfn.queue_triggers.creation_date IS 'when it was made';
GRANT SELECT ON sfn.queue_triggers TO PUBLIC;
