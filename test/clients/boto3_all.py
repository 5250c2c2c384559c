#!/usr/bin/env python3
"""All actions of Step Functions by boto3, through the gateway: boto3_all.py ENDPOINT.

Each raw answer is checked against botocore's model: types, enumerations, lengths, what is required, what is unknown.  Each
error has to be one that the model has for that action.  TAP on standard output.
"""
import json
import sys
import threading
import time
import uuid

import boto3
import botocore.exceptions
from botocore.config import Config

from answers import Checked, end, ok, until

ENDPOINT = sys.argv[1]
REGION = 'us-east-1'
ROLE = 'arn:aws:iam::000000000000:role/app'

client = boto3.client('stepfunctions', endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id='test',
                      aws_secret_access_key='test',
                      config=Config(inject_host_prefix=False, retries={'max_attempts': 1}, read_timeout=90))
checked = Checked(client, 'application/x-amz-json-1.0')
call, fails = checked.call, checked.fails


# ---- machines ----

suffix = uuid.uuid4().hex[:8]


def definition(states, start):
    return json.dumps({'StartAt': start, 'States': states}, ensure_ascii=False)


PASS = definition({'Päß ☃': {'Type': 'Pass', 'End': True}}, 'Päß ☃')
WAIT = definition({'W': {'Type': 'Wait', 'Seconds': 3600, 'End': True}}, 'W')
FAIL = definition({'F': {'Type': 'Fail', 'Error': 'Sorry', 'Cause': 'for that'}}, 'F')


def machine(name, text, **more):
    return call('create_state_machine', name=f'{name}-{suffix}', definition=text, roleArn=ROLE, **more)['stateMachineArn']


def missing(arn):
    return arn.replace(suffix, 'missing0')


def state_machines():
    arn = machine('pass', PASS, tags=[{'key': 'team', 'value': 'a'}])
    fails('StateMachineAlreadyExists', 'create_state_machine', name=f'pass-{suffix}', definition=WAIT, roleArn=ROLE)
    fails('InvalidName', 'create_state_machine', name='a b', definition=PASS, roleArn=ROLE)
    fails('InvalidDefinition', 'create_state_machine', name='x', definition='{"StartAt": "no"}', roleArn=ROLE)
    described = call('describe_state_machine', stateMachineArn=arn)
    ok(described['definition'] == PASS, 'the definition comes back byte for byte')
    ok(described['roleArn'] == ROLE, '... and the role')
    fails('StateMachineDoesNotExist', 'describe_state_machine', stateMachineArn=missing(arn))
    fails('InvalidArn', 'describe_state_machine', stateMachineArn='nonsense')
    updated = call('update_state_machine', stateMachineArn=arn, definition=FAIL, publish=True, versionDescription='')
    ok('stateMachineVersionArn' in updated, 'an update publishes a version')
    call('update_state_machine', stateMachineArn=arn, definition=PASS)
    fails('MissingRequiredParameter', 'update_state_machine', stateMachineArn=arn)
    fails('StateMachineDoesNotExist', 'update_state_machine', stateMachineArn=missing(arn), definition=PASS)
    pages = list(client.get_paginator('list_state_machines').paginate(PaginationConfig={'PageSize': 1}))
    ok(len(pages) >= 1 and any(m['stateMachineArn'] == arn for p in pages for m in p['stateMachines']), 'it is listed, page by page')
    call('list_state_machines', maxResults=1)
    fails('InvalidToken', 'list_state_machines', nextToken='nonsense')
    fails('ValidationException', 'validate_state_machine_definition', definition=PASS, severity='LOUD')
    ok(call('validate_state_machine_definition', definition='{"StartAt": "x", "States": {}}')['result'] == 'FAIL', 'a definition is looked at')
    call('tag_resource', resourceArn=arn, tags=[{'key': 'k', 'value': 'v'}])
    ok(len(call('list_tags_for_resource', resourceArn=arn)['tags']) == 2, 'tags are listed')
    call('untag_resource', resourceArn=arn, tagKeys=['k'])
    fails('ResourceNotFound', 'tag_resource', resourceArn=missing(arn), tags=[])
    fails('ResourceNotFound', 'list_tags_for_resource', resourceArn=missing(arn))
    fails('ResourceNotFound', 'untag_resource', resourceArn=missing(arn), tagKeys=['a'])
    return arn


