#!/bin/bash
#
# test.sh
#	  Every part of the test suite; the last line is "N passed, N failed".
. "$(dirname "$0")/common.sh"

parts=(tools unit regress isolation tap upgrade clients doubles page)
groups=(test gateway python)
if [ -n "${CONFORMANCE:-}" ]; then
	parts+=(conformance)
	groups+=(conformance)
fi

heading "set-up"
prepare "${groups[@]}"
export SFN_PREPARED=1
rm -f "$logs"/*.count
unset T

passed=0 failed=0 summary=
for one in "${parts[@]}"; do
	heading "$one"
	began=$SECONDS
	"$SFN_DIR/test/parts/$one.sh" || true
	read -r p f < <(cat "$logs/$one.count" 2>/dev/null || echo "0 1")
	passed=$((passed + p))
	failed=$((failed + f))
	summary+=$(printf '%-14s %6d passed %6d failed %6d s' "$one" "$p" "$f" $((SECONDS - began)))$'\n'
done
[ -n "${CONFORMANCE:-}" ] || summary+="conformance    skipped: set CONFORMANCE to a folder of recorded cases"$'\n'

heading "summary"
printf '%s' "$summary"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
