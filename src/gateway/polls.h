/*
 * polls.h
 *	  GetActivityTask: requests that wait for a task, without a connection each.
 */
#ifndef SFN_GATEWAY_POLLS_H
#define SFN_GATEWAY_POLLS_H

#include "gateway/request.h"

/* A request that has a role asks for a task. */
extern void poll_request(Request *request);

/* Answers those that have waited long enough, and sees to it that somebody watches for the others; milliseconds until the next. */
extern int polls_tend(void);

/* Nobody waits any longer. */
extern void polls_end(void);
extern int polls_parked(void);

/* A task whose answer did not get through goes back to its queue. */
extern void poll_give_back(int database, const char *task_token);

#endif /* SFN_GATEWAY_POLLS_H */
