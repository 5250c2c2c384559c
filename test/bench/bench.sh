#!/bin/bash
#
# bench.sh [QUICK=1]
#	  make bench: transitions per second and latency beside baselines of the same run (bench.py says what and how).
#
# Unlike the tests' servers this one writes as a real one does: fsync and synchronous_commit are on.
. "$(dirname "$0")/../parts/common.sh"
bench=$SFN_DIR/test/bench

if [ "${1:-}" != inside ]; then
	echo "== building" >&2
	prepare bench
	"$cluster" run --durable -c sfn.max_workers=2 -c shared_buffers=256MB -c max_wal_size=8GB \
		-c checkpoint_timeout=30min -c synchronous_commit=on bench "$0" inside | tee "$logs/bench.log"
	exit
fi
psql -qX -v ON_ERROR_STOP=1 -c "CREATE DATABASE bench"
export PGDATABASE=bench
psql -qX -v ON_ERROR_STOP=1 -c "CREATE EXTENSION sfn"
limit "$([ -n "${QUICK:-}" ] && echo 240 || echo 900)" python3 "$bench/bench.py"
