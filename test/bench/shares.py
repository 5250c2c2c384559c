#!/usr/bin/env python3
"""H of the benchmark: how long an order takes beside the work of another role.

An order is an execution of three SQL tasks, one each 200 ms, with four executors; its time is stop_date - start_date, both
written by the server.  First at rest, then while another role

    runs a Distributed Map over 200,000 items,
    has 60 executions that loop for ever: of Pass states, of SQL tasks, of JSONata that takes a second, each kind by itself,
    has 20 tasks that sleep.

The ratio is p99 beside them to p99 at rest.  By itself: shares.py [scenario ...], in a database with the extension; QUICK=1
makes fewer orders.
"""
import os
import subprocess
import sys
import time

LINE = "%9s  %-64s %9s %14s"
LOOP = '{"StartAt": "A", "States": {"A": {%s, "Next": "B"}, "B": {"Type": "Choice", "Default": "A", "Choices":' \
       ' [{"Variable": "$.enough", "IsPresent": true, "Next": "C"}]}, "C": {"Type": "Succeed"}}}'
JSONATA = '{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Pass", "Output": {"n":' \
          ' "{%% $sum([1..%d].($ * $)) %%}"}, "Next": "B"}, "B": {"Type": "Choice", "Default": "A", "Choices":' \
          ' [{"Condition": "{%% $states.input.n < 0 %%}", "Next": "C"}]}, "C": {"Type": "Succeed"}}}'
MAP = '{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::sql:query", "Parameters":' \
      ' {"Query": "SELECT n FROM generate_series(1, 200000) n"}}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED",' \
      ' "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}, "ResultPath": null,' \
      ' "End": true}}}'
TASK = '"Type": "Task", "Resource": "sql:shares.%s", "ResultPath": null'
ORDER = '{"StartAt": "1", "States": {"1": {%s, "Next": "2"}, "2": {%s, "Next": "3"}, "3": {%s, "End": true}}}'


def psql(sql, *settings):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"] + [x for s in settings + (sql,) for x in ("-c", s)],
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError("%s\n%s" % (sql, done.stderr.strip()))
    return done.stdout.strip().split("\n")[-1]


def items_of_a_second():
    """So many items keep JSONata busy for a second, about."""
    began = time.monotonic()
    psql("SELECT sfn.jsonata('$sum([1..20000].($ * $))', '{}')")
    return int(min(max(20000 / (time.monotonic() - began), 100000), 900000))


def prepare():
    psql("""
        SET client_min_messages = warning;
        DROP SCHEMA IF EXISTS shares CASCADE;
        CREATE SCHEMA shares;
        CREATE FUNCTION shares.work(input json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RETURN input; END $$;
        CREATE FUNCTION shares.sleep(input json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3600); RETURN input; END $$;
        DO $$ BEGIN CREATE ROLE shares_orders; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        DO $$ BEGIN CREATE ROLE shares_others; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        GRANT USAGE ON SCHEMA shares TO shares_orders, shares_others;""")
    for setting in ("sfn.max_workers = 4", "sfn.max_history_events = 2000000000", "sfn.jsonata_timeout = '20 s'"):
        psql("ALTER SYSTEM SET " + setting)
    psql("SELECT pg_reload_conf()")
    task = TASK % "work"
    create("shares_orders", "order", ORDER % (task, task, task))
    create("shares_others", "Pass", LOOP % '"Type": "Pass"')
    create("shares_others", "SQL", LOOP % task)
    create("shares_others", "JSONata", JSONATA % items_of_a_second())
    create("shares_others", "map", MAP)
    create("shares_others", "sleep", '{"StartAt": "A", "States": {"A": {%s, "End": true}}}' % (TASK % "sleep"))


def create(role, name, definition):
    psql("SELECT sfn.create_state_machine('%s', $d$%s$d$, replace => true)" % (name, definition), "SET ROLE " + role)


def start(machine, count):
    psql("SELECT count(*) FROM sfn.start_executions('%s', ARRAY(SELECT '{}'::json FROM generate_series(1, %d)))" % (machine, count),
         "SET ROLE shares_others")


def orders(count):
    """Milliseconds: the median and the 99th percentile of the orders' times; how many had not ended after a minute."""
    psql("""DO $$ BEGIN FOR n IN 1 .. %d LOOP PERFORM sfn.start_execution('order', '{}'); COMMIT; PERFORM pg_sleep(0.2);
         END LOOP; END $$""" % count)
    of_orders = "FROM sfn.executions WHERE state_machine = 'order'"
    ends = time.monotonic() + 60
    while psql("SELECT count(*) %s AND status = 'RUNNING'" % of_orders) != "0" and time.monotonic() < ends:
        time.sleep(0.2)
    times = "(1000 * extract(epoch FROM coalesce(stop_date, now()) - start_date))"
    return [float(x) for x in psql("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY {0}), percentile_disc(0.99) WITHIN GROUP"
                                   " (ORDER BY {0}), count(*) FILTER (WHERE status = 'RUNNING') {1}".format(times, of_orders)).split("|")]


def stop_all():
    ends = time.monotonic() + 60
    while psql("SELECT count(*) FROM sfn.execution WHERE stop_date IS NULL") != "0" and time.monotonic() < ends:
        psql("SELECT count(sfn.stop_execution(execution_arn)) FROM sfn.executions WHERE status = 'RUNNING'")
        time.sleep(0.5)
    psql("TRUNCATE sfn.execution, sfn.execution_status, sfn.inbox, sfn.branch, sfn.history_chunk, sfn.task, sfn.map_run, sfn.map_run_input")


SCENARIOS = (("rest", None, 0, "at rest"), ("map", "map", 1, "beside a map run of 200,000"),
             ("pass", "Pass", 60, "beside 60 loops of Pass"), ("sql", "SQL", 60, "beside 60 loops of SQL"),
             ("jsonata", "JSONata", 60, "beside 60 loops of 1 s JSONata"), ("sleep", "sleep", 20, "beside 20 tasks that sleep"))


def lines(quick, wanted=()):
    """Lines of the table."""
    count = 50 if quick else 300
    result = []
    rest = None
    prepare()
    orders(10)                          # the function proves itself
    for key, machine, number, text in SCENARIOS:
        if wanted and key not in wanted:
            continue
        stop_all()
        if machine:
            start(machine, number)
            time.sleep(1.5)
        middle, p99, open_orders = orders(count)
        if key == "rest":
            rest = p99
        result.append(LINE % ("%.1f x" % (p99 / rest) if rest else "", "H  %d orders %s, p50 and p99%s" % (
            count, text, ", %d never ended" % open_orders if open_orders else ""), "%.1f ms" % middle, "%.1f ms" % p99))
        print(result[-1], file=sys.stderr, flush=True)
    stop_all()
    return result


if __name__ == "__main__":
    print("\n".join(lines(bool(os.environ.get("QUICK")), sys.argv[1:])))
