
=head1 NAME

SfnHalfDone - that what was half done under an older version ends (test/upgrade/half_done.sql)

=cut

package SfnHalfDone;

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

use Exporter 'import';
our @EXPORT = qw(half_done_ends table_counts);

=head2 table_counts($node, $database)

Rows of each of our tables, and where each sequence stands, as one text.

=cut

sub table_counts
{
	my ($node, $database) = @_;

	return $node->safe_psql($database, q{
		SELECT string_agg(n, ' ' ORDER BY n) FROM (SELECT c.oid::regclass || '=' || CASE WHEN c.relkind = 'S'
				THEN coalesce(pg_sequence_last_value(c.oid), 0)::text ELSE (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM ' || c.oid::regclass, false, true, '')))[1]::text END AS n
			FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = 'sfn' AND c.relkind IN ('r', 'S') AND c.relname !~ 'rehears') x});
}

=head2 half_done_ends($node, $database, $label)

Tests: the database adopts its executions, answers what they wait for (test/upgrade/finish.sql), and all of them end as they
should, with each effect once.

=cut

sub half_done_ends
{
	my ($node, $database, $label) = @_;
	my $finish = dirname(__FILE__) . '/../../upgrade/finish.sql';

	$node->safe_psql($database, 'SELECT sfn.adopt()');
	$node->command_ok([ 'psql', '-Xq', '-d', $node->connstr($database), '-f', $finish ], "$label: answers are taken");
	ok($node->poll_query_until($database, q{SELECT count(*) = 0 FROM sfn.executions WHERE status = 'RUNNING'}), "$label: everything ends");
	is($node->safe_psql($database, q{SELECT string_agg(name || ' ' || status || coalesce(' ' || error, ''), ', ' ORDER BY name COLLATE "C") FROM sfn.executions WHERE status <> 'SUCCEEDED'}),
		'stopped ABORTED', "$label: ... well, but for the one that was stopped");
	is($node->safe_psql($database, q{SELECT string_agg(name || ' ' || times, ', ' ORDER BY name COLLATE "C") FROM (SELECT name, count(*) AS times FROM effect GROUP BY name) e WHERE times <> 1}),
		'item 6, parallel 2', "$label: ... each effect once, those of six items and two branches, too");
	is($node->safe_psql($database, q{SELECT string_agg(DISTINCT kind || ': ' || problem, '; ') FROM sfn.check()}), '', "$label: nothing is wrong with the tables");
	return;
}

1;
