/*
 * event_limits.h
 *	  How long members of EventBridge's and Scheduler's requests may be, and which characters they have.
 */
#ifndef SFN_API_AWS_EVENT_LIMITS_H
#define SFN_API_AWS_EVENT_LIMITS_H

#include "postgres.h"

#include "api/aws/actions.h"

extern SFN_MUST_CHECK bool event_limits_check(ActionCall *call, AwsApi api, const JsonVal *request);

#endif /* SFN_API_AWS_EVENT_LIMITS_H */
