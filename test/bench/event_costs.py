#!/usr/bin/env python3
"""make bench EVENTS=1: what rules cost, in processor time of the whole server, which other load changes least.

W1 and W2 without any rule and with 1,000 that ask for status changes of machines that are not there, in turns.  Then executions
of one Pass each: by themselves; with a task that starts a child and does not wait (states:startExecution); with a rule that starts
the same child when they end, with as small an input as the task's, and with the whole event beside a task that hands over as
much.  Microseconds are of the whole: the execution and what it starts, to both ends.

QUICK=1 makes rounds fewer and smaller.
"""
import os
import statistics
import time

import bench
import start_rates
from bench import number, psql

QUICK = bool(os.environ.get("QUICK"))
ROUNDS = 2 if QUICK else 4
RULES = 1000
EXECUTIONS = 2000 if QUICK else 10000
LINE = "%9s  %-64s %9s %14s"
BIG = "x" * 850          # with it an input is as long as the event
TARGETS = {"W1": 1.03, "W2": 1.01, "start": 1.3}


def make_rules():
    psql("""SELECT count(sfn.create_rule('r' || n, json_build_object('source', json_build_array('aws.states'), 'detail', json_build_object(
        'status', json_build_array('FAILED'), 'stateMachineArn', json_build_array('arn:aws:states:us-east-1:000000000000:stateMachine:none' || n))),
        'sql:pg_catalog.now')) FROM generate_series(1, %d) n""" % RULES)


def drop_rules():
    psql("SELECT count(sfn.drop_rule(name)) FROM (SELECT name FROM sfn.event_rules OFFSET 0) r")


def chain():
    """Microseconds of a transition of W1; so many that what each process reads of the rules once, milliseconds, has its true share."""
    size = 300 if QUICK else 30000
    before = bench.server_cpu()
    bench.engine_round("passes", size, bench.NoCosts)
    return (bench.server_cpu() - before) * 1e6 / (size * bench.STATES)


def starts():
    """Microseconds of a start of W2."""
    bench.workers(False)
    bench.wait_workers_gone()
    before = bench.server_cpu()
    start_rates.pgbench_rate(8, 2 if QUICK else 5)
    return (bench.server_cpu() - before) * 1e6 / number("SELECT count(*) FROM sfn.execution")


def with_and_without(measure):
    """(with rules, without): medians of rounds in turns."""
    found = {True: [], False: []}
    for round_number in range(ROUNDS):
        for has_rules in (True, False) if round_number % 2 else (False, True):
            if has_rules:
                make_rules()
            start_rates.clear(psql)
            found[has_rules].append(measure())
            start_rates.clear(psql)
            if has_rules:
                drop_rules()
    return statistics.median(found[True]), statistics.median(found[False])


def machine(name, state):
    return psql("""SELECT sfn.create_state_machine('%s', '{"StartAt": "A", "States": {"A": {%s, "End": true}}}')""" % (name, state))[0]


def starter(name, child, text):
    machine(name, '"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",'
            ' "Parameters": {"StateMachineArn": "%s", "Input": {"a": "%s"}}' % (child, text))


def ruled(name, child, more=""):
    arn = machine(name, '"Type": "Pass"')
    psql("""SELECT sfn.create_rule('%s', '{"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"], "stateMachineArn": ["%s"]}}',
        '%s'%s)""" % (name, arn, child, more))


def whole(name, count):
    """Microseconds of an execution of that machine and what it starts."""
    bench.workers(False)
    bench.wait_workers_gone()
    psql("SELECT count(sfn.start_execution('%s', '{}')) FROM generate_series(1, %d)" % (name, EXECUTIONS))
    before = bench.server_cpu()
    bench.workers(True)
    end = time.monotonic() + bench.DEADLINE + 60
    while number("SELECT count(*) FROM sfn.execution WHERE stop_date IS NOT NULL") < count * EXECUTIONS:
        if time.monotonic() > end:
            raise bench.GivenUp("%s: not all executions have ended" % name)
        time.sleep(0.3)
    used = bench.server_cpu() - before
    start_rates.clear(psql)
    return used * 1e6 / EXECUTIONS


def children():
    """Microseconds, by machine."""
    child = machine("child", '"Type": "Pass"')
    machine("alone", '"Type": "Pass"')
    starter("task", child, "")
    starter("task_big", child, BIG)
    ruled("rule", child, """, input => '{"a": ""}'""")
    ruled("rule_big", child)
    found = {}
    for _ in range(ROUNDS):
        for name in ("alone", "task", "rule", "task_big", "rule_big"):
            found.setdefault(name, []).append(whole(name, 1 if name == "alone" else 2))
    return {name: statistics.median(times) for name, times in found.items()}


def row(what, cost, base, target=None):
    text = what if target is None else "%s (at most %.2f)" % (what, target)
    print(LINE % ("%.2f x" % (cost / base), text, "%.1f us" % cost, "%.1f us" % base), flush=True)


def main():
    for part in ("baseline.sql", "machines.sql"):
        bench.psql_file(os.path.join(bench.HERE, part))
    # what it would clean up behind one round falls into another
    psql("ALTER SYSTEM SET autovacuum = off")
    psql("SELECT pg_reload_conf()")
    print(LINE % ("ratio", "processor time of the server", "with", "beside"))
    row("W1 a transition, %d rules that do not match, none" % RULES, *with_and_without(chain), TARGETS["W1"])
    row("W2 a start, %d rules that do not match, none" % RULES, *with_and_without(starts), TARGETS["W2"])
    costs = children()
    row("a rule that starts a machine, a task that does", costs["rule"], costs["task"], TARGETS["start"])
    row("the same with the whole event, a task with as long an input", costs["rule_big"], costs["task_big"], TARGETS["start"])
    row("a rule that starts a machine, none", costs["rule"], costs["alone"])


main()
