
# Whatever an execution is at, a stop ends it within a second, and so does pg_terminate_backend the process that has it in
# hand: loops of states, paths, expressions, templates, PL/pgSQL.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('stops', conf => "fsync = off\nsfn.max_workers = 3\nsfn.max_transition_time = '10min'\nsfn.max_transition_memory = '1GB'\nsfn.jsonata_timeout = '10min'\nsfn.max_history_events = 100000000\nsfn.max_payload_size = '64MB'\n");
my $end = JSON::PP::true;

$node->safe_psql('postgres', q{
	CREATE FUNCTION spins(input json) RETURNS integer LANGUAGE plpgsql AS $$
		DECLARE n integer := 0;
		BEGIN
			LOOP
				n := (n + 1) % 1000;
			END LOOP;
		END $$;
	CREATE FUNCTION spins_and_catches(input json) RETURNS integer LANGUAGE plpgsql AS $$
		DECLARE n integer := 0;
		BEGIN
			LOOP
				BEGIN
					n := (n + 1) % 1000;
				EXCEPTION WHEN division_by_zero THEN
					n := 0;
				END;
			END LOOP;
		END $$;
	CREATE FUNCTION matches(input json) RETURNS boolean LANGUAGE sql AS $$SELECT bool_and(repeat('a', 300) || n ~ '^(a*)*(a|b)*(a|c)*\1\2\3x$') FROM generate_series(1, 100000000) n$$;
});

my %choice = (Type => 'Choice', Default => 'A', Choices => [ { Variable => '$.none', IsPresent => $end, Next => 'E' } ]);
my %lines = (
	'a loop of Pass' => { StartAt => 'A', States => { A => { Type => 'Pass', Result => { n => 1 }, Next => 'B' }, B => {%choice}, E => { Type => 'Succeed' } } },
	'a loop of Pass in many branches' => { StartAt => 'M', QueryLanguage => 'JSONata', States => { M => { Type => 'Map', Items => [ 1 .. 500 ], End => $end,
		ItemProcessor => { StartAt => 'A', States => { A => { Type => 'Pass', Output => { n => 1 }, Next => 'B' }, B => { Type => 'Choice', Default => 'A', Choices => [ { Condition => '{% $states.input.n = 2 %}', Next => 'E' } ] }, E => { Type => 'Succeed' } } } } } },
	'a recursion of JSONata' => jsonata('($f := function($x){$f($x)}; $f(1))'),
	'a sum of JSONata' => jsonata('$sum([1..3000].$sum([1..3000].($ * $ * $)))'),
	'texts that JSONata joins' => jsonata('$count([1..3000].$join([1..3000].$string()))'),
	'a regular expression of JSONata' => jsonata(q{$sum([1..3000].$count($match($states.input.text, /a((b)*)*/)))}),
	'a regular expression of a path' => { StartAt => 'A', States => { A => { Type => 'Pass', Parameters => { map { ("f$_.\$" => '$..[?(@.text =~ /(((a|b)*)*)*(c|a)*x/)]') } (1 .. 2000) }, End => $end } } },
	'descents of a path' => { StartAt => 'A', States => { A => { Type => 'Pass', Parameters => { map { ("f$_.\$" => '$.deep..*..[?(@.none == 1)]') } (1 .. 2000) }, End => $end } } },
	'a template of many fields' => { StartAt => 'A', States => { A => { Type => 'Pass', Parameters => { map { ("f$_.\$" => q{States.StringToJson(States.JsonToString(States.ArrayUnique($.numbers)))}) } (1 .. 8000) }, End => $end } } },
	'rules within rules' => { StartAt => 'A', States => { A => { Type => 'Choice', Default => 'E',
		Choices => [ ({ Not => { Or => [ ({ And => [ ({ Not => { Variable => '$.deep[0].a', IsNull => $end } }) x 40, { Variable => '$.deep[0].a', IsNull => $end } ] }) x 40 ] }, Next => 'A' }) x 2 ] }, E => { Type => 'Succeed' } } },
	'a loop of PL/pgSQL' => task('sql:public.spins'),
	'one with exceptions' => task('sql:public.spins_and_catches'),
	'regular expressions of SQL' => task('sql:public.matches'),
);

sub jsonata
{
	my ($expression) = @_;
	return { StartAt => 'A', QueryLanguage => 'JSONata', States => { A => { Type => 'Pass', Output => { x => "{% $expression %}" }, End => $end } } };
}

sub task
{
	my ($resource) = @_;
	return { StartAt => 'A', States => { A => { Type => 'Task', Resource => $resource, End => $end } } };
}

my $deep = do { my $value = 1; $value = [ { a => $value } ] for (1 .. 200); $value };
my $input = { n => 0, text => 'a' x 20_000, deep => $deep, numbers => [ 1 .. 5000 ] };

# Executors and what they have in hand.
my $in_hand = q{SELECT pid FROM sfn.workers WHERE execution_arn = '%s'};

sub in_hand
{
	my ($execution) = @_;
	return $node->safe_psql('postgres', sprintf($in_hand, $execution));
}

foreach my $name (sort keys %lines)
{
	machine($node, 'line', $lines{$name});
	my $execution = started($node, 'line', $input);
	my $pid;

	ok(wait_until(sub { $pid = in_hand($execution) }, 20), "$name: is in hand");
	my $took = seconds(sub {
		$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
		is(end_of($node, $execution)->{status}, 'ABORTED', '... can be stopped');
	});
	in_time($took, 1.2, sprintf('... within a second (%.2f s)', $took));

	$execution = started($node, 'line', $input);
	ok(wait_until(sub { $pid = in_hand($execution) }, 20), '... is in hand again');
	$took = seconds(sub {
		is($node->safe_psql('postgres', "SELECT pg_terminate_backend($pid, 60000)"), 't', '... its process can be terminated');
	});
	in_time($took, 1.2, sprintf('... within a second (%.2f s)', $took));
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$execution')");
	is(end_of($node, $execution)->{status}, 'ABORTED', '... and it stopped');
}

$node->stop;
done_testing();
