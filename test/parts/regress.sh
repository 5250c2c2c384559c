#!/bin/bash
#
# regress.sh [T=name]
#	  The SQL scripts of sql/ against expected/.
#
# The server runs no workers for the database (sfn.enabled = off, see regress.conf), so that scripts turn the crank
# themselves with sfn.run_once() and sfn.run_until_idle() on the test clock.
. "$(dirname "$0")/common.sh"
part_begin regress

tests=${T:-$(cd "$SFN_DIR/sql" && ls -- *.sql 2>/dev/null | sed 's/\.sql$//' || true)}
if [ -z "$tests" ]; then
	part_end 0 0 0
	exit
fi
output=$SFN_BUILD/regress
mkdir -p "$output"
status=0
# shellcheck disable=SC2086
"$cluster" run -f "$SFN_DIR/test/parts/regress.conf" regress \
	timeout --foreground -k 10 600 "$(pgxs_test_directory)/regress/pg_regress" \
	--inputdir="$SFN_DIR" --outputdir="$output" --bindir= --dbname=sfn_regress --load-extension=sfn \
	$tests 2>&1 | tee "$logs/regress.log" || status=$?
if [ -s "$output/regression.diffs" ]; then
	head -n "${DIFF_LINES:-120}" "$output/regression.diffs"
fi
part_end $status
