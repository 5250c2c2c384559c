"""W4 of the benchmark: HTTP tasks a second, 64 at once over kept-alive connections, against a local server; and calls of
an AWS service (dynamodb:putItem), which are written from the service's facts and signed.

The server answers every request at once with a fixed JSON body: nginx where it is installed, else http_server.c.  Beside
it: plain requests to the same server over 64 connections by http_server.c, with no database, no history and nothing kept: a
ceiling.
"""
import os
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAM = os.path.join(os.environ.get("SFN_BUILD", "build"), "bench", "http_server")
AT_ONCE = 64

MACHINE = """SELECT sfn.create_state_machine('http', '{"StartAt": "A", "States": {"A": {"Type": "Task",
    "Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "http://127.0.0.1:%d/w4", "Method": "POST",
    "RequestBody": {"n": 12}}, "End": true}}}', replace => true)"""

PUTS = """SELECT sfn.create_state_machine('puts', '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "t", "Item": {"id": {"S": "12"}, "n": {"N": "12"}}}, "ResultPath": null, "End": true}}}', replace => true)"""


def one_round(psql, machine, executions, deadline):
    """Tasks a second, from the first start to the last stop."""
    psql("SELECT count(*) FROM sfn.start_executions('%s', ARRAY(SELECT '{}'::json FROM generate_series(1, %d)))" % (machine, executions))
    ends = time.monotonic() + deadline
    while psql("SELECT count(*) FROM (SELECT FROM sfn.task WHERE kind = 1 LIMIT 1) t")[0] != "0" or \
            psql("SELECT count(*) FROM sfn.executions WHERE state_machine = '%s' AND status = 'RUNNING'" % machine)[0] != "0":
        if time.monotonic() > ends:
            raise RuntimeError("W4: not done within %d s" % deadline)
        time.sleep(0.1)
    row = psql("SELECT count(*) / extract(epoch FROM max(stop_date) - min(start_date)), count(*) FILTER (WHERE status <> 'SUCCEEDED')"
               " FROM (SELECT * FROM sfn.executions WHERE state_machine = '%s' ORDER BY start_date DESC LIMIT %d) e" % (machine, executions))
    if row[1] != "0":
        raise RuntimeError("W4: %s executions failed" % row[1])
    return float(row[0])


NGINX = """daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .;
    uwsgi_temp_path .; scgi_temp_path .;
    server { listen 127.0.0.1:%d; location / { default_type application/json; return 200 '{"ok":true}'; } } }
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def start_nginx(program, directory):
    """The process and its port, or None when it does not come up."""
    port = free_port()
    with open(os.path.join(directory, "nginx.conf"), "w") as file:
        file.write(NGINX % port)
    server = subprocess.Popen([program, "-p", directory, "-c", "nginx.conf", "-e", "stderr"], stderr=subprocess.DEVNULL)
    for _ in range(100):
        if answers(port):
            return server, port
        if server.poll() is not None:
            break
        time.sleep(0.05)
    server.kill()
    server.wait()
    return None


def start_server(directory):
    """The process, its port and its name."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    started = start_nginx(nginx, directory) if nginx else None
    if started:
        return started + ("nginx",)
    server = subprocess.Popen([PROGRAM, "serve"], stdout=subprocess.PIPE, text=True)
    return server, int(server.stdout.readline()), "http_server.c"


def best_round(psql, machine, executions, quick):
    one_round(psql, machine, 500, 60)
    return max(one_round(psql, machine, executions, 120) for _ in range(1 if quick else 3))


def lines(psql, quick):
    """Lines of the table; the workers are on."""
    if not os.path.exists(PROGRAM):
        return ["%9s  W4: the server for it was not built" % "-"]
    executions = 5000 if quick else 20000
    with tempfile.TemporaryDirectory() as directory:
        server, port, name = start_server(directory)
        try:
            # a single host gets three quarters of the room
            psql("ALTER SYSTEM SET sfn.http_max_requests = %d" % (AT_ONCE * 4 // 3))
            psql("INSERT INTO sfn.http_allowed_host (host) VALUES ('127.0.0.1:%d')" % port)
            psql("SELECT pg_reload_conf()")
            psql(MACHINE % port)
            psql("SELECT sfn.create_service_endpoint('dynamodb', 'http://127.0.0.1:%d')" % port)
            psql("SELECT sfn.create_aws_credentials('default', 'STATIC', '{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"s\"}')")
            psql(PUTS)
            rate, puts = (best_round(psql, machine, executions, quick) for machine in ("http", "puts"))
            done = subprocess.run([PROGRAM, "load", str(port), str(AT_ONCE), str(executions * 5)], capture_output=True, text=True,
                                  timeout=120, check=True)
            ceiling = float(done.stdout)
        finally:
            server.terminate()
            server.wait()
    return ["%9s  %-64s %9s %14s" % ("%.2f x" % (one / ceiling), "W4 %s, %d at once, best round, plain requests (%s)" % (what, AT_ONCE, name),
                                     "%.0f/s" % one, "%.0f/s" % ceiling)
            for what, one in (("HTTP task", rate), ("dynamodb:putItem", puts))]
