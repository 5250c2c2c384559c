#!/usr/bin/env python3
"""Calls functions that run in ministack, which unlike moto's fail when they raise, and publishes to its FIFO topic.

    functions.py DSN ENDPOINT

DSN: a superuser's, of a database with sfn.  The last line is "total N passed N failed".
"""
import base64
import io
import json
import sys
import urllib.parse
import urllib.request
import zipfile

import psycopg2

LIMIT = 60                     # seconds for one execution
ACCOUNT = "000000000000"
SOURCE = """
class OutOfStock(Exception):
    pass

def handler(event, context):
    if event.get("fail"):
        raise OutOfStock("none left of " + event["fail"])
    return {"got": event, "remaining": context.get_remaining_time_in_millis() > 0}
"""
TOPIC = "arn:aws:sns:us-east-1:%s:orders.fifo" % ACCOUNT
FUNCTION = "arn:aws:lambda:us-east-1:%s:function:shop" % ACCOUNT

RAISED = "Runtime.HandlerError"  # what ministack calls any exception
# What is called, with which parameters; the error that it ends with, or None; what has to be in the output, or in the cause.
CALLS = [
    ("arn:aws:states:::lambda:invoke", {"FunctionName": "shop", "Payload": {"n": 1}}, None,
     lambda output: output["Payload"] == {"got": {"n": 1}, "remaining": True} and output["StatusCode"] == 200),
    ("arn:aws:states:::lambda:invoke", {"FunctionName": FUNCTION, "Payload": {"n": ["\u00e9"]}}, None,
     lambda output: output["Payload"]["got"] == {"n": ["\u00e9"]}),
    ("arn:aws:states:::lambda:invoke", {"FunctionName": "shop", "Payload": {"fail": "tea"}}, RAISED,
     lambda cause: json.loads(cause)["errorMessage"] == "none left of tea"),
    ("arn:aws:states:::lambda:invoke", {"FunctionName": "nowhere"}, "Lambda.ResourceNotFoundException", lambda cause: "Function not found" in cause),
    (FUNCTION, {"n": 2}, None, lambda output: output["got"] == {"n": 2}),
    (FUNCTION, {"fail": "salt"}, RAISED, lambda cause: "none left of salt" in cause),
    ("arn:aws:states:::sns:publish", {"TopicArn": TOPIC, "Message": {"order": 1}, "MessageGroupId": "g", "MessageDeduplicationId": "d"}, None,
     lambda output: output["SequenceNumber"].isdigit() and output["MessageId"]),
]


def package():
    """The function's code, as Lambda wants it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("shop.py", SOURCE)
    return base64.b64encode(file.getvalue()).decode()


def ask(endpoint, path, data, kind, service):
    """Makes something there; ministack reads of the signature only whose it is."""
    request = urllib.request.Request(endpoint + path, data, {
        "Content-Type": kind, "Authorization": "AWS4-HMAC-SHA256 Credential=AKTEST/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0" % service})
    urllib.request.urlopen(request, timeout=30).read()


def run(cursor, resource, parameters):
    """(status, output or None, error, cause) of an execution with that task."""
    definition = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}}}
    cursor.execute("SELECT sfn.create_state_machine('functions', %s, replace => true)", (json.dumps(definition),))
    cursor.execute("SELECT sfn.start_execution('functions')")
    arn = cursor.fetchone()[0]
    cursor.execute("SELECT sfn.wait_for_execution(%s, make_interval(secs => %s))", (arn, LIMIT))
    cursor.execute("SELECT status, output, error, cause FROM sfn.describe_execution(%s)", (arn,))
    status, output, error, cause = cursor.fetchone()
    return status, json.loads(output) if isinstance(output, str) else output, error, cause


def main():
    dsn, endpoint = sys.argv[1:3]
    ask(endpoint, "/2015-03-31/functions", json.dumps({
        "FunctionName": "shop", "Runtime": "python3.11", "Role": "arn:aws:iam::%s:role/r" % ACCOUNT, "Handler": "shop.handler",
        "Code": {"ZipFile": package()}}).encode(), "application/json", "lambda")
    ask(endpoint, "/", urllib.parse.urlencode({"Action": "CreateTopic", "Version": "2010-03-31", "Name": "orders.fifo", "Attributes.entry.1.key": "FifoTopic",
                                               "Attributes.entry.1.value": "true"}).encode(), "application/x-www-form-urlencoded", "sns")
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("INSERT INTO sfn.http_allowed_host (host, note) VALUES (%s, 'functions.py')", (urllib.parse.urlsplit(endpoint).netloc,))
    for service in ("lambda", "sns"):
        cursor.execute("SELECT sfn.create_service_endpoint(%s, %s)", (service, endpoint))
    cursor.execute("SELECT sfn.create_aws_credentials('default', 'STATIC', %s, region => 'us-east-1', replace => true)",
                   (json.dumps({"AccessKeyId": "AKTEST", "SecretAccessKey": "secret"}),))
    failed = 0
    for resource, parameters, wanted, check in CALLS:
        status, output, error, cause = run(cursor, resource, parameters)
        if status != ("SUCCEEDED" if wanted is None else "FAILED") or error != wanted or not check(output if wanted is None else cause):
            failed += 1
            print("FAIL %s %s: %s %s %s %s" % (resource, parameters, status, output, error, cause))
    print("total %d passed %d failed" % (len(CALLS) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
