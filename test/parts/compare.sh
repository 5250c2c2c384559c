#!/bin/bash
#
# compare.sh BEFORE=dir [RUNS=9] [ONLY=W1,W2]
#	  Two builds side by side: the clone in dir, and this one (test/bench/compare.py).
. "$(dirname "$0")/common.sh"
prepare bench
[ -n "${BEFORE:-}" ] || { echo "make compare BEFORE=/path/to/another/clone" >&2; exit 2; }
exec python3 "$SFN_DIR/test/bench/compare.py" "$BEFORE"
