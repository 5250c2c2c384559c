/*
 * mapped_roles.h
 *	  Which role a roleArn of AWS's API means.
 */
#ifndef SFN_STORE_MAPPED_ROLES_H
#define SFN_STORE_MAPPED_ROLES_H

#include "postgres.h"

/* InvalidOid: none. */
extern Oid mapped_role_find(const char *role_arn);

/* False: it means a role whose privileges the caller has not. */
extern bool mapped_role_set(const char *role_arn, Oid role, Oid caller);
/* False: it means none, or such a role. */
extern bool mapped_role_delete(const char *role_arn, Oid caller);

#endif /* SFN_STORE_MAPPED_ROLES_H */
