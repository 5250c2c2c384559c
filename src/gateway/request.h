/*
 * request.h
 *	  One request of a client: what came, who it is from, and its answer.
 *
 * It has an arena of its own, which is current while anything is done for it.  Whoever
 * takes it answers it, now or later, by request_answer() or request_fail(), once.
 */
#ifndef SFN_GATEWAY_REQUEST_H
#define SFN_GATEWAY_REQUEST_H

#include "base/port.h"

#include "aws/sigv4_verify.h"
#include "gateway/arena.h"
#include "gateway/loop.h"
#include "json/json_value.h"

typedef struct Request Request;
typedef struct Client Client;

/* How errors are written. */
typedef enum AnswerStyle
{
	ANSWER_JSON,     /* of the AWS JSON protocol, as Step Functions speaks it */
	ANSWER_JSON_11,  /* of its version 1.1 */
	ANSWER_JSON_SQS, /* as SQS speaks it */
	ANSWER_REST,     /* of REST with JSON, as Scheduler speaks it */
	ANSWER_XML,      /* of AWS's query protocol */
	ANSWER_HTML      /* for people */
} AnswerStyle;

typedef struct ResponseHeader
{
	const char *name;
	const char *value;
} ResponseHeader;

#define MAX_RESPONSE_HEADERS 16

struct Request
{
	Arena *arena;
	Client *client; /* of http.c */
	int socket;
	bool is_private;     /* over TLS, as far as to a trusted proxy */
	bool is_forwarded;   /* by a trusted proxy */
	bool is_for_metrics; /* it came to an address that has nothing else */
	const char *from;    /* the client's address, as such a proxy says; or NULL */
	uint16 *counted;     /* where it is counted (peers.c); or NULL */
	int64 began;

	/* what came */
	Sigv4Header headers[SIGV4_MAX_HEADERS];
	Sigv4Received received; /* its headers are those */
	const char *body;
	size_t body_length;
	const char *id; /* x-amzn-RequestId */

	/* which database it is for: the path's, else that which knows the key */
	int database;
	bool names_database;
	const char *base; /* what its path has before the routes', "", "/db/<name>", or that behind --base-path */
	const char *path; /* without that */

	/* who it is from */
	const char *key_id; /* or NULL */
	const char *role;   /* its number, for the database; NULL: not known yet */
	const char *role_name;
	const char *action;        /* AWS's name, or what else it is */
	const char *service;       /* whose API that is, for actions of AWS's */
	const char *call_name;     /* what the database calls it */
	const char *target;        /* the state machine that its path names */
	const char *target_member; /* what that is called in the request for the database */

	/* the answer */
	AnswerStyle style;
	int status; /* 0: not yet */
	const char *answer;
	size_t answer_length;
	const char *content_type;
	const char *cache_control; /* NULL: no-store */
	const char *error;         /* AWS's code, or NULL */
	ResponseHeader response_headers[MAX_RESPONSE_HEADERS];
	int response_header_count;
	bool closes; /* the connection with it */

	void *watched; /* of watch.c: what it waits for to change */
	void *call;    /* of calls.c: what is asked of the database for it */
	Watch hang_up; /* of the client, where that is watched */

	const char *task_token; /* the answer hands it out: if it does not get through, the task is given back */

	/* while it waits for a task (polls.c) */
	const char *activity;
	int64 waits_until;
	bool is_claiming;
	Request *next_poll;
	Request *previous_poll;
};

/* The value of a header, or NULL. */
extern const char *request_header(const Request *request, const char *name);
/* The value of a parameter of the query, decoded; NULL: it is not there. */
extern const char *request_parameter(const Request *request, const char *name);
/* All its values, as an array of strings. */
extern const JsonVal *request_parameters(const Request *request, const char *name);
/* The same of a form in the body; NULL also where there is no form. */
extern const char *request_form_value(const Request *request, const char *name);

/* What a machine is started with: the body as it is ("{}": none), or with "?envelope=http" all that came. */
extern const char *request_input(const Request *request);

extern void request_add_header(Request *request, const char *name, const char *value);

extern void request_answer(Request *request, int status, const char *content_type, const char *text);
/* The same for bytes, which stay where they are. */
extern void request_answer_bytes(Request *request, int status, const char *content_type, const void *bytes,
								 size_t length);
extern void request_answer_json(Request *request, const char *text);
/* An error by AWS's name of it; the message is sent, so it says nothing that the caller may not know. */
extern void request_fail(Request *request, int status, const char *code, const char *message);

/* Secrets may come with it: nobody reads along. */
extern bool request_may_have_secrets(const Request *request);

/* False: its body has a byte 0, and that is the answer. */
extern bool request_is_text(Request *request);

/*
 * The HTTP library does not look at sockets of suspended connections: whoever has a request wait may watch for its client
 * to hang up, which is told once, until the request is answered or that is forgotten.
 */
extern void request_watch_client(Request *request, void (*hung_up)(Watch *watch, uint32 events));
extern void request_forget_client(Request *request);

/* In place of a status: nobody is there to be answered. */
#define STATUS_GONE 499

/* The client has gone while its request waits. */
extern void request_abandon(Request *request);

#endif /* SFN_GATEWAY_REQUEST_H */
