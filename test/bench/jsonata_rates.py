"""W8: JSONata evaluations a second, in the core, through sfn.jsonata(), and in npm's jsonata of the same run.

The core's figures come from build/bench/bench_jsonata (bench.sh builds it when there is a compiler).  npm's jsonata is looked
for where node looks, and in NODE_PATH; without it the baseline is left out and a line says so.
"""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))

EXPRESSIONS = {
    "predicate": "order.customer.tier = 'gold' and limit > 50",
    "reshape": "{'id': id, 'who': $uppercase(name), 'first': order.items[0].sku, 'label': $substring(name, 0, 3)}",
    "aggregate": "$sum(order.items[qty > 3].(qty * price))",
}
INPUT = {"id": 4711, "limit": 75, "name": "Ada Lovelace", "tags": ["a", "b"],
         "order": {"number": "O-1", "customer": {"name": "Ada", "tier": "gold"},
                   "items": [{"sku": sku, "qty": n + 1, "price": n + 1.5} for n, sku in enumerate("abcdefghij")]}}


def npm(seconds):
    """name -> rate, or a text that says why there is none."""
    request = json.dumps({"input": INPUT, "expressions": EXPRESSIONS, "seconds": seconds})
    try:
        run = subprocess.run(["node", os.path.join(HERE, "jsonata.js")], input=request, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "node is not here"
    if run.returncode != 0:
        return "npm's jsonata is not here (npm install jsonata somewhere, and set NODE_PATH)" if run.returncode == 3 else run.stderr[-200:]
    return dict(line.split() for line in run.stdout.splitlines())


def core():
    """name -> rate, from the plain program; empty where it was not built."""
    program = os.path.join(os.environ.get("SFN_BUILD", "build"), "bench", "bench_jsonata")
    try:
        run = subprocess.run([program], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    return {line.split()[0]: float(line.split()[1]) for line in run.stdout.splitlines()}


def through_sql(psql, seconds):
    """name -> rate of sfn.jsonata() on a json value, in one session; a short round finds the size."""
    rates = {}
    for name, text in EXPRESSIONS.items():
        statement = ("SELECT count(sfn.jsonata($x$%s$x$, j)) FROM (SELECT $j$%s$j$::json AS j FROM generate_series(1, %%d) OFFSET 0) s"
                     % (text, json.dumps(INPUT)))
        measure = ("DO $do$ DECLARE t timestamptz := clock_timestamp(); BEGIN EXECUTE $q$%s$q$; "
                   "PERFORM set_config('bench.ms', (extract(epoch FROM clock_timestamp() - t) * 1000)::text, false); "
                   "END $do$; SELECT current_setting('bench.ms')")
        size = 5000
        for _ in range(2):
            took = float(psql(measure % (statement % size))[-1]) / 1000
            rates[name] = size / took
            size = max(1000, int(rates[name] * seconds))
    return rates


def lines(psql, quick):
    """Lines of the benchmark's table."""
    seconds = 0.5 if quick else 1.5
    base = npm(seconds)
    rows = []
    for where, rates in (("in the core", core()), ("sfn.jsonata()", through_sql(psql, seconds))):
        for name, rate in rates.items():
            reference = float(base[name]) if isinstance(base, dict) else None
            rows.append("%9s  %-64s %9s %14s" % (
                "%.1f x" % (rate / reference) if reference else "-",
                "W8 %s, %s%s" % (name, where, ", npm jsonata %s" % base["version"] if reference else ""),
                "%.0f/s" % rate, "%.0f/s" % reference if reference else "-"))
    if not isinstance(base, dict):
        rows.append("%9s  W8: no baseline: %s" % ("-", base))
    return rows
