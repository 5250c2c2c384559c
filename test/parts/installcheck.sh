#!/bin/bash
#
# installcheck.sh [T=name]
#	  The SQL scripts and the races against a server that runs already, with sfn installed and preloaded.
#
# Takes the server from PGHOST, PGPORT and PGUSER, as psql does; a superuser is needed.  Two databases are made for
# it, sfn_regress and sfn_isolation, with sfn.enabled = off: the scripts turn the crank themselves, and executors would
# take their work away.  Both are dropped at the end.  Roles that the scripts make are dropped by them.
set -euo pipefail
SFN_DIR=${SFN_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
SFN_BUILD=${SFN_BUILD:-$SFN_DIR/build}
PG_CONFIG=${PG_CONFIG:-pg_config}
output=$SFN_BUILD/installcheck
bindir=$("$PG_CONFIG" --bindir)
tests=$(dirname "$("$PG_CONFIG" --pgxs)")/../test
export PGDATABASE=postgres

ask()
{
	"$bindir/psql" -XAtq -v ON_ERROR_STOP=1 "$@"
}

complain()
{
	echo "installcheck: $1" >&2
	exit 1
}

check_server()
{
	ask -c '' || complain "needs a running server: PGHOST, PGPORT, PGUSER"
	[ "$(ask -c "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")" = t ] || complain "needs a superuser: PGUSER"
	ask -c "SHOW shared_preload_libraries" | tr -d ' "' | tr , '\n' | grep -qx sfn ||
		complain "needs shared_preload_libraries = 'sfn' in postgresql.conf, and a restart"
}

# What pg_regress would set for a database of its own.
make_database()
{
	ask -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'" \
		-c "ALTER DATABASE $1 SET sfn.enabled = off" -c "ALTER DATABASE $1 SET lc_messages = 'C'" \
		-c "ALTER DATABASE $1 SET bytea_output = 'hex'" -c "ALTER DATABASE $1 SET timezone_abbreviations = 'Default'"
	PGDATABASE=$1 ask -c "CREATE EXTENSION sfn"
}

run_tests()			# run_tests DATABASE PROGRAM INPUT TESTS
{
	local status=0
	[ -n "$4" ] || return 0
	make_database "$1"
	mkdir -p "$output/$1"
	# shellcheck disable=SC2086
	"$tests/$2" --use-existing --dbname="$1" --inputdir="$3" --outputdir="$output/$1" --bindir="$bindir" $4 || status=1
	ask -c "DROP DATABASE $1"
	return $status
}

names()				# names DIRECTORY ENDING: all that are there, or those of T
{
	(cd "$1" && for one in ${T:-$(ls -- *"$2")}; do
		one=${one%"$2"}
		[ ! -f "$one$2" ] || echo "$one"
	done)
}

check_server
status=0
run_tests sfn_regress regress/pg_regress "$SFN_DIR" "$(names "$SFN_DIR/sql" .sql)" || status=1
run_tests sfn_isolation isolation/pg_isolation_regress "$SFN_DIR/test/isolation" \
	"$(names "$SFN_DIR/test/isolation/specs" .spec)" || status=1
exit $status
