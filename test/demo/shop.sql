--
-- shop.sql
--   A shop: its tables, the functions that its state machine calls, the machine, and the trigger that starts it.
--   Nothing here knows anything about workflows: the functions are plain SQL and PL/pgSQL.
--
CREATE SCHEMA shop;

CREATE TABLE shop.product
(
	sku			text PRIMARY KEY,
	price		numeric NOT NULL,
	stock		integer NOT NULL CHECK (stock >= 0)
);
CREATE TABLE shop.orders
(
	id			integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer	text NOT NULL,
	sku			text NOT NULL REFERENCES shop.product,
	quantity	integer NOT NULL CHECK (quantity > 0),
	status		text NOT NULL DEFAULT 'placed'
);
CREATE TABLE shop.parcel
(
	id			integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id	integer NOT NULL UNIQUE REFERENCES shop.orders,
	label		text NOT NULL,
	receipt		text NOT NULL
);

-- What waits for the manager, with the token that answers.  GRANT says who may see it, and so who may approve.
CREATE TABLE shop.approval
(
	order_id	integer PRIMARY KEY REFERENCES shop.orders,
	amount		numeric NOT NULL,
	task_token	text NOT NULL
);
GRANT USAGE ON SCHEMA shop TO manager;
GRANT SELECT ON shop.approval TO manager;

INSERT INTO shop.product VALUES ('teapot', 25.00, 10), ('kettle', 40.00, 3);

-- One json or jsonb parameter receives the task's input as it is ...
CREATE FUNCTION shop.reserve_stock(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	unit_price numeric;
BEGIN
	UPDATE shop.product SET stock = stock - (input ->> 'quantity')::integer
		WHERE sku = input ->> 'sku' AND stock >= (input ->> 'quantity')::integer
		RETURNING price INTO unit_price;
	RETURN jsonb_build_object('reserved', FOUND, 'amount', unit_price * (input ->> 'quantity')::integer);
END $$;

CREATE FUNCTION shop.put_stock_back(input jsonb) RETURNS void LANGUAGE sql AS $$
	UPDATE shop.product SET stock = stock + (input ->> 'quantity')::integer WHERE sku = input ->> 'sku';
	UPDATE shop.orders SET status = 'cancelled' WHERE id = (input ->> 'id')::integer;
$$;

-- ... and named parameters receive the input's members.
CREATE FUNCTION shop.ask_manager(order_id integer, amount numeric, task_token text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.approval VALUES (order_id, amount, task_token);
$$;

CREATE FUNCTION shop.ship(order_id integer, label text, receipt text) RETURNS shop.parcel LANGUAGE sql AS $$
	UPDATE shop.orders SET status = 'shipped' WHERE id = ship.order_id;
	INSERT INTO shop.parcel (order_id, label, receipt) VALUES (ship.order_id, ship.label, ship.receipt) RETURNING *;
$$;

CREATE FUNCTION shop.set_status(order_id integer, status text) RETURNS void LANGUAGE sql AS $$
	UPDATE shop.orders SET status = set_status.status WHERE id = set_status.order_id;
$$;

-- Where the payment service is, is not the definition's business: ${PaymentService} is filled in here.
SELECT sfn.create_state_machine('order', replace(:'definition', '${PaymentService}', :'payments')) AS state_machine \gset

CREATE TRIGGER order_placed AFTER INSERT ON shop.orders
	FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('order');
