/*
 * http_attempt.c
 *	  One request from being made to its response: its connection, its token, a second try with another one.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "services/http/aws_call.h"
#include "services/http/http_attempt.h"
#include "services/http/http_policy.h"
#include "settings/guc.h"

HttpAttempt *
http_attempt_begin(MemoryContext parent, Size size, Oid role)
{
	MemoryContext context = AllocSetContextCreate(parent, "sfn http transfer", ALLOCSET_SMALL_SIZES);
	HttpAttempt *attempt = MemoryContextAllocZero(context, size);

	attempt->transfer.context = context;
	attempt->transfer.request = &attempt->request;
	attempt->transfer.role = role;
	return attempt;
}

bool
http_attempt_connect(HttpAttempt *attempt, const char *connection, const EgressPolicy *policy, MemoryContext tokens,
					 SfnError *error)
{
	HttpTransfer *transfer = &attempt->transfer;
	HttpConnection *found = NULL;

	if (connection != NULL && !connection_for_task(connection, transfer->role, &found, error))
		return false;
	if (found != NULL && found->type == CONNECTION_AWS)
		return sfn_error(
			error, ERROR_RUNTIME,
			"The connection %s holds credentials of AWS, which sign calls of services and no other requests.",
			connection);
	transfer->connection = found;
	transfer->policy = policy;
	transfer->is_fresh = http_policy_wants_fresh(policy, transfer->role);
	if (found != NULL && found->type == CONNECTION_OAUTH)
		attempt->token = token_of_connection(tokens, found);
	return true;
}

bool
http_attempt_make_task(HttpAttempt *attempt, const JsonVal *stored, const EgressPolicy *policy, MemoryContext tokens,
					   const char *idempotency_key, SfnError *error)
{
	HttpTransfer *transfer = &attempt->transfer;

	if (!http_attempt_connect(attempt, http_task_connection(stored), policy, tokens, error))
		return false;
	if (http_task_flavour(stored) == HTTP_AWS)
	{
		transfer->timeout_ms = aws_call_time_limit(stored);
		transfer->max_body = AWS_MAX_BODY;
		return aws_call_build(stored, transfer->role, idempotency_key, tokens, &attempt->request, &attempt->token,
							  error);
	}
	if (!http_request_build(stored, transfer->connection, idempotency_key, &attempt->request, error))
		return false;
	transfer->timeout_ms = http_time_limit(attempt->request.flavour);
	transfer->max_body = sfn_max_payload_size;
	return true;
}

bool
http_attempt_send(HttpAttempt *attempt)
{
	if (attempt->token != NULL)
	{
		const char *header = token_header(attempt->token);

		if (header == NULL)
			return false;
		if (header[0] != '\0')
			attempt->request.authorization = MemoryContextStrdup(attempt->transfer.context, header);
	}
	if (attempt->request.aws != NULL)
		aws_call_sign(&attempt->request, attempt->token != NULL ? token_session(attempt->token) : NULL);
	transfer_start(&attempt->transfer);
	return true;
}

/* Is there another request to be sent, now that this one is answered? */
static bool
goes_on(HttpAttempt *attempt, const HttpResponse *response)
{
	MemoryContext caller_context = MemoryContextSwitchTo(attempt->transfer.context);
	bool is_more = attempt->request.aws != NULL && aws_call_goes_on(&attempt->request, response);

	MemoryContextSwitchTo(caller_context);
	return is_more;
}

bool
http_attempt_starts_over(HttpAttempt *attempt, const HttpResponse *response)
{
	bool is_late =
		attempt->request.aws != NULL && !attempt->is_second_try && aws_call_corrects_clock(&attempt->request, response);
	bool is_refused = attempt->request.aws != NULL ? aws_call_key_is_refused(&attempt->request, response)
												   : response->status == 401 || response->status == 407;

	if (goes_on(attempt, response))
	{
		transfer_reset(&attempt->transfer);
		return true;
	}
	if (attempt->is_second_try || (!is_late && (attempt->token == NULL || !is_refused)))
		return false;
	if (!is_late)
		token_refuse(attempt->token, attempt->request.authorization);
	transfer_reset(&attempt->transfer);
	attempt->is_second_try = true;
	return true;
}
