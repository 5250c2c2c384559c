/*
 * http_inline.h
 *	  Requests made while the caller waits, in the caller's own process and transaction.
 *
 * Egress rules, connections and limits are those of the pump.  Waiting is by the
 * latch of the process and ends at once by a cancel or statement_timeout, which
 * throw; what was under way goes with the (sub)transaction.  A rollback does not
 * unsend.
 *
 * http_exchange() streams: a body of any size passes through about half a
 * megabyte.  Sinks and sources are called outside libcurl: they
 * may throw, run SQL and make other requests.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_INLINE_H
#define SFN_SERVICES_HTTP_HTTP_INLINE_H

#include "postgres.h"

#include "services/http/http_request.h"

/* Takes the next piece of the response's body; false: no more is wanted, which is no error. */
typedef bool (*HttpSink)(void *arg, const char *data, Size length);

/* Writes the next piece of the request's body, at most room bytes, and returns how many; 0: it ended too early. */
typedef Size (*HttpSource)(void *arg, char *buffer, Size room);

typedef struct HttpExchange
{
	/* filled by the caller */
	const char *method; /* "GET", "PUT", "HEAD", "DELETE", "POST" */
	const char *url;
	Oid role;                   /* whose allow-list counts */
	const char *connection;     /* name or ARN of a connection that the role may use; NULL: none */
	const char *const *headers; /* "Name: value", NULL at the end; or NULL */
	const char *body;           /* to be sent, body_length bytes; or NULL */
	HttpSource source;          /* to be sent, piece by piece, body_length bytes in all; or NULL */
	int64 body_length;
	HttpSink sink; /* NULL: the response's body is of no interest */
	void *arg;     /* of source and sink */
	int quiet_ms;  /* longest time in which no byte moves; 0: sfn.http_request_timeout */

	/* filled by http_exchange(), in the caller's memory context */
	long status;         /* 0: there was no response */
	char *head;          /* status line and header lines; NULL: there was no response */
	char *failure;       /* beginning of the body of a response that is no success, NUL-terminated; else NULL */
	int64 received;      /* bytes given to the sink */
	bool is_interrupted; /* the sink wanted no more */
} HttpExchange;

/* True: a success (2xx) came whole, or as far as the sink wanted it.  False: *error is "States.Http.StatusCode.nnn",
 * "States.Http.Socket" or why the request could not be made. */
extern bool http_exchange(HttpExchange *exchange, SfnError *error);

/* A task of a synchronous execution: the request, the response, the task's end. */
extern ServiceOutcome http_task_inline(const ServiceCall *call, const JsonVal *stored, Event *answer);

#endif /* SFN_SERVICES_HTTP_HTTP_INLINE_H */
