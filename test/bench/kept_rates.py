"""G of the benchmark: what two million kept executions cost, beside an empty store of the same run.

KEPT executions (2,000,000; SOAK=1: 20,000,000; QUICK=1: 100,000) of a thousand machines are put into the tables (kept.sql).
W1, W2 and W3 as in the other parts, smaller; each statement of everyday.sql by a superuser, the owner of one machine and who
was granted ten: the median of its runs at the client; bytes an execution; VACUUM; and how many executions retention
deletes in a second while W1 runs, beside how many that ends in the same time, and while nothing else is done.
"""
import os
import re
import statistics
import subprocess
import time

import start_rates

HERE = os.path.dirname(os.path.abspath(__file__))
LINE = "%9s  %-64s %9s %14s"
VIEWERS = (("superuser", None, "kept_1"), ("owner", "kept_owner", "kept_7"), ("grantee", "kept_grantee", "kept_11"))
RUNS = 7
MACHINES = 1000
TABLES = ("execution", "execution_status", "history_chunk", "inbox", "task", "map_run", "map_run_input", "branch")


def kept_count(quick):
    return int(os.environ.get("KEPT") or (20000000 if os.environ.get("SOAK") else 100000 if quick else 2000000))


class Store:
    """Measures one store; the functions are bench.py's."""

    def __init__(self, psql, workers, wait_workers_gone, latency, log, quick):
        self.psql, self.workers, self.wait_workers_gone, self.latency, self.log = psql, workers, wait_workers_gone, latency, log
        self.quick = quick

    def number(self, sql, timeout=3600):
        return float(self.psql(sql, timeout)[0] or 0)

    def clear(self):
        self.psql("TRUNCATE %s" % ", ".join("sfn." + table for table in TABLES), 600)

    def start_passes(self, count):
        self.psql("SELECT count(*) FROM sfn.start_executions('passes', ARRAY(SELECT json_build_object('order', n) FROM generate_series(1, %d) n))"
                  % count, 300)

    def run_passes(self, count):
        """Executions of ten Pass states that are there before the workers begin, ended a second."""
        self.workers(False)
        self.wait_workers_gone()
        mark = self.number("SELECT nextval('sfn.execution_id_seq')")
        self.start_passes(count)
        began = time.monotonic()
        self.workers(True)
        while self.number("SELECT count(*) FROM sfn.execution WHERE id > %d AND stop_date IS NULL" % mark):
            if time.monotonic() - began > 120:
                raise RuntimeError("G: W1 does not end")
            time.sleep(0.1)
        return count / (time.monotonic() - began)

    def rates(self):
        """W1 in executions a second, W2 in starts a second, W3 in ms."""
        count = 2000 if self.quick else 10000
        self.psql("CHECKPOINT", 600)
        w1 = statistics.median(self.run_passes(count) for _ in range(3))
        self.workers(False)
        self.wait_workers_gone()
        w2 = statistics.median(start_rates.pgbench_rate(1, 2 if self.quick else 5) for _ in range(3))
        self.workers(True)
        while self.number("SELECT count(*) FROM (SELECT FROM sfn.inbox WHERE due <= now() LIMIT 1) i"):
            time.sleep(0.2)
        w3 = self.latency()[0][0]
        return w1, w2, w3


def statements():
    with open(os.path.join(HERE, "everyday.sql"), encoding="ascii") as file:
        parts = re.split(r"^-- name: ", file.read(), flags=re.M)[1:]
    return [re.match(r"(\w+): (.*?)\n(.*)", part, re.S).groups() for part in parts]


def ask(role, machine, chosen):
    """Milliseconds of each statement, medians."""
    with open(os.path.join(HERE, "everyday_names.sql"), encoding="ascii") as file:
        script = "\\set machine %s\n" % machine + file.read()
    if role:
        script += "SET SESSION AUTHORIZATION %s;\n" % role
    script += "\\timing on\n"
    for _, _, sql in chosen:
        script += "\\qecho ===\n" + sql * RUNS
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=script, capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode:
        raise RuntimeError("G: " + done.stderr.strip())
    return [statistics.median(float(ms) for ms in re.findall(r"^Time: ([\d.]+) ms", part, re.M)[1:])
            for part in re.split(r"^===$", done.stdout, flags=re.M)[1:]]


def everyday():
    chosen = [statement for statement in statements() if statement[0] == "all"]
    times = [ask(role, machine, chosen) for _, role, machine in VIEWERS]
    return ["%9s  %-64s %9s %14s" % ("", "G " + statement[1], "%.2f ms" % row[0], "%.2f / %.2f" % row[1:])
            for statement, row in zip(chosen, zip(*times))]


