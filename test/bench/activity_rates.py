"""W9 of the benchmark: activity tasks polled and completed by eight workers, one transaction for each call; then by ten.
W10: messages of a queue of sfn.create_queue(), sent, received and deleted by tens.

The tasks are queued first; then the clock runs from the first poll until the last execution has ended, so it includes what
the executors do with the answers.  Beside it: a queue in plain SQL, a table from which eight clients take a row with SKIP
LOCKED in one transaction and delete it, with a row into a table of results, in the next.
"""
import os
import subprocess
import tempfile
import time

WORKERS = 8
LINE = "%9s  %-64s %9s %14s"
MACHINE = """SELECT sfn.create_state_machine('work', '{"StartAt": "A", "States": {"A": {"Type": "Task",
    "Resource": "' || sfn.create_activity('work') || '", "End": true}}}', replace => true)"""
# Where there is nothing to take, there is nothing to answer.
WORK_BY_TEN = """SELECT coalesce(array_agg(task_token), '{}') AS tokens, count(*) AS n FROM sfn.get_activity_tasks('work', 10, 'w', '0 s') \\gset
SELECT count(*) FROM sfn.send_task_successes(:tokens::text[], array_fill('{"done": true}'::json, ARRAY[:n::int]));
"""
WORK = """SELECT task_token AS token FROM sfn.get_activity_task('work', 'w', '20 s') \\gset
SELECT sfn.send_task_success(:token, '{"done": true}');
"""
QUEUE = """DROP SCHEMA IF EXISTS queue CASCADE;
    CREATE SCHEMA queue;
    CREATE TABLE queue.job (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload json, worker text, taken_at timestamptz);
    CREATE INDEX ON queue.job (id) WHERE taken_at IS NULL;
    CREATE TABLE queue.done (id bigint, payload json, result json, finished_at timestamptz);
    INSERT INTO queue.job (payload) SELECT '{"order": 1}' FROM generate_series(1, %d)"""
TAKE = """UPDATE queue.job SET taken_at = clock_timestamp(), worker = 'w' WHERE id = (SELECT id FROM queue.job WHERE taken_at IS NULL
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id \\gset
WITH finished AS (DELETE FROM queue.job WHERE id = :id RETURNING *)
    INSERT INTO queue.done SELECT id, payload, '{"done": true}', clock_timestamp() FROM finished;
"""

TAKE_BY_TEN = """WITH taken AS (UPDATE queue.job SET taken_at = clock_timestamp(), worker = 'w' WHERE id IN (SELECT id FROM queue.job WHERE taken_at IS NULL
    ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED) RETURNING id)
    SELECT coalesce(array_agg(id), '{}') AS ids FROM taken \\gset
WITH finished AS (DELETE FROM queue.job WHERE id = ANY (:ids::bigint[]) RETURNING *)
    INSERT INTO queue.done SELECT id, payload, '{"done": true}', clock_timestamp() FROM finished;
"""


# Messages of a queue, and the same in plain SQL.
SEND_BY_TEN = """SELECT count(sfn.send_message('rates', '{"order": 1}')) FROM generate_series(1, 10);
"""
RECEIVE_BY_TEN = """SELECT coalesce(array_agg(receipt_handle), '{}') AS handles FROM sfn.receive_message('rates', 10) \\gset
SELECT count(sfn.delete_message('rates', handle)) FROM unnest(:handles::text[]) handle;
"""
PUT_BY_TEN = """INSERT INTO queue.job (payload) SELECT '{"order": 1}' FROM generate_series(1, 10);
"""
DROP_BY_TEN = TAKE_BY_TEN.splitlines(keepends=True)
DROP_BY_TEN = "".join(DROP_BY_TEN[:3]) + """DELETE FROM queue.job WHERE id = ANY (:ids::bigint[]);
"""


def run_workers(script, tasks):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "worker.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        subprocess.run(["pgbench", "-n", "-M", "prepared", "-f", path, "-c", str(WORKERS), "-j", "2", "-t", str(tasks // WORKERS)],
                       check=True, capture_output=True, text=True, timeout=300)


def wait_for(psql, query, value, deadline):
    ends = time.monotonic() + deadline
    while psql(query)[0] != value:
        if time.monotonic() > ends:
            raise RuntimeError("W9: not done within %d s" % deadline)
        time.sleep(0.05)


def activities(psql, tasks, script, calls):
    """Tasks a second, by so many calls of the script."""
    psql("SELECT count(*) FROM sfn.start_executions('work', ARRAY(SELECT '{\"order\": 1}'::json FROM generate_series(1, %d)))" % tasks)
    wait_for(psql, "SELECT count(*) FROM sfn.task WHERE kind = 2 AND state = 1", str(tasks), 120)
    began = time.monotonic()
    run_workers(script, calls)
    wait_for(psql, "SELECT count(*) FROM (SELECT FROM sfn.execution WHERE stop_date IS NULL LIMIT 1) e", "0", 120)
    return tasks / (time.monotonic() - began)


def queue(psql, tasks, script, calls):
    psql(QUEUE % tasks)
    psql("VACUUM ANALYZE queue.job")
    began = time.monotonic()
    run_workers(script, calls)
    return tasks / (time.monotonic() - began)


def both_ways(tasks, send, receive):
    """Messages a second: all are sent, then all are taken and deleted."""
    began = time.monotonic()
    run_workers(send, tasks // 10)
    run_workers(receive, tasks // 10 + tasks // 50)
    return tasks / (time.monotonic() - began)


def message_line(psql, tasks):
    """The line of W10."""
    psql("SELECT sfn.create_queue('rates')")
    rate = both_ways(tasks, SEND_BY_TEN, RECEIVE_BY_TEN)
    if psql("SELECT messages FROM sfn.queues WHERE name = 'rates'")[0] != "0":
        raise RuntimeError("W10: messages are left")
    psql("SELECT sfn.delete_queue('rates')")
    psql(QUEUE % 0)
    plain = both_ways(tasks, PUT_BY_TEN, DROP_BY_TEN)
    return LINE % ("%.2f x" % (rate / plain), "W10 %d messages by ten, %d clients, against a SKIP LOCKED queue" % (tasks, WORKERS),
                   "%.0f/s" % rate, "%.0f/s" % plain)


def lines(psql, quick):
    """Lines of the table; the workers are on."""
    tasks = 8000 if quick else 100000
    psql("TRUNCATE sfn.execution, sfn.execution_status, sfn.inbox, sfn.branch, sfn.history_chunk, sfn.task")
    psql(MACHINE)
    table = []
    for how, work, take, calls in (("", WORK, TAKE, tasks), (" by ten", WORK_BY_TEN, TAKE_BY_TEN, tasks // 10 + tasks // 50)):
        rate = activities(psql, tasks, work, calls)
        failed = psql("SELECT count(*) FROM sfn.execution WHERE status <> 2 /* SUCCEEDED */")[0]
        psql("TRUNCATE sfn.execution, sfn.execution_status, sfn.inbox, sfn.branch, sfn.history_chunk, sfn.task")
        if failed != "0":
            raise RuntimeError("W9: %s executions failed" % failed)
        plain = queue(psql, tasks, take, calls)
        table.append(LINE % ("%.2f x" % (rate / plain), "W9 %d activity tasks%s, %d workers, against a SKIP LOCKED queue" % (tasks, how, WORKERS),
                             "%.0f/s" % rate, "%.0f/s" % plain))
    return table + [message_line(psql, tasks)]
