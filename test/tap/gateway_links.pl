
# Links: whoever has the URL may do one thing, once or as often as it says, as the role that made it; and tasks are answered by
# whoever has their token.

use strict;
use warnings;

use HTTP::Tiny;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnMachine;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('links');
my $arn = 'arn:aws:states:us-east-1:000000000000';

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE ROLE other LOGIN; CREATE ROLE pool LOGIN; SELECT sfn.allow_gateway('pool'); GRANT CREATE ON SCHEMA public TO app});

sub as
{
	my ($role, $sql) = @_;
	my ($out, $err) = ('', '');
	my $code = $node->psql('postgres', $sql, stdout => \$out, stderr => \$err, extra_params => [ '-U', $role ]);
	return $code == 0 ? $out : $err;
}

as('app', q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')});
as('app', q{CREATE TABLE public.mail (name text, url text);
	CREATE FUNCTION public.ask(name text, token text) RETURNS void LANGUAGE sql AS
		'INSERT INTO public.mail SELECT name, sfn.create_link(''approve'', token, description => ''10 days for <'' || name || ''>'')'});
machine($node, 'asks', { StartAt => 'Ask', States => { Ask => { Type => 'Task', Resource => 'arn:aws:states:::sql:call.waitForTaskToken', End => JSON::PP::true,
	Parameters => { Function => 'public.ask', Args => { 'name.$' => '$$.Execution.Name', 'token.$' => '$$.Task.Token' } } } } }, as => 'app');
machine($node, 'links', { StartAt => 'Ask', States => { Ask => { Type => 'Task', Resource => 'arn:aws:states:::sql:call.waitForTaskToken', End => JSON::PP::true,
	Parameters => { Function => 'sfn.create_link', Args => { kind => 'approve', 'target.$' => '$$.Task.Token' } } } } }, as => 'app');
machine($node, 'm', { StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } }, as => 'app');

like(as('app', q{SELECT sfn.create_link('start', 'm')}), qr/nobody knows where the gateway is.*sfn\.gateway_url/s, 'without an address there are no links');
my $gateway = start_gateway($node, user => 'pool');
$node->safe_psql('postgres', "ALTER DATABASE postgres SET sfn.gateway_url = '$gateway->{url}/'");

