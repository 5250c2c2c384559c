-- Log events by level, of STANDARD and EXPRESS state machines.
SET sfn.test_now = '2024-01-01 00:00:00+00';

CREATE FUNCTION pg_temp.define(p_name text, p_type text, p_level text, p_data boolean) RETURNS text LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(p_name, '{
		"StartAt": "Check", "States": {
			"Check": {"Type": "Choice", "Choices": [{"Variable": "$.fail", "BooleanEquals": true, "Next": "Call"}], "Default": "Done"},
			"Call": {"Type": "Task", "Resource": "arn:aws:states:::sql:query", "Parameters": {"Query": "SELECT 1/0"},
				"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}], "End": true},
			"Fail": {"Type": "Fail", "Error": "Broken"},
			"Done": {"Type": "Pass", "End": true}}}', p_type,
		logging => jsonb_build_object('level', p_level, 'includeExecutionData', p_data)) $$;
CREATE ROLE logs_owner;
SELECT sfn.create_state_machine('unlogged', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');

-- every level: what is logged of an execution that fails and of one that succeeds
SELECT count(pg_temp.define(t || '-' || l, t, l, true)) FROM unnest('{STANDARD,EXPRESS}'::text[]) t, unnest('{OFF,FATAL,ERROR,ALL}'::text[]) l;
SELECT count(sfn.start_execution(name, '{"fail": true}', 'failing')), count(sfn.start_execution(name, '{"fail": false}', 'fine'))
	FROM sfn.state_machines WHERE name ~ '^(STANDARD|EXPRESS)-';
SELECT sfn.start_execution('unlogged', '{}', 'a');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT split_part(state_machine_arn, ':', 7) AS state_machine, split_part(execution_arn, ':', 8) AS execution,
	string_agg(id || ' ' || type, ', ' ORDER BY id::int) AS events
	FROM sfn.log_events GROUP BY 1, 2 ORDER BY 1, 2;

-- the shape of events
SELECT id, type, previous_event_id, event_timestamp, redrive_count, "timestamp" = '2024-01-01 00:00:00+00' AS is_now, details
	FROM sfn.log_events WHERE execution_arn LIKE '%:STANDARD-ALL:failing' ORDER BY id::int;

-- both types log the same, with data and without
SELECT count(pg_temp.define(t || '-bare', t, 'ALL', false)) FROM unnest('{STANDARD,EXPRESS}'::text[]) t;
SELECT count(sfn.start_execution(t || '-bare', '{"fail": true}', 'failing')) FROM unnest('{STANDARD,EXPRESS}'::text[]) t;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT id, type, details FROM sfn.log_events WHERE execution_arn LIKE '%:EXPRESS-bare:failing:%' ORDER BY id::int;
SELECT l, count(*) AS events, count(*) FILTER (WHERE s.details::text = x.details::text AND s.previous_event_id = x.previous_event_id) AS alike
	FROM unnest('{ERROR,ALL,bare}'::text[]) l
	JOIN sfn.log_events s ON s.execution_arn LIKE '%:STANDARD-' || l || ':failing'
	JOIN sfn.log_events x ON x.execution_arn LIKE '%:EXPRESS-' || l || ':failing:%' AND x.id = s.id AND x.type = s.type
	GROUP BY 1 ORDER BY 1;

-- synchronous executions: the same events; an error raised to the caller takes its log back with everything else
SELECT sfn.start_sync_execution('EXPRESS-ALL', '{"fail": false}', 'sync');
SELECT r ->> 'status' AS status FROM sfn.api('StartSyncExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:EXPRESS-ERROR",
	"name": "sync", "input": "{\"fail\": true}"}') r;
SELECT sfn.start_sync_execution('EXPRESS-ERROR', '{"fail": true}', 'raised');
SELECT split_part(execution_arn, ':', 8) AS execution, id, type, details FROM sfn.log_events
	WHERE split_part(execution_arn, ':', 8) IN ('sync', 'raised') ORDER BY log_date, execution_arn, id::int;

-- an update changes what later executions log
SELECT update_date IS NOT NULL AS updated FROM sfn.update_state_machine('EXPRESS-OFF', logging => '{"level": "FATAL"}');
SELECT r ->> 'status' AS status FROM sfn.api('StartSyncExecution', '{"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:EXPRESS-OFF",
	"name": "later", "input": "{\"fail\": true}"}') r;
SELECT id, type, details FROM sfn.log_events WHERE execution_arn LIKE '%:EXPRESS-OFF:later:%';

-- configurations that are none
SELECT sfn.create_state_machine('nothing', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', logging => '{"level": "LOUD"}');
SELECT sfn.create_state_machine('nothing', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', logging => '{"level": "ALL", "includeExecutionData": "yes"}');
SELECT sfn.create_state_machine('nothing', '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', logging => '{"detail": "ALL"}');
DO $$
DECLARE
	request jsonb := '{"name": "nothing", "definition": "{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}", "roleArn": "arn:aws:iam::000000000000:role/r"}';
	logging jsonb;
BEGIN
	FOR logging IN SELECT jsonb_array_elements('[{"level": "ALL"}, {"level": "ERROR", "destinations": []},
		{"level": "FATAL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:a:*"}},
			{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:b:*"}}]},
		{"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {}}]},
		{"level": "ALL", "destinations": ["arn:aws:logs:us-east-1:000000000000:log-group:a:*"]},
		{"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "log-group"}}]}]')
	LOOP
		BEGIN
			PERFORM sfn.api('CreateStateMachine', (request || jsonb_build_object('loggingConfiguration', logging))::json);
			RAISE NOTICE '% is accepted', logging;
		EXCEPTION WHEN OTHERS THEN
			RAISE NOTICE '% %', sqlstate, sqlerrm;
		END;
	END LOOP;
END $$;

-- only members of the machine's role see its log
SET ROLE logs_owner;
SELECT count(*) FROM sfn.log_events;
SELECT count(*) FROM sfn.log_event;
RESET ROLE;
SELECT count(*) > 0 AS shown FROM sfn.log_events;
-- and those who may see the machine
SELECT sfn.grant_state_machine('STANDARD-ALL', 'logs_owner', 'see');
SET ROLE logs_owner;
SELECT DISTINCT state_machine_arn FROM sfn.log_events;
RESET ROLE;

SELECT count(sfn.delete_state_machine(name)) FROM sfn.state_machines WHERE name ~ '^(STANDARD|EXPRESS)-' OR name = 'unlogged';
DROP ROLE logs_owner;
