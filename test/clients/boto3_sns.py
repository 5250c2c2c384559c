#!/usr/bin/env python3
"""SNS by boto3, through the gateway, with queues as subscribers: boto3_sns.py ENDPOINT.

TAP on standard output.
"""
import json
import sys
import uuid

import boto3
from botocore.config import Config

from answers import end, ok, until

OPTIONS = dict(endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test',
               config=Config(inject_host_prefix=False, retries={'max_attempts': 1}))
sns = boto3.client('sns', **OPTIONS)
sqs = boto3.client('sqs', **OPTIONS)
name = f'topic-{uuid.uuid4().hex[:8]}'
arn = f'arn:aws:sns:us-east-1:000000000000:{name}'


def refused(code, typed, method, **arguments):
    try:
        getattr(sns, method)(**arguments)
    except sns.exceptions.ClientError as error:
        said = error.response['Error']['Code']
        ok(said == code, f'{method} fails with {code}' + ('' if said == code else f'\n# {said}: {error}'))
        ok(isinstance(error, getattr(sns.exceptions, typed)), '... which is typed')
        return
    ok(False, f'{method} does not fail')


def received(url):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get('Messages', [])


def same(got, wanted, said):
    ok(got == wanted, said + ('' if got == wanted else f'\n# {got}'))


same(sns.create_topic(Name=name, Attributes={'DisplayName': 'Orders & <more>'}, Tags=[{'Key': 'team', 'Value': 'shop'}])['TopicArn'], arn, 'a topic has an ARN')
ok(arn in [topic['TopicArn'] for page in sns.get_paginator('list_topics').paginate() for topic in page['Topics']], 'it is listed')
attributes = sns.get_topic_attributes(TopicArn=arn)['Attributes']
same((attributes['DisplayName'], attributes['SubscriptionsConfirmed']), ('Orders & <more>', '0'), 'it is described')
sns.set_topic_attributes(TopicArn=arn, AttributeName='DisplayName', AttributeValue='Orders')
same(sns.get_topic_attributes(TopicArn=arn)['Attributes']['DisplayName'], 'Orders', 'it is changed')
same(sns.list_tags_for_resource(ResourceArn=arn)['Tags'], [{'Key': 'team', 'Value': 'shop'}], 'it has tags')
sns.tag_resource(ResourceArn=arn, Tags=[{'Key': 'a', 'Value': 'b'}])
sns.untag_resource(ResourceArn=arn, TagKeys=['team'])
same(sns.list_tags_for_resource(ResourceArn=arn)['Tags'], [{'Key': 'a', 'Value': 'b'}], '... which come and go')

urls = [sqs.create_queue(QueueName=f'{name}-{kind}')['QueueUrl'] for kind in ('all', 'blue')]
ends = [f'arn:aws:sqs:us-east-1:000000000000:{name}-{kind}' for kind in ('all', 'blue')]
whole = sns.subscribe(TopicArn=arn, Protocol='sqs', Endpoint=ends[0], ReturnSubscriptionArn=True)['SubscriptionArn']
ok(whole.startswith(arn + ':'), 'a queue subscribes')
blue = sns.subscribe(TopicArn=arn, Protocol='sqs', Endpoint=ends[1],
                     Attributes={'RawMessageDelivery': 'true', 'FilterPolicy': json.dumps({'colour': ['blue']})})['SubscriptionArn']
listed = sns.list_subscriptions_by_topic(TopicArn=arn)['Subscriptions']
same(sorted((s['Protocol'], s['Endpoint'], s['SubscriptionArn']) for s in listed), sorted([('sqs', ends[0], whole), ('sqs', ends[1], blue)]), 'subscriptions are listed')
ok({whole, blue} <= {s['SubscriptionArn'] for page in sns.get_paginator('list_subscriptions').paginate() for s in page['Subscriptions']}, '... among all')
attributes = sns.get_subscription_attributes(SubscriptionArn=blue)['Attributes']
same((attributes['RawMessageDelivery'], attributes['FilterPolicy'], attributes['FilterPolicyScope'], attributes['PendingConfirmation']),
     ('true', '{"colour":["blue"]}', 'MessageAttributes', 'false'), '... and described')

