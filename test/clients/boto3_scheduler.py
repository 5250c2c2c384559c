#!/usr/bin/env python3
"""EventBridge Scheduler by boto3, through the gateway: boto3_scheduler.py ENDPOINT.

Every raw answer is checked against botocore's model.  TAP on standard output.
"""
import datetime
import json
import sys
import uuid

import boto3
from botocore.config import Config

from answers import Checked, end, ok, until

OPTIONS = dict(endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test',
               config=Config(inject_host_prefix=False, retries={'max_attempts': 1}))
ROLE = 'arn:aws:iam::000000000000:role/app'
machines = boto3.client('stepfunctions', **OPTIONS)
client = boto3.client('scheduler', **OPTIONS)
scheduler = Checked(client, 'application/json')
call, fails = scheduler.call, scheduler.fails
suffix = uuid.uuid4().hex[:8]
name, group = f's-{suffix}', f'g-{suffix}'
group_arn = f'arn:aws:scheduler:us-east-1:000000000000:schedule-group/{group}'
machine = machines.create_state_machine(name=f'scheduled-{suffix}', roleArn=ROLE,
                                        definition='{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}')['stateMachineArn']
OFF = {'Mode': 'OFF'}
TARGET = {'Arn': machine, 'RoleArn': ROLE, 'Input': '{"n": 1}'}


def groups():
    ok(call('create_schedule_group', Name=group, Tags=[{'Key': 'team', 'Value': 'shop'}])['ScheduleGroupArn'] == group_arn, 'a group has an ARN')
    fails('ConflictException', 'create_schedule_group', f'Schedule group {group} already exists.', Name=group)
    ok(call('get_schedule_group', Name=group)['State'] == 'ACTIVE', 'it is there')
    ok(call('get_schedule_group', Name='default')['Name'] == 'default', '... as is the default one')
    fails('ResourceNotFoundException', 'get_schedule_group', 'Schedule group nobody does not exist.', Name='nobody')
    ok([g['Name'] for g in call('list_schedule_groups', NamePrefix=group, MaxResults=1)['ScheduleGroups']] == [group], 'groups are listed')
    fails('ValidationException', 'list_schedule_groups', NextToken='nonsense')
    call('tag_resource', ResourceArn=group_arn, Tags=[{'Key': 'a', 'Value': 'b'}, {'Key': 'c', 'Value': 'd'}])
    call('untag_resource', ResourceArn=group_arn, TagKeys=['team', 'c'])
    ok(call('list_tags_for_resource', ResourceArn=group_arn)['Tags'] == [{'Key': 'a', 'Value': 'b'}], 'tags come and go')
    fails('ResourceNotFoundException', 'list_tags_for_resource', ResourceArn=group_arn + 'x')
    fails('ResourceNotFoundException', 'tag_resource', ResourceArn=group_arn + 'x', Tags=[])
    fails('ResourceNotFoundException', 'untag_resource', ResourceArn=group_arn + 'x', TagKeys=['a'])


def schedules():
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    given = dict(ScheduleExpression='cron(0 2 * * ? *)', ScheduleExpressionTimezone='Europe/Berlin', StartDate=start, Description='each night',
                 State='DISABLED', FlexibleTimeWindow={'Mode': 'FLEXIBLE', 'MaximumWindowInMinutes': 15}, ActionAfterCompletion='NONE',
                 Target={**TARGET, 'RetryPolicy': {'MaximumRetryAttempts': 3, 'MaximumEventAgeInSeconds': 3600},
                         'DeadLetterConfig': {'Arn': 'arn:aws:sqs:us-east-1:000000000000:dead'}})
    arn = call('create_schedule', Name=name, GroupName=group, **given)['ScheduleArn']
    ok(arn == f'arn:aws:scheduler:us-east-1:000000000000:schedule/{group}/{name}', 'a schedule has an ARN')
    fails('ConflictException', 'create_schedule', f'Schedule {name} already exists.', Name=name, GroupName=group, **given)
    seen = call('get_schedule', Name=name, GroupName=group)
    ok({k: seen.get(k) for k in given} == given, 'it is as it was given')
    fails('ResourceNotFoundException', 'get_schedule', f'Schedule {name} does not exist.', Name=name)
    fails('ResourceNotFoundException', 'create_schedule', Name=name, GroupName='nobody', **given)
    fails('ValidationException', 'create_schedule', 'Invalid Schedule Expression rate(1 fortnight).', Name='x', FlexibleTimeWindow=OFF,
          ScheduleExpression='rate(1 fortnight)', Target=TARGET)
    fails('ValidationException', 'create_schedule', 'Invalid Schedule Expression Timezone Nowhere.', Name='x', FlexibleTimeWindow=OFF,
          ScheduleExpression='rate(1 hour)', ScheduleExpressionTimezone='Nowhere', Target=TARGET)
    call('update_schedule', Name=name, GroupName=group, ScheduleExpression='rate(1 hour)', FlexibleTimeWindow=OFF, Target=TARGET)
    seen = call('get_schedule', Name=name, GroupName=group)
    ok('Description' not in seen and seen['State'] == 'ENABLED' and seen['Target']['RetryPolicy'] ==
       {'MaximumRetryAttempts': 185, 'MaximumEventAgeInSeconds': 86400}, 'an update puts it anew')
    fails('ResourceNotFoundException', 'update_schedule', Name='nobody', ScheduleExpression='rate(1 hour)', FlexibleTimeWindow=OFF, Target=TARGET)
    call('create_schedule', Name=name, ScheduleExpression='rate(1 hour)', FlexibleTimeWindow=OFF, Target=TARGET, State='DISABLED')
    listed = call('list_schedules', NamePrefix=name)['Schedules']
    ok(sorted((s['GroupName'], s['State']) for s in listed) == sorted([(group, 'ENABLED'), ('default', 'DISABLED')]), 'schedules of all groups are listed')
    pages = list(client.get_paginator('list_schedules').paginate(NamePrefix=name, PaginationConfig={'PageSize': 1}))
    ok(sum(len(p['Schedules']) for p in pages) == 2, '... in pages')
    ok(len(call('list_schedules', GroupName=group)['Schedules']) == 1, '... of one group')
    ok(len(call('list_schedules', NamePrefix=name, State='DISABLED')['Schedules']) == 1, '... of one state')
    fails('ResourceNotFoundException', 'list_schedules', GroupName='nobody')


