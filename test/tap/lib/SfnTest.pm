
=head1 NAME

SfnTest - what the TAP tests share

=head1 SYNOPSIS

  use SfnTest;

  my $node = sfn_node('main');                       # a started server with sfn preloaded and created
  my $execution = $node->safe_psql('postgres', q{SELECT sfn.start_execution('m')});
  wait_for($node, "SELECT status FROM sfn.executions WHERE execution_arn = '$execution'", 'SUCCEEDED');

=head1 DESCRIPTION

Tests wait for conditions, never for time: wait_for() polls with a deadline and says what it last saw.  A whole file
has a limit too (PG_TEST_FILE_TIMEOUT, 600 s); when it strikes, the servers are stopped and the file fails.

Rounds that are many by nature ask rounds(): a tenth in make test, all in make soak.

=cut

package SfnTest;

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use IPC::Run ();
use Time::HiRes qw(sleep time);

use Exporter 'import';
our @EXPORT = qw(sfn_node restart_node wait_for wait_until wait_for_log workers rounds server_pids start_psql start_statements psql_as in_time);

$SIG{ALRM} = sub { die "the file's time limit struck\n" };
alarm($ENV{PG_TEST_FILE_TIMEOUT} || 600);

=head2 sfn_node($name, %options)

A started node.  Options: C<conf> (more lines for postgresql.conf), C<preload> (0: do not preload), C<create> (0: do not
create the extension), C<init> (array of arguments for init).

=cut

sub sfn_node
{
	my ($name, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $conf = "max_worker_processes = 24\nmax_connections = 60\nlog_line_prefix = '%m [%p] %b %q%a '\n";

	$conf .= "shared_preload_libraries = 'sfn'\n" if $options{preload} // 1;
	$conf .= $options{conf} if defined $options{conf};
	$node->init(extra => [ '--locale=C', '--encoding=UTF8' ], @{ $options{init} || [] });
	$node->append_conf('postgresql.conf', $conf);
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION sfn') if $options{create} // 1;
	return $node;
}

=head2 wait_for($node, $sql, $expected, $timeout)

Polls until the query, run in database postgres, gives the expected text.  A query that fails (the server is just
coming back) counts as another answer.  Returns true, or false after a diagnosis when the deadline passes.

=cut

sub wait_for
{
	my ($node, $sql, $expected, $timeout) = @_;
	my $deadline = time() + ($timeout // $PostgreSQL::Test::Utils::timeout_default);
	my ($status, $out, $err);

	while (1)
	{
		# psql that cannot connect does not read the query either; that raises an error here
		$status = undef;
		eval { ($status, $out, $err) = $node->psql('postgres', $sql, timeout => 30, on_error_die => 0, on_error_stop => 1) };
		return 1 if ($status // 1) == 0 && $out eq $expected;
		last if time() > $deadline;
		sleep 0.02;
	}
	diag("still not \"$expected\": $sql\nlast answer: "
		  . (defined $status && $status == 0 ? "\"$out\"" : "error: $err"));
	return 0;
}

=head2 wait_until($condition, $timeout)

Polls until the function returns true.

=cut

sub wait_until
{
	my ($condition, $timeout) = @_;
	my $deadline = time() + ($timeout // $PostgreSQL::Test::Utils::timeout_default);

	while (time() < $deadline)
	{
		return 1 if $condition->();
		sleep 0.02;
	}
	return 0;
}

=head2 wait_for_log($node, $regexp, $offset, $timeout)

Polls until the server's log, from $offset on, matches.

=cut

sub wait_for_log
{
	my ($node, $regexp, $offset, $timeout) = @_;
	my $deadline = time() + ($timeout // $PostgreSQL::Test::Utils::timeout_default);

	while (time() < $deadline)
	{
		return 1 if PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset // 0) =~ $regexp;
		sleep 0.02;
	}
	diag("not in the log: $regexp");
	return 0;
}

=head2 workers($node, $database)

The process ids of the extension's workers: those of a database, or all with the launcher when none is given.

=cut

sub workers
{
	my ($node, $database) = @_;
	my $where = defined $database ? "AND datname = '$database'" : '';

	return split /\n/, $node->safe_psql('postgres',
		"SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' $where ORDER BY pid");
}

=head2 server_pids($node)

Every process of the server but the postmaster, as the operating system sees them.

=cut

sub server_pids
{
	my ($node) = @_;
	my $postmaster = (split /\n/, PostgreSQL::Test::Utils::slurp_file($node->data_dir . '/postmaster.pid'))[0];
	my @pids;

	foreach my $stat (glob '/proc/[0-9]*/stat')
	{
		open my $file, '<', $stat or next;
		my $line = <$file> // '';
		close $file;
		push @pids, $1 if $line =~ /^(\d+) \(.*\) \S+ (\d+) / && $2 == $postmaster;
	}
	return @pids;
}

=head2 start_psql($node, $sql, $database)

Runs statements in a session of its own in the background.  Returns the IPC::Run handle, whose finish() waits for the
end, and references to what the session wrote and to its errors.

=cut

sub start_psql
{
	my ($node, $sql, $database) = @_;
	my ($in, $out, $err) = ($sql, '', '');

	my $session = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database // 'postgres'), '-f', '-' ],
		'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return ($session, \$out, \$err);
}

=head2 psql_as($node, $role, $sql)

Runs statements as that role in database postgres.  Returns psql's exit code, what it wrote, and its errors.

=cut

sub psql_as
{
	my ($node, $role, $sql) = @_;
	my ($out, $err);
	my $code = $node->psql('postgres', $sql, stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return ($code, $out, $err);
}

=head2 start_statements($node, @statements)

The same for statements that run while the test does something else, without anybody feeding the session.  Each is sent
by itself, in database postgres.

=cut

sub start_statements
{
	my ($node, @statements) = @_;
	my ($out, $err) = ('', '');

	my $session = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), map { ('-c', $_) } @statements ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return ($session, \$out, \$err);
}

=head2 restart_node($node, $mode)

Stops in the given mode (fast, immediate) and starts again.

=cut

sub restart_node
{
	my ($node, $mode) = @_;

	$node->stop($mode // 'fast');
	$node->start;
	return;
}

=head2 in_time($took, $limit, $name)

A test: it took at most that many seconds, of a machine that has nothing else to do.  Beside others, it may take longer:
as often as there are processes that want to run for each processor, and half as long again.

=cut

sub slowness
{
	my ($load, undef, undef, $tasks) = split ' ', PostgreSQL::Test::Utils::slurp_file('/proc/loadavg');
	my ($running) = $tasks =~ /^(\d+)/;
	my $processors = () = PostgreSQL::Test::Utils::slurp_file('/proc/cpuinfo') =~ /^processor\s*:/mg;
	my $each = ($load > $running ? $load : $running) / ($processors || 1);

	return $each > 1 ? 1.5 * $each : 1;
}

sub in_time
{
	my ($took, $limit, $name) = @_;
	my $slowness = slowness();
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return cmp_ok($took, '<=', $limit * $slowness, $slowness > 1 ? sprintf('%s (allowed %.1f times as long, for the load)', $name, $slowness) : $name);
}

=head2 rounds($full)

How often to repeat: $full in make soak, a tenth in make test.

=cut

sub rounds
{
	my ($full) = @_;

	return $full if $ENV{SFN_SOAK};
	return $full >= 10 ? int($full / 10) : 1;
}

1;
