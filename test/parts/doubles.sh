#!/bin/bash
#
# doubles.sh [CONFORMANCE=DIR]
#	  Calls of AWS's services beside what others made of AWS's models: requests, results and errors of services are compared
#	  with botocore's, the recorded cases that call services run against moto, where that answers as AWS does
#	  (test/doubles/disagree.txt names where it does not), which then checks signatures and policies; functions run in ministack.
#
# All come from PyPI into build/doubles; what cannot be had is skipped, with a message.  Without T, the services that come
# with sfn are compared; T="ec2 iam" compares these, T=all all of botocore's.
. "$(dirname "$0")/common.sh"

venv=$SFN_BUILD/doubles/venv
ministack=$SFN_BUILD/doubles/ministack	# of its own: it wants another botocore
if [ "${1:-}" != inside ]; then
	part_begin doubles conformance python
	skip()
	{
		echo "doubles: skipped: $*" | tee "$logs/doubles.log"
		part_end 0 0 0
		exit 0
	}
	get()			# get VENV REQUIREMENTS...: false when it cannot be had
	{
		local into=$1 wanted
		wanted=$(cat "$SFN_DIR/test/doubles/$2")
		[ "$(cat "$into/wanted" 2>/dev/null)" != "$wanted" ] || return 0
		rm -rf "$into"
		limit 60 python3 -m venv "$into" >"$logs/doubles.venv.log" 2>&1 || { echo "doubles: python3 -m venv does not work"; return 1; }
		limit 300 "$into/bin/pip" install -q --no-compile --disable-pip-version-check -r "$SFN_DIR/test/doubles/$2" >>"$logs/doubles.venv.log" 2>&1 ||
			return 1
		echo "$wanted" >"$into/wanted"
	}
	get "$venv" requirements.txt || skip "moto and botocore cannot be had from PyPI"
	get "$ministack" ministack.txt || { rm -rf "$ministack"; echo "doubles: ministack cannot be had from PyPI; functions are left out"; }
	status=0
	limit 600 "${SFN_MAKE:-make}" -s -j2 -C "$SFN_DIR" -f test/unit/unit.mk UNIT_BUILD="$SFN_BUILD/unit" "$SFN_BUILD/unit/aws_calls" || status=1
	"$cluster" run doubles "$0" inside 2>&1 | tee "$logs/doubles.log" || status=$?
	read -r passed failed < <(awk '/^total / { p += $2; f += $4 } END { print p + 0, f + 0 }' "$logs/doubles.log")
	part_end $status "$passed" "$failed"
	exit
fi

# Inside the server's environment from here on.

status=0
doubles=
# shellcheck disable=SC2086
trap '[ -z "$doubles" ] || kill $doubles 2>/dev/null || true' EXIT

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for_double()		# wait_for_double URL
{
	local _
	for _ in $(seq 600); do
		curl -sf "$1" >/dev/null && return
		sleep 0.1
	done
}

heading "requests, results and errors beside botocore's"
case ${T:-} in
	'') services=$("$SFN_DIR/sql/data/make_services.sh" --names) ;;
	all) services= ;;
	*) services=$T ;;
esac
# shellcheck disable=SC2086
compared=$(mktemp)
limit 900 "$venv/bin/python" -B "$SFN_DIR/test/clients/aws_models.py" "$SFN_BUILD/unit/aws_calls" $services | tee "$compared" || status=1
awk '/ equal, / { if ($4 == 0) p++; else f++ } END { print "total " p + 0 " passed " f + (p + f < 3) " failed" }' "$compared"
rm -f "$compared"

if [ -x "$ministack/bin/python" ]; then
	heading "functions in ministack"
	psql -qX -U postgres -d postgres -v ON_ERROR_STOP=1 -c "CREATE DATABASE functions"
	psql -qX -U postgres -d functions -v ON_ERROR_STOP=1 -c "CREATE EXTENSION sfn"
	port=$(free_port)
	BIND_HOST=127.0.0.1 GATEWAY_PORT=$port "$ministack/bin/python" -m ministack >"$logs/doubles.ministack.log" 2>&1 &
	doubles=$!
	wait_for_double "http://127.0.0.1:$port/_ministack/health"
	limit 300 /usr/bin/python3 -B "$SFN_DIR/test/doubles/functions.py" "host=$PGHOST port=$PGPORT dbname=functions user=postgres" \
		"http://127.0.0.1:$port" || status=1
fi

[ -n "${CONFORMANCE:-}" ] || { echo "recorded cases against moto: skipped; set CONFORMANCE to a folder of recorded cases"; exit $status; }

heading "recorded cases against moto"
port=$(free_port)
endpoint=http://127.0.0.1:$port
MOTO_ACCOUNT_ID=000000000000 "$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$logs/doubles.moto.log" 2>&1 &
doubles+=" $!"
wait_for_double "$endpoint/moto-api/"
play=("$venv/bin/python" -B "$SFN_DIR/test/doubles/play.py" "$endpoint")
"$SFN_DIR/test/conformance/services.sh" "$SFN_DIR/test/doubles/disagree.txt" "$endpoint" "${play[@]}" || status=1

heading "jobs in moto"
limit 600 /usr/bin/python3 -B "$SFN_DIR/test/doubles/jobs.py" "host=$PGHOST port=$PGPORT dbname=services user=developer" "$endpoint" "${play[@]}" || status=1

heading "signatures and policies in moto"
limit 300 /usr/bin/python3 -B "$SFN_DIR/test/doubles/signatures.py" "host=$PGHOST port=$PGPORT dbname=services user=developer" "$endpoint" "${play[@]}" || status=1
exit $status
