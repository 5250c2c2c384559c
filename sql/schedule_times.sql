-- When expressions for times are due: sfn.next_times() and sfn.parse_schedule().
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';

SELECT expression, (sfn.parse_schedule(expression)).*
FROM unnest(ARRAY['rate(5 minutes)', 'cron( 0  18 ? * mon-fri *)', '0 18 * * 1-5', 'at(2027-01-01T00:00:00)']) AS expression;

SELECT expression, ARRAY(SELECT sfn.next_times(expression, after => '2026-01-30 10:00', count => 3)) AS next
FROM unnest(ARRAY[
	'rate(1 day)', 'cron(0 18 ? * MON-FRI *)', 'cron(0/20 10 ? * 6L *)', 'cron(30 9 LW * ? *)', 'cron(0 0 29 2 ? *)', 'cron(0 0 1 1 ? 2026)',
	'0 18 * * 1-5', '0 0 13 * 5', '5 0 $ * *', 'at(2027-01-01T00:00:00)', 'at(2020-01-01T00:00:00)']) AS expression;

-- zones of the server: what the clock skips is not due, what it shows twice is due once
SELECT zone, ARRAY(SELECT sfn.next_times('cron(30 2 * * ? *)', zone, 3, after)) AS next
FROM (VALUES ('Europe/Berlin', timestamptz '2026-03-28 00:00'), ('Europe/Berlin', '2026-10-24 00:00'), ('America/New_York', '2026-03-07 00:00'),
	('America/New_York', '2026-10-31 00:00')) AS v(zone, after);
SELECT zone, ARRAY(SELECT sfn.next_times('15 0,1,2 * * *', zone, 4, after)) AS next
FROM (VALUES ('EET-2EEST,M4.5.5/0,M10.5.4/24', timestamptz '2026-04-23 20:00'), ('EET-2EEST,M4.5.5/0,M10.5.4/24', '2026-10-29 20:00'), ('Australia/Lord_Howe', '2026-10-03 14:00'),
	('Australia/Lord_Howe', '2026-04-04 14:00'), ('Asia/Kathmandu', '2026-01-01')) AS v(zone, after);
SELECT sfn.next_times('rate(12 hours)', 'Europe/Berlin', 3, '2026-03-28 20:00');

-- a fraction of a second, far away, and nothing asked
SELECT sfn.next_times('* * * * *', 'UTC', 2, '2026-01-01 00:00:59.999999');
SELECT sfn.next_times('* * * * *', 'UTC', 1, '1960-01-01');
SELECT sfn.next_times('* * * * *', 'UTC', 3, '2199-12-31 23:58');
SELECT count(*) FROM sfn.next_times('rate(1 minute)', 'UTC', 3, '200000-01-01');
SELECT count(*) FROM sfn.next_times(NULL);
SELECT count(*) FROM sfn.next_times('* * * * *', 'UTC', 1000);

-- what is wrong, and where
SELECT sfn.next_times('every day');
\echo :SQLSTATE
SELECT sfn.next_times('cron(0 18 * * 1-5)');
SELECT sfn.next_times('cron(0 18 * * MON *)');
SELECT sfn.next_times('cron(0 25 * * ? *)');
SELECT sfn.next_times('0 18 ? * 1-5');
SELECT sfn.next_times('rate(1 minutes)');
SELECT sfn.next_times('at(2026-02-30T00:00:00)');
SELECT sfn.next_times('äöü cron');
SELECT sfn.next_times('* * * * *', 'Europe/Atlantis');
SELECT sfn.next_times('* * * * *', count => 0);
SELECT sfn.next_times('* * * * *', after => 'infinity');
