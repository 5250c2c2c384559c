#!/bin/bash
#
# gateway_rates.sh
#	  make bench GATEWAY=1: what requests through the gateway cost, beside the same calls by SQL and two echoes of the same run.
#
# The first echo is a request that the gateway answers without the database, the second one for which it asks the database for
# the number of a role.  Each rate is the best of three rounds; CPU is that of the gateway alone, for one request.  Then what a call takes
# longer than by libpq when nothing else goes on, what requests cost that wait for an activity's task, and the program itself.
# Targets stand behind the rows; the first column says how much of it is reached (1.00 or more: it is).  Clients: http_server.c, pgbench,
# gateway_polls.py, which leaves room below --max-clients for what it asks beside them.
set -euo pipefail

many=${QUICK:+2000}
many=${many:-30000}
few=$((many / 5))
sessions=4
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT

psql -qX -v ON_ERROR_STOP=1 -o /dev/null <<-'SQL'
	CREATE TABLE public.call (role oid, action text, body json); -- since pgbench takes the colons of an ARN for variables
	CREATE ROLE bench LOGIN;
	SET ROLE bench;
	SELECT FROM sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	SELECT sfn.create_state_machine('kept', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}');
	SELECT sfn.create_state_machine('short', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}', type => 'EXPRESS');
	SELECT sfn.create_activity('work');
	SELECT sfn.create_state_machine('asks', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work", "End": true}}}');
	SELECT sfn.start_execution('kept', '{}', 'one');
SQL

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

gateway()			# gateway OPTIONS...: sets port and pid
{
	port=$(free_port)
	"$SFN_OBJ/sfn-gateway" --listen "127.0.0.1:$port" --connections $sessions --sync-connections $sessions "$@" 2>/dev/null &
	pid=$!
	pids+=("$pid")
	for _ in $(seq 6000); do
		curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && return
		sleep 0.01
	done
}

request()			# request HEADERS BODY [METHOD PATH]: a file with all of it
{
	printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sContent-Length: %d\r\n\r\n%s' "${3:-POST}" "${4:-/}" "$1" "${#2}" "$2" >"$work/request"
}

action()			# action NAME BODY: a request by the secret
{
	request $'Authorization: Basic dGVzdDp0ZXN0\r\nX-Amz-Target: AWSStepFunctions.'"$1"$'\r\n' "$2"
}

signed_action()			# the same, signed
{
	local headers
	headers=$(python3 - "$1" "$2" <<-'PY'
		import datetime, hashlib, hmac, sys
		action, body = sys.argv[1:]
		time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
		target = "AWSStepFunctions." + action
		scope = time[:8] + "/us-east-1/states/aws4_request"
		names = "content-type;host;x-amz-date;x-amz-target"
		canonical = "\n".join(["POST", "/", "", "content-type:application/x-amz-json-1.0", "host:127.0.0.1", "x-amz-date:" + time, "x-amz-target:" + target, "",
			names, hashlib.sha256(body.encode()).hexdigest()])
		key = b"AWS4test"
		for part in scope.split("/"):
		    key = hmac.new(key, part.encode(), hashlib.sha256).digest()
		text = "\n".join(["AWS4-HMAC-SHA256", time, scope, hashlib.sha256(canonical.encode()).hexdigest()])
		signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
		print("Content-Type: application/x-amz-json-1.0\r\nX-Amz-Date: %s\r\nX-Amz-Target: %s\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/%s, SignedHeaders=%s, Signature=%s\r"
			% (time, target, scope, names, signature))
	PY
	)
	request "$headers"$'\n' "$2"
}

ticks()				# of the gateway's CPU
{
	awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat"
}

by_http()			# by_http CLIENTS CALLS: requests a second and CPU microseconds each, of the request in the file
{
	local before
	for _ in 1 2 3; do
		before=$(ticks)
		echo "$("$SFN_BUILD/bench/http_server" load "$port" "$1" "$2" "$work/request")" \
			"$(awk -v t="$(($(ticks) - before))" -v n="$2" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", t / hz * 1e6 / n }')"
	done | sort -rn | head -1
}

by_sql()			# by_sql STATEMENT CALLS: a second
{
	echo "$1" >"$work/script"
	for _ in 1 2 3; do
		pgbench -n -M prepared -c $sessions -j 2 -t $(($2 / sessions)) -f "$work/script" 2>/dev/null | awk '/^tps/ { printf "%.0f\n", $3 }'
	done | sort -rn | head -1
}

line()				# line WHAT HTTP/s CPU SQL/s TARGET-NAME TARGET: the target is of HTTP/s, CPU or to-SQL
{
	awk -v what="$1" -v http="$2" -v cpu="$3" -v sql="$4" -v of="${5:-}" -v target="${6:-0}" -v echo="$echo_cpu" 'BEGIN {
		to_sql = sql > 0 ? http / sql : 0
		reached = of == "cpu" ? (cpu > 0 ? target / cpu : 99) : of == "http" ? http / target : of == "sql" ? to_sql / target : 0
		printf("%9s %8.2f %8.1f %9s %9s %8s  %-34s%s\n", of == "" ? "" : sprintf("%.2f", reached), to_sql, echo > 0 ? cpu / echo : 0, http, sql, cpu, what,
			of == "" ? "" : of == "cpu" ? sprintf("<= %s us CPU", target) : of == "http" ? sprintf(">= %s/s", target) : sprintf(">= %s of SQL", target)) }'
}

