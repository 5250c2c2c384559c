
# What callers may do to a front and its shards: settings that write moments otherwise, names with quotes, things of theirs first in
# the search_path, becoming another role; a shard of another version, and one that does not answer.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnShards;
use SfnTest;

my $front = sfn_node('odd_front', create => 0, conf => shards_conf());
plan skip_all => 'PL/Proxy is not installed (Debian: postgresql-15-plproxy)' unless have_proxy($front);
my $far = sfn_node('odd_far', create => 0, conf => shards_conf());

my $pass = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';
my $odd = q{o'Neil "x" \, {y} %s $$};
my $odd_identifier = '"' . ($odd =~ s/"/""/gr) . '"';
my $odd_literal = q{E'} . ($odd_identifier =~ s/\\/\\\\/gr =~ s/'/''/gr) . q{'};
$front->safe_psql('postgres', "CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE ROLE carol; CREATE ROLE amy LOGIN IN ROLE alice, carol; CREATE ROLE $odd_identifier; GRANT $odd_identifier TO bob");
make_front($front);
add_shards($front, $front, 's0');
add_shards($front, $far, 's1');
on_front($front, 'SELECT sfn_proxy.rebalance(1024)');
like(on_front($front, 'SELECT conninfo FROM sfn_proxy.shard WHERE id = 1'), qr/ connect_timeout=5 keepalives_idle=10 .* tcp_user_timeout=25000/, 'a network that is cut is noticed');
on_front($front, "SELECT sfn.create_state_machine('m', '$pass')", 'alice');
on_front($front, "SELECT sfn.start_execution('m', '{}', 'n' || i) FROM generate_series(1, 20) i", 'alice');
my ($near_name, $far_name) = map { on_front($front, "SELECT 'n' || i FROM generate_series(1, 20) i WHERE sfn_proxy.shard_of('n' || i) = $_ LIMIT 1") } 0, 1;

#
# Moments are the same, however somebody writes them.
#
foreach my $style ('ISO, MDY', 'SQL, DMY', 'German', 'Postgres, MDY')
{
	is(on_front($front, "SET DateStyle = '$style'; SET TimeZone = 'Asia/Kolkata'; SET IntervalStyle = sql_standard;
		SELECT count(*) FROM sfn.list_executions('m', since => now() - interval '1 hour', until => now() + interval '1 hour')", 'alice'), '20', "since and until with DateStyle $style");
}
$front->safe_psql('s0', q{ALTER DATABASE s0 SET DateStyle = 'SQL, DMY'});
$far->safe_psql('s1', q{ALTER DATABASE s1 SET DateStyle = 'German'});
is(on_front($front, q{SELECT count(*) FROM sfn.list_executions('m') WHERE start_date BETWEEN now() - interval '1 hour' AND now()}, 'alice'), '20', 'moments of shards that write them otherwise');
is(on_front($front, q{SELECT count(*) FROM sfn.executions WHERE start_date BETWEEN now() - interval '1 hour' AND now()}, 'alice'), '20', '... in views');

#
# Names.
#
is(on_front($front, "SELECT sfn.grant_state_machine('m', $odd_literal\::regrole, 'see')", 'alice'), '', 'a role with an odd name is granted something');
is(on_front($front, "SET ROLE $odd_identifier; SELECT count(*) FROM sfn.list_executions('m')", 'bob'), '20', '... and calls');
is(join('', map { $_->[0]->safe_psql($_->[1], "SELECT grantee = $odd_literal\::regrole FROM sfn.state_machine_grants") } [ $front, 's0' ], [ $far, 's1' ]), 'tt', '... as the same role on all shards');
is(on_front($front, q{SELECT name FROM sfn.describe_execution(sfn.start_execution('m', '{}', 'o''Neil'))}, 'alice'), q{o'Neil}, 'an execution with a quote in its name');
foreach my $name (q{a"b}, q{a\\b}, '{a,b}', "a\nb")
{
	like(front_error($front, sprintf(q{SELECT sfn.start_execution('m', '{}', %s)}, q{E'} . ($name =~ s/\\/\\\\/gr =~ s/'/''/gr) . q{'}), 'alice'), qr/^SF\d{3}: .*name/, 'a name that no execution may have is refused by a shard');
}
is(on_front($front, q{SELECT count(*) FROM sfn.start_executions('m', ARRAY['{"a": "\"}''{,"}', '[]']::json[])}, 'alice'), '2', 'inputs with all that arrays are written with');

#
# Roles: each call is that of the role that makes it; what is first in its search_path is not run by anybody else.
#
is(on_front($front, q{SET ROLE alice; SELECT count(*) FROM sfn.list_executions('m'); SET ROLE carol; SELECT count(*) FROM sfn.list_executions(); RESET ROLE}, 'amy'), "23\n0", 'a session that changes its role');
on_front($front, 'CREATE SCHEMA evil AUTHORIZATION alice');
on_front($front, join(";\n", map { "CREATE FUNCTION evil.$_ LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION 'evil as %', current_user; END \$\$" }
	'cardinality(integer[]) RETURNS integer', 'sha256(bytea) RETURNS bytea', 'array_length(text[], integer) RETURNS integer', 'get_byte(bytea, integer) RETURNS integer', 'random() RETURNS float8',
	'floor(float8) RETURNS float8', 'unnest(integer[]) RETURNS SETOF integer', 'equal(integer, integer) RETURNS boolean', 'equal(text, text) RETURNS boolean', 'json_typeof(json) RETURNS text',
	'current_setting(text) RETURNS text', 'clock_timestamp() RETURNS timestamptz'), 'alice');
on_front($front, q{CREATE OPERATOR evil.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = evil.equal); CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
	CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false)}, 'alice');
is(on_front($front, q{SET search_path = evil, pg_catalog;
	SELECT sfn.start_execution('m', '{}', 'evil') IS NOT NULL, sfn.start_execution('m') IS NOT NULL, (SELECT pg_catalog.count(*) FROM sfn.list_executions('m')), (SELECT pg_catalog.count(*) FROM sfn.executions),
	sfn.api('ListExecutions', pg_catalog.json_build_object('stateMachineArn', sfn.state_machine_arn('m'), 'maxResults', 3)) IS NOT NULL, sfn.wait_for_execution('m/evil')}, 'alice'), 't|t|25|25|t|SUCCEEDED', 'what a caller has first in the search_path');
foreach my $call ([ 'StartExecution', '{a}' ], [ 'sfn.start_execution(text,json,text)', '{}' ], [ 'sfn.list_executions(text,text,integer,text,timestamp with time zone,timestamp with time zone,text)', '{{a,b},{c,d}}' ],
	[ 'sfn.api(text,json)', '{ListExecutions}' ], [ 'view sfn.executions', '{x}' ], [ q{sfn.stop_execution(text,text,text)}, '{NULL}' ])
{
	unlike(front_error($front, "SELECT sfn_proxy.call(sfn_proxy.pass(), '$call->[0]', '$call->[1]'); SELECT sfn_proxy.call_one(sfn_proxy.pass(), '$call->[0]', '$call->[1]')", 'bob'),
		qr/^(?:XX|08)/, "a call that no function makes so has nothing broken: $call->[0]");
}

#
# A shard of another version.
#
$far->safe_psql('postgres', 'CREATE DATABASE s2');
$far->safe_psql('s2', q{CREATE EXTENSION sfn; SELECT sfn.allow_gateway('sfn_front'); UPDATE pg_extension SET extversion = '9.9' WHERE extname = 'sfn'});
like(front_error($front, sprintf q{CALL sfn_proxy.add_shard('host=%s port=%s dbname=s2 user=sfn_front')}, $far->host, $far->port), qr/^55000: the shard has version 9.9 of sfn/, 'a shard of another version is not added');
is($far->safe_psql('s2', 'SHOW sfn.shard_id'), '-1', '... or changed');

#
# A shard that does not come to an end: who waits for it may stop waiting, nobody else does.
#
my $session = $front->background_psql('front', on_error_stop => 0, extra_params => [ '-U', 'alice' ]);
$session->query_safe("SELECT count(*) FROM sfn.list_executions('m')");	# its connections are there
my $holder = $far->background_psql('s1');
$holder->query_safe('BEGIN; LOCK TABLE sfn.execution IN ACCESS EXCLUSIVE MODE');
$session->query(q{SET statement_timeout = '2s'});
is($session->query("SELECT name FROM sfn.describe_execution('m/$near_name')"), $near_name, 'others answer');
$session->query("SELECT name FROM sfn.describe_execution('m/$far_name')");
like($session->{stderr}, qr/canceling statement due to statement timeout/, 'a call that gets no answer is given up when the caller wants');
$session->{stderr} = '';
is($session->query("SELECT name FROM sfn.describe_execution('m/$near_name')"), $near_name, '... and the session goes on');
ok(wait_for($far, q{SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = 's1' AND a.backend_type = 'client backend'}, '0'), '... on the shard, too');
$holder->query_safe('COMMIT');
$holder->quit;
$session->query(q{SET statement_timeout = '60s'});
is($session->query("SELECT name FROM sfn.describe_execution('m/$far_name')"), $far_name, 'when it does, its executions are there');
$session->quit;

$_->stop foreach $front, $far;
done_testing();
