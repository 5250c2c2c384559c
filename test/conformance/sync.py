#!/usr/bin/env python3
"""Runs the execution cases as synchronous Express executions.

    sync.py CONFORMANCE-FOLDER DSN

AWS recorded them as STANDARD executions; outcome, output, error and cause must be the same when an EXPRESS machine with
that definition runs in the caller's session.  What differs by nature: the ARN in the context object, and that
StartSyncExecution names the error of a time-out.  The last line is "total N passed N failed".
"""
import json
import os
import sys
import threading

LIMIT = 60                      # seconds for one statement


class Options:
    honour_skip_paths = True
    timeout = LIMIT
    keep = False


def is_for_us(case):
    return (case["kind"] == "execution" and "jsonata" not in case["tags"] and not case.get("setup")
            and not case["expect"].get("partial")
            and all(need == "wait" or need.startswith("lambda") for need in case["needs"]))


def expectation(case):
    expect = json.loads(json.dumps(case["expect"]).replace(":execution:", ":express:"))
    if expect["status"] == "TIMED_OUT":
        expect["error"] = "States.Timeout"
    return expect


def run(runner, engine, case, name):
    """The differences of one case."""
    play = runner.Run(case, engine, Options, None)
    try:
        machine = engine.api("CreateStateMachine", {"name": name, "definition": play.body("definition"),
                                                    "roleArn": runner.ROLE, "type": "EXPRESS"})["stateMachineArn"]
        request = {"stateMachineArn": machine}
        if "input" in case or "input_text" in case:
            request["input"] = play.body("input")
        play.outcome(expectation(case), engine.api("StartSyncExecution", request))
        engine.api("DeleteStateMachine", {"stateMachineArn": machine})
    except runner.ApiError as error:
        return ["%s" % error]
    return play.fail["result"] + play.fail["cause"]


def main():
    folder, dsn = sys.argv[1:3]
    sys.path.insert(0, folder)
    import run_asl_cases as runner
    cases, lambdas = runner.load([os.path.join(folder, "asl")])
    runner.install_lambdas(dsn, lambdas, "conformance_sync")
    todo = list(enumerate(case for _, case in cases if is_for_us(case)))
    total = len(todo)
    failed = []
    lock = threading.Lock()

    def work():
        engine = runner.PgEngine(dsn, LIMIT)
        while True:
            with lock:
                if not todo:
                    break
                number, case = todo.pop()
            problems = run(runner, engine, case, "sync_case_%d" % number)
            if problems:
                with lock:
                    failed.append((case["id"], problems))
        engine.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for case, problems in sorted(failed):
        print("FAIL %s\n  %s" % (case, "\n  ".join(problems[:4])))
    print("total %d passed %d failed" % (total - len(failed), len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
