#!/bin/bash
#
# release.sh VERSION [DATE]
#	  Makes this tree a release: its number and date where they stand, then freeze.sh.  What it changes is one commit.
#
# DATE is yyyy-mm-dd, today without it.  SFN_DIR is the tree.  With SFN_NO_FREEZE=1 number and date are all: so
# upgrade.sh rehearses it in a copy.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
export SFN_DIR=${SFN_DIR:-$(cd "$here/../.." && pwd)}
version=${1:?which version?}
date=${2:-$(date +%F)}
cd "$SFN_DIR"

die()
{
	echo "release.sh: $*" >&2
	exit 1
}

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "$version is no version such as 0.2.0"
[[ $date =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || die "$date is no date such as 2026-11-28"
[ ! -e "sql/releases/sfn--$version.sql" ] || die "$version was released already"
grep -q '^## Unreleased$' CHANGELOG.md || die "CHANGELOG.md has no section \"Unreleased\""

sed -i "s/^default_version = .*/default_version = '$version'/" sfn.control sql/proxy/sfn_proxy.control
# but that of META.json's own format, which comes last
VERSION=$version perl -pi -e '$spec ||= /"meta-spec"/; s/("version": ")[^"]*/$1$ENV{VERSION}/ if !$spec' META.json
sed -i "s/^## Unreleased$/## $version ($date)/" CHANGELOG.md
cat - debian/changelog >debian/changelog.new <<-ENTRY
	sfn ($version) unstable; urgency=medium

	  * See CHANGELOG.md.

	 -- sfn contributors <sfn@localhost>  $(date -uRd "$date")

ENTRY
# what was being prepared has become this one
perl -0pe 's/^sfn \([^)]*\) UNRELEASED.*?\n -- [^\n]*\n\n?//msg' debian/changelog.new >debian/changelog
rm debian/changelog.new

[ -n "${SFN_NO_FREEZE:-}" ] || exec "$here/freeze.sh"
