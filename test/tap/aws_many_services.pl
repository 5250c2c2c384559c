
# All services of AWS at once: as many models as AWS publishes, one of them as large as its largest, are loaded with the
# memory of one model, and a session keeps a few of them only.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Utils;
use Test::More;

use SfnTest;

use constant { SERVICES => 445, LARGE => 760, KEPT => 16 };

my $node = sfn_node('aws_many_services');
my $json = JSON::PP->new->canonical;
my $models = PostgreSQL::Test::Utils::tempdir();
my @protocols = ([ protocol => 'json', jsonVersion => '1.1', targetPrefix => 'T' ], [ protocol => 'rest-json' ], [ protocol => 'query' ], [ protocol => 'rest-xml' ], [ protocol => 'ec2' ]);

# Operations with parameters and results of twenty members each, and documentation, which nobody needs.
sub model
{
	my ($name, $number, $operations) = @_;
	my %shapes = (Text => { type => 'string', documentation => 'x' x 500 });
	my %operations;
	foreach my $i (1 .. $operations)
	{
		$operations{"Operate$i"} = { name => "Operate$i", http => { method => 'POST', requestUri => '/' }, input => { shape => "In$i" }, output => { shape => "Out$i" }, documentation => 'y' x 500 };
		$shapes{"$_$i"} = { type => 'structure', members => { map { ("Member$_" => { shape => 'Text', documentation => 'z' x 100 }) } 1 .. 20 } } foreach qw(In Out);
	}
	return $json->encode({ metadata => { serviceId => $name, endpointPrefix => lc $name, signatureVersion => 'v4', @{ $protocols[ $number % @protocols ] } }, operations => \%operations, shapes => \%shapes });
}

sub task
{
	my ($resource) = @_;
	return $json->encode({ StartAt => 'T', States => { T => { Type => 'Task', End => JSON::PP::true, Resource => "arn:aws:states:::aws-sdk:$resource" } } });
}

foreach my $i (1 .. SERVICES)
{
	my $name = sprintf 'Many%03d', $i;
	mkdir "$models/$_" foreach (lc $name, lc($name) . '/2026-01-01');
	PostgreSQL::Test::Utils::append_to_file("$models/\L$name\E/2026-01-01/service-2.json", model($name, $i, $i == SERVICES ? LARGE : 20));
}
my $large = 'many' . SERVICES;
my $peak = q{SELECT max(m[1]::int) FROM regexp_matches(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)', 'g') m};

my ($peak_before, $loaded, $peak_after) = split /\n/, $node->safe_psql('postgres', "$peak; SELECT sfn.load_services('$models'); $peak");
is($loaded, SERVICES, 'all models are loaded');
cmp_ok($peak_after - $peak_before, '<', 200 * 1024, 'with the memory of the largest one (in kB)');
is($node->safe_psql('postgres', q{SELECT count(*), min(operations), max(operations), count(DISTINCT protocol) FROM sfn.services WHERE name LIKE 'many%'}), SERVICES . '|20|' . LARGE . '|5', 'they are known');
is($node->safe_psql('postgres', "SELECT sfn.load_services('$models')"), SERVICES, 'and loaded again');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.services WHERE name LIKE 'many%'}), SERVICES, '... in place of what they were');

# A session that looks at many keeps the last ones; none of them has more than a few times what its row has.
my $looks = join '', map { sprintf "SELECT count(*) FROM sfn.validate_state_machine_definition('%s');", task(sprintf 'many%03d:operate1', $_) } 1 .. 40;
my $contexts = q{SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'sfn service'};
my @seen = split /\n/, $node->safe_psql('postgres', "$looks $contexts");
is(join('', @seen[ 0 .. 39 ]), '0' x 40, 'each has the action that is asked for');
cmp_ok($seen[40], '<=', KEPT + 1, 'a session keeps a few');
my $bytes = $node->safe_psql('postgres', sprintf(q{SELECT count(*) FROM sfn.validate_state_machine_definition('%s'); SELECT sum(total_bytes) / (SELECT octet_length(facts) FROM sfn.service WHERE name = '%s')
	FROM pg_backend_memory_contexts WHERE name = 'sfn service'}, task("$large:operate@{[ LARGE ]}"), $large));
like($bytes, qr/^0\n/, 'the largest has its last action');
cmp_ok((split /\n/, $bytes)[1], '<', 30, 'and takes some times the length of its row');
like($node->safe_psql('postgres', sprintf(q{SELECT message FROM sfn.validate_state_machine_definition('%s')}, task("$large:operate0"))), qr/^The service has no action "operate0"\. Perhaps "operate\d+" is meant/, 'what it has not is told');

# One that is broken among them leaves all as they were.
$node->safe_psql('postgres', q{DELETE FROM sfn.service WHERE name LIKE 'many%'});
PostgreSQL::Test::Utils::append_to_file("$models/many200/2026-01-01/service-2.json", '}');
my ($code, $out, $err) = $node->psql('postgres', "SELECT sfn.load_services('$models')");
like($err, qr/many200.*cannot be read as JSON/, 'a broken model is named');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.services WHERE name LIKE 'many%'}), '0', 'and nothing is loaded then');
done_testing();
