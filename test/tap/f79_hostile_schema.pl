
# F79: what somebody made before CREATE EXTENSION is not adopted by it, and no function or operator in a schema of
# theirs is called by it.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $node = sfn_node('hostile');

# Everything that the install script could call or use unqualified, in a schema that comes first.
my $trap = q{
	CREATE SCHEMA trap;
	CREATE TABLE trap.sprung (what text);
	CREATE FUNCTION trap.spring(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO trap.sprung VALUES (what)';
	CREATE FUNCTION trap.gen_random_uuid() RETURNS uuid LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('uuid'); RETURN pg_catalog.gen_random_uuid(); END$$;
	CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('clock'); RETURN pg_catalog.clock_timestamp(); END$$;
	CREATE FUNCTION trap.current_database() RETURNS name LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('database'); RETURN pg_catalog.current_database(); END$$;
	CREATE FUNCTION trap.pg_extension_config_dump(regclass, text) RETURNS void LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('dump'); END$$;
	CREATE FUNCTION trap.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('='); RETURN $1 OPERATOR(pg_catalog.=) $2; END$$;
	CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.eq);
	CREATE FUNCTION trap.eq(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('='); RETURN $1 OPERATOR(pg_catalog.=) $2; END$$;
	CREATE OPERATOR trap.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = trap.eq);
	CREATE FUNCTION trap.concat(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN PERFORM trap.spring('||'); RETURN pg_catalog.concat($1, $2); END$$;
	CREATE OPERATOR trap.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.concat);
	CREATE TABLE trap.execution (i int); CREATE TABLE trap.state_machine (i int); CREATE TABLE trap.inbox (i int);
};

foreach my $order ('trap, pg_catalog, public', 'pg_catalog, trap')
{
	my $db = 'db' . length $order;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, $trap);
	$node->safe_psql($db, qq{ALTER DATABASE $db SET search_path = $order; SET search_path = $order; CREATE EXTENSION sfn});
	$node->safe_psql($db, q{SELECT sfn.create_state_machine('m', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', tags => '{"a": "b"}');
		SELECT sfn.start_execution('m', '{}', 'x'); SELECT sfn.publish_state_machine_version('m')});
	ok($node->poll_query_until($db, q{SELECT status OPERATOR(pg_catalog.=) 'SUCCEEDED' FROM sfn.executions}), "$order: executions run");
	$node->safe_psql($db, "SELECT count(*) FROM sfn.$_")
		foreach qw(state_machines executions history timers pending_tasks workers log_events state_machine_grants list_executions() list_state_machines());
	is($node->safe_psql($db, 'SELECT count(*) FROM trap.sprung'), '0', "$order: no trap has sprung");
}

# Objects that stand where ours would: installation fails, and leaves theirs alone.
$node->safe_psql('postgres', 'CREATE DATABASE taken');
$node->safe_psql('taken', 'CREATE SCHEMA sfn; CREATE FUNCTION sfn.start_execution(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT NULL$$');
my ($code, $out, $err) = $node->psql('taken', 'CREATE EXTENSION sfn');
isnt($code, 0, 'what is there already is not adopted');
like($err, qr/already exists|not a member of extension/, 'and named');
is($node->safe_psql('taken', q{SELECT count(*) FROM pg_extension WHERE extname = 'sfn'}), '0', 'nothing is installed');

$node->stop;
done_testing();