def soon():
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)).strftime('at(%Y-%m-%dT%H:%M:%S)')


def running():
    call('create_schedule', Name=f'{name}-once', ScheduleExpression=soon(), FlexibleTimeWindow=OFF, Target=TARGET, ActionAfterCompletion='DELETE')
    executions = until(lambda: machines.list_executions(stateMachineArn=machine)['executions'])
    ok(executions and json.loads(machines.describe_execution(executionArn=executions[0]['executionArn'])['input']) == {'n': 1}, 'it starts what it says')
    ok(until(lambda: not client.list_schedules(NamePrefix=f'{name}-once')['Schedules']), '... and goes')


def events_and_queues():
    events, sqs = boto3.client('events', **OPTIONS), boto3.client('sqs', **OPTIONS)
    source = f'clock.{suffix}'
    events.put_rule(Name=name, EventPattern=json.dumps({'source': [source], 'detail': {'n': [7]}}))
    events.put_targets(Rule=name, Targets=[{'Id': '1', 'Arn': machine}])
    bus = {'Arn': 'arn:aws:events:us-east-1:000000000000:event-bus/default', 'RoleArn': ROLE, 'Input': '{"n": 7}', 'EventBridgeParameters': {'DetailType': 'tick', 'Source': source}}
    call('create_schedule', Name=f'{name}-event', ScheduleExpression=soon(), FlexibleTimeWindow=OFF, Target=bus)
    ok({k: call('get_schedule', Name=f'{name}-event')['Target'].get(k) for k in bus} == bus, 'a target that is a bus is shown as it was given')
    inputs = lambda: [json.loads(machines.describe_execution(executionArn=e['executionArn'])['input']) for e in machines.list_executions(stateMachineArn=machine)['executions']]
    told = until(lambda: [i for i in inputs() if i.get('source') == source])
    ok(told and (told[0]['detail-type'], told[0]['detail'], told[0]['resources']) ==
       ('tick', {'n': 7}, [f'arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}-event']), '... and gets the event')
    fails('ValidationException', 'create_schedule', Name='x', ScheduleExpression='rate(1 hour)', FlexibleTimeWindow=OFF, Target={k: bus[k] for k in ('Arn', 'RoleArn', 'Input')})
    fails('ValidationException', 'create_schedule', Name='x', ScheduleExpression='rate(1 hour)', FlexibleTimeWindow=OFF, Target={**bus, 'Input': '7'})

    url = sqs.create_queue(QueueName=f'{name}.fifo', Attributes={'FifoQueue': 'true', 'ContentBasedDeduplication': 'true'})['QueueUrl']
    call('create_schedule', Name=f'{name}-queue', ScheduleExpression=soon(), FlexibleTimeWindow=OFF,
         Target={'Arn': f'arn:aws:sqs:us-east-1:000000000000:{name}.fifo', 'RoleArn': ROLE, 'Input': '{"n": 8}', 'SqsParameters': {'MessageGroupId': 'ticks'}})
    message = until(lambda: sqs.receive_message(QueueUrl=url, AttributeNames=['MessageGroupId']).get('Messages'))
    ok(message and (json.loads(message[0]['Body']), message[0]['Attributes']['MessageGroupId']) == ({'n': 8}, 'ticks'), 'a FIFO queue gets its group')
    sqs.delete_queue(QueueUrl=url)
    events.remove_targets(Rule=name, Ids=['1'])
    events.delete_rule(Name=name)
    for kind in ('event', 'queue'):
        call('delete_schedule', Name=f'{name}-{kind}')


def deleting():
    call('delete_schedule', Name=name)
    fails('ResourceNotFoundException', 'delete_schedule', Name=name)
    call('delete_schedule_group', Name=group)
    fails('ResourceNotFoundException', 'delete_schedule_group', Name=group)
    fails('ResourceNotFoundException', 'get_schedule', Name=name, GroupName=group)
    fails('ValidationException', 'delete_schedule_group', Name='default')
    machines.delete_state_machine(stateMachineArn=machine)


groups()
schedules()
running()
events_and_queues()
deleting()
ok(not scheduler.not_called(), 'every action was called' + ''.join('\n# not ' + n for n in scheduler.not_called()))
end()
