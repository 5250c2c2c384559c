#!/usr/bin/env python3
"""Runs the cases in which executions call services of AWS.

    services.py CONFORMANCE-FOLDER DSN SUPERUSER-DSN UNREACHABLE.txt [ENDPOINT CLIENT...]

Without ENDPOINT a responder in this program says what AWS said: the n-th call of an action gets the answer that was
recorded for it, spelled in the service's protocol, and what came over the wire is compared with the recorded parameters.
Whoever got a task token does what the case says of him.  With ENDPOINT, a double of AWS, the calls go there; CLIENT is a
command that makes what the case needs there first, a line of JSON for each call (test/doubles/play.py).

The last line is "total N passed N failed".
"""
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
import uuid
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

from count import LEVELS, read_unreachable

HERE = {"wait", "lambda", "activity", "callback", "nested", "distributed_map"}      # what needs no service
SERVICES = {"sqs", "sns", "dynamodb", "s3", "events", "secretsmanager", "apigateway"}
ADDED = {"Resources", "ClientRequestToken"}             # members that the integration adds to a request
LIMIT = 60                                              # seconds for one case
REGION = "us-east-1"


class Options:
    honour_skip_paths = False
    timeout = LIMIT
    keep = False


def needs_service(case):
    """Whether the case calls AWS; those of Distributed Map read buckets that are directories."""
    kinds = {need.split(":")[0] for need in case["needs"]}
    return bool(kinds & SERVICES) and kinds <= SERVICES | HERE and "distributed_map" not in kinds


# ---- what was recorded ----

def without_added(value):
    if isinstance(value, list):
        return [without_added(item) for item in value]
    if isinstance(value, dict):
        return {key: without_added(member) for key, member in value.items() if key not in ADDED}
    return value


class Recording:
    """The calls of one case that AWS answered, each until it is asked for."""

    def __init__(self, case, matcher):
        self.matcher = matcher
        self.problems = []
        self.messages = []                              # [token, body] for whoever consumes them
        self.calls = []
        self.ends = []                                  # how tasks with a token ended
        for event in case["expect"].get("events", []) if "expect" in case else []:
            kind = event["type"]
            details = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
            if kind == "TaskScheduled" and details["resourceType"] not in ("lambda", "states"):
                self.calls.append([details, None])
            elif kind in ("TaskSubmitted", "TaskSucceeded", "TaskFailed") and self.calls and self.calls[-1][1] is None:
                self.calls[-1][1] = details
            elif kind in ("TaskSucceeded", "TaskFailed", "TaskTimedOut"):
                self.ends.append((kind, details))

    def answer_to(self, action, request):
        """The recorded answer to the action, after a look at what was asked."""
        for call in self.calls:
            scheduled, answer = call
            if scheduled["resource"].split(".")[0].lower() == action.lower():
                self.calls.remove(call)
                wanted = {key: value for key, value in scheduled["parameters"].items() if value is not None}
                self.problems += ["%s over the wire: %s" % (action, text)
                                  for text in self.matcher.diff(wanted, without_added(request))]
                return answer
        return None


# ---- the protocols ----

def unfold(form):
    """{"A.entry.1.Name": n, "A.entry.1.Value.X": x} of the query protocol -> {"A": {n: {"X": x}}}"""
    request = {}
    for key, value in form.items():
        name, _, rest = key.partition(".entry.")
        if rest:
            number, _, path = rest.partition(".")
            if path == "Name":
                request.setdefault(name, {})[value] = {
                    other.split(".")[-1]: text for other, text in form.items()
                    if other.startswith("%s.entry.%s.Value." % (name, number))}
        elif key not in ("Action", "Version"):
            request[key] = value
    return request


def with_values(answer, request):
    """The answer with values in place of the recording's wildcards."""
    if isinstance(answer, dict):
        return {key: with_values(value, request) for key, value in answer.items() if not key.startswith("Sdk")}
    if isinstance(answer, list):
        return [with_values(value, request) for value in answer]
    if isinstance(answer, str) and answer.startswith("<m-d5-of-message-body"):
        return hashlib.md5(request["MessageBody"].encode()).hexdigest()
    if isinstance(answer, str) and re.fullmatch(r"<sequence-number:\d+>", answer):
        return "10000000000000000000"
    if isinstance(answer, str) and re.fullmatch(r"<[^<>]+>|a_message_id", answer):
        return str(uuid.uuid4())
    return answer


