#!/bin/bash
#
# sleepers.sh [COUNT]
#	  What a million sleeping executions cost: the workers' memory, their start-up time, and whether a new execution
#	  still runs at once.  Not part of make bench: creating them takes a minute or two.
. "$(dirname "$0")/../parts/common.sh"
count=${COUNT:-${1:-1000000}}

if [ "${1:-}" != inside ]; then
	prepare bench
	COUNT=$count "$cluster" run -c sfn.max_workers=2 -c shared_buffers=256MB -c max_wal_size=8GB -c synchronous_commit=off \
		sleepers "$0" inside
	exit
fi

ask()				# ask SQL: the answer as text
{
	psql -XAtq -v ON_ERROR_STOP=1 -c "$1"
}

wait_until()			# wait_until SQL: until the answer is "t"
{
	until [ "$(ask "$1")" = t ]; do sleep 0.2; done
}

memory()			# of each worker, in kB: resident, and of that not shared
{
	local pid worker
	ask "SELECT pid, worker FROM sfn.workers WHERE pid IS NOT NULL ORDER BY worker" | while IFS='|' read -r pid worker; do
		awk -v worker="$worker" '
			/^VmRSS|^VmHWM/ { line[$1] = $2 }
			/^RssAnon/ { own = $2 }
			END { printf "    %-10s %8d kB resident, %8d kB of its own, at most %8d kB\n", worker, line["VmRSS:"], own, line["VmHWM:"] }' "/proc/$pid/status"
	done
}

ask "CREATE EXTENSION sfn"
ask "SELECT sfn.create_state_machine('sleep', '{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"Seconds\": 1000000, \"End\": true}}}')" >/dev/null
ask "SELECT sfn.create_state_machine('pass', '{\"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}')" >/dev/null
for ((made = 0; made < count; made += 20000)); do
	ask "SELECT count(*) FROM sfn.start_executions('sleep', ARRAY(SELECT json_build_object('n', n) FROM generate_series(1, least(20000, $count - $made)) n))" >/dev/null
done
wait_until "SELECT count(*) = 0 FROM (SELECT FROM sfn.inbox WHERE kind <> 3 LIMIT 1) i"
echo "$(ask "SELECT count(*) FROM sfn.inbox") executions sleep; tables and indexes take $(ask "SELECT pg_size_pretty(sum(pg_total_relation_size(oid))) FROM pg_class WHERE relnamespace = 'sfn'::regnamespace AND relkind = 'r'")"
echo "workers that put them to sleep:"
memory

data=$(ask "SHOW data_directory")
"$cluster" as-server pg_ctl restart -D "$data" -m fast -w -s -l "$SFN_SERVER_LOG" </dev/null >/dev/null
began=$(ask "SELECT extract(epoch FROM pg_postmaster_start_time())")
wait_until "SELECT count(*) = 1 FROM sfn.workers WHERE worker = 'executor' AND pid IS NOT NULL AND state = 'idle'"
echo "start-up: the executor rests $(ask "SELECT round((extract(epoch FROM since) - $began)::numeric, 2) FROM sfn.workers WHERE worker = 'executor'") s after the server's start"
execution=$(ask "SELECT sfn.start_execution('pass')")
wait_until "SELECT status = 'SUCCEEDED' FROM sfn.executions WHERE execution_arn = '$execution'"
echo "a new execution takes $(ask "SELECT round((1000 * extract(epoch FROM stop_date - start_date))::numeric, 2) FROM sfn.executions WHERE execution_arn = '$execution'") ms"
echo "workers after the restart:"
memory