def versions(arn):
    version = call('publish_state_machine_version', stateMachineArn=arn, description='v')['stateMachineVersionArn']
    fails('StateMachineDoesNotExist', 'publish_state_machine_version', stateMachineArn=missing(arn))
    call('list_state_machine_versions', stateMachineArn=arn, maxResults=1)
    fails('InvalidToken', 'list_state_machine_versions', stateMachineArn=arn, nextToken='nonsense')
    fails('InvalidArn', 'list_state_machine_versions', stateMachineArn='nonsense')
    alias = call('create_state_machine_alias', name='live', description='', routingConfiguration=[{'stateMachineVersionArn': version, 'weight': 100}])['stateMachineAliasArn']
    fails('ConflictException', 'create_state_machine_alias', name='live', description='other', routingConfiguration=[{'stateMachineVersionArn': version, 'weight': 100}])
    call('describe_state_machine_alias', stateMachineAliasArn=alias)
    fails('ResourceNotFound', 'describe_state_machine_alias', stateMachineAliasArn=alias + 'x')
    call('list_state_machine_aliases', stateMachineArn=arn)
    fails('InvalidToken', 'list_state_machine_aliases', stateMachineArn=arn, nextToken='nonsense')
    call('update_state_machine_alias', stateMachineAliasArn=alias, description='new')
    fails('ResourceNotFound', 'update_state_machine_alias', stateMachineAliasArn=alias + 'x', description='new')
    fails('ConflictException', 'delete_state_machine_version', stateMachineVersionArn=version)
    started = call('start_execution', stateMachineArn=alias)
    until(lambda: client.describe_execution(executionArn=started['executionArn'])['status'] == 'SUCCEEDED')
    ok(call('describe_execution', executionArn=started['executionArn']).get('stateMachineAliasArn') == alias, 'an execution knows its alias')
    fails('InvalidArn', 'delete_state_machine_alias', stateMachineAliasArn='nonsense')
    call('delete_state_machine_alias', stateMachineAliasArn=alias)
    call('delete_state_machine_version', stateMachineVersionArn=version)


