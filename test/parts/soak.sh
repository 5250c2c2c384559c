#!/bin/bash
#
# soak.sh
#	  The rounds that make test runs a tenth of, in full: crashes and restarts under load (test/tap with SFN_SOAK=1).
. "$(dirname "$0")/common.sh"
export SFN_SOAK=1 TAP_LIMIT=${TAP_LIMIT:-10800} PG_TEST_FILE_TIMEOUT=${PG_TEST_FILE_TIMEOUT:-7200}
exec "$SFN_DIR/test/parts/tap.sh"
