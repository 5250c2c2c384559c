
# F30, for requests: no commit of a request is missed by the pump, whatever it is doing, and no answer by token is lost,
# whether it comes before the response to the call that was given the token, with it, or after it.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

use SfnHttp;
use SfnMachine;
use SfnTest;
use SfnWorkers;

# The safety poll would hide what was missed for less than a minute; nothing here takes half of one.
my $node = sfn_node('f30_http', conf => "sfn.http_allowed_hosts = '127.0.0.1'\nsfn.poll_interval = '60s'\nlog_statement = 'none'\n");
my $server = http_server();
my $url = $server->{url};

sub sql
{
	my ($text) = @_;
	return $node->safe_psql('postgres', $text);
}

#
# Requests one by one: each commit meets a pump that is idle, at work, or about to rest.
#
my $rounds = rounds(10000);
my $script = PostgreSQL::Test::Utils::tempdir() . '/one.sql';
invoke_machine($node, 'one', { ApiEndpoint => "$url/json" });
PostgreSQL::Test::Utils::append_to_file($script, "CALL sfn.run_execution('one');\n");
$node->command_ok([ 'pgbench', '-n', '-c', 4, '-t', $rounds / 4, '-f', $script, 'postgres' ], "$rounds requests, four at a time");
is(sql(q{SELECT status, count(*) FROM sfn.executions GROUP BY 1}), "SUCCEEDED|$rounds", 'all were answered');
cmp_ok(sql(q{SELECT extract(epoch FROM max(stop_date - start_date)) FROM sfn.executions}), '<', 30, 'none waited for the safety poll');
is(scalar(requests($server, '/json')), $rounds, 'each was sent once');

#
# Tokens, answered by a session as soon as the server has seen them.
#
my $tokens = rounds(3000);
sql("SELECT sfn.create_function('given', '$url/echo')");
task_machine($node, 'token', 'arn:aws:states:::lambda:invoke.waitForTaskToken', TimeoutSeconds => 300,
	Parameters => { FunctionName => 'given', Payload => { 'token.$' => '$$.Task.Token', 'n.$' => '$.n' } });
sql(qq{SELECT count(*) FROM sfn.start_executions('token', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, $tokens) i))});
my $answered = 0;
ok(wait_until(
		sub {
			my @seen = map { JSON::PP::decode_json($_->{body}) } requests($server, '/echo');
			return 1 if $answered >= $tokens;
			sql(join '', map { "SELECT sfn.send_task_success('$_->{token}', '$_->{n}');" } @seen[ $answered .. $#seen ]) if @seen > $answered;
			$answered = @seen;
			return 0;
		},
		120),
	"$tokens tokens are answered while their calls may still be under way");
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'token' AND status = 'RUNNING'}, '0', 60), 'none is lost');
is(sql(q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'token' AND status = 'SUCCEEDED' AND output::text = input->>'n'}), $tokens,
	'every answer reached its own task');

# Before the response, which never comes.
sql("SELECT sfn.create_function('silent', '$url/hang')");
task_machine($node, 'silent', 'arn:aws:states:::lambda:invoke.waitForTaskToken',
	Parameters => { FunctionName => 'silent', Payload => { 'token.$' => '$$.Task.Token' } });
my $waiting = started($node, 'silent');
ok(wait_until(sub { scalar(requests($server, '/hang')) == 1 }), 'a call that hangs');
my $token = JSON::PP::decode_json((requests($server, '/hang'))[0]{body})->{token};
sql("SELECT sfn.send_task_success('$token', '8')");
is(end_of($node, $waiting)->{output}, 8, '... is overtaken by the answer to its token');
is(sql('SELECT count(*) FROM sfn.task'), 0, 'nothing is left');
ok(wait_until(sub { hanging($server) == 0 }), 'and the call is aborted');

ok(log_is_clean($node), 'the log is clean');
$node->stop;
done_testing();
