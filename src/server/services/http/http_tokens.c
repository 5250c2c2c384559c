/*
 * http_tokens.c
 *	  Access tokens of OAuth connections, and lent keys of AWS, which take several requests.
 *
 * A token is fetched when the first request needs it, kept until shortly before it
 * expires, and fetched anew when a server refuses it.  Each has a memory context of
 * its own, below the one that the first user named; a changed connection has another version.  A
 * token goes when nobody has asked for it for longer than any request lasts: one under way may still name it.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "aws/http_headers.h"
#include "base/error.h"
#include "base/utf8.h"
#include "services/http/http_tokens.h"
#include "settings/guc.h"

#define ERROR_TOKEN "Events.ConnectionResource.InvalidConnectionState"
#define MAX_TOKEN_RESPONSE (64 * 1024)
#define DEFAULT_LIFETIME_S 3600
#define LIFETIME_MARGIN_S 30
#define KEPT_UNUSED_S (2 * 3600) /* longer than any request */

struct OAuthToken
{
	dlist_node node;
	MemoryContext context;
	int64 connection_id;
	int64 version;
	char *header;        /* NULL: none */
	AwsSession *session; /* not NULL: a key of AWS */
	char *identity;      /* of its plan */
	const char *problem; /* why the request of the fetch could not be made; or NULL */
	TimestampTz expires;
	TimestampTz used;    /* when it was last asked for */
	HttpTransfer *fetch; /* under way */
	dlist_head waiting;
};

static dlist_head tokens = DLIST_STATIC_INIT(tokens);

static void
token_drop(OAuthToken *token)
{
	dlist_delete(&token->node);
	MemoryContextDelete(token->context);
}

static void
drop_old_tokens(void)
{
	TimestampTz long_ago = GetCurrentTimestamp() - KEPT_UNUSED_S * USECS_PER_SEC;
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &tokens)
	{
		OAuthToken *token = dlist_container(OAuthToken, node, iter.cur);

		if (token->fetch == NULL && dlist_is_empty(&token->waiting) && token->used < long_ago)
			token_drop(token);
	}
}

static OAuthToken *
token_begin(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "sfn oauth token", ALLOCSET_SMALL_SIZES);
	OAuthToken *token = MemoryContextAllocZero(context, sizeof(OAuthToken));

	drop_old_tokens();
	token->context = context;
	token->used = GetCurrentTimestamp();
	dlist_init(&token->waiting);
	dlist_push_tail(&tokens, &token->node);
	return token;
}

OAuthToken *
token_of_connection(MemoryContext parent, const HttpConnection *connection)
{
	OAuthToken *token;
	dlist_iter iter;

	dlist_foreach(iter, &tokens)
	{
		token = dlist_container(OAuthToken, node, iter.cur);
		if (token->session == NULL && token->connection_id == connection->id && token->version == connection->version)
		{
			token->used = GetCurrentTimestamp();
			return token;
		}
	}
	token = token_begin(parent);
	token->connection_id = connection->id;
	token->version = connection->version;
	return token;
}

OAuthToken *
token_of_session(MemoryContext parent, const AwsKeyPlan *plan)
{
	MemoryContext caller_context;
	OAuthToken *token;
	dlist_iter iter;

	dlist_foreach(iter, &tokens)
	{
		token = dlist_container(OAuthToken, node, iter.cur);
		if (token->session != NULL && strcmp(token->identity, plan->identity) == 0)
		{
			token->used = GetCurrentTimestamp();
			return token;
		}
	}
	token = token_begin(parent);
	caller_context = MemoryContextSwitchTo(token->context);
	token->session = aws_session_begin(plan);
	token->identity = pstrdup(plan->identity);
	MemoryContextSwitchTo(caller_context);
	return token;
}

const AwsSession *
token_session(const OAuthToken *token)
{
	return token->session;
}

const char *
token_header(const OAuthToken *token)
{
	if (token->session != NULL)
		return GetCurrentTimestamp() < token->expires ? "" : NULL;

	return token->header != NULL && GetCurrentTimestamp() < token->expires ? token->header : NULL;
}

void
token_refuse(OAuthToken *token, const char *header)
{
	if (token->session != NULL)
		aws_session_reset(token->session);
	if (token->session != NULL || (token->header != NULL && strcmp(token->header, header) == 0))
		token->expires = 0;
}

/* ---- fetching ---- */

static HttpConnection *
copy_connection(const HttpConnection *connection)
{
	HttpConnection *copy = palloc(sizeof(HttpConnection));

	*copy = *connection;
	copy->parameters = jv_clone(connection->parameters);
	if (copy->has_tls)
	{
		copy->ca = copy->ca != NULL ? pstrdup(copy->ca) : NULL;
		copy->certificate = copy->certificate != NULL ? pstrdup(copy->certificate) : NULL;
		copy->key = copy->key != NULL ? pstrdup(copy->key) : NULL;
	}
	return copy;
}

