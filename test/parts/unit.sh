#!/bin/bash
#
# unit.sh
#	  The core as a plain program (make unit), counted: its programs leave their results in build/unit/*.log.
. "$(dirname "$0")/common.sh"
"$SFN_DIR/test/cluster/packages.sh" build
export SFN_PREPARED=1		# no server needed
part_begin unit

status=0
rm -f "$SFN_BUILD"/unit/*.log
limit 900 "${SFN_MAKE:-make}" -C "$SFN_DIR" --no-print-directory -j "$(nproc)" unit UNIT_BUILD="$SFN_BUILD/unit" T= \
	>"$logs/unit.log" 2>&1 || status=$?
if [ $status != 0 ]; then
	grep -vE '^(gcc|ar|cc) ' "$logs/unit.log" | tail -n 60
else
	grep -E ' ok$' "$logs/unit.log" || true
fi
cat "$SFN_BUILD"/unit/*.log >>"$logs/unit.log" 2>/dev/null || true
part_end $status