def failure_of(answer):
    """(status, code, message) of a recorded error; codes stand only in causes of the older form."""
    cause = answer["cause"]
    message, _, rest = cause.partition(" (Service: ")
    status = int(re.search(r"Status Code: (\d+)", rest).group(1))
    code = re.search(r"Error Code: (\w+)", rest)
    prefix, _, name = answer["error"].partition(".")
    if code:
        return status, code.group(1), message
    return status, "ValidationException" if name == prefix + "Exception" else name, message


def as_json(request, answer):
    if "error" in answer and isinstance(answer.get("cause"), dict):
        return 200, {}, json.dumps(with_values(answer["cause"], request))
    if "error" in answer:
        status, code, message = failure_of(answer)
        return status, {"x-amzn-query-error": code + ";Sender"}, json.dumps({"__type": "com.amazonaws#" + code, "message": message})
    return 200, {}, json.dumps(with_values(answer["output"], request))


def as_xml(action, request, answer):
    if "error" in answer:
        status, code, message = failure_of(answer)
        return status, {}, ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>"
                            % (code, message))
    members = "".join("<%s>%s</%s>" % (key, value, key) for key, value in with_values(answer["output"], request).items())
    return 200, {}, "<%sResponse><%sResult>%s</%sResult></%sResponse>" % ((action,) * 2 + (members,) + (action,) * 2)


S3_HEADERS = {"AcceptRanges": "accept-ranges", "ContentType": "Content-Type", "ETag": "ETag", "LastModified": "Last-Modified",
              "ServerSideEncryption": "x-amz-server-side-encryption", "ChecksumCRC32": "x-amz-checksum-crc32",
              "ChecksumType": "x-amz-checksum-type"}


def as_object(request, answer):
    output = dict(answer["output"], **({"LastModified": formatdate(usegmt=True)} if "LastModified" in answer["output"] else {}))
    headers = {S3_HEADERS[key]: value for key, value in output.items() if key in S3_HEADERS}
    return 200, headers, output.get("Body", "")


class Responder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recording = None                                    # of the case that runs

    def read(self, body):
        """(action, request, how to answer)"""
        target = self.headers.get("X-Amz-Target")
        if target:
            return target.split(".")[-1], json.loads(body), as_json
        if b"Action=" in body:
            form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
            return form["Action"], unfold(form), lambda request, answer: as_xml(form["Action"], request, answer)
        _, bucket, key = urllib.parse.unquote(self.path.partition("?")[0]).split("/", 2)
        request = {"Bucket": bucket, "Key": key}
        if self.command == "PUT":
            request["Body"] = body.decode()
        return self.command + "Object", request, as_object

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        action, request, spelled = self.read(body)
        recording = Responder.recording
        answer = recording.answer_to(action, request)
        if answer is None and action == "SendMessage":  # by a machine whose history was not recorded
            answer = {"output": {"MessageId": "<uuid>", "MD5OfMessageBody": "<m-d5-of-message-body>"}}
        if answer is None:
            recording.problems.append("%s was not recorded, or not so often" % action)
            status, headers, text = 400, {}, json.dumps({"__type": "UnknownOperationException"})
        else:
            status, headers, text = spelled(request, answer)
        message = request.get("MessageBody", request.get("Message", ""))
        if "TaskToken" in message:
            recording.messages.append(json.loads(message))
        data = text.encode()
        self.send_response(status)
        for name, value in dict({"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(data)),
                                 "x-amzn-RequestId": str(uuid.uuid4())}, **headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *arguments):
        pass


# ---- whoever got a token ----

def said_of_consumer(case, recording, message):
    """(action, members) for a message, by the case's words or by how the recorded task ended; None: nothing is done."""
    for worker in case.get("workers", []):
        if "SendTaskSuccess" in worker.get("does", ""):
            return "SendTaskSuccess", {"output": json.dumps(message["Message"])}
        found = re.search(r"SendTaskFailure\(error '(.*)', cause '(.*)'\)", worker.get("does", ""))
        if found:
            return "SendTaskFailure", {"error": found.group(1), "cause": found.group(2)}
    kind, details = recording.ends.pop(0) if recording.ends else ("", {})
    if kind == "TaskSucceeded":
        is_message = isinstance(details["output"], dict) and set(details["output"]) == set(message)
        return "SendTaskSuccess", {"output": json.dumps(message if is_message else details["output"])}
    if kind == "TaskFailed":
        return "SendTaskFailure", {key: details[key] for key in ("error", "cause") if key in details}
    return None