id = sns.publish(TopicArn=arn, Message='ß & {"a": 1}', Subject='one', MessageAttributes={'colour': {'DataType': 'String', 'StringValue': 'red'}})['MessageId']
sns.publish(TopicArn=arn, Message='two', MessageAttributes={'colour': {'DataType': 'String', 'StringValue': 'blue'}})
got = []
until(lambda: got.extend(json.loads(m['Body']) for m in received(urls[0])) or len(got) >= 2)
got.sort(key=lambda n: n['Message'] == 'two')
same([(n['Message'], n['MessageAttributes']['colour']['Value']) for n in got], [('ß & {"a": 1}', 'red'), ('two', 'blue')], 'all are told one')
same((got[0]['MessageId'], got[0]['Subject'], got[0]['TopicArn']), (id, 'one', arn), '... in the form of SNS')
same([m['Body'] for m in until(lambda: received(urls[1]))], ['two'], 'the other one is what its policy asks for, raw')
sns.set_subscription_attributes(SubscriptionArn=blue, AttributeName='FilterPolicyScope', AttributeValue='MessageBody')
sns.set_subscription_attributes(SubscriptionArn=blue, AttributeName='FilterPolicy', AttributeValue=json.dumps({'n': [3]}))
batch = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[{'Id': 'a', 'Message': '{"n": 3}'}, {'Id': 'b', 'Message': '{"n": 4}'}, {'Id': 'c', 'Message': 'x', 'Subject': 'y' * 101}])
same(([e['Id'] for e in batch['Successful']], [(e['Id'], e['Code']) for e in batch['Failed']]), (['a', 'b'], [('c', 'InvalidParameter')]), 'several are published, each by itself')
same([m['Body'] for m in until(lambda: received(urls[1]))], ['{"n": 3}'], '... and chosen by the body')
sns.set_subscription_attributes(SubscriptionArn=blue, AttributeName='RawMessageDelivery', AttributeValue='false')
sns.set_subscription_attributes(SubscriptionArn=blue, AttributeName='FilterPolicy', AttributeValue='{}')
sns.publish(TopicArn=arn, Message='five')
same([json.loads(m['Body'])['Message'] for m in until(lambda: received(urls[1]))], ['five'], 'without them it gets all, in the form of SNS')

refused('NotFound', 'NotFoundException', 'publish', TopicArn=arn + 'x', Message='x')
refused('NotFound', 'NotFoundException', 'get_topic_attributes', TopicArn=arn + 'x')
refused('InvalidParameter', 'InvalidParameterException', 'publish', TopicArn=arn, Message='x', Subject='y' * 101)
refused('InvalidParameter', 'InvalidParameterException', 'create_topic', Name='a b')
refused('InvalidParameter', 'InvalidParameterException', 'subscribe', TopicArn=arn, Protocol='email', Endpoint='a@b')
refused('InvalidParameter', 'InvalidParameterException', 'subscribe', TopicArn=arn, Protocol='sqs', Endpoint='https://a.b')
refused('InvalidParameter', 'InvalidParameterException', 'subscribe', TopicArn=arn, Protocol='sqs', Endpoint=ends[0], Attributes={'FilterPolicy': '{"a": 1}'})
refused('InvalidParameter', 'InvalidParameterException', 'set_topic_attributes', TopicArn=arn, AttributeName='Policy', AttributeValue='{}')
for bad in ({'a': {'DataType': 'Colour', 'StringValue': 'v'}}, {'a': {'DataType': 'String', 'StringValue': ''}}, {'a': {'DataType': 'String', 'BinaryValue': b'v'}},
            {'a': {'DataType': 'Binary', 'StringValue': 'v'}}, {'a': {'DataType': 'Number', 'StringValue': 'many'}}, {'a': {'DataType': 'Number', 'StringValue': 'nan'}},
            {'a': {'DataType': 'String.Array', 'StringValue': 'blue'}}, {'a': {'DataType': 'String.Array', 'StringValue': '[["blue"]]'}},
            {'a..b': {'DataType': 'String', 'StringValue': 'v'}}, {'a b': {'DataType': 'String', 'StringValue': 'v'}}):
    refused('ParameterValueInvalid', 'InvalidParameterValueException', 'publish', TopicArn=arn, Message='x', MessageAttributes=bad)
