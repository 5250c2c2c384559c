#!/usr/bin/env python3
"""Calls moto while it checks who calls: signatures, session tokens, and what IAM's policies let a user or a role do.

    signatures.py DSN ENDPOINT CLIENT...

The database calls ENDPOINT already (services.py); CLIENT makes users and roles there.  The last line is
"total N passed N failed".
"""
import json
import sys
import urllib.request

import psycopg2

LIMIT = 60                     # seconds for one execution
ACCOUNT = "000000000000"
DENIED = "Status Code: 403"     # moto refuses in XML whatever the service speaks, so there is no name


def check_who_calls(endpoint):
    """From here on; moto counts the calls that nobody is asked for."""
    request = urllib.request.Request(endpoint + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    urllib.request.urlopen(request, timeout=30).read()


def policy(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


def ask(program, service, action, request):
    """The answer of what the client does."""
    program.stdin.write(json.dumps({"service": service, "action": action, "request": request}) + "\n")
    program.stdin.flush()
    answer = json.loads(program.stdout.readline())
    if "error" in answer:
        raise RuntimeError("%s: %s" % (action, answer["error"]))
    return answer


class Caller:
    def __init__(self, dsn):
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.failed = self.passed = 0

    def key(self, source, parameters, name="default"):
        self.cursor.execute("SELECT sfn.create_aws_credentials(%s, %s, %s, region => 'us-east-1', replace => true)",
                            (name, source, json.dumps(parameters)))

    def call(self, what, resource, wanted, parameters, **fields):
        """wanted: a part of the error with its cause; None: the call is to succeed."""
        state = dict({"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}, **fields)
        self.cursor.execute("SELECT sfn.create_state_machine('signatures', %s, replace => true)",
                            (json.dumps({"StartAt": "Call", "States": {"Call": state}}),))
        self.cursor.execute("SELECT sfn.start_execution('signatures')")
        arn = self.cursor.fetchone()[0]
        self.cursor.execute("SELECT sfn.wait_for_execution(%s, make_interval(secs => %s))", (arn, LIMIT))
        self.cursor.execute("SELECT status, error, cause FROM sfn.describe_execution(%s)", (arn,))
        status, error, cause = self.cursor.fetchone()
        said = "%s: %s" % (error, cause)
        if status == ("SUCCEEDED" if wanted is None else "FAILED") and (wanted is None or wanted in said):
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL %s: %s %s" % (what, status, said))


def main():
    dsn, endpoint = sys.argv[1:3]
    sys.path.insert(0, sys.path[0] + "/../conformance")
    from services import Client
    client = Client(sys.argv[3:])
    program = client.program
    ask(program, "iam", "CreateUser", {"UserName": "app"})
    made = ask(program, "iam", "CreateAccessKey", {"UserName": "app"})["AccessKey"]
    ask(program, "iam", "PutUserPolicy", {"UserName": "app", "PolicyName": "p", "PolicyDocument": policy("sqs:*", "s3:*", "sts:*")})
    ask(program, "iam", "CreateRole", {"RoleName": "reader", "AssumeRolePolicyDocument": policy("sts:AssumeRole")})
    ask(program, "iam", "PutRolePolicy", {"RoleName": "reader", "PolicyName": "p", "PolicyDocument": policy("dynamodb:ListTables")})
    ask(program, "sqs", "CreateQueue", {"QueueName": "signed"})
    ask(program, "s3", "CreateBucket", {"Bucket": "signed"})
    check_who_calls(endpoint)

    caller = Caller(dsn)
    key = {"AccessKeyId": made["AccessKeyId"], "SecretAccessKey": made["SecretAccessKey"]}
    role = "arn:aws:iam::%s:role/reader" % ACCOUNT
    queue = {"QueueUrl": "%s/%s/signed" % (endpoint, ACCOUNT), "MessageBody": {"n": 1}}
    put = {"Bucket": "signed", "Key": "a folder/b+c \u00e9.json", "Body": {"n": 1}}
    caller.key("STATIC", key)
    caller.call("JSON", "sqs:sendMessage", None, queue)
    caller.call("XML, with an odd path", "aws-sdk:s3:putObject", None, put)
    caller.call("a query", "aws-sdk:s3:listObjectsV2", None, {"Bucket": "signed", "Prefix": "a folder/", "Delimiter": "/"})
    caller.call("a form", "aws-sdk:sts:getCallerIdentity", None, {})
    caller.call("what its policy does not let it do", "aws-sdk:dynamodb:listTables", DENIED, {})
    caller.call("a role of the task", "aws-sdk:dynamodb:listTables", None, {}, Credentials={"RoleArn": role})
    caller.call("what the role may not", "sqs:sendMessage", DENIED, queue, Credentials={"RoleArn": role})
    caller.key("STATIC", dict(key, SecretAccessKey="wrong"))
    caller.call("a wrong secret", "sqs:sendMessage", DENIED, queue)
    caller.call("a wrong secret, S3", "aws-sdk:s3:putObject", "signature", put)
    caller.key("STATIC", {"AccessKeyId": "AKNOBODY", "SecretAccessKey": "x"})
    caller.call("nobody's key", "sqs:sendMessage", DENIED, queue)
    caller.key("STATIC", key, "own")
    caller.key("ASSUME_ROLE", {"RoleArn": role, "SourceCredentials": "own"})
    caller.call("a role of the credentials", "aws-sdk:dynamodb:listTables", None, {})
    print("total %d passed %d failed" % (caller.passed, caller.failed))
    sys.exit(1 if caller.failed else 0)


if __name__ == "__main__":
    main()