class Consumer(threading.Thread):
    """Answers for messages, once the history says that they were sent."""

    def __init__(self, case, recording, engine):
        super().__init__(daemon=True)
        self.case, self.recording, self.engine = case, recording, engine
        self.executions = []
        self.over = threading.Event()

    def was_submitted(self):
        for arn in self.executions:
            events = self.engine.api("GetExecutionHistory", {"executionArn": arn})["events"]
            if any(event["type"] == "TaskSubmitted" for event in events):
                return True
        return False

    def run(self):
        done = 0
        while not self.over.wait(0.05):
            if done == len(self.recording.messages) or not self.was_submitted():
                continue
            message = self.recording.messages[done]
            done += 1
            said = said_of_consumer(self.case, self.recording, message)
            if said:
                self.engine.api("SendTaskHeartbeat", {"taskToken": message["TaskToken"]})
                self.engine.api(said[0], dict(said[1], taskToken=message["TaskToken"]))
        self.engine.close()


# ---- cases ----

def make_run(runner):
    class ServiceRun(runner.Run):
        client = None

        def run_execution(self):
            for call in self.case.get("aws_calls", []):
                if self.client:
                    self.client.call(self.sub(call))
            super().run_execution()

        def s3(self, action, request):
            """What the case puts into S3 is AWS's."""

    return ServiceRun


class Watched:
    """An engine that tells a consumer of the executions that are started."""

    def __init__(self, engine):
        self.engine, self.consumer = engine, None

    def api(self, action, request):
        answer = self.engine.api(action, request)
        if action == "StartExecution":
            self.consumer.executions.append(answer["executionArn"])
        return answer


class Client:
    """Makes in a double of AWS what a case needs."""

    def __init__(self, command):
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.problems = []

    def call(self, call):
        self.program.stdin.write(json.dumps(call) + "\n")
        self.program.stdin.flush()
        answer = json.loads(self.program.stdout.readline())
        if "error" in answer:
            self.problems.append("%s: %s" % (call["action"], answer["error"]))


def run(runner, run_class, case, dsn, client):
    """The differences of one case, by level."""
    engine = Watched(runner.PgEngine(dsn, LIMIT))
    play = run_class(case, engine, Options, lambda: runner.PgEngine(dsn, LIMIT))
    recording = Recording(case, runner.Matcher(case))
    Responder.recording = recording
    engine.consumer = Consumer(case, recording, runner.PgEngine(dsn, LIMIT))
    play.client = client
    engine.consumer.start()
    play.run()
    engine.consumer.over.set()
    engine.consumer.join()
    engine.engine.close()
    play.fail["history"] += recording.problems
    if client:
        play.fail["result"] += client.problems
        client.problems = []
    return [text for level in LEVELS for text in play.fail[level]]


def set_up(dsn, superuser_dsn, endpoint):
    """The endpoint for all services, and a key to sign with."""
    connection = psycopg2.connect(superuser_dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("INSERT INTO sfn.http_allowed_host (host, note) VALUES (%s, 'services.py')",
                   (urllib.parse.urlsplit(endpoint).netloc,))
    cursor.execute("SELECT sfn.create_service_endpoint('*', %s)", (endpoint,))
    own = psycopg2.connect(dsn)
    own.autocommit = True
    own.cursor().execute("SELECT sfn.create_aws_credentials('default', 'STATIC', %s, region => %s)",
                         (json.dumps({"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}), REGION))
    own.close()
    return connection


def main():
    folder, dsn, superuser_dsn, unreachable = sys.argv[1:5]
    known = read_unreachable(unreachable)
    sys.path.insert(0, folder)
    import run_asl_cases as runner
    if len(sys.argv) > 5:
        endpoint, client = sys.argv[5], Client(sys.argv[6:])
    else:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Responder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint, client = "http://127.0.0.1:%d" % server.server_address[1], None
    set_up(dsn, superuser_dsn, endpoint)
    cases, lambdas = runner.load([os.path.join(folder, "asl")])
    runner.install_lambdas(dsn, lambdas, "conformance_services")
    run_class = make_run(runner)
    passed = failed = apart = 0
    for _, case in cases:
        if not needs_service(case) or (client and ("callback" in case["needs"] or case.get("workers"))):
            continue
        problems = run(runner, run_class, case, dsn, client)
        if case["id"] in known:
            apart += 1
            if not problems:
                print("listed as unreachable, but passes: " + case["id"])
        elif problems:
            failed += 1
            print("FAIL %s\n  %s" % (case["id"], "\n  ".join(problems[:6])))
        else:
            passed += 1
    print("%d cases that call services, %d of them listed as unreachable" % (passed + failed + apart, apart))
    print("total %d passed %d failed" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
