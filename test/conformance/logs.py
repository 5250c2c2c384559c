#!/usr/bin/env python3
"""Compares log events with those that AWS sent to CloudWatch Logs.

    logs.py CONFORMANCE-FOLDER DSN UNREACHABLE.txt

Cases whose only result is the log: those of the area "logs", whose level stands in the id, and the last event of
asynchronous Express executions.  Every event is compared with the recording, its absence too.  The last line is
"total N passed N failed".
"""
import json
import os
import re
import sys
import time

import psycopg2

from count import read_unreachable

COLUMNS = ("id", "type", "details", "previous_event_id", "event_timestamp", "execution_arn", "redrive_count")
DESTINATION = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:conformance:*"}}


def settings_of(case):
    """(level, includeExecutionData)"""
    found = re.search(r"_(ALL|ERROR|FATAL|OFF)_(True|False)\]$", case["id"])
    return (found.group(1), found.group(2) == "True") if found else ("ALL", True)


def run(cursor, case, number):
    """The log events of one execution, as CloudWatch Logs shows them."""
    level, with_data = settings_of(case)
    request = {"name": "logs_case_%d" % number, "definition": json.dumps(case["definition"]), "type": case["type"],
               "roleArn": "arn:aws:iam::000000000000:role/sfn_role",
               "loggingConfiguration": {"level": level, "includeExecutionData": with_data, "destinations": [DESTINATION]}}
    cursor.execute("SELECT sfn.api('CreateStateMachine', %s)", (json.dumps(request),))
    machine = cursor.fetchone()[0]["stateMachineArn"]
    cursor.execute("SELECT sfn.api('StartExecution', %s)",
                   (json.dumps({"stateMachineArn": machine, "input": json.dumps(case.get("input", {}))}),))
    arn = cursor.fetchone()[0]["executionArn"]
    for _ in range(600):
        cursor.execute("SELECT status FROM sfn.executions WHERE execution_arn = %s", (arn,))
        if cursor.fetchone()[0] != "RUNNING":
            break
        time.sleep(0.05)
    cursor.execute("SELECT %s FROM sfn.log_events WHERE execution_arn = %%s ORDER BY id::int" % ", ".join(COLUMNS), (arn,))
    events = [dict(zip(COLUMNS, row)) for row in cursor.fetchall()]
    cursor.execute("SELECT sfn.api('DeleteStateMachine', %s)", (json.dumps({"stateMachineArn": machine}),))
    return events


def differences(matcher, case, events):
    expect = case["expect"]
    if "end_event" in expect:
        if not events:
            return ["nothing was logged"]
        return matcher.diff(expect["end_event"], {key: events[-1][key] for key in expect["end_event"]})
    recorded = (expect.get("extra") or {}).get("logged_execution_events", [])
    return matcher.diff(recorded, events)


def main():
    folder, dsn = sys.argv[1], sys.argv[2]
    known = read_unreachable(sys.argv[3])
    sys.path.insert(0, folder)
    import run_asl_cases
    cases, lambdas = run_asl_cases.load([os.path.join(folder, "asl")])
    run_asl_cases.install_lambdas(dsn, {"raise_exception": lambdas["raise_exception"]}, "conformance_logs")
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    passed = failed = 0
    for number, (area, case) in enumerate(cases):
        if case["kind"] != "execution" or "jsonata" in case["tags"] or case["id"] + " log" in known:
            continue
        if area != "logs" and "end_event" not in case["expect"]:
            continue
        matcher = run_asl_cases.Matcher(case, case.get("skip_paths", []))
        problems = differences(matcher, case, run(cursor, case, number))
        if problems:
            failed += 1
            print("FAIL %s\n  %s" % (case["id"], "\n  ".join(problems[:6])))
        else:
            passed += 1
    print("total %d passed %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
