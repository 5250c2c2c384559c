
# F65: CREATE PUBLICATION ... FOR ALL TABLES, as change capture and migrations do, leaves the engine running, because each of our
# tables has a replica identity.  On a subscriber the rows arrive and nothing runs; once it is a database of its own, it can
# be adopted, and goes on with ids of its own.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('f65', conf => "wal_level = logical\n", init => [ allows_streaming => 'logical' ]);
create_machines($node);
$node->safe_psql('postgres', q{
	SELECT sfn.create_state_machine('later', '{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "Seconds": 3600, "Next": "A"},
		"A": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}');
	INSERT INTO sfn.http_allowed_host (host, note) VALUES ('example.com', 'before');
	ALTER TABLE effect REPLICA IDENTITY FULL;
	CREATE ROLE keeper; GRANT CREATE ON SCHEMA public TO keeper;
	SET ROLE keeper;
	SELECT sfn.create_function('f', 'public.work(jsonb)'), sfn.create_queue('q'), sfn.send_message('q', 'first');
	RESET ROLE;
	SELECT sfn.create_aws_credentials('default', 'STATIC', '{"AccessKeyId": "AK", "SecretAccessKey": "s"}');
	SELECT sfn.create_bucket('b', 'file:///usr/share'), sfn.create_queue('fed'), sfn.create_queue('sent'), sfn.create_queue_source('fed', 'https://sqs.eu-central-1.amazonaws.com/111122223333/q', enabled => false)});

is($node->safe_psql('postgres', q{
	SELECT string_agg(c.relname, ',') FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
	JOIN pg_extension x ON x.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND x.extname = 'sfn'
	WHERE c.relkind = 'r' AND c.relreplident <> 'f'
		AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))}),
	'', 'every table of ours has a replica identity');

$node->safe_psql('postgres', 'CREATE PUBLICATION everything FOR ALL TABLES');
start($node, 'work', qq({"n": $_})) for 1 .. 5;
my $waiting = start($node, 'later', '{"n": 100}');
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'work' AND status = 'SUCCEEDED'}, '5', 60), 'executions run while everything is published');
is(($node->psql('postgres', q{UPDATE sfn.http_allowed_host SET note = 'after'; DELETE FROM sfn.http_allowed_host}))[0], 0, 'allowed hosts can be changed');

# A subscriber: the tables as a dump of the schema makes them.
my $subscriber = sfn_node('f65_subscriber', conf => "wal_level = logical\n", init => [ allows_streaming => 'logical' ], create => 0);
$subscriber->safe_psql('postgres', 'CREATE ROLE keeper');
my $schema = $node->basedir . '/schema.sql';
command_ok([ 'pg_dump', '--schema-only', '--no-publications', '-d', $node->connstr('postgres'), '-f', $schema ], 'pg_dump --schema-only');
command_ok([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $subscriber->connstr('postgres'), '-f', $schema ], '... is restored');
my $source = sql_text($node->connstr('postgres'));
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION feed CONNECTION $source PUBLICATION everything");
$subscriber->wait_for_subscription_sync($node, 'feed') if $subscriber->can('wait_for_subscription_sync');
ok(wait_for($subscriber, 'SELECT count(*) FROM sfn.executions', '6', 60), 'the rows arrive');
start($node, 'work', '{"n": 6}');
ok(wait_for($subscriber, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '6', 60), '... those of later, too');
is($subscriber->safe_psql('postgres', q{SELECT count(*) FROM effect WHERE n = 100}), '0', 'nothing runs there');

my ($status, $out, $err) = $subscriber->psql('postgres', 'SELECT sfn.adopt()');
like($err, qr/subscription "feed"/, 'it cannot be adopted while the subscription feeds it');
$subscriber->safe_psql('postgres', 'ALTER SUBSCRIPTION feed DISABLE; DROP SUBSCRIPTION feed');
$subscriber->safe_psql('postgres', 'SELECT sfn.adopt()');
start($subscriber, 'work', '{"n": 7}');
$subscriber->safe_psql('postgres', q{UPDATE sfn.inbox SET due = clock_timestamp() WHERE due > clock_timestamp()});
start($subscriber, 'pass');
ok(wait_for($subscriber, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}, '0', 60), 'adopted, it runs what waits and what is new');
is($subscriber->safe_psql('postgres', q{
	SELECT sfn.create_function('g', 'public.work(jsonb)'), sfn.create_queue('r'), sfn.send_message('q', 'second') IS NOT NULL, sfn.create_bucket('c', 'file:///usr/lib'),
		sfn.create_queue_source('sent', 'https://sqs.eu-central-1.amazonaws.com/111122223333/s', enabled => false);
	SELECT string_agg(body, ' ' ORDER BY body) FROM sfn.receive_message('q', 10)}) =~ s/.*\n//sr, 'first second', 'whatever is made gets an id that nothing has');
like(($subscriber->psql('postgres', 'DROP ROLE keeper'))[2], qr/objects depend on it.*owner of/s, 'a role that owns something there is not dropped');
is($subscriber->safe_psql('postgres', q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', 'nothing is wrong with the tables');
is($subscriber->safe_psql('postgres', q{SELECT string_agg(n::text, ',' ORDER BY n) FROM effect WHERE n IN (7, 100)}), '7,7,100', 'each effect once');

$subscriber->stop;
$node->stop;
done_testing();