sns.publish(TopicArn=arn, Message='good', MessageGroupId='tenant-1', MessageAttributes={
    'a': {'DataType': 'String', 'StringValue': 'v'}, 'b': {'DataType': 'String.Array', 'StringValue': '["v", 1, true, null]'},
    'c': {'DataType': 'Number', 'StringValue': '-1.5e3'}, 'd': {'DataType': 'Binary', 'BinaryValue': b'\0v'}})
got = [json.loads(m['Body']) for m in until(lambda: [m for m in received(urls[1]) if 'good' in m['Body']])]
same(got[0]['MessageAttributes'], {'a': {'Type': 'String', 'Value': 'v'}, 'b': {'Type': 'String.Array', 'Value': '["v", 1, true, null]'},
                                   'c': {'Type': 'Number', 'Value': '-1.5e3'}, 'd': {'Type': 'Binary', 'Value': 'AHY='}}, 'attributes are of four types')
refused('InvalidParameter', 'InvalidParameterException', 'publish', TopicArn=arn, Message='x', MessageGroupId='a b')
refused('InvalidParameter', 'InvalidParameterException', 'publish', TopicArn=arn, Message='x', MessageDeduplicationId='d')
octets = {'abc': {'DataType': 'Binary', 'BinaryValue': b'v' * 91}}
sns.publish(TopicArn=arn, Message='x' * (262144 - 100), MessageAttributes=octets)
refused('InvalidParameter', 'InvalidParameterException', 'publish', TopicArn=arn, Message='x' * (262144 - 99), MessageAttributes=octets)

refused('EmptyBatchRequest', 'EmptyBatchRequestException', 'publish_batch', TopicArn=arn, PublishBatchRequestEntries=[])
refused('TooManyEntriesInBatchRequest', 'TooManyEntriesInBatchRequestException', 'publish_batch', TopicArn=arn, PublishBatchRequestEntries=[{'Id': str(i), 'Message': 'x'} for i in range(11)])
refused('BatchEntryIdsNotDistinct', 'BatchEntryIdsNotDistinctException', 'publish_batch', TopicArn=arn, PublishBatchRequestEntries=[{'Id': 'a', 'Message': 'x'}] * 2)
for id in ('', 'a b', 'a' * 81):
    refused('InvalidBatchEntryId', 'InvalidBatchEntryIdException', 'publish_batch', TopicArn=arn, PublishBatchRequestEntries=[{'Id': id, 'Message': 'x'}])
refused('BatchRequestTooLong', 'BatchRequestTooLongException', 'publish_batch', TopicArn=arn,
        PublishBatchRequestEntries=[{'Id': id, 'Message': 'x' * (262144 // 2 - 99), 'MessageAttributes': octets} for id in 'ab'])
refused('NotFound', 'NotFoundException', 'publish_batch', TopicArn=arn + 'x', PublishBatchRequestEntries=[{'Id': 'a', 'Message': 'x'}])
failed = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[{'Id': 'a', 'Message': ''}, {'Id': 'b', 'Message': 'x', 'MessageAttributes': {'a': {'DataType': 'Colour', 'StringValue': 'v'}}}])['Failed']
same([(e['Id'], e['Code'], e['SenderFault']) for e in failed], [('a', 'InvalidParameter', True), ('b', 'ParameterValueInvalid', True)], 'entries of a batch fail by themselves')

sns.unsubscribe(SubscriptionArn=blue)
refused('NotFound', 'NotFoundException', 'get_subscription_attributes', SubscriptionArn=blue)
same(sns.get_topic_attributes(TopicArn=arn)['Attributes']['SubscriptionsConfirmed'], '1', 'a subscription ends')
sns.delete_topic(TopicArn=arn)
sns.delete_topic(TopicArn=arn)
ok(arn not in [topic['TopicArn'] for page in sns.get_paginator('list_topics').paginate() for topic in page['Topics']], 'a topic is deleted, also twice')
for url in urls:
    sqs.delete_queue(QueueUrl=url)
end()
