
=head1 NAME

SfnWorkers - machines and questions that the tests of worker life share

=cut

package SfnWorkers;

use strict;
use warnings;

use File::Spec;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnTest;

use Exporter 'import';
our @EXPORT = qw(background create_machines start executor_pid wait_for_executor all_done seconds log_is_clean);

=head2 background($node, $sql)

Runs statements in a session of its own whose output nobody wants.  Returns the IPC::Run handle.  No pipe leads to it, so
that its end, by a crash of the server for instance, is all that finish() has to wait for.

=cut

sub background
{
	my ($node, $sql) = @_;

	return IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $sql ],
		'<', File::Spec->devnull, '>', File::Spec->devnull, '2>', File::Spec->devnull);
}

=head2 create_machines($node, $database)

A table of effects and three machines: "pass" (nothing), "work" (a SQL task that inserts {"n"} into effect, a second of
waiting, the task again), "slow" (a SQL task that inserts {"n"} and then sleeps {"s"} seconds).

=cut

sub create_machines
{
	my ($node, $database) = @_;

	$node->safe_psql($database // 'postgres', q{
		CREATE TABLE effect (n int, at timestamptz DEFAULT clock_timestamp());
		CREATE FUNCTION work(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO effect VALUES ((input->>'n')::int);
			RETURN input;
		END $$;
		CREATE FUNCTION slow(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO effect VALUES ((input->>'n')::int);
			PERFORM pg_sleep((input->>'s')::float8);
			RETURN input;
		END $$;
		SELECT sfn.create_state_machine('pass', '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}');
		SELECT sfn.create_state_machine('work', '{"StartAt": "A", "States": {
			"A": {"Type": "Task", "Resource": "sql:public.work", "Next": "W"},
			"W": {"Type": "Wait", "Seconds": 1, "Next": "B"},
			"B": {"Type": "Task", "Resource": "sql:public.work", "End": true}}}');
		SELECT sfn.create_state_machine('slow', '{"StartAt": "A", "States": {
			"A": {"Type": "Task", "Resource": "sql:public.slow", "End": true}}}');
	});
	return;
}

=head2 start($node, $machine, $input, $database)

Starts an execution and returns its ARN.

=cut

sub start
{
	my ($node, $machine, $input, $database) = @_;

	return $node->safe_psql($database // 'postgres',
		sprintf(q{SELECT sfn.start_execution('%s', '%s')}, $machine, $input // '{}'));
}

=head2 executor_pid($node, $database)

The process id of a database's permanent executor, or an empty string.

=cut

sub executor_pid
{
	my ($node, $database) = @_;

	return $node->safe_psql('postgres', sprintf(
			q{SELECT pid FROM sfn.workers WHERE worker = 'executor' AND database = '%s' AND pid IS NOT NULL},
			$database // 'postgres'));
}

=head2 wait_for_executor($node, $database, $timeout)

Waits until a database has its permanent executor.

=cut

sub wait_for_executor
{
	my ($node, $database, $timeout) = @_;

	return wait_for($node, sprintf(
			q{SELECT count(*) FROM sfn.workers WHERE worker = 'executor' AND database = '%s' AND pid IS NOT NULL},
			$database // 'postgres'), '1', $timeout);
}

=head2 all_done($node, $count, $timeout)

Waits until so many executions have SUCCEEDED and none is left running.

=cut

sub all_done
{
	my ($node, $count, $timeout) = @_;

	return wait_for($node, q{SELECT count(*) FILTER (WHERE status = 'SUCCEEDED') || '/' || count(*) FROM sfn.executions},
		"$count/$count", $timeout);
}

=head2 seconds($code)

How long something took.

=cut

sub seconds
{
	my ($code) = @_;
	my $began = time();

	$code->();
	return time() - $began;
}

=head2 log_is_clean($node, $offset)

No ERROR, FATAL or PANIC of a worker in the log; complains with the lines if there is.

=cut

sub log_is_clean
{
	my ($node, $offset) = @_;
	my @lines = grep { /\] sfn \S+.*(ERROR|FATAL|PANIC):/ }
	  split /\n/, PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset // 0);

	diag(join "\n", @lines) if @lines;
	return @lines == 0;
}

1;
