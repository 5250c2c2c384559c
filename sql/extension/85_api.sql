-- The AWS API in AWS's shapes.

CREATE FUNCTION sfn.api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_api';
COMMENT ON FUNCTION sfn.api(text, json) IS
	'an action of the AWS Step Functions API; an error''s message is "<code>: <message>" as AWS words it';

CREATE FUNCTION sfn.events_api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_events_api';
COMMENT ON FUNCTION sfn.events_api(text, json) IS
	'an action of the AWS EventBridge API; an error''s message is "<code>: <message>" as AWS words it';

CREATE FUNCTION sfn.scheduler_api(action text, request json) RETURNS json
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'sfn_scheduler_api';
COMMENT ON FUNCTION sfn.scheduler_api(text, json) IS
	'an action of the AWS EventBridge Scheduler API; an error''s message is "<code>: <message>" as AWS words it';
