-- Task: SQL functions as the work of a state.
SET sfn.test_now = '2026-01-01 00:00:00+00';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
CREATE SCHEMA shop;
CREATE TABLE shop.shipment (id int GENERATED ALWAYS AS IDENTITY, order_id int, carrier text);

-- one json parameter: the whole input
CREATE FUNCTION shop.total(cart jsonb) RETURNS numeric LANGUAGE sql
	RETURN (SELECT sum((item->>'price')::numeric * (item->>'quantity')::int) FROM jsonb_array_elements(cart->'items') item);
-- named parameters: members of the input
CREATE FUNCTION shop.ship(order_id int, carrier text DEFAULT 'post') RETURNS shop.shipment LANGUAGE sql
	BEGIN ATOMIC INSERT INTO shop.shipment (order_id, carrier) VALUES (ship.order_id, ship.carrier) RETURNING *; END;
CREATE FUNCTION shop.nothing(x json) RETURNS void LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
CREATE FUNCTION shop.many(x json) RETURNS SETOF int LANGUAGE sql RETURN generate_series(1, 3);
CREATE FUNCTION shop.pair(x json, OUT a int, OUT b text) LANGUAGE sql RETURN ROW(1, 'one'::text);
CREATE FUNCTION shop.rows(x json) RETURNS TABLE (n int, square int) LANGUAGE sql BEGIN ATOMIC SELECT n, n * n FROM generate_series(1, 2) n; END;
CREATE FUNCTION shop.refuse(x jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'no stock for %', x->>'sku' USING ERRCODE = 'P0002', DETAIL = 'the shelf is empty', HINT = 'order more';
END $$;
CREATE FUNCTION shop.divide(a int, b int) RETURNS int LANGUAGE sql RETURN a / b;
CREATE FUNCTION shop.lambda_error(event jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'failed' USING DETAIL = '{"errorType": "StockError", "errorMessage": "no stock"}';
END $$;

CREATE FUNCTION shop.echo(event jsonb) RETURNS jsonb LANGUAGE sql RETURN event;

CREATE FUNCTION task_machine(name text, resource text, rest jsonb DEFAULT '{}') RETURNS boolean LANGUAGE sql AS $$
	SELECT sfn.create_state_machine(name, jsonb_build_object('StartAt', 'T', 'States', jsonb_build_object('T',
		jsonb_build_object('Type', 'Task', 'Resource', resource, 'End', true) || rest))) IS NOT NULL $$;

SELECT task_machine('task_total', 'sql:shop.total'), task_machine('task_ship', 'sql:shop.ship'),
	task_machine('task_nothing', 'sql:shop.nothing'), task_machine('task_many', 'sql:shop.many'),
	task_machine('task_pair', 'sql:shop.pair'), task_machine('task_rows', 'sql:shop.rows'),
	task_machine('task_refuse', 'sql:shop.refuse'), task_machine('task_divide', 'sql:shop.divide'),
	task_machine('task_missing', 'sql:shop.nobody'), task_machine('task_paths', 'sql:shop.total',
		'{"InputPath": "$.cart", "ResultSelector": {"eur.$": "$"}, "ResultPath": "$.total"}');
SELECT task_machine('task_call', 'arn:aws:states:::sql:call', '{"Parameters": {"Function": "shop.divide", "Args": {"a.$": "$.a", "b": 2}}}'),
	task_machine('task_query', 'arn:aws:states:::sql:query', '{"Parameters": {"Query": "SELECT order_id, carrier FROM shop.shipment WHERE order_id = $1", "Args.$": "States.Array($.id)"}}'),
	task_machine('task_lambda', 'arn:aws:lambda:us-east-1:000000000000:function:price'),
	task_machine('task_invoke', 'arn:aws:states:::lambda:invoke', '{"Parameters": {"FunctionName": "price", "Payload.$": "$"}, "OutputPath": "$.Payload"}'),
	task_machine('task_null_payload', 'arn:aws:states:::lambda:invoke', '{"Parameters": {"FunctionName": "echo", "Payload": null}, "OutputPath": "$.Payload"}'),
	task_machine('task_log_tail', 'arn:aws:states:::lambda:invoke', '{"Parameters": {"FunctionName": "echo", "LogType": "Tail"},
		"ResultSelector": {"payload.$": "$.Payload", "begin.$": "States.ArrayGetItem(States.StringSplit(States.Base64Decode($.LogResult), '' ''), 0)"}}'),
	task_machine('task_lambda_error', 'arn:aws:lambda:us-east-1:000000000000:function:broken'),
	task_machine('task_lambda_absent', 'arn:aws:lambda:us-east-1:000000000000:function:absent');
SELECT sfn.create_function('price', 'shop.total(jsonb)');
SELECT sfn.create_function('echo', 'shop.echo(jsonb)');
SELECT sfn.create_function('broken', 'shop.lambda_error(jsonb)');

SELECT count(sfn.start_execution(m, i, n)) FROM (VALUES
	('task_total', '{"items": [{"price": 1.25, "quantity": 2}, {"price": 3, "quantity": 1}]}', 'total'),
	('task_paths', '{"cart": {"items": [{"price": 1.25, "quantity": 2}]}, "id": 1}', 'paths'),
	('task_ship', '{"order_id": 5}', 'ship'), ('task_ship', '{"order_id": 6, "carrier": "bike"}', 'ship_by_bike'),
	('task_nothing', '{}', 'nothing'), ('task_many', '{}', 'many'), ('task_pair', '{}', 'pair'), ('task_rows', '{}', 'rows'),
	('task_call', '{"a": 7}', 'call'), ('task_lambda', '{"items": [{"price": 2, "quantity": 2}]}', 'lambda'),
	('task_invoke', '{"items": [{"price": 2, "quantity": 3}]}', 'invoke'),
	('task_null_payload', '{}', 'null_payload'), ('task_log_tail', '{}', 'log_tail'),
	('task_refuse', '{"sku": "A7"}', 'f_refuse'), ('task_divide', '{"a": 1, "b": 0}', 'f_divide'), ('task_divide', '{"a": 1}', 'f_argument'),
	('task_divide', '{"a": 1, "b": "x"}', 'f_type'), ('task_missing', '{}', 'f_missing'), ('task_lambda_error', '{}', 'f_lambda'),
	('task_lambda_absent', '{}', 'f_absent')) v (m, i, n);
SELECT sfn.run_until_idle();
SELECT sfn.start_execution('task_query', '{"id": 6}', 'query');
SELECT sfn.run_until_idle();

SELECT name, status, output FROM sfn.executions WHERE state_machine ~ '^task_' AND status = 'SUCCEEDED' ORDER BY name;
\x on
SELECT name, error, regexp_replace(cause, '[0-9a-f]{8}-[0-9a-f-]{27}', '...') AS cause FROM sfn.executions
	WHERE state_machine ~ '^task_' AND status = 'FAILED' ORDER BY name;
\x off
SELECT * FROM shop.shipment ORDER BY order_id;
SELECT id, previous_event_id, type, details FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:task_ship:ship');
SELECT id, type, details->>'error' AS error FROM sfn.get_execution_history('arn:aws:states:us-east-1:000000000000:execution:task_lambda_error:f_lambda');


-- of several functions of a name the one that fits best is called, and none where two fit equally well
CREATE FUNCTION shop.pack(VARIADIC items text[]) RETURNS text LANGUAGE sql RETURN array_to_string(items, '+');
CREATE FUNCTION shop.wrap(paper text, VARIADIC items int[] DEFAULT '{}') RETURNS text LANGUAGE sql RETURN paper || cardinality(items);
CREATE FUNCTION shop.join_any(VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_concat' IMMUTABLE;
CREATE FUNCTION shop.weigh(item text) RETURNS text LANGUAGE sql RETURN 'text';
CREATE FUNCTION shop.weigh(item int) RETURNS text LANGUAGE sql RETURN 'int';
CREATE FUNCTION shop.weigh(item int, scale int) RETURNS text LANGUAGE sql RETURN 'scale';
CREATE FUNCTION shop.price(sku text, day date DEFAULT '2026-01-01') RETURNS text LANGUAGE sql RETURN 'with a default';
CREATE FUNCTION shop.price(sku int) RETURNS text LANGUAGE sql RETURN 'exactly';
CREATE FUNCTION shop.price() RETURNS text LANGUAGE sql RETURN 'nothing';
CREATE FUNCTION shop.whole(sku int) RETURNS text LANGUAGE sql RETURN 'member';
CREATE FUNCTION shop.whole(event json) RETURNS text LANGUAGE sql RETURN 'json';
CREATE FUNCTION shop.whole(event jsonb) RETURNS text LANGUAGE sql RETURN 'jsonb';
SELECT count(task_machine('task_' || f, 'sql:shop.' || f)) FROM unnest('{pack,wrap,join_any,weigh,price,whole}'::text[]) f;
SELECT count(sfn.start_execution('task_' || m, i, 'which_' || n)) FROM (VALUES
	('pack', '{"items": ["a", "b"]}', 'pack'), ('pack', '{"items": []}', 'pack_none'), ('pack', '{"item": "a"}', 'pack_wrong'), ('pack', '{}', 'pack_without'),
	('wrap', '{"paper": "red", "items": [1, 2]}', 'wrap'), ('wrap', '{"paper": "red"}', 'wrap_without'), ('join_any', '{"any": [1]}', 'join_any'),
	('weigh', '{"item": "a"}', 'weigh_text'), ('weigh', '{"item": 1}', 'weigh_int'), ('weigh', '{"item": 1, "scale": 2}', 'weigh_scale'),
	('price', '{"sku": 1}', 'price'), ('price', '{"sku": 1, "day": "2026-01-02"}', 'price_day'), ('price', '{"x": 1}', 'price_nothing'),
	('whole', '{"sku": 1}', 'whole')) v (m, i, n);
SELECT sfn.run_until_idle();
SELECT name, output FROM sfn.executions WHERE name ~ '^which_' AND status = 'SUCCEEDED' ORDER BY name;
\x on
SELECT name, error, cause FROM sfn.executions WHERE name ~ '^which_' AND status = 'FAILED' ORDER BY name;
\x off

DROP FUNCTION task_machine;
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
SELECT sfn.delete_function('price'), sfn.delete_function('broken'), sfn.delete_function('echo');
