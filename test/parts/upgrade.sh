#!/bin/bash
#
# upgrade.sh
#	  Updates of the extension: from each release (sql/releases) over this tree to a made-up next version.
#
# The next version is this tree with another number and a few objects more, in a private tree of its own below
# build/upgrade.  test/tap/f66_update.pl runs there: it restores the half-done executions of each version
# (test/upgrade/half_done, those of this tree are made here), updates, compares catalogs and lets everything end.
. "$(dirname "$0")/common.sh"
part_begin upgrade test

now=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$SFN_DIR/sfn.control")
IFS=. read -r major minor _ <<<"$now"
next=$major.$((minor + 1)).0
work=$SFN_BUILD/upgrade
mkdir -p "$work/build"

half_done=$("$cluster" stage)/half_done.sql
# shellcheck disable=SC2016
"$cluster" run -c sfn.enabled=off half_done "$SFN_DIR/test/upgrade/half_done.sh" "$half_done"

# --- the release of this tree, in a copy of what it changes; the rest of it is half_done.sh above ---
rehearsal=$work/release
rm -rf "$rehearsal"
mkdir -p "$rehearsal/debian" "$rehearsal/sql/proxy"
cp "$SFN_DIR"/{sfn.control,META.json,CHANGELOG.md} "$rehearsal/"
cp "$SFN_DIR/debian/changelog" "$rehearsal/debian/"
cp "$SFN_DIR/sql/proxy/sfn_proxy.control" "$rehearsal/sql/proxy/"
grep -q '^## Unreleased$' "$rehearsal/CHANGELOG.md" || sed -i '0,/^## /s//## Unreleased\n\n&/' "$rehearsal/CHANGELOG.md"
SFN_DIR=$rehearsal SFN_NO_FREEZE=1 "$SFN_DIR/test/upgrade/release.sh" "$next" 2026-01-02
for said in "sfn.control:default_version = '$next'" "sql/proxy/sfn_proxy.control:default_version = '$next'" "META.json:\"version\": \"$next\"" "CHANGELOG.md:## $next (2026-01-02)" "debian/changelog:sfn ($next) unstable;"; do
	grep -qF -- "${said#*:}" "$rehearsal/${said%%:*}" || { echo "upgrade: a release leaves no \"${said#*:}\" in ${said%%:*}"; exit 1; }
done

# --- the tree of the next version ---
rm -rf "$work/build/obj"
cp -rp "$SFN_BUILD/obj" "$work/build/"
find "$work/build/obj" -name 'sql_version.*' -delete -o -name '*.d' -delete
printf '#!/bin/sh\nexec %s SFN_VERSION=%s "$@"\n' "${SFN_MAKE:-make}" "$next" >"$work/make"
chmod +x "$work/make"
export SFN_OBJ=$work SFN_BUILD=$work/build SFN_MAKE=$work/make SFN_PREPARED=1
"$cluster" install
stage=$("$cluster" stage)
extension=$stage/pginstall$("${PG_CONFIG:-pg_config}" --sharedir)/extension

cat "$SFN_DIR"/sql/extension/[0-9][0-9]_*.sql >"$extension/sfn--$now.sql"
cp "$SFN_DIR"/sql/releases/sfn--*.sql "$extension/" 2>/dev/null || true
cp "$SFN_DIR/test/upgrade/next.sql" "$extension/sfn--$now--$next.sql"
cat "$SFN_DIR/test/upgrade/next.sql" >>"$extension/sfn--$next.sql"
# a version that this library does not know yet
cp "$extension/sfn--$next.sql" "$extension/sfn--$((major + 1)).0.0.sql"
sed "s/^default_version.*/default_version = '$next'/" "$SFN_DIR/sfn.control" >"$extension/sfn.control"

corpora=$stage/half_done
rm -rf "$corpora"
mkdir -p "$corpora"
cp "$SFN_DIR"/test/upgrade/half_done/*.sql "$corpora/" 2>/dev/null || true
cp "$half_done" "$corpora/$now.sql"
chmod -R a+rX "$corpora"

status=0
SFN_HALF_DONE=$corpora SFN_NEXT_VERSION=$next T=f66_update "$SFN_DIR/test/parts/tap.sh" || status=$?
read -r passed failed <"$work/build/log/tap.count"
part_end "$status" "$passed" "$failed"
