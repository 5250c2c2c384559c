#!/bin/bash
#
# gateway_rates.sh
#	  make bench GATEWAY=1: calls a second through the gateway, beside the same calls by SQL and two echoes of the same run.
#
# The first echo is a request that the gateway answers without the database, the second a statement that does nothing.  Each
# figure is the best of three rounds; CPU is that of the gateway alone, for one request.  Clients: http_server.c, pgbench.
set -euo pipefail

calls=${QUICK:+2000}
calls=${calls:-40000}
clients=16
sessions=4
work=$(mktemp -d)
gateway=
trap '[ -z "$gateway" ] || kill "$gateway"; rm -rf "$work"' EXIT

psql -qX -v ON_ERROR_STOP=1 -o /dev/null <<-'SQL'
	CREATE TABLE public.call (role oid, action text, body json); -- since pgbench takes the colons of an ARN for variables
	CREATE ROLE bench LOGIN;
	SET ROLE bench;
	SELECT FROM sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	SELECT sfn.create_state_machine('kept', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_state_machine('short', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', type => 'EXPRESS');
	SELECT sfn.start_execution('kept', '{}', 'one');
SQL
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$SFN_OBJ/sfn-gateway" --listen "127.0.0.1:$port" --connections $sessions --sync-connections $sessions 2>/dev/null &
gateway=$!
for _ in $(seq 600); do
	curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && break
	sleep 0.1
done

request()			# request ACTION BODY: a file with all of it
{
	printf 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic dGVzdDp0ZXN0\r\nX-Amz-Target: AWSStepFunctions.%s\r\nContent-Length: %d\r\n\r\n%s' \
		"$1" "${#2}" "$2" >"$work/request"
}

ticks()				# of the gateway's CPU
{
	awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$gateway/stat"
}

by_http()			# requests a second and CPU microseconds each, of the request in the file
{
	local before
	for _ in 1 2 3; do
		before=$(ticks)
		echo "$("$SFN_BUILD/bench/http_server" load "$port" $clients "$calls" "$work/request")" \
			"$(awk -v t="$(($(ticks) - before))" -v n="$calls" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", t / hz * 1e6 / n }')"
	done | sort -rn | head -1
}

by_sql()			# by_sql STATEMENT: a second
{
	echo "$1" >"$work/script"
	for _ in 1 2 3; do
		pgbench -n -M prepared -c $sessions -j 2 -t $((calls / sessions)) -f "$work/script" 2>/dev/null | awk '/^tps/ { printf "%.0f\n", $3 }'
	done | sort -rn | head -1
}

line()				# line WHAT HTTP/s CPU SQL/s
{
	awk -v what="$1" -v http="$2" -v cpu="$3" -v sql="$4" -v echo="$echo_cpu" \
		'BEGIN { printf "%-22s %9.2f %9.1f %10s %9s %9s\n", what, (sql > 0 ? http / sql : 0), (echo > 0 ? cpu / echo : 0), http, sql, cpu }'
}

printf 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' >"$work/request"
read -r echo_rate echo_cpu < <(by_http)
printf '%-22s %9s %9s %10s %9s %9s\n' call "to SQL" "to echo" "HTTP/s" "SQL/s" "us CPU"
line "echo (SELECT 1)" "$echo_rate" "$echo_cpu" "$(by_sql 'SELECT 1;')"
arn=arn:aws:states:us-east-1:000000000000
for call in "DescribeExecution {\"executionArn\":\"$arn:execution:kept:one\"}" \
	"StartSyncExecution {\"stateMachineArn\":\"$arn:stateMachine:short\",\"input\":\"{}\"}" \
	"StartExecution {\"stateMachineArn\":\"$arn:stateMachine:kept\",\"input\":\"{}\"}"; do
	request "${call%% *}" "${call#* }"
	read -r rate cpu < <(by_http)
	psql -qX -v ON_ERROR_STOP=1 -v action="${call%% *}" -v body="${call#* }" <<-'SQL'
		TRUNCATE public.call;
		INSERT INTO public.call VALUES ('bench'::regrole, :'action', :'body');
	SQL
	line "${call%% *}" "$rate" "$cpu" "$(by_sql 'SELECT sfn_internal.gateway_call(role, action, body) FROM public.call;')"
done
