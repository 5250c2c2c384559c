/*
 * calls.h
 *	  Calls of the API in the database, by requests that have a role.
 */
#ifndef SFN_GATEWAY_CALLS_H
#define SFN_GATEWAY_CALLS_H

#include "gateway/pool.h"
#include "gateway/request.h"

/* The pool that such an action goes to, as the database calls it; false: there is no such action. */
extern bool action_find(const char *name, const char **known_name, PoolKind *pool);

/* The request is for that action of the service. */
extern void request_asks_for(Request *request, const char *service, const char *call);
/* The same by "AWSStepFunctions.<Action>", as X-Amz-Target has it; false: there is no such action. */
extern bool request_take_target(Request *request, const char *target);

/* Makes the call; done gets the API's answer, or NULL when the request has been answered with an error. */
extern void call_api(Request *request, const char *action, const char *body, PoolKind pool,
					 void (*done)(Request *request, const char *answer));

/* GetActivityTask, which does not wait, in that database: the request's own, or a shard of it. */
extern void call_poll(Request *request, int database, void (*done)(Request *request, const char *answer));

/* The same for what the page shows beside the API. */
extern void call_page(Request *request, const char *page, const char *body,
					  void (*done)(Request *request, const char *answer));

/* An answer to a task by whoever has its token, without a role. */
extern void call_answer(Request *request, const char *action, const char *body,
						void (*done)(Request *request, const char *answer));

#endif /* SFN_GATEWAY_CALLS_H */
