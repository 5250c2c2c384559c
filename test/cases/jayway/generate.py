#!/usr/bin/env python3
"""Random JSONPath cases: documents, and paths that are likely to find something in them.

  generate.py [SEED [COUNT]]	writes case lines without answers; Answers.java adds those

One JSON object a line.  A line with "input" sets the document of the lines after it, which have a "path" each.
"""
import json, random, sys

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 6000
PATHS_PER_DOCUMENT = 10
r = random.Random(SEED)

NAMES = ["a", "b", "c", "id", "x y", "n"]
SCALARS = [None, True, False, 0, 1, 2, 3, -1, 1.5, 10, "", "a", "b", "1", "null", "x y", "abc"]


def value(depth):
    kind = r.random()
    if depth == 0 or kind < 0.25:
        return r.choice(SCALARS)
    if kind < 0.6:
        return [value(depth - 1) for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4]))]
    return {name: value(depth - 1) for name in r.sample(NAMES, r.choice([0, 1, 2, 2, 3]))}


def document():
    while True:
        d = value(4)
        if isinstance(d, (dict, list)) and 20 < len(json.dumps(d)) < 300:
            return d


def name_step():
    name = r.choice(NAMES)
    if " " in name or r.random() < 0.3:
        return "['%s']" % name
    return "." + name


def position():
    return r.choice([0, 0, 0, 1, 1, 2, 3, 5, -1, -2])


def slice_step():
    a, b = r.choice([0, 1, 2, 4, -1, -2, -4]), r.choice([0, 1, 2, 4, -1, -2])
    return r.choice(["[%d:]" % a, "[:%d]" % b, "[%d:%d]" % (a, b)])


def operand_path():
    steps = "".join(r.choice([name_step, lambda: "[%d]" % position()])() for _ in range(r.choice([0, 1, 1, 1, 2])))
    return r.choice(["@", "@", "@", "@", "$"]) + steps


def word():
    return r.choice(["0", "1", "2", "1.5", "10", "-1", "'a'", "'b'", "'1'", "''", "'abc'", "null", "true", "false", "'x y'", "'null'", "abc"])


def condition():
    kind = r.random()
    if kind < 0.3:
        return r.choice(["", "", "!"]) + "@" + operand_path()[1:]
    if kind < 0.4:
        return "%s =~ %s" % (operand_path(), r.choice(["/a.*/", "/[0-9]+/", "/B/i", "/.*/", "/x y/"]))
    left, right = operand_path(), r.choice([word, word, word, operand_path])()
    if r.random() < 0.1:
        left, right = right, left
    return "%s %s %s" % (left, r.choice(["==", "==", "!=", "<", "<=", ">", ">="]), right)


def filter_step():
    text = condition()
    while r.random() < 0.25:
        text += r.choice([" && ", " || "]) + condition()
    return "[?(%s)]" % text


def any_step():
    kind = r.random()
    if kind < 0.35:
        return name_step()
    if kind < 0.65:
        return "[%d]" % position()
    if kind < 0.75:
        return "[%s]" % ",".join("'%s'" % n for n in r.sample(NAMES, 2))
    return slice_step()


def array_step(d):
    kind = r.random()
    if kind < 0.35:
        return "[%d]" % position()
    if kind < 0.48:
        return "[%s]" % r.choice([",", ", "]).join(str(position()) for _ in range(r.choice([2, 2, 3])))
    if kind < 0.60:
        return slice_step()
    if kind < 0.75:
        return r.choice(["[*]", ".*"])
    if kind < 0.77:
        return "[(@.length-%d)]" % r.choice([1, 2, 5])
    if kind < 0.86:
        return ".." + r.choice(["*", r.choice(["a", "b", "c", "n"]), "[%d]" % position()])
    return filter_step()


def object_step(d):
    kind = r.random()
    if kind < 0.5:
        name = r.choice(sorted(d)) if d and r.random() < 0.8 else r.choice(NAMES)
        return "['%s']" % name if " " in name or r.random() < 0.3 else "." + name
    if kind < 0.62:
        return "[%s]" % ",".join("'%s'" % n for n in r.sample(NAMES, 2))
    if kind < 0.78:
        return r.choice(["[*]", ".*"])
    if kind < 0.90:
        return ".." + r.choice(["*", r.choice(["a", "b", "c", "n"]), "[%d]" % position()])
    return filter_step()


def descend(d):
    """One of the values below, to choose the next step by."""
    if isinstance(d, dict) and d:
        return r.choice([d[name] for name in sorted(d)])
    return r.choice(d) if isinstance(d, list) and d else None


def path(d):
    text, count = "$", r.choice([1, 1, 2, 2, 3, 3, 4])
    for _ in range(count):
        if r.random() < 0.06 or not isinstance(d, (dict, list)):
            text += any_step()
        else:
            text += object_step(d) if isinstance(d, dict) else array_step(d)
        d = descend(d)
        if not isinstance(d, (dict, list)) and r.random() < 0.9:
            break
    return text


print(json.dumps({"about": "JSONPath of Jayway JsonPath 2.0.0 with JacksonJsonNodeJsonProvider (jackson-databind 2.5.3), "
                           "default options; made by test/cases/jayway", "seed": SEED, "count": COUNT}))
for i in range(COUNT):
    if i % PATHS_PER_DOCUMENT == 0:
        d = document()
        print(json.dumps({"input": d}))
    print(json.dumps({"path": path(d)}))
