-- Schedules on the clocks of zones whose summer time is odd, from 1970 to 2199: around each change of a clock every next time is
-- that of a reference, which looks at each minute that may be due and asks the server what the clock shows then.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- windows of all years until 2030, then of some: two days before a change that is seen at midnight, and one behind it
CREATE TEMP TABLE changes AS
	SELECT zone, day - interval '2 days' AS since, day + interval '1 day' AS until
	FROM unnest('{Australia/Lord_Howe,America/Sao_Paulo,Africa/Casablanca,Pacific/Apia,Asia/Kathmandu,Africa/Cairo,Europe/Dublin,America/Nuuk,Antarctica/Troll,Pacific/Kwajalein}'::text[]) AS zone,
		LATERAL (SELECT day, timezone(zone, day) - timezone('UTC', day) AS away, lag(timezone(zone, day) - timezone('UTC', day)) OVER (ORDER BY day) AS before
			FROM generate_series(timestamptz '1970-01-05', '2199-12-25', '1 day') AS day) d
	WHERE away <> before AND (day < '2030-01-01' OR extract(year FROM day)::int % 20 IN (7, 8));
CREATE TEMP TABLE clocks AS
	SELECT zone, since, until, moment, clock, row_number() OVER (PARTITION BY zone, since, clock ORDER BY moment) = 1 AS is_first
	FROM (SELECT c.*, moment, timezone(zone, moment) AS clock FROM changes c, generate_series(since - interval '1 day', until, '5 minutes') AS moment) x;

-- each with what it means to the reference
CREATE TEMP TABLE expressions (expression text, condition text);
INSERT INTO expressions VALUES
	('cron(0/15 * * * ? *)', 'extract(minute FROM clock)::int % 15 = 0'),
	('*/20 * * * *', 'extract(minute FROM clock)::int % 20 = 0'),
	('cron(30 2 * * ? *)', 'clock::time = ''02:30'''),
	('cron(0 0 * * ? *)', 'clock::time = ''00:00'''),
	('45 23,0,1,2,3 * * *', 'extract(minute FROM clock) = 45 AND extract(hour FROM clock) IN (23, 0, 1, 2, 3)'),
	('cron(5 1 ? * SUN *)', 'clock::time = ''01:05'' AND extract(dow FROM clock) = 0'),
	('cron(0 12 L * ? *)', 'clock::time = ''12:00'' AND extract(day FROM clock + interval ''1 day'') = 1'),
	('cron(10 0-3 30 DEC ? *)', 'extract(minute FROM clock) = 10 AND extract(hour FROM clock) <= 3 AND to_char(clock, ''MM-DD'') = ''12-30''');
CREATE TEMP TABLE due (expression text, zone text, since timestamptz, moment timestamptz, is_found boolean);
DO $$
DECLARE
	e record;
BEGIN
	FOR e IN SELECT * FROM expressions LOOP
		EXECUTE format('INSERT INTO due SELECT %L, zone, since, moment, false FROM clocks WHERE is_first AND moment > since AND (%s)', e.expression, e.condition);
		INSERT INTO due SELECT e.expression, zone, since, n.moment, true FROM changes c, LATERAL sfn.next_times(e.expression, zone, 300, since) AS n (moment) WHERE n.moment <= until;
	END LOOP;
END $$;
SELECT zone, count(*) > 1000 AS are_many, count(*) FILTER (WHERE is_found) - count(*) FILTER (WHERE NOT is_found) AS more
FROM due GROUP BY 1 ORDER BY 1;
SELECT expression, zone, moment, count(*), bool_or(is_found) AS is_found FROM due GROUP BY 1, 2, since, 3 HAVING count(*) <> 2 ORDER BY 1, 2, 3 LIMIT 20;

-- the day that Samoa left out, and Lord Howe's half hours
SELECT sfn.next_times('cron(0 0 * * ? *)', 'Pacific/Apia', 3, '2011-12-28 12:00+00');
SELECT sfn.next_times('at(2011-12-30T12:00:00)', 'Pacific/Apia', 3, '2011-12-28 12:00+00');
SELECT sfn.next_times('cron(0/15 2 ? * SUN *)', 'Australia/Lord_Howe', 4, '2025-10-04 10:00+00');
SELECT sfn.next_times('cron(0/15 1 ? * SUN *)', 'Australia/Lord_Howe', 4, '2026-04-04 10:00+00');
SELECT sfn.next_times('at(2026-04-05T01:45:00)', 'Australia/Lord_Howe', 2, '2026-01-01');
