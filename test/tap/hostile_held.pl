
# What a role could hold in a transaction that stays open, or in one that is prepared, so that executors wait for it: rows of
# its own that a turn is to change, names and ids that a turn is to take, locks that a turn is to have.  Its own executions
# may wait; those of others go on, and are not served by one executor less.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;

my $node = sfn_node('held', conf => "fsync = off\nmax_prepared_transactions = 10\n");
my $end = JSON::PP::true;
my $prefix = 'arn:aws:states:us-east-1:000000000000';
my $topics = 'arn:aws:sns:us-east-1:000000000000';

$node->safe_psql('postgres', q{
	CREATE ROLE mallory LOGIN;
	CREATE ROLE bob LOGIN;
	GRANT CREATE ON SCHEMA public TO mallory, bob});

sub as { return psql_as($node, @_) }

sub done
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($code, 0, "$role: $sql") or diag($err);
	return $out;
}

sub states
{
	my (%state) = @_;
	return { StartAt => 'A', States => { A => { End => $end, %state } } };
}

machine($node, 'bobs', states(Type => 'Pass'), as => 'bob');
machine($node, $_, states(Type => 'Wait', Seconds => 100_000), as => 'mallory') foreach 'waits', 'updated', 'deleted';
machine($node, 'passes', states(Type => 'Pass'), as => 'mallory');
done('mallory', q{SELECT sfn.create_activity('acts')});
done('mallory', q{SELECT sfn.create_queue('line.fifo', content_based_deduplication => true), sfn.create_queue('plain'), sfn.create_queue('gone.fifo')});
done('mallory', q{SELECT sfn.create_bus('own'), sfn.create_topic('news'), sfn.subscribe('news', 'arn:aws:sqs:us-east-1:000000000000:plain')});
done('mallory', q{CREATE TABLE public.tokens (token text); CREATE FUNCTION public.note(token text) RETURNS void LANGUAGE sql AS 'INSERT INTO public.tokens VALUES (token)';
	CREATE FUNCTION public.served(input jsonb) RETURNS integer LANGUAGE sql AS 'SELECT 1';
	SELECT sfn.create_function('served', 'public.served(jsonb)'::regprocedure)});
machine($node, 'asks', states(Type => 'Task', Resource => 'arn:aws:states:::sql:call.waitForTaskToken', TimeoutSeconds => 2,
	Parameters => { Function => 'public.note', Args => { 'token.$' => '$$.Task.Token' } }), as => 'mallory');
machine($node, 'beats', states(Type => 'Task', Resource => 'arn:aws:states:::sql:call.waitForTaskToken', TimeoutSeconds => 1000, HeartbeatSeconds => 2,
	Parameters => { Function => 'public.note', Args => { 'token.$' => '$$.Task.Token' } }), as => 'mallory');
machine($node, 'acting', states(Type => 'Task', Resource => "$prefix:activity:acts", TimeoutSeconds => 2), as => 'mallory');
machine($node, 'parent', states(Type => 'Task', Resource => 'arn:aws:states:::states:startExecution',
	Parameters => { 'StateMachineArn.$' => '$.machine', 'Name.$' => '$.name', Input => {} }), as => 'mallory');
machine($node, 'sends', states(Type => 'Task', Resource => 'arn:aws:states:::sqs:sendMessage',
	Parameters => { 'QueueUrl.$' => '$.url', MessageBody => 'b', MessageGroupId => 'g', MessageDeduplicationId => 'd' }), as => 'mallory');
machine($node, 'publishes', states(Type => 'Task', Resource => 'arn:aws:states:::sns:publish',
	Parameters => { 'TopicArn.$' => '$.topic', Message => 'm' }), as => 'mallory');
machine($node, 'puts', states(Type => 'Task', Resource => 'arn:aws:states:::events:putEvents',
	Parameters => { Entries => [ { Source => 's', DetailType => 'd', Detail => { a => 1 }, 'EventBusName.$' => '$.bus' } ] }), as => 'mallory');
