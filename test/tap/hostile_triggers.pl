
# Who may put a trigger on a table must not start with its owner's right: each firing asks that both the one who made the
# trigger and the table's owner may start the machine.  What counts is the trigger itself, however it came about.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('triggers');
my $database = 'postgres';
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
my $execute = q{FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change};

sub as
{
	my ($role, $sql) = @_;
	my ($out, $err);
	my $code = $node->psql($database, $sql, stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return ($code, $out, $err);
}

sub done_by
{
	my ($role, $sql) = @_;
	my ($code, undef, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $err;
}

sub refused
{
	my ($role, $sql, $why) = @_;
	my ($code, $out, $err) = as($role, $sql);
	$why //= qr/permission denied for state machine "payroll"/;
	ok($code != 0 && $err =~ $why, "$role: $sql") or diag("out: $out, err: $err");
}

sub started_are
{
	my ($count, $what) = @_;
	is($node->safe_psql($database, 'SELECT count(*) FROM sfn.executions'), $count, $what);
}

$node->safe_psql('postgres', q{
	CREATE ROLE alice LOGIN; CREATE ROLE mallory LOGIN; CREATE ROLE bob LOGIN;
	CREATE SCHEMA shop AUTHORIZATION alice;
	GRANT USAGE ON SCHEMA shop TO PUBLIC;
	CREATE SCHEMA den AUTHORIZATION mallory;
	GRANT USAGE ON SCHEMA den TO PUBLIC;
});
done_by('alice', "SELECT sfn.create_state_machine('payroll', '$pass'), sfn.create_state_machine('orders', '$pass')");
done_by('alice', $_) foreach 'CREATE TABLE shop.guestbook (line text)', 'GRANT INSERT, SELECT, TRIGGER ON shop.guestbook TO mallory',
	'CREATE TABLE shop.parted (line text) PARTITION BY LIST (line)', q{CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES IN ('x')},
	'GRANT INSERT, TRIGGER ON shop.parted, shop.parted_1 TO mallory';
my $insert = q{INSERT INTO shop.guestbook VALUES ('x')};

#
# A trigger of mallory's on alice's table, in every way that there is.
#
my %ways = (
	row => "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')",
	statement => q{CREATE TRIGGER t AFTER INSERT ON shop.guestbook REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION sfn.start_execution_on_change('payroll', 'batch')},
	arn => "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('arn:aws:states:us-east-1:000000000000:stateMachine:payroll')",
	constraint => "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON shop.guestbook DEFERRABLE INITIALLY DEFERRED $execute('payroll')",
	procedure => q{CREATE TRIGGER t AFTER INSERT ON shop.guestbook FOR EACH ROW EXECUTE PROCEDURE sfn.start_execution_on_change('payroll')},
	by_path => q{SET search_path = sfn, shop; CREATE TRIGGER t AFTER INSERT ON guestbook FOR EACH ROW EXECUTE FUNCTION start_execution_on_change('payroll')},
	in_do => "DO \$\$ BEGIN EXECUTE 'CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute(''payroll'')'; END \$\$",
	in_a_transaction => "BEGIN; SAVEPOINT a; CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll'); RELEASE a; COMMIT",
);
foreach my $way (sort keys %ways)
{
	done_by('mallory', $ways{$way});
	refused('mallory', $insert);
	refused('alice', $insert);
	done_by('alice', 'DROP TRIGGER t ON shop.guestbook');
}
started_are('0', 'none of them started anything');

# a trigger of alice's that mallory replaces is his; renamed by alice, it still is
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('orders')");
done_by('mallory', $insert);
started_are('1', "alice's own trigger starts, whoever writes the row");
done_by('mallory', "CREATE OR REPLACE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
refused('mallory', $insert);
done_by('alice', 'ALTER TRIGGER t ON shop.guestbook RENAME TO u');
refused('mallory', $insert);
done_by('alice', 'DROP TRIGGER u ON shop.guestbook');
# what alice dropped counts no more, though another one has its name
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
done_by('alice', 'ALTER TRIGGER t ON shop.guestbook RENAME TO u; ALTER TRIGGER u ON shop.guestbook RENAME TO t');
done_by('alice', 'DROP TRIGGER t ON shop.guestbook');
done_by('mallory', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
refused('mallory', $insert);
# a session that has fired it learns that it was made anew
my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'mallory' ]);
done_by('alice', "DROP TRIGGER t ON shop.guestbook");
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('orders')");
$session->query_safe($insert);
done_by('mallory', "CREATE OR REPLACE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
$session->query($insert);
like($session->{stderr}, qr/permission denied for state machine "payroll"/, 'a session forgets who made the trigger that was replaced');
$session->quit;
done_by('alice', 'DROP TRIGGER t ON shop.guestbook');
started_are('2', 'only alice has started');

# on a partitioned table, whose partitions have clones of the trigger
done_by('mallory', "CREATE TRIGGER t AFTER INSERT ON shop.parted $execute('payroll')");
refused('mallory', "INSERT INTO shop.$_ VALUES ('x')") foreach 'parted', 'parted_1';
done_by('alice', q{CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES IN ('y')});
done_by('alice', q{CREATE TABLE shop.parted_3 (line text); ALTER TABLE shop.parted ATTACH PARTITION shop.parted_3 FOR VALUES IN ('z')});
refused('alice', "INSERT INTO shop.parted VALUES ('$_')") foreach 'y', 'z';
done_by('alice', 'DROP TRIGGER t ON shop.parted');
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.parted $execute('payroll')");
done_by('mallory', q{INSERT INTO shop.parted VALUES ('x'), ('y'), ('z')});
started_are('5', "alice's trigger starts on all partitions, those that came later too");

# tables that are like it, or inherit from it, have no trigger of theirs
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
done_by('mallory', $_) foreach 'CREATE TABLE den.copy (LIKE shop.guestbook INCLUDING ALL)', q{INSERT INTO den.copy VALUES ('x')};
started_are('5', 'LIKE takes no trigger along');
done_by('alice', 'DROP TRIGGER t ON shop.guestbook');

# a table of mallory's that becomes alice's
done_by('mallory', "CREATE TABLE den.gift (line text); CREATE TRIGGER t AFTER INSERT ON den.gift $execute('payroll'); GRANT INSERT ON den.gift TO PUBLIC");
refused('mallory', q{INSERT INTO den.gift VALUES ('x')});
$node->safe_psql('postgres', 'ALTER TABLE den.gift OWNER TO alice; GRANT INSERT ON den.gift TO mallory');
refused('mallory', q{INSERT INTO den.gift VALUES ('x')});
# alice takes the trigger over, if she wants it
refused('mallory', q{SELECT sfn.allow_trigger('den.gift', 't')}, qr/must be owner of table "gift"/);
refused('alice', q{SELECT sfn.allow_trigger('den.gift', 'nothing')}, qr/trigger "nothing" for table "gift" does not exist/);
done_by('alice', q{SELECT sfn.allow_trigger('den.gift', 't')});
done_by('mallory', q{INSERT INTO den.gift VALUES ('x')});
started_are('6', 'what the owner has allowed starts');
# and a table of alice's that becomes mallory's
done_by('alice', "CREATE TABLE shop.lost (line text); CREATE TRIGGER t AFTER INSERT ON shop.lost $execute('payroll')");
$node->safe_psql('postgres', 'ALTER TABLE shop.lost OWNER TO mallory');
refused('mallory', q{INSERT INTO shop.lost VALUES ('x')});
refused('mallory', $_) foreach q{SELECT sfn.allow_trigger('shop.lost', 't'); INSERT INTO shop.lost VALUES ('x')};

# A function of the table's owner that makes triggers lends his right to whoever calls it; one of mallory's that alice calls does not.
done_by('mallory', "CREATE FUNCTION den.watch() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS \$\$ BEGIN CREATE TRIGGER w AFTER INSERT ON shop.guestbook $execute('payroll'); END \$\$");
done_by('alice', 'SELECT den.watch()');
refused('alice', $insert);
done_by('alice', 'DROP TRIGGER w ON shop.guestbook');

# The one who made it may be given the right, and lose it.
done_by('mallory', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
done_by('alice', q{SELECT sfn.grant_state_machine('payroll', 'mallory', 'start')});
done_by('mallory', $insert);
started_are('7', 'with the right to start it starts');
done_by('alice', q{SELECT sfn.revoke_state_machine('payroll', 'mallory', 'start')});
refused('mallory', $insert);
done_by('alice', 'DROP TRIGGER t ON shop.guestbook');

#
# Names are looked at when the trigger is made, and when the machine goes.
#
like(done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payrol')"), qr/NOTICE:  state machine "payrol" does not exist/, 'a misspelt name is noticed');
unlike(done_by('alice', "CREATE OR REPLACE TRIGGER t AFTER INSERT ON shop.guestbook $execute('orders')"), qr/NOTICE/, 'a good one is not');
like(done_by('mallory', "CREATE TRIGGER u AFTER INSERT ON shop.guestbook $execute('payroll')"), qr/NOTICE:  permission denied for state machine "payroll"/, 'nor one that cannot start');
done_by('alice', 'DROP TRIGGER u ON shop.guestbook');
like(done_by('alice', q{SELECT sfn.delete_state_machine('orders')}), qr/NOTICE:  triggers still start state machine "orders".*shop\.guestbook/s, 'deleting a machine names the tables that start it');
refused('alice', $insert, qr/state machine "orders" does not exist/);
done_by('alice', 'DROP TRIGGER t ON shop.guestbook');

#
# Dumped and restored, triggers have no maker: those of tables whose owner is a member of the machine's role fire.
#
done_by('alice', "CREATE TRIGGER t AFTER INSERT ON shop.guestbook $execute('payroll')");
done_by('alice', q{SELECT sfn.grant_state_machine('payroll', 'bob', 'start')});
$node->safe_psql('postgres', "CREATE TABLE shop.bobs (line text); ALTER TABLE shop.bobs OWNER TO bob");
done_by('bob', "CREATE TRIGGER t AFTER INSERT ON shop.bobs $execute('payroll')");
done_by('bob', q{INSERT INTO shop.bobs VALUES ('x')});
my $dump = "$PostgreSQL::Test::Utils::tmp_check/dump.sql";
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'restored');
$database = 'restored';
my $before = $node->safe_psql($database, 'SELECT count(*) FROM sfn.executions');
done_by('alice', $insert);
started_are($before + 1, "without a maker a trigger starts with the right of an owner who is a member of the machine's role");
refused('bob', q{INSERT INTO shop.bobs VALUES ('x')}, qr/who made trigger "t" is not known.*sfn\.allow_trigger\('shop\.bobs', 't'\)/s);
done_by('bob', q{SELECT sfn.allow_trigger('shop.bobs', 't')});
done_by('bob', q{INSERT INTO shop.bobs VALUES ('x')});
started_are($before + 2, 'its owner has allowed it');
# a superuser's own trigger on another's table is like a restored one, and says so at once
my $said;
$node->psql($database, "CREATE OR REPLACE TRIGGER t AFTER INSERT ON shop.bobs $execute('payroll')", stderr => \$said);
like($said, qr/NOTICE:  who made trigger "t" is not known.*sfn\.allow_trigger/s, 'a superuser is told what a trigger for another wants');
refused('bob', q{INSERT INTO shop.bobs VALUES ('x')}, qr/who made trigger "t" is not known/);
$node->safe_psql($database, q{SELECT sfn.allow_trigger('shop.bobs', 't')});
done_by('bob', q{INSERT INTO shop.bobs VALUES ('x')});
$node->safe_psql($database, q{DROP TRIGGER t ON shop.bobs});
is($node->safe_psql($database, q{SELECT count(*) FROM sfn.change_trigger}), '0', 'a note goes with its trigger');
done_by('bob', "CREATE TRIGGER t AFTER INSERT ON shop.bobs $execute('payroll')");
$node->safe_psql($database, 'DROP TABLE shop.bobs');
is($node->safe_psql($database, q{SELECT count(*) FROM sfn.change_trigger}), '0', 'and with its table');

$node->stop;
done_testing();
