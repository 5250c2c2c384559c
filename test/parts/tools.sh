#!/bin/bash
#
# tools.sh
#	  What packagers and newcomers meet before any state machine: the Makefile, the library, META.json, cluster.sh.
. "$(dirname "$0")/common.sh"
part_begin tools
log=$logs/tools.log
run_make=("${SFN_MAKE:-make}" -f "$SFN_DIR/Makefile" --no-print-directory)
unset MAKEFLAGS MFLAGS MAKELEVEL WERROR SFN_BUILD SFN_OBJ
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check()				# check NAME COMMAND...
{
	local name=$1
	shift
	if "$@" >>"$log.details" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
	fi | tee -a "$log"
}

options_with()		# options_with VARIABLE=VALUE...: the compiler's options
{
	env "$@" "${run_make[@]}" -C "$work" -n V=1 "$work/build/obj/server/sfn.o"
}

no_folders_in_library()
{
	! grep -qF "$SFN_DIR" "$library"
}

werror_is_asked_for()
{
	! options_with CI=true WERROR= | grep -qE -- '-Werror( |$)' && options_with WERROR=1 | grep -qE -- '-Werror( |$)'
}

missing_server_is_explained()
{
	local said
	said=$("${run_make[@]}" -C "$work" PG_CONFIG=pg_config_that_is_missing all 2>&1) && return 1
	grep -q 'postgresql-server-dev' <<<"$said" && ! grep -q 'not found$' <<<"$said"
}

# Without its libraries the extension is built all the same.
gateway_is_optional()
{
	local said
	said=$(env PKG_CONFIG_LIBDIR=/nonexistent "${run_make[@]}" -C "$work" -n all 2>&1) || return 1
	grep -q 'the gateway is not built, libmicrohttpd libpq missing' <<<"$said" && ! grep -q 'ld sfn-gateway' <<<"$said" &&
		grep -q 'sfn\.so' <<<"$said"
}

clean_removes_only_ours()
{
	mkdir -p "$work/mine/build/obj" "$work/mine/results"
	touch "$work/mine/build/theirs" "$work/mine/results/theirs" "$work/mine/build/obj/x.o"
	"${run_make[@]}" -C "$work/mine" clean
	[ -f "$work/mine/build/theirs" ] && [ -f "$work/mine/results/theirs" ] && [ ! -e "$work/mine/build/obj" ]
}

prepared_shell_stops_server()
{
	local pidfile
	"$cluster" start tools
	pidfile=$("$cluster" stage)/cluster/tools/data/postmaster.pid
	[ -f "$pidfile" ] || return 1
	# shellcheck disable=SC2016
	env -u PG_CONFIG bash -c '. "$1/cluster/tools/environment" && psql -XAtqc "SELECT 1" && "$2" stop tools' \
		bash "$("$cluster" stage)" "$cluster"
	[ ! -f "$pidfile" ] || { "$cluster" stop tools; return 1; }
}

odd_numbers_of_shards_are_refused()
{
	local n answer
	for n in 0 -1 abc 1.5; do
		answer=$("${run_make[@]}" -C "$work" -o all cluster "N=$n" CHECK=1 2>&1) && return 1
		echo "$answer"
		grep -qF "N is how many shards there are to be, 1 to 99, not \"$n\"" <<<"$answer" || return 1
	done
}

# What PGXN's meta specification asks for, and one version in all places.
meta_is_valid()
{
	perl -MJSON::PP -e '
		local $/;
		my $meta = decode_json(<STDIN>);
		my $semver = qr/^\d+\.\d+\.\d+(-[A-Za-z][0-9A-Za-z-]*)?$/;
		defined $meta->{$_} && $meta->{$_} ne "" or die "no $_\n" for qw(name abstract version maintainer license provides meta-spec);
		$meta->{version} =~ $semver or die "version\n";
		$meta->{"meta-spec"}{version} =~ /^1\.0\.\d+$/ or die "meta-spec\n";
		!defined $meta->{release_status} || grep { $meta->{release_status} eq $_ } qw(stable testing unstable) or die "release_status\n";
		grep { $meta->{license} eq $_ } qw(postgresql mit bsd apache_2_0 gpl_2 gpl_3 lgpl_2_1 lgpl_3_0 mozilla_1_0 perl_5) or die "license\n";
		ref $_ ? 0 : length $_ < 256 or die "tags\n" for @{ $meta->{tags} };
		for my $provided (values %{ $meta->{provides} })
		{
			-f "$ARGV[0]/$provided->{$_}" or die "$_ $provided->{$_} is not there\n" for qw(file docfile);
			$provided->{version} eq $meta->{version} or die "versions\n";
		}
		$meta->{version} eq $_ or die "a control file says $_\n" for @ARGV[1 .. $#ARGV];
	' "$SFN_DIR" $(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$SFN_DIR/sfn.control" "$SFN_DIR/sql/proxy/sfn_proxy.control") <"$SFN_DIR/META.json"
}

library=${SFN_LIBRARY:-$SFN_DIR/sfn.so}
: >"$log.details"
check "the library says nothing of the folder it was built in" no_folders_in_library
check "it needs no symbol that the first minor version lacks" "$SFN_DIR/test/lint/symbols.pl" "$library"
check "warnings are errors when WERROR is set, not when CI is" werror_is_asked_for
check "a missing server is explained" missing_server_is_explained
check "without its libraries the gateway is left out" gateway_is_optional
check "make clean removes only what make has made" clean_removes_only_ours
check "META.json is what PGXN asks for" meta_is_valid
check "a server is stopped from the shell that its environment prepared" prepared_shell_stops_server
check "a number of shards that is none is refused" odd_numbers_of_shards_are_refused
part_end 0
