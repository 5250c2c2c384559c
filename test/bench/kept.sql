-- A store with :count ended executions of :machines state machines, and some that run; for everyday.sql.
--
-- Run by a superuser in a database with workers.  The machines are kept_1, kept_2, ...; half of the executions are of kept_1.
-- kept_7 runs as kept_owner; kept_11 to kept_20 are granted to kept_grantee.  Ended executions are put into the tables; what
-- waits, and a map run, are real.  Of a hundred, ten have chosen names, and six ended without success.
\set ON_ERROR_STOP on
\pset tuples_only on
\pset format unaligned
SET client_min_messages = warning;
SET synchronous_commit = off;

CREATE ROLE kept_owner LOGIN;
CREATE ROLE kept_grantee LOGIN;

SELECT '{"StartAt": "Which", "States": {
	"Which": {"Type": "Choice", "Default": "Done", "Choices": [
		{"Variable": "$.items", "IsPresent": true, "Next": "Each"}, {"Variable": "$.wait", "IsPresent": true, "Next": "Both"}]},
	"Each": {"Type": "Map", "Label": "each", "ItemsPath": "$.items", "ResultPath": null, "ToleratedFailurePercentage": 100, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Item", "States": {
			"Item": {"Type": "Choice", "Default": "Good", "Choices": [{"Variable": "$", "NumericLessThan": 10, "Next": "Bad"}]},
			"Bad": {"Type": "Fail", "Error": "Bad"}, "Good": {"Type": "Pass", "End": true}}}},
	"Both": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 99999999, "End": true}}},
		{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::sql:query.waitForTaskToken",
			"Parameters": {"Query": "SELECT 1"}, "End": true}}}]},
	"Done": {"Type": "Pass", "End": true}}}' AS definition \gset

SELECT count(sfn.create_state_machine('kept_' || n, :'definition', role => CASE n WHEN 7 THEN 'kept_owner' ELSE current_user END::regrole))
FROM generate_series(1, :machines) n;
SELECT count(sfn.grant_state_machine('kept_' || n, 'kept_grantee', 'read_data')) FROM generate_series(11, 20) n;

-- Names as sfn makes them: core/aws/generated_name.c.
CREATE FUNCTION pg_temp.generated_name(id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(lpad(to_hex(((-1)::bigint << 52) | ((id >> 27) << 16) | (8 << 12) | ((id >> 15) & 4095)), 16, '0')
		|| lpad(to_hex((2::bigint << 62) | ((id & 32767) << 47) | (random() * 1e12)::bigint), 16, '0'),
		'^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\1-\2-\3-\4-\5') $$;

SELECT nextval('sfn.execution_id_seq') AS base \gset
CREATE TEMP TABLE kept AS
SELECT :base + n AS id, m.id AS machine, m.revision_id, m.role, now() - (:count - n) * interval '30 days' / :count AS start_date,
	(CASE WHEN n % 50 = 3 THEN 3 WHEN n % 50 = 5 THEN 4 WHEN n % 50 = 6 THEN 5 ELSE 2 END)::smallint AS status,
	n % 10 = 1 AS is_named, n
FROM generate_series(1, :count) n
	JOIN sfn.state_machine m ON m.name = 'kept_' || CASE n / 500 % 2 WHEN 0 THEN 1 ELSE abs(hashint4(n)::bigint) % :machines + 1 END;
SELECT setval('sfn.execution_id_seq', :base + :count) > 0;

-- What has ended has grown on its page since it was put there, and leaves no room for another; these are put there as they ended.
ALTER TABLE sfn.execution SET (fillfactor = 53);
INSERT INTO sfn.execution (id, state_machine_id, revision_id, starter, start_date, stop_date, last_event_id, history_bytes, status, is_named,
	name, input, output, error)
OVERRIDING SYSTEM VALUE
SELECT id, machine, revision_id, role, start_date, start_date + interval '1 s', 4, 500, status, is_named,
	CASE WHEN is_named THEN 'order-' || n ELSE pg_temp.generated_name(id) END, json_build_object('order', n),
	CASE status WHEN 2 THEN json_build_object('order', n) END, CASE WHEN status <> 2 THEN 'Bad' END
FROM kept ORDER BY id;
ALTER TABLE sfn.execution SET (fillfactor = 50);
INSERT INTO sfn.execution_status (state_machine_id, map_run_id, start_date, execution_id, status)
SELECT machine, 0, start_date, id, status FROM kept WHERE status > 2;
INSERT INTO sfn.history_chunk (execution_id, first_id, last_id, events)
SELECT id, 1, 4, format('[{"timestamp":%1$s,"type":"ExecutionStarted","id":1,"previousEventId":0,"executionStartedEventDetails":{"input":"{\"order\": %2$s}","roleArn":"arn:aws:iam::000000000000:role/postgres"}},'
	'{"timestamp":%1$s,"type":"PassStateEntered","id":2,"previousEventId":0,"stateEnteredEventDetails":{"name":"Done","input":"{\"order\":%2$s}"}},'
	'{"timestamp":%1$s,"type":"PassStateExited","id":3,"previousEventId":2,"stateExitedEventDetails":{"name":"Done","output":"{\"order\":%2$s}"}},'
	'{"timestamp":%1$s,"type":"ExecutionSucceeded","id":4,"previousEventId":3,"executionSucceededEventDetails":{"output":"{\"order\":%2$s}"}}]',
	extract(epoch FROM start_date)::numeric(20, 3), n)::json
FROM kept ORDER BY id;
DROP TABLE kept;

SELECT count(*) FROM generate_series(1, 20) n, sfn.start_execution('kept_' || n, '{"wait": true}', 'waiting');
SELECT count(*) FROM (VALUES (1), (7), (11)) n (n), sfn.start_execution('kept_' || n,
	json_build_object('items', ARRAY(SELECT generate_series(1, 100))), 'map');