machine($node, 'serves', states(Type => 'Task', Resource => 'arn:aws:lambda:us-east-1:000000000000:function:served'), as => 'mallory');
machine($node, $_, states(Type => 'Map', Label => 'M', MaxConcurrency => 1, ItemsPath => '$.items', ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'P', States => { P => { Type => 'Wait', Seconds => 1, End => $end } } }), as => 'mallory') foreach 'maps', 'leaving';
done('mallory', q{SELECT sfn.publish_state_machine_version('passes'); SELECT sfn.create_state_machine_alias('live', '[{"stateMachineVersionArn": "passes:1", "weight": 100}]')});
done('mallory', qq{SELECT sfn.create_bus('watched'), sfn.create_rule('rule', '{"source": ["s"]}', 'passes', bus => 'watched'), sfn.create_archive('kept', NULL, 'watched')});
done('mallory', q{SELECT sfn.create_topic('told'), sfn.subscribe('told', 'arn:aws:sqs:us-east-1:000000000000:plain')});
done('mallory', q{SELECT sfn.create_queue('fed'), sfn.create_queue_trigger('fed', 'passes')});
my $url = done('mallory', q{SELECT queue_url FROM sfn.queues WHERE name = 'line.fifo'});

my $token = q{(SELECT task_token FROM sfn.pending_tasks WHERE execution_arn = :'e')};
my $pending = q{SELECT count(*) FROM sfn.pending_tasks WHERE execution_arn = :'e' AND task_token IS NOT NULL};

