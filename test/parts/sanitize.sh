#!/bin/bash
#
# sanitize.sh [T=name]
#	  The SQL scripts of sql/ in a server whose library is built with UndefinedBehaviorSanitizer, in build/sanitize.
#
# A finding ends the session that meets it, and so the run; the server's log has its place and stack.  AddressSanitizer
# has the core (make unit, make fuzz): in the server it would have to be loaded before a program that is not built for it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

SFN_BUILD=${SFN_BUILD:-$SFN_OBJ/build}
export SFN_OBJ=$SFN_BUILD/sanitize
export SFN_BUILD=$SFN_OBJ/build
export COPT='-O1 -fno-wrapv -fsanitize=undefined -fno-sanitize-recover=undefined' # overflows are findings, too
export UBSAN_OPTIONS=print_stacktrace=1
unset SFN_PREPARED
mkdir -p "$SFN_BUILD"
exec timeout --foreground -k 10 "${SANITIZE_SECONDS:-2400}" "$here/regress.sh"
