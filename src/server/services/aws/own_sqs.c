/*
 * own_sqs.c
 *	  Tasks that call SQS, on queues of this database: the message is there exactly when the task has succeeded.
 *
 * Whoever sends to a queue hands its owner what the machine knows, so the owner has to be trusted.
 */
#include "postgres.h"

#include "actions/queues.h"
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
	const char *older_code;
	const char *code = sqs_error_code(error, &older_code);
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "__type", jv_string(psprintf("com.amazonaws.sqs#%s", code)));
	jv_object_add(&answer, "message", jv_string(error->aws_text));
	own->status = 400;
	appendStringInfo(&own->headers, "x-amzn-query-error: %s;Sender\r\n", older_code);
	jv_print(&own->body, jv_object_end(&answer));
}

/* Within the store's scope. */
static bool
answer(OwnCall *own, ActionCall *call, SfnError *error)
{
	QueueRow *queue = named_queue(own);
	JvParseError ignored;
	const JsonVal *request = jv_parse(own->request.body, own->request.body_length, &ignored);
	char *action = pstrdup(own->action);
	const JsonVal *value;

	if (queue != NULL &&
		!name_is_trusted(&(OwnedName){.kind = NAME_QUEUE, .id = queue->id, .name = queue->name, .owner = queue->owner},
						 call->scope.caller, error))
		return false;
	action[0] = (char) pg_toupper((unsigned char) action[0]);
	value = sqs_answer(call, action, request != NULL ? request : jv_empty_object());
	if (value == NULL)
		print_failure(own, &call->error);
	else
		jv_print(&own->body, value);
	return true;
}

bool
own_sqs_answer(OwnCall *own, SfnError *error)
{
	ActionCall call = {.style = ACTION_AWS, .action = own->action};
	bool is_answered;

	store_enter(&call.scope);
	is_answered = answer(own, &call, error);
	store_leave(&call.scope);
	return is_answered;
}
