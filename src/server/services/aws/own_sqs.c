/*
 * own_sqs.c
 *	  Tasks that call SQS, on queues of this database: the message is there exactly when the task has succeeded.
 *
 * Whoever sends to a queue hands its owner what the machine knows, so the owner has to be trusted.
 */
#include "postgres.h"

#include "actions/queues.h"
#include "aws/sqs_codes.h"
#include "base/error.h"
#include "services/aws/own_services.h"
#include "services/aws/sqs.h"
#include "store/trust.h"

/* The queue that the parameters name, if it is one of ours; NULL: it is not. */
static QueueRow *
named_queue(const OwnCall *call)
{
	const char *url = own_text(call, "QueueUrl");
	const char *name = url != NULL ? queue_name_of(url) : own_text(call, "QueueName");

	return name != NULL ? queue_by_name(name) : NULL;
}

bool
own_sqs_has(const OwnCall *call)
{
	return named_queue(call) != NULL;
}

/* In SQS's JSON protocol. */
static void
print_failure(OwnCall *own, const ActionError *error)
{
	const char *code = sqs_error_code(error);

	appendStringInfo(&own->headers, "x-amzn-query-error: %s;Sender\r\n", sqs_older_code(code));
	own_json_failure(own, psprintf("com.amazonaws.sqs#%s", code), error->aws_text);
}

static bool
answer(OwnCall *own, ActionCall *call, SfnError *error)
{
	QueueRow *queue = named_queue(own);
	const JsonVal *value;

	if (queue != NULL &&
		!name_is_trusted(&(OwnedName){.kind = NAME_QUEUE, .id = queue->id, .name = queue->name, .owner = queue->owner},
						 call->scope.caller, error))
		return false;
	value = sqs_answer(call, own_action_name(own), own_json_request(own));
	if (value == NULL)
		print_failure(own, &call->error);
	else
		jv_print(&own->body, value);
	return true;
}

bool
own_sqs_answer(OwnCall *call, SfnError *error)
{
	return own_answer_by_actions(call, answer, error);
}
