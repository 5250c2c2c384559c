
# Requests that follow each other after three to five seconds, over connections that the server closes after five idle ones:
# none of them fails.  All executions send at the same moments, so that each pause is the age of all idle connections: around
# that up to which one is used again, and around the five seconds.  make soak sends 10,000.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use SfnHttp;
use SfnMachine;
use SfnTest;

my $node = sfn_node('http_spaced', conf => "sfn.http_allowed_hosts = '127.0.0.1'\n");
my $server = http_server();
my $executions = rounds(500);
my @pauses = (3.6, 4.0, 5.0);
@pauses = (@pauses, 2.9, 3.9, 4.1, 4.9, 5.0, 5.1, 4.95, 3.5, 4.0, 5.0, 5.05, 3.8, 4.9, 4.0, 5.0, 3.6) if $ENV{SFN_SOAK};
my $requests = @pauses + 1;
my @moments = (int(time() * 1000) + 5000);
push @moments, $moments[-1] + int(1000 * $_) foreach @pauses;

machine($node, 'spaced', { QueryLanguage => 'JSONata', StartAt => 'Begin', States => {
	Begin => { Type => 'Pass', Assign => { sent => 0, moments => '{% $states.input %}' }, Next => 'Rest' },
	Rest => { Type => 'Wait', Timestamp => '{% $fromMillis($moments[$sent]) %}', Next => 'Send' },
	Send => { Type => 'Task', Resource => 'arn:aws:states:::http:invoke', Arguments => { ApiEndpoint => "$server->{url}/impatient", Method => 'POST', RequestBody => { n => 1 } },
		Assign => { sent => '{% $sent + 1 %}' }, Next => 'Enough' },
	Enough => { Type => 'Choice', Choices => [ { Condition => "{% \$sent >= $requests %}", Next => 'Done' } ], Default => 'Rest' },
	Done => { Type => 'Succeed' } } });
$node->safe_psql('postgres', "SELECT count(*) FROM sfn.start_executions('spaced', array_fill('[" . join(',', @moments) . "]'::json, ARRAY[$executions]))");
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'RUNNING'}, '0', 600), 'all come to an end');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT concat_ws(': ', status, error, cause), '; ') FROM sfn.executions}), 'SUCCEEDED', 'no request has failed');

my @sent = requests($server, '/impatient');
is(scalar(@sent), $executions * $requests, 'each was sent once');
my $again = grep { $_->{nth} > 1 } @sent;
cmp_ok($again, '>', 0, 'connections were used again');
cmp_ok($again, '<', scalar(@sent) - $executions, '... but not those that had been idle for longer');
note(scalar(@sent) . " requests, $again of them over a connection that had been idle");

$node->stop;
done_testing();
