-- Archives keep events of a bus; replays put them again.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET sfn.test_now = '2026-01-01 00:00:00+00';
CREATE TABLE public.told (event json);
CREATE FUNCTION public.tell(event json) RETURNS text LANGUAGE sql AS $$ INSERT INTO public.told VALUES (event); SELECT 'ok' $$;
SELECT sfn.create_state_machine('archived', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;

-- nothing is kept where no archive matches, and what matches is, whether or not a rule does
SELECT sfn.create_archive('shop', '{"source": ["shop"]}', retention => '30 days', description => 'orders');
SELECT sfn.create_archive('ended', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"]}}');
SELECT sfn.put_event('other', 'order', '{"n": 0}') IS NOT NULL AS put;
SELECT sfn.put_event('shop', 'order', json_build_object('n', n), "time" => '2026-01-01'::timestamptz + n * interval '1 minute') IS NOT NULL AS put FROM generate_series(1, 3) n;
SELECT sfn.start_execution('archived', '{"secret": 1}', 'one') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT archive, "time", event -> 'detail' ->> 'n' AS n, event -> 'detail' ->> 'name' AS name, event -> 'detail' ->> 'status' AS status FROM sfn.archived_events ORDER BY 1, 2;
SELECT name, bus, owner = current_user::regrole AS mine, pattern, retention, description, events FROM sfn.event_archives ORDER BY 1;
SELECT sfn.update_archive('shop', retention => '90 days');
SELECT sfn.update_archive('shop', description => 'all orders');
SELECT retention, description, pattern FROM sfn.event_archives WHERE name = 'shop';

-- a replay puts them in their order, for rules that were made since, too; they say whose they are, and are not kept again
SELECT sfn.create_rule('late', '{"source": ["shop"]}', 'sql:public.tell') IS NOT NULL AS made;
SELECT sfn.create_rule('replayed', '{"replay-name": ["march"]}', 'sql:public.tell', input_path => '$.detail.n') IS NOT NULL AS made;
SELECT sfn.create_rule('not-replayed', '{"source": ["shop"], "replay-name": [{"exists": false}]}', 'sql:public.tell') IS NOT NULL AS made;
SELECT sfn.start_replay('march', 'shop', '2026-01-01 00:01', '2026-01-01 00:02', description => 'two of them');
SELECT name, archive, "from", "to", rules, state, replayed, last_time, end_date IS NULL AS runs FROM sfn.event_replays;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event ->> 'replay-name' AS replay, event -> 'detail' AS detail, event ->> 'time' AS "time" FROM public.told WHERE json_typeof(event) = 'object' ORDER BY event ->> 'time';
SELECT event FROM public.told WHERE json_typeof(event) = 'number' ORDER BY event::text;
SELECT name, state, replayed, last_time, end_date IS NULL AS runs FROM sfn.event_replays;
SELECT events FROM sfn.event_archives WHERE name = 'shop';

-- for some rules only
TRUNCATE public.told;
SELECT sfn.start_replay('april', 'shop', '2025-01-01', rules => '{late}') IS NOT NULL AS started;
SELECT rules FROM sfn.event_replays WHERE name = 'april';
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*), count(DISTINCT event ->> 'id') FROM public.told;

-- one that is cancelled before it has begun puts nothing
TRUNCATE public.told;
SELECT sfn.start_replay('may', 'shop', '2025-01-01') IS NOT NULL AS started;
SELECT sfn.cancel_replay('may');
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT state, replayed FROM sfn.event_replays WHERE name = 'may';
SELECT sfn.cancel_replay('may');

-- more than a part, and what a target puts meanwhile is not replayed
SELECT count(sfn.put_event('shop', 'bulk', json_build_object('n', n))) FROM generate_series(1, 250) n;
SELECT sfn.run_until_idle() > 0 AS ran;
TRUNCATE public.told;
CREATE FUNCTION public.put_more(event json) RETURNS text LANGUAGE sql AS $$ SELECT sfn.put_event('shop', 'more', '{"n": -1}')::text $$;
SELECT sfn.create_rule('more', '{"detail-type": ["bulk"], "replay-name": ["all"]}', 'sql:public.put_more') IS NOT NULL AS made;
SELECT sfn.start_replay('all', 'shop', '2025-01-01', '2027-01-01') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT state, replayed FROM sfn.event_replays WHERE name = 'all';
SELECT count(*) FROM public.told WHERE event ->> 'replay-name' = 'all' AND event ->> 'detail-type' = 'bulk';
SELECT events FROM sfn.event_archives WHERE name = 'shop';

-- what is wrong is said
SELECT sfn.create_archive('shop');
SELECT sfn.create_archive('', '{"source": ["a"]}');
SELECT sfn.create_archive(repeat('x', 49));
SELECT sfn.create_archive('x', '{"source": "a"}');
SELECT sfn.create_archive('x', bus => 'nowhere');
SELECT sfn.create_archive('x', retention => '-1 day');
-- ... nor so long that it ends before there were moments
SELECT sfn.create_archive('x', retention => '1000001 days');
SELECT sfn.create_archive('x', retention => '178000000 years');
SELECT sfn.events_api('CreateArchive', '{"ArchiveName": "x", "EventSourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/default", "RetentionDays": 213503983}');
SELECT sfn.create_archive('x', retention => '1000000 days') IS NOT NULL AS made;
SELECT sfn.drop_archive('x');
SELECT sfn.update_archive('nobody');
SELECT sfn.drop_archive('nobody');
SELECT sfn.start_replay('all', 'shop', '2025-01-01');
SELECT sfn.start_replay('x', 'nobody', '2025-01-01');
SELECT sfn.start_replay('x', 'shop', '2026-01-01', '2026-01-01');
SELECT sfn.start_replay('x', 'shop', '-infinity');
SELECT sfn.start_replay('x', 'shop', '2025-01-01', rules => '{nobody}');
SELECT sfn.cancel_replay('nobody');
SELECT sfn.create_bus('kept');
SELECT sfn.create_archive('of-kept', bus => 'kept');
SELECT sfn.create_rule('elsewhere', '{"source": ["a"]}', bus => 'kept') IS NOT NULL AS made;
SELECT sfn.start_replay('x', 'shop', '2025-01-01', rules => '{kept/elsewhere}');
SELECT sfn.drop_rule('kept/elsewhere');
SELECT sfn.drop_bus('kept');
SELECT sfn.drop_archive('of-kept');
SELECT sfn.drop_bus('kept');
SELECT sfn.create_topic('news') IS NOT NULL AS made;
SELECT sfn.create_archive('x', bus => 'topic/news');
SELECT sfn.delete_topic('news');

-- rights: an archive keeps what its owner may see, with data only if he may read it, and a replay tells no more
CREATE ROLE regress_keeper;
GRANT USAGE ON SCHEMA public TO regress_keeper;
GRANT INSERT ON public.told TO regress_keeper;
TRUNCATE public.told;
SET ROLE regress_keeper;
SELECT sfn.create_archive('mine');
SELECT sfn.drop_archive('shop');
SELECT sfn.start_replay('theirs', 'shop', '2025-01-01');
SELECT sfn.cancel_replay('all');
SELECT count(*) FROM sfn.event_archives;
SELECT count(*) FROM sfn.event_replays;
SELECT sfn.create_rule('mine', '{"replay-name": ["again"]}', 'sql:public.tell') IS NOT NULL AS made;
RESET ROLE;
SELECT sfn.grant_state_machine('archived', 'regress_keeper', 'see') IS NULL AS given;
SELECT sfn.put_event('shop', 'order', '{"n": 4}') IS NOT NULL AS put;
SELECT sfn.start_execution('archived', '{"secret": 2}', 'two') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT archive, event -> 'detail' ->> 'name' AS name, event -> 'detail' ->> 'status' AS status, event -> 'detail' ->> 'input' AS input FROM sfn.archived_events
WHERE event -> 'detail' ->> 'name' = 'two' ORDER BY 1, 3;
SELECT count(*) FROM sfn.archived_events WHERE archive = 'mine';
TRUNCATE public.told;
SELECT sfn.start_replay('again', 'ended', '2025-01-01', '2027-01-01') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT event -> 'detail' ->> 'name' AS name, event -> 'detail' ->> 'input' AS input, event -> 'detail' -> 'inputDetails' AS details FROM public.told ORDER BY 1;
TRUNCATE public.told;
SELECT sfn.revoke_state_machine('archived', 'regress_keeper', 'see') IS NULL AS taken;
SELECT sfn.start_replay('again-2', 'ended', '2025-01-01', '2027-01-01') IS NOT NULL AS started;
SELECT sfn.run_until_idle() > 0 AS ran;
SELECT count(*) FROM public.told;

-- what roles own
SELECT kind, name FROM sfn.owned_objects WHERE owner = 'regress_keeper'::regrole ORDER BY 1, 2;
DROP ROLE regress_keeper;
SELECT sfn.reassign('regress_keeper', current_user::regrole) > 0 AS handed_over;
SELECT name, owner = current_user::regrole AS mine FROM sfn.event_archives ORDER BY 1;
DROP OWNED BY regress_keeper;
DROP ROLE regress_keeper;

-- how many they have is counted as they come, each transaction for itself, and by nothing that is taken back
BEGIN;
SELECT sfn.put_event('shop', 'order', '{"n": 5}') IS NOT NULL AS put;
SELECT events FROM sfn.event_archives WHERE name = 'shop';
SAVEPOINT one;
SELECT sfn.put_event('shop', 'order', '{"n": 6}') IS NOT NULL AS put;
ROLLBACK TO one;
SELECT events FROM sfn.event_archives WHERE name = 'shop';
ROLLBACK;
SELECT events FROM sfn.event_archives WHERE name = 'shop';
SELECT a.name, c.events = k.events AS events, c.bytes = k.bytes AS bytes, (sfn.events_api('DescribeArchive', json_build_object('ArchiveName', a.name)) ->> 'SizeBytes')::bigint = k.bytes AS size
FROM sfn.event_archive a
	CROSS JOIN LATERAL (SELECT count(*) AS events, sum(octet_length(e.event::text)) AS bytes FROM sfn.archived_event e WHERE e.archive_id = a.id) k
	CROSS JOIN LATERAL (SELECT sum(c.events) AS events, sum(c.bytes) AS bytes FROM sfn.archive_count c WHERE c.archive_id = a.id) c
ORDER BY 1;

SELECT sfn.drop_archive(name) FROM sfn.event_archives;
SELECT count(*) FROM sfn.archive_count;
SELECT (SELECT count(*) FROM sfn.archived_event) AS events, (SELECT count(*) FROM sfn.event_replay) AS replays;
SELECT sfn.drop_rule(name) FROM sfn.event_rules;
SELECT sfn.delete_state_machine('archived');
DROP FUNCTION public.tell(json), public.put_more(json);
DROP TABLE public.told;
