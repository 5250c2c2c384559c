/*
 * mapped_roles.h
 *	  Which role a roleArn of AWS's API means.
 */
#ifndef SFN_ACTIONS_MAPPED_ROLES_H
#define SFN_ACTIONS_MAPPED_ROLES_H

#include "postgres.h"

#include "actions/errors.h"

extern SFN_MUST_CHECK bool role_map(ActionCall *call, const char *role_arn, Oid role);
extern SFN_MUST_CHECK bool role_unmap(ActionCall *call, const char *role_arn);

/* *role is InvalidOid when it means none; the caller need not be a member of it. */
extern SFN_MUST_CHECK bool role_of_arn(ActionCall *call, const char *role_arn, Oid *role);

#endif /* SFN_ACTIONS_MAPPED_ROLES_H */
