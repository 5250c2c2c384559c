
# F49: a result that is larger than sfn.max_payload_size ends its statement when the limit is passed: the task fails with
# States.DataLimitExceeded, nothing that it did remains, and the worker lives on with the memory it had.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;
use SfnMachine;
use SfnWorkers;

my $node = sfn_node('f49', conf => 'sfn.max_workers = 1');
my $catch = [ { ErrorEquals => ['States.DataLimitExceeded'], Next => 'TooLarge' } ];

$node->safe_psql('postgres', q{
	CREATE TABLE kept (line text);
	CREATE TABLE big (line text);
	CREATE TABLE large (line text);
	INSERT INTO big SELECT repeat('x', 1000000000);
	INSERT INTO large SELECT repeat('x', 20000000);
	CREATE FUNCTION lines(rows int) RETURNS SETOF text LANGUAGE sql
		AS $$ SELECT repeat('x', 1000) FROM generate_series(1, 10000) a, generate_series(1, rows) b $$;
	CREATE FUNCTION pairs(rows int) RETURNS TABLE (a int, b text) LANGUAGE sql
		AS $$ SELECT x, 'y' FROM generate_series(1, 10000) x, generate_series(1, rows) $$;
	CREATE FUNCTION collected() RETURNS SETOF text LANGUAGE plpgsql
		AS $$ BEGIN RETURN QUERY SELECT repeat('x', 1000) FROM generate_series(1, 300000); END $$;
	CREATE FUNCTION long_text(length int) RETURNS text LANGUAGE sql AS $$ SELECT repeat('x', length) $$;
	CREATE FUNCTION long_json(input json) RETURNS json LANGUAGE sql
		AS $$ INSERT INTO kept VALUES ('json'); SELECT to_json(repeat('x', (input->>'length')::int)) $$;
	CREATE FUNCTION stored() RETURNS large LANGUAGE sql AS $$ SELECT * FROM large $$;
});
$node->safe_psql('postgres', q{SELECT sfn.create_function('long_json', 'long_json(json)')});

my $pid = executor_pid($node);

# Memory of the worker in MB: what it had at most, what it has now.
sub memory
{
	my $status = slurp_file("/proc/$pid/status");
	return map { $status =~ /^$_:\s+(\d+) kB/m ? $1 / 1024 : die "no $_" } qw(VmHWM RssAnon);
}

sub end_of_task
{
	my ($resource, %fields) = @_;
	task_machine($node, 'task', $resource, TimeoutSeconds => 120, %fields);
	return run($node, 'task', {});
}

sub fails
{
	my ($what, $resource, $name, %fields) = @_;
	my $end = end_of_task($resource, %fields);

	is_deeply([ @$end{qw(status error cause)} ],
		[ 'FAILED', 'States.DataLimitExceeded', "The state/task '$name' returned a result with a size exceeding the maximum number of bytes service limit." ],
		$what);
}

sub query_fails
{
	my ($what, $query, @args) = @_;
	fails($what, 'arn:aws:states:::sql:query', 'sql', Parameters => { Query => $query, Args => \@args });
}

# The first of each kind, so that what is kept for ever (plans, caches) is not counted.
end_of_task('arn:aws:states:::sql:query', Parameters => { Query => 'SELECT 1 AS a' });
end_of_task('sql:public.lines', Parameters => { rows => 0 });
my ($most, undef) = memory();

query_fails('a hundred million rows', q{SELECT generate_series(1, 100000000) AS n, repeat('x', 1000) AS line});
query_fails('the same of a join', q{SELECT a, b, 'x' AS line FROM generate_series(1, 10000) a, generate_series(1, 10000) b});
query_fails('rows without columns', 'SELECT FROM generate_series(1, 1000000)');
query_fails('a stored value of a gigabyte', 'SELECT line FROM big');
query_fails('changed rows', q{INSERT INTO kept SELECT repeat('x', 1000) FROM generate_series(1, 10000) RETURNING line});
fails('a set of a function', 'sql:public.lines', 'sql:public.lines', Parameters => { rows => 10000 });
fails('a set of rows', 'sql:public.pairs', 'sql:public.pairs', Parameters => { rows => 10000 });
fails('a set that the function collects itself', 'sql:public.collected', 'sql:public.collected', Parameters => {});
fails('a text', 'sql:public.long_text', 'sql:public.long_text', Parameters => { length => 1000000 });
fails('a payload', 'arn:aws:lambda:us-east-1:000000000000:function:long_json', 'arn:aws:lambda:us-east-1:000000000000:function:long_json',
	Parameters => { length => 1000000 });

my ($most_then, undef) = memory();
cmp_ok($most_then - $most, '<', 64, 'none of them took much memory');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kept'), '0', 'and nothing that they did remains');

# What a statement or a function makes in one piece it makes before anybody can look at it.
fails('a row that a function read', 'sql:public.stored', 'sql:public.stored', Parameters => {});
query_fails('a text of a gigabyte made by the query', q{SELECT repeat('x', 1000000000) AS line});
fails('and by a function', 'sql:public.long_text', 'sql:public.long_text', Parameters => { length => 1000000000 });
my (undef, $now) = memory();
cmp_ok($now, '<', 200, 'whose memory is given back');

# The limit itself: 256 kB of compact JSON text, {"Rows":[{"line":"..."}],"RowCount":1}.
my $frame = length '{"Rows":[{"line":""}],"RowCount":1}';
my $end = end_of_task('arn:aws:states:::sql:query',
	Parameters => { Query => q{SELECT repeat('x', $1) AS line}, Args => [ 256 * 1024 - $frame ] }, OutputPath => '$.RowCount');
is_deeply([ @$end{qw(status output)} ], [ 'SUCCEEDED', 1 ], 'a result that just fits');
query_fails('one byte more', q{SELECT repeat('x', $1) AS line}, 256 * 1024 - $frame + 1);

machine($node, 'caught', { StartAt => 'Task', States => {
	Task => { Type => 'Task', Resource => 'sql:public.lines', Parameters => { rows => 10 }, Catch => $catch, End => JSON::PP::true },
	TooLarge => { Type => 'Pass', Result => 'caught', End => JSON::PP::true } } });
$end = run($node, 'caught', {});
is_deeply([ @$end{qw(status output)} ], [ 'SUCCEEDED', 'caught' ], 'Catch sees it');

# A synchronous execution in the caller's session.
$node->safe_psql('postgres', q{SELECT sfn.create_state_machine('express', '{"StartAt": "Task", "States": {"Task": {"Type": "Task",
	"Resource": "sql:public.lines", "Parameters": {"rows": 10000}, "End": true}}}', 'EXPRESS')});
my ($status, $out, $error) = $node->psql('postgres', q{SELECT sfn.start_sync_execution('express')});
like($error, qr/States\.DataLimitExceeded/, 'a synchronous execution fails in the same way');

is(executor_pid($node), $pid, 'it is the same worker still');
ok(log_is_clean($node), 'and nothing is in the log');
$node->stop;
done_testing();
