#!/bin/bash
#
# unit.sh
#	  The core as a plain program (make unit), counted.
. "$(dirname "$0")/common.sh"
part_begin unit

status=0
limit 900 "${SFN_MAKE:-make}" -C "$SFN_OBJ" -f "$SFN_DIR/Makefile" --no-print-directory unit >"$logs/unit.log" 2>&1 ||
	status=$?
if [ $status != 0 ]; then
	grep -E '^not ok|error|ERROR|\*\*\*' "$logs/unit.log" | head -n 40 || tail -n 20 "$logs/unit.log"
fi
part_end $status
