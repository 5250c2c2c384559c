#!/bin/bash
#
# cluster.sh [N=3] [STANDBY=1] [CHECK=1]
#	  make cluster: N shards, a front and a gateway on this machine, kept up while you look around in psql.
#
# STANDBY=1: each shard has a synchronous standby, and the front knows both.  CHECK=1: starts 300 executions through the front,
# looks where they went, stops everything; the last line says how they spread.  COSTS=1: make bench CLUSTER=1.
. "$(dirname "$0")/common.sh"
count=${N:-3}
case $count in
	[1-9] | [1-9][0-9]) ;;
	*) echo "cluster: N is how many shards there are to be, 1 to 99, not \"$count\"" >&2; exit 1 ;;
esac
"$SFN_DIR/test/cluster/packages.sh" test
prepare

stage=$("$cluster" stage)
names=()
gateway_pid=

stop_all()
{
	local name
	[ -z "$gateway_pid" ] || kill "$gateway_pid" 2>/dev/null || true
	for name in "${names[@]}"; do
		"$cluster" stop "$name" 2>/dev/null || true
		rm -rf "$stage/cluster/$name/data"
	done
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# on NAME COMMAND...: with a server's environment
on()
{
	# shellcheck disable=SC1090
	(. "$stage/cluster/$1/environment" && shift && "$@")
}

start()				# start NAME OPTIONS...
{
	local name=$1
	shift
	names+=("$name")
	"$cluster" start "$@" "$name" >/dev/null
}

# A copy of a server that follows it, at a socket and a port of its own.
start_standby()
{
	local of=$1 name=$1-standby port socket
	names+=("$name")
	rm -rf "$stage/cluster/$name"
	mkdir -p "$stage/cluster/$name"
	"$cluster" own "$stage/cluster/$name"
	socket=$(mktemp -d /tmp/sfn-XXXXXX)
	"$cluster" own "$socket"
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
	on "$of" env SHARD_DATA="$stage/cluster/$name/data" "$cluster" as-server bash -c \
		'pg_basebackup -w -R -c fast -D "$SHARD_DATA" -d "host=$PGHOST port=$PGPORT user=$PGUSER application_name=standby"'
	printf "port = %s\nunix_socket_directories = '%s'\n" "$port" "$socket" >>"$stage/cluster/$name/data/postgresql.conf"
	sed -e "s|^export PGHOST='[^']*' PGPORT=[0-9]*|export PGHOST='$socket' PGPORT=$port|" -e "s|/cluster/$of'|/cluster/$name'|g" \
		-e "s|/cluster/$of/server.log|/cluster/$name/server.log|" "$stage/cluster/$of/environment" >"$stage/cluster/$name/environment"
	"$cluster" as-server pg_ctl start -s -w -t 60 -D "$stage/cluster/$name/data" -l "$stage/cluster/$name/server.log" >/dev/null </dev/null
	on "$of" psql -qXAt -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
}

# Connection strings of a shard, and of its standby.
hosts_of()
{
	local host port
	host=$(on "$1" printenv PGHOST)
	port=$(on "$1" printenv PGPORT)
	if [ -n "${STANDBY:-}" ]; then
		echo "host=$host,$(on "$1-standby" printenv PGHOST) port=$port,$(on "$1-standby" printenv PGPORT) target_session_attrs=read-write"
	else
		echo "host=$host port=$port"
	fi
}

# Before the front, where it is built; it makes calls about one shard there.  Sets $gateway, to nothing where it is not there.
start_gateway()
{
	local port
	gateway=
	[ -x "$SFN_OBJ/sfn-gateway" ] && command -v curl >/dev/null || return 0
	on front psql -qX -v ON_ERROR_STOP=1 -d app >/dev/null <<-'SQL'
		SET ROLE shopkeeper;
		SELECT sfn.create_access_key(access_key_id => 'test', secret_access_key => 'test');
	SQL
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
	"$SFN_OBJ/sfn-gateway" --db "host=$(on front printenv PGHOST) port=$(on front printenv PGPORT) user=$(on front printenv PGUSER) dbname=app" \
		--listen "127.0.0.1:$port" 2>"$logs/cluster.gateway.log" &
	gateway_pid=$!
	gateway=http://127.0.0.1:$port
	for _ in $(seq 300); do
		! curl -sf "$gateway/readyz" >/dev/null || return 0
		sleep 0.1
	done
	echo "cluster: the gateway is not ready; $logs/cluster.gateway.log says why" >&2
	exit 1
}

heading "$count shards${STANDBY:+, each with a standby,} and a front"
for i in $(seq 0 $((count - 1))); do
	start "shard$i" -c max_worker_processes=12 -c shared_buffers=32MB
	on "shard$i" psql -qX -v ON_ERROR_STOP=1 >/dev/null <<-SQL
		CREATE ROLE sfn_front LOGIN;
		CREATE DATABASE app;
		\c app
		CREATE EXTENSION sfn;
		SELECT sfn.allow_gateway('sfn_front');
	SQL
	[ -z "${STANDBY:-}" ] || start_standby "shard$i"
done
start front -c shared_preload_libraries=
on front psql -qX -v ON_ERROR_STOP=1 >/dev/null <<-SQL
	CREATE ROLE shopkeeper LOGIN;
	CREATE DATABASE app;
	\c app
	SET client_min_messages = warning;
	CREATE EXTENSION sfn_proxy CASCADE;
SQL
for i in $(seq 0 $((count - 1))); do
	on front psql -qX -v ON_ERROR_STOP=1 -d app -c "CALL sfn_proxy.add_shard('$(hosts_of "shard$i") dbname=app user=sfn_front')" >/dev/null
done
on front psql -qX -v ON_ERROR_STOP=1 -d app -f "$SFN_DIR/test/demo/cluster.sql"
start_gateway
if [ -n "$gateway" ]; then
	printf "5. The same over HTTP, by a gateway that finds the shard itself:\n\n   curl -u test:test -d '{}' %s/start/order\n\n" "$gateway"
	curl -sf -u test:test -d '{}' "$gateway/start/order"
	printf '\n'
fi

if [ -n "${COSTS:-}" ]; then
	# shellcheck disable=SC2046
	on front env GATEWAY="${gateway#http://127.0.0.1:} $gateway_pid" python3 -B "$SFN_DIR/test/bench/cluster_costs.py" "$stage/cluster/front" $(printf "$stage/cluster/%s " $(seq -f 'shard%g' 0 $((count - 1)))) |
		tee "$logs/bench-cluster.log"
	exit
fi
if [ -n "${CHECK:-}" ]; then
	on front psql -qXAt -v ON_ERROR_STOP=1 -d app -f "$SFN_DIR/test/demo/cluster_check.sql" | tee "$logs/cluster.log"
	spread=$(tail -n 1 "$logs/cluster.log")
	case $spread in
		"300 started, 300 ended once, $count of $count shards: "*) ;;
		*) echo "cluster: failed"; exit 1 ;;
	esac
	exit
fi
printf '\nThe front is yours: \\d sfn_proxy.*, SELECT * FROM sfn_proxy.shards; to leave: \\q\n\n'
on front psql -X -d app -U shopkeeper
