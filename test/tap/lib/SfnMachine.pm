
=head1 NAME

SfnMachine - making state machines in TAP tests and running them with real workers

=head1 SYNOPSIS

  use SfnMachine;

  task_machine($node, 'm', 'sql:public.f', Retry => [ ... ]);
  my $end = run($node, 'm', { a => 1 });
  is($end->{status}, 'SUCCEEDED');

=cut

package SfnMachine;

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

use Exporter 'import';
our @EXPORT = qw(machine task_machine run started end_of event_types json sql_text);

my $json = JSON::PP->new->canonical->allow_nonref;

=head2 json($value), sql_text($text)

A Perl value as JSON text; a text as an SQL literal.

=cut

sub json
{
	my ($value) = @_;
	return ref $value || !defined $value ? $json->encode($value) : $value;
}

sub sql_text
{
	my ($text) = @_;
	return defined $text ? '$sfn$' . $text . '$sfn$' : 'NULL';
}

=head2 machine($node, $name, $definition, %options)

Makes or replaces a machine.  $definition: a Perl structure or JSON text.  Options: C<role>, C<as> (who makes it).

=cut

sub machine
{
	my ($node, $name, $definition, %options) = @_;
	my $settings = join '', map { $options{$_} ? ", $_ => '$options{$_}'" : '' } ('role', 'type');

	return $node->safe_psql('postgres',
		'SELECT sfn.create_state_machine(' . sql_text($name) . ', ' . sql_text(json($definition)) . ", replace => true$settings)",
		extra_params => $options{as} ? [ '-U', $options{as} ] : []);
}

=head2 task_machine($node, $name, $resource, %fields)

A machine of one Task state.  Fields beside those of the state: C<role>, C<as>.

=cut

sub task_machine
{
	my ($node, $name, $resource, %fields) = @_;
	my %options = map { $_ => delete $fields{$_} } grep { exists $fields{$_} } qw(role as);

	return machine($node, $name,
		{ StartAt => 'Task', States => { Task => { Type => 'Task', Resource => $resource, End => JSON::PP::true, %fields } } },
		%options);
}

=head2 started($node, $machine, $input), end_of($node, $execution), run($node, $machine, $input)

Start an execution; wait for its end and return a hash of status, output (decoded), error and cause; both.

=cut

sub started
{
	my ($node, $machine, $input) = @_;
	return $node->safe_psql('postgres',
		'SELECT sfn.start_execution(' . sql_text($machine) . ', ' . sql_text(json($input // {})) . ')');
}

sub end_of
{
	my ($node, $execution, $timeout) = @_;
	my $row = $node->safe_psql('postgres',
		'SELECT sfn.wait_for_execution(' . sql_text($execution) . ", '" . ($timeout // 60) . " s') \\gset\n"
		  . 'SELECT row_to_json(e) FROM (SELECT status, output, error, cause FROM sfn.executions WHERE execution_arn OPERATOR(pg_catalog.=) '
		  . sql_text($execution) . ') e');
	return $json->decode($row);
}

sub run
{
	my ($node, $machine, $input) = @_;
	return end_of($node, started($node, $machine, $input));
}

=head2 event_types($node, $execution)

The types of its events in their order, separated by blanks.

=cut

sub event_types
{
	my ($node, $execution) = @_;
	return $node->safe_psql('postgres',
		"SELECT string_agg(type, ' ' ORDER BY id) FROM sfn.get_execution_history(" . sql_text($execution) . ')');
}

1;
