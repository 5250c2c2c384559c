-- Events of the engine beside changes of status: map runs that have ended.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-01-01 00:00:00+00';
CREATE TABLE public.told (n int GENERATED ALWAYS AS IDENTITY, event json);
CREATE FUNCTION public.tell(event json) RETURNS text LANGUAGE sql AS $$ INSERT INTO public.told (event) VALUES (event); SELECT 'ok' $$;
SELECT sfn.create_state_machine('mapped', '{"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "Each", "ItemsPath": "$.items",
	"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {
		"C": {"Type": "Choice", "Default": "Done", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "Fail"}, {"Variable": "$", "NumericEquals": -1, "Next": "Wait"}]},
		"Done": {"Type": "Succeed"}, "Fail": {"Type": "Fail", "Error": "Zero"}, "Wait": {"Type": "Wait", "Seconds": 100000, "End": true}}},
	"End": true}}}') IS NOT NULL AS made;

-- no rule: nothing is told
SELECT sfn.start_execution('mapped', '{"items": [1]}', 'before') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM public.told;

SELECT sfn.create_rule('maps', '{"source": ["sfn"], "detail-type": ["Map Run Ended"]}', 'sql:public.tell') IS NOT NULL AS made;
SELECT sfn.start_execution('mapped', '{"items": [1, 2, 3]}', 'fine') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.start_execution('mapped', '{"items": [1, 0]}', 'fails') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT sfn.start_execution('mapped', '{"items": [1, -1]}', 'stopped') IS NOT NULL AS started;
SELECT sfn.run_once() > 0 AS ran FROM generate_series(1, 4);
SELECT sfn.stop_execution('arn:aws:states:us-east-1:000000000000:execution:mapped:stopped') IS NOT NULL AS stopped;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event ->> 'detail-type' AS type, event -> 'resources' ->> 0 = event -> 'detail' ->> 'mapRunArn' AS is_of_run, split_part(event -> 'detail' ->> 'executionArn', ':', 8) AS name,
	event -> 'detail' ->> 'label' AS label, event -> 'detail' ->> 'status' AS status, event -> 'detail' -> 'itemCounts' AS items, event -> 'detail' ->> 'error' AS error,
	event -> 'detail' ->> 'stopDate' AS stop_date
FROM public.told ORDER BY n;
-- a redrive ends it once more
SELECT sfn.redrive_execution('arn:aws:states:us-east-1:000000000000:execution:mapped:fails') IS NOT NULL AS redriven;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event -> 'detail' ->> 'status' AS status, event -> 'detail' ->> 'redriveCount' AS redrives FROM public.told WHERE event -> 'detail' ->> 'executionArn' LIKE '%:fails' ORDER BY n;
SELECT json_object_keys(event -> 'detail') AS member FROM (SELECT event FROM public.told ORDER BY n LIMIT 1) t;

-- for who may see the machine only
CREATE ROLE regress_watcher;
GRANT USAGE ON SCHEMA public TO regress_watcher;
GRANT INSERT ON public.told TO regress_watcher;
SELECT sfn.drop_rule('maps');
SET ROLE regress_watcher;
SELECT sfn.create_rule('theirs', '{"source": ["sfn"]}', 'sql:public.tell') IS NOT NULL AS made;
RESET ROLE;
TRUNCATE public.told;
SELECT sfn.start_execution('mapped', '{"items": [1]}', 'hidden') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM public.told;
SELECT sfn.grant_state_machine('mapped', 'regress_watcher', 'see');
SELECT sfn.start_execution('mapped', '{"items": [1]}', 'seen') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM public.told;
DROP OWNED BY regress_watcher;
SELECT sfn.revoke_state_machine('mapped', 'regress_watcher');
DROP ROLE regress_watcher;
SELECT sfn.delete_state_machine('mapped');
DROP FUNCTION public.tell(json);
DROP TABLE public.told;
