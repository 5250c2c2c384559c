/*
 * http_request.h
 *	  The request that a task asks for, and the value that its response becomes.
 */
#ifndef SFN_SERVICES_HTTP_HTTP_REQUEST_H
#define SFN_SERVICES_HTTP_HTTP_REQUEST_H

#include "postgres.h"

#include "services/service.h"
#include "store/connections.h"
#include "json/json_value.h"

/* What a request is for; spelled in the task's parameters. */
typedef enum HttpFlavour
{
	HTTP_INVOKE,             /* arn:aws:states:::http:invoke */
	HTTP_POST,               /* "https://...": the input is posted, the result is the response's body */
	HTTP_FUNCTION,           /* a function ARN */
	HTTP_LAMBDA_INVOKE,      /* arn:aws:states:::lambda:invoke */
	HTTP_LAMBDA_INVOKE_TAIL, /* the same, whose LogType is Tail */
	HTTP_AWS                 /* a call of an AWS service */
} HttpFlavour;

#define http_calls_function(flavour) ((flavour) >= HTTP_FUNCTION && (flavour) <= HTTP_LAMBDA_INVOKE_TAIL)

struct AwsCall;

typedef struct HttpRequest
{
	HttpFlavour flavour;
	const char *method;
	const char *url; /* with its query */
	const char *host;
	int port;
	bool is_plain;        /* http:// */
	const char **headers; /* "Name: value" */
	int header_count;
	const char *body; /* NULL: none */
	int body_length;
	const char *authorization; /* "Bearer ..." of an OAuth connection, added when it is sent; NULL: none */
	struct AwsCall *aws;       /* of HTTP_AWS */
	const char *ca;     /* PEM: who has signed the host's certificate; NULL: whom the connection or the server trusts */
	bool keeps_failure; /* of a failure more is told than the status: its body says what is wrong */
} HttpRequest;

/* Limits of one response. */
#define HTTP_MAX_HEADER_BYTES (64 * 1024)

typedef struct HttpResponse
{
	long status;
	const char *headers; /* status line and header lines of the last response, NUL-terminated */
	const char *body;
	size_t body_length;
} HttpResponse;

/* Parameters as the task's row keeps them. */
extern const JsonVal *http_task_parameters(HttpFlavour flavour, const char *url, const JsonVal *input);
extern HttpFlavour http_task_flavour(const JsonVal *stored);

/* Leaves the request behind for the pump; in a synchronous execution it is made at once. */
extern ServiceOutcome service_begin_http(const ServiceCall *call, HttpFlavour flavour, const char *url,
										 const JsonVal *input, Event *answer);

/* Leaves it behind, with parameters of another form; host: whose share of the pump it takes. */
extern ServiceOutcome service_begin_http_stored(const ServiceCall *call, const JsonVal *stored, const char *host,
												Event *answer);

/* The name or ARN of the connection that the task names; NULL: none. */
extern const char *http_task_connection(const JsonVal *stored);

/* The request; connection may be NULL.  False: *error says why. */
extern bool http_request_build(const JsonVal *stored, const HttpConnection *connection, const char *idempotency_key,
							   HttpRequest *request, SfnError *error);

/* The request for an OAuth token. */
extern bool http_token_request(const HttpConnection *connection, HttpRequest *request, SfnError *error);

/* A request that is no task's: headers are lines ("Name: value"), NULL at the end; no body. */
extern bool http_plain_request(const char *method, const char *url, const char *const *headers,
							   const HttpConnection *connection, HttpRequest *request, SfnError *error);

/* "host:port" of a URL as it is written, in lower case; NULL: it names none.  Whether it is valid shows later. */
extern const char *http_host_of(const char *url);

/* How many milliseconds such a request may take in all. */
extern int64 http_time_limit(HttpFlavour flavour);

/* The words of the status line, or those of the standard. */
extern const char *http_status_text(const HttpResponse *response);

/* The response with status, headers and body, as http:invoke gives it; false: it has a body that no state can take. */
extern bool http_whole_response(const HttpResponse *response, const JsonVal **value, SfnError *error);

/* The result of a response; false: the task fails with *error. */
extern bool http_response_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value,
								SfnError *error);

/* Seconds of Retry-After in a 429 or 503; 0: none. */
extern int64 http_retry_after(const HttpResponse *response);

/* What it means that no response came: category is a word for the cause. */
extern void http_transport_error(const HttpRequest *request, bool is_timeout, SfnError *error, const char *message);

/* ---- http_form.c ---- */
typedef enum ArrayFormat
{
	ARRAY_INDICES,
	ARRAY_REPEAT,
	ARRAY_COMMAS,
	ARRAY_BRACKETS
} ArrayFormat;

extern void form_add_value(StringInfo out, const char *name, const JsonVal *value, ArrayFormat format);
extern bool form_array_format(const char *name, ArrayFormat *format);
/* The text of a scalar; a string without quotes. */
extern const char *form_scalar(const JsonVal *value);

#endif /* SFN_SERVICES_HTTP_HTTP_REQUEST_H */
