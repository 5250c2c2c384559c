-- The variables of everyday.sql for the machine :machine of kept.sql; run by a superuser.
SELECT sfn.execution_arn(:'machine', e.name) AS arn, e.name AS plain FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id
WHERE m.name = :'machine' AND NOT e.is_named AND e.stop_date IS NOT NULL ORDER BY e.start_date LIMIT 1 \gset
SELECT sfn.execution_arn(:'machine', e.name) AS chosen_arn, e.name AS chosen, e.start_date AS since, e.start_date + interval '1 min' AS last
FROM sfn.execution e JOIN sfn.state_machine m ON m.id = e.state_machine_id
WHERE m.name = :'machine' AND e.name LIKE 'order-%' ORDER BY e.start_date LIMIT 1 \gset
SELECT sfn.execution_arn(:'machine', 'waiting') AS waiting_arn, sfn.execution_arn(:'machine', 'map') AS map_arn \gset
SELECT r.map_run_arn AS map_run FROM sfn.map_runs r WHERE r.execution_arn = :'map_arn' \gset
