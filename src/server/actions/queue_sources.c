/*
 * queue_sources.c
 *	  Queues of SQS whose messages are fetched: which, and by whom.
 *
 * The owner of a queue says where its messages come from; AWS is called as he, with credentials that he may use.  Events of
 * jobs concern everybody's, so superusers say where they are, and the credentials' owner calls.
 */
#include "postgres.h"

#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/queue_sources.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "aws/endpoint.h"
#include "base/error.h"
#include "store/connections.h"
#include "store/fifo_queues.h"
#include "store/jobs.h"
#include "store/queue_sources.h"
#include "store/services.h"
#include "store/trust.h"

#define MAX_URL 512

/* "https://host/account/name", written so or as an ARN; NULL: *call has the error. */
static const char *
source_url(ActionCall *call, const char *source)
{
	const char *url = aws_queue_url(source);
	const char *own = queue_name_of(source);
	const char *name;

	if (url == NULL)
		url = strncmp(source, "https://", 8) == 0 || strncmp(source, "http://", 7) == 0 ? source : "";
	name = url[0] != '\0' ? strchr(strstr(url, "://") + 3, '/') : NULL;
	if (name == NULL || strchr(name + 1, '/') == NULL || strlen(url) > MAX_URL)
	{
		(void) action_invalid(call, psprintf("\"%s\" is no URL or ARN of a queue of SQS", source));
		return NULL;
	}
	if (own != NULL && queue_by_name(own) != NULL)
	{
		(void) action_invalid(call, psprintf("\"%s\" is a queue of this database", source));
		return NULL;
	}
	return url;
}

/* The queue, for members of its owner, who does not change until the transaction ends. */
static QueueRow *
own_queue(ActionCall *call, const char *reference)
{
	QueueRow *queue = action_queue(call, reference);
	OwnedName locked;

	if (queue == NULL)
		return NULL;
	if (!owned_name_lock(NAME_QUEUE, queue->name, &locked))
		return action_fail_null(call, API_QUEUE_DOES_NOT_EXIST, reference);
	queue->id = locked.id;
	queue->owner = locked.owner;
	if (has_privs_of_role(call->scope.caller, queue->owner))
		return queue;
	(void) fail_owned(call, psprintf("queue \"%s\"", queue->name), queue->owner);
	return NULL;
}

static SFN_MUST_CHECK bool
check_credentials(ActionCall *call, Oid role, const char *name)
{
	AwsCredentials credentials;
	SfnError error = {0};

	return (name != NULL ? aws_credentials_named(role, name, &credentials, &error)
						 : aws_credentials_for(role, NULL, &credentials, &error)) ||
		action_invalid(call, error.cause);
}

bool
queue_source_create(ActionCall *call, const char *reference, const char *source, const char *credentials,
					bool is_enabled)
{
	QueueRow *queue = own_queue(call, reference);
	const char *url = queue != NULL ? source_url(call, source) : NULL;

	if (url == NULL || !check_credentials(call, queue->owner, credentials))
		return false;
	if (queue->is_fifo != queue_name_is_fifo(url))
		return action_invalid(call,
							  "a FIFO queue is fed from a FIFO queue of SQS, and another queue from one that is none");
	queue_source_upsert(
		&(QueueSourceRow){.queue_id = queue->id, .url = url, .credentials = credentials, .is_enabled = is_enabled});
	return true;
}

bool
queue_source_drop(ActionCall *call, const char *reference)
{
	QueueRow *queue = own_queue(call, reference);

	return queue != NULL &&
		(queue_source_delete(queue->id, NULL) ||
		 action_fail(call, API_QUEUE_SOURCE_DOES_NOT_EXIST, psprintf("queue \"%s\" has no source", queue->name)));
}

/* ---- events of jobs ---- */

bool
job_events_create(ActionCall *call, const char *source, const char *credentials)
{
	const char *url;
	ConnectionRow *connection;

	if (!require_superuser(call, "wake jobs by events"))
		return false;
	url = source_url(call, source);
	if (url == NULL)
		return false;
	if (queue_name_is_fifo(url))
		return action_invalid(call, "EventBridge sends events of jobs to a queue that is not FIFO");
	connection = connection_by_name(credentials);
	if (connection == NULL)
		return action_invalid(call, psprintf("there are no AWS credentials \"%s\"", credentials));
	if (!check_credentials(call, connection->owner, credentials))
		return false;
	queue_source_upsert(&(QueueSourceRow){.url = url, .credentials = credentials, .is_enabled = true});
	return true;
}

bool
job_events_drop(ActionCall *call, const char *source)
{
	const char *url;

	if (!require_superuser(call, "wake jobs by events"))
		return false;
	url = aws_queue_url(source) != NULL ? aws_queue_url(source) : source;
	if (!queue_source_delete(0, url))
		return action_fail(call, API_QUEUE_SOURCE_DOES_NOT_EXIST,
						   psprintf("no events of jobs are read from \"%s\"", source));
	jobs_forget_events();
	return true;
}
