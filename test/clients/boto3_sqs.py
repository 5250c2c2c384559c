#!/usr/bin/env python3
"""SQS by boto3, through the gateway: boto3_sqs.py ENDPOINT.

Every raw answer is checked against botocore's model.  TAP on standard output.
"""
import json
import sys
import uuid

import boto3
from botocore.config import Config

from answers import Checked, end, ok

OPTIONS = dict(endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test',
               config=Config(inject_host_prefix=False, retries={'max_attempts': 1}))
client = boto3.client('sqs', **OPTIONS)
sqs = Checked(client, 'application/x-amz-json-1.0', may_lack=['Failed'])
call = sqs.call
name = f'queue-{uuid.uuid4().hex[:8]}'

url = call('create_queue', QueueName=name, Attributes={'DelaySeconds': '0'})['QueueUrl']
ok(url.endswith(f'/000000000000/{name}'), 'a queue has a URL')
ok(call('get_queue_url', QueueName=name)['QueueUrl'] == url, 'by which it is found')
ok(url in call('list_queues', QueueNamePrefix=name)['QueueUrls'], 'and listed')
call('send_message', QueueUrl=url, MessageBody='one', MessageAttributes={'colour': {'DataType': 'String', 'StringValue': 'blue'}})
sent = call('send_message_batch', QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': 'two'}, {'Id': 'b', 'MessageBody': 'three'}])
ok([entry['Id'] for entry in sent['Successful']] == ['a', 'b'], 'several are sent')
messages = call('receive_message', QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=['All'], AttributeNames=['All'])['Messages']
ok([message['Body'] for message in messages] == ['one', 'two', 'three'], 'and received')
ok(messages[0]['MessageAttributes']['colour']['StringValue'] == 'blue', 'with attributes')
ok(messages[0]['Attributes']['ApproximateReceiveCount'] == '1', 'counted')
call('change_message_visibility', QueueUrl=url, ReceiptHandle=messages[0]['ReceiptHandle'], VisibilityTimeout=0)
again = call('receive_message', QueueUrl=url)['Messages']
ok(again[0]['Body'] == 'one', 'one that is given back comes again')
call('delete_message', QueueUrl=url, ReceiptHandle=again[0]['ReceiptHandle'])
deleted = call('delete_message_batch', QueueUrl=url, Entries=[{'Id': str(i), 'ReceiptHandle': m['ReceiptHandle']} for i, m in enumerate(messages[1:])])
ok(len(deleted['Successful']) == 2, 'all are deleted')
attributes = call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes']
ok(attributes['ApproximateNumberOfMessages'] == '0' and attributes['QueueArn'].endswith(f':{name}'), 'so there are none')
call('purge_queue', QueueUrl=url)
call('delete_queue', QueueUrl=url)


def refused(code, typed, method, **arguments):
    """SQS has older codes, which SDKs show, beside the names of its errors."""
    try:
        getattr(client, method)(**arguments)
    except client.exceptions.ClientError as error:
        said = error.response['Error']['Code']
        ok(said == code, f'{method} fails with {code}' + ('' if said == code else f'\n# {said}: {error}'))
        ok(typed is None or isinstance(error, getattr(client.exceptions, typed)), f'... which is typed')
        return
    ok(False, f'{method} does not fail')


refused('AWS.SimpleQueueService.NonExistentQueue', 'QueueDoesNotExist', 'get_queue_url', QueueName=name)
url = call('create_queue', QueueName=name)['QueueUrl']
refused('ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 'delete_message', QueueUrl=url, ReceiptHandle='none')
refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='late', DelaySeconds=901)
mixed = call('send_message_batch', QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': 'good'}, {'Id': 'b', 'MessageBody': 'late', 'DelaySeconds': 901}])
ok([entry['Id'] for entry in mixed['Successful']] + [entry['Id'] + entry['Code'] for entry in mixed['Failed']] == ['a', 'bInvalidParameterValue'],
   'of several each is refused by itself')
message = call('receive_message', QueueUrl=url)['Messages'][0]
hidden = call('change_message_visibility_batch', QueueUrl=url, Entries=[{'Id': 'a', 'ReceiptHandle': message['ReceiptHandle'], 'VisibilityTimeout': 0}])
ok(len(hidden['Successful']) == 1, 'several are given back')
call('delete_message', QueueUrl=url, ReceiptHandle=message['ReceiptHandle'])
refused('AWS.SimpleQueueService.MessageNotInflight', 'MessageNotInflight', 'change_message_visibility', QueueUrl=url,
        ReceiptHandle=message['ReceiptHandle'], VisibilityTimeout=0)
call('delete_queue', QueueUrl=url)

# FIFO
fifo = call('create_queue', QueueName=f'{name}.fifo', Attributes={'FifoQueue': 'true', 'ContentBasedDeduplication': 'true'})['QueueUrl']
sent = [call('send_message', QueueUrl=fifo, MessageBody=body, MessageGroupId='g') for body in ('one', 'two', 'one')]
ok(sent[0]['SequenceNumber'] < sent[1]['SequenceNumber'] and sent[2]['MessageId'] == sent[0]['MessageId'], 'a FIFO queue numbers and knows duplicates')
messages = call('receive_message', QueueUrl=fifo, MaxNumberOfMessages=10, MessageSystemAttributeNames=['All'])['Messages']
ok([message['Body'] for message in messages] == ['one', 'two'] and messages[0]['Attributes']['MessageGroupId'] == 'g', '... and keeps the order')
attributes = call('get_queue_attributes', QueueUrl=fifo, AttributeNames=['All'])['Attributes']
ok(attributes['FifoQueue'] == 'true' and attributes['ContentBasedDeduplication'] == 'true', '... which its attributes say')
refused('MissingParameter', None, 'send_message', QueueUrl=fifo, MessageBody='x')
refused('InvalidParameterValue', None, 'send_message', QueueUrl=fifo, MessageBody='x', MessageGroupId='g', DelaySeconds=1)
refused('InvalidParameterValue', None, 'create_queue', QueueName=f'{name}.fifo')
refused('InvalidAttributeName', 'InvalidAttributeName', 'create_queue', QueueName=name, Attributes={'ContentBasedDeduplication': 'true'})
call('delete_queue', QueueUrl=fifo)

# attributes of queues
letters = call('create_queue', QueueName=name + '-letters')['QueueUrl']
url = call('create_queue', QueueName=name, Attributes={'VisibilityTimeout': '60', 'RedrivePolicy': json.dumps(
    {'deadLetterTargetArn': f'arn:aws:sqs:us-east-1:000000000000:{name}-letters', 'maxReceiveCount': 3})})['QueueUrl']
before = call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes']
ok(before['VisibilityTimeout'] == '60' and json.loads(before['RedrivePolicy'])['maxReceiveCount'] == 3, 'a queue has attributes')
ok(call('create_queue', QueueName=name)['QueueUrl'] == url, 'to make it again is no error')
ok(call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes'] == before, '... and changes nothing')
call('create_queue', QueueName=name, Attributes={'DelaySeconds': '1'})
after = call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes']
ok(after == dict(before, DelaySeconds='1'), '... but what is said')
call('create_queue', QueueName=name, Attributes={'DelaySeconds': '0', 'RedrivePolicy': ''})
ok('RedrivePolicy' not in call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes'], '... that there is no dead-letter queue, too')
call('set_queue_attributes', QueueUrl=url, Attributes={'VisibilityTimeout': '90', 'RedrivePolicy': json.dumps(
    {'deadLetterTargetArn': f'arn:aws:sqs:us-east-1:000000000000:{name}-letters', 'maxReceiveCount': 5})})
changed = call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes']
ok(changed['VisibilityTimeout'] == '90' and changed['DelaySeconds'] == '0' and json.loads(changed['RedrivePolicy'])['maxReceiveCount'] == 5, 'attributes are set')
call('set_queue_attributes', QueueUrl=url, Attributes={'RedrivePolicy': ''})
ok('RedrivePolicy' not in call('get_queue_attributes', QueueUrl=url, AttributeNames=['All'])['Attributes'], '... and taken away')
call('delete_queue', QueueUrl=letters)
refused('InvalidAttributeName', 'InvalidAttributeName', 'get_queue_attributes', QueueUrl=url, AttributeNames=['QueueArn', 'Colour'])
refused('InvalidAttributeName', 'InvalidAttributeName', 'get_queue_attributes', QueueUrl=url, AttributeNames=['Queue.*'])
refused('InvalidAttributeName', 'InvalidAttributeName', 'create_queue', QueueName=name, Attributes={'Colour': 'blue'})
refused('InvalidAttributeName', 'InvalidAttributeName', 'create_queue', QueueName=name, Attributes={'QueueArn': 'arn'})
refused('InvalidAttributeValue', None, 'create_queue', QueueName=name, Attributes={'VisibilityTimeout': 'long'})
refused('InvalidAttributeValue', None, 'create_queue', QueueName=name, Attributes={'DelaySeconds': '901'})
refused('InvalidAttributeValue', None, 'set_queue_attributes', QueueUrl=url, Attributes={'DelaySeconds': '901'})
refused('InvalidAttributeName', 'InvalidAttributeName', 'set_queue_attributes', QueueUrl=url, Attributes={'Colour': 'blue'})
call('get_queue_attributes', QueueUrl=url, AttributeNames=['MessageRetentionPeriod', 'Policy', 'SqsManagedSseEnabled'])
limit = int(call('get_queue_attributes', QueueUrl=url, AttributeNames=['MaximumMessageSize'])['Attributes']['MaximumMessageSize'])

# a message's length is that of its body and of its attributes' names, types and values
text = {'abc': {'DataType': 'String', 'StringValue': 'v' * 91}}
octets = {'abc': {'DataType': 'Binary', 'BinaryValue': b'v' * 91}}
for attributes in (text, octets):
    call('send_message', QueueUrl=url, MessageBody='x' * (limit - 100), MessageAttributes=attributes)
    refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='x' * (limit - 99), MessageAttributes=attributes)
half = [{'Id': id, 'MessageBody': 'x' * (limit // 2 - 100), 'MessageAttributes': text} for id in 'ab']
ok(len(call('send_message_batch', QueueUrl=url, Entries=half)['Successful']) == 2, 'a batch may be as long as one message')
half[0]['MessageBody'] += 'x'
refused('AWS.SimpleQueueService.BatchRequestTooLong', 'BatchRequestTooLong', 'send_message_batch', QueueUrl=url, Entries=half)
call('purge_queue', QueueUrl=url)

# groups of a queue that is no FIFO queue
call('send_message', QueueUrl=url, MessageBody='one', MessageGroupId='tenant-1')
call('send_message', QueueUrl=url, MessageBody='two', MessageGroupId='tenant-1')
messages = call('receive_message', QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=['All'])['Messages']
ok([(m['Body'], m['Attributes']['MessageGroupId'], 'SequenceNumber' in m['Attributes']) for m in messages]
   == [('one', 'tenant-1', False), ('two', 'tenant-1', False)], 'a group orders nothing there')
refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='x', MessageGroupId='a b')
refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='x', MessageGroupId='g' * 129)
refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='x', MessageDeduplicationId='d')

# attributes of messages
for bad in ({'': {'DataType': 'String', 'StringValue': 'v'}}, {'.a': {'DataType': 'String', 'StringValue': 'v'}}, {'a..b': {'DataType': 'String', 'StringValue': 'v'}},
            {'AWS.a': {'DataType': 'String', 'StringValue': 'v'}}, {'a b': {'DataType': 'String', 'StringValue': 'v'}}, {'a': {'DataType': '', 'StringValue': 'v'}},
            {'a': {'DataType': 'Colour', 'StringValue': 'v'}}, {'a': {'DataType': 'String.', 'StringValue': 'v'}}, {'a': {'DataType': 'String', 'StringValue': ''}},
            {'a': {'DataType': 'String', 'BinaryValue': b'v'}}, {'a': {'DataType': 'Binary', 'StringValue': 'v'}}, {'a': {'DataType': 'Number', 'StringValue': 'inf'}},
            {'a': {'DataType': 'Number', 'StringValue': '0x1'}}, {f'a{i}': {'DataType': 'String', 'StringValue': 'v'} for i in range(11)}):
    refused('InvalidParameterValue', None, 'send_message', QueueUrl=url, MessageBody='x', MessageAttributes=bad)
refused('InvalidMessageContents', 'InvalidMessageContents', 'send_message', QueueUrl=url, MessageBody='x', MessageAttributes={'a': {'DataType': 'String', 'StringValue': '\x01'}})
for good in ('1', '-1.5e3', '+.5', '007'):
    call('send_message', QueueUrl=url, MessageBody='x', MessageAttributes={'a.b-c_d': {'DataType': 'Number.float', 'StringValue': good}})

# batches
prefix = 'AWS.SimpleQueueService.'
refused(prefix + 'EmptyBatchRequest', 'EmptyBatchRequest', 'send_message_batch', QueueUrl=url, Entries=[])
refused(prefix + 'TooManyEntriesInBatchRequest', 'TooManyEntriesInBatchRequest', 'send_message_batch', QueueUrl=url, Entries=[{'Id': str(i), 'MessageBody': 'x'} for i in range(11)])
refused(prefix + 'BatchEntryIdsNotDistinct', 'BatchEntryIdsNotDistinct', 'send_message_batch', QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': 'x'}] * 2)
for id in ('', 'a b', 'a' * 81):
    refused(prefix + 'InvalidBatchEntryId', 'InvalidBatchEntryId', 'send_message_batch', QueueUrl=url, Entries=[{'Id': id, 'MessageBody': 'x'}])
refused(prefix + 'EmptyBatchRequest', 'EmptyBatchRequest', 'delete_message_batch', QueueUrl=url, Entries=[])
failed = call('delete_message_batch', QueueUrl=url, Entries=[{'Id': 'a', 'ReceiptHandle': 'none'}])
ok((failed['Successful'], failed['Failed'][0]['Code'], failed['Failed'][0]['SenderFault']) == ([], 'ReceiptHandleIsInvalid', True), 'entries fail by themselves')
failed = call('send_message_batch', QueueUrl=url, Entries=[{'Id': 'a', 'MessageBody': ''}, {'Id': 'b', 'MessageBody': '\x01'}, {'Id': 'c', 'MessageBody': 'x', 'MessageDeduplicationId': 'd'}])['Failed']
ok([entry['Code'] for entry in failed] == ['MissingParameter', 'InvalidMessageContents', 'InvalidParameterValue'], '... each with its code')
call('delete_queue', QueueUrl=url)
end()
