#!/bin/bash
#
# bench.sh [QUICK=1] [SOAK=1] [PART=G|H|W4|W9] [KEPT=executions] [GATEWAY=1] [EVENTS=1]
#	  make bench: transitions per second and latency beside baselines of the same run (bench.py says what and how).
#	  CLUSTER=1: what calls cost by themselves and through a front of shards (cluster_costs.py), nothing else.
#
# Unlike the tests' servers this one writes as a real one does: fsync and synchronous_commit are on.
. "$(dirname "$0")/../parts/common.sh"
bench=$SFN_DIR/test/bench
[ -z "${CLUSTER:-}" ] || COSTS=1 exec "$SFN_DIR/test/parts/cluster.sh"

if [ "${1:-}" != inside ]; then
	echo "== building" >&2
	prepare bench gateway
	# W8 measures the core as a plain program, too.
	mkdir -p "$SFN_BUILD/bench"
	library=$("$PG_CONFIG" --pkglibdir)
	[ -f "$library/libpgcommon.a" ] || library=$("$PG_CONFIG" --libdir)
	gcc -std=gnu99 -O2 -DFRONTEND -D_GNU_SOURCE -fno-strict-aliasing -fwrapv -w -I "$SFN_DIR/src/core" \
		-isystem "$("$PG_CONFIG" --includedir-server)" "$SFN_DIR"/src/core/{base,json,jsonata}/*.c "$SFN_DIR/test/unit/bench_jsonata.c" \
		-o "$SFN_BUILD/bench/bench_jsonata" "$library/libpgcommon.a" "$library/libpgport.a" -lpcre2-8 -lcrypto -lm -lpthread ||
		echo "bench: the core's JSONata program was not built; its lines are left out" >&2
	gcc -O2 -D_GNU_SOURCE -o "$SFN_BUILD/bench/http_server" "$SFN_DIR/test/bench/http_server.c" ||
		echo "bench: the HTTP server of W4 was not built; its line is left out" >&2
	"$cluster" run --durable -c sfn.max_workers=2 -c max_worker_processes=16 -c shared_buffers=256MB -c max_wal_size=8GB \
		-c checkpoint_timeout=30min -c synchronous_commit=on bench "$0" inside | tee "$logs/bench.log"
	exit
fi
psql -qX -v ON_ERROR_STOP=1 -c "CREATE DATABASE bench"
export PGDATABASE=bench
psql -qX -v ON_ERROR_STOP=1 -c "CREATE EXTENSION sfn"
if [ -n "${GATEWAY:-}" ]; then
	limit 1800 "$bench/gateway_rates.sh"
	exit
fi
if [ -n "${EVENTS:-}" ]; then
	limit 3600 python3 "$bench/event_costs.py"
	exit
fi
limit "$([ -n "${QUICK:-}" ] && echo 540 || echo "$([ -n "${SOAK:-}" ] && echo 14400 || echo 3600)")" python3 "$bench/bench.py"
