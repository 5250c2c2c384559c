#!/bin/bash
#
# freeze.sh
#	  Keeps what a release leaves in databases: its install script and its half-done executions.
#
# Run once for a release, in its commit.  Writes sql/releases/sfn--VERSION.sql and test/upgrade/half_done/VERSION.sql, which
# are never changed afterwards; make upgrade updates from them, and test/lint/symbols.pl wants their C symbols exported.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export SFN_DIR=${SFN_DIR:-$(cd "$here/../.." && pwd)}
cluster=$SFN_DIR/test/cluster/cluster.sh
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$SFN_DIR/sfn.control")
script=$SFN_DIR/sql/releases/sfn--$version.sql
corpus=$here/half_done/$version.sql
if [ -e "$script" ]; then
	echo "freeze.sh: $script is there already: a release is frozen once" >&2
	exit 1
fi

"$cluster" install
dump=$("$cluster" stage)/half_done.sql
"$cluster" run -c sfn.enabled=off freeze "$here/half_done.sh" "$dump"
mkdir -p "${script%/*}" "${corpus%/*}"
cat "$SFN_DIR"/sql/extension/[0-9][0-9]_*.sql >"$script"
cp "$dump" "$corpus"
echo "frozen: ${script#"$SFN_DIR"/} and ${corpus#"$SFN_DIR"/}"
