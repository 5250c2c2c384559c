
# Definitions, paths and expressions made to cost much when they are only checked, or evaluated in a session: no backend
# falls or grows without bounds, and a session that does not want to wait any longer is heard.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('definitions', conf => "fsync = off\nsfn.enabled = off\nsfn.max_transition_memory = '32MB'\nsfn.jsonata_timeout = '60s'\n");
my $true = JSON::PP::true;
my $memory = q{SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::integer / 1024};

sub machine_of
{
	my ($states, %fields) = @_;
	return json({ StartAt => (sort keys %$states)[0], States => $states, %fields });
}

sub pass
{
	my ($field, $value, %fields) = @_;
	return machine_of({ A => { Type => 'Pass', $field => $value, End => $true } }, %fields);
}

sub jsonata
{
	my ($text) = @_;
	return pass('Output', "{% $text %}", QueryLanguage => 'JSONata');
}

sub text_of
{
	my ($before, $within, $after) = @_;
	return qq({"StartAt":"A","States":{"A":{"Type":"Pass","End":true,$before) . $within . "$after}}}";
}

#
# Definitions of up to 1 MB that are checked.
#
my $long = 'abcdefghij' x 5;
my %definitions = (
	'targets that are missing, each like all states' => machine_of({ map { (sprintf('State%05d', $_) => { Type => 'Pass', Next => sprintf('Stat%05dx', $_) }) } (0 .. 13000) }),
	'long ones' => machine_of({ map { (sprintf('%05d%s', $_, $long) => { Type => 'Pass', Next => sprintf('%05d%sx', $_, $long) }) } (0 .. 6000) }),
	'a chain of states' => machine_of({ (map { (sprintf('S%05d', $_) => { Type => 'Pass', Next => sprintf('S%05d', $_ + 1) }) } (0 .. 18000)), S18001 => { Type => 'Succeed' } }),
	'a web of choices' => machine_of({ (map { ("C$_" => { Type => 'Choice', Choices => [ map { { Variable => '$.a', IsNull => $true, Next => "C$_" } } (1 .. 120) ] }) } (1 .. 120)), C121 => { Type => 'Succeed' } }),
	'states that nothing leads to' => machine_of({ map { ("S$_" => { Type => 'Pass', End => $true }) } (1 .. 20000) }),
	'unknown fields' => machine_of({ A => { Type => 'Pass', End => $true, map { ("Fiel$_" => 1) } (1 .. 60000) } }),
	'a field again and again' => text_of('', join(',', ('"Comment":"x"') x 60000), ''),
	'variables, each assigned from itself' => machine_of({ A => { Type => 'Pass', End => $true, Assign => { map { ("v$_" => "{% \$v$_ %}") } (1 .. 30000) } } }, QueryLanguage => 'JSONata'),
	'tasks of functions that are not there' => machine_of({ (map { (sprintf('T%05d', $_) => { Type => 'Task', Resource => "sql:public.fun$_", Next => sprintf('T%05d', $_ + 1) }) } (0 .. 8000)), T08001 => { Type => 'Succeed' } }),
	'arrays in arrays' => text_of('"Result":', '[' x 400_000 . ']' x 400_000, ''),
	'templates in templates' => text_of('"Parameters":', '{"a":' x 100_000 . '1' . '}' x 100_000, ''),
	'Parallel in Parallel' => '{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[' x 8000 . '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}' . ']}}}' x 8000,
	'Not of Not' => '{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Next":"E","Not":' . '{"Not":' x 60000 . '{"Variable":"$.a","IsNull":true}' . '}' x 60000 . '}]},"E":{"Type":"Succeed"}}}',
	'parentheses of a filter' => pass('InputPath', '$[?(' . '(' x 200_000 . '@.a' . ')' x 200_000 . ')]'),
	'negations of a filter' => pass('InputPath', '$[?(' . '!' x 400_000 . '@.a)]'),
	'a union' => pass('InputPath', '$[' . join(',', map { "'a$_'" } (1 .. 90000)) . ']'),
	'intrinsic functions within each other' => pass('Parameters', { 'x.$' => 'States.Array(' x 60000 . '1' . ')' x 60000 }),
	'a regular expression of a path' => pass('InputPath', '$[?(@.a =~ /((((a{1,1000}){1,1000}){1,1000}){1,1000})/)]'),
	'a regular expression of JSONata' => jsonata(q{$match('a', /((((a{1,1000}){1,1000}){1,1000}){1,1000})/)}),
	'a long one' => jsonata(q{$match('a', /} . '(a*)*' x 100_000 . 'b/)'),
	'groups in groups' => jsonata(q{$match('a', /} . '(' x 200_000 . 'a' . ')' x 200_000 . '/)'),
	'blocks' => jsonata('(' x 400_000 . '1' . ')' x 400_000),
	'sums' => jsonata('1+' x 400_000 . '1'),
	'steps' => jsonata('a' . '.a' x 400_000),
	'constructors' => jsonata('[' x 400_000 . ']' x 400_000),
	'functions' => jsonata('function($x){' x 60000 . '1' . '}' x 60000),
	'conditions' => jsonata('1?1:' x 200_000 . '1'),
	'signs' => jsonata('-' x 900_000 . '1'),
);

foreach my $name (sort keys %definitions)
{
	my ($code, $out, $err);
	my $took = seconds(sub {
		$code = $node->psql('postgres', 'SELECT count(*) >= 0 FROM sfn.validate_state_machine_definition(' . sql_text($definitions{$name}) . ");\n$memory;", stdout => \$out, stderr => \$err);
	});
	is($code, 0, "$name: is checked") or diag(substr($err, 0, 500));
	my ($checked, $most) = split /\n/, $out;
	cmp_ok($most, '<', 800, "... in $most MB");
	in_time($took, 2, sprintf('... soon (%.2f s)', $took));
	($code, undef, $err) = $node->psql('postgres', "SELECT sfn.create_state_machine('bomb', " . sql_text($definitions{$name}) . ')');
	ok($code == 0 || $err =~ /ERROR:  invalid definition/, '... and is stored or refused') or diag(substr($err, 0, 500));
	$node->safe_psql('postgres', q{SELECT sfn.delete_state_machine('bomb')}) if $code == 0;
}

#
# What is evaluated in a session: it ends by its budget, and before that when the session says so.
#
my $nested = q{(repeat('[{"a":', 400) || '1' || repeat('}]', 400))::json};
my $test = sub { 'SELECT sfn.test_state_machine(' . sql_text($_[0]) . ", $nested)" };
my %evaluated = (
	'descents of a path' => "SELECT sfn.jsonpath('\$..*..*..*', $nested)",
	'a regular expression' => q{SELECT sfn.jsonpath('$[?(@.a =~ /(((a|b)*)*)*c/)]', json_build_array(json_build_object('a', repeat('a', 20000000))))},
	'a regular expression of JSONata' => q{SELECT sfn.jsonata('$match(x, /(((a|b)*)*)*c/)', json_build_object('x', repeat('a', 20000000)))},
	'a recursion' => q{SELECT sfn.jsonata('($f := function($x){$f($x)}; $f(1))', '{}')},
	'an array that doubles' => q{SELECT sfn.jsonata('($f := function($x,$n){$n=0 ? $x : $f([$x, $x], $n-1)}; $count($f([1], 40)))', '{}')},
	'a text that doubles' => q{SELECT sfn.jsonata('($f := function($x,$n){$n=0 ? $x : $f($x & $x, $n-1)}; $length($f("x", 60)))', '{}')},
	'sorting' => q{SELECT sfn.jsonata('$sort([1..5000000], function($a,$b){$a<$b})', '{}')},
	'a test of a machine' => $test->(pass('Parameters', { map { ("x$_.\$" => '$..*..*..*') } (1 .. 10) })),
	'of one with rules' => $test->(machine_of({ A => { Type => 'Choice', Default => 'B',
		Choices => [ map { { Not => { Or => [ ({ And => [ ({ Not => { Variable => '$[0].a', IsNull => $true } }) x 30, { Variable => '$[0].a', IsNull => $true } ] }) x 60 ] }, Next => 'A' } } (1 .. 2) ] }, B => { Type => 'Succeed' } })),
	'of one with a Map' => $test->(machine_of({ A => { Type => 'Map', End => $true, Items => '{% [1..20000] %}', ItemSelector => { x => '{% $string([1..2000]) %}' },
		ItemProcessor => { StartAt => 'I', States => { I => { Type => 'Pass', End => $true } } } } }, QueryLanguage => 'JSONata')),
);

foreach my $name (sort keys %evaluated)
{
	my ($code, $err, $out);
	my $took = seconds(sub {
		$code = $node->psql('postgres', "SET statement_timeout = '200ms';\n$evaluated{$name};", stdout => \$out, stderr => \$err);
	});
	ok($code == 0 || $err =~ /statement timeout|needs more|longest|exceeded|memory|depth|deep/i, "$name: ends, or is ended") or diag(substr($err, 0, 500));
	in_time($took, 1.2, sprintf('... soon (%.2f s)', $took));
}
my $used = $node->safe_psql('postgres', "DO \$do\$ BEGIN PERFORM sfn.jsonpath('\$..*..*..*', $nested); EXCEPTION WHEN program_limit_exceeded THEN RAISE NOTICE '%', sqlerrm; END \$do\$;\n$memory");
cmp_ok($used, '<', 300, "a path takes no more memory than a transition may ($used MB)");
my (undef, undef, $err) = $node->psql('postgres', "SELECT sfn.jsonpath('\$..*..*..*', $nested)");
like($err, qr/the path cannot be evaluated: The transition needs more than 32 MB of memory/, '... and says why');

#
# Many large machines at once: an executor compiles those that it advances, and keeps what has room.
#
$node->safe_psql('postgres', q{ALTER SYSTEM SET sfn.enabled = on; ALTER SYSTEM SET sfn.max_workers = 1; SELECT pg_reload_conf(); CREATE ROLE mallory});
wait_for_executor($node, 'postgres');
my $large = sql_text(machine_of({ A => { Type => 'Choice', Default => 'B', Choices => [ { Condition => '{% false %}', Next => 'B', Output => '{% [' . '1,' x 250_000 . '1] %}' } ] },
	B => { Type => 'Succeed' } }, QueryLanguage => 'JSONata'));
$node->safe_psql('postgres', "SET ROLE mallory; SELECT sfn.create_state_machine('large' || g, $large) FROM generate_series(1, 12) g;
	SELECT sfn.start_execution('large' || g) FROM generate_series(1, 12) g");
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED' AND name IS NOT NULL AND execution_arn LIKE '%:large%'}, '12'), 'executions of large machines succeed');
my @used = map { PostgreSQL::Test::Utils::slurp_file("/proc/$_/status") =~ /^VmHWM:\s+(\d+) kB/m ? $1 / 1024 : 0 }
  split /\n/, $node->safe_psql('postgres', q{SELECT pid FROM sfn.workers WHERE worker = 'executor'});
ok(@used > 0, 'an executor is there');
cmp_ok($_, '<', 700, "... which has not kept them all ($_ MB)") foreach @used;

$node->stop;
done_testing();
