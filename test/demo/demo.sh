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

# The server starts the gateway when it is told an address; sets $gateway, to nothing where it is not built.
start_gateway()
{
	local port
	gateway=
	command -v sfn-gateway >/dev/null && command -v curl >/dev/null || return 0
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
	psql -qAtX -v ON_ERROR_STOP=1 >/dev/null <<-SQL
		ALTER SYSTEM SET sfn.gateway = '127.0.0.1:$port';
		ALTER SYSTEM SET sfn.gateway_databases = 'shop';
		SELECT pg_reload_conf();
	SQL
	gateway=http://127.0.0.1:$port
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
	start_gateway
	export PGUSER=shopkeeper PGDATABASE=shop
	unset PGPASSWORD
	psql -qX -v ON_ERROR_STOP=1 -v definition="$(cat "$demo/order.asl.json")" -v payments="$payments" -f "$demo/shop.sql"
}

tour()
{
	limit 120 psql -qX -v ON_ERROR_STOP=1 -f "$demo/tour.sql"
	[ -z "$gateway" ] || tour_gateway
}

# By the aws cli, where it is there, else by curl.
tour_gateway()
{
	local input='{"new": {"id": 2, "customer": "dora", "sku": "teapot", "quantity": 1}}'
	psql -qAtX -c "SELECT FROM sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test')"
	for _ in $(seq 200); do
		! curl -sf "$gateway/readyz" >/dev/null || break
		sleep 0.1
	done
	printf '\n7. The same machine by AWS%ss API, which a gateway speaks over HTTP:\n\n' "'"
	if command -v aws >/dev/null; then
		printf '   aws stepfunctions start-execution --endpoint-url %s --state-machine-arn ... \n\n' "$gateway"
		AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 aws stepfunctions start-execution \
			--endpoint-url "$gateway" --input "$input" --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:order
	else
		printf "   curl -u test:test -d '%s' %s/start/order\n\n" "$input" "$gateway"
		curl -s -u test:test -d "$input" "$gateway/start/order"
		echo
	fi
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

alice_in_browser()
{
	psql -qAtX -v page="$gateway/ui/#/execution/" <<-'SQL'
		SELECT :'page' || max(execution_arn) FROM sfn.executions WHERE input -> 'new' ->> 'customer' = 'alice'
	SQL
}

# psql runs this in place of a command of ours: it needs the terminal.
open_psql()
{
	tour >/dev/null
	echo
	echo "The shop of make demo, in a server of its own that stops when you leave (\\q).  Things to try:"
	echo
	suggestions
	[ -z "$gateway" ] || printf "\nIn a browser, with the access key test and the secret test:  %s/ui/\nAlice's order:  %s\nFrom another terminal:  curl -u test:test -d '{}' %s/start/order\n" \
		"$gateway" "$(alice_in_browser)" "$gateway"
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
			printf '\nThe server is stopped and gone.  Next:  make psql  has it up again, to try\n\n'
			suggestions | sed 's/^/   /'
			printf '\n   and docs/guide/first-machine.md builds a machine in five minutes.\n'
		fi
		;;
esac