sub visit
{
	my ($url, %headers) = @_;
	return HTTP::Tiny->new(timeout => 60)->get($url, { headers => \%headers });
}
# A press on a button, by a browser; what the page says then.
sub press
{
	my ($url, $decision, $comment) = @_;
	my $answer = HTTP::Tiny->new(timeout => 60)->post_form($url, { decision => $decision, comment => $comment // '' }, { headers => { accept => 'text/html,*/*', origin => 'null' } });
	return $answer->{status} . ' ' . ($answer->{content} =~ m{<h1>(.*?)</h1>(?:<p>(.*?)</p>)?} ? join ' ', grep { defined } $1, $2 : '?');
}
sub asked
{
	my ($name) = @_;
	as('app', "SELECT sfn.start_execution('asks', '{}', '$name')");
	wait_for($node, "SELECT count(*) FROM public.mail m WHERE m.name = '$name' AND EXISTS (SELECT FROM sfn.pending_tasks p WHERE p.execution_arn LIKE '%:$name')", '1');
	return as('app', "SELECT url FROM public.mail WHERE name = '$name'");
}
sub end_of_asked
{
	my ($name) = @_;
	return end_of($node, "$arn:execution:asks:$name");
}

#
# Approving.
#
my $ada = asked('ada');
like($ada, qr{^\Q$gateway->{url}\E/link/[0-9a-f]{16}\.[0-9a-f]{48}$}, 'a task makes a link of its token');
my $page = visit($ada);
is($page->{status}, 200, 'it shows a page');
like($page->{content}, qr{<p>10 days for &#60;ada&#62;</p><form method="post">.*value="approve".*value="refuse"}s, '... that says what it is about, and has two buttons');
unlike($page->{content}, qr/<script|https?:/, '... no script, nothing from elsewhere');
like($page->{headers}{'content-security-policy'}, qr/^default-src 'none';.*form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/, '... and may have none');
is("$page->{headers}{'cache-control'} $page->{headers}{'referrer-policy'} $page->{headers}{'x-content-type-options'}", 'no-store no-referrer nosniff', '... it is kept by nobody, and told to nobody');
visit($ada) foreach 1 .. 3;
HTTP::Tiny->new->head($ada);
is($node->safe_psql('postgres', q{SELECT status FROM sfn.executions WHERE name = 'ada'}), 'RUNNING', 'looking at it does nothing: scanners of mail follow links');
is(press($ada, 'approve', 'Have a good time & "relax"'), '200 Approved.', 'a button does');
my $end = end_of_asked('ada');
is(json($end->{output}), '{"approved":true,"comment":"Have a good time & \\"relax\\""}', '... the task has its answer');
is(press($ada, 'approve'), '410 This did not work the link is used', 'once');
is(visit($ada)->{status}, 410, '... which its page says, too');

is(press(asked('bob'), 'refuse', 'Too long.'), '200 Refused.', 'the other button');
$end = end_of_asked('bob');
is("$end->{status} $end->{error} $end->{cause}", 'FAILED Refused Too long.', '... is an error for the machine');
my $cyd = asked('cyd');
my $curl = HTTP::Tiny->new->post($cyd, { content => '{"decision": "approve"}', headers => { 'content-type' => 'application/json' } });
is("$curl->{status} $curl->{content}", '200 {}', 'a program');
is(json(end_of_asked('cyd')->{output}), '{"approved":true}', '... is answered, too');
my $dan = asked('dan');
is(press($dan, 'perhaps'), '400 This did not work decision must be approve or refuse', 'neither');
is(HTTP::Tiny->new->post($dan)->{status}, 400, '... nothing at all');
as('app', "SELECT sfn.stop_execution('$arn:execution:asks:dan')");
ok(wait_until(sub { visit($dan)->{status} == 410 }), 'nobody waits any more');
is(press($dan, 'approve'), '410 This did not work the link is over', '... and that is said');

# Two at once.
my $eve = asked('eve');
my ($path) = $eve =~ m{(/link/.*)};
my @both = map { my $socket = connected($gateway); print $socket "POST $path HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\ndecision=approve"; $socket } 1 .. 2;
my @said = sort map { my $answer = answer_of($_); $answer->{__type} // 'done' } @both;
like("@said", qr/#LinkIsOver done$/, 'of two at once one counts');

# A task that is create_link() itself: the URL is its result.
my $direct = as('app', q{SELECT sfn.start_execution('links', '{}', 'direct')});
my $url = "SELECT details ->> 'output' FROM sfn.history WHERE execution_arn = '$direct' AND type = 'TaskSubmitted'";
ok(wait_until(sub { as('app', $url) =~ /link/ }), 'create_link() as a task');
is(press(json_of(as('app', $url)), 'approve'), '200 Approved.', '... is a link as any other');
is(end_of($node, $direct)->{status}, 'SUCCEEDED', '... and goes on');

sub json_of { my ($text) = @_; return JSON::PP->new->allow_nonref->decode($text) }

#
# Starting.
#
my $start = as('app', q{SELECT sfn.create_link('start', 'm', uses => 2, description => 'the nightly run')});
is(press($start, 'start'), '200 Started.', 'a start');
$curl = HTTP::Tiny->new->post($start, { content => '{"n": 7}', headers => { 'content-type' => 'application/json' } });
my $started = JSON::PP->new->decode($curl->{content})->{executionArn};
is(json(end_of($node, $started)->{output}), '{"n":7}', '... by a program, with an input');
is(press($start, 'start'), '410 This did not work the link is used', '... two, no more');
my $any = as('app', q{SELECT sfn.create_link('start', 'm', expires => NULL)});
is(press($any, 'start'), '200 Started.', 'any number') foreach 1 .. 3;
my $hook = HTTP::Tiny->new->post("$any?envelope=http&b=%20", { content => 'a=1', headers => { 'x-hub-signature-256' => 'sha256=00', 'authorization' => 'Basic eDp5' } });
my $seen = end_of($node, JSON::PP->new->decode($hook->{content})->{executionArn})->{output};
is("$seen->{method} $seen->{query} $seen->{body} $seen->{headers}{'x-hub-signature-256'} " . ($seen->{headers}{authorization} // '-'), 'POST envelope=http&b=%20 a=1 sha256=00 -', 'a webhook, as it came, for the machine to check');
is(HTTP::Tiny->new->post($any, { content => "{\0}" })->{status}, 400, 'a byte 0');
is(HTTP::Tiny->new->post($any, { content => '{' })->{status}, 400, 'no JSON');

#
# Looking.
#
my $graph = as('app', "SELECT sfn.create_link('graph', '$started')");
my $drawing = visit($graph);
is("$drawing->{status} $drawing->{headers}{'content-type'}", '200 image/svg+xml', 'a drawing');
like($drawing->{content}, qr/^<svg/, '... of the execution');
like($drawing->{headers}{'content-security-policy'}, qr/^default-src 'none'; frame-ancestors 'none'; sandbox$/, '... without scripts or styles');
is($drawing->{headers}{'cross-origin-resource-policy'}, 'cross-origin', '... which pages of others may have as a picture');
is($drawing->{headers}{refresh}, '5', '... and which a window of its own shows anew');
is(HTTP::Tiny->new->post($graph)->{status}, 400, '... and nothing to be done');
my $of_machine = visit(as('app', q{SELECT sfn.create_link('graph', 'm')}));
is("$of_machine->{status} " . ($of_machine->{headers}{refresh} // '-'), '200 -', 'a drawing of a machine, which does not change');

#
# What is refused.
#
my ($id) = $any =~ m{/link/([0-9a-f]+)\.};
my ($secret) = $any =~ /\.([0-9a-f]+)$/;
my ($other_id) = $graph =~ m{/link/([0-9a-f]+)\.};
foreach my $wrong ("$id." . ('0' x 48), "$id.", $id, "$other_id.$secret", "$id.$secret" . '0', uc "$id.$secret", "../healthz", "%00.$secret", "'.$secret")
{
	is(visit("$gateway->{url}/link/$wrong")->{status}, 404, 'not a link: ' . ($wrong =~ s/\Q$secret\E/SECRET/r));
	is(HTTP::Tiny->new->post("$gateway->{url}/link/$wrong")->{status}, 404, '... to nobody');
}
like(as('app', "SELECT sfn.create_link(k, t, e, u) FROM (VALUES ('$_->[0]', $_->[1], $_->[2]::interval, $_->[3]::int)) AS v(k, t, e, u)"), $_->[4], "not made: @$_[0 .. 3]")
  foreach [ 'other', "'m'", "'1 day'", 'NULL', qr/kind must be/ ], [ 'approve', "'nonsense'", "'1 day'", 'NULL', qr/nvalid task token|token/ ],
  [ 'start', "'nobody'", "'1 day'", 'NULL', qr/does not exist/ ], [ 'start', "'m'", "'-1 day'", 'NULL', qr/time to come/ ],
  [ 'start', "'m'", "'1 day'", '0', qr/at least 1/ ], [ 'graph', "'m'", "'1 day'", '1', qr/no number of uses/ ], [ 'start', 'NULL', "'1 day'", 'NULL', qr/target/ ];
like(as('other', q{SELECT sfn.create_link('start', 'm')}), qr/permission denied|"start" is missing/, 'who may not start it makes no link');
like(as(scalar getpwuid($<), q{SELECT sfn.create_link('start', 'm')}), qr/is a superuser/, 'a superuser makes none');
like(as('other', "SELECT sfn.drop_link('$id')"), qr/"app"/, 'who is no member does not drop it');
is(as('other', 'SELECT count(*) FROM sfn.links'), '0', '... nor see it');
like(as('app', 'SELECT * FROM sfn.link'), qr/permission denied/, 'nobody reads the table');
is(as('app', q{SELECT string_agg(DISTINCT kind || ' ' || status || coalesce(' ' || split_part(target, ':', 6), ''), ', ' ORDER BY kind || ' ' || status || coalesce(' ' || split_part(target, ':', 6), '')) FROM sfn.links}),
	'approve open, approve used, graph open execution, graph open stateMachine, start open stateMachine, start used stateMachine', 'the view tells of them, without tokens');

my $short = as('app', q{SELECT sfn.create_link('start', 'm', expires => '1 millisecond')});
ok(wait_until(sub { visit($short)->{status} == 410 }), 'one that has expired');
is(press($short, 'start'), '410 This did not work the link is expired', '... does nothing');
as('app', "SELECT sfn.drop_link('$id')");
is(press($any, 'start'), '404 This did not work there is no such link', 'one that was dropped neither');

# Rights are those of the moment, and what fails is no use.
as('app', q{SELECT sfn.grant_state_machine('m', 'other', 'start')});
my $lent = as('other', q{SELECT sfn.create_link('start', 'm', uses => 1)});
as('app', q{SELECT sfn.revoke_state_machine('m', 'other')});
like(press($lent, 'start'), qr/^400 This did not work .*not authorized/i, 'a right that was taken back') or diag(press($lent, 'start'));
is(as('other', 'SELECT status FROM sfn.links'), 'open', '... and the use is not counted');
$node->safe_psql('postgres', 'DROP OWNED BY other; DROP ROLE other');
is(press($lent, 'start') =~ /^(4\d\d)/ ? $1 : 'done', '400', 'a role that is gone does nothing');

#
# A task's token alone.
#
as('app', qq{SELECT sfn.create_activity('work'), sfn.create_state_machine('works', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "$arn:activity:work", "End": true}}}')});
sub taken
{
	my $execution = as('app', q{SELECT sfn.start_execution('works')});
	my (undef, $task) = api($gateway, 'GetActivityTask', { activityArn => "$arn:activity:work" });
	return ($execution, $task->{taskToken});
}
sub call_back
{
	my ($request) = @_;
	my $answer = HTTP::Tiny->new->post("$gateway->{url}/callback", { content => json($request), headers => { 'content-type' => 'application/json' } });
	return "$answer->{status} " . ($answer->{content} =~ /#(\w+)/ ? $1 : $answer->{content});
}
my ($execution, $token) = taken();
is(call_back({ taskToken => $token }), '200 {}', 'a heartbeat by token alone');
is(call_back({ taskToken => $token, output => [1] }), '200 {}', 'an answer by token alone');
is(json(end_of($node, $execution)->{output}), '[1]', '... is the task\'s');
is(call_back({ taskToken => $token, output => 1 }), '400 TaskTimedOut', 'once');
is(call_back({ taskToken => 'x' x 44, output => 1 }), '400 InvalidToken', 'a token that is none');
($execution, $token) = taken();
$node->safe_psql('postgres', q{ALTER SYSTEM SET sfn.allow_bare_tokens = off});
$node->reload;
ok(wait_until(sub { call_back({ taskToken => $token }) eq '400 AccessDeniedException' }), 'where a token is not enough, it is not');
is((post($gateway, '/callback', json({ taskToken => $token, error => 'E' })))[0], 200, '... with a key it is');
is(end_of($node, $execution)->{error}, 'E', '... answered');

# Where nothing is signed, a link is still worth what it is.
$node->safe_psql('postgres', q{ALTER SYSTEM RESET sfn.allow_bare_tokens});
$node->reload;
my $open = start_gateway($node, user => 'pool', '--auth' => 'none:app');
my $mailed = as('app', q{SELECT sfn.create_link('start', 'm')}) =~ s/\Q$gateway->{url}\E/$open->{url}/r;
is(visit($mailed, 'sec-fetch-site' => 'cross-site')->{status}, 200, 'a link in a mail is followed from another site');
is(press($mailed, 'start'), '200 Started.', '... and used');
is(HTTP::Tiny->new->post("$open->{url}/start/m", { content => '{}', headers => { 'sec-fetch-site' => 'cross-site' } })->{status}, 403, '... nothing else is');

my $log = gateway_log($gateway);
like($log, qr/ $id - UseLink 200 /, 'uses are logged');
unlike($log, qr/\Q$secret\E|\Q$token\E/, '... without secrets and tokens');
unlike($node->safe_psql('postgres', 'SELECT string_agg(l::text, \' \') FROM sfn.link l'), qr/\Q$secret\E/, 'the secret is kept by nobody');
is(stop_gateway($gateway), 0, 'SIGTERM ends it');
unlike($log, qr/AddressSanitizer|runtime error/, 'nothing was wrong with its memory');

$node->stop;
done_testing();
