/*
 * aws_keys.h
 *	  Which key a call is signed with: from its credentials to the plan by which the key is had.
 */
#ifndef SFN_SERVICES_HTTP_AWS_KEYS_H
#define SFN_SERVICES_HTTP_AWS_KEYS_H

#include "services/http/aws_sessions.h"

/* For a stored call of a machine of the role.  Between store_enter() and store_leave().  False: *error. */
extern bool aws_key_plan(const JsonVal *stored, Oid role, AwsKeyPlan *plan, SfnError *error);

/* Are there credentials with which machines of the role may call AWS?  Between store_enter() and store_leave(). */
extern bool aws_has_key(const char *role_arn, Oid role);

#endif /* SFN_SERVICES_HTTP_AWS_KEYS_H */