def executions(arn):
    text = json.dumps({'ü': '☃ "\\', 'big': 12345678901234567890})
    started = call('start_execution', stateMachineArn=arn, name='named', input=text, traceHeader='Root=1')
    end = until(lambda: client.describe_execution(executionArn=started['executionArn'])['status'] == 'SUCCEEDED' and
                call('describe_execution', executionArn=started['executionArn']))
    ok(end and json.loads(end['output']) == json.loads(text), 'the output is the input')
    fails('ExecutionAlreadyExists', 'start_execution', stateMachineArn=arn, name='named', input='{"other": 1}')
    fails('StateMachineDoesNotExist', 'start_execution', stateMachineArn=missing(arn))
    fails('InvalidExecutionInput', 'start_execution', stateMachineArn=arn, input='{')
    fails('InvalidName', 'start_execution', stateMachineArn=arn, name='a*b')
    history = call('get_execution_history', executionArn=started['executionArn'], maxResults=2)
    ok('nextToken' in history, 'a history has pages')
    events = [e for p in client.get_paginator('get_execution_history').paginate(executionArn=started['executionArn'], PaginationConfig={'PageSize': 2}) for e in p['events']]
    ok([e['type'] for e in events] == ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'], '... which are all of it')
    fails('ExecutionDoesNotExist', 'get_execution_history', executionArn=started['executionArn'] + 'x')
    fails('ExecutionDoesNotExist', 'describe_execution', executionArn=started['executionArn'] + 'x')
    call('describe_state_machine_for_execution', executionArn=started['executionArn'])
    fails('ExecutionDoesNotExist', 'describe_state_machine_for_execution', executionArn=started['executionArn'] + 'x')
    call('list_executions', stateMachineArn=arn, statusFilter='SUCCEEDED', maxResults=1)
    fails('StateMachineDoesNotExist', 'list_executions', stateMachineArn=missing(arn))

    waits = machine('wait', WAIT)
    running = call('start_execution', stateMachineArn=waits)['executionArn']
    fails('ExecutionNotRedrivable', 'redrive_execution', executionArn=running)
    call('stop_execution', executionArn=running, error='Stop', cause='it')
    fails('ExecutionDoesNotExist', 'stop_execution', executionArn=running + 'x')
    ok(until(lambda: client.describe_execution(executionArn=running)['status'] == 'ABORTED'), 'an execution is stopped')
    call('redrive_execution', executionArn=running)
    fails('ExecutionDoesNotExist', 'redrive_execution', executionArn=running + 'x')
    client.stop_execution(executionArn=running)
    call('delete_state_machine', stateMachineArn=waits)

    # the same call twice under one invocation, as SDKs do when an answer is lost
    same = {}

    def one_invocation(request, **_):
        request.headers['amz-sdk-invocation-id'] = suffix

    client.meta.events.register('before-send.sfn.StartExecution', one_invocation)
    for attempt in 'first', 'second':
        same[attempt] = call('start_execution', stateMachineArn=arn)['executionArn']
    client.meta.events.unregister('before-send.sfn.StartExecution', one_invocation)
    ok(same['first'] == same['second'], 'an invocation that comes again starts nothing')


def sync_executions():
    arn = machine('sync', PASS, type='EXPRESS')
    answer = call('start_sync_execution', stateMachineArn=arn, input='{"a": 1}')
    ok(answer['status'] == 'SUCCEEDED' and json.loads(answer['output']) == {'a': 1}, 'a synchronous execution')
    fails('StateMachineDoesNotExist', 'start_sync_execution', stateMachineArn=missing(arn))
    fails('InvalidExecutionInput', 'start_sync_execution', stateMachineArn=arn, input='nonsense')
    failing = machine('syncfail', FAIL, type='EXPRESS')
    ok(call('start_sync_execution', stateMachineArn=failing)['error'] == 'Sorry', '... that fails')
    fails('StateMachineTypeNotSupported', 'list_executions', stateMachineArn=arn)
    ok(call('test_state', definition='{"Type": "Pass", "Result": {"b": 2}, "End": true}', roleArn=ROLE, inspectionLevel='DEBUG')['status'] == 'SUCCEEDED', 'a state is tried')
    fails('InvalidDefinition', 'test_state', definition='{"Type": "Nonsense"}', roleArn=ROLE)


def activities():
    arn = call('create_activity', name=f'work-{suffix}', tags=[{'key': 'a', 'value': 'b'}])['activityArn']
    fails('InvalidName', 'create_activity', name='a b')
    ok('creationDate' in call('describe_activity', activityArn=arn), 'an activity')
    fails('ActivityDoesNotExist', 'describe_activity', activityArn=missing(arn))
    call('list_activities', maxResults=1)
    fails('InvalidToken', 'list_activities', nextToken='nonsense')
    asks = machine('asks', definition({'A': {'Type': 'Task', 'Resource': arn, 'HeartbeatSeconds': 600, 'End': True}}, 'A'))
    ends = []
    for answer in 'success', 'failure':
        execution = client.start_execution(stateMachineArn=asks, input='{"n": 1}')['executionArn']
        task = call('get_activity_task', activityArn=arn, workerName='boto')
        ok(json.loads(task['input']) == {'n': 1}, 'a task')
        call('send_task_heartbeat', taskToken=task['taskToken'])
        if answer == 'success':
            fails('InvalidOutput', 'send_task_success', taskToken=task['taskToken'], output='{')
            call('send_task_success', taskToken=task['taskToken'], output='{"done": true}')
        else:
            call('send_task_failure', taskToken=task['taskToken'], error='No', cause='thanks')
        fails('TaskTimedOut', f'send_task_{answer}', taskToken=task['taskToken'], **({'output': '1'} if answer == 'success' else {}))
        ends.append(until(lambda: (s := client.describe_execution(executionArn=execution)['status']) != 'RUNNING' and s))
    ok(ends == ['SUCCEEDED', 'FAILED'], 'answered one way and the other')
    fails('InvalidToken', 'send_task_heartbeat', taskToken='nonsense')
    fails('InvalidToken', 'send_task_failure', taskToken='nonsense')
    fails('InvalidToken', 'send_task_success', taskToken='nonsense', output='1')
    fails('ActivityDoesNotExist', 'get_activity_task', activityArn=missing(arn))

    # one that waits is woken
    waiting = {}
    worker = threading.Thread(target=lambda: waiting.update(client.get_activity_task(activityArn=arn)))
    worker.start()
    time.sleep(0.5)
    began = time.time()
    client.start_execution(stateMachineArn=asks)
    worker.join(60)
    ok(waiting.get('taskToken') and time.time() - began < 30, 'a worker that waits is given a task')
    client.send_task_success(taskToken=waiting['taskToken'], output='1')
    call('delete_activity', activityArn=arn)
    fails('InvalidArn', 'delete_activity', activityArn='nonsense')


def map_runs():
    items = machine('items', definition({'M': {'Type': 'Map', 'End': True, 'Label': 'M', 'ItemProcessor': {
        'ProcessorConfig': {'Mode': 'DISTRIBUTED', 'ExecutionType': 'STANDARD'}, 'StartAt': 'W',
        'States': {'W': {'Type': 'Wait', 'Seconds': 3600, 'End': True}}}}}, 'M'))
    execution = client.start_execution(stateMachineArn=items, input='[1, 2]')['executionArn']
    runs = until(lambda: client.list_map_runs(executionArn=execution)['mapRuns'])
    call('list_map_runs', executionArn=execution)
    arn = runs[0]['mapRunArn']
    until(lambda: client.list_executions(mapRunArn=arn)['executions'])
    call('describe_map_run', mapRunArn=arn)
    call('list_executions', mapRunArn=arn)
    call('update_map_run', mapRunArn=arn, maxConcurrency=1)
    fails('ResourceNotFound', 'describe_map_run', mapRunArn=arn[:-1] + ('0' if arn[-1] != '0' else '1'))
    fails('ResourceNotFound', 'update_map_run', mapRunArn=arn[:-1] + ('0' if arn[-1] != '0' else '1'), maxConcurrency=1)
    fails('ExecutionDoesNotExist', 'list_map_runs', executionArn=execution + 'x')
    client.stop_execution(executionArn=execution)
    call('delete_state_machine', stateMachineArn=items)


def keys():
    def with_key(key, secret, **more):
        return boto3.client('stepfunctions', endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret, config=Config(retries={'max_attempts': 1}), **more)

    for key, secret, code in (('test', 'wrong', 'InvalidSignatureException'), ('nobody', 'test', 'UnrecognizedClientException')):
        try:
            with_key(key, secret).list_state_machines()
            ok(False, f'{key}/{secret} is refused')
        except botocore.exceptions.ClientError as error:
            ok(error.response['Error']['Code'] == code, f'{key}/{secret}: {code}')
    identity = boto3.client('sts', endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id='test', aws_secret_access_key='test').get_caller_identity()
    ok(identity['Account'] == '000000000000' and identity['Arn'].endswith('/app'), 'STS says who one is')


arn = state_machines()
versions(arn)
executions(arn)
sync_executions()
activities()
map_runs()
keys()
call('delete_state_machine', stateMachineArn=arn)
fails('InvalidArn', 'delete_state_machine', stateMachineArn='nonsense')
ok(not checked.not_called(), 'every action was called' + ''.join('\n# not ' + name for name in checked.not_called()))
ok(not checked.not_failed(), 'every action has failed as its model says' + ''.join('\n# not ' + name for name in checked.not_failed()))
end()
