
# What a task defers to the commit happens before its role is left, whatever its triggers do: in a worker, and in the tests of
# the role itself.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('deferred_triggers');
$node->safe_psql('postgres', q{
	CREATE ROLE deferrer LOGIN;
	CREATE DATABASE testing;
	ALTER DATABASE testing SET sfn.enabled = off;
});
$node->safe_psql('testing', 'CREATE EXTENSION sfn; GRANT EXECUTE ON FUNCTION sfn.run_until_idle(integer) TO deferrer');

my $late = q{
	CREATE SCHEMA late;
	CREATE TABLE late.first (i int);
	CREATE TABLE late.second (i int);
	CREATE TABLE late.ran (what text, who text);
	-- the first defers everything anew and gives the second something to do; "again" does so in the second, too
	CREATE FUNCTION late.first() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO late.ran VALUES ('first', current_user);
		SET CONSTRAINTS ALL DEFERRED;
		INSERT INTO late.second VALUES (new.i);
		RETURN NULL;
	END $$;
	CREATE FUNCTION late.second() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO late.ran VALUES ('second', current_user);
		IF new.i > 1 THEN
			SET CONSTRAINTS ALL DEFERRED;
			INSERT INTO late.second VALUES (new.i - 1);
		END IF;
		RETURN NULL;
	END $$;
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late.first INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late.first();
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late.second INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late.second();
	CREATE FUNCTION late.work(i int) RETURNS void LANGUAGE sql AS 'INSERT INTO late.first VALUES (i)';
	SELECT sfn.create_state_machine('late', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "sql:late.work", "End": true}}}');
	SELECT sfn.start_execution('late', '{"i": 1}', 'once'), sfn.start_execution('late', '{"i": 2}', 'again');
};
my %turns = (postgres => '', testing => 'BEGIN; SELECT sfn.run_until_idle(); COMMIT');
foreach my $database (sort keys %turns)
{
	$node->safe_psql($database, 'GRANT CREATE ON DATABASE ' . $database . ' TO deferrer');
	$node->safe_psql($database, $late . $turns{$database}, extra_params => [ '-U', 'deferrer' ]);
	ok(wait_until(sub { $node->safe_psql($database, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}) eq '0' }), "$database: done");
	is($node->safe_psql($database, q{SELECT string_agg(what || ' ' || who, ', ') FROM late.ran}), 'first deferrer, second deferrer',
		'... deferred triggers ran as the role');
	is($node->safe_psql($database, q{SELECT string_agg(concat_ws(' ', name, status, cause::json ->> 'message'), ', ' ORDER BY name DESC) FROM sfn.executions}),
		'once SUCCEEDED, again FAILED cannot fire deferred trigger within security-restricted operation', '... what they defer a second time is refused');
}

$node->stop;
done_testing();
