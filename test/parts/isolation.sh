#!/bin/bash
#
# isolation.sh [T=name]
#	  Races between sessions: test/isolation/specs against test/isolation/expected, without workers (regress.conf).
. "$(dirname "$0")/common.sh"
part_begin isolation

input=$SFN_DIR/test/isolation
tests=${T:-$(cd "$input/specs" 2>/dev/null && ls -- *.spec 2>/dev/null | sed 's/\.spec$//' || true)}
if [ -z "$tests" ]; then
	part_end 0 0 0
	exit
fi
output=$SFN_BUILD/isolation
mkdir -p "$output"
status=0
# shellcheck disable=SC2086
"$cluster" run -f "$SFN_DIR/test/parts/regress.conf" isolation \
	timeout --foreground -k 10 600 "$(pgxs_test_directory)/isolation/pg_isolation_regress" \
	--inputdir="$input" --outputdir="$output" --bindir= --dbname=sfn_isolation --load-extension=sfn \
	$tests 2>&1 | tee "$logs/isolation.log" || status=$?
for diffs in "$output/regression.diffs" "$output/output_iso/regression.diffs"; do
	[ ! -s "$diffs" ] || head -n "${DIFF_LINES:-120}" "$diffs"
done
part_end $status
