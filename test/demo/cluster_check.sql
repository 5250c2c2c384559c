-- 300 starts, half of them by name; each ends once, on some shard, and all shards have some.
SET ROLE shopkeeper;
CREATE TEMPORARY TABLE started (execution_arn text);
SET sfn_proxy.in_transaction = 'allow';
INSERT INTO started SELECT sfn.start_execution('order', '{}', CASE WHEN n % 2 = 0 THEN 'check-' || n END) FROM generate_series(1, 300) n;
CREATE TEMPORARY TABLE ended AS
SELECT e.execution_arn, sfn.wait_for_execution(e.execution_arn, '2 min') AS status,
	(SELECT count(*) FROM sfn.get_execution_history(e.execution_arn) h WHERE h.type = 'ExecutionSucceeded') AS ends,
	(SELECT s FROM sfn_proxy.shards_of_execution(e.execution_arn) s LIMIT 1) AS shard
FROM started e;
SELECT format('%s started, %s ended once, %s of %s shards: %s', (SELECT count(DISTINCT execution_arn) FROM started),
	count(*) FILTER (WHERE status = 'SUCCEEDED' AND ends = 1), count(DISTINCT shard), (SELECT count(DISTINCT sfn_proxy.shard_of(n::text)) FROM generate_series(1, 1000) n),
	(SELECT string_agg(n::text, ' ' ORDER BY shard) FROM (SELECT shard, count(*) AS n FROM ended GROUP BY shard) s))
FROM ended;
