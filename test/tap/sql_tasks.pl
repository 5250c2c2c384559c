
# SQL as the work of a Task, run by real workers: results of every kind, arguments, errors, limits.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('sql_tasks', conf => "deadlock_timeout = 100ms\n");

my $encoder = JSON::PP->new->canonical->allow_nonref;

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

# What a Task with the function gives: the output as JSON text, or the error.
sub gives
{
	my ($resource, $input, %fields) = @_;
	my $machine = $fields{role} ? "gives as $fields{role}" =~ tr/ /-/r : 'gives';
	task_machine($node, $machine, $resource, %fields);
	my $end = run($node, $machine, $input);
	return $end->{status} eq 'SUCCEEDED' ? $encoder->encode($end->{output}) : "$end->{status} $end->{error}";
}

sub cause
{
	my ($resource, $input) = @_;
	task_machine($node, 'gives', $resource);
	my $end = run($node, 'gives', $input);
	return eval { JSON::PP::decode_json($end->{cause}) } // { message => $end->{cause} };
}

#
# Results of every kind.
#
sql(q{
	CREATE TYPE pair AS (x integer, y text);
	CREATE TABLE item (id integer PRIMARY KEY, name text);
	INSERT INTO item VALUES (1, 'one'), (2, 'two');
	CREATE FUNCTION r_void(a integer) RETURNS void LANGUAGE sql AS '';
	CREATE FUNCTION r_integer(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a + 1';
	CREATE FUNCTION r_text(a integer) RETURNS text LANGUAGE sql AS 'SELECT a::text';
	CREATE FUNCTION r_null(a integer) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
	CREATE FUNCTION r_boolean(a integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
	CREATE FUNCTION r_array(a integer) RETURNS integer[] LANGUAGE sql AS 'SELECT ARRAY[a, a]';
	CREATE FUNCTION r_row(a integer) RETURNS pair LANGUAGE sql AS $$SELECT a, 'b'$$;
	CREATE FUNCTION r_table_row(a integer) RETURNS item LANGUAGE sql AS 'SELECT * FROM item WHERE id = a';
	CREATE FUNCTION r_out(a integer, OUT b integer) LANGUAGE sql AS 'SELECT a + 1';
	CREATE FUNCTION r_outs(a integer, OUT b integer, OUT c text) LANGUAGE sql AS $$SELECT a + 1, 'c'$$;
	CREATE FUNCTION r_inout(INOUT a integer) LANGUAGE sql AS 'SELECT a + 1';
	CREATE FUNCTION r_setof(a integer) RETURNS SETOF integer LANGUAGE sql AS 'SELECT generate_series(1, a)';
	CREATE FUNCTION r_setof_row(a integer) RETURNS SETOF item LANGUAGE sql AS 'SELECT * FROM item WHERE id <= a ORDER BY id';
	CREATE FUNCTION r_table(a integer) RETURNS TABLE (n integer, square integer) LANGUAGE sql
		AS 'SELECT i, i * i FROM generate_series(1, a) i';
	CREATE FUNCTION r_json(a integer) RETURNS json LANGUAGE sql AS $$SELECT '{"z": 1, "a": [1.50]}'::json$$;
	CREATE FUNCTION r_jsonb(a integer) RETURNS jsonb LANGUAGE sql AS $$SELECT '{"z": 1, "a": [1.50]}'::jsonb$$;
	CREATE FUNCTION whole_json(input json) RETURNS json LANGUAGE sql AS 'SELECT input';
	CREATE FUNCTION whole_jsonb(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT input';
	CREATE FUNCTION nothing() RETURNS text LANGUAGE sql AS $$SELECT 'nothing'$$;
	CREATE PROCEDURE p_item(input jsonb) LANGUAGE plpgsql AS $$BEGIN
		INSERT INTO item VALUES ((input ->> 'id')::integer, 'procedure'); END$$;
	CREATE PROCEDURE p_inout(INOUT input jsonb, INOUT n integer DEFAULT 5, INOUT t text DEFAULT 'x') LANGUAGE plpgsql AS $$BEGIN
		n := n + 1; t := NULL; END$$;
	CREATE PROCEDURE p_commit(input jsonb) LANGUAGE plpgsql AS $$BEGIN
		INSERT INTO item VALUES ((input ->> 'id')::integer, 'committed'); COMMIT; END$$;
});

my @results = (
	[ 'r_void' => 'null' ],
	[ 'r_integer' => '3' ],
	[ 'r_text' => '"2"' ],
	[ 'r_null' => 'null' ],
	[ 'r_boolean' => 'true' ],
	[ 'r_array' => '[2,2]' ],
	[ 'r_row' => '{"x":2,"y":"b"}' ],
	[ 'r_table_row' => '{"id":2,"name":"two"}' ],
	[ 'r_out' => '{"b":3}' ],
	[ 'r_outs' => '{"b":3,"c":"c"}' ],
	[ 'r_inout' => '{"a":3}' ],
	[ 'r_setof' => '[1,2]' ],
	[ 'r_setof_row' => '[{"id":1,"name":"one"},{"id":2,"name":"two"}]' ],
	[ 'r_table' => '[{"n":1,"square":1},{"n":2,"square":4}]' ],
	[ 'whole_json' => '{"a":2}' ],
	[ 'whole_jsonb' => '{"a":2}' ],);
foreach my $result (@results)
{
	my ($function, $expected) = @$result;
	is(gives("sql:public.$function", { a => 2 }), $expected, "result of $function");
}
task_machine($node, 'spelling', 'sql:public.r_json');
started($node, 'spelling', { a => 1 });
ok(wait_for($node, q{SELECT output FROM sfn.executions WHERE state_machine = 'spelling'}, '{"z":1,"a":[1.50]}'),
	'json keeps the order of members and the spelling of numbers');
is(gives('sql:public.r_setof', { a => 0 }), '[]', 'an empty set is an empty array');
is(gives('sql:public.nothing', { a => 1 }), '"nothing"', 'a function without parameters takes any input');
is(gives('sql:public.p_item', { id => 3 }), 'null', 'a procedure');
is(sql(q{SELECT name FROM item WHERE id = 3}), 'procedure', '... does its work');
is(gives('sql:public.p_inout', { a => 1 }), '{"input":{"a":1},"n":6,"t":null}', 'INOUT parameters of a procedure are an object');
is(gives('sql:public.p_commit', { id => 4 }), 'FAILED Sql.invalid_transaction_termination', 'a procedure that commits is refused');
is(sql(q{SELECT count(*) FROM item WHERE id = 4}), '0', '... and leaves nothing');

#
# Arguments.
#
sql(q{
	CREATE FUNCTION named(id bigint, "Mixed Case" text DEFAULT 'default', at timestamptz DEFAULT '2000-01-01 00:00:00+00',
		tags text[] DEFAULT '{}', deep pair DEFAULT NULL) RETURNS json LANGUAGE sql AS
		'SELECT json_build_object(''id'', id, ''mixed'', "Mixed Case", ''year'', extract(year FROM at), ''tags'', tags, ''y'', (deep).y)';
	CREATE FUNCTION twice(a integer) RETURNS text LANGUAGE sql AS $$SELECT 'named'$$;
	CREATE FUNCTION twice(input jsonb) RETURNS text LANGUAGE sql AS $$SELECT 'whole'$$;
	CREATE FUNCTION strict_one(a integer) RETURNS text STRICT LANGUAGE sql AS $$SELECT 'called'$$;
	CREATE SCHEMA "Odd ""Schema";
	CREATE FUNCTION "Odd ""Schema"."Odd.Name"(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
});
is(gives('sql:public.named', { id => 7 }), '{"id":7,"mixed":"default","tags":[],"y":null,"year":2000}', 'named parameters with defaults');
is(gives('sql:public.named', { id => '8', 'Mixed Case' => 'x', at => '2024-05-06', tags => [ 'a', 'b' ], deep => { x => 1, y => 'z' } }),
	'{"id":8,"mixed":"x","tags":["a","b"],"y":"z","year":2024}', 'named parameters of several types');
is(gives('sql:public.twice', { a => 1 }), '"whole"', 'of two functions the one of a single jsonb goes first');
is(gives('sql:public.strict_one', { a => undef }), 'null', 'STRICT and NULL');
is(gives('sql:r_integer', { a => 1 }), '2', 'a name without schema is looked up in sfn.task_search_path');
is(gives('sql:"Odd ""Schema"."Odd.Name"', { a => 5 }), '5', 'quoted names');
is(gives('sql:public.named', { id => 'seven' }), 'FAILED Sql.invalid_text_representation', 'a value of the wrong type');
is(gives('sql:public.named', { nobody => 1 }), 'FAILED Sql.undefined_function', 'wrong arguments');
is(gives('sql:public.named', [ 1 ]), 'FAILED Sql.undefined_function', 'an array instead of arguments');
is(gives('sql:public.missing', { a => 1 }), 'FAILED Sql.undefined_function', 'a function that is not there');
is(gives('sql:missing.missing', { a => 1 }), 'FAILED Sql.undefined_function', 'a schema that is not there');
like(cause('sql:public.named', { nobody => 1 })->{hint}, qr/"nobody"/, 'the hint names the members of the input');
is(gives('sql:public.r_integer', { order => { a => 41 } }, Parameters => { 'a.$' => '$.order.a' }), '42', 'Parameters make the arguments');

#
# Errors have names, and Retry and Catch see them.
#
sql(q{
	CREATE TABLE effect (n integer);
	CREATE SEQUENCE tries;
	CREATE FUNCTION divide(a integer, b integer) RETURNS integer LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO effect VALUES (a); RETURN a / b; END$$;
	CREATE FUNCTION raises(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = 'the detail', HINT = 'the hint'; END$$;
	CREATE FUNCTION raises_json(input jsonb) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'message' USING DETAIL = jsonb_build_object('errorType', 'OutOfTea', 'errorMessage', 'no tea left'); END$$;
	CREATE FUNCTION third_time(input jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
		DECLARE n bigint := nextval('tries');
		BEGIN
			IF n % 3 <> 0 THEN RAISE EXCEPTION 'not yet' USING ERRCODE = '40001'; END IF;
			INSERT INTO effect VALUES (n);
			RETURN n;
		END$$;
	CREATE FUNCTION forbidden(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a';
	REVOKE ALL ON FUNCTION forbidden FROM PUBLIC;
	CREATE ROLE clerk;
});
is(gives('sql:public.divide', { a => 1, b => 0 }), 'FAILED Sql.division_by_zero', 'an error has the name of its condition');
is(sql('SELECT count(*) FROM effect'), '0', '... and its effect is undone');
is(gives('sql:public.raises', { state => 'P0001', message => 'so' }), 'FAILED Sql.raise_exception', 'RAISE EXCEPTION');
is(gives('sql:public.raises', { state => 'ZZ123', message => 'so' }), 'FAILED Sql.ZZ123', 'a code without a name');
is_deeply([ @{ cause('sql:public.raises', { state => 'ZZ123', message => 'so' }) }{qw(message detail hint sqlstate)} ],
	[ 'so', 'the detail', 'the hint', 'ZZ123' ], 'the cause has message, detail, hint and code');
is(gives('sql:public.raises_json', {}), 'FAILED OutOfTea', 'an error with a name of its own');
is(cause('sql:public.raises_json', {})->{message}, 'no tea left', '... and message');

my $one_second = { ErrorEquals => ['Sql.serialization_failure'], IntervalSeconds => 1, MaxAttempts => 3, MaxDelaySeconds => 1 };
is(gives('sql:public.third_time', {}, Retry => [$one_second]), '3', 'a serialization failure and Retry');
is(sql('SELECT count(*) FROM effect'), '1', '... one effect');
is(gives('sql:public.divide', { a => 1, b => 0 }, Retry => [ { ErrorEquals => ['Sql.unique_violation'] } ]),
	'FAILED Sql.division_by_zero', 'Retry of another error');

sub caught
{
	my ($resource, $error, $input, %options) = @_;
	my $machine = $options{role} ? "caught-as-$options{role}" : 'caught';
	machine($node, $machine,
		{   StartAt => 'Task',
			States => {
				Task => { Type => 'Task', Resource => $resource, Next => 'Good',
					Catch => [ { ErrorEquals => [$error], Next => 'Bad', ResultPath => '$.problem' } ] },
				Good => { Type => 'Pass', End => JSON::PP::true },
				Bad => { Type => 'Pass', InputPath => '$.problem.Error', End => JSON::PP::true } } },
		%options);
	my $end = run($node, $machine, $input);
	return "$end->{status} " . ($end->{output} // $end->{error});
}
is(caught('sql:public.divide', 'Sql.division_by_zero', { a => 1, b => 0 }), 'SUCCEEDED Sql.division_by_zero', 'Catch by name');
is(caught('sql:public.divide', 'States.TaskFailed', { a => 1, b => 0 }), 'SUCCEEDED Sql.division_by_zero', 'Catch States.TaskFailed');
is(caught('sql:public.missing', 'States.ALL', { a => 1 }), 'SUCCEEDED Sql.undefined_function', 'Catch a missing function');
is(caught('sql:public.forbidden', 'Sql.insufficient_privilege', { a => 1 }, role => 'clerk'),
	'SUCCEEDED Sql.insufficient_privilege', 'no privilege is an error that Catch sees');

sql('CREATE SCHEMA closed; CREATE FUNCTION closed.f(a integer) RETURNS integer LANGUAGE sql AS $$SELECT a$$');
is(gives('sql:closed.f', { a => 1 }, role => 'clerk'), 'FAILED Sql.insufficient_privilege', 'no privilege on the schema');
sql('GRANT USAGE ON SCHEMA closed TO clerk');
is(gives('sql:closed.f', { a => 1 }, role => 'clerk'), '1', '... and with it');

#
# Limits: time, locks, deferred work.
#
sql(q{
	CREATE FUNCTION slow(seconds float) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO effect VALUES (-1); PERFORM pg_sleep(seconds); RETURN 'awake'; END$$;
	CREATE TABLE counter (id integer PRIMARY KEY, n integer);
	INSERT INTO counter VALUES (1, 0), (2, 0);
	CREATE FUNCTION count_up(id integer) RETURNS integer LANGUAGE sql AS 'UPDATE counter SET n = n + 1 WHERE counter.id = count_up.id RETURNING n';
	CREATE TABLE parent (id integer PRIMARY KEY);
	CREATE TABLE child (parent integer REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
	CREATE FUNCTION orphan(parent integer) RETURNS void LANGUAGE sql AS 'INSERT INTO child VALUES (parent)';
	CREATE FUNCTION adopt(parent integer) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO child VALUES (adopt.parent); INSERT INTO parent VALUES (adopt.parent); END$$;
});
is(gives('sql:public.slow', { seconds => 60 }, TimeoutSeconds => 1), 'FAILED States.Timeout', 'TimeoutSeconds ends a slow task');
is(sql('SELECT count(*) FROM effect WHERE n = -1'), '0', '... and its effect is undone');
is(gives('sql:public.slow', { seconds => 0.2 }), '"awake"', 'a task may be longer than a turn');
is(gives('sql:public.slow', { seconds => 0.2 }), '"awake"', '... again');


# A lock that somebody else holds: the task waits, in a turn of its own, and nobody else does.
foreach my $time ('first', 'next')
{
	my $holder = $node->background_psql('postgres');
	$holder->query_safe('BEGIN; UPDATE counter SET n = n + 10 WHERE id = 1');
	task_machine($node, 'count', 'sql:public.count_up');
	my $waiting = started($node, 'count', { id => 1 });
	ok(wait_for($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'sfn executor' AND wait_event_type = 'Lock'}, '1'),
		"a task waits for a row lock, $time run");
	is(run($node, 'count', { id => 2 })->{status}, 'SUCCEEDED', '... another one does not');
	$holder->query_safe('COMMIT');
	$holder->quit;
	is(end_of($node, $waiting)->{status}, 'SUCCEEDED', '... it goes on when the lock is free');
}
is(sql('SELECT string_agg(n::text, $$,$$ ORDER BY id) FROM counter'), '22,2', 'nothing was counted twice');

# A deadlock with a user's session.
# The server looks for one only once in each wait, so the task is to be the last who waits: the first time, it lets the user go first.
sql(q{
	CREATE SEQUENCE attempts;
	CREATE FUNCTION count_both(input jsonb) RETURNS void LANGUAGE plpgsql AS $$
		DECLARE
			waits_for_user boolean := nextval('attempts') = 1;
		BEGIN
			UPDATE counter SET n = n + 1 WHERE id = 1;
			WHILE waits_for_user AND NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP
				PERFORM pg_sleep(0.01);
			END LOOP;
			UPDATE counter SET n = n + 1 WHERE id = 2;
		END$$;
});
task_machine($node, 'both', 'sql:public.count_both', Retry => [ { ErrorEquals => ['Sql.deadlock_detected'], IntervalSeconds => 1 } ]);
my $user = $node->background_psql('postgres');
$user->query_safe(q{SET deadlock_timeout = '100s'; BEGIN; UPDATE counter SET n = n + 100 WHERE id = 2});
my $deadlocked = started($node, 'both');
ok(wait_for($node, 'SELECT last_value FROM attempts WHERE is_called', '1'), 'a task begins');
$user->query_safe('UPDATE counter SET n = n + 100 WHERE id = 1; COMMIT');
$user->quit;
is(end_of($node, $deadlocked)->{status}, 'SUCCEEDED', 'a user waits for it and it for the user: it fails and is tried again');
is(sql('SELECT string_agg(n::text, $$,$$ ORDER BY id) FROM counter'), '123,103', '... with one effect');
like(event_types($node, $deadlocked), qr/TaskFailed TaskScheduled TaskStarted TaskSucceeded/, '... as history shows');

# Deferred constraints and triggers are the task's, and run as its role.
is(gives('sql:public.orphan', { parent => 1 }), 'FAILED Sql.foreign_key_violation', 'a deferred constraint that fails is the task\'s error');
is(caught('sql:public.orphan', 'Sql.foreign_key_violation', { parent => 1 }), 'SUCCEEDED Sql.foreign_key_violation', '... which Catch sees');
machine($node, 'twice',
	{   StartAt => 'One',
		States => {
			One => { Type => 'Task', Resource => 'sql:public.adopt', Parameters => { 'parent.$' => '$.one' }, ResultPath => undef, Next => 'Two' },
			Two => { Type => 'Task', Resource => 'sql:public.adopt', Parameters => { 'parent.$' => '$.two' }, End => JSON::PP::true } } });
is(run($node, 'twice', { one => 10, two => 11 })->{status}, 'SUCCEEDED', 'two tasks of an execution that defer something');
is(run($node, 'twice', { one => 12, two => 13 })->{status}, 'SUCCEEDED', '... and again');
sql(q{
	CREATE TABLE seen (who text);
	GRANT INSERT ON seen TO clerk;
	CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen VALUES (current_user); RETURN NULL; END$$;
	CREATE TABLE work (n integer);
	GRANT INSERT ON work TO clerk;
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON work DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
	CREATE FUNCTION do_work(n integer) RETURNS void LANGUAGE sql AS 'INSERT INTO work VALUES (n)';
});
task_machine($node, 'late', 'sql:public.do_work', role => 'clerk');
is(run($node, 'late', { n => $_ })->{status}, 'SUCCEEDED', "a deferred trigger, run $_") foreach (1 .. 4);
is(sql('SELECT string_agg(DISTINCT who, $$ $$) || count(*) FROM seen'), 'clerk4', 'deferred triggers run as the machine\'s role');

#
# arn:aws:states:::sql:call and sql:query.
#
my $call = 'arn:aws:states:::sql:call';
my $query = 'arn:aws:states:::sql:query';
is(gives($call, { Function => 'public.r_integer', Args => { a => 1 } }), '2', 'sql:call');
is(gives($call, { Function => 'nothing' }), '"nothing"', 'sql:call without arguments');
is(gives($call, { Function => 'public.whole_jsonb', Args => [ 1, 2 ] }), '[1,2]', 'sql:call with an array');
is(gives($call, { Function => 7 }), 'FAILED States.Runtime', 'sql:call of something that is no name');
is(gives($query, { Query => 'SELECT id, name FROM item WHERE id <= $1 ORDER BY id', Args => [2] }),
	'{"RowCount":2,"Rows":[{"id":1,"name":"one"},{"id":2,"name":"two"}]}', 'sql:query');
is(gives($query, { Query => 'SELECT $1::date + 1 AS tomorrow, $2::integer[] AS list, $3::jsonb AS j, $4 AS t, $5::boolean AS b',
			Args => [ '2024-02-28', [ 1, 2 ], { k => [ 1 ] }, 'text', JSON::PP::true ] }),
	'{"RowCount":1,"Rows":[{"b":true,"j":{"k":[1]},"list":[1,2],"t":"text","tomorrow":"2024-02-29"}]}', 'arguments have the types of their places');
is(gives($query, { Query => 'INSERT INTO effect SELECT generate_series($1::integer, $2) RETURNING n', Args => [ 100, 102 ] }),
	'{"RowCount":3,"Rows":[{"n":100},{"n":101},{"n":102}]}', 'a statement that writes and returns');
is(gives($query, { Query => 'DELETE FROM effect WHERE n >= 100' }), '{"RowCount":3,"Rows":[]}', 'a statement that only writes');
is(gives($query, { Query => 'SELECT ' . join(' + ', map { "\$${_}::integer" } (1 .. 40)) . ' AS n', Args => [ 1 .. 40 ] }),
	'{"RowCount":1,"Rows":[{"n":820}]}', 'many arguments');
is(gives($query, { Query => 'SELECT $1::integer', Args => [] }), 'FAILED Sql.undefined_parameter', 'too few arguments');
is(gives($query, { Query => 'SELECT 1', Args => [1] }), 'FAILED Sql.undefined_parameter', 'too many arguments');
is(gives($query, { Query => 'SELEC 1' }), 'FAILED Sql.syntax_error', 'a syntax error');
is(gives($query, { Query => 'SELECT 1 / $1::integer', Args => [0] }), 'FAILED Sql.division_by_zero', 'an error of the statement');
is(gives($query, { Query => 'COMMIT' }), 'FAILED Sql.feature_not_supported', 'COMMIT is refused');
is(gives($query, { Query => 'SELECT * FROM item' }, role => 'clerk'), 'FAILED Sql.insufficient_privilege', 'a statement runs as the role');
is(gives($query, {}), 'FAILED States.Runtime', 'no statement');

#
# Functions under a name: function ARNs and lambda:invoke.
#
sql(q{
	CREATE FUNCTION greet(input jsonb) RETURNS jsonb LANGUAGE sql AS
		$$SELECT jsonb_build_object('greeting', 'Hello, ' || (input ->> 'name'))$$;
	SELECT sfn.create_function('greet', 'greet(jsonb)');
	SELECT sfn.create_function('out-of-tea', 'raises_json(jsonb)');
});
my $arn = 'arn:aws:lambda:us-east-1:000000000000:function';
my $invoke = 'arn:aws:states:::lambda:invoke';
is(gives("$arn:greet", { name => 'Ann' }), '{"greeting":"Hello, Ann"}', 'a function ARN');
is(gives("$arn:greet:live", { name => 'Bob' }), '{"greeting":"Hello, Bob"}', '... with a qualifier');
is(gives("$arn:nobody", {}), 'FAILED Lambda.ResourceNotFoundException', 'a function that is not registered');
is(gives("$arn:out-of-tea", {}), 'FAILED OutOfTea', 'a function\'s error with errorType');
is(cause("$arn:out-of-tea", {})->{errorMessage}, 'no tea left', '... and errorMessage');
task_machine($node, 'invoke', $invoke, Parameters => { 'FunctionName.$' => '$.f', 'Payload.$' => '$.p' }, OutputPath => '$.Payload');
is(run($node, 'invoke', { f => $_, p => { name => 'Ann' } })->{output}{greeting}, 'Hello, Ann', "lambda:invoke of $_")
  foreach ('greet', 'greet:7', "$arn:greet", "$arn:greet:7", '000000000000:function:greet');
is(run($node, 'invoke', { f => 'nobody', p => {} })->{error}, 'Lambda.ResourceNotFoundException', 'lambda:invoke of one that is not there');
is(run($node, 'invoke', { f => 'out-of-tea', p => {} })->{error}, 'OutOfTea', 'lambda:invoke of one that fails');
is(gives($invoke, { FunctionName => 'greet', Payload => { name => 'x' } }, ResultSelector => { 'code.$' => '$.StatusCode' }), '{"code":200}',
	'lambda:invoke answers as the API does');
sql('DROP FUNCTION greet(jsonb)');
is(gives("$arn:greet", { name => 'Ann' }), 'FAILED Lambda.ResourceNotFoundException', 'a function whose SQL function is gone');

# The time that an execution has begins again with a redrive.
sql(q{CREATE TABLE nap AS SELECT 60.0 AS seconds;
	CREATE FUNCTION nap(value json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(seconds) FROM nap; RETURN '"slept"'; END $$;
	SELECT sfn.create_function('nap', 'nap(json)', alone => true)});
machine($node, 'nap', { StartAt => 'Nap', TimeoutSeconds => 2, States => { Nap => { Type => 'Task', Resource => "$arn:nap", End => JSON::PP::true } } });
is(run($node, 'nap', {})->{status}, 'TIMED_OUT', 'a task ends with the time of its execution');
sql(q{UPDATE nap SET seconds = 0.3; SELECT pg_sleep(0.1); SELECT sfn.redrive_execution(execution_arn) FROM sfn.executions WHERE state_machine = 'nap'});
ok($node->poll_query_until('postgres', q{SELECT redrive_count = 1 AND stop_date IS NOT NULL FROM sfn.executions WHERE state_machine = 'nap'}), 'it ends');
is(sql(q{SELECT status FROM sfn.executions WHERE state_machine = 'nap'}), 'SUCCEEDED', 'after a redrive it has that time again');

# Values as deep as they may be: through turns of their own, variables, waiting and answers.
sql(q{CREATE FUNCTION deep(value json) RETURNS json LANGUAGE sql BEGIN ATOMIC SELECT value; END;
	SELECT sfn.create_function('deep', 'deep(json)', alone => true)});
my ($deep, $pass) = ('[' x 1000 . ']' x 1000, { Type => 'Pass', End => JSON::PP::true });
$encoder->max_depth(3000);
sub deep_status
{
	my ($name, $start, %states) = @_;
	machine($node, $name, { StartAt => $start, States => \%states });
	return sql("SELECT status FROM sfn.describe_execution(sfn.start_execution('$name', '$deep'))") eq 'RUNNING'
	  && $node->poll_query_until('postgres', "SELECT stop_date IS NOT NULL FROM sfn.executions WHERE state_machine = '$name'")
	  ? sql("SELECT concat_ws(' ', status, error, length(output::text)) FROM sfn.executions WHERE state_machine = '$name'") : 'for ever';
}
is(deep_status('deep', 'Task', Task => { Type => 'Task', Resource => "$arn:deep", End => JSON::PP::true }), 'SUCCEEDED 2000', 'parameters of a put-off task, 1000 levels deep');
is(deep_status('deeper', 'Task', Task => { Type => 'Task', Resource => "$arn:deep", Parameters => { a => { 'b.$' => '$' } }, ResultSelector => { 'c.$' => '$.a.b' }, OutputPath => '$.c', End => JSON::PP::true }),
	'FAILED Sql.invalid_text_representation', 'deeper than that');
is(deep_status('deep-variable', 'Pass', Pass => { Type => 'Pass', Assign => { 'v.$' => '$' }, Next => 'Wait' }, Wait => { Type => 'Wait', Seconds => 1, Next => 'End' },
	End => { Type => 'Pass', InputPath => '$v', End => JSON::PP::true }), 'SUCCEEDED 2000', 'a variable, through a wait');
is(deep_status('deep-map', 'Map', Map => { Type => 'Map', InputPath => '$[0]', ItemProcessor => { StartAt => 'Wait', States => { Wait => { Type => 'Wait', Seconds => 1, End => JSON::PP::true } } }, End => JSON::PP::true }),
	'SUCCEEDED 1998', 'items');

is(sql('SELECT count(*) FROM sfn.inbox'), '0', 'nothing is left in the inbox');
is(sql('SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL'), '0', 'nobody is quarantined');
$node->stop;

done_testing();
