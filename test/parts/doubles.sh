#!/bin/bash
#
# doubles.sh [CONFORMANCE=DIR]
#	  Calls of AWS's services beside what others made of AWS's models: requests, results and errors of services are compared
#	  with botocore's, and the recorded cases that call services run against moto, where that answers as AWS does
#	  (test/doubles/disagree.txt names where it does not).
#
# Both come from PyPI into build/doubles; what cannot be had is skipped, with a message.  Without T, the services that come
# with sfn are compared; T="ec2 iam" compares these, T=all all of botocore's.
. "$(dirname "$0")/common.sh"

venv=$SFN_BUILD/doubles/venv
if [ "${1:-}" != inside ]; then
	part_begin doubles conformance python
	skip()
	{
		echo "doubles: skipped: $*" | tee "$logs/doubles.log"
		part_end 0 0 0
		exit 0
	}
	wanted=$(cat "$SFN_DIR/test/doubles/requirements.txt")
	if [ "$(cat "$venv/wanted" 2>/dev/null)" != "$wanted" ]; then
		rm -rf "$venv"
		limit 60 python3 -m venv "$venv" >"$logs/doubles.venv.log" 2>&1 || skip "python3 -m venv does not work"
		limit 300 "$venv/bin/pip" install -q --no-compile --disable-pip-version-check -r "$SFN_DIR/test/doubles/requirements.txt" >>"$logs/doubles.venv.log" 2>&1 ||
			skip "moto and botocore cannot be had from PyPI"
		echo "$wanted" >"$venv/wanted"
	fi
	status=0
	limit 600 "${SFN_MAKE:-make}" -s -j2 -C "$SFN_DIR" -f test/unit/unit.mk UNIT_BUILD="$SFN_BUILD/unit" "$SFN_BUILD/unit/aws_calls" || status=1
	"$cluster" run doubles "$0" inside 2>&1 | tee "$logs/doubles.log" || status=$?
	read -r passed failed < <(awk '/^total / { p += $2; f += $4 } END { print p + 0, f + 0 }' "$logs/doubles.log")
	part_end $status "$passed" "$failed"
	exit
fi

# Inside the server's environment from here on.

status=0
moto=
trap '[ -z "$moto" ] || kill "$moto" 2>/dev/null || true' EXIT

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

[ -n "${CONFORMANCE:-}" ] || { echo "recorded cases against moto: skipped; set CONFORMANCE to a folder of recorded cases"; exit $status; }

heading "recorded cases against moto"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
endpoint=http://127.0.0.1:$port
MOTO_ACCOUNT_ID=000000000000 "$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$logs/doubles.moto.log" 2>&1 &
moto=$!
for _ in $(seq 600); do
	curl -sf "$endpoint/moto-api/" >/dev/null && break
	sleep 0.1
done
"$SFN_DIR/test/conformance/services.sh" "$SFN_DIR/test/doubles/disagree.txt" "$endpoint" "$venv/bin/python" "$SFN_DIR/test/doubles/play.py" "$endpoint" || status=1
exit $status
