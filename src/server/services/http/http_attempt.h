/*
 * http_attempt.h
 *	  One request from being made to its response: its connection, its token, a second try with another one.
 *
 * The pump and whoever waits for a response himself differ only in how they wait, for a token and
 * for the transfer.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_ATTEMPT_H
#define SFN_SERVICES_HTTP_HTTP_ATTEMPT_H

#include "postgres.h"

#include "services/http/http_tokens.h"
#include "services/http/http_transfers.h"

typedef struct HttpAttempt
{
	HttpTransfer transfer; /* first */
	HttpRequest request;
	OAuthToken *token;  /* NULL: the connection wants none */
	bool is_second_try; /* with a new token, or by the server's clock */
} HttpAttempt;

/* One of that role in a memory context of its own, at the beginning of size bytes of zeros. */
extern HttpAttempt *http_attempt_begin(MemoryContext parent, Size size, Oid role);

/*
 * The connection of that name, if it is not NULL, and where the request may go; the connection's token is kept in the
 * context named.  Between store_enter() and store_leave().  False: *error says why not.
 */
extern bool http_attempt_connect(HttpAttempt *attempt, const char *connection, const EgressPolicy *policy,
								 MemoryContext tokens, SfnError *error);

/* The request that the stored parameters of a task ask for, with its connection; as http_attempt_connect(). */
extern bool http_attempt_make_task(HttpAttempt *attempt, const JsonVal *stored, const EgressPolicy *policy,
								   MemoryContext tokens, const char *idempotency_key, SfnError *error);

/* Sends it; false: attempt->token has to be fetched first. */
extern bool http_attempt_send(HttpAttempt *attempt);

/*
 * Has the server refused the token, or the time, for the first time, or answered what was asked before the request itself?
 * Then the next one is ready to be sent.
 */
extern bool http_attempt_starts_over(HttpAttempt *attempt, const HttpResponse *response);

#endif /* SFN_SERVICES_HTTP_HTTP_ATTEMPT_H */
