#!/bin/bash
#
# tap.sh [T="name ..."]
#	  The Perl tests of test/tap: restarts, crashes, workers; each starts servers of its own.
#
# They start servers, so they run as the servers' user; when that user cannot read this directory they run from a copy.
# Every file has a limit of its own (SfnTest.pm); a server that outlives its test all the same is stopped here by pid.
. "$(dirname "$0")/common.sh"
part_begin tap test gateway

stage=$("$cluster" stage)
source=$SFN_DIR
if ! "$cluster" as-server test -r "$SFN_DIR/test/tap/lib/SfnTest.pm"; then
	source=$stage/source
	rm -rf "$source"
	mkdir -p "$source"
	cp -r "$SFN_DIR"/{test,src,docs} "$source/"
fi

files=()
for prefix in ${T:-""}; do
	for file in "$source/test/tap/$prefix"*.pl; do
		[ ! -f "$file" ] || files+=("$file")
	done
done
if [ ${#files[@]} = 0 ]; then
	[ -z "${T:-}" ] || echo "no test/tap/$T*.pl"
	part_end "${T:+1}" 0 0
	exit
fi

work=$stage/tap
! mountpoint -q "$work/small" || umount --lazy "$work/small"
rm -rf "$work"
mkdir -p "$work/tmp_check/log"
"$cluster" own "$work"

# A file system that is soon full, for f50.
small=$work/small
mkdir -p "$small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=12m tmpfs "$small" 2>/dev/null; then
	"$cluster" own "$small"
	export SFN_SMALL_DISK=$small
fi

# The gateway under sanitizers, where it is tested.
if [[ " ${files[*]}" = */gateway_* ]] && [ -x "$SFN_OBJ/sfn-gateway" ]; then
	"${SFN_MAKE:-make}" -C "$SFN_OBJ" -f "$SFN_DIR/Makefile" --no-print-directory gateway-checked >"$logs/gateway-checked.log" 2>&1
	cp "$SFN_BUILD/gateway-checked/sfn-gateway" "$work/sfn-gateway"
	export SFN_GATEWAY=$work/sfn-gateway
fi

stop_survivors()
{
	local pidfile
	for pidfile in "$work"/tmp_check/*/pgdata/postmaster.pid; do
		[ ! -f "$pidfile" ] || kill -QUIT "$(head -n 1 "$pidfile")" 2>/dev/null || true
	done
	[ -z "${SFN_SMALL_DISK:-}" ] || umount --lazy "$small"
}
trap stop_survivors EXIT

perl=$(pgxs_test_directory)/perl
status=0
"$cluster" as-server env TESTDIR="$work" TESTDATADIR="$work/tmp_check" TESTLOGDIR="$work/tmp_check/log" \
	PG_REGRESS="$(pgxs_test_directory)/regress/pg_regress" PGPORT=65432 SFN_SOAK="${SFN_SOAK:-}" \
	SFN_GATEWAY="${SFN_GATEWAY:-}" \
	timeout --foreground -k 20 "${TAP_LIMIT:-3600}" \
	prove --verbose --merge --timer -j "${TAP_JOBS:-1}" -I "$source/test/tap/lib" -I "$perl" "${files[@]}" 2>&1 |
	tee "$logs/tap.log" | grep --line-buffered -E '^not ok|^# +(Failed|at|got|expected|Looks)|\.pl \.\.|^(Result|Files)' ||
	status=${PIPESTATUS[0]}
cp "$work"/tmp_check/log/*.log "$logs/" 2>/dev/null || true
part_end "$status"
