-- The tour of make cluster: what a front shows of its shards.

\echo
\echo '1. The shards, and an even share of the names for each:'
\echo
SELECT sfn_proxy.rebalance(1024) AS moved;
SELECT shard, state, slots FROM sfn_proxy.shards;
\echo '2. A machine, made by an ordinary role in the front, is on all of them:'
\echo
SET ROLE shopkeeper;
SELECT sfn.create_state_machine('order', '{"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "Next": "Pause"},
	"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Send"}, "Send": {"Type": "Pass", "Result": "sent", "End": true}}}');
\echo '3. Executions spread: without a name anywhere, with one by the name.'
\echo
SELECT sfn.start_execution('order', name => 'order-' || n) FROM generate_series(1, 3) n;
SELECT sfn.start_execution('order') FROM generate_series(1, 3);
SELECT 'order-' || n AS name, sfn_proxy.shard_of('order-' || n) AS shard FROM generate_series(1, 3) n;
\echo '4. Whoever asks need not know where:'
\echo
SELECT n, sfn.wait_for_execution('order/order-' || n) AS status FROM generate_series(1, 3) n;
