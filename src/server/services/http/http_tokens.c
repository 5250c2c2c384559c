/*
 * http_tokens.c
 *	  Access tokens of OAuth connections.
 *
 * A token is fetched when the first request needs it, kept until shortly before it
 * expires, and fetched anew when a server refuses it.  Each has a memory context of
 * its own, below the one that the first user named; a changed connection has another version, and the old
 * token is dropped as soon as nobody waits for it.
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

struct OAuthToken
{
	dlist_node node;
	MemoryContext context;
	int64 connection_id;
	int64 version;
	char *header; /* NULL: none */
	TimestampTz expires;
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

OAuthToken *
token_of_connection(MemoryContext parent, const HttpConnection *connection)
{
	MemoryContext context;
	OAuthToken *token;
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &tokens)
	{
		token = dlist_container(OAuthToken, node, iter.cur);
		if (token->connection_id != connection->id)
			continue;
		if (token->version == connection->version)
			return token;
		if (token->fetch == NULL && dlist_is_empty(&token->waiting))
			token_drop(token);
	}
	context = AllocSetContextCreate(parent, "sfn oauth token", ALLOCSET_SMALL_SIZES);
	token = MemoryContextAllocZero(context, sizeof(OAuthToken));
	token->context = context;
	token->connection_id = connection->id;
	token->version = connection->version;
	dlist_init(&token->waiting);
	dlist_push_tail(&tokens, &token->node);
	return token;
}

const char *
token_header(const OAuthToken *token)
{
	return token->header != NULL && GetCurrentTimestamp() < token->expires ? token->header : NULL;
}

void
token_refuse(OAuthToken *token, const char *header)
{
	if (token->header != NULL && strcmp(token->header, header) == 0)
		token->expires = 0;
}

/* ---- fetching ---- */

HttpTransfer *
token_fetch(OAuthToken *token, const HttpTransfer *first, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "sfn http transfer", ALLOCSET_SMALL_SIZES);
	MemoryContext caller_context = MemoryContextSwitchTo(context);
	HttpTransfer *transfer = palloc0(sizeof(HttpTransfer));
	HttpRequest *request = palloc0(sizeof(HttpRequest));
	HttpConnection *connection = palloc(sizeof(HttpConnection));
	SfnError error = {0};

	*connection = *first->connection;
	connection->parameters = jv_clone(first->connection->parameters);
	if (connection->has_tls)
	{
		connection->ca = connection->ca != NULL ? pstrdup(connection->ca) : NULL;
		connection->certificate = connection->certificate != NULL ? pstrdup(connection->certificate) : NULL;
		connection->key = connection->key != NULL ? pstrdup(connection->key) : NULL;
	}
	transfer->context = context;
	transfer->owner = token;
	transfer->request = request;
	transfer->connection = connection;
	transfer->policy = first->policy;
	transfer->role = first->role;
	transfer->is_fresh = first->is_fresh;
	transfer->is_repeatable = true; /* a token more */
	transfer->timeout_ms = sfn_http_request_timeout;
	transfer->max_body = MAX_TOKEN_RESPONSE;
	if (http_token_request(connection, request, &error))
		transfer_start(transfer);
	else
	{
		request->host = "";
		request->url = ""; /* fails as it is sent, with libcurl's words for it */
		transfer_start(transfer);
	}
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

bool
token_take(HttpTransfer *transfer, SfnError *error)
{
	HttpResponse response;
	SfnError reason = {0};

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
	while (!dlist_is_empty(&token->waiting))
		dlist_push_tail(waiting, dlist_pop_head_node(&token->waiting));
	return is_fetched;
}
