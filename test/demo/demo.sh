#!/bin/bash
#
# demo.sh [tour|psql]
#	  A shop whose orders are carried out by a state machine, in a private server that is stopped at the end.
#
# The shop's payment service (payments.pl) is a process of ours, too, and the server is allowed to call it.
# "tour" shows it at work (make demo).  "psql" loads the same shop, places its orders and opens psql (make psql).
. "$(dirname "$0")/../parts/common.sh"
demo=$SFN_DIR/test/demo

# Sets $payments.  The service stops with us.
start_payments()
{
	local port
	exec {payments_output}< <(exec perl "$demo/payments.pl" </dev/null)
	payments_pid=$!
	trap 'kill "$payments_pid" 2>/dev/null || true' EXIT
	read -r -t 20 port <&"$payments_output"
	payments=http://127.0.0.1:$port
}

load_shop()
{
	psql -qX -v ON_ERROR_STOP=1 <<-SQL
		CREATE ROLE shopkeeper LOGIN;
		CREATE ROLE manager LOGIN;
		CREATE DATABASE shop;
		GRANT CREATE ON DATABASE shop TO shopkeeper;
		\c shop
		CREATE EXTENSION sfn;
		INSERT INTO sfn.http_allowed_host (host, role, note) VALUES ('${payments#http://}', 'shopkeeper', 'payments');
	SQL
	export PGUSER=shopkeeper PGDATABASE=shop
	unset PGPASSWORD
	psql -qX -v ON_ERROR_STOP=1 -v definition="$(cat "$demo/order.asl.json")" -v payments="$payments" -f "$demo/shop.sql"
}

tour()
{
	limit 120 psql -qX -v ON_ERROR_STOP=1 -f "$demo/tour.sql"
}

suggestions()
{
	cat <<-'TEXT'
		INSERT INTO shop.orders (customer, sku, quantity) VALUES ('carol', 'kettle', 3);
		SELECT * FROM sfn.pending_tasks;
		SELECT sfn.send_task_success(task_token, '{}') FROM shop.approval ORDER BY order_id DESC LIMIT 1;
		SELECT * FROM sfn.executions;
		CALL sfn.run_execution('order', '{"new": {"id": 2, "customer": "carol", "sku": "teapot", "quantity": 1}}');
		SELECT * FROM sfn.validate_state_machine_definition('{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}');
		SELECT sfn.graph((SELECT max(execution_arn) FROM sfn.executions));
	TEXT
}

# psql runs this in place of a command of ours: it needs the terminal.
open_psql()
{
	tour >/dev/null
	echo
	echo "The shop of make demo, in a server of its own that stops when you leave (\\q).  Things to try:"
	echo
	suggestions
	echo
	psql -X -v PROMPT1='%n@%/%R%# '
}

case ${1:-tour} in
	inside-tour)
		start_payments
		load_shop
		tour
		;;
	inside-psql)
		start_payments
		load_shop
		open_psql || true
		;;
	*)
		echo "== building (the first time takes a minute or two)"
		prepare
		echo "== starting a server of our own"
		"$cluster" run "demo-$1" "$0" "inside-$1"
		if [ "$1" = tour ]; then
			printf '\n7. The server is stopped and gone.  Next:  make psql  has it up again, to try\n\n'
			suggestions | sed 's/^/   /'
			printf '\n   and docs/guide/first-machine.md builds a machine in five minutes.\n'
		fi
		;;
esac
