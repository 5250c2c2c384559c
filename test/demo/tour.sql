--
-- tour.sql
--   Places orders, approves one, and shows what became of them.
--
\pset border 2
\pset linestyle unicode
\pset footer off
\pset null '-'
\timing off

\echo
\echo '1. The machine "order" is an Amazon States Language definition (test/demo/order.asl.json): its tasks are SQL functions, a call of'
\echo '   a payment service over HTTP, and a question to the manager.  A trigger on shop.orders starts it.  So placing an order is an'
\echo '   INSERT, and nothing else:'
\echo
\echo '   BEGIN;'
\echo '   INSERT INTO shop.orders (customer, sku, quantity) VALUES (''alice'', ''teapot'', 5), (''bob'', ''kettle'', 1), (''carol'', ''kettle'', 50);'
\echo '   COMMIT;'
\echo '   BEGIN;'
\echo '   INSERT INTO shop.orders (customer, sku, quantity) VALUES (''carol'', ''teapot'', 1);'
\echo '   ROLLBACK;                           -- no order, and so no execution'
\echo
BEGIN;
INSERT INTO shop.orders (customer, sku, quantity) VALUES ('alice', 'teapot', 5), ('bob', 'kettle', 1), ('carol', 'kettle', 50);
COMMIT;
BEGIN;
INSERT INTO shop.orders (customer, sku, quantity) VALUES ('carol', 'teapot', 1);
ROLLBACK;

DO $$
BEGIN
	FOR tries IN 1 .. 600 LOOP
		EXIT WHEN EXISTS (SELECT FROM sfn.pending_tasks WHERE waits_for = 'a callback');
		PERFORM pg_sleep(0.05);
	END LOOP;
END $$;

\echo '2. Alice''s order is for more than 100, so it waits for an answer with a token (.waitForTaskToken), as long as it takes:'
\echo
SELECT state, waits_for, to_char(since, 'HH24:MI:SS') AS since, timeout_at - since AS "for at most" FROM sfn.pending_tasks
WHERE waits_for = 'a callback';
\echo '   The token is in the table shop.approval, which the role "manager" was GRANTed to read.  The manager logs in and answers:'
\echo
\echo '   SELECT sfn.send_task_success(task_token, ''{"approved_by": "manager"}'') FROM shop.approval WHERE order_id = 1;'
\echo
\c - manager
\o /dev/null
SELECT sfn.send_task_success(task_token, '{"approved_by": "manager"}') FROM shop.approval WHERE order_id = 1;
\c - shopkeeper
SELECT format('SELECT sfn.wait_for_execution(%L, ''30 s'')', execution_arn) FROM sfn.executions \gexec
\o

\echo '3. What the executions came to.  The payment service was busy at first (503, Retry-After: 2) and was tried again; bob had not'
\echo '   enough money (402), so a Catch put his kettle back on the shelf; fifty kettles for carol were never there.'
\echo
SELECT input -> 'new' ->> 'customer' AS customer, status,
	round(extract(epoch FROM stop_date - start_date) * 1000) AS ms, error, cause
FROM sfn.executions ORDER BY start_date, execution_arn;

\echo
\echo '4. What they did to the shop: each task''s effect committed together with the step that made it, exactly once.'
\echo
SELECT o.id, o.customer, o.quantity, o.sku, o.status, p.label AS parcel, p.receipt
FROM shop.orders o LEFT JOIN shop.parcel p ON p.order_id = o.id ORDER BY o.id;
SELECT sku, stock FROM shop.product ORDER BY sku;

\echo
\echo '5. Alice''s order, event by event, as AWS Step Functions writes it down (sfn.history):'
\echo
SELECT execution_arn AS alice FROM sfn.executions WHERE input -> 'new' ->> 'customer' = 'alice' \gset
SELECT id, round(extract(epoch FROM timestamp - first_value(timestamp) OVER (ORDER BY id)) * 1000) AS ms, type,
	coalesce(details ->> 'name', details ->> 'error', details ->> 'resource') AS "state, error or resource"
FROM sfn.history WHERE execution_arn = :'alice' ORDER BY id;

\echo
\echo '6. The machine as a Mermaid graph (sfn.graph; paste it into any Markdown page):'
\echo
\pset format unaligned
\pset tuples_only on
SELECT sfn.graph('order');
\pset format aligned
\pset tuples_only off
