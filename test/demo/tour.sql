--
-- tour.sql
--   Places orders and shows what became of them.
--
\pset border 2
\pset linestyle unicode
\pset footer off
\pset null '-'
\timing off

\echo
\echo '1. The machine "order" is an Amazon States Language definition (test/demo/order.asl.json) whose tasks are SQL functions.'
\echo '   A trigger on shop.orders starts it.  So placing an order is an INSERT, and nothing else:'
\echo
\echo '   BEGIN;'
\echo '   INSERT INTO shop.orders (customer, sku, quantity) VALUES (''alice'', ''teapot'', 2), (''bob'', ''kettle'', 1), (''carol'', ''kettle'', 50);'
\echo '   COMMIT;'
\echo '   BEGIN;'
\echo '   INSERT INTO shop.orders (customer, sku, quantity) VALUES (''carol'', ''teapot'', 1);'
\echo '   ROLLBACK;                           -- no order, and so no execution'
\echo
BEGIN;
INSERT INTO shop.orders (customer, sku, quantity) VALUES ('alice', 'teapot', 2), ('bob', 'kettle', 1), ('carol', 'kettle', 50);
COMMIT;
BEGIN;
INSERT INTO shop.orders (customer, sku, quantity) VALUES ('carol', 'teapot', 1);
ROLLBACK;

\o /dev/null
SELECT format('SELECT sfn.wait_for_execution(%L, ''30 s'')', execution_arn) FROM sfn.executions \gexec
\o

\echo '2. What the executions came to.  Alice''s card terminal was busy twice and was tried again; bob had not enough money,'
\echo '   so his kettle went back on the shelf; fifty kettles for carol were never there.'
\echo
SELECT input -> 'new' ->> 'customer' AS customer, status,
	round(extract(epoch FROM stop_date - start_date) * 1000) AS ms, error, cause
FROM sfn.executions ORDER BY start_date, execution_arn;

\echo
\echo '3. What they did to the shop: each task''s effect committed together with the step that made it, exactly once.'
\echo
SELECT o.id, o.customer, o.quantity, o.sku, o.status, p.label AS parcel
FROM shop.orders o LEFT JOIN shop.parcel p ON p.order_id = o.id ORDER BY o.id;
SELECT sku, stock FROM shop.product ORDER BY sku;
SELECT customer, balance FROM shop.account ORDER BY customer;

\echo
\echo '4. Alice''s order, event by event, as AWS Step Functions writes it down (sfn.history):'
\echo
SELECT execution_arn AS alice FROM sfn.executions WHERE input -> 'new' ->> 'customer' = 'alice' \gset
SELECT id, round(extract(epoch FROM timestamp - first_value(timestamp) OVER (ORDER BY id)) * 1000) AS ms, type,
	coalesce(details ->> 'name', details ->> 'error') AS "state or error"
FROM sfn.history WHERE execution_arn = :'alice' ORDER BY id;

\echo
\echo '5. The machine as a Mermaid graph (sfn.graph; paste it into any Markdown page):'
\echo
\pset format unaligned
\pset tuples_only on
SELECT sfn.graph('order');
\pset format aligned
\pset tuples_only off
