/*
 * http_transfers.h
 *	  Requests under way, by libcurl, without a thread of ours and without waiting.
 *
 * libcurl's sockets are in one epoll set, whose descriptor can be waited for.
 * libcurl is never left by an error: its callbacks neither allocate by palloc nor
 * ereport, and what it may start (a thread that resolves a name) starts with all
 * signals blocked.
 *
 * A streamed body is not held as a whole: what has come lies there until the owner
 * takes it, what is to go is handed over in pieces.  While more than
 * HTTP_STREAM_BYTES lie there, nothing more is read.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_TRANSFERS_H
#define SFN_SERVICES_HTTP_HTTP_TRANSFERS_H

#include "postgres.h"

#include <curl/curl.h>

#include "lib/ilist.h"

#include "services/http/http_request.h"
#include "settings/http_egress.h"

#define HTTP_STREAM_BYTES (256 * 1024)
#define HTTP_FAILURE_BYTES (16 * 1024) /* of a streamed failure's body */

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
	bool is_own;        /* to an address that this code names: the allow-list is not asked */
	bool is_fresh;      /* no connection that an earlier request has opened */
	bool is_repeatable; /* sending it twice does no harm, whatever its method */
	bool is_streamed;   /* the response's body is taken piece by piece; max_body is of no account */
	bool has_upload;    /* the request's body comes by transfer_send(), not from the request */
	int64 upload_size;  /* of it */

	/* the transfer's own */
	CURL *easy;
	struct curl_slist *headers;
	HttpBytes head;
	HttpBytes body;   /* of a success; streamed: what has not been taken, or the beginning of a failure's */
	HttpBytes taken;  /* streamed: the piece that the owner has in hand */
	HttpBytes upload; /* handed over and not yet sent, from upload_sent on */
	size_t upload_sent;
	int64 upload_handed; /* bytes, in all */
	size_t body_length;  /* of any response */
	int header_lines;
	bool is_started;
	bool is_finished;
	CURLcode result;
	char message[CURL_ERROR_SIZE];
	bool body_is_too_large;
	bool head_is_too_large;
	bool is_out_of_memory;
	bool is_receiving_paused;
	bool is_sending_paused;
	bool was_sent;             /* once; the server may have it */
	bool is_unanswered;        /* ... and its connection died */
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

/* Streams: what has come of a success, valid until the next call. */
extern const HttpBytes *transfer_take_body(HttpTransfer *transfer);

/* Streams: is there room for more of the request's body?  And here is more; false: no memory. */
extern bool transfer_wants_data(const HttpTransfer *transfer);
extern bool transfer_send(HttpTransfer *transfer, const char *data, size_t length);

/* The status that came, or 0. */
extern long transfer_status(const HttpTransfer *transfer);

/* Back to where it was before transfer_start(). */
extern void transfer_reset(HttpTransfer *transfer);

/* Takes it off the network, finished or not, and frees it with its context. */
extern void transfer_free(HttpTransfer *transfer);

/* One line in the log, if the address was refused: who wanted to go where. */
extern void transfer_report_refusal(const HttpTransfer *transfer, const char *who);

/* The response, or false with the error when none came. */
extern bool transfer_response(const HttpTransfer *transfer, HttpResponse *response, SfnError *error);

#endif /* SFN_SERVICES_HTTP_HTTP_TRANSFERS_H */
