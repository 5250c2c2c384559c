#!/bin/bash
#
# cluster.sh
#	  A private PostgreSQL for tests and demos: built, installed, started, used, stopped.
#
#	cluster.sh install					build and install into the private tree
#	cluster.sh run [options] NAME COMMAND...	run COMMAND with a fresh server NAME, which is stopped afterwards
#	cluster.sh start [options] NAME		start a fresh server and leave it; prints how to reach it
#	cluster.sh stop NAME				stop it
#	cluster.sh as-server COMMAND...		run COMMAND as the user of the servers, private tree first in the PATH
#	cluster.sh stage					print the directory that servers live in
#	cluster.sh own DIRECTORY			give it to the user of the servers
#
# options:	-c setting=value	a line for postgresql.conf (also several)
#			-f file				lines for postgresql.conf
#			--durable			with fsync; the rest of us can do without
#
# The private tree is a copy of the installed PostgreSQL below build/pginstall, under the same paths: programs are
# copied (a server looks for its files relative to where its own program really lies), the rest are links.  So the
# extension is tested as installed, without writing to the system, and no root is needed.
#
# PostgreSQL refuses to run as root, so root runs servers as "postgres" or, where there is none, "nobody".  When that
# user cannot reach build/ (a clone below /root), servers live in a directory below /tmp instead.  Servers listen on
# a socket in a directory of their own, closed to others, and on a free port of 127.0.0.1 with a random password.
#
# COMMAND sees PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD and, first in its PATH, the programs of the private tree.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
SFN_DIR=${SFN_DIR:-$(cd "$here/../.." && pwd)}
SFN_OBJ=${SFN_OBJ:-$SFN_DIR}
SFN_BUILD=${SFN_BUILD:-$SFN_OBJ/build}
PG_CONFIG=${PG_CONFIG:-$(command -v pg_config || find /usr/lib/postgresql -maxdepth 3 -name pg_config | sort -V | tail -n 1)}
export SFN_DIR SFN_OBJ SFN_BUILD PG_CONFIG

die()
{
	echo "cluster.sh: $*" >&2
	exit 1
}

# --- who runs servers, and where ---

server_user()
{
	if [ "$(id -u)" != 0 ]; then
		id -un
	elif id postgres >/dev/null 2>&1; then
		echo postgres
	else
		echo nobody
	fi
}

as_user()			# as_user COMMAND...: as the servers' user, in a directory that it can enter
{
	if [ "$(id -u)" = 0 ]; then
		(cd "$stage" && exec runuser -u "$user" -- "$@")
	else
		"$@"
	fi
}

# The directory for everything that servers touch: build/ itself when their user can reach it.
choose_stage()
{
	mkdir -p "$SFN_BUILD"
	stage=/
	if as_user test -x "$SFN_BUILD" -a -r "$SFN_BUILD"; then
		stage=$SFN_BUILD
		return
	fi
	if [ -s "$SFN_BUILD/stage" ] && [ -d "$(cat "$SFN_BUILD/stage")" ]; then
		stage=$(cat "$SFN_BUILD/stage")
		return
	fi
	stage=$(mktemp -d /tmp/sfn-build-XXXXXX)
	chmod 755 "$stage"
	echo "$stage" >"$SFN_BUILD/stage"
}

user=$(server_user)
choose_stage
tree=$stage/pginstall
bindir=$tree$("$PG_CONFIG" --bindir)

# --- the private tree ---

