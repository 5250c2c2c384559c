/*
 * queues.c
 *	  SQS's actions on the queues of this database, which are called "sqs:SendMessage" and so on.
 */
#include "postgres.h"

#include "api/aws/actions.h"
#include "services/aws/sqs.h"

#define SQS_PREFIX "sqs:"

static const JsonVal *
answer_as_sqs(ActionCall *call, const JsonVal *request)
{
	const JsonVal *answer = sqs_answer(call, call->action + strlen(SQS_PREFIX), request);

	if (answer == NULL)
		call->error.code = sqs_error_code(&call->error);
	return answer;
}

/* ---- the rows ---- */

const AwsAction aws_queue_actions[] = {
	{"sqs:ChangeMessageVisibility", "QueueUrl:s! ReceiptHandle:s! VisibilityTimeout:i!", answer_as_sqs},
	{"sqs:ChangeMessageVisibilityBatch", "QueueUrl:s! Entries:a!", answer_as_sqs},
	{"sqs:CreateQueue", "QueueName:s! Attributes:o tags:o", answer_as_sqs},
	{"sqs:DeleteMessage", "QueueUrl:s! ReceiptHandle:s!", answer_as_sqs},
	{"sqs:DeleteMessageBatch", "QueueUrl:s! Entries:a!", answer_as_sqs},
	{"sqs:DeleteQueue", "QueueUrl:s!", answer_as_sqs},
	{"sqs:GetQueueAttributes", "QueueUrl:s! AttributeNames:a", answer_as_sqs},
	{"sqs:GetQueueUrl", "QueueName:s! QueueOwnerAWSAccountId:s", answer_as_sqs},
	{"sqs:ListQueues", "QueueNamePrefix:s NextToken:s MaxResults:i", answer_as_sqs},
	{"sqs:PurgeQueue", "QueueUrl:s!", answer_as_sqs},
	{"sqs:ReceiveMessage",
	 "QueueUrl:s! AttributeNames:a MessageSystemAttributeNames:a MessageAttributeNames:a MaxNumberOfMessages:i VisibilityTimeout:i WaitTimeSeconds:i ReceiveRequestAttemptId:s",
	 answer_as_sqs, .hands_out_tokens = true},
	{"sqs:SendMessage",
	 "QueueUrl:s! MessageBody:s DelaySeconds:i MessageAttributes:o MessageSystemAttributes:o MessageDeduplicationId:s MessageGroupId:s",
	 answer_as_sqs},
	{"sqs:SendMessageBatch", "QueueUrl:s! Entries:a!", answer_as_sqs},
	{"sqs:SetQueueAttributes", "QueueUrl:s! Attributes:o", answer_as_sqs},
	{NULL},
};
