#!/usr/bin/env python3
"""make bench CLUSTER=1: what a call costs by itself and through a front, in CPU time.

    cluster_costs.py FRONT SHARD...

Arguments are folders of servers (test/cluster/cluster.sh), the database is app, the role shopkeeper.  Rates would say
more of the machine's other load than of us, and front and shards share its cores; CPU time does not.  What all
processes of a server have used is read from /proc before and after.  Executors are off, so that it is the calls.

Last a start through a gateway before the front, whose port and process are in GATEWAY: on the shards it should cost no more than 1.15
of a direct one, and in the front nothing.
"""
import base64
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time

CALLS = (
    ("start, name chosen", 2000, "SELECT sfn.start_execution('order', '{\"a\": 1}', 'RUN-' || gen_random_uuid());", 1),
    ("start, no name", 2000, "SELECT sfn.start_execution('order', '{\"a\": 1}');", 1),
    ("start_executions of 100, each", 100, "SELECT count(*) FROM sfn.start_executions('order', array_fill('{\"a\": 1}'::json, ARRAY[100]));", 100),
    ("describe_execution", 2000, "SELECT status FROM sfn.describe_execution('order/known');", 1),
)
LINE = "%-32s %12s %12s %12s %8s"
QUICK = bool(os.environ.get("QUICK"))


class Server:
    def __init__(self, folder):
        with open(os.path.join(folder, "environment"), encoding="utf-8") as file:
            text = file.read()
        self.host, self.port = re.search(r"PGHOST='([^']*)' PGPORT=(\d+)", text).groups()
        with open(os.path.join(folder, "data", "postmaster.pid"), encoding="utf-8") as file:
            self.postmaster = int(file.readline())

    def env(self, role):
        return dict(os.environ, PGHOST=self.host, PGPORT=self.port, PGUSER="postgres", PGDATABASE="app",
                    PGOPTIONS="-c role=%s" % role if role else "")

    def sql(self, text, role=None):
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text], env=self.env(role), check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def cpu(self):
        """Seconds that its processes have used.  One that ends while we look is in neither place: look again."""
        looks = []
        for _ in range(3):
            looks.append(self.cpu_now())
            time.sleep(0.1)
        return max(looks)

    def cpu_now(self):
        ticks = 0
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open("/proc/%s/stat" % entry, encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry) == self.postmaster:
                ticks += sum(int(f) for f in fields[11:15])
            elif int(fields[1]) == self.postmaster:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def calls(server, script, count, run):
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script.replace('RUN', run))
        file.flush()
        done = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c", "1", "-t", str(count), "-f", file.name],
                              env=server.env("shopkeeper"), capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            sys.exit("pgbench: " + done.stderr)


def cost(servers, work, count):
    """Microseconds a call, for each server."""
    before = [server.cpu() for server in servers]
    work()
    return [(server.cpu() - was) * 1e6 / count for server, was in zip(servers, before)]


def start_by_http(port, count):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": "Basic " + base64.b64encode(b"test:test").decode(), "X-Amz-Target": "AWSStepFunctions.StartExecution"}
    body = json.dumps({"stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:order", "input": '{"a": 1}'})
    for _ in range(count):
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit("start over HTTP: %d %s" % (answer.status, text.decode()))


def process_cpu(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def by_gateway(front, shards, home):
    """T-P2."""
    port, _, pid = os.environ.get("GATEWAY", "").partition(" ")
    if not pid:
        print("the gateway is not built: its row is left out")
        return
    count = 300 if QUICK else 3000
    script = "SELECT sfn.start_execution('order', '{\"a\": 1}');"
    start_by_http(int(port), count // 10)
    direct = cost([home], lambda: calls(home, script, count, "direct"), count)[0]
    before = process_cpu(int(pid))
    through = cost([front] + shards, lambda: start_by_http(int(port), count), count)
    own = (process_cpu(int(pid)) - before) * 1e6 / count
    print(LINE % ("start, no name, over HTTP", "%.0f" % direct, "%.0f" % through[0], "%.0f" % sum(through[1:]), "%.2f x" % (sum(through) / direct)))
    print("%-32s %.2f of the target: at most 1.15 x; the gateway itself: %.0f" % ("", 1.15 / (sum(through) / direct), own))


def main():
    front, shards = Server(sys.argv[1]), [Server(folder) for folder in sys.argv[2:]]
    for shard in shards:
        shard.sql("ALTER SYSTEM SET sfn.enabled = off")
        shard.sql("SELECT pg_reload_conf()")
    front.sql("SELECT sfn.start_execution('order', '{}', 'known')", "shopkeeper")
    home = shards[int(front.sql("SELECT sfn_proxy.shard_of('known')"))]
    print(LINE % ("CPU, microseconds", "direct", "front", "shards", "all"))
    for what, count, script, each in CALLS:
        count = count // 10 if QUICK else count
        for server in (home, front):
            calls(server, script, max(count // 10, 5), "warm")
        direct = cost([home], lambda: calls(home, script, count, "direct"), count * each)[0]
        through = cost([front] + shards, lambda: calls(front, script, count, "front"), count * each)
        print(LINE % (what, "%.0f" % direct, "%.0f" % through[0], "%.0f" % sum(through[1:]), "%.1f x" % (sum(through) / direct)))
    by_gateway(front, shards, home)


main()
