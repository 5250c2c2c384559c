-- What people ask every day.  Each statement takes under 5 ms whatever is kept: part G of the benchmark times them, and
-- test/tap/everyday.pl looks at what they read.
--
-- A line "-- name: WHO: WHAT" begins a statement; WHO is all (a superuser, the owner of one machine of many, who was granted
-- ten) or one of them.  Variables: machine, a name; plain, an execution of it by the name that it was given by sfn, and chosen, by
-- one of its own; arn and chosen_arn, their ARNs; waiting_arn, the ARN of one that waits; map_run and map_arn, the ARNs of a
-- map run and of its execution; since, a moment a while ago; last, one shortly behind it.

-- name: all: an execution by its ARN
SELECT * FROM sfn.describe_execution(:'arn');
-- name: all: one whose name was chosen by its ARN
SELECT * FROM sfn.describe_execution(:'chosen_arn');
-- name: all: an execution by machine and name
SELECT * FROM sfn.describe_execution(:'machine' || '/' || :'chosen');
-- name: all: its events
SELECT * FROM sfn.get_execution_history(:'arn');
-- name: all: the newest of a machine
SELECT * FROM sfn.list_executions(:'machine', max_results => 5);
-- name: all: the newest of all
SELECT * FROM sfn.list_executions(max_results => 5);
-- name: all: what runs
SELECT * FROM sfn.list_executions(status => 'RUNNING', max_results => 5);
-- name: all: what runs of a machine
SELECT * FROM sfn.list_executions(:'machine', status => 'RUNNING', max_results => 5);
-- name: all: what has failed
SELECT * FROM sfn.list_executions(status => 'FAILED', max_results => 5);
-- name: all: what has failed of a machine
SELECT * FROM sfn.list_executions(:'machine', status => 'FAILED', max_results => 5);
-- name: all: what took too long of a machine
SELECT * FROM sfn.list_executions(:'machine', status => 'TIMED_OUT', max_results => 5);
-- name: all: what was stopped of a machine
SELECT * FROM sfn.list_executions(:'machine', status => 'ABORTED', max_results => 5);
-- name: all: what has succeeded of a machine
SELECT * FROM sfn.list_executions(:'machine', status => 'SUCCEEDED', max_results => 5);
-- name: all: what was started in a minute some time ago
SELECT * FROM sfn.list_executions(:'machine', max_results => 5, since => :'since', until => :'last');
-- name: all: the children of a map run
SELECT * FROM sfn.list_executions(map_run => :'map_run', max_results => 5);
-- name: all: its children without success
SELECT * FROM sfn.list_executions(map_run => :'map_run', status => 'FAILED', max_results => 5);
-- name: all: the map runs of an execution
SELECT * FROM sfn.list_map_runs(:'map_arn');
-- name: all: a page of the API
SELECT sfn.api('ListExecutions', json_build_object('stateMachineArn', sfn.state_machine_arn(:'machine'), 'maxResults', 20));
-- name: all: and the page behind it
SELECT sfn.api('ListExecutions', json_build_object('stateMachineArn', sfn.state_machine_arn(:'machine'), 'maxResults', 20, 'nextToken',
	sfn.api('ListExecutions', json_build_object('stateMachineArn', sfn.state_machine_arn(:'machine'), 'maxResults', 20)) ->> 'nextToken'));
-- name: all: a page of failures
SELECT sfn.api('ListExecutions', json_build_object('stateMachineArn', sfn.state_machine_arn(:'machine'), 'statusFilter', 'FAILED', 'maxResults', 20));
-- name: all: the view of executions by ARN
SELECT * FROM sfn.executions WHERE execution_arn = :'arn';
-- name: all: the view of executions by an ARN with a chosen name
SELECT * FROM sfn.executions WHERE execution_arn = :'chosen_arn';
-- name: all: the view of executions by several ARNs
SELECT * FROM sfn.executions WHERE execution_arn IN (:'arn', :'chosen_arn');
-- name: all: the view of executions by id
SELECT * FROM sfn.executions WHERE id = sfn.execution_id(:'machine' || '/' || :'chosen');
-- name: all: the view of executions by machine and time
SELECT * FROM sfn.executions WHERE state_machine = :'machine' AND start_date >= :'since' AND start_date < :'last';
-- name: all: the history of an execution
SELECT * FROM sfn.history WHERE execution_arn = :'arn' ORDER BY id;
-- name: all: an execution with its history
SELECT x.status, h.type FROM sfn.executions x JOIN sfn.history h ON h.execution_arn = x.execution_arn WHERE x.execution_arn = :'arn';
-- name: all: orders with their executions
SELECT o.arn, x.status FROM (VALUES (:'arn'), (:'chosen_arn')) o (arn) LEFT JOIN sfn.executions x ON x.execution_arn = o.arn;
-- name: all: the timers of an execution
SELECT * FROM sfn.timers WHERE execution_arn = :'waiting_arn';
-- name: all: the tasks of an execution
SELECT * FROM sfn.pending_tasks WHERE execution_arn = :'waiting_arn';
-- name: all: the map runs of an execution by the view
SELECT * FROM sfn.map_runs WHERE execution_arn = :'map_arn';
