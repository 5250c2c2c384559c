/*
 * calls.h
 *	  Calls of the API in the database, by requests that have a role.
 */
#ifndef SFN_GATEWAY_CALLS_H
#define SFN_GATEWAY_CALLS_H

#include "gateway/pool.h"
#include "gateway/request.h"

/* The pool that such an action goes to; false: there is no such action. */
extern bool action_find(const char *name, const char **known_name, PoolKind *pool);

/* The same for "AWSStepFunctions.<Action>", as X-Amz-Target has it. */
extern bool action_of_target(const char *target, const char **known_name, PoolKind *pool);

/* Makes the call; done gets the API's answer, or NULL when the request has been answered with an error. */
extern void call_api(Request *request, const char *action, const char *body, PoolKind pool,
					 void (*done)(Request *request, const char *answer));

/* The same for what the page shows beside the API. */
extern void call_page(Request *request, const char *page, const char *body,
					  void (*done)(Request *request, const char *answer));

/* An answer to a task by whoever has its token, without a role. */
extern void call_answer(Request *request, const char *action, const char *body,
						void (*done)(Request *request, const char *answer));

#endif /* SFN_GATEWAY_CALLS_H */
