/*
 * sqs_codes.c
 *	  What SQS's errors were called before it spoke JSON.
 */
#include "base/port.h"

#include "aws/sqs_codes.h"

static const char *const codes[][2] = {
	{"BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
	{"BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"},
	{"EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"},
	{"InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"},
	{"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"},
	{"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"},
	{"TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
};

const char *
sqs_older_code(const char *code)
{
	for (size_t i = 0; i < lengthof(codes); i++)
	{
		if (strcmp(codes[i][0], code) == 0)
			return codes[i][1];
	}
	return code;
}
