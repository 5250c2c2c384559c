#!/bin/bash
#
# chaos.sh [MINUTES=30] [SEED=number]
#	  Machines of every kind while everything around them is killed, stopped, changed and filled up (test/tap/chaos.pl, of
#	  which make test runs a minute); in the end effects are counted.
. "$(dirname "$0")/common.sh"
minutes=${MINUTES:-30}
export T=chaos SFN_CHAOS_MINUTES=$minutes SFN_CHAOS_SEED=${SEED:-}
export TAP_LIMIT=$((minutes * 60 + 900)) PG_TEST_FILE_TIMEOUT=$((minutes * 60 + 600))
status=0
"$SFN_DIR/test/parts/tap.sh" || status=$?
sed -n 's/^# chaos: /chaos: /p' "$logs/tap.log"
exit "$status"
