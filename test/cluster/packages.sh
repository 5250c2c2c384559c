#!/bin/bash
#
# packages.sh GROUP...
#	  See to it that everything GROUP needs is there: as root by apt-get, else by naming what is missing.
#
# Groups: build, test, cron, patroni, gateway, python, conformance, bench, lint, fuzz.  A package counts as present when the program or file that we
# want from it is, so a PostgreSQL built from source (PG_CONFIG) needs no packages of its own.  Installing Debian's
# server package would create and start a cluster "main"; where that package was absent before, we ask it not to.
set -euo pipefail

find_pg_config()
{
	local candidate
	candidate=${PG_CONFIG:-$(command -v pg_config || true)}
	if [ -z "$candidate" ] || ! command -v "$candidate" >/dev/null; then
		candidate=$(find /usr/lib/postgresql -maxdepth 3 -name pg_config 2>/dev/null | sort -V | tail -n 1)
	fi
	echo "$candidate"
}

have()				# a program in the PATH
{
	command -v "$1" >/dev/null
}

have_server()
{
	local config
	config=$(find_pg_config)
	[ -n "$config" ] && [ -x "$("$config" --bindir 2>/dev/null)/postgres" ]
}

have_headers()
{
	local config
	config=$(find_pg_config)
	[ -n "$config" ] && [ -f "$("$config" --pgxs 2>/dev/null)" ] &&
		[ -f "$("$config" --includedir-server 2>/dev/null)/postgres.h" ]
}

have_c_library()	{ [ -f /usr/include/stdio.h ]; }
have_crypto()		{ [ -f /usr/include/openssl/evp.h ]; }
have_curl()			{ [ -f /usr/include/curl/curl.h ] || ls /usr/include/*/curl/curl.h >/dev/null 2>&1; }
have_pcre2()		{ [ -f /usr/include/pcre2.h ]; }
have_fuzzer()		{ ls /usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1; }
have_microhttpd()	{ have pkg-config && pkg-config --exists libmicrohttpd; }
have_libpq()		{ have pkg-config && pkg-config --exists libpq; }
have_zlib()			{ [ -f /usr/include/zlib.h ]; }
have_zstd()			{ have pkg-config && pkg-config --exists libzstd; }
have_ipc_run()		{ perl -MIPC::Run -e 1 2>/dev/null; }
have_perl()			{ perl -MTest::More -e 1 2>/dev/null && have prove; }

have_plperl()		# a server that Debian did not package may do without: those tests are skipped
{
	local library
	library=$("$(find_pg_config)" --pkglibdir 2>/dev/null)
	[ -f "$library/plperl.so" ] || [[ $library != /usr/lib/postgresql/* ]]
}

have_plproxy()		# likewise
{
	local library
	library=$("$(find_pg_config)" --pkglibdir 2>/dev/null)
	[ -f "$library/plproxy.so" ] || [[ $library != /usr/lib/postgresql/* ]]
}

have_pg_cron()		# likewise
{
	local library
	library=$("$(find_pg_config)" --pkglibdir 2>/dev/null)
	[ -f "$library/pg_cron.so" ] || [[ $library != /usr/lib/postgresql/* ]]
}

have_venv()			{ python3 -c 'import ensurepip, venv' 2>/dev/null; }
have_pysyncobj()	{ /usr/bin/python3 -c 'import pysyncobj' 2>/dev/null; }
have_psycopg2()		{ /usr/bin/python3 -c 'import psycopg2' 2>/dev/null; }

# The PostgreSQL version that this Debian prefers.
server_version()
{
	apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}

missing=()
want()				# want PACKAGE TEST...: PACKAGE is missing unless TEST succeeds
{
	local package=$1
	shift
	"$@" || missing+=("$package")
}

check_group()
{
	case $1 in
		build)
			want make have make
			want gcc have gcc
			want libc6-dev have_c_library
			want libssl-dev have_crypto
			want libcurl4-openssl-dev have_curl
			want libpcre2-dev have_pcre2
			want zlib1g-dev have_zlib
			want pkg-config have pkg-config
			want libzstd-dev have_zstd
			want "postgresql-$version" have_server
			want "postgresql-server-dev-$version" have_headers
			;;
		test)
			want perl have_perl
			want libipc-run-perl have_ipc_run
			want python3 have python3
			want zstd have zstd
			want "postgresql-plperl-$version" have_plperl
			want "postgresql-$version-plproxy" have_plproxy
			;;
		cron)	want "postgresql-$version-cron" have_pg_cron ;;
		patroni)
			want patroni have patroni
			want python3-pysyncobj have_pysyncobj
			;;
		gateway)
			want pkg-config have pkg-config
			want libmicrohttpd-dev have_microhttpd
			want libpq-dev have_libpq
			;;
		python)
			want python3 have python3
			want python3-venv have_venv
			want curl have curl
			;;
		conformance)
			want python3 have /usr/bin/python3
			want python3-psycopg2 have_psycopg2
			;;
		bench)	want python3 have /usr/bin/python3 ;;
		lint)
			want clang-format-14 have clang-format-14
			want cppcheck have cppcheck
			;;
		fuzz)
			want clang-14 have clang-14
			want libclang-rt-14-dev have_fuzzer
			;;
		*)
			echo "packages.sh: unknown group \"$1\"" >&2
			exit 2
			;;
	esac
}

check()
{
	local group
	missing=()
	for group in "$@"; do
		check_group "$group"
	done
}

install_missing()
{
	local quiet_cluster=/etc/postgresql-common/createcluster.d/sfn-no-main.conf log
	echo "== installing ${missing[*]}" >&2
	log=$(mktemp)
	if ! dpkg-query -W -f='${Status}' postgresql-common 2>/dev/null | grep -q 'ok installed'; then
		mkdir -p "${quiet_cluster%/*}"
		echo "create_main_cluster = false" >"$quiet_cluster"
	fi
	export DEBIAN_FRONTEND=noninteractive
	if ! apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$quiet_cluster" "$log"
		echo "apt-get could not install: ${missing[*]}" >&2
		exit 1
	fi
	rm -f "$quiet_cluster" "$log"
}

version=$(server_version)
version=${version:-15}
check "$@"
if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && have apt-get; then
		apt-get update -q </dev/null >/dev/null 2>&1 || true
		version=$(server_version)
		version=${version:-15}
		check "$@"
		install_missing
		check "$@"
	fi
	if [ ${#missing[@]} -gt 0 ]; then
		echo "missing packages: ${missing[*]} (as root: apt-get install ${missing[*]})" >&2
		exit 1
	fi
fi
