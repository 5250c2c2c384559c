#!/usr/bin/env python3
"""The benchmark: one table, ratios first, each figure beside a baseline of the same run.

Runs inside a private server (bench.sh).  What is measured, and against what:

W1   executions of ten Pass states with AWS's whole history (22 events), two executors.  They are created while the
     workers are off; the clock runs from the first transition to the last stop_date.
W1s  the same with ten Tasks that call a trivial PL/pgSQL function (52 events).
     Beside both: baseline.sql, set-based PL/pgSQL on two connections, batches of 200 and of 1000 executions a commit.
W7   synchronous Express executions of ten Pass and Choice states over generate_series, in one session and in two, whole
     executions; logging off, and on with every event and its data.  Rows that were written are counted.
     Beside it: baseline.walk(), a PL/pgSQL function that walks the same definition.
W4   HTTP tasks a second, 64 at once against a local server, beside plain requests to it (http_rates.py).
W8   JSONata evaluations a second, beside npm's jsonata (jsonata_rates.py).
W9   activity tasks polled and completed by eight workers, beside a queue in plain SQL (activity_rates.py).
W10  messages of a queue sent, received and deleted, likewise; with W9.

W3   an idle server, one execution of one SQL task after the other.  "server" is stop_date - start_date: start_date is
     taken before the start's commit and stop_date before the completion's, so exactly one commit lies between them,
     as between the return of the first commit and the return of the second.  "seen" is what a session measures that
     starts, commits and then looks at the execution without pause until it has ended; that session needs a processor
     to itself.
     Beside them: the latency of one INSERT by pgbench, and of one INSERT and its commit at the same rhythm, in which
     disk and processors rest as between the executions.

H    how long an order takes beside the work of another role (shares.py).  Last, since it changes settings.

W2, W5, W6 and F55 are described in start_rates.py, G in kept_rates.py; PART=G, H, W4 or W9 measures one alone.

A round that is not done by its deadline is given up and said so.  QUICK=1 makes rounds fewer and smaller.
"""
import glob
import os
import statistics
import subprocess
import sys
import tempfile
import time

import activity_rates
import http_rates
import jsonata_rates
import kept_rates
import shares
import start_rates

HERE = os.path.dirname(os.path.abspath(__file__))
QUICK = bool(os.environ.get("QUICK"))
ROUNDS = 1 if QUICK else 3
DEADLINE = 20 if QUICK else 40			# seconds for one round
STATES = 10


class GivenUp(Exception):
    pass


def psql(sql, timeout=DEADLINE + 60):
    """The first column of the last row, as text."""
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql], capture_output=True, text=True,
                          timeout=timeout, check=False)
    if done.returncode:
        raise RuntimeError("%s\n%s" % (sql, done.stderr.strip()))
    return done.stdout.strip().split("\n")[-1].split("|")


def psql_file(path):
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", path], check=True)


def number(sql):
    return float(psql(sql)[0] or 0)


def log(text):
    print(text, file=sys.stderr, flush=True)


def server_cpu():
    """Seconds of processor that the server has taken: the postmaster with what it has reaped, and its children."""
    with open(os.path.join(psql("SHOW data_directory")[0], "postmaster.pid"), encoding="ascii") as file:
        postmaster = file.readline().strip()
    with open("/proc/%s/task/%s/children" % (postmaster, postmaster), encoding="ascii") as file:
        children = file.read().split()
    ticks = 0
    for pid, fields in [(postmaster, 4)] + [(child, 2) for child in children]:
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as file:
                ticks += sum(int(word) for word in file.read().rsplit(")", 1)[1].split()[11:11 + fields])
        except OSError:
            pass                        # gone since
    return ticks / os.sysconf("SC_CLK_TCK")


class Costs:
    """Commits, row changes and WAL between two moments."""

    QUERY = """
        SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
               (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables WHERE schemaname = '%s'),
               pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"""

    def __init__(self, schema):
        self.schema = schema
        psql("CHECKPOINT")
        self.before = self.read()

    def read(self):
        time.sleep(1.2)                 # processes report their counts about once a second
        return [float(x or 0) for x in psql(self.QUERY % self.schema)]

    def per(self, transitions):
        return [(after - before) / transitions for before, after in zip(self.before, self.read())]


