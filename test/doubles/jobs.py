#!/usr/bin/env python3
"""Runs jobs of services in moto by .sync.

    jobs.py DSN ENDPOINT CLIENT...

The database calls ENDPOINT already (services.py); CLIENT makes what a job needs there.  The last line is
"total N passed N failed".
"""
import json
import sys
import time
import urllib.request

import psycopg2

LIMIT = 120                     # seconds for one job

# A describe brings a job a step further.
STEPS = {"progression": "manual", "times": 1}

# service's calls before; states of moto that go on by STEPS; resource, parameters; path of the result, its end.  Not Athena's:
# moto has no BatchGetQueryExecution.
JOBS = [
    ([("glue", "CreateJob", {"Name": "load", "Role": "r", "Command": {"Name": "glueetl"}})], "glue::job_run",
     "glue:startJobRun.sync", {"JobName": "load"}, ("JobRunState",), "SUCCEEDED"),
    ([], None,
     "sagemaker:createTrainingJob.sync", {"TrainingJobName": "t", "RoleArn": "arn:aws:iam::000000000000:role/r",
                                          "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
                                          "OutputDataConfig": {"S3OutputPath": "s3://b/o"}, "StoppingCondition": {"MaxRuntimeInSeconds": 60},
                                          "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m4.xlarge", "VolumeSizeInGB": 1}},
     ("TrainingJobStatus",), "Completed"),
    ([], None,
     "elasticmapreduce:createCluster.sync", {"Name": "c", "Instances": {"KeepJobFlowAliveWhenNoSteps": True}, "JobFlowRole": "r", "ServiceRole": "r"},
     ("Cluster", "Status", "State"), "WAITING"),
]


def post(endpoint, path, body):
    request = urllib.request.Request(endpoint + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).read()


def run(cursor, resource, parameters):
    """(status, output or cause) of an execution with that task."""
    definition = {"StartAt": "Job", "States": {"Job": {"Type": "Task", "Resource": "arn:aws:states:::" + resource,
                                                       "Parameters": parameters, "TimeoutSeconds": LIMIT, "End": True}}}
    cursor.execute("SELECT sfn.create_state_machine('double', %s, replace => true)", (json.dumps(definition),))
    cursor.execute("SELECT sfn.start_execution('double')")
    arn = cursor.fetchone()[0]
    ends = time.monotonic() + LIMIT + 30
    while time.monotonic() < ends:
        cursor.execute("SELECT status, output, error, cause FROM sfn.describe_execution(%s)", (arn,))
        status, output, error, cause = cursor.fetchone()
        if status != "RUNNING":
            return status, output if status == "SUCCEEDED" else "%s: %s" % (error, cause)
        time.sleep(0.2)
    return "RUNNING", "not done within %d s" % (LIMIT + 30)


def end_of(value, path):
    value = json.loads(value) if isinstance(value, str) else value
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def main():
    dsn, endpoint = sys.argv[1:3]
    sys.path.insert(0, sys.path[0] + "/../conformance")
    from services import Client
    client = Client(sys.argv[3:])
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    failed = 0
    for calls, states, resource, parameters, path, end in JOBS:
        for service, action, request in calls:
            client.call({"service": service, "action": action, "request": request})
        if states:
            post(endpoint, "/moto-api/state-manager/set-transition", {"model_name": states, "transition": STEPS})
        status, output = run(cursor, resource, parameters)
        if client.problems or status != "SUCCEEDED" or end_of(output, path) != end:
            failed += 1
            print("FAIL %s: %s %s %s" % (resource, client.problems, status, str(output)[:400]))
        client.problems = []
    print("total %d passed %d failed" % (len(JOBS) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