link_all()			# link_all FROM TO: every entry of FROM appears in TO
{
	mkdir -p "$2"
	ln -sfn "$1"/* "$2"/
}

make_tree()
{
	local bin share lib
	bin=$("$PG_CONFIG" --bindir)
	share=$("$PG_CONFIG" --sharedir)
	lib=$("$PG_CONFIG" --pkglibdir)
	if [ ! "$tree/made" -nt "$bin/postgres" ]; then
		rm -rf "$tree"
		mkdir -p "$tree$bin"
		cp -pL "$bin"/* "$tree$bin/"
		link_all "$lib" "$tree$lib"
		rm -f "$tree$lib/sfn.so"
		link_all "$share" "$tree$share"
		rm -f "$tree$share/extension"
		link_all "$share/extension" "$tree$share/extension"
		find "$tree$share/extension" -name 'sfn*' -type l -delete
		touch "$tree/made"
	fi
}

# Lines of make that say nothing are kept for the log only; several callers at once take turns.
install_tree()
{
	local log=$SFN_BUILD/log/build.log make=${SFN_MAKE:-make}
	mkdir -p "$SFN_BUILD/log"
	(
		flock 9
		make_tree
		unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
		if ! "$make" -C "$SFN_OBJ" -f "$SFN_DIR/Makefile" --no-print-directory -j "$(nproc)" all >"$log" 2>&1 ||
			! "$make" -C "$SFN_OBJ" -f "$SFN_DIR/Makefile" --no-print-directory install DESTDIR="$tree" >>"$log" 2>&1; then
			grep -vE '^(gcc|clang|cc) ' "$log" | tail -n 60 >&2
			echo "the build failed; see $log" >&2
			exit 1
		fi
	) 9>"$SFN_BUILD/install.lock"
}

# --- one server ---

free_port()
{
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
			echo "$port"
			return
		fi
	done
}

write_configuration()
{
	cat <<-CONF
		listen_addresses = '127.0.0.1'
		port = $port
		unix_socket_directories = '$socket_dir'
		max_connections = 60
		max_worker_processes = 24
		shared_buffers = 128MB
		log_line_prefix = '%m [%p] %b %q%u@%d '
		log_autovacuum_min_duration = -1
		lc_messages = 'C'
		timezone = 'UTC'
		shared_preload_libraries = 'sfn'
	CONF
	[ -n "$durable" ] || echo "fsync = off"
	[ -z "$settings" ] || printf '%s' "$settings"
	[ -z "$settings_file" ] || cat "$settings_file"
}

make_data()
{
	local password=$1
	rm -rf "$cluster"
	mkdir -p "$cluster"
	chmod 700 "$cluster"
	write_environment "$password"
	[ "$(id -u)" != 0 ] || chown "$user" "$cluster"
	as_user "$bindir/initdb" -D "$cluster/data" -U postgres --encoding=UTF8 --locale=C --no-sync -A trust \
		>"$cluster/initdb.log" 2>&1 || { cat "$cluster/initdb.log" >&2; die "initdb failed"; }
	write_configuration >>"$cluster/data/postgresql.conf"
	printf '%s\n' "local all all trust" "host all all 127.0.0.1/32 scram-sha-256" "local replication all trust" \
		>"$cluster/data/pg_hba.conf"
	echo "PGPASSWORD=$password" >"$cluster/password"
}

write_environment()
{
	cat >"$cluster/environment" <<-ENV
		export PGHOST='$socket_dir' PGPORT=$port PGUSER=postgres PGDATABASE=postgres PGPASSWORD='$1'
		export SFN_CLUSTER='$cluster' SFN_SERVER_LOG='$cluster/server.log' PG_CONFIG='$PG_CONFIG' PATH='$bindir':"\$PATH"
	ENV
}

is_running()		# is_running DATA: a process of the number in the pid file has that directory
{
	local pid
	pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && [ "$(readlink "/proc/$pid/cwd")" -ef "$1" ]
}

# Stop the server in a data directory, whoever left it there.
stop_server()
{
	local data=$1/data
	if [ -f "$data/postmaster.pid" ]; then
		as_user "$bindir/pg_ctl" stop -D "$data" -m fast -t 30 -s 2>/dev/null ||
			as_user "$bindir/pg_ctl" stop -D "$data" -m immediate -t 15 -s 2>/dev/null ||
			! is_running "$data" || die "the server in $data does not stop"
	fi
	if [ -f "$1/environment" ]; then
		rm -rf "$(sed -n "s/^export PGHOST='\([^']*\)'.*/\1/p" "$1/environment")"
	fi
}

start_server()
{
	local password port socket_dir attempt
	cluster=$stage/cluster/$name
	stop_server "$cluster"
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	for attempt in 1 2 3; do
		port=$(free_port)
		socket_dir=$(mktemp -d /tmp/sfn-XXXXXX)
		[ "$(id -u)" != 0 ] || chown "$user" "$socket_dir"
		make_data "$password"
		if as_user "$bindir/pg_ctl" start -D "$cluster/data" -l "$cluster/server.log" -w -t 60 -s \
			>"$cluster/start.log" 2>&1 </dev/null; then
			# shellcheck disable=SC1091
			. "$cluster/environment"
			"$bindir/psql" -qXc "SET password_encryption = 'scram-sha-256'" -c "ALTER ROLE postgres PASSWORD '$password'"
			return
		fi
		rm -rf "$socket_dir"
		grep -q 'could not bind' "$cluster/server.log" || break
	done
	cat "$cluster/start.log" >&2
	tail -n 20 "$cluster/server.log" >&2
	die "the server did not start"
}

# --- commands ---

settings= settings_file= durable= name=
parse_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
			-c) settings+="${2%%=*} = '${2#*=}'"$'\n'; shift 2 ;;
			-f) settings_file=$2; shift 2 ;;
			--durable) durable=1; shift ;;
			*) break ;;
		esac
	done
	[ $# -gt 0 ] || die "which server?"
	name=$1
	shift
	rest=("$@")
}

keep_log()			# a server's log outlives it
{
	mkdir -p "$SFN_BUILD/log"
	cp "$stage/cluster/$name/server.log" "$SFN_BUILD/log/server-$name.log" 2>/dev/null || true
}

command_run()
{
	local status=0
	parse_options "$@"
	trap 'stop_server "$stage/cluster/$name"; keep_log; rm -rf "$stage/cluster/$name/data"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	start_server
	"${rest[@]}" || status=$?
	exit $status
}

command_start()
{
	parse_options "$@"
	start_server
	echo "server \"$name\" runs; to use it:  . $cluster/environment"
}

command_as_server()
{
	PATH=$bindir:$PATH as_user env PATH="$bindir:$PATH" "$@"
}

action=${1:-}
[ $# -eq 0 ] || shift
case $action in
	install) install_tree ;;
	run) command_run "$@" ;;
	start) command_start "$@" ;;
	stop) stop_server "$stage/cluster/${1:?which server?}" ;;
	as-server) command_as_server "$@" ;;
	stage) echo "$stage" ;;
	own) [ "$(id -u)" != 0 ] || chown -R "$user" "$1" ;;
	*) sed -n '3,/^set/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2 ;;
esac
