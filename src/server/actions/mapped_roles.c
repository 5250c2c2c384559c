/*
 * mapped_roles.c
 *	  Which role a roleArn of AWS's API means.
 *
 * An ARN means one role, and whoever is a member of that may have it mean another.  The
 * mapping gives nobody a right: who makes a state machine has to be a member, too.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

#include "actions/access_keys.h"
#include "actions/mapped_roles.h"
#include "aws/arn.h"
#include "store/mapped_roles.h"

#define MAX_ROLE_ARN 2048

/* Whoever it means by now. */
static SFN_MUST_CHECK bool
fail_mapping(ActionCall *call, const char *role_arn)
{
	Oid role = mapped_role_find(role_arn);

	if (!OidIsValid(role))
		return action_fail(call, API_MAPPED_ROLE_DOES_NOT_EXIST, role_arn);
	return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE, "The roleArn means that role.",
								   GetUserNameFromId(role, true) != NULL ? GetUserNameFromId(role, false) : "?");
}

bool
role_map(ActionCall *call, const char *role_arn, Oid role)
{
	if (!arn_is_of_role(role_arn) || strlen(role_arn) > MAX_ROLE_ARN)
		return action_fail(call, API_INVALID_ARN, role_arn, role_arn, "a role", "arn:aws:iam::000000000000:role/NAME");
	if (!OidIsValid(role))
		return action_invalid(call, "role must not be null");
	if (!gateway_role_check(call, role))
		return false;
	if (!has_privs_of_role(call->scope.caller, role))
		return action_fail_with_detail(call, API_NOT_MEMBER_OF_ROLE,
									   "State machines with the roleArn run as that role.",
									   GetUserNameFromId(role, false));
	return mapped_role_set(role_arn, role, call->scope.caller) || fail_mapping(call, role_arn);
}

bool
role_unmap(ActionCall *call, const char *role_arn)
{
	return mapped_role_delete(role_arn, call->scope.caller) || fail_mapping(call, role_arn);
}

bool
role_of_arn(ActionCall *call, const char *role_arn, Oid *role)
{
	*role = role_arn != NULL ? mapped_role_find(role_arn) : InvalidOid;
	return !OidIsValid(*role) || gateway_role_check(call, *role);
}
