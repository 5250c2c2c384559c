#!/usr/bin/env python3
"""EventBridge by boto3, through the gateway: boto3_events.py ENDPOINT.

Every raw answer is checked against botocore's model.  TAP on standard output.
"""
import json
import sys
import time
import uuid

import boto3
from botocore.config import Config

from answers import Checked, end, ok, until

OPTIONS = dict(endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test',
               config=Config(inject_host_prefix=False, retries={'max_attempts': 1}))
ARN = 'arn:aws:events:us-east-1:000000000000'
ROLE = 'arn:aws:iam::000000000000:role/app'
machines = boto3.client('stepfunctions', **OPTIONS)
client = boto3.client('events', **OPTIONS)
events = Checked(client, 'application/x-amz-json-1.1')
call, fails = events.call, events.fails
suffix = uuid.uuid4().hex[:8]
rule, bus = f'rule-{suffix}', f'bus-{suffix}'
machine = machines.create_state_machine(name=f'told-{suffix}', roleArn=ROLE,
                                        definition='{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')['stateMachineArn']
pattern = json.dumps({'source': [f'shop.{suffix}']})


def told():
    executions = machines.list_executions(stateMachineArn=machine)['executions']
    return [json.loads(machines.describe_execution(executionArn=e['executionArn'])['input']) for e in executions]


def buses():
    ok(call('create_event_bus', Name=bus, Description='orders', Tags=[{'Key': 'team', 'Value': 'shop'}])['EventBusArn'] == f'{ARN}:event-bus/{bus}', 'a bus has an ARN')
    fails('ResourceAlreadyExistsException', 'create_event_bus', f'Event bus {bus} already exists.', Name=bus)
    described = call('describe_event_bus', Name=bus)
    ok(described['Description'] == 'orders' and described['Arn'] == f'{ARN}:event-bus/{bus}', 'it is described')
    ok(call('describe_event_bus')['Name'] == 'default', 'the default bus is there')
    call('update_event_bus', Name=bus, Description='orders of the shop')
    ok(call('describe_event_bus', Name=f'{ARN}:event-bus/{bus}')['Description'] == 'orders of the shop', 'its ARN is a name, too')
    names = {b['Name'] for b in call('list_event_buses')['EventBuses']}
    ok({'default', bus} <= names, 'buses are listed')
    ok([b['Name'] for b in call('list_event_buses', NamePrefix=bus, Limit=1)['EventBuses']] == [bus], '... by a prefix')
    ok(call('list_tags_for_resource', ResourceARN=f'{ARN}:event-bus/{bus}')['Tags'] == [{'Key': 'team', 'Value': 'shop'}], 'with its tags')
    fails('ResourceNotFoundException', 'describe_event_bus', 'Event bus nobody does not exist.', Name='nobody')
    fails('ValidationException', 'delete_event_bus', 'Cannot delete event bus default.', Name='default')


def permissions():
    allowed = dict(EventBusName=bus, StatementId='account', Action='events:PutEvents', Principal='000000000000')
    arn = f'{ARN}:event-bus/{bus}'
    ok('Policy' not in call('describe_event_bus', Name=bus), 'a bus has no policy')
    fails('ResourceNotFoundException', 'remove_permission', 'EventBus does not have a policy.', EventBusName=bus, StatementId='account')
    call('put_permission', **allowed)
    call('put_permission', **{**allowed, 'StatementId': 'all', 'Principal': '*'})
    statement = {'Sid': 'account', 'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::000000000000:root'}, 'Action': 'events:PutEvents', 'Resource': arn}
    ok(json.loads(call('describe_event_bus', Name=bus)['Policy']) ==
       {'Version': '2012-10-17', 'Statement': [statement, {**statement, 'Sid': 'all', 'Principal': '*'}]}, 'what is permitted is its policy')
    ok('Policy' in call('list_event_buses', NamePrefix=bus)['EventBuses'][0], '... in the list, too')
    fails('ResourceNotFoundException', 'remove_permission', 'Statement with the provided id does not exist.', EventBusName=bus, StatementId='nobody')
    call('remove_permission', EventBusName=bus, StatementId='account')
    policy = json.dumps({'Version': '2012-10-17', 'Statement': [{**statement, 'Sid': 'whole'}]})
    call('put_permission', EventBusName=arn, Policy=policy)
    ok(json.loads(call('describe_event_bus', Name=bus)['Policy']) == json.loads(policy), 'a policy takes the place of the one before')
    fails('ValidationException', 'put_permission', EventBusName=bus, Policy=policy, StatementId='x')
    fails('ValidationException', 'put_permission', **{**allowed, 'Principal': '111111111111'})
    fails('ValidationException', 'put_permission', "Provided value in parameter 'action' is not supported.", **{**allowed, 'Action': 'events:PutRule'})
    fails('ValidationException', 'put_permission', **allowed, Condition={'Type': 'StringEquals', 'Key': 'aws:PrincipalOrgID', 'Value': 'o-1234567890'})
    fails('PolicyLengthExceededException', 'put_permission', EventBusName=bus, Policy=json.dumps({'Version': '2012-10-17', 'Statement': [{**statement, 'Sid': f's{n}'} for n in range(99)]}))
    fails('ResourceNotFoundException', 'put_permission', 'Event bus nobody does not exist.', **{**allowed, 'EventBusName': 'nobody'})
    fails('AccessDeniedException', 'put_permission', **{**allowed, 'EventBusName': 'default'})
    call('remove_permission', EventBusName=bus, RemoveAllPermissions=True)
    ok('Policy' not in call('describe_event_bus', Name=bus), 'all is removed')


