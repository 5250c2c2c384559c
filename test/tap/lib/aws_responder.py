"""AWS's services for tests: checks the signature of each request by the published rules, and answers as it is told.

Usage: aws_responder.py DIRECTORY; the port is written to DIRECTORY/port, each request as a line of JSON to DIRECTORY/requests.
The key AKTEST:secret is known, for the region us-east-1; a job ends at the third look, or at that which LOOKS of the environment says.  A request is answered by its target (DynamoDB_20120810.PutItem), its
action (query protocol) or its method and path; see ANSWERS.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import sys
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIRECTORY = sys.argv[1]
KEYS = {"AKTEST": "secret"}
LENT = {}     # access key: {token, role}
EXPIRED = set()
seen = {}


def parts_of(query):
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    return "&".join(sorted(urllib.parse.quote(k, safe="-_.~") + "=" + urllib.parse.quote(v, safe="-_.~") for k, v in pairs))


def problem_of(handler, body):
    """None, or the code of what is wrong with the signature."""
    authorization = handler.headers.get("Authorization", "")
    claim = re.match(r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/([\w-]+)/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=(\w+)$",
                     authorization)
    if claim is None:
        return "MissingAuthenticationToken"
    access, day, region, service, names, signature = claim.groups()
    if access in EXPIRED:
        return "ExpiredToken"
    if access not in KEYS or handler.headers.get("X-Amz-Security-Token") != LENT.get(access, {}).get("token"):
        return "UnrecognizedClientException"
    moment = handler.headers["X-Amz-Date"]
    sent = time.mktime(time.strptime(moment, "%Y%m%dT%H%M%SZ")) - time.timezone
    if abs(time.time() - sent) > 900 or not moment.startswith(day) or "host" not in names.split(";"):
        return "InvalidSignatureException"
    path, _, query = handler.path.partition("?")
    if service != "s3":
        path = urllib.parse.quote(path, safe="/-_.~")
    digest = hashlib.sha256(body).hexdigest()
    lines = "".join("%s:%s\n" % (name, " ".join(handler.headers[name].split())) for name in names.split(";"))
    request = "\n".join([handler.command, path, parts_of(query), lines, names, digest])
    scope = "/".join([day, region, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + KEYS[access]).encode()
    for part in scope.split("/") + [text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return None if key.hex() == signature and region == "us-east-1" else "InvalidSignatureException"


def failure(status, code, message):
    return status, "application/x-amz-json-1.0", json.dumps({"__type": "com.amazonaws#" + code, "message": message})


def xml_failure(status, code, message):
    return status, "text/xml", "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error><RequestId>req-1</RequestId></ErrorResponse>" % (code, message)


def put_item(body):
    name = body.get("TableName")
    if name == "throttled":
        return failure(400, "ProvisionedThroughputExceededException", "slow down")
    if name == "html":
        return 503, "text/html", "<html><body>Service Unavailable</body></html>"
    if name == "garbage":
        return 200, "application/x-amz-json-1.0", "{\"half"
    if name != "t":
        return failure(400, "ResourceNotFoundException", "Requested resource not found")
    return 200, "application/x-amz-json-1.0", json.dumps({"Attributes": body["Item"]})


def put_events(body):
    failed = sum(1 for entry in body["Entries"] if json.loads(entry["Detail"]).get("fail"))
    return 200, "application/x-amz-json-1.1", json.dumps({"Entries": [{"EventId": "e"}], "FailedEntryCount": failed})


# Jobs' names say how they end.
looks = {}
LOOKS_NEEDED = int(os.environ.get("LOOKS", 3))
ended = set()     # "long" jobs, by POST /control/end/JOB; "all" is all of them


def started(name):
    job = "%s-%d" % (name, len(looks))
    looks[job] = 0
    return job


def state_of(job, running, good, bad):
    """The status of a job that is looked at, or the failure that the look ends with."""
    looks[job] += 1
    if job.startswith("slow") or (job.startswith("long") and not ended & {job, "all"}) or looks[job] < LOOKS_NEEDED:
        return running
    return bad if job.startswith("bad") else good


def glue_run(body):
    if body["JobName"].startswith("hang"):
        time.sleep(300)
    return 200, "application/x-amz-json-1.1", json.dumps({"JobRunId": started(body["JobName"])})


def glue_look(body):
    job = body["RunId"]
    if "held" in job:
        time.sleep(3)
    if job.startswith("gone"):
        return failure(400, "EntityNotFoundException", "Job run not found")
    if job.startswith("throttled") and looks[job] < 2:
        looks[job] += 1
        return failure(400, "ThrottlingException", "Rate exceeded")
    if job.startswith("broken") and looks[job] < 1:
        looks[job] += 1
        return 500, "text/html", "<html>oops</html>"
    return 200, "application/x-amz-json-1.1", json.dumps({"JobRun": {
        "Id": job, "JobName": body["JobName"], "StartedOn": 1700000000.5, "JobRunState": state_of(job, "RUNNING", "SUCCEEDED", "FAILED")}})


def glue_stop(body):
    if body["JobName"] == "slow-denied":
        return failure(400, "AccessDeniedException", "no")
    return 200, "application/x-amz-json-1.1", "{}"


def query_look(body):
    return 200, "application/x-amz-json-1.1", json.dumps({"QueryExecutions": [
        {"QueryExecutionId": job, "Status": {"State": "SUCCEEDED"}} for job in body["QueryExecutionIds"]]})


def ecs_run(body):
    name = body["taskDefinition"]
    if name == "refused":
        return 200, "application/x-amz-json-1.1", json.dumps({"tasks": [], "failures": [{"reason": "RESOURCE:CPU"}]})
    return 200, "application/x-amz-json-1.1", json.dumps({"tasks": [{"taskArn": started(name), "lastStatus": "PENDING"}], "failures": []})


def ecs_look(body):
    return 200, "application/x-amz-json-1.1", json.dumps({"failures": [], "tasks": [
        {"taskArn": job, "createdAt": 1700000000.123, "lastStatus": state_of(job, "RUNNING", "STOPPED", "STOPPED"), "stopCode": "EssentialContainerExited",
         "containers": [{"name": "c", "exitCode": 1 if job.startswith("bad") else 0}]} for job in body["tasks"]]})


def batch(path, body):
    if path == "/v1/submitjob":
        return 200, "application/json", json.dumps({"jobId": started(body["jobName"]), "jobName": body["jobName"], "jobArn": "arn:x"})
    if path == "/v1/describejobs":
        return 200, "application/json", json.dumps({"jobs": [
            {"jobId": job, "jobName": job, "status": state_of(job, "RUNNING", "SUCCEEDED", "FAILED")} for job in body["jobs"] if job in looks]})
    return 200, "application/json", "{}"


def training(body):
    looks[body["TrainingJobName"]] = 0
    return 200, "application/x-amz-json-1.1", json.dumps({"TrainingJobArn": "arn:t"})


def training_look(body):
    name = body["TrainingJobName"]
    return 200, "application/x-amz-json-1.1", json.dumps({
        "TrainingJobName": name, "TrainingJobStatus": state_of(name, "InProgress", "Completed", "Failed")})


def run_query(body):
    if "hang" in body["QueryString"] and body["ClientRequestToken"] not in seen:
        seen[body["ClientRequestToken"]] = True
        time.sleep(300)
    return 200, "application/x-amz-json-1.1", json.dumps({"QueryExecutionId": body["ClientRequestToken"]})


def api(handler, body):
    """An API of API Gateway, which says what it was asked."""
    if handler.path.startswith("/v1api/deny"):
        return 403, "application/json", '{"message": "no"}'
    return 200, "application/json", json.dumps({
        "method": handler.command, "path": handler.path, "body": body.decode(), "type": handler.headers.get("Content-Type"),
        "colours": handler.headers.get_all("Colour"), "service": re.findall(r"/([\w-]+)/aws4_request", handler.headers.get("Authorization", "")),
        "problem": problem_of(handler, body)})


def invoke(path, body):
    """Lambda: most functions answer what they get."""
    name = path.split("/")[3]
    if name == "none":
        return 404, "application/json", json.dumps({"Type": "User", "Message": "Function not found: arn:f:$LATEST"}), {"x-amzn-ErrorType": "ResourceNotFoundException"}
    if name == "broken":
        return 200, "application/json", '{"errorMessage": "m", "errorType": "Oops"}', {"X-Amz-Function-Error": "Unhandled"}
    if name in FUNCTIONS:
        return FUNCTIONS[name](json.loads(body))
    return 200, "application/json", json.dumps({"got": json.loads(body)}), {"X-Amz-Executed-Version": "7"}


def thumbnail(event):
    """Of docs/guide/applications.md: busy at first for some, and no use for what is no picture."""
    key = event["key"]
    if "busy" in key and seen.setdefault(key, 0) == 0:
        seen[key] = 1
        return 429, "application/json", json.dumps({"message": "Rate Exceeded."}), {"x-amzn-ErrorType": "TooManyRequestsException"}
    if not key.endswith(".png"):
        return 200, "application/json", json.dumps({"errorType": "NoPicture", "errorMessage": key}), {"X-Amz-Function-Error": "Unhandled"}
    return 200, "application/json", json.dumps({"thumbnail": key.replace(".png", "-small.png")})


FUNCTIONS = {
    "thumbnail": thumbnail,
    "prepare-training": lambda event: (200, "application/json", json.dumps({"rows": 5000, "uri": "s3://training/" + event["run"]})),
    "grade-model": lambda event: (200, "application/json", json.dumps({"accuracy": 0.61 if "weak" in event["model"] else 0.94})),
}


# Queues of SQS, filled by POST /control/send/NAME.  One that is received is hidden for two seconds; what its name begins with
# says more.  In FIFO queues the first word of a body is its group.
queues = {}
attempts = {}
queue_lock = threading.Lock()


def next_of(name, body, now):
    """Those that may be received: of a FIFO queue none behind one that is hidden, and again those of an attempt that is repeated."""
    queue = queues.get(name, [])
    if not name.endswith(".fifo"):
        return [m for m in queue if m["visible"] <= now][:body["MaxNumberOfMessages"]]
    attempt = attempts.get((name, body["ReceiveRequestAttemptId"]), [])
    hidden = {m["body"].split()[0] for m in queue if m["visible"] > now}
    found = [m for m in queue if m in attempt] or [m for m in queue if m["body"].split()[0] not in hidden]
    attempts[name, body["ReceiveRequestAttemptId"]] = found[:body["MaxNumberOfMessages"]]
    return found[:body["MaxNumberOfMessages"]]


def receive_message(body):
    name = body["QueueUrl"].rsplit("/", 1)[1]
    if name.startswith("denied"):
        return failure(403, "AccessDeniedException", "User is not authorized to perform: sqs:receivemessage")
    until = time.time() + min(body["WaitTimeSeconds"], 2)
    while True:
        now = time.time()
        with queue_lock:
            found = next_of(name, body, now)
            for message in found:
                message["visible"] = now + (600 if name.startswith("lost") else 2)
                message["count"] += 1
                message["handle"] = "%s#%d" % (message["id"], message["count"])
        if found or now >= until:
            break
        time.sleep(0.05)
    if name.startswith("lost") and any(m["count"] == 1 for m in found):
        return 502, "text/html", "<html><body>Bad Gateway</body></html>"
    answer = [{"MessageId": m["id"], "ReceiptHandle": m["handle"], "Body": m["body"], "MD5OfBody": hashlib.md5(m["body"].encode()).hexdigest(),
               "Attributes": dict({"SentTimestamp": "1767225600123"}, **({"MessageGroupId": m["body"].split()[0],
                   "MessageDeduplicationId": "d-" + m["id"], "SequenceNumber": "18850000000000000000"} if name.endswith(".fifo") else {})),
               "MessageAttributes": {"bytes": {"DataType": "Binary", "BinaryValue": "AAH/"}}} for m in found]
    return 200, "application/x-amz-json-1.0", json.dumps({"Messages": answer} if answer else {})


def delete_messages(body):
    name = body["QueueUrl"].rsplit("/", 1)[1]
    with queue_lock:
        for entry in body["Entries"]:
            again = name.startswith("twice") and entry["ReceiptHandle"].endswith("#1")
            queues[name] = [m for m in queues.get(name, []) if again or m.get("handle") != entry["ReceiptHandle"]]
    return 200, "application/x-amz-json-1.0", json.dumps({"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]], "Failed": []})


# Log groups: what the name begins with says more; POST /control/logs/NAME tells what is there.
log_groups = {}


def missing_log(what):
    return failure(400, "ResourceNotFoundException", "The specified log %s does not exist." % what)


def create_log_stream(body):
    name = body["logGroupName"]
    if name.startswith("denied"):
        return failure(400, "AccessDeniedException", "User is not authorized to perform: logs:CreateLogStream")
    if name.startswith("missing"):
        return missing_log("group")
    log_groups.setdefault(name, {}).setdefault(body["logStreamName"], [])
    return 200, "application/x-amz-json-1.1", ""


def put_log_events(body):
    name, events = body["logGroupName"], body["logEvents"]
    stream = log_groups.setdefault(name, {}).get(body["logStreamName"])
    if stream is None or name.startswith("vanishing"):
        return missing_log("stream")
    times = [event["timestamp"] for event in events]
    size = sum(len(event["message"].encode()) + 26 for event in events)
    if not events or len(events) > 10000 or size > 1048576 or times != sorted(times) or times[-1] - times[0] > 86400000:
        return failure(400, "InvalidParameterException", "Log events in a single PutLogEvents request are not as they must be")
    if name.startswith("busy") and seen.setdefault(name, 0) < 2:
        seen[name] += 1
        return 503, "text/html", "<html><body>Service Unavailable</body></html>"
    stream.append([event["message"] for event in events])
    rejected = {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}} if name.startswith("old") else {}
    return 200, "application/x-amz-json-1.1", json.dumps(rejected)


# Rows of {match, of, answer, states, list, gone}, by POST /control/kinds: match is a target, or a method and a pattern of the path.  Jobs
# are called good-KIND, bad-KIND, slow-KIND in the request, where KIND is of; they run at the first look, and then end as they are called.
kinds = []
JOB = r"\b(?:good|bad|slow)-\w+"


def answer_about(row, job):
    values = {"@ID@": job, "@STATE@": "", "@CODE@": "0"}
    if row.get("states"):
        looks[job] = looks.get(job, 0) + 1
        running, good, bad = row["states"]
        if looks[job] > 1 and row["gone"] and job.startswith("good"):
            return None
        values["@STATE@"] = running if looks[job] < 2 or job.startswith("slow") else bad if job.startswith("bad") else good
        values["@CODE@"] = 1 if job.startswith("bad") else 0
    def fill(value):
        if isinstance(value, dict):
            return {key: fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [fill(inner) for inner in value]
        return values.get(value, value) if isinstance(value, str) else value
    return fill(row["answer"])


def answer_of_kind(method, path, target, body):
    """None: no row is about that."""
    for row in kinds:
        if target != row["match"] and not re.fullmatch(row["match"] + r"(\?.*)?", "%s %s" % (method, path)):
            continue
        jobs = sorted(set(re.findall(JOB, urllib.parse.unquote(path) + " " + body.decode())))
        if "of" in row and not any(job.endswith("-" + row["of"]) for job in jobs):
            continue
        answers = [answer_about(row, job) for job in jobs]
        if row.get("list"):
            return 200, "application/json", json.dumps({row["list"]: answers})
        if answers[0] is None:
            return 404, "application/json", json.dumps({"message": "No such thing"}), {"x-amzn-ErrorType": "ResourceNotFoundException"}
        return 200, "application/json", json.dumps(answers[0])
    return None


def control(path, body):
    """What tests do that AWS's clients do not: send messages, ask how many there are."""
    action, name = path.split("/")[2:4]
    if action == "kinds":
        kinds.extend(json.loads(body))
    if action == "logs":
        return 200, "text/plain", json.dumps(log_groups.get(name, {}))
    if action == "end":
        ended.add(name)
    with queue_lock:
        queue = queues.setdefault(name, [])
        for text in json.loads(body) if action == "send" else []:
            queue.append({"id": str(uuid.uuid4()), "body": text, "visible": 0, "count": 0})
        return 200, "text/plain", str(len(queue))


