#!/usr/bin/env python3
"""Counts the results of the execution cases.

    count.py RESULTS.json UNREACHABLE.txt

A case passes when its result, its cause texts and its whole history agree with the recording; event ids are reported
beside that.  UNREACHABLE.txt names cases that we cannot reach, one a line, each followed by the reason; such a case
is counted apart, and reported when it passes after all.  The last line is "total N passed N failed".
"""
import json
import sys

LEVELS = ("result", "cause", "history")


def read_unreachable(path):
    """Case id -> reason; the id is the line up to the first two blanks, because ids may contain single ones."""
    known = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                case, _, reason = line.partition("  ")
                known[case] = reason.strip()
    return known


def main():
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError):
        print("total 0 passed 1 failed")
        sys.exit("the runner left no results")
    known = read_unreachable(sys.argv[2])
    passed, failed, apart, ids = [], [], [], 0
    for case, result in sorted(results.items()):
        if result["skip"]:
            continue
        agrees = not any(result["fail"][level] for level in LEVELS)
        ids += agrees and not result["fail"]["ids"]
        if case in known:
            apart.append(case)
            if agrees:
                print("listed as unreachable, but passes: " + case)
        else:
            (passed if agrees else failed).append(case)
    total = len(passed) + len(failed) + len(apart)
    print("%d cases, %d agree to the last event, %d of them with every id; %d listed as unreachable"
          % (total, len(passed), ids, len(apart)))
    slow = sorted(results.items(), key=lambda item: -item[1]["seconds"])[:3]
    print("slowest: " + ", ".join("%s %.1f s" % (case, result["seconds"]) for case, result in slow))
    print("total %d passed %d failed" % (len(passed), len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