def rules():
    arn = call('put_rule', Name=rule, EventPattern=pattern, Description='orders', RoleArn=ROLE, Tags=[{'Key': 'a', 'Value': 'b'}])['RuleArn']
    ok(arn == f'{ARN}:rule/{rule}', 'a rule has an ARN')
    fails('InvalidEventPatternException', 'put_rule', Name=rule, EventPattern='{"source": "x"}')
    fails('ValidationException', 'put_rule', 'Parameter(s) EventPattern or ScheduleExpression must be specified.', Name=rule)
    call('put_rule', Name='hourly-' + rule, ScheduleExpression='rate(1 hour)')
    ok(call('describe_rule', Name='hourly-' + rule)['ScheduleExpression'] == 'rate(1 hour)', 'a rule that is told by the clock')
    call('delete_rule', Name='hourly-' + rule)
    fails('ValidationException', 'put_rule', 'Parameter ScheduleExpression is not valid.', Name=rule, ScheduleExpression='at(2027-01-01T00:00:00)')
    fails('ResourceNotFoundException', 'put_rule', 'Event bus nobody does not exist.', Name=rule, EventPattern=pattern, EventBusName='nobody')
    described = call('describe_rule', Name=rule)
    ok((described['EventPattern'], described['State'], described['Description'], described['RoleArn'], described['EventBusName']) ==
       (pattern, 'ENABLED', 'orders', ROLE, 'default'), 'it is described as it was given')
    fails('ResourceNotFoundException', 'describe_rule', 'Rule nobody does not exist on EventBus default.', Name='nobody')
    call('disable_rule', Name=rule)
    ok(call('describe_rule', Name=rule)['State'] == 'DISABLED', 'it is disabled')
    call('enable_rule', Name=rule)
    ok(call('describe_rule', Name=rule)['State'] == 'ENABLED', '... and enabled')
    call('put_rule', Name=rule, EventPattern=pattern, State='DISABLED')
    ok('Description' not in call('describe_rule', Name=rule), 'what is put anew has nothing of before')
    ok(call('list_tags_for_resource', ResourceARN=arn)['Tags'] == [{'Key': 'a', 'Value': 'b'}], '... but its tags')
    call('put_rule', Name=rule, EventPattern=pattern, RoleArn=ROLE)
    call('tag_resource', ResourceARN=arn, Tags=[{'Key': 'c', 'Value': ''}])
    call('untag_resource', ResourceARN=arn, TagKeys=['a'])
    ok(call('list_tags_for_resource', ResourceARN=arn)['Tags'] == [{'Key': 'c', 'Value': ''}], 'tags come and go')
    fails('ResourceNotFoundException', 'list_tags_for_resource', ResourceARN=f'{ARN}:rule/nobody')
    call('put_rule', Name=rule, EventPattern=pattern, EventBusName=bus)
    ok(call('describe_rule', Name=rule, EventBusName=f'{ARN}:event-bus/{bus}')['Arn'] == f'{ARN}:rule/{bus}/{rule}', 'a rule of another bus')
    for i in range(3):
        call('put_rule', Name=f'{rule}-{i}', EventPattern=pattern, EventBusName=bus, State='DISABLED')
    pages = list(client.get_paginator('list_rules').paginate(EventBusName=bus, NamePrefix=rule, PaginationConfig={'PageSize': 2}))
    ok([len(p['Rules']) for p in pages] == [2, 2], 'rules are listed in pages')
    call('list_rules', Limit=1)
    fails('ValidationException', 'list_rules', NextToken='nonsense')
    fails('ResourceNotFoundException', 'list_rules', EventBusName='nobody')