TARGETS = {
    "CodeBuild_20161006.StartBuild": lambda body: (200, "application/x-amz-json-1.1", json.dumps(
        {"build": {"id": body["idempotencyToken"], "projectName": body["projectName"]}})),
    "DynamoDB_20120810.PutItem": put_item,
    "AmazonSQS.SendMessage": lambda body: (200, "application/x-amz-json-1.0", json.dumps(
        {"MessageId": "m-1", "MD5OfMessageBody": hashlib.md5(body["MessageBody"].encode()).hexdigest()})),
    "AmazonSQS.ReceiveMessage": receive_message,
    "AmazonSQS.DeleteMessageBatch": delete_messages,
    "AWSEvents.PutEvents": put_events,
    "Logs_20140328.CreateLogStream": create_log_stream,
    "Logs_20140328.PutLogEvents": put_log_events,
    "AmazonAthena.StartQueryExecution": run_query,
    "AmazonAthena.BatchGetQueryExecution": query_look,
    "AWSGlue.StartJobRun": glue_run,
    "ElasticMapReduce.RunJobFlow": lambda body: (200, "application/x-amz-json-1.1", json.dumps({"JobFlowId": "j-1", "ClusterArn": "arn:c"})),
    "ElasticMapReduce.TerminateJobFlows": lambda body: (200, "application/x-amz-json-1.1", ""),
    "ElasticMapReduce.AddJobFlowSteps": lambda body: (200, "application/x-amz-json-1.1", json.dumps({"StepIds": ["s-%d" % len(body["Steps"])]})),
    "ElasticMapReduce.CancelSteps": lambda body: (200, "application/x-amz-json-1.1", json.dumps(
        {"CancelStepsInfoList": [{"StepId": step, "Status": "SUBMITTED"} for step in body["StepIds"]]})),
    "ElasticMapReduce.ListInstanceFleets": lambda body: (200, "application/x-amz-json-1.1", json.dumps(
        {"InstanceFleets": [{"Id": "if-2", "Name": "core"}]} if body.get("Marker") == "m-1" else
        {"InstanceFleets": [{"Id": "if-1", "Name": "master"}], "Marker": "m-1"})),
    "ElasticMapReduce.ListInstanceGroups": lambda body: (200, "application/x-amz-json-1.1", json.dumps(
        {"InstanceGroups": [{"Id": "ig-1", "Name": "core"}], "Marker": "same"})),
    "ElasticMapReduce.ModifyInstanceFleet": lambda body: (200, "application/x-amz-json-1.1", ""),
    "ElasticMapReduce.ModifyInstanceGroups": lambda body: (200, "application/x-amz-json-1.1", ""),
    "ElasticMapReduce.SetTerminationProtection": lambda body: (200, "application/x-amz-json-1.1", ""),
    "AWSGlue.GetJobRun": glue_look,
    "AWSGlue.BatchStopJobRun": glue_stop,
    "AmazonEC2ContainerServiceV20141113.RunTask": ecs_run,
    "AmazonEC2ContainerServiceV20141113.DescribeTasks": ecs_look,
    "SageMaker.CreateTrainingJob": training,
    "SageMaker.DescribeTrainingJob": training_look,
}


