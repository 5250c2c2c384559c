#!/bin/bash
#
# conformance.sh CONFORMANCE=DIR
#	  Recorded answers of AWS, where DIR has them: DIR/asl (executions), DIR/jsonpath, DIR/definitions; and cases made from
#	  public reports, DIR/public.  Those of the API are asked once more over HTTP, through the gateway, where that is built; with
#	  SFN_SOAK=1 the executions, too.  Where executions call services of AWS, a responder says what AWS said (services.py).
#
# The runners belong to the recordings.  Everything runs as an ordinary role that may create schemas in the database and buckets on the server.
# A case that we cannot reach is named with its reason in test/conformance/unreachable.txt and described in
# docs/differences-from-aws.md; it then counts neither as passed nor as failed.
. "$(dirname "$0")/common.sh"

if [ -z "${CONFORMANCE:-}" ]; then
	echo "conformance: skipped; set CONFORMANCE to a folder of recorded cases"
	exit 0
fi
case $CONFORMANCE in
	/*) ;;
	*) CONFORMANCE=$SFN_OBJ/$CONFORMANCE ;;
esac
[ -f "$CONFORMANCE/run_asl_cases.py" ] || { echo "conformance: no run_asl_cases.py in $CONFORMANCE" >&2; exit 1; }
export CONFORMANCE

if [ "${1:-}" != inside ]; then
	part_begin conformance conformance gateway
	status=0
	"$cluster" run conformance "$0" inside 2>&1 | tee "$logs/conformance.log" || status=$?
	read -r passed failed < <(awk '/^total / { p += $2; f += $4 } END { print p + 0, f + 0 }' "$logs/conformance.log")
	part_end $status "$passed" "$failed"
	exit
fi

# Inside the server's environment from here on.

python=/usr/bin/python3
login=${PGUSER:-$(id -un)}
psql -qX -v ON_ERROR_STOP=1 <<-SQL
	CREATE ROLE developer LOGIN;
	GRANT pg_read_server_files, pg_write_server_files TO developer; -- for buckets
	CREATE DATABASE conformance;
	GRANT CREATE ON DATABASE conformance TO developer;
	\c conformance
	CREATE EXTENSION sfn;
SQL
export PGUSER=developer PGDATABASE=conformance
unset PGPASSWORD
dsn="host=$PGHOST port=$PGPORT dbname=conformance user=developer"
work=$(mktemp -d)
chmod 755 "$work" # the server reads buckets in it
gateway=
finish()
{
	[ -z "$gateway" ] || kill "$gateway" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
status=0

# Where every request is the developer's: sets endpoint, or fails.
start_gateway()
{
	local port
	port=$($python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	endpoint=http://127.0.0.1:$port
	"$SFN_OBJ/sfn-gateway" --db "$dsn user=$login" --listen "127.0.0.1:$port" --auth none:developer --activity-wait 2 2>"$logs/conformance.gateway.log" &
	gateway=$!
	for _ in $(seq 600); do
		$python -c "import urllib.request; urllib.request.urlopen('$endpoint/readyz', timeout=5)" 2>/dev/null && return 0
		sleep 0.1
	done
	return 1
}

heading "executions"
limit 600 $python "$CONFORMANCE/run_asl_cases.py" "$CONFORMANCE/asl" --dsn "$dsn" --have wait,lambda,activity,callback,nested,distributed_map,s3,mock \
	--only '^(?!services_aws_sdk/test_s3_)' \
	--kind execution,sync_execution,test_state,validate,api --bucket-root "$work/buckets" --jobs 4 --json "$work/asl.json" -v || true
$python "$SFN_DIR/test/conformance/count.py" "$work/asl.json" "$SFN_DIR/test/conformance/unreachable.txt" || status=1
cp "$work/asl.json" "$logs/conformance-asl.json" 2>/dev/null || true

if [ "$(psql -XAtqc "SELECT count(*) FROM pg_available_extensions WHERE name = 'plproxy'")" = 1 ]; then
	heading "the API, through the front of three shards"
	psql -qX -U postgres -v ON_ERROR_STOP=1 <<-SQL
		CREATE ROLE sfn_front LOGIN;
		CREATE DATABASE front;
		\c front
		SET client_min_messages = warning;
		CREATE EXTENSION sfn_proxy CASCADE;
	SQL
	for shard in 0 1 2; do
		psql -qX -U postgres -c "CREATE DATABASE shard$shard"
		psql -qX -U postgres -d "shard$shard" -v ON_ERROR_STOP=1 -c "CREATE EXTENSION sfn" -c "SELECT FROM sfn.allow_gateway('sfn_front')"
		psql -qX -U postgres -d front -v ON_ERROR_STOP=1 -o /dev/null \
			-c "CALL sfn_proxy.add_shard('host=$PGHOST port=$PGPORT dbname=shard$shard user=sfn_front')"
	done
	psql -qX -U postgres -d front -v ON_ERROR_STOP=1 -o /dev/null -c "SELECT sfn_proxy.rebalance(1024)"
	limit 300 $python -B "$CONFORMANCE/run_asl_cases.py" "$CONFORMANCE/asl" --dsn "${dsn/dbname=conformance/dbname=front}" \
		--have wait,activity,callback,nested --kind api --no-lambdas --jobs 4 --json "$work/front.json" -v || true
	$python "$SFN_DIR/test/conformance/count.py" "$work/front.json" "$SFN_DIR/test/conformance/unreachable.txt" || status=1
else
	echo "skipped, PL/Proxy is not installed: the API through the front of three shards"
fi

heading "the API over HTTP"
kinds=api,test_state,validate,sync_execution
[ -z "${SFN_SOAK:-}" ] || kinds+=,execution
if [ ! -x "$SFN_OBJ/sfn-gateway" ]; then
	echo "skipped: the gateway is not built"
elif start_gateway; then
	limit 600 $python "$CONFORMANCE/run_asl_cases.py" "$CONFORMANCE/asl" --dsn "$dsn" --endpoint "$endpoint" --no-lambdas \
		--have wait,lambda,activity,callback,nested,distributed_map,mock --kind $kinds --jobs 4 --json "$work/http.json" -v || true
	$python "$SFN_DIR/test/conformance/count.py" "$work/http.json" "$SFN_DIR/test/conformance/unreachable.txt" || status=1
	kill "$gateway"
	wait "$gateway" || status=1
	gateway=
else
	echo "total 0 passed 1 failed"
	status=1
fi

heading "executions that call services of AWS"
"$SFN_DIR/test/conformance/services.sh" "$SFN_DIR/test/conformance/unreachable.txt" || status=1

heading "executions, synchronously"
limit 300 $python -B "$SFN_DIR/test/conformance/sync.py" "$CONFORMANCE" "$dsn" || status=1

heading "logs"
limit 300 $python -B "$SFN_DIR/test/conformance/logs.py" "$CONFORMANCE" "$dsn" "$SFN_DIR/test/conformance/unreachable.txt" || status=1

heading "JSONPath"
limit 300 $python "$CONFORMANCE/run_jsonpath_cases.py" "$CONFORMANCE/jsonpath" --dsn "$dsn" --kinds -v \
	--fail-list "$work/jsonpath.failed" | tee "$work/jsonpath.log" || true
# what fails and is not named as unreachable
touch "$work/jsonpath.failed"
sed 's/  .*//' "$SFN_DIR/test/conformance/unreachable.txt" | grep -vxFf - "$work/jsonpath.failed" >"$work/jsonpath.wrong" && status=1
awk -v wrong="$(wc -l <"$work/jsonpath.wrong")" '/ passed \(/ { print "total " $1 " passed " wrong " failed"; done = 1 }
	END { if (!done) print "total 0 passed 1 failed" }' "$work/jsonpath.log"

heading "JSONata"
limit 300 $python "$CONFORMANCE/run_jsonata_cases.py" "$CONFORMANCE/jsonata" --dsn "$dsn" -v | tee "$work/jsonata.log" || status=1
awk '/ passed \(/ { print "total " $1 " passed " $3 - $1 " failed" }' "$work/jsonata.log"

heading "definitions"
limit 600 $python -B "$SFN_DIR/test/conformance/definitions.py" "$CONFORMANCE/definitions" "$dsn" \
	"$SFN_DIR/test/conformance/unreachable.txt" || status=1

if [ -f "$CONFORMANCE/run_public_cases.py" ]; then
	heading "public reports"
	limit 300 $python -B "$CONFORMANCE/run_public_cases.py" --dsn "$dsn" --cases "$CONFORMANCE/public/cases.jsonl" \
		| tee "$work/public.log" || status=1
	awk '/ as expected$/ { print "total " $1 " passed " $3 - $1 " failed"; done = 1 }
		END { if (!done) print "total 0 passed 1 failed" }' "$work/public.log"
fi
exit $status