def targets():
    given = [{'Id': 'told', 'Arn': machine, 'RoleArn': ROLE, 'InputTransformer': {'InputPathsMap': {'n': '$.detail.n'}, 'InputTemplate': '{"n": <n>}'},
              'RetryPolicy': {'MaximumRetryAttempts': 3, 'MaximumEventAgeInSeconds': 3600},
              'DeadLetterConfig': {'Arn': 'arn:aws:sqs:us-east-1:000000000000:dead'}},
             {'Id': 'fixed', 'Arn': machine, 'RoleArn': ROLE, 'Input': '{"fixed": true}'}]
    ok(call('put_targets', Rule=rule, Targets=given)['FailedEntryCount'] == 0, 'targets are put')
    listed = call('list_targets_by_rule', Rule=rule)['Targets']
    ok(sorted(listed, key=lambda t: t['Id']) == sorted(given, key=lambda t: t['Id']), '... and listed as they were given')
    ok(len(call('list_targets_by_rule', Rule=rule, Limit=1)['Targets']) == 1, '... in pages')
    ok(call('list_rule_names_by_target', TargetArn=machine)['RuleNames'] == [rule], 'rules are found by their target')
    fails('ResourceNotFoundException', 'put_targets', 'Rule nobody does not exist on EventBus default.', Rule='nobody', Targets=given)
    fails('ValidationException', 'put_targets', Rule=rule, Targets=[{'Id': 'x', 'Arn': machine, 'Input': '{'}])
    fails('ValidationException', 'put_targets', Rule=rule, Targets=[{'Id': 'x', 'Arn': machine, 'Input': '{}', 'InputPath': '$.detail'}])
    fails('ValidationException', 'put_targets', Rule=rule, Targets=[{'Id': 'x', 'Arn': 'arn:aws:nonsense:us-east-1:000000000000:x'}])


def putting():
    answer = call('put_events', Entries=[{'Source': f'shop.{suffix}', 'DetailType': 'order', 'Detail': '{"n": 7}', 'Resources': ['a']},
                                         {'Source': 'aws.states', 'DetailType': 'order', 'Detail': '{}'},
                                         {'Source': f'shop.{suffix}', 'DetailType': 'order', 'Detail': '{'},
                                         {'DetailType': 'order', 'Detail': '{}'}])
    ok(answer['FailedEntryCount'] == 3 and [e.get('ErrorCode') for e in answer['Entries']] ==
       [None, 'NotAuthorizedForSourceException', 'MalformedDetail', 'InvalidArgument'], 'an event is put; others are refused, each by itself')
    ok(until(lambda: sorted(map(json.dumps, told())) == ['{"fixed": true}', '{"n": 7}']), 'both targets are told')
    fails('ValidationException', 'put_events', Entries=[{'Source': 's', 'DetailType': 'd', 'Detail': '{}'}] * 11)
    ok(call('test_event_pattern', EventPattern=pattern, Event=json.dumps({'source': f'shop.{suffix}'}))['Result'] is True, 'a pattern is tried')
    fails('InvalidEventPatternException', 'test_event_pattern', EventPattern='{"source": 1}', Event='{}')


