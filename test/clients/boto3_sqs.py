#!/usr/bin/env python3
"""SQS by boto3, through the gateway: boto3_sqs.py ENDPOINT.

Every raw answer is checked against botocore's model.  TAP on standard output.
"""
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
end()
