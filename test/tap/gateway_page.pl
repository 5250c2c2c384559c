
# The page of the gateway: who gets in, how long, and what a session may do; what a browser shows is tested by "make page".

use strict;
use warnings;

use HTTP::Tiny;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use JSON::PP ();
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnGateway;
use SfnTest;

plan skip_all => 'the gateway is not built' unless gateway_is_built();

my $node = sfn_node('page');
my $json = JSON::PP->new->canonical->allow_nonref->utf8;
my $pass = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}';
my $wait = '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}';

sub sql
{
	my ($text, $role) = @_;
	return $node->safe_psql('postgres', $text, extra_params => [ $role ? ('-U', $role) : () ]);
}

sql(q{CREATE ROLE app LOGIN PASSWORD 'right'; CREATE ROLE other LOGIN PASSWORD 'right'; CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'right';
	CREATE ROLE peer LOGIN PASSWORD 'right'; CREATE ROLE open LOGIN PASSWORD 'right'; CREATE ROLE pool LOGIN; SELECT sfn.allow_gateway('pool')});
sql(q{SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test'); SELECT sfn.create_access_key(access_key_id => 'reader', secret_access_key => 'test', actions => '{List*,Describe*}')}, 'app');
sql("SELECT sfn.create_state_machine('m', '$pass'), sfn.create_state_machine('w', '$wait'); SELECT sfn.start_execution('w', '{}', 'one')", 'app');

# Over TCP: by password, but for one role that is trusted.
my $hba = $node->data_dir . '/pg_hba.conf';
append_to_file($hba, '');
my $rules = slurp_file($hba);
open my $file, '>', $hba or die;
print $file "local all peer peer map=us\nhost all open 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n$rules";
close $file;
append_to_file($node->data_dir . '/pg_ident.conf', 'us "' . getpwuid($>) . "\" peer\n");
$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'");
$node->restart;
my $gateway = start_gateway($node, user => 'pool', '--key-cache' => 1);

# The answer of the page's path, and its status; with what a browser would send along.
sub ask
{
	my ($session, $path, $body, %headers) = @_;
	my %sent = ('content-type' => 'application/json', ($session->{cookie} ? (cookie => $session->{cookie}) : ()), ($session->{token} ? ('x-sfn-csrf' => $session->{token}) : ()), %headers);
	my $answer = HTTP::Tiny->new(timeout => 60)->request(defined $body ? 'POST' : 'GET', "$gateway->{url}/ui/$path",
		{ headers => \%sent, (defined $body ? (content => ref $body ? $json->encode($body) : $body) : ()) });
	return ($answer->{status}, eval { $json->decode($answer->{content}) } // $answer->{content}, $answer->{headers});
}

sub log_in
{
	my (%given) = @_;
	my ($status, $answer, $headers) = ask({}, 'login', \%given);
	return { status => $status, code => ($answer->{__type} // '') =~ s/.*#//r, message => $answer->{message} // '' } if $status != 200;
	my $cookie = $headers->{'set-cookie'};
	my $session = { status => 200, set => $cookie, cookie => $cookie =~ s/;.*//r };
	(undef, $answer) = ask($session, 'session');
	$session->{token} = $answer->{token};
	$session->{about} = $answer->{about};
	return $session;
}

# Files
{
	my ($status, $text, $headers) = ask({}, '');
	is($status, 200, 'the page is there');
	like($headers->{'content-security-policy'}, qr/default-src 'none'; script-src 'self'.*frame-ancestors 'none'.*form-action 'self'; object-src 'none'/, 'and runs nothing but its own files');
	is("$headers->{'x-content-type-options'} $headers->{'referrer-policy'}", 'nosniff no-referrer', 'nor tells others where one was');
	is($headers->{'content-encoding'}, 'gzip', 'it comes packed');
	is((ask({}, '', undef, 'if-none-match' => $headers->{etag}))[0], 304, 'and not twice');
	is((ask({}, $_))[0], 404, "no file: $_") foreach ('src/../../../etc/passwd', '%2e%2e/x', 'src/nothing.js', 'vendor/');
	gunzip(\$text => \my $html) or die $GunzipError;
	my ($script) = $html =~ m{src="(v/[0-9a-f]+/src/app\.js)"};
	is((ask({}, $script))[2]->{'cache-control'}, 'max-age=31536000, immutable', 'its files have names under which they never change');
	is((ask({}, $script =~ s{/[0-9a-f]+/}{/0000/}r))[2]->{'cache-control'}, 'no-cache', 'by those of another build they are there, and kept by nobody');
}

# However many executions are kept, no list reads them all: each finds what it shows by an index.
{
	my $counted = "SELECT pg_catalog.pg_stat_force_next_flush();\nSELECT 'scans ' || seq_scan FROM pg_catalog.pg_stat_all_tables WHERE relid = 'sfn.execution'::regclass;";
	my $asked = join "\n", map { "SELECT pg_catalog.length(sfn_internal.gateway_page('app'::regrole, '$_->[0]', '$_->[1]')::text);" } (
		['executions', '{}'], [ 'executions', '{"machine": "m"}' ], [ 'executions', '{"status": "FAILED"}' ], [ 'executions', '{"error": "E"}' ], [ 'expressExecutions', '{}' ],
		[ 'expressExecutions', '{"machine": "m"}' ], [ 'day', '{"machine": "m"}' ], [ 'failures', '{}' ], [ 'tasks', '{}' ], [ 'events', '{}' ], [ 'mapRuns', '{}' ]);
	my ($before, $after) = sql("$counted\n$asked\n$counted") =~ /^scans (\d+)$/mg;
	is($after // 'not told', $before // 'not asked', 'no list reads all executions');
}

# Getting in
my ($status, $answer) = ask({}, 'session');
is("$status $answer", '200 null', 'without a session there is none') or diag $json->encode($answer);
is((ask({}, 'page/executions', {}))[0], 401, 'and nothing is told');
my $key = log_in(accessKeyId => 'test', secretAccessKey => 'test');
is("$key->{status} $key->{about}{role}", '200 app', 'an access key lets its role in');
like($key->{set}, qr/^sfn-$gateway->{port}=[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/, 'by a cookie that no script reads and no other site sends');
is(log_in(accessKeyId => 'test', secretAccessKey => 'wrong')->{status}, 400, 'a wrong secret does not');
is(log_in(accessKeyId => 'nobody', secretAccessKey => 'test')->{status}, 400, 'nor does a key that is not there');
is((ask({}, 'login', '{"accessKeyId": "test", "secretAccessKey": "test"}', 'content-type' => 'text/plain'))[0], 400, 'a form of another site cannot log in');

my $role = log_in(role => 'app', password => 'right');
is("$role->{status} " . ($role->{about}{role} // $role->{message}), '200 app', 'a role gets in by its password');
is(log_in(role => 'app', password => 'wrong')->{code}, 'LoginFailed', 'and by no other');
is(log_in(role => 'boss', password => 'right')->{about}, undef, 'a superuser looks at nothing');
my $trusted = log_in(role => 'open', password => 'whatever');
is($trusted->{code}, 'LoginFailed', 'where the server trusts, a password proves nothing');
like($trusted->{message}, qr/asks this role for no password: log in with an access key/, 'and it is said what to do');

# What a session may do
($status, $answer) = ask($key, 'page/executions', { machine => 'w' });
is("$status $answer->{executions}[0]{name}", '200 one', 'a session asks what the page shows');
($status, $answer) = ask($role, 'api', { maxResults => 1 }, 'x-amz-target' => 'AWSStepFunctions.ListStateMachines');
is("$status $answer->{stateMachines}[0]{name}", '200 m', 'and calls the API');
is((ask({ cookie => $key->{cookie} }, 'page/executions', {}))[0], 403, 'not without its token');
is((ask({ %$key, token => 'f' x 64 }, 'page/executions', {}))[0], 403, 'nor with another');
is((ask({ %$key, token => $role->{token} }, 'page/executions', {}))[0], 403, 'nor with that of another session');
is((ask($key, 'page/executions', {}, origin => 'http://evil.test'))[0], 403, 'nor from a page of another site');
is((ask({ %$key, cookie => $key->{cookie} =~ s/=k\./=r./r }, 'page/executions', {}))[0], 401, 'a cookie that was changed is none');
is((ask({ %$key, cookie => $key->{cookie} =~ s/.$/0/r . '1' }, 'page/executions', {}))[0], 401, 'nor is one with another seal');
foreach my $path ('/', '/start/m', '/sync/m')
{
	my $answer = HTTP::Tiny->new->post("$gateway->{url}$path", { content => '{}', headers => { cookie => $key->{cookie}, 'x-sfn-csrf' => $key->{token}, 'x-amz-target' => 'AWSStepFunctions.ListStateMachines' } });
	like("$answer->{status} $answer->{content}", qr/^400 .*MissingAuthenticationTokenException/, "a stolen cookie is no key: $path");
}
is((ask($key, 'api', {}, 'x-amz-target' => 'AWSStepFunctions.GetActivityTask'))[0], 400, 'a page takes no tasks');
is((ask($key, 'page/nothing', {}))[0], 404, 'and asks for nothing that is not there');
isnt((ask($key, 'page/executions', '{"limit": "x"}'))[0], 200, 'what cannot be asked is refused');
isnt((ask($key, 'page/executions', 'no JSON'))[0], 200, 'as is what is no JSON');

($status, $answer) = ask($key, 'page/validate', { definition => qq({\n "StartAt": "B", "States": {"P": {"Type": "Pass", "End": true}}}) });
is("$answer->{diagnostics}[0]{severity} $answer->{diagnostics}[0]{line}", 'ERROR 2', 'it hears what is wrong with a definition, and where');

my $reader = log_in(accessKeyId => 'reader', secretAccessKey => 'test');
is((ask($reader, 'page/executions', {}))[0], 200, 'a key for reading reads');
is((ask($reader, 'api', {}, 'x-amz-target' => 'AWSStepFunctions.StartExecution'))[0], 400, 'and starts nothing');
is(join(' ', @{ (ask($reader, 'session'))[1]{denied} }), 'CancelReplay CreateArchive CreateStateMachine CreateStateMachineAlias DeleteArchive DeleteStateMachineAlias DeleteStateMachineVersion PublishStateMachineVersion RedeliverEvent RedriveExecution SendTaskFailure SendTaskSuccess StartExecution StartReplay StartSyncExecution StopExecution TestState UpdateStateMachine UpdateStateMachineAlias', 'and is told what it need not try');
is_deeply((ask($key, 'session'))[1]{denied}, [], 'another may all');
is((ask($reader, 'page/tasks', {}))[0], 400, 'nor sees what tasks are answered by');

my $other = log_in(role => 'other', password => 'right');
($status, $answer) = ask($other, 'page/executions', {});
is("$status " . scalar @{ $answer->{executions} }, '200 0', 'a role sees what it may see');
is((ask($other, 'page/execution', { execution => 'w/one' }))[0], 400, 'also of what it knows the name of');

# Every answer, for a role that sees something and for one that sees nothing
my $arn = sql(q{SELECT execution_arn FROM sfn.executions WHERE name = 'one'});
foreach my $page (qw(executions expressExecutions execution states state graph tasks machines machine day failures mapRuns mapRun activities workers testMachine validate rules events deadLetters schedules testPattern))
{
	my $request = { execution => $arn, of => $arn, machine => 'w', mapRun => 'x', id => '2', definition => $pass, event => {}, pattern => { a => [1] } };
	is((ask($key, "page/$page", $request))[0], 200, "$page is answered");
	unlike((ask($other, "page/$page", $request))[0], qr/^5/, "and for who sees nothing, calmly");
}
is((ask($key, 'page/backlog', {}))[0], 400, 'the backlog of all roles is not for everybody');

# A link to what was started
my ($exit, $shown, $notices) = $node->psql('postgres', "SET sfn.gateway_url = '$gateway->{url}/'; SET ROLE app; CALL sfn.run_execution('m')");
like($notices, qr{NOTICE:  the execution is shown at \Q$gateway->{url}\E/ui/#/execution/arn%3Aaws%3Astates%3A.*%3Aexecution%3Am%3A\S+}, 'CALL sfn.run_execution() says where it is shown');
(undef, undef, $notices) = $node->psql('postgres', q{CALL sfn.run_execution('m')}, extra_params => [ '-U', 'app' ]);
unlike($notices, qr/shown at/, 'but not where nobody knows of a gateway');

# Watching
($status, $answer) = ask($key, 'page/execution', { execution => $arn });
my $mark = $answer->{mark};
like($mark, qr/^RUNNING \d+$/, 'an execution has a mark');
my $pid = fork() // die;
if ($pid == 0)
{
	sleep 1;
	$node->safe_psql('postgres', "SELECT sfn.stop_execution('$arn')", extra_params => [ '-U', 'app' ]);
	POSIX::_exit(0);
}
($status, $answer) = ask($key, 'watch', { execution => $arn, mark => $mark });
waitpid $pid, 0;
ok($status == 200 && $answer->{mark} ne $mark, 'whoever watches hears of a change') or diag $json->encode($answer);
is((ask($other, 'watch', { execution => $arn, mark => $mark }))[0], 400, 'but not who may not see it');
is((ask($key, 'watch', {}))[0], 400, 'what to watch has to be said');

# Ends
sql(q{SELECT sfn.update_access_key('reader', 'Inactive')}, 'app');
ok(wait_for_status($reader, 400), 'a key that is made inactive ends its sessions');
sql(q{ALTER ROLE other NOLOGIN});
is((ask($other, 'page/executions', {}))[0], 401, 'as does a role that may not log in any more');
sql(q{ALTER ROLE other LOGIN VALID UNTIL '2001-01-01'});
is((ask($other, 'page/executions', {}))[0], 401, 'or whose password is not valid any more');
sql(q{ALTER ROLE app SUPERUSER});
is((ask($role, 'page/executions', {}))[0], 401, 'or that has become a superuser');
sql(q{ALTER ROLE app NOSUPERUSER});
(undef, undef, my $headers) = ask($key, 'logout', {});
like($headers->{'set-cookie'}, qr/=; .*Max-Age=0/, 'logging out takes the cookie away');

sub wait_for_status
{
	my ($session, $wanted) = @_;
	foreach (1 .. 600)
	{
		return 1 if (ask($session, 'page/executions', {}))[0] == $wanted;
		select undef, undef, undef, 0.1;
	}
	return 0;
}

# Guessing: the fifth try of a minute is the last, of one address and for one role
my @codes = map { log_in(role => "nobody$_", password => 'guess')->{code} } 1 .. 6;
is($codes[-1], 'ThrottlingException', 'passwords cannot be tried for long') or diag "@codes";
is(log_in(accessKeyId => 'test', secretAccessKey => 'test')->{status}, 200, 'keys go on');
unlike(gateway_log($gateway), qr/right|guess|whatever/, 'no password is in the log');
is(stop_gateway($gateway), 0, 'the gateway ends');

# With another process sessions of the first are over
$gateway = start_gateway($node, user => 'pool');
is((ask($key, 'page/executions', {}))[0], 401, 'a session ends with the gateway');
stop_gateway($gateway);

# By the socket, where the server knows the gateway's own user, a password is not asked for either
$gateway = start_gateway($node, user => 'pool', '--login-db' => 'host=' . $node->host);
my $known = log_in(role => 'peer', password => 'right');
is($known->{code}, 'LoginFailed', 'where the server knows the process (peer), a password proves nothing');
like($known->{message}, qr/asks this role for no password: log in with an access key/, 'which is said');
stop_gateway($gateway);

# Nobody logs in where requests are not signed
$gateway = start_gateway($node, user => 'pool', '--auth' => 'none:app');
($status, $answer) = ask({}, 'session');
ok($answer->{isOpen} && $answer->{about}{role} eq 'app', 'without signatures everybody is that role');
is((ask({}, 'page/executions', {}))[0], 200, 'and sees the page');
is((ask({}, 'page/executions', {}, origin => 'http://evil.test'))[0], 403, 'but other sites do not');
stop_gateway($gateway);

done_testing();
