"""Makes calls of AWS's services by boto3: a line of JSON for each, {"service", "action", "request"}, and one with its answer.

    play.py ENDPOINT
"""
import ast
import json
import sys

import boto3
from botocore import xform_name

clients = {}


def members_of(call):
    """The request; tables and bytes are recorded in a short form."""
    request = call["request"]
    if call["action"] == "CreateTable":
        key = request["partition_key"]
        return {"TableName": request["table_name"], "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}]}
    if str(request.get("Body", "")).startswith("bytearray("):
        request["Body"] = ast.literal_eval(request["Body"][len("bytearray("):-1])
    return request


def answer_to(call):
    service = call["service"]
    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1",
                                        aws_access_key_id="AKTEST", aws_secret_access_key="secret")
    return getattr(clients[service], xform_name(call["action"]))(**members_of(call))


for line in sys.stdin:
    try:
        answer = answer_to(json.loads(line))
    except Exception as error:                          # whatever it is, who asked is told
        answer = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer, default=str), flush=True)
