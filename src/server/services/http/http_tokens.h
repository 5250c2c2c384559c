/*
 * http_tokens.h
 *	  Access tokens of OAuth connections and lent keys of AWS, kept in the memory of the process that uses them.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_TOKENS_H
#define SFN_SERVICES_HTTP_HTTP_TOKENS_H

#include "postgres.h"

#include "lib/ilist.h"

#include "services/http/aws_sessions.h"
#include "services/http/http_transfers.h"

typedef struct OAuthToken OAuthToken;

/* The token of a connection, whatever its state. */
extern OAuthToken *token_of_connection(MemoryContext parent, const HttpConnection *connection);

/* That by which a lent key of AWS is had; its header is "", for the key itself signs. */
extern OAuthToken *token_of_session(MemoryContext parent, const AwsKeyPlan *plan);
extern const AwsSession *token_session(const OAuthToken *token); /* NULL: of a connection */

/* "Authorization: Bearer ..." while it can be used, else NULL. */
extern const char *token_header(const OAuthToken *token);

/* The server has refused this header: not to be used again. */
extern void token_refuse(OAuthToken *token, const char *header);

/* Begins to fetch the token, or makes the next of several steps to it, under the rules of the transfer that wants it first; the new transfer's context is below parent. */
extern HttpTransfer *token_fetch(OAuthToken *token, const HttpTransfer *first, MemoryContext parent);

/* What such a transfer brought, once it has finished; false: *error says why there is no token. */
extern bool token_take(HttpTransfer *transfer, SfnError *error);

/* Waits for the token; the first one that waits has it fetched for all, under the rules of its own transfer. */
extern void token_wait(OAuthToken *token, HttpTransfer *waiting);

/* A transfer whose owner is a token has finished: those that waited are moved to the list, unless
 * there is another step to be made; false: they fail with *error. */
extern bool token_fetched(HttpTransfer *transfer, dlist_head *waiting, SfnError *error);

#endif /* SFN_SERVICES_HTTP_HTTP_TOKENS_H */
