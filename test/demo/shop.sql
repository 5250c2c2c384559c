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
CREATE TABLE shop.account
(
	customer	text PRIMARY KEY,
	balance		numeric NOT NULL CONSTRAINT "the balance stays above zero" CHECK (balance >= 0)
);
CREATE TABLE shop.orders
(
	id			integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer	text NOT NULL REFERENCES shop.account,
	sku			text NOT NULL REFERENCES shop.product,
	quantity	integer NOT NULL CHECK (quantity > 0),
	status		text NOT NULL DEFAULT 'placed'
);
CREATE TABLE shop.parcel
(
	id			integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id	integer NOT NULL UNIQUE REFERENCES shop.orders,
	label		text NOT NULL
);

INSERT INTO shop.product VALUES ('teapot', 25.00, 10), ('kettle', 40.00, 3);
INSERT INTO shop.account VALUES ('alice', 200), ('bob', 30), ('carol', 500);

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
CREATE FUNCTION shop.charge(customer text, amount numeric, attempt integer) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	left_over numeric;
BEGIN
	UPDATE shop.account SET balance = balance - amount WHERE account.customer = charge.customer
		RETURNING balance INTO left_over;
	-- The card terminal is busy at the first two attempts.  The update above is undone each time.
	IF charge.customer = 'alice' AND attempt < 2 THEN
		RAISE EXCEPTION 'the card terminal is busy';
	END IF;
	RETURN left_over;
END $$;

CREATE FUNCTION shop.ship(order_id integer, label text) RETURNS shop.parcel LANGUAGE sql AS $$
	UPDATE shop.orders SET status = 'shipped' WHERE id = ship.order_id;
	INSERT INTO shop.parcel (order_id, label) VALUES (ship.order_id, ship.label) RETURNING *;
$$;

CREATE FUNCTION shop.set_status(order_id integer, status text) RETURNS void LANGUAGE sql AS $$
	UPDATE shop.orders SET status = set_status.status WHERE id = set_status.order_id;
$$;

SELECT sfn.create_state_machine('order', :'definition') AS state_machine \gset

CREATE TRIGGER order_placed AFTER INSERT ON shop.orders
	FOR EACH ROW EXECUTE FUNCTION sfn.start_execution_on_change('order');