class NoCosts:
    """In place of Costs where only the rate is wanted."""

    def __init__(self, schema):
        pass

    def per(self, transitions):
        return None


class Result:
    def __init__(self):
        self.rates, self.costs = [], []

    def add(self, rate, costs):
        self.rates.append(rate)
        self.costs.append(costs)

    def rate(self):
        return statistics.median(self.rates) if self.rates else None

    def cost(self):
        return [statistics.median(column) for column in zip(*self.costs)] if self.costs else None


# ------------------------------------------------------------------- baseline
def baseline_round(procedure, batch, executions, costs_kind=Costs):
    psql("SELECT baseline.start(%d)" % executions)
    psql("VACUUM ANALYZE baseline.execution")
    costs = costs_kind("baseline")
    began = time.monotonic()
    call = "SET statement_timeout = '%ds'; CALL baseline.%s(%d)" % (DEADLINE, procedure, batch)
    children = [subprocess.Popen(["psql", "-Xq", "-c", "SET statement_timeout = '%ds'" % DEADLINE,
                                  "-c", call.split("; ")[1]]) for _ in range(2)]
    for child in children:
        child.wait(timeout=DEADLINE + 30)
    seconds = time.monotonic() - began
    left = number("SELECT count(*) FROM baseline.execution WHERE status = 'RUNNING'")
    if left:
        psql("DELETE FROM baseline.execution WHERE status = 'RUNNING'")
        raise GivenUp("%s: %d executions left after %d s" % (procedure, left, DEADLINE))
    return executions * STATES / seconds, costs.per(executions * STATES)


# --------------------------------------------------------------------- engine
def workers(enabled):
    psql("ALTER SYSTEM SET sfn.enabled = %s" % ("on" if enabled else "off"))
    psql("SELECT pg_reload_conf()")