HttpTransfer *
token_fetch(OAuthToken *token, const HttpTransfer *first, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "sfn http transfer", ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	HttpTransfer *transfer = palloc0(sizeof(HttpTransfer));
	HttpRequest *request = palloc0(sizeof(HttpRequest));
	SfnError error = {0};

	transfer->context = context;
	transfer->owner = token;
	transfer->request = request;
	transfer->connection = first->connection != NULL ? copy_connection(first->connection) : NULL;
	transfer->policy = first->policy;
	transfer->role = first->role;
	transfer->is_fresh = first->is_fresh;
	transfer->is_repeatable = true; /* a token more */
	transfer->timeout_ms = sfn_http_request_timeout;
	transfer->max_body = MAX_TOKEN_RESPONSE;
	token->problem = NULL;
	if (token->session != NULL ? !aws_session_request(token->session, request, &transfer->is_own, &error)
							   : !http_token_request(transfer->connection, request, &error))
	{
		token->problem = error.cause;
		request->host = "";
		request->url = ""; /* fails as it is sent, with libcurl's words for it */
	}
	transfer_start(transfer);
	MemoryContextSwitchTo(caller_context);
	return transfer;
}

void
token_wait(OAuthToken *token, HttpTransfer *waiting)
{
	dlist_push_tail(&token->waiting, &waiting->node);
	if (token->fetch == NULL)
		token->fetch = token_fetch(token, waiting, token->context);
}

/* {"access_token", "token_type", "expires_in"} */
static bool
read_token(OAuthToken *token, const HttpResponse *response, SfnError *error)
{
	JvParseError not_json;
	const JsonVal *answer = NULL;
	const char *value;
	int64 lifetime = DEFAULT_LIFETIME_S;

	if (response->status < 200 || response->status > 299)
		return sfn_error(error, ERROR_TOKEN, "The authorization endpoint of the connection answered with status %ld.",
						 response->status);
	if (utf8_is_valid(response->body, (int) response->body_length))
		answer = jv_parse(response->body, (int) response->body_length, &not_json);
	value = jv_get_string(answer, "access_token");
	if (value == NULL || value[0] == '\0' || !header_value_is_clean(value))
		return sfn_error(error, ERROR_TOKEN, "The authorization endpoint of the connection answered without a token.");
	(void) jv_to_int64(jv_get(answer, "expires_in"), &lifetime);
	lifetime = Max(1, Min(lifetime, 366 * 24 * 3600));
	if (token->header != NULL)
		pfree(token->header);
	token->header = MemoryContextStrdup(token->context, psprintf("Authorization: Bearer %s", value));
	token->expires = GetCurrentTimestamp() + Max(lifetime - LIFETIME_MARGIN_S, (lifetime + 1) / 2) * USECS_PER_SEC;
	return true;
}

static bool
take_key(OAuthToken *token, const HttpTransfer *transfer, SfnError *error)
{
	HttpResponse response;
	SfnError reason = {0};
	bool is_taken;

	if (token->problem != NULL)
		is_taken = sfn_error(error, ERROR_TASK_FAILED, "%s", token->problem);
	else if (!transfer_response(transfer, &response, &reason))
		is_taken = sfn_error(error, ERROR_TASK_FAILED, "The AWS credentials give no key: %s", reason.cause);
	else
		is_taken = aws_session_take(token->session, &response, &token->expires, error);
	token->problem = NULL;
	if (!is_taken)
		aws_session_reset(token->session);
	return is_taken;
}

bool
token_take(HttpTransfer *transfer, SfnError *error)
{
	OAuthToken *token = transfer->owner;
	HttpResponse response;
	SfnError reason = {0};

	if (token->session != NULL)
		return take_key(token, transfer, error);
	if (transfer_response(transfer, &response, &reason))
		return read_token(transfer->owner, &response, error);
	return sfn_error(error, ERROR_TOKEN, "The authorization endpoint of the connection did not answer: %s",
					 reason.cause);
}

bool
token_fetched(HttpTransfer *transfer, dlist_head *waiting, SfnError *error)
{
	OAuthToken *token = transfer->owner;
	bool is_fetched = token_take(transfer, error);

	token->fetch = NULL;
	transfer_free(transfer);
	if (is_fetched && token_header(token) == NULL && token->session != NULL && !dlist_is_empty(&token->waiting))
	{
		token->fetch =
			token_fetch(token, dlist_container(HttpTransfer, node, dlist_head_node(&token->waiting)), token->context);
		return true;
	}
	while (!dlist_is_empty(&token->waiting))
		dlist_push_tail(waiting, dlist_pop_head_node(&token->waiting));
	return is_fetched;
}
