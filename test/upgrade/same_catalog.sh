#!/bin/bash
#
# same_catalog.sh COMMIT | FILE
#	  Does the install script of this tree make the same catalog as another one?
#
# The other one is a whole install script, or a commit, whose parts are put together.  Both are run in a private server
# with the library of this tree; what differs is shown as "diff" shows it, and makes the exit status 1.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export SFN_DIR=${SFN_DIR:-$(cd "$here/../.." && pwd)}
cluster=$SFN_DIR/test/cluster/cluster.sh

# Within the server: a database with the other catalog, one with ours, and their dumps.
compare()
{
	local version
	for version in before after; do
		createdb "$version"
	done
	psql -XAtq -v ON_ERROR_STOP=1 -d before -c "CREATE EXTENSION sfn VERSION 'before'"
	psql -XAtq -v ON_ERROR_STOP=1 -d after -c "CREATE EXTENSION sfn"
	for version in before after; do
		psql -XAtq -v ON_ERROR_STOP=1 -d "$version" -f "$here/catalog_dump.sql" >"$1/$version"
	done
	wc -l <"$1/after" | sed 's/^/lines: /'
	diff "$1/before" "$1/after" && echo "the same catalog"
}

if [ "${1:-}" = --compare ]; then
	compare "$2"
	exit
fi

other=${1:?which commit or file? see the head of this script}
"$cluster" install
extension=$("$cluster" stage)/pginstall$("${PG_CONFIG:-pg_config}" --sharedir)/extension
dumps=$(mktemp -d)
trap 'rm -rf "$dumps" "$extension/sfn--before.sql"' EXIT
if [ -f "$other" ]; then
	cat "$other" >"$extension/sfn--before.sql"
else
	git -C "$SFN_DIR" ls-tree --name-only "$other" sql/extension/ | grep '/[0-9][0-9]_.*\.sql$' | sort |
		while read -r part; do git -C "$SFN_DIR" show "$other:$part"; done >"$extension/sfn--before.sql"
fi
"$cluster" run -c sfn.enabled=off same_catalog "$0" --compare "$dumps"
