#!/usr/bin/env python3
"""Two builds side by side: is this one slower than that one?

    make compare BEFORE=/path/to/another/clone [RUNS=9] [ONLY=W1,W7]

Both trees are built and installed by themselves, each with a server of its own.  Workloads of bench.py run in turns, now
here, now there, so that what else the machine does meets both; each run takes at least ten seconds.  What is printed is the
ratio of the medians (above 1: this tree is better), the medians, and the spread of the ratios of neighbouring runs; for W1 and W1s also the processor time of the whole
server for a transition, which other load on the machine changes least.

W1   ten Pass states, transitions a second          W1s  ten SQL tasks, transitions a second
W2   start_execution by eight clients, starts a second
W3   the median of one SQL task on an idle server, milliseconds (the ratio is turned round)
W7   synchronous Express, executions a second in one session
"""
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bench          # noqa: E402
import start_rates    # noqa: E402

SECONDS = float(os.environ.get("RUN_SECONDS", "10"))
RUNS = int(os.environ.get("RUNS", "9"))
ONLY = os.environ.get("ONLY", "W1,W2,W3,W7").split(",")
SETTINGS = ["sfn.max_workers=2", "shared_buffers=256MB", "max_wal_size=8GB", "checkpoint_timeout=30min", "synchronous_commit=on"]
# Before a tree's own programs come first in the path.
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("SFN_", "PG", "MAKE", "MFLAGS"))}


class Tree:
    """A clone with its server; `use` makes psql and pgbench of this process talk to it."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.cluster("install")
        said = self.cluster("start", "--durable", *[word for setting in SETTINGS for word in ("-c", setting)], "compare")
        environment = said.split()[-1]  # "to use it:  . FILE"
        text = subprocess.run(["bash", "-c", ". '%s'; env -0" % environment], env=CLEAN, check=True,
                              capture_output=True, text=True).stdout
        self.environment = dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
        self.sizes = {}
        self.costs = []                 # microseconds of processor for a transition, one for each run
        self.use()
        bench.psql("CREATE DATABASE bench")
        self.environment["PGDATABASE"] = "bench"
        self.use()
        bench.psql("CREATE EXTENSION sfn")
        for part in ("baseline.sql", "machines.sql"):
            bench.psql_file(os.path.join(HERE, part))

    def cluster(self, *words):
        """What cluster.sh of that tree says on its standard output."""
        with tempfile.TemporaryFile("w+") as said:     # a pipe would stay open in the server
            subprocess.run([os.path.join(self.folder, "test/cluster/cluster.sh"), *words], env=CLEAN, check=True,
                           stdout=said, stderr=said)
            said.seek(0)
            return said.read()

    def use(self):
        os.environ.clear()
        os.environ.update(self.environment)

    def stop(self):
        self.cluster("stop", "compare")


def chain(machine):
    def run(tree):
        size = tree.sizes.get(machine)
        if size is None:
            rate = bench.engine_round(machine, 2000, bench.NoCosts)[0]
            size = tree.sizes[machine] = int(rate * SECONDS / bench.STATES)
            start_rates.clear(bench.psql)
        before = bench.server_cpu()
        rate = bench.engine_round(machine, size, bench.NoCosts)[0]
        tree.costs.append((bench.server_cpu() - before) * 1e6 / (size * bench.STATES))
        start_rates.clear(bench.psql)
        return rate
    return run


def starts(tree):
    bench.workers(False)
    bench.wait_workers_gone()
    rate = start_rates.pgbench_rate(8, int(SECONDS))
    start_rates.clear(bench.psql)
    return rate


def latency(tree):
    bench.workers(True)
    bench.psql("CALL bench.measure_latency(20, true, '5 s')")
    bench.psql("TRUNCATE bench.latency")
    bench.psql("CALL bench.measure_latency(%d, false, '40 s')" % int(SECONDS * 100))
    found = bench.psql("""
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM e.stop_date - e.start_date))
        FROM bench.latency l JOIN sfn.executions e ON e.execution_arn = l.execution
        WHERE NOT l.is_watched AND e.status = 'SUCCEEDED'""")[0]
    bench.psql("TRUNCATE bench.latency")
    start_rates.clear(bench.psql)
    return 1 / float(found)             # the more the better, as everywhere


def express(tree):
    statement = bench.SYNC.replace("%s", "express")
    if "express" not in tree.sizes:
        tree.sizes["express"] = int(20000 * SECONDS / bench.side_by_side((statement % 100, statement % 20000), 1))
    size = tree.sizes["express"]
    return size / bench.side_by_side((statement % 100, statement % size), 1, timeout=120)


WORKLOADS = {"W1": chain("passes"), "W1s": chain("tasks"), "W2": starts, "W3": latency, "W7": express}


def compare(name, before, after):
    found = {before: [], after: []}
    before.costs, after.costs = [], []
    for number in range(RUNS):
        for tree in (before, after) if number % 2 == 0 else (after, before):
            tree.use()
            found[tree].append(WORKLOADS[name](tree))
    ratios = sorted(new / old for old, new in zip(found[before], found[after]))
    old, new = statistics.median(found[before]), statistics.median(found[after])
    if name == "W3":
        shown = "%.3f ms  %.3f ms" % (1 / new, 1 / old)
    else:
        shown = "%.0f/s  %.0f/s" % (new, old)
    print("%-4s %6.3f x   this, that: %-28s  ratios %.3f .. %.3f over %d runs" %
          (name, new / old, shown, ratios[0], ratios[-1], RUNS), flush=True)
    if after.costs:
        new, old = statistics.median(after.costs), statistics.median(before.costs)
        print("     %6.3f x   processor, this, that: %.2f us  %.2f us a transition" % (old / new, new, old), flush=True)


def main():
    before = Tree(sys.argv[1])
    try:
        after = Tree(os.path.join(HERE, "../.."))
        try:
            for name in ONLY:
                compare(name, before, after)
        finally:
            after.stop()
    finally:
        before.stop()


if __name__ == "__main__":
    main()
