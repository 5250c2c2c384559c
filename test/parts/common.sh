#
# common.sh
#	  What the parts of the test suite share: set-up, time limits, logs, counting.  Sourced, not run.
#
# A part calls part_begin with the package groups that it needs, does its work, and ends with part_end, which prints
# "<part>: N passed, N failed" and leaves the two numbers in build/log/<part>.count for test.sh to add up.
# T=name selects one test.  Output goes to build/log/<part>.log and to the terminal.

set -euo pipefail

SFN_DIR=${SFN_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
SFN_OBJ=${SFN_OBJ:-$SFN_DIR}
SFN_BUILD=${SFN_BUILD:-$SFN_OBJ/build}
export SFN_DIR SFN_OBJ SFN_BUILD
logs=$SFN_BUILD/log
cluster=$SFN_DIR/test/cluster/cluster.sh

# The limits are for machines that hang, not for machines that are slow.
limit()				# limit SECONDS COMMAND...
{
	local seconds=$1
	shift
	timeout --foreground -k 10 "$seconds" "$@"
}

heading()
{
	printf '\n== %s\n' "$*"
}

# Packages, then build and private installation, unless test.sh has done that for all parts.
prepare()
{
	mkdir -p "$logs"
	if [ -z "${SFN_PREPARED:-}" ]; then
		"$SFN_DIR/test/cluster/packages.sh" build "$@"
		# one test wants pg_cron, one Patroni; they are skipped without
		for extra in cron patroni; do
			[[ " $* " != *" test "* ]] || "$SFN_DIR/test/cluster/packages.sh" $extra >/dev/null 2>&1 || true
		done
		PG_CONFIG=${PG_CONFIG:-$(command -v pg_config)}
		export PG_CONFIG
		limit 900 "$cluster" install
	fi
}

part_begin()			# part_begin NAME [GROUP...]
{
	part=$1
	shift
	prepare "$@"
	rm -f "$logs/$part.count"
	: >"$logs/$part.log"
}

# Numbers of passed and failed tests in a log: pg_regress as PostgreSQL 15 writes it, TAP as everything else does.
count_results()
{
	awk '
		/^(test|    ) +[^ ].* \.\.\. ok( |$)/			{ passed++ }
		/^(test|    ) +[^ ].* \.\.\. (FAILED|failed)/	{ failed++ }
		/^ok( |$)/ && !/# SKIP/ && !/^ok +[0-9]+ ms/	{ passed++ }
		/^not ok( |$)/ && !/# TODO/					{ failed++ }
		END { print passed + 0, failed + 0 }' "$1"
}

part_end()			# part_end STATUS [PASSED FAILED]
{
	local status=$1 passed failed
	if [ $# -eq 3 ]; then
		passed=$2 failed=$3
	else
		read -r passed failed < <(count_results "$logs/$part.log")
	fi
	# what ended badly without naming a test counts as one
	if [ "$status" != 0 ] && [ "$failed" = 0 ]; then
		failed=1
		[ "$status" != 124 ] || echo "$part: stopped by its time limit"
	fi
	echo "$passed $failed" >"$logs/$part.count"
	[ "$failed" = 0 ] || echo "log: $logs/$part.log"
	echo "$part: $passed passed, $failed failed"
	[ "$failed" = 0 ]
}

pgxs_test_directory()
{
	echo "$(dirname "$("$PG_CONFIG" --pgxs)")/../test"
}
