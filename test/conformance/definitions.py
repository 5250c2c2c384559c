#!/usr/bin/env python3
"""Validates a folder of real definitions.

    definitions.py FOLDER DSN UNREACHABLE.txt

FOLDER holds *.jsonl files: a definition a line with "valid" (what its source says: true, false or null).  Every
definition goes through sfn.validate_state_machine_definition().  A definition passes when

  - the server survives and answers with diagnostics, not with an error of its own,
  - it takes at most 50 ms (the best of five, so that a busy machine does not count),
  - it gets no ERROR where its source says that it is valid, and one where its source says that it is not.

UNREACHABLE.txt names definitions whose source is wrong about them (see count.py for its form); they are counted apart.
The last line is "total N passed N failed".
"""
import glob
import json
import os
import sys
import time

import psycopg2

from count import read_unreachable

LIMIT = 0.050
QUERY = "SELECT severity, code, message, location FROM sfn.validate_state_machine_definition(%s)"


class Server:
    """A connection that comes back after a crash."""

    def __init__(self, dsn):
        self.dsn = dsn
        self.connect()

    def connect(self):
        self.connection = psycopg2.connect(self.dsn)
        self.connection.autocommit = True

    def reconnect(self):
        for pause in (0.2, 0.5, 1, 2, 4, 8, 16):
            time.sleep(pause)
            try:
                return self.connect()
            except psycopg2.Error:
                continue
        sys.exit("the server did not come back")

    def validate(self, text):
        """(diagnostics, seconds)"""
        with self.connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(QUERY, (text,))
            rows = cursor.fetchall()
            return rows, time.perf_counter() - began


def load(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl"))):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def check(server, case):
    """(what is wrong or None, number of errors found, seconds)"""
    text = case["definition"]
    if not isinstance(text, str):
        text = json.dumps(text, ensure_ascii=False)
    try:
        rows, seconds = server.validate(text)
        for _ in range(4):
            if seconds <= LIMIT:
                break
            seconds = min(seconds, server.validate(text)[1])
    except psycopg2.Error as error:
        if server.connection.closed:
            server.reconnect()
            return "the server crashed", 0, 0
        return "error: %s" % str(error).strip().splitlines()[0], 0, 0
    errors = [row for row in rows if row[0] == "ERROR"]
    if seconds > LIMIT:
        return "took %.0f ms" % (seconds * 1000), len(errors), seconds
    if case.get("valid") is False and not errors:
        return "no error found", 0, seconds
    if case.get("valid") is True and errors:
        return "%s at %s: %s" % (errors[0][1], errors[0][3], errors[0][2]), len(errors), seconds
    return None, len(errors), seconds


def main():
    server = Server(sys.argv[2])
    known = read_unreachable(sys.argv[3])
    passed, failed, apart, slowest = 0, 0, 0, 0.0
    found = {"true": [0, 0], "false": [0, 0], "null": [0, 0]}
    for case in load(sys.argv[1]):
        wrong, errors, seconds = check(server, case)
        slowest = max(slowest, seconds)
        row = found[json.dumps(case.get("valid"))]
        row[0] += 1
        row[1] += errors > 0
        if case["id"] in known:
            apart += 1
        elif wrong is None:
            passed += 1
        else:
            failed += 1
            print("FAIL %s\n  %s" % (case["id"], wrong))
    for valid, what in (("true", "valid"), ("false", "invalid"), ("null", "no statement")):
        print("%-14s %5d definitions, %5d with errors found" % (what, *found[valid]))
    print("slowest %.1f ms; %d listed as unreachable" % (slowest * 1000, apart))
    print("total %d passed %d failed" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
