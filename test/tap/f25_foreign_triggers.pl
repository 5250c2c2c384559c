
# F25: an administrator hangs triggers, foreign keys, columns and defaults on our tables.  What is harmless disturbs nobody;
# what fails for one execution is that one's problem.

use strict;
use warnings;

use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use SfnMachine;
use SfnTest;
use SfnWorkers;

my $node = sfn_node('triggers', conf => "sfn.max_workers = 2\n");
my $end = JSON::PP::true;
my $arn = 'arn:aws:states:us-east-1:000000000000:execution';

machine($node, 'maps', { StartAt => 'M', States => { M => { Type => 'Map', ItemsPath => '$.items', End => $end,
	ItemProcessor => { StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, End => $end } } } } } });
machine($node, 'pass', { StartAt => 'P', States => { P => { Type => 'Pass', End => $end } } });

sub moves_on
{
	my ($what) = @_;

	$node->safe_psql('postgres', q{TRUNCATE sfn.execution, sfn.history_chunk, sfn.branch, sfn.inbox CASCADE});
	$node->safe_psql('postgres', q{SELECT sfn.start_executions('maps', array_fill('{"items": [1, 2]}'::json, ARRAY[5]))});
	$node->safe_psql('postgres', q{SELECT sfn.start_execution('maps', '{"items": [3]}', 'one')});
	ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '6'), "$what: executions end");
	is($node->safe_psql('postgres', "SELECT count(*) FROM sfn.get_execution_history('$arn:maps:one')") > 8, 1, "$what: with their histories");
	return;
}

#
# Harmless: triggers that copy, a foreign key, columns, defaults, column order, indexes.
#
$node->safe_psql('postgres', q{
	CREATE TABLE copy (id bigint);
	CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.copy VALUES (NEW.id); RETURN NEW; END$$;
	CREATE TRIGGER copy AFTER INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION copy();
	CREATE TABLE heard (what text);
	CREATE FUNCTION heard() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.heard VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END$$;
	CREATE TRIGGER heard AFTER UPDATE OR INSERT ON sfn.execution FOR EACH STATEMENT EXECUTE FUNCTION heard();
	CREATE TRIGGER heard AFTER INSERT OR DELETE ON sfn.inbox FOR EACH STATEMENT EXECUTE FUNCTION heard();
	CREATE TABLE note (execution bigint REFERENCES sfn.execution (id));
	ALTER TABLE sfn.execution ADD COLUMN label text DEFAULT 'x';
	ALTER TABLE sfn.execution ALTER COLUMN redrive_count SET DEFAULT 0;
	ALTER TABLE sfn.history_chunk ADD COLUMN seen timestamptz DEFAULT clock_timestamp();
	ALTER TABLE sfn.inbox ADD COLUMN note text;
	CREATE INDEX ON sfn.execution (start_date);
});
moves_on('with triggers, a foreign key and columns');
is($node->safe_psql('postgres', 'SELECT count(*) FROM copy'), '6', 'row triggers have fired');
is($node->safe_psql('postgres', 'SELECT string_agg(DISTINCT what, $$, $$ ORDER BY what) FROM heard'), 'DELETE inbox, INSERT execution, INSERT inbox, UPDATE execution', 'and those of statements');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.execution WHERE label = 'x'}), '6', 'defaults are filled in');

# ids that come from elsewhere: the identity's sequence is moved, and then has an increment
$node->safe_psql('postgres', 'ALTER TABLE sfn.execution ALTER COLUMN id SET INCREMENT BY 10 RESTART WITH 5000000');
moves_on('with ids that go up by ten');
is($node->safe_psql('postgres', 'SELECT count(*), min(id) >= 5000000, max(id) - min(id) FROM sfn.execution'), '6|t|50', 'they do');
$node->safe_psql('postgres', 'ALTER TABLE sfn.execution ALTER COLUMN id SET INCREMENT BY 1');
$node->safe_psql('postgres', q{DROP TRIGGER heard ON sfn.execution; DROP TRIGGER heard ON sfn.inbox; DROP TRIGGER copy ON sfn.execution});

#
# A trigger that refuses an execution: its turns fail, those of the others do not.
#
$node->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN IF NEW.name = 'refused' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END$$;
	CREATE TRIGGER refuse BEFORE UPDATE ON sfn.execution FOR EACH ROW WHEN (NEW.status <> 1) EXECUTE FUNCTION refuse()});
$node->safe_psql('postgres', q{SELECT sfn.start_execution('pass', '{}', n) FROM unnest(ARRAY['before', 'refused', 'after']) n});
ok(wait_for($node, q{SELECT string_agg(name, ' ' ORDER BY name) FROM sfn.executions WHERE state_machine = 'pass' AND status = 'SUCCEEDED'}, 'after before'), 'the others end');
ok(wait_for($node, q{SELECT name, status, quarantine_reason ~ 'not this one' FROM sfn.executions WHERE quarantined_at IS NOT NULL}, 'refused|RUNNING|t', 60),
	'the refused one is out of the way, and says why');
is(run($node, 'pass')->{status}, 'SUCCEEDED', 'further ones run');
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON sfn.execution');
$node->safe_psql('postgres', "SELECT sfn.release_execution('$arn:pass:refused')");
is(end_of($node, "$arn:pass:refused")->{status}, 'SUCCEEDED', 'without the trigger it ends when released');

#
# A trigger that refuses a start is the caller's error.
#
$node->safe_psql('postgres', q{CREATE TRIGGER refuse BEFORE INSERT ON sfn.execution FOR EACH ROW EXECUTE FUNCTION refuse()});
my (undef, undef, $err) = $node->psql('postgres', q{DELETE FROM sfn.execution WHERE name = 'refused'; SELECT sfn.start_execution('pass', '{}', 'refused')});
like($err, qr/not this one/, 'a start that a trigger refuses fails');
is($node->safe_psql('postgres', q{SELECT count(*) FROM sfn.inbox}), '0', 'and leaves nothing');
$node->safe_psql('postgres', q{DROP TRIGGER refuse ON sfn.execution});

#
# A foreign key that refuses deletion: retention goes round it.
#
$node->safe_psql('postgres', q{TRUNCATE sfn.execution, sfn.history_chunk, sfn.branch, sfn.inbox CASCADE});
$node->safe_psql('postgres', q{SELECT sfn.start_executions('pass', array_fill('{}'::json, ARRAY[40])); SELECT sfn.start_execution('pass', '{}', 'noted')});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '41'), 'executions have ended');
$node->safe_psql('postgres', q{INSERT INTO note SELECT id FROM sfn.execution WHERE name = 'noted'});
$node->safe_psql('postgres', q{SELECT sfn.start_executions('pass', array_fill('{}'::json, ARRAY[40]))});
ok(wait_for($node, q{SELECT count(*) FROM sfn.executions WHERE status = 'SUCCEEDED'}, '81'), 'and some more');
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET sfn.history_retention = 0});
ok(wait_for($node, q{SELECT count(*), min(name) FROM sfn.executions}, '1|noted'), 'all are deleted but the one that is referred to');
cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM sfn.get_execution_history('$arn:pass:noted')"), '>', 0, 'which keeps its history');
my $complaints = () = slurp_file($node->logfile) =~ /sfn executor ERROR:.*violates foreign key/g;
cmp_ok($complaints, '<=', 3, 'the log does not fill up with it');
is(run($node, 'pass')->{status}, 'SUCCEEDED', 'executions run');
unlike(slurp_file($node->logfile), qr/PANIC|was terminated by signal/, 'no crash');

$node->stop;
done_testing();
