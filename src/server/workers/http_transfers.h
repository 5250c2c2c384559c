/*
 * http_transfers.h
 *	  Requests under way, by libcurl, without a thread of ours and without waiting.
 *
 * libcurl's sockets are in one epoll set, whose descriptor can be waited for.
 * libcurl is never left by an error: its callbacks neither allocate by palloc nor
 * ereport, and what it may start (a thread that resolves a name) starts with all
 * signals blocked.
 */
#ifndef SFN_HTTP_TRANSFERS_H
#define SFN_HTTP_TRANSFERS_H

#include "postgres.h"

#include <curl/curl.h>

#include "lib/ilist.h"

#include "services/http_egress.h"
#include "services/http_request.h"

typedef struct HttpBytes
{
	char *data; /* by malloc */
	size_t length;
	size_t size;
} HttpBytes;

typedef struct HttpTransfer
{
	dlist_node node;          /* for the owner */
	dlist_node finished_node; /* of the list of finished ones */
	bool is_listed;           /* there */
	MemoryContext context;    /* holds the transfer, its request, and what the owner adds */
	void *owner;
	const HttpRequest *request;
	const HttpConnection *connection; /* or NULL */
	const EgressPolicy *policy;
	Oid role;
	int64 timeout_ms;
	size_t max_body;
	bool is_fresh; /* no connection that an earlier request has opened */

	/* the transfer's own */
	CURL *easy;
	struct curl_slist *headers;
	HttpBytes head;
	HttpBytes body;     /* of a success */
	size_t body_length; /* of any response */
	int header_lines;
	bool is_started;
	bool is_finished;
	CURLcode result;
	char message[CURL_ERROR_SIZE];
	bool body_is_too_large;
	bool head_is_too_large;
	bool is_out_of_memory;
	const char *refused_class; /* the address was refused as such */
	char refused_address[64];
} HttpTransfer;

/* Once in a process. */
extern void transfers_begin(int max_connections);

/* Can be read when there is something to do. */
extern int transfers_descriptor(void);

/* Milliseconds until transfers_work() must be called anyway; -1: no such time. */
extern long transfers_timeout(void);

/* Starts one that the owner has filled in; it is finished at once when that is not possible. */
extern void transfer_start(HttpTransfer *transfer);

/* Does what can be done; finished transfers are linked at the end of the list. */
extern void transfers_work(dlist_head *finished);

/* Back to where it was before transfer_start(). */
extern void transfer_reset(HttpTransfer *transfer);

/* Takes it off the network, finished or not, and frees it with its context. */
extern void transfer_free(HttpTransfer *transfer);

/* The response, or false with the error when none came. */
extern bool transfer_response(const HttpTransfer *transfer, HttpResponse *response, SfnError *error);

#endif /* SFN_HTTP_TRANSFERS_H */
