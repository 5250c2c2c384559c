/*
 * scheduler.h
 *	  The API of EventBridge Scheduler, which is spoken by methods and paths.
 */
#ifndef SFN_GATEWAY_SCHEDULER_H
#define SFN_GATEWAY_SCHEDULER_H

#include "gateway/request.h"

/* A request whose path is one of /schedules, /schedule-groups, /tags and what stands behind them. */
extern void scheduler_route(Request *request, const char *rest);

#endif /* SFN_GATEWAY_SCHEDULER_H */
