-- Activities: queues of work for programs that poll.

CREATE FUNCTION sfn.create_activity(name text, tags jsonb DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_create_activity';
COMMENT ON FUNCTION sfn.create_activity(text, jsonb) IS
	'makes a queue from which members of the calling role take tasks, unless it is there; returns the ARN that a Task names as Resource';

CREATE FUNCTION sfn.delete_activity(activity text) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_delete_activity';
COMMENT ON FUNCTION sfn.delete_activity(text) IS
	'deletes an activity; tasks that wait in it stay until they are stopped';

CREATE TYPE sfn.activity_description AS (
	activity_arn text, name text, creation_date timestamptz, owner regrole
);
COMMENT ON TYPE sfn.activity_description IS 'what sfn.describe_activity() tells';

CREATE FUNCTION sfn.describe_activity(activity text) RETURNS sfn.activity_description
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_describe_activity';
COMMENT ON FUNCTION sfn.describe_activity(text) IS 'all about an activity, one row';

CREATE TYPE sfn.listed_activity AS (
	activity_arn text, name text, creation_date timestamptz, owner regrole
);
COMMENT ON TYPE sfn.listed_activity IS 'a row of sfn.list_activities()';

CREATE FUNCTION sfn.list_activities() RETURNS SETOF sfn.listed_activity
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_list_activities';
COMMENT ON FUNCTION sfn.list_activities() IS 'the activities that the caller may use, by name';

CREATE FUNCTION sfn.get_activity_task(
	activity text, worker_name text DEFAULT NULL, timeout interval DEFAULT '60 s', OUT task_token text, OUT input json)
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_activity_task';
COMMENT ON FUNCTION sfn.get_activity_task(text, text, interval) IS
	'takes the oldest waiting task of an activity, or waits for one; null, null when the time is over. Use it in FROM, and commit before the work begins';

CREATE FUNCTION sfn.get_activity_tasks(
	activity text, max_tasks integer DEFAULT 10, worker_name text DEFAULT NULL, timeout interval DEFAULT '60 s', OUT task_token text, OUT input json)
	RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_get_activity_tasks';
COMMENT ON FUNCTION sfn.get_activity_tasks(text, integer, text, interval) IS
	'takes the oldest waiting tasks of an activity, or waits for the first; no rows when the time is over. Commit before the work begins';
