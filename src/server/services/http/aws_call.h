/*
 * aws_call.h
 *	  A request that calls an AWS service: written from the task's parameters, signed when it is sent.
 */
#ifndef SFN_SERVICES_HTTP_AWS_CALL_H
#define SFN_SERVICES_HTTP_AWS_CALL_H

#include "postgres.h"

#include "asl/machine.h"
#include "aws/jobs.h"
#include "aws/optimized.h"
#include "aws/response.h"
#include "services/http/http_request.h"
#include "services/http/http_tokens.h"

/* Of a response, before it is decoded. */
#define AWS_MAX_BODY (6 * 1024 * 1024)

/*
 * The request; idempotency_token: for operations that have one; *token: what its key has to be had by first, kept in the
 * context named, or left as it is.  Between store_enter() and store_leave().  False: *error.
 */
extern bool aws_call_build(const JsonVal *stored, Oid role, const char *idempotency_token, MemoryContext tokens,
						   HttpRequest *request, OAuthToken **token, SfnError *error);

/* Calls a function of AWS Lambda; is_bare: its answer is the result, without what lambda:invoke has around it. */
extern ServiceOutcome aws_begin_invoke(const ServiceCall *call, const JsonVal *parameters, bool is_bare, Event *answer);

/*
 * Does a service of AWS have that action and those parameters, of which only the names count (NULL: they are not known)?
 * False: *error says what is wrong, *parameter names the one that is, or is NULL.
 */
extern bool aws_call_is_known(const AslResource *resource, const JsonVal *given, const char **parameter,
							  SfnError *error);

/* The service of AWS that the resource calls, as aws-sdk names it; NULL: none. */
extern const char *aws_called_service(const AslResource *resource);

/* Is the result one that the service may give?  What is not known may be.  False: *problem says what is wrong with it. */
extern bool aws_result_is_possible(const AslResource *resource, bool is_strict, const JsonVal *result,
								   const char **problem);

/* Has sending it twice one effect?  Between store_enter() and store_leave(). */
extern bool aws_call_may_be_repeated(const JsonVal *stored);

/* How many milliseconds it may take: a function has longer. */
extern int64 aws_call_time_limit(const JsonVal *stored);

/* Adds the signature, for this moment; with the session's key, if there is one. */
extern void aws_call_sign(HttpRequest *request, const AwsSession *session);

/* The same for any request; payload_hash NULL: that of its body. */
extern void aws_request_sign(HttpRequest *request, const char *path, const char *query, const char *payload_hash,
							 const Sigv4Key *key);

/* The service says that the request is too old or too new, and its clock is another: then it is signed by that one. */
extern bool aws_call_corrects_clock(const HttpRequest *request, const HttpResponse *response);

/* What was asked first has been answered, and the call itself is to be sent now; false: that was the call, or has failed. */
extern bool aws_call_goes_on(HttpRequest *request, const HttpResponse *response);

/* No answer has come.  True: the call can do without, and goes on as if *response had. */
extern bool aws_call_does_without(const HttpRequest *request, const SfnError *error, HttpResponse *response);

/* The service does not take the key, as when it has expired. */
extern bool aws_call_key_is_refused(const HttpRequest *request, const HttpResponse *response);

/* The task's result from a response, of whoever gave it; optimized: NULL for aws-sdk. */
extern bool aws_answer_value(const AwsService *service, const AwsOptimized *optimized, const char *action,
							 bool is_waited_for, const AwsResponse *response, const JsonVal **value, SfnError *error);

/* That a result is larger than states may give on; always false. */
extern bool aws_answer_too_large(SfnError *error);

/* The stored call of an action about a job. */
extern const JsonVal *aws_call_stored(const AwsJob *job, const char *action, const char *role_arn,
									  const char *task_role, const JsonVal *parameters);

/* That of an action by who has credentials of that name; NULL: those that are for whoever has no role ARN. */
extern const JsonVal *aws_call_with_credentials(const char *service, const char *action, const char *credentials,
												const JsonVal *parameters);

/* That of an action in a region, as a machine with that role ARN calls it. */
extern const JsonVal *aws_call_in_region(const char *service, const char *action, const char *region,
										 const char *role_arn, const JsonVal *parameters);

/* What the service says, of whatever size; false: *error, and what it means for one who would ask again. */
extern bool aws_call_answer(const HttpRequest *request, const HttpResponse *response, const JsonVal **value,
							AwsTrouble *trouble, SfnError *error);

/* The result of a task. */
extern bool aws_call_value(const HttpRequest *request, const HttpResponse *response, const JsonVal **value,
						   SfnError *error);
extern void aws_call_transport_error(const HttpRequest *request, SfnError *error, const char *message);

#endif /* SFN_SERVICES_HTTP_AWS_CALL_H */
