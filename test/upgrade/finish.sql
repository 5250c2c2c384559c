-- Answers what the executions of half_done.sql wait for; the rest they do by themselves.
\set ON_ERROR_STOP 1
SELECT sfn.send_task_success(token, json_build_object('name', name)::text) FROM token;
SELECT sfn.send_task_success(task_token, '{"name": "activity"}') FROM sfn.get_activity_task('half_done', 'me', '10 s');
