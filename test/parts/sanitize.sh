#!/bin/bash
#
# sanitize.sh [T=name] [SANITIZER=address]
#	  The SQL scripts of sql/ in a server whose library is built with UndefinedBehaviorSanitizer, in build/sanitize, or
#	  with AddressSanitizer, in build/sanitize-address.
#
# A finding ends the session that meets it, and so the run; the server's log has its place and stack.  AddressSanitizer
# does not look into blocks of palloc(), but at everything else: the stack, globals, what libraries are handed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

SANITIZER=${SANITIZER:-undefined}
SFN_BUILD=${SFN_BUILD:-$SFN_OBJ/build}
SFN_OBJ=$SFN_BUILD/sanitize
[ "$SANITIZER" = undefined ] || SFN_OBJ+=-$SANITIZER
export SFN_OBJ SFN_BUILD=$SFN_OBJ/build
export COPT="-O1 -fno-wrapv -fno-omit-frame-pointer -fsanitize=$SANITIZER -fno-sanitize-recover=$SANITIZER" # overflows are findings, too
export UBSAN_OPTIONS=print_stacktrace=1
unset SFN_PREPARED
mkdir -p "$SFN_BUILD"

# A server that is not built for AddressSanitizer has to load its library first.  That one asks for bindtextdomain()
# while it starts, before the C library can answer: it is answered by two functions that do nothing.
preload_address_sanitizer()
{
	local postgres shim=$SFN_BUILD/shim.so library
	SFN_DIR=$(cd "$here/../.." && pwd)
	export SFN_DIR
	. "$here/common.sh"
	prepare
	library=$(gcc -print-file-name=libasan.so)
	gcc -shared -fPIC -o "$shim" -x c - <<-'C'
		char *bindtextdomain(const char *domain, const char *directory) { (void) domain; return (char *) directory; }
		char *bind_textdomain_codeset(const char *domain, const char *codeset) { (void) domain; return (char *) codeset; }
	C
	postgres=$("$cluster" stage)/pginstall$("${PG_CONFIG:-pg_config}" --bindir)/postgres
	[ -e "$postgres.unchecked" ] || mv "$postgres" "$postgres.unchecked"
	# only the server is to have it, not what starts it
	cat >"$postgres" <<-WRAPPER
		#!/bin/sh
		ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:detect_stack_use_after_return=0 LD_PRELOAD="$(readlink -f "$library") $shim" exec "$postgres.unchecked" "\$@"
	WRAPPER
	chmod 755 "$postgres"
	export SFN_PREPARED=1
}

[ "$SANITIZER" != address ] || preload_address_sanitizer
exec timeout --foreground -k 10 "${SANITIZE_SECONDS:-2400}" "$here/regress.sh"
