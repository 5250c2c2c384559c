# What people ask every day reads what it shows, not what is kept: each statement of test/bench/everyday.sql, by a superuser, by the owner of one
# machine of many and by who was granted ten.  Blocks are counted, not time: of a table that is read as a whole there
# would be tens of thousands.

use strict;
use warnings;

use File::Basename qw(dirname);
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

my $bench = dirname(__FILE__) . '/../bench';
my $node = sfn_node('everyday', conf => "autovacuum = off\nfsync = off\nshared_buffers = 256MB\n");
my $kept = rounds(1000000);
my $machines = 200;

$node->command_ok([ 'psql', '-Xq', '-d', $node->connstr('postgres'), '-v', "count=$kept", '-v', "machines=$machines", '-f', "$bench/kept.sql" ],
	"$kept executions are kept");
ok(wait_for($node, q{SELECT count(*) FROM sfn.map_run WHERE status = 2}, '3'), 'map runs are over');
ok(wait_for($node, q{SELECT count(*) FROM sfn.task}, '20'), 'executions wait');
# Where somebody's snapshot was older than the rows, pages are not known as visible to all, and index-only scans look at them.
my $unseen;
ok(wait_until(sub {
	$node->safe_psql('postgres', 'VACUUM ANALYZE');
	$unseen = $node->safe_psql('postgres', q{SELECT string_agg(format('%s of %s pages of %s', relpages - relallvisible, relpages, relname), ', ') FROM pg_class
		WHERE relkind = 'r' AND relallvisible < 0.95 * relpages - 10 AND relnamespace = 'sfn'::regnamespace AND relname IN ('execution', 'execution_status', 'history_chunk')});
	return $unseen eq '';
}, 120), 'vacuum sees nearly all pages') or diag("not $unseen\n" . $node->safe_psql('postgres', q{SELECT pid, backend_type, state, backend_xmin, xact_start, query FROM pg_stat_activity WHERE backend_xmin IS NOT NULL OR backend_xid IS NOT NULL}));
is($node->safe_psql('postgres', q{SELECT string_agg(problem, ', ') FROM sfn.check()}), '', 'the tables are right');

# Statements by name, for one who asks.
sub statements_for
{
	my ($who) = @_;
	my @list;
	for my $part (split /^-- name: /m, slurp_file("$bench/everyday.sql"))
	{
		push @list, [ $2, $3 ] if $part =~ /^(\w+): (.*?)\n(.*)/s && ($1 eq 'all' || $1 eq $who);
	}
	return @list;
}

# The blocks that the plan's statement reads, those of statements within its functions, too.
sub blocks { return $_[0]{'Shared Hit Blocks'} + $_[0]{'Shared Read Blocks'}; }

sub scans
{
	my ($plan) = @_;
	my @found = ($plan->{'Node Type'} eq 'Seq Scan' && $plan->{'Relation Name'} =~ /^(execution|history_chunk)$/) ? $1 : ();
	push @found, map { scans($_) } @{ $plan->{Plans} || [] };
	return @found;
}

sub ask
{
	my ($who, $role, $machine) = @_;
	my @statements = statements_for($who);
	my $script = "\\set machine $machine\n" . slurp_file("$bench/everyday_names.sql") . ($role ? "SET SESSION AUTHORIZATION $role;\n" : '');
	for my $statement (@statements)
	{
		my $sql = $statement->[1];
		my $explained = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) $sql";
		$script .= "\\o /dev/null\n$sql\n\\o\nSELECT '=== ' || count(*) FROM (" . ($sql =~ s/;\s*$//r) . ") x;\n$explained\n";
	}
	my ($out, $err) = ('', '');
	$node->psql('postgres', $script, stdout => \$out, stderr => \$err, on_error_die => 0);
	is($err, '', "$who: no error");
	my @answers = split /^=== /m, $out;
	shift @answers;
	for my $statement (@statements)
	{
		my ($rows, $json) = (shift(@answers) // '') =~ /^(\d+)\n(.*)/s;
		my $plan = $json ? JSON::PP::decode_json($json)->[0]{Plan} : undef;
		ok($plan && $rows > 0 && blocks($plan) < 400 && !scans($plan), "$who: $statement->[0]")
			or diag(defined $rows ? "$rows rows, " . ($plan ? blocks($plan) . " blocks, scans " . join(',', scans($plan)) : 'no plan') : 'no answer');
	}
}

# A list of all shows the newest of the lists of the machines that one sees, whichever way it was found.
sub compare
{
	my ($who, $role) = @_;
	for my $status ('RUNNING', 'FAILED', 'SUCCEEDED', '')
	{
		my $arguments = "status => nullif('$status', ''), max_results => 20";
		my $same = $node->safe_psql('postgres', ($role ? "SET SESSION AUTHORIZATION $role;" : '') . qq{
			SELECT ARRAY(SELECT execution_arn FROM sfn.list_executions($arguments)) =
				ARRAY(SELECT l.execution_arn FROM sfn.state_machines m, LATERAL sfn.list_executions(m.name, $arguments) l
					ORDER BY l.start_date DESC, sfn.execution_id(l.execution_arn) DESC LIMIT 20)});
		is($same, 't', "$who: a list of all" . ($status ? " that are $status" : '') . ' shows the newest');
	}
}

# Pages behind one another are the list, of all as of a machine, by every status.
sub page
{
	my ($arguments) = @_;
	my $list = $node->safe_psql('postgres', "SELECT execution_arn FROM sfn.list_executions($arguments max_results => 30)");
	my ($paged, $last) = ('', '');
	for (1 .. 3)
	{
		my $page = $node->safe_psql('postgres', "SELECT execution_arn FROM sfn.list_executions($arguments max_results => 10" . ($last ? ", after => '$last'" : '') . ')');
		$paged .= "$page\n";
		($last) = $page =~ /([^\n]+)\z/;
	}
	is($paged, "$list\n", 'pages of (' . $arguments . ')');
}

page($_) for ('', q{'kept_1',}, q{status => 'FAILED',}, q{'kept_1', status => 'FAILED',}, q{status => 'SUCCEEDED',});
compare('superuser');
compare('owner', 'kept_owner');
compare('grantee', 'kept_grantee');

ask('superuser', '', 'kept_1');
ask('owner', 'kept_owner', 'kept_7');
ask('grantee', 'kept_grantee', 'kept_11');

# What is deleted is found by keys, too, however many others of its machine have failed.
my $json = $node->safe_psql('postgres', q{
	BEGIN;
	EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT sfn.delete_executions(ARRAY(SELECT execution_arn FROM sfn.list_executions('kept_1', status => 'FAILED', max_results => 100)));
	ROLLBACK});
my $blocks = blocks(JSON::PP::decode_json($json)->[0]{Plan}) / 100;
ok($blocks < 120, "deleting one of many failed executions reads $blocks blocks");

done_testing();