sub start { my ($machine, $input, $name) = @_; return "SELECT sfn.start_execution('$machine', " . sql_text(json($input // {})) . ($name ? ", '$name'" : '') . ')' }

# Name; what is begun and when it is ready; what is done in the open transaction; what others are to do about it then.
my @holds = (
	[ 'an answer of a task that times out', start('asks'), $pending, "SELECT sfn.send_task_success($token)" ],
	[ 'an answer of a task that is stopped', start('beats'), $pending, "SELECT sfn.send_task_success($token)", q{SELECT sfn.stop_execution(:'e')} ],
	[ 'a heartbeat', start('beats'), $pending, "SELECT sfn.send_task_heartbeat($token)" ],
	[ 'a task of an activity', start('acting'), q{SELECT count(*) FROM sfn.pending_tasks WHERE execution_arn = :'e'}, q{SELECT task_token FROM sfn.get_activity_task('acts', timeout => '1 s')} ],
	[ 'an activity that is deleted', undef, undef, q{SELECT sfn.delete_activity('acts')}, start('acting') ],
	[ 'the name of a child', undef, undef, start('waits', {}, 'child'), start('parent', { machine => "$prefix:stateMachine:waits", name => 'child' }) ],
	[ 'the machine of a child, updated', undef, undef, q{SELECT sfn.update_state_machine('updated', logging => '{"level": "ALL"}')}, start('parent', { machine => "$prefix:stateMachine:updated", name => 'c2' }) ],
	[ 'the machine of a child, deleted', undef, undef, q{SELECT sfn.delete_state_machine('deleted')}, start('parent', { machine => "$prefix:stateMachine:deleted", name => 'c3' }) ],
	[ 'the alias of a child', undef, undef, q{SELECT sfn.update_state_machine_alias('passes:live', description => 'x')}, start('parent', { machine => "$prefix:stateMachine:passes:live", name => 'c4' }) ],
	[ 'a machine that is deleted while an execution ends', start('leaving', { items => [ 1 ] }), q{SELECT count(*) FROM sfn.map_runs WHERE execution_arn = :'e'}, q{SELECT sfn.delete_state_machine('leaving')} ],
	[ 'a map run', start('maps', { items => [ 1, 2 ] }), q{SELECT count(*) FROM sfn.map_runs WHERE execution_arn = :'e'}, q{SELECT sfn.update_map_run((SELECT map_run_arn FROM sfn.map_runs WHERE execution_arn = :'e'), max_concurrency => 2)} ],
	[ 'an execution that is deleted', start('passes'), q{SELECT count(*) FROM sfn.executions WHERE execution_arn = :'e' AND status = 'SUCCEEDED'}, q{SELECT sfn.delete_execution(:'e')} ],
	[ 'a redrive', start('asks'), q{SELECT count(*) FROM sfn.executions WHERE execution_arn = :'e' AND status IN ('FAILED', 'TIMED_OUT')}, q{SELECT sfn.redrive_execution(:'e')}, q{SELECT sfn.stop_execution(:'e')} ],
	[ 'the group of a FIFO queue', undef, undef, q{SELECT sfn.send_message('line.fifo', 'x', message_group => 'g')}, start('sends', { url => $url }) ],
	[ 'the id of a message', undef, undef, q{SELECT sfn.send_message('line.fifo', 'x', message_group => 'g2', deduplication_id => 'd')}, start('sends', { url => $url }) ],
	[ 'a queue that is deleted', undef, undef, q{SELECT sfn.delete_queue('gone.fifo')}, start('sends', { url => $url =~ s/line/gone/r }) ],
	[ 'a topic that is deleted', undef, undef, q{SELECT sfn.delete_topic('news')}, start('publishes', { topic => "$topics:news" }) ],
	[ 'a subscription that ends', undef, undef, q{SELECT sfn.unsubscribe(subscription_arn) FROM sfn.subscriptions WHERE topic = 'told'}, start('publishes', { topic => "$topics:told" }) ],
	[ 'a bus that is deleted', undef, undef, q{SELECT sfn.drop_bus('own')}, start('puts', { bus => 'own' }) ],
	[ 'a rule and an archive that are deleted', undef, undef, q{SELECT sfn.drop_rule('watched/rule'); SELECT sfn.drop_archive('kept')}, start('puts', { bus => 'watched' }) ],
	[ 'a trigger of a queue that is disabled', undef, undef, q{SELECT sfn.disable_queue_trigger('fed')}, q{SELECT sfn.send_message('fed', 'x')} ],
	[ 'a start', undef, undef, start('passes'), start('passes') ],
	[ 'a function that is made anew', undef, undef, q{SELECT sfn.create_function('served', 'public.served(jsonb)'::regprocedure, alone => true)}, start('serves') ],
	);

# All at once, each in a session of its own.
my @sessions;
my @started;
foreach my $hold (@holds)
{
	my ($name, $begin, $ready, $held, $then) = @$hold;
	my $e = $hold->[5] = $begin ? done('mallory', $begin) : '';
	my $session = $node->background_psql('postgres', on_error_stop => 0, extra_params => [ '-U', 'mallory' ]);

	ok(wait_for($node, $ready =~ s/:'e'/'$e'/gr, '1', 20), "$name: is ready") if $ready;
	$session->query(q{BEGIN; SET LOCAL statement_timeout = '10s'});
	$session->query($held =~ s/:'e'/'$e'/gr);
	is($session->{stderr}, '', "$name: is held");
	push @sessions, $session;
}
foreach my $hold (grep { $_->[4] } @holds)
{
	my ($name, $begin, $ready, $held, $then, $e) = @$hold;
	# who calls may wait himself, which is his own affair
	my ($code, $out, $err) = as('mallory', "SET statement_timeout = '1s'; " . $then =~ s/:'e'/'$e'/gr);
	ok($code == 0 || $err =~ /statement timeout/, "$name: is met") or diag($err);
	push @started, $out if $code == 0 && $out =~ /:execution:/;
}

# When this one ends all time-outs have come.
machine($node, 'later', states(Type => 'Wait', Seconds => 3), as => 'bob');
is(run($node, 'later')->{status}, 'SUCCEEDED', 'executions of others go on');
my @runs = map { started($node, 'bobs') } 1 .. 20;
is(scalar(grep { end_of($node, $_, 20)->{status} eq 'SUCCEEDED' } @runs), 20, '... also later');
is($node->safe_psql('postgres', q{SELECT string_agg(a.query, E'\n') FROM pg_stat_activity a JOIN sfn.workers w USING (pid) WHERE w.worker = 'executor' AND a.wait_event_type = 'Lock'}),
	'', '... and what waits for a lock are helpers');

# Then everything comes to its end.
$_->query('ROLLBACK') foreach @sessions;
$_->quit foreach @sessions;
# A task of an activity has its time-out from when a worker takes it.
foreach my $execution (grep { !/:acting:/ } @started)
{
	my $end = end_of($node, $execution);
	ok($end->{status} =~ /SUCCEEDED|TIMED_OUT/ || ($end->{error} // '') eq 'States.Timeout', "$execution ends") or diag(json($end));
}

$node->stop;
done_testing();
