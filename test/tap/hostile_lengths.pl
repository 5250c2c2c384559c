
# What has a length has a bound: texts that are stored, that every process keeps which puts events, or that go into each
# history.  What is refused says how long it may be, in few words, whatever was given.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('lengths', conf => "fsync = off\n");
my $machine = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
my $arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';

$node->safe_psql('postgres', 'CREATE ROLE mallory LOGIN');
$node->safe_psql('postgres', qq{SELECT sfn.create_state_machine('m', '$machine'), sfn.create_bus('own'), sfn.create_rule('told', '{"source": ["a"]}'),
	sfn.create_archive('kept')}, extra_params => [ '-U', 'mallory' ]);

# {} stands for a text of a length.
my @texts = (
	[ 512, q{SELECT sfn.create_bus('b', description => {})} ],
	[ 512, q{SELECT sfn.create_rule('r', '{"source": ["a"]}', description => {})} ],
	[ 512, q{SELECT sfn.create_archive('a', description => {})} ],
	[ 512, q{SELECT sfn.update_archive('kept', description => {})} ],
	[ 512, q{SELECT sfn.start_replay('again', 'kept', '2000-01-01', description => {})} ],
	[ 512, q{SELECT sfn.create_schedule('s', 'rate(1 hour)', 'm', description => {})} ],
	[ 512, q{SELECT length(sfn.create_access_key(description => {})::text)} ],
	[ 512, q{SELECT sfn.create_connection('c', 'BASIC', '{"BasicAuthParameters": {"Username": "a", "Password": "b"}}', description => {})} ],
	[ 8180, q{SELECT sfn.create_rule('r', '{"source": ["a"]}', 'm', input => json_build_object('a', {}))} ],
	[ 8180, q{SELECT sfn.set_target('told', '2', 'm', input => json_build_object('a', {}))} ],
	[ 250, q{SELECT sfn.create_rule('r', '{"source": ["a"]}', 'm', input_path => '$.' || {})} ],
	[ 1_000_000, q{SELECT sfn.create_schedule('s', 'rate(1 hour)', 'm', input => json_build_object('a', {}))}, 200_000 ],
	[ 256, qq{SELECT sfn.api('StartExecution', json_build_object('stateMachineArn', '$arn', 'traceHeader', {}))} ],
	[ 256, q{SELECT sfn.api('CreateStateMachine', json_build_object('name', 'n', 'definition', '} . $machine . q{', 'roleArn', 'arn:aws:iam::000000000000:role/' || {}))}, 200 ],
	[ 256, qq{SELECT sfn.api('UpdateStateMachine', json_build_object('stateMachineArn', '$arn', 'roleArn', 'arn:aws:iam::000000000000:role/' || {}))}, 200 ],
	[ 256, q{SELECT sfn.publish_state_machine_version('m', {})} ],
);

foreach my $text (@texts)
{
	my ($length, $sql, $short) = @$text;

	foreach my $tried ([ $short // $length, 1 ], [ 10_000_000, 0 ])
	{
		my ($given, $is_allowed) = @$tried;
		my ($code, undef, $err) = psql_as($node, 'mallory', 'BEGIN; ' . $sql =~ s/\{\}(?!['"])/repeat('y', $given)/r . '; ROLLBACK');

		is($code == 0, !!$is_allowed, "$sql with $given") or diag(substr($err, 0, 300));
		next if $is_allowed;
		like($err, qr/long|length less than or equal to|bytes/, '... the error says so');
		cmp_ok(length($err), '<', 2000, '... in few words');
	}
}

$node->stop;
done_testing();
