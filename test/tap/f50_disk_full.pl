
# F50: a tablespace that is full.  Whoever needs room there waits and is not blamed, the others go on; when there is room
# again, everything goes on by itself, each effect once.  Needs a small file system, which test/parts/tap.sh makes as root.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $small = $ENV{SFN_SMALL_DISK};
plan skip_all => 'no small file system: not root, or it could not be mounted' if !$small;

my $node = sfn_node('f50');
my $filler = "$small/filler";

sub fill_disk
{
	open my $file, '>', $filler or die "$filler: $!";
	while (syswrite($file, 'x' x 4096)) { }
	close $file;
	return;
}

# Has the log, from there on, so many refusals?
sub refused
{
	my ($from, $wanted) = @_;

	return wait_until(sub { my $times = () = slurp_file($node->logfile, $from) =~ /ERROR:  could not extend/g; $times >= $wanted }, 180);
}

sub blamed
{
	return $node->safe_psql('postgres', q{SELECT count(*) FROM sfn.executions WHERE quarantined_at IS NOT NULL OR status = 'FAILED'});
}

sub counted { return $node->safe_psql('postgres', "SELECT count(*) FROM sfn.executions WHERE state_machine = '$_[0]' AND status = '$_[1]'"); }

mkdir "$small/tablespace";
$node->safe_psql('postgres', "CREATE TABLESPACE small LOCATION '$small/tablespace'");
$node->safe_psql('postgres', q{
	CREATE TABLE bulky (n int, filling text) TABLESPACE small;
	ALTER TABLE bulky ALTER filling SET STORAGE PLAIN;
	CREATE FUNCTION bulky(n int) RETURNS int LANGUAGE sql AS $$INSERT INTO bulky VALUES (n, repeat('x', 7000)) RETURNING n$$;
	CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'});
task_machine($node, 'bulky', 'sql:public.bulky');
task_machine($node, 'other', 'sql:public.other');

# A user's table has no room.
fill_disk();
my $offset = -s $node->logfile;
$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('bulky', ARRAY(SELECT json_build_object('n', i) FROM generate_series(1, 200) i))});
ok(wait_for_log($node, qr/No space left on device/, $offset), 'the tablespace is full');
run($node, 'other', {}) for 1 .. 5;
is(counted('other', 'SUCCEEDED'), '5', 'what does not need it goes on');
ok(refused($offset, 140), 'many have failed by themselves');
is(blamed(), '0', 'nobody is blamed');
unlink $filler;
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE state_machine = 'bulky' AND status = 'SUCCEEDED'}, '200', 240), 'with room again, all go on');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM bulky'), '200|200', 'each effect once');

# So has the engine itself.
$node->safe_psql('postgres', 'TRUNCATE bulky');
$node->safe_psql('postgres', 'ALTER TABLE sfn.history_chunk SET TABLESPACE small');
fill_disk();
$offset = -s $node->logfile;
$node->safe_psql('postgres', q{SELECT count(*) FROM sfn.start_executions('other', ARRAY(SELECT '{}'::json FROM generate_series(1, 3000)))});
ok(refused($offset, 12), 'history has no room');
is(blamed(), '0', 'nobody is blamed');
unlink $filler;
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status <> 'SUCCEEDED'}, '0', 240), 'with room again, all go on');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.history WHERE type = 'ExecutionSucceeded'}), '3205', 'each has one end');

$node->stop;
done_testing();