DELETED = "SELECT n_tup_del FROM pg_stat_all_tables WHERE schemaname = 'sfn' AND relname = 'execution'"
ENDED = "SELECT coalesce(sum(executions_succeeded), 0) FROM sfn.stat_state_machines WHERE state_machine = 'passes'"
BACKLOG = 20000						# executions of W1 that wait, so that the executors never rest
QUIET = 3								# seconds without a deletion: what has expired is gone


def deletions(store, days, seconds, beside):
    """
    (deleted a second, ended by W1 meanwhile), from the first deletion on, for some seconds or until what is older has gone.  Who deletes
    reports it once a second, so time is taken between reports; None: there were too few.
    """
    store.psql("ALTER SYSTEM SET sfn.history_retention = '%dd'" % days)
    store.psql("SELECT pg_reload_conf()")
    before = store.number(DELETED)
    store.psql("SELECT sfn.restart_worker()")		# a new one begins with retention
    reports, limit = [], time.monotonic() + 90 + seconds
    while time.monotonic() < limit:
        beside()
        now, deleted = time.monotonic(), store.number(DELETED)
        if deleted > (reports[-1][1] if reports else before):
            reports.append((now, deleted, store.number(ENDED)))
        elif reports and now - reports[-1][0] > QUIET:
            break
        if reports and now - reports[0][0] > seconds:
            break
    if len(reports) < 2:
        return None, None
    (began, first, ended_first), (end, last, ended_last) = reports[0], reports[-1]
    return (last - first) / (end - began), (ended_last - ended_first) / (end - began)


def retention(store, seconds):
    """(deleted a second while nothing else is done, (deleted, ended a second while W1 runs)): half of what is kept has expired, then a fifth more."""
    started = store.number(ENDED)

    def feed():
        nonlocal started
        if started - store.number(ENDED) < BACKLOG:
            store.start_passes(BACKLOG // 2)
            started += BACKLOG // 2
        time.sleep(0.02)

    store.workers(True)
    busy = deletions(store, 15, seconds, feed)
    while store.number(ENDED) < started:
        time.sleep(0.1)
    idle = deletions(store, 9, seconds, lambda: time.sleep(0.1))[0]
    store.psql("ALTER SYSTEM SET sfn.history_retention = '90d'")
    store.psql("SELECT pg_reload_conf()")
    return idle, busy


def per_second(rate):
    return "-" if rate is None else "%.0f/s" % rate


def lines(psql, workers, wait_workers_gone, latency, log, quick):
    store = Store(psql, workers, wait_workers_gone, latency, log, quick)
    kept = kept_count(quick)
    store.clear()
    log("   G: an empty store")
    empty = store.rates()
    store.clear()
    log("   G: %d executions" % kept)
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-v", "count=%d" % kept, "-v", "machines=%d" % MACHINES,
                    "-o", os.devnull, "-f", os.path.join(HERE, "kept.sql")], check=True)
    while store.number("SELECT count(*) FROM sfn.map_run WHERE status = 1"):
        time.sleep(0.5)
    began = time.monotonic()
    psql("VACUUM ANALYZE", 3600)
    vacuumed = time.monotonic() - began
    size = store.number("SELECT sum(pg_total_relation_size('sfn.' || t)) FROM unnest('{%s}'::text[]) t" % ",".join(TABLES))
    log("   G: everyday")
    table = everyday()
    log("\n".join(table))
    log("   G: rates")
    full = store.rates()
    log("   G: W1 %.0f, W2 %.0f, W3 %.2f ms; in an empty store %.0f, %.0f, %.2f ms" % (full + empty))
    log("   G: retention")
    idle, (busy, ended) = retention(store, 10 if quick else 30)
    began = time.monotonic()
    psql("VACUUM", 3600)
    again = time.monotonic() - began
    what = "of %s kept against none" % format(kept, ",")
    return [LINE % ("%.2f x" % (full[0] / empty[0]), "G W1 executions ended a second, %s" % what, "%.0f/s" % full[0], "%.0f/s" % empty[0]),
            LINE % ("%.2f x" % (full[1] / empty[1]), "G W2 start_execution, one client, %s" % what, "%.0f/s" % full[1], "%.0f/s" % empty[1]),
            LINE % ("%+.2f ms" % (full[2] - empty[2]), "G W3 one SQL task, server, p50, %s" % what, "%.2f ms" % full[2], "%.2f ms" % empty[2]),
            LINE % ("%.2f x" % (busy / ended) if ended else "-", "G retention while W1 runs, against what W1 ends", per_second(busy), per_second(ended)),
            LINE % ("", "G retention while nothing else is done", per_second(idle), ""),
            LINE % ("", "G bytes of an execution of four events, indexes included", "%.0f" % (size / kept), ""),
            LINE % ("", "G VACUUM ANALYZE after loading / VACUUM after retention", "%.1f s" % vacuumed, "%.1f s" % again),
            LINE % ("", "G everyday.sql: a superuser, the owner of one machine / a grantee of ten", "", "")] + table