def archives():
    name, source = f'archive-{suffix}', f'{ARN}:event-bus/default'
    begun = time.time()
    made = call('create_archive', ArchiveName=name, EventSourceArn=source, Description='orders', EventPattern=pattern, RetentionDays=7)
    ok((made['ArchiveArn'], made['State']) == (f'{ARN}:archive/{name}', 'ENABLED'), 'an archive has an ARN')
    fails('ResourceAlreadyExistsException', 'create_archive', f'Archive {name} already exists.', ArchiveName=name, EventSourceArn=source)
    fails('ValidationException', 'create_archive', ArchiveName='x', EventSourceArn=f'{ARN}:rule/x')
    fails('ResourceNotFoundException', 'create_archive', 'Event bus nobody does not exist.', ArchiveName='x', EventSourceArn=f'{ARN}:event-bus/nobody')
    fails('InvalidEventPatternException', 'create_archive', ArchiveName='x', EventSourceArn=source, EventPattern='{"source": "x"}')
    call('update_archive', ArchiveName=name, RetentionDays=0)
    call('put_events', Entries=[{'Source': f'shop.{suffix}', 'DetailType': 'order', 'Detail': json.dumps({'n': n})} for n in (8, 9)])
    described = call('describe_archive', ArchiveName=name)
    ok((described['EventCount'], described['RetentionDays'], described['Description'], described['EventPattern'], described['EventSourceArn']) ==
       (2, 0, 'orders', pattern, source) and described['SizeBytes'] > 0, 'it keeps what is put')
    ok([a['ArchiveName'] for a in call('list_archives', NamePrefix=name, EventSourceArn=source, Limit=1)['Archives']] == [name], 'archives are listed')
    ok(until(lambda: len(told()) == 6), 'the rule is told')
    replay = dict(EventSourceArn=made['ArchiveArn'], EventStartTime=begun - 60, EventEndTime=begun + 3600,
                  Destination={'Arn': source, 'FilterArns': [f'{ARN}:rule/{rule}']})
    started = call('start_replay', ReplayName=name, Description='again', **replay)
    ok((started['ReplayArn'], started['State']) == (f'{ARN}:replay/{name}', 'STARTING'), 'a replay is started')
    described = until(lambda: (lambda r: r if r['State'] == 'COMPLETED' else None)(call('describe_replay', ReplayName=name)))
    ok(described and described['Destination'] == replay['Destination'] and described['Description'] == 'again' and 'EventLastReplayedTime' in described, 'it is completed')
    ok(until(lambda: len(told()) == 10) and sorted(i['n'] for i in told() if 'n' in i) == [7, 8, 8, 9, 9], 'the rule is told again')
    ok([r['ReplayName'] for r in call('list_replays', NamePrefix=name, State='COMPLETED', EventSourceArn=made['ArchiveArn'])['Replays']] == [name], 'replays are listed')
    ok(call('list_replays', NamePrefix=name, State='RUNNING')['Replays'] == [], '... by their state')
    fails('ResourceAlreadyExistsException', 'start_replay', f'Replay {name} already exists.', ReplayName=name, **replay)
    fails('ValidationException', 'start_replay', ReplayName='x', **{**replay, 'EventEndTime': begun - 3600})
    fails('ValidationException', 'start_replay', ReplayName='x', **{**replay, 'Destination': {'Arn': f'{ARN}:event-bus/{bus}'}})
    fails('IllegalStatusException', 'cancel_replay', ReplayName=name)
    fails('ResourceNotFoundException', 'describe_replay', 'Replay nobody does not exist.', ReplayName='nobody')
    call('start_replay', ReplayName=f'{name}-2', **{**replay, 'EventStartTime': 0, 'EventEndTime': 1})
    until(lambda: call('describe_replay', ReplayName=f'{name}-2')['State'] == 'COMPLETED')
    call('delete_archive', ArchiveName=name)
    fails('ResourceNotFoundException', 'describe_archive', f'Archive {name} does not exist.', ArchiveName=name)


def deleting():
    fails('ValidationException', 'delete_rule', "Rule can't be deleted since it has targets.", Name=rule)
    removed = call('remove_targets', Rule=rule, Ids=['told', 'fixed', 'nobody'])
    ok([e['TargetId'] for e in removed['FailedEntries']] == ['nobody'], 'targets are removed; one that there is not is told')
    fails('ResourceNotFoundException', 'remove_targets', Rule='nobody', Ids=['x'])
    call('delete_rule', Name=rule)
    call('delete_rule', Name=rule)
    fails('ValidationException', 'delete_event_bus', Name=bus)
    for name in [rule] + [f'{rule}-{i}' for i in range(3)]:
        call('delete_rule', Name=name, EventBusName=bus)
    call('delete_event_bus', Name=bus)
    call('delete_event_bus', Name=bus)
    fails('ResourceNotFoundException', 'enable_rule', Name=rule)
    fails('ResourceNotFoundException', 'disable_rule', Name=rule)
    machines.delete_state_machine(stateMachineArn=machine)


buses()
permissions()
rules()
targets()
putting()
archives()
deleting()
end()