def publish(form):
    if form.get("TopicArn", "").endswith(":none"):
        return xml_failure(404, "NotFound", "Topic does not exist")
    return 200, "text/xml", "<PublishResponse xmlns='http://sns'><PublishResult><MessageId>%s</MessageId></PublishResult></PublishResponse>" % (
        hashlib.md5(form["Message"].encode()).hexdigest())


def lend(role):
    """A key that is good for an hour."""
    access = "ASIA%04d" % (len(LENT) + len(EXPIRED))
    if role.endswith("/stale") and not EXPIRED:
        EXPIRED.add(access)
    else:
        LENT[access] = {"token": "lent-token/" + access, "role": role}
        KEYS[access] = "lent-secret-" + access
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return {"AccessKeyId": access, "SecretAccessKey": "lent-secret-" + access, "Token": "lent-token/" + access, "Expiration": until}


def assume_role(form):
    if form["RoleArn"].endswith("/denied"):
        return xml_failure(403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole")
    key = lend(form["RoleArn"])
    key["SessionToken"] = key.pop("Token")
    action = form["Action"]
    return 200, "text/xml", "<%sResponse xmlns='u'><%sResult><Credentials>%s</Credentials></%sResult></%sResponse>" % (
        action, action, "".join("<%s>%s</%s>" % (name, value, name) for name, value in key.items()), action, action)


def identity(form, access):
    arn = "<Arn>%s</Arn>" % LENT[access]["role"] if access in LENT else ""
    return 200, "text/xml", "<R><GetCallerIdentityResult><Account>123456789012</Account>%s</GetCallerIdentityResult></R>" % arn


def of_machine(handler):
    """What the machine itself knows: an instance's role, a container's."""
    if handler.path == "/container":
        known = handler.headers.get("Authorization") == "container-token"
        return (200, "application/json", json.dumps(lend("container"))) if known else (403, "text/plain", "no")
    if handler.command == "PUT":
        return 200, "text/plain", "metadata-token"
    if handler.headers.get("X-aws-ec2-metadata-token") != "metadata-token":
        return 401, "text/plain", "no"
    if handler.path.endswith("/"):
        return 200, "text/plain", "instance-role\n"
    return 200, "text/plain", json.dumps(dict(lend("instance"), Code="Success"))


ACTIONS = {
    "Publish": publish,
    "AssumeRole": assume_role,
}
objects = {}


def object_of(method, path, body):
    if method == "PUT":
        objects[path] = body
        return 200, "application/xml", "", {"ETag": '"%s"' % hashlib.md5(body).hexdigest()}
    if path not in objects:
        return 404, "application/xml", "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><RequestId>r</RequestId></Error>"
    return 200, "text/plain", objects[path], {"x-amz-meta-colour": "blue"}


# What goes wrong where the request says "fault-KIND", in each protocol.
ERRORS = {
    "throttled": {"json": (400, "ProvisionedThroughputExceededException"), "rest": (500, "ServerException"), "query": (429, "Throttled"),
                  "ec2": (503, "RequestLimitExceeded"), "xml": (503, "SlowDown")},
    "expired": {"json": (400, "ExpiredTokenException"), "rest": (403, "ExpiredTokenException"), "query": (403, "ExpiredToken"),
                "ec2": (400, "RequestExpired"), "xml": (400, "ExpiredToken")},
    "refused": {"json": (400, "UnrecognizedClientException"), "rest": (403, "UnrecognizedClientException"), "query": (403, "InvalidClientTokenId"),
                "ec2": (401, "AuthFailure"), "xml": (403, "InvalidAccessKeyId")},
    "skewed": {"json": (400, "InvalidSignatureException"), "rest": (403, "InvalidSignatureException"), "query": (403, "SignatureDoesNotMatch"),
               "ec2": (400, "RequestExpired"), "xml": (403, "RequestTimeTooSkewed")},
}
SUCCESSES = {
    "query": "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>",
    "ec2": "<DescribeThingsResponse><thing>yes</thing></DescribeThingsResponse>",
    "xml": "<ListBucketResult><Name>b</Name></ListBucketResult>",
}


def protocol_of(handler, body):
    if handler.headers.get("X-Amz-Target"):
        return "json"
    if b"Action=" in body:
        return "query" if b"Action=Publish" in body else "ec2"
    return "rest" if handler.path.startswith("/clusters/") else "xml"


# A cluster of Kubernetes, which lets in whoever proves that he is AKTEST by a signed request to STS.
cluster_jobs = {}


def is_let_in(authorization, cluster):
    if not authorization.startswith("Bearer k8s-aws-v1."):
        return False
    token = authorization[len("Bearer k8s-aws-v1."):]
    host, _, query = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition("/?")
    given = dict(urllib.parse.parse_qsl(query))
    signature = given.pop("X-Amz-Signature")
    access, day, region, service, _ = given["X-Amz-Credential"].split("/")
    if host != "https://sts.us-east-1.amazonaws.com" or given["X-Amz-SignedHeaders"] != "host;x-k8s-aws-id" or given["X-Amz-Expires"] != "60":
        return False
    pairs = "&".join("%s=%s" % (urllib.parse.quote(k, safe="-_.~"), urllib.parse.quote(v, safe="-_.~")) for k, v in sorted(given.items()))
    request = "\n".join(["GET", "/", pairs, "host:sts.us-east-1.amazonaws.com", "x-k8s-aws-id:" + cluster, "", "host;x-k8s-aws-id", hashlib.sha256(b"").hexdigest()])
    scope = "/".join([day, region, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", given["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + KEYS[access]).encode()
    for part in scope.split("/") + [text]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex() == signature


# Two pods of two containers; one of them has nothing to tell, and another one is cut off.
def pods_of(path):
    if "logs-unknown" in path:
        return 403, "application/json", json.dumps({"kind": "Status", "message": "pods is forbidden"})
    pods = [{"metadata": {"name": name}, "spec": {"containers": [{"name": "main"}, {"name": other}]}} for name, other in (("pod-a", "side"), ("pod-b", "fault-reset"))]
    odd = [{"metadata": {"name": "../../secrets"}, "spec": {"containers": [{"name": "main"}]}}, {"metadata": {}}, "pod"]
    if "logs-long" in path:
        pods = [{"metadata": {"name": "pod-long"}, "spec": {"containers": [{"name": str(i)} for i in range(100)]}}]
    return 200, "application/json", json.dumps({"kind": "PodList", "items": odd + pods})


def log_of(pod, path):
    container = urllib.parse.parse_qs(path.partition("?")[2])["container"][0]
    if pod == "pod-long":
        return 200, "text/plain", "x" * 100000
    if (pod, container) == ("pod-a", "side"):
        return 400, "application/json", json.dumps({"kind": "Status", "message": "container is waiting"})
    return 200, "text/plain", '{"pi": 3.14}\n' if pod == "pod-a" else "one\ntwo\n"


def kubernetes(handler, body):
    parts = handler.path.partition("?")[0].split("/")
    def status(code, reason):
        return code, "application/json", json.dumps({"kind": "Status", "status": "Failure", "message": reason, "code": code})
    if not is_let_in(handler.headers.get("Authorization", ""), "prod"):
        return status(401, "Unauthorized")
    if parts[1] == "api" and "job-name%3Dlogs" in handler.path:
        return pods_of(handler.path)
    if parts[1] == "api" and parts[-1] == "log":
        return log_of(parts[-2], handler.path)
    if parts[1] == "api":
        return 200, "application/json", json.dumps({"kind": "PodList", "items": [], "asked": handler.path}) if parts[-1] == "pods" else "v1.30"
    if handler.command == "POST":
        job = json.loads(body)
        cluster_jobs[job["metadata"]["name"]] = dict(job, looks=0)
        return 201, "application/json", json.dumps(job)
    job = cluster_jobs.get(parts[-1])
    if job is None or parts[5] != "work":
        return status(404, 'jobs.batch "%s" not found' % parts[-1])
    if handler.command == "DELETE":
        return 200, "application/json", json.dumps({"kind": "Status", "status": "Success"})
    job["looks"] += 1
    conditions = [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]
    if parts[-1].startswith("bad"):
        conditions = [{"type": "FailureTarget", "status": "True"}, {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]
    known = {"active": 1} if job["looks"] < 2 or parts[-1].startswith("slow") else {"conditions": conditions}
    return 200, "application/json", json.dumps({"kind": "Job", "metadata": job["metadata"], "status": known})


def modelled_failure(protocol, status, code, message):
    if protocol == "json":
        return failure(status, code, message)
    if protocol == "rest":
        return status, "application/json", json.dumps({"message": message}), {"x-amzn-ErrorType": code}
    error = "<Error><Code>%s</Code><Message>%s</Message></Error>" % (code, message)
    forms = {"query": "<ErrorResponse>%s<RequestId>r</RequestId></ErrorResponse>", "xml": "%s",
             "ec2": "<Response><Errors>%s</Errors><RequestID>r</RequestID></Response>"}
    return status, "text/xml", forms[protocol] % error


def faulty(handler, kind, body):
    protocol = protocol_of(handler, body)
    if kind.startswith("skewed"):
        handler.ahead = 3600
        sent = time.mktime(time.strptime(handler.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")) - time.timezone
        if abs(time.time() + handler.ahead - sent) < 300 and kind == "skewed":
            return 200, "application/json", SUCCESSES.get(protocol, "{}")
        kind = "skewed"
    if kind == "echo": # as services do that refuse a signature
        told = "; ".join("%s:%s" % (name.lower(), value) for name, value in handler.headers.items())
        return modelled_failure(protocol, 403, "IncompleteSignature", "The canonical request should have been " + told)
    if kind in ERRORS:
        return modelled_failure(protocol, *ERRORS[kind][protocol], "said so")
    if kind == "slow":
        time.sleep(30)
    if kind == "moved":
        return 301, "text/html", "<html>there</html>", {"Location": "http://127.0.0.1:%d/elsewhere" % handler.server.server_port}
    answers = {"garbage": (200, "application/json", "\x00\xff{<oops"), "html": (503, "text/html", "<html><body>Service Unavailable</body></html>"),
               "empty": (500, "text/plain", ""), "large": (200, "application/json", " " * (7 * 1024 * 1024))}
    return answers.get(kind, (200, "application/json", SUCCESSES.get(protocol, "{}")))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ahead = 0

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + self.ahead)

    def answer_of(self, body):
        target = self.headers.get("X-Amz-Target")
        form = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"))) if b"Action=" in body else {}
        fault = re.search(r"fault-(\w+)", self.path + " " + body.decode("utf-8", "replace"))
        if fault:
            return faulty(self, fault.group(1), body)
        if self.path.startswith("/api/") or self.path.startswith("/apis/"):
            return kubernetes(self, body)
        if self.path.startswith("/control/"):
            return control(self.path, body)
        if self.path == "/container" or self.path.startswith("/latest/"):
            return of_machine(self)
        if form.get("Action") == "AssumeRoleWithWebIdentity" and form["WebIdentityToken"] == "web-token":
            return assume_role(form)
        if self.path.startswith("/v1api/"):
            return api(self, body)
        problem = problem_of(self, body)
        if problem is not None and target is not None:
            return failure(403, problem, "The request is not signed as it should be")
        if problem is not None:
            return xml_failure(403, problem, "The request is not signed as it should be")
        told = answer_of_kind(self.command, self.path, target, body)
        if told is not None:
            return told
        if target in TARGETS:
            return TARGETS[target](json.loads(body))
        if form.get("Action") == "GetCallerIdentity":
            return identity(form, re.search(r"Credential=(\w+)/", self.headers["Authorization"]).group(1))
        if form.get("Action") in ACTIONS:
            return ACTIONS[form["Action"]](form)
        if target is None and self.path.startswith("/model/"):
            asked = json.loads(body)
            return 200, self.headers["Content-Type"], json.dumps({"model": self.path.split("/")[2], "said": asked["prompt"]})
        if target is None and "/functions/" in self.path:
            return invoke(self.path, body)
        if target is None and self.path.startswith("/v1/"):
            return batch(self.path, json.loads(body))
        if target is None and self.path.startswith(("/bucket/", "/models/")):
            return object_of(self.command, self.path.partition("?")[0], body)
        return failure(400, "UnknownOperationException", "no answer for this")

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(DIRECTORY + "/requests", "a") as log:
            log.write(json.dumps({"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                                  "body": body.decode("utf-8", "replace")}) + "\n")
        self.ahead = 0
        if b"fault-reset" in body or "fault-reset" in self.path:
            self.close_connection = True
            return
        status, kind, text, *more = self.answer_of(body)
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        half = b"fault-half" in body or "fault-half" in self.path
        self.send_header("Content-Length", str(len(data) + (100 if half else 0)))
        self.send_header("x-amzn-RequestId", "req-1")
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        if half:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer.request_queue_size = 1024     # else the kernel lets the others of many try again after seconds
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(DIRECTORY + "/port", "w") as file:
    file.write(str(server.server_address[1]))
server.serve_forever()