def wait_workers_gone():
    """After enabled = off an executor finishes its turn; nothing may be claimed once rows are created."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if number("SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'sfn%' AND datname = current_database()") == 0:
            return
        time.sleep(0.1)


def engine_round(machine, executions, costs_kind=Costs):
    workers(False)
    wait_workers_gone()
    mark, created = psql("SELECT coalesce(max(id), 0), clock_timestamp() FROM sfn.execution")
    psql("SELECT count(sfn.start_execution('%s', '{\"order\": ' || n || '}')) FROM generate_series(1, %d) n"
         % (machine, executions))
    costs = costs_kind("sfn")
    workers(True)
    mine = "FROM sfn.execution WHERE id > %s" % mark
    end = time.monotonic() + DEADLINE
    left = executions
    while left and time.monotonic() < end:
        time.sleep(0.5)                 # looking costs time of a processor; the figures come from the dates
        left = int(number("SELECT count(*) %s AND stop_date IS NULL" % mine))
    if left:
        log("   %s: %d of %d executions left after %d s" % (machine, left, executions, DEADLINE))
        psql("SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE status = 'RUNNING'")
    first = psql("""
        SELECT min(h.timestamp) FROM (SELECT execution_arn FROM sfn.executions WHERE start_date >= '%s' AND stop_date IS NOT NULL
                                      ORDER BY stop_date LIMIT 20) e
        JOIN LATERAL (SELECT timestamp FROM sfn.history WHERE execution_arn = e.execution_arn AND id = 2) h ON true"""
                 % created)[0]
    if not first:
        raise GivenUp("%s: no execution ended" % machine)
    wrong = number("SELECT count(*) FROM sfn.executions WHERE start_date >= '%s' AND status IN ('FAILED', 'TIMED_OUT')" % created)
    if wrong:
        raise GivenUp("%s: %d executions failed" % (machine, wrong))
    seconds = DEADLINE if left else number("SELECT extract(epoch FROM max(stop_date) - '%s') %s" % (first, mine))
    transitions = (executions - left) * STATES
    return transitions / seconds, costs.per(transitions)


def repeated(what, one_round, result, seconds=1 if QUICK else 3):
    """A small round finds the size of the real ones: about three seconds each."""
    try:
        rate = one_round(500, NoCosts)[0]
        size = int(min(40000, max(1000 if QUICK else 2000, rate * seconds / STATES)))
        for _ in range(ROUNDS):
            result.add(*one_round(size))
        log("   %-34s %9.0f transitions/s   (%d executions a round)" % (what, result.rate(), size))
    except GivenUp as reason:
        log("   " + str(reason))
    return result


# -------------------------------------------------------------------- latency
def pgbench(clients, seconds):
    """(inserts a second, median latency in ms, 99th percentile)"""
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "insert.sql")
        with open(script, "w", encoding="utf-8") as file:
            file.write("INSERT INTO bench.row_of_insert (payload) VALUES ('{\"order\": 1}');\n")
        subprocess.run(["pgbench", "-n", "-M", "prepared", "-f", script, "-c", str(clients), "-j", "2", "-T", str(seconds),
                        "-l", "--log-prefix=" + os.path.join(folder, "log")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds + 60)
        times = []
        for path in glob.glob(os.path.join(folder, "log*")):
            with open(path, encoding="ascii") as file:
                times += [int(line.split()[2]) / 1000 for line in file]
    times.sort()
    return len(times) / seconds, percentile(times, 50), percentile(times, 99)


def percentile(ordered, percent):
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else None


def latency():
    """((server p50, p99), (seen p50, p99), (INSERT p50, p99), rounds)"""
    rounds = 200 if QUICK else 1000
    deadline = "%d s" % DEADLINE
    psql("CALL bench.measure_latency(20, true, '5 s')")
    psql("TRUNCATE bench.latency")
    psql("CALL bench.measure_latency(%d, false, '%s')" % (rounds, deadline))
    psql("CALL bench.measure_latency(%d, true, '%s')" % (rounds, deadline))
    server = psql("""
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), count(*)
        FROM (SELECT 1000 * extract(epoch FROM e.stop_date - e.start_date) AS ms
              FROM bench.latency l JOIN sfn.executions e ON e.execution_arn = l.execution
              WHERE NOT l.is_watched AND e.status = 'SUCCEEDED') x""")
    seen = psql("""
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY seen_ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY seen_ms)
        FROM bench.latency WHERE is_watched""")
    if int(server[2]) < rounds:
        raise GivenUp("one_task: only %s of %d executions succeeded" % (server[2], rounds))
    insert = psql("CALL bench.measure_insert(%d)" % rounds)
    return [[float(x) for x in pair] for pair in (server[:2], seen, insert)] + [rounds]


# -------------------------------------------------------------------- Express
SYNC = "SELECT count(sfn.start_sync_execution('%s', json_build_object('order', n))) FROM generate_series(1, %d) n"
WALK = ("SELECT count(baseline.walk(d.definition, jsonb_build_object('order', n))) FROM generate_series(1, %d) n,"
        " (SELECT bench.express_chain()::jsonb AS definition OFFSET 0) d")


def side_by_side(sql, sessions, timeout=DEADLINE):
    """Seconds until all sessions have run the statement, once it is warm; connecting does not count."""
    script = "SET statement_timeout = '%ds';\n%s;\n\\timing on\n%s;\n" % (timeout, sql[0], sql[1])
    children = [subprocess.Popen(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True) for _ in range(sessions)]
    for child in children:
        child.stdin.write(script)
        child.stdin.close()
    times = []
    for child in children:
        times += [line for line in child.stdout.read().split("\n") if line.startswith("Time:")]
        if child.wait(timeout=timeout + 30):
            raise GivenUp("W7: a session failed")
    return max(float(line.split()[1]) for line in times) / 1000


def express_rate(statement, size, sessions=1):
    """Executions a second, all sessions together; a short round finds the size."""
    small = side_by_side((statement % 100, statement % size), 1)
    size = int(min(2000000, size * (0.5 if QUICK else 2) / small))
    rates = [sessions * size / side_by_side((statement % 100, statement % size), sessions) for _ in range(ROUNDS)]
    return statistics.median(rates)


def rows_written():
    return number("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_all_tables WHERE schemaname IN ('sfn', 'bench')")


def express():
    """Lines of the table."""
    workers(True)
    time.sleep(1.2)
    before = rows_written()
    one = express_rate(SYNC.replace("%s", "express"), 5000)
    two = express_rate(SYNC.replace("%s", "express"), 5000, 2)
    time.sleep(1.2)
    written = rows_written() - before
    logged = express_rate(SYNC.replace("%s", "express_logged"), 5000)
    walk_one = express_rate(WALK, 2000)
    walk_two = express_rate(WALK, 2000, 2)
    psql("TRUNCATE sfn.log_event")
    line = "%9s  %-64s %9s %14s"
    return [line % ("%.1f x" % (rate / base), "W7 10 Pass and Choice states, synchronous, " + what, "%.0f/s" % rate, "%.0f/s" % base)
            for what, rate, base in (("one session, PL/pgSQL walk", one, walk_one), ("two sessions, PL/pgSQL walk", two, walk_two),
                                     ("log level ALL, PL/pgSQL walk", logged, walk_one))] + [
            line % ("", "W7 rows written with logging off", "%.0f" % written, "")]


# ---------------------------------------------------------------------- table
def machine_text():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    settings = ", ".join("%s %s" % (name, psql("SHOW " + name)[0]) for name in
                         ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size", "sfn.max_workers"))
    return "%s, %d processors, load %.1f before; PostgreSQL %s; %s" % (
        model, os.cpu_count(), os.getloadavg()[0], psql("SHOW server_version")[0].split()[0], settings)


def per_text(cost):
    return "%8.4f %7.2f %8.0f" % tuple(cost) if cost else "%8s %7s %8s" % ("-", "-", "-")


def rate_rows(name, engine, baselines):
    """Lines for one workload: the engine against each baseline, then what each costs."""
    lines = []
    for label, base in baselines:
        ratio = engine.rate() / base.rate() if engine.rate() and base.rate() else None
        lines.append("%9s  %-64s %9s %14s" % (
            "%.2f x" % ratio if ratio else "-", "%s against %s" % (name, label),
            "%.0f/s" % engine.rate() if engine.rate() else "-", "%.0f/s" % base.rate() if base.rate() else "-"))
    return lines


def kept():
    """Lines of the table: part G."""
    log("== G, what is kept")
    try:
        return kept_rates.lines(lambda sql, timeout=300: psql(sql, timeout), workers, wait_workers_gone, latency, log, QUICK)
    except (GivenUp, RuntimeError, subprocess.SubprocessError) as reason:
        log("   " + str(reason))
        return ["%9s  G: %s" % ("-", reason)]


def activities():
    """Lines of the table: W9."""
    log("== W9, activities")
    try:
        workers(True)
        return activity_rates.lines(lambda sql: psql(sql, 300), QUICK)
    except (RuntimeError, subprocess.SubprocessError) as reason:
        log("   " + str(reason))
        return ["%9s  W9: %s" % ("-", reason)]


def calls():
    """Lines of the table: W4."""
    log("== W4, HTTP tasks")
    try:
        workers(True)
        return http_rates.lines(psql, QUICK)
    except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as reason:
        log("   " + str(reason))
        return ["%9s  W4: %s" % ("-", reason)]


def orders():
    """Lines of the table: H."""
    log("== H, orders beside the work of another role")
    try:
        workers(True)
        return shares.lines(QUICK)
    except (RuntimeError, subprocess.SubprocessError) as reason:
        log("   " + str(reason))
        return ["%9s  H: %s" % ("-", reason)]


PARTS = {"G": kept, "H": orders, "W4": calls, "W9": activities}


def main():
    text = machine_text()
    psql_file(os.path.join(HERE, "baseline.sql"))
    psql_file(os.path.join(HERE, "machines.sql"))
    if os.environ.get("PART"):
        print("\n".join(PARTS[os.environ["PART"]]()) + "\n\n" + text)
        return
    log("== pgbench INSERT")
    seconds = 3 if QUICK else 6
    one, eight = pgbench(1, seconds), pgbench(8, seconds)

    log("== W3, latency at idle")
    lines = []
    try:
        workers(True)
        server, seen, resting, count = latency()
        for name, times, against, bases in (("server", server, "INSERT", one[1:]), ("server", server, "INSERT as rare", resting),
                                            ("seen", seen, "INSERT", one[1:])):
            for label, value, base in zip(("p50", "p99"), times, bases):
                lines.append("%9s  %-64s %9s %14s" % ("%+.2f ms" % (value - base),
                             "W3 one SQL task, %s, %s of %d, against %s" % (name, label, count, against),
                             "%.2f ms" % value, "%.2f ms" % base))
    except (GivenUp, RuntimeError) as reason:
        log("   " + str(reason))
        lines.append("%9s  W3: %s" % ("-", reason))

    log("== W7, synchronous Express")
    try:
        lines += express()
    except (GivenUp, RuntimeError, subprocess.TimeoutExpired) as reason:
        log("   " + str(reason))
        lines.append("%9s  W7: %s" % ("-", reason))

    lines += calls()
    lines += activities()

    log("== W8, JSONata")
    try:
        lines += jsonata_rates.lines(psql, QUICK)
    except (RuntimeError, subprocess.TimeoutExpired) as reason:
        log("   " + str(reason))
        lines.append("%9s  W8: %s" % ("-", reason))

    log("== W2, W5, W6, starts, waits, joins")
    start_rates.prepare(psql)
    workers(False)
    wait_workers_gone()
    for work in (lambda: start_rates.starts(lambda sql: psql(sql, 300), lambda *sql: side_by_side(sql, 1), QUICK,
                                            (one[0], eight[0])),
                 lambda: workers(True) or [start_rates.lateness(psql, QUICK, 10)], lambda: [start_rates.lateness(psql, QUICK, 1)],
                 lambda: [start_rates.join(psql, QUICK, "map", "inline Map over %d items"),
                          start_rates.join(psql, QUICK, "children", "inline Map over %d child executions, joined"),
                          start_rates.join(psql, QUICK, "map_run", "Distributed Map over %d items, STANDARD children")],
                 lambda: [start_rates.old_snapshot(lambda machine, size: engine_round(machine, size, NoCosts), QUICK)]):
        try:
            lines += work()
        except (GivenUp, RuntimeError, subprocess.SubprocessError) as reason:
            log("   " + str(reason))
            lines.append("%9s  %s" % ("-", reason))

    costs = []
    body = []
    for name, machine, procedure, what in (("W1", "passes", "run_passes", "10 Pass states, 22 events"),
                                           ("W1s", "tasks", "run_tasks", "10 SQL tasks, 52 events")):
        log("== %s, %s" % (name, what))
        smaller = Result()
        larger = Result()
        engine = Result()
        repeated("set-based, 200 a commit", lambda *a: baseline_round(procedure, 200, *a), smaller)
        repeated("set-based, 1000 a commit", lambda *a: baseline_round(procedure, 1000, *a), larger)
        try:
            repeated("sfn", lambda *a: engine_round(machine, *a), engine)
        except RuntimeError as reason:
            log("   " + str(reason))
        body += rate_rows("%s %s" % (name, what), engine, (("set-based, 200 a commit", smaller), ("set-based, 1000 a commit", larger)))
        costs += [("%s sfn" % name, engine), ("%s set-based, 200" % name, smaller), ("%s set-based, 1000" % name, larger)]

    lines += kept()
    lines += orders()

    print("\n" + text)
    print("transitions are states entered and left; medians of %d rounds\n" % ROUNDS)
    print("%9s  %-64s %9s %14s" % ("ratio", "workload", "sfn", "baseline"))
    print("\n".join(body + lines))
    print("%9s  %-64s %9s %14s" % ("", "pgbench INSERT, 1 client / 8 clients", "", "%.0f / %.0f/s" % (one[0], eight[0])))
    print("\n%-30s %8s %7s %8s" % ("per transition", "commits", "rows", "WAL bytes"))
    for name, result in costs:
        print("%-30s %s" % (name, per_text(result.cost())))


if __name__ == "__main__":
    main()