row()				# row WHAT MAKE-REQUEST ACTION BODY CLIENTS CALLS [TARGET...]: several targets, as many lines
{
	local what=$1 make=$2 action=$3 body=$4 clients=$5 calls=$6 rate cpu sql
	shift 6
	"$make" "$action" "$body"
	read -r rate cpu < <(by_http "$clients" "$calls")
	psql -qX -v ON_ERROR_STOP=1 -v action="$action" -v body="$body" <<-'SQL'
		TRUNCATE public.call;
		INSERT INTO public.call VALUES ('bench'::regrole, :'action', :'body');
	SQL
	sql=$(by_sql 'SELECT sfn_internal.gateway_call(role, action, body) FROM public.call;' "$calls")
	while [ $# -gt 0 ]; do
		line "$what" "$rate" "$cpu" "$sql" "$1" "$2"
		shift 2
	done
}

began=$(date +%s%N)
gateway
ready=$((($(date +%s%N) - began) / 1000000))
resident=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
main_port=$port main_pid=$pid

request '' '' GET /healthz
read -r echo_rate echo_cpu < <(by_http 16 "$many")
printf '%9s %8s %8s %9s %9s %8s  %-34s%s\n' 'of target' 'to SQL' 'to echo' 'HTTP/s' 'SQL/s' 'us CPU' call target
line 'echo: /healthz; SELECT 1' "$echo_rate" "$echo_cpu" "$(by_sql 'SELECT 1;' "$many")"
gateway --auth none:bench
request $'Content-Type: application/x-www-form-urlencoded\r\n' 'Action=GetCallerIdentity&Version=2011-06-15'
read -r rate cpu < <(by_http 16 "$many")
line 'echo of libpq: a role, by its name' "$rate" "$cpu" "$(by_sql "SELECT sfn_internal.gateway_check_login('bench');" "$many")"
port=$main_port pid=$main_pid

arn=arn:aws:states:us-east-1:000000000000
describe="{\"executionArn\":\"$arn:execution:kept:one\"}"
start="{\"stateMachineArn\":\"$arn:stateMachine:kept\",\"input\":\"{}\"}"
row DescribeExecution action DescribeExecution "$describe" 16 "$many" cpu 30
row 'DescribeExecution, signed' signed_action DescribeExecution "$describe" 16 "$many" http 12000
row 'StartSyncExecution' action StartSyncExecution "{\"stateMachineArn\":\"$arn:stateMachine:short\",\"input\":\"{}\"}" 16 "$many" cpu 30 http 15000
row 'StartExecution, 4 clients' action StartExecution "$start" $sessions "$few" cpu 40 sql 0.95
row 'StartExecution, 64 clients' action StartExecution "$start" 64 "$((few * 2))" sql 5

# One call at a time: microseconds at the median and the 99th of a hundred, and by libpq.
action DescribeExecution "$describe"
read -r http_median http_worst < <("$SFN_BUILD/bench/http_server" times "$port" 1 "$((few / 2))" "$work/request")
psql -qX -v ON_ERROR_STOP=1 -v body="$describe" -c "TRUNCATE public.call" -c "INSERT INTO public.call VALUES ('bench'::regrole, 'DescribeExecution', '$describe')"
echo 'SELECT sfn_internal.gateway_call(role, action, body) FROM public.call;' >"$work/script"
(cd "$work" && pgbench -n -M prepared -c 1 -t "$((few / 2))" -l -f script >/dev/null 2>&1)
read -r sql_median sql_worst < <(cat "$work"/pgbench_log.* | awk '{ print $3 }' | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)], t[int(NR * 0.99)] }')
awk -v a="$http_median" -v b="$sql_median" -v c="$http_worst" -v d="$sql_worst" 'BEGIN {
	printf("%9.2f  one call alone takes %d us longer than by libpq (%d, %d) at the median: <= 250\n", 250 / (a > b ? a - b : 1), a - b, a, b)
	printf("%9.2f  ... %d us longer (%d, %d) at the 99th of a hundred: <= 1000\n", 1000 / (c > d ? c - d : 1), c - d, c, d) }'

gateway --activity-wait 300
python3 "$SFN_DIR/test/bench/gateway_polls.py" "$port" "$pid" "$([ -n "${QUICK:-}" ] && echo 500 || echo 9900)" "$arn"

cp "$SFN_OBJ/sfn-gateway" "$work/stripped"
strip "$work/stripped"
awk -v size="$(stat -c %s "$work/stripped")" -v kb="$resident" -v ms="$ready" 'BEGIN {
	printf("%9.2f  the program has %d kB without what debuggers need: < 1024\n", 1024 * 1024 / size, size / 1024)
	printf("%9.2f  it holds %.1f MB when it is ready: < 20\n", 20 * 1024 / kb, kb / 1024)
	printf("%9.2f  it is ready after %d ms: < 50\n", 50 / (ms > 0 ? ms : 1), ms) }'
