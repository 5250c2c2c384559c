"""W2, W5, W6 and F55 of the benchmark: starting, waking, joining, and an old snapshot.

W2   starts a second, each durable: by pgbench, one start_execution() a transaction, one client and eight, beside an
     INSERT of the same run; and in one session, connecting not counted, start_execution() over rows and
     start_executions().  Workers are off.
W5   Waits that become due over ten seconds, and within one: how late the states end, 99th percentile.
W6   an inline Map over many items of one Pass each; one that starts a child execution of one Pass for each item and
     waits for its end (states:startExecution.sync:2), 200 at a time (sfn.max_map_concurrency); and a Distributed Map
     over as many: from the start of the execution to its end.
F55  W1 while another session holds a snapshot from before, against W1 without.
"""
import os
import subprocess
import tempfile
import time

LINE = "%9s  %-64s %9s %14s"
START = "SELECT sfn.start_execution('passes', '{\"order\": 1}');\n"


def prepare(psql):
    psql("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET sfn.max_map_concurrency = 200', current_database()); END $$")
    psql("SELECT sfn.create_state_machine('due', '{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\","
         " \"TimestampPath\": \"$.at\", \"End\": true}}}', replace => true)")
    psql("SELECT sfn.create_state_machine('map', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\","
         " \"MaxConcurrency\": 1000, \"ItemProcessor\": {\"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}},"
         " \"End\": true}}}', replace => true)")
    psql("SELECT sfn.create_state_machine('child', '{\"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}', replace => true)")
    psql("SELECT sfn.create_state_machine('children', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\","
         " \"MaxConcurrency\": 1000, \"ItemProcessor\": {\"StartAt\": \"C\", \"States\": {\"C\": {\"Type\": \"Task\","
         " \"Resource\": \"arn:aws:states:::states:startExecution.sync:2\", \"Parameters\": {\"Input.$\": \"$\","
         " \"StateMachineArn\": \"arn:aws:states:us-east-1:000000000000:stateMachine:child\"},"
         " \"OutputPath\": \"$.Output\", \"End\": true}}}, \"End\": true}}}', replace => true)")
    psql("SELECT sfn.create_state_machine('map_run', '{\"StartAt\": \"M\", \"States\": {\"M\": {\"Type\": \"Map\","
         " \"ItemProcessor\": {\"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"STANDARD\"},"
         " \"StartAt\": \"P\", \"States\": {\"P\": {\"Type\": \"Pass\", \"End\": true}}}, \"End\": true}}}', replace => true)")


def pgbench_rate(clients, seconds):
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "start.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write(START)
        done = subprocess.run(["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(clients), "-j", "2", "-T", str(seconds)],
                              check=True, capture_output=True, text=True, timeout=seconds + 60)
    for line in done.stdout.split("\n"):
        if line.startswith("tps ="):
            return float(line.split()[2])
    raise RuntimeError("pgbench gave no rate")


TABLES = ("execution", "execution_status", "inbox", "branch", "history_chunk", "task", "map_run", "map_run_input")


def clear(psql):
    """Empties what executions left, in a tree of whatever age (compare.py)."""
    psql("""DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg('sfn.' || relname, ', ') FROM pg_class
        WHERE relnamespace = 'sfn'::regnamespace AND relkind = 'r' AND relname IN ('%s')); END $$""" % "', '".join(TABLES))


def starts(psql, seconds_of, quick, insert_rates):
    """seconds_of(warming statement, statement): how long the second takes in a session."""
    seconds = 2 if quick else 6
    count = 30000 if quick else 100000
    lines = []
    for clients, insert in zip((1, 8), insert_rates):
        rate = pgbench_rate(clients, seconds)
        lines.append(LINE % ("%.2f x" % (rate / insert), "W2 start_execution, clients: %d, against INSERT" % clients,
                             "%.0f/s" % rate, "%.0f/s" % insert))
    for what, sql in (("start_execution over rows", "SELECT count(sfn.start_execution('passes', '{\"order\": ' || n || '}')) FROM generate_series(1, %d) n"),
                      ("start_executions", "SELECT count(*) FROM sfn.start_executions('passes', ARRAY(SELECT json_build_object('order', n) FROM generate_series(1, %d) n))")):
        lines.append(LINE % ("", "W2 %s, one session" % what, "%.0f/s" % (count / seconds_of(sql % 100, sql % count)), ""))
    clear(psql)
    return lines


def lateness(psql, quick, spread):
    """Executions whose waits end within so many seconds; a lead in which they all go to sleep."""
    count = 5000 if quick else 100000
    lead = 5 if quick else 40
    psql("SELECT count(*) FROM sfn.start_executions('due', ARRAY(SELECT json_build_object('at',"
         " to_char((clock_timestamp() + interval '%d s' + n * interval '%f s') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), 'n', n)"
         " FROM generate_series(1, %d) n))" % (lead, spread / count, count))
    end = time.monotonic() + lead + spread + 60
    while time.monotonic() < end and psql("SELECT count(*) FROM (SELECT FROM sfn.inbox LIMIT 1) i")[0] != "0":
        time.sleep(0.5)
    late = psql("SELECT percentile_disc(0.99) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM stop_date - (input->>'at')::timestamptz)), count(*)"
                " FROM sfn.execution WHERE stop_date IS NOT NULL")
    clear(psql)
    if int(late[1]) != count:
        raise RuntimeError("W5: only %s of %d waits ended" % (late[1], count))
    return LINE % ("", "W5 %d waits due within %d s, lateness, p99" % (count, spread), "%.1f ms" % float(late[0]), "")


def join(psql, quick, machine, what):
    count = 1000 if quick else 10000
    times = []
    for _ in range(3):
        execution = psql("SELECT sfn.start_execution('%s', (SELECT json_agg(n) FROM generate_series(1, %d) n))" % (machine, count))[0]
        if psql("SELECT sfn.wait_for_execution('%s', '60 s')" % execution)[0] != "SUCCEEDED":
            raise RuntimeError("W6: the Map did not succeed")
        times.append(float(psql("SELECT extract(epoch FROM stop_date - start_date) FROM sfn.executions WHERE execution_arn = '%s'" % execution)[0]))
        clear(psql)
    return LINE % ("", "W6 " + what % count, "%.2f s" % sorted(times)[1], "")


def old_snapshot(engine_round, quick):
    """W1 with an old snapshot, the slowest round of three minutes, as a share of W1 without."""
    size, seconds = (1000, 0) if quick else (40000, 180)
    without = engine_round("passes", size)[0]
    holder = subprocess.Popen(["psql", "-Xq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT count(*) FROM sfn.execution;\n\\echo held\n")
    holder.stdin.flush()
    while "held" not in holder.stdout.readline():
        pass
    rates = []
    end = time.monotonic() + seconds
    try:
        while not rates or time.monotonic() < end:
            rates.append(engine_round("passes", size)[0])
    finally:
        holder.stdin.close()
        holder.wait(timeout=30)
    return LINE % ("%.2f x" % (min(rates) / without), "F55 W1 beside an old snapshot, the slowest of %d rounds" % len(rates),
                   "%.0f/s" % min(rates), "%.0f/s" % without)
