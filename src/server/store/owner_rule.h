/*
 * owner_rule.h
 *	  Who may change what belongs to a role: one rule, for C and for statements.
 *
 * Statements carry the rule themselves, so that it is asked of the row that they have
 * locked and not of one that was read before.  In C it is asked after the lock.
 */
#ifndef SFN_STORE_OWNER_RULE_H
#define SFN_STORE_OWNER_RULE_H

#include "postgres.h"

#include "miscadmin.h"
#include "utils/acl.h"

/* Changing and deleting: whoever has the owner's rights. */
#define OWNER_ADMITS(owner, caller) "pg_catalog.pg_has_role(" caller ", " owner "::pg_catalog.oid, 'USAGE')"

/*
 * Making again what is there already.  A superuser, who has everybody's rights, must not fill by accident what a
 * stranger has made under that name and keeps hold of.
 */
#define OWNER_ADMITS_REPLACING(owner, caller) \
	"(" owner "::pg_catalog.oid = " caller \
	" OR " OWNER_ADMITS(owner, caller) " AND NOT (SELECT a.rolsuper FROM pg_catalog.pg_authid a WHERE a.oid = " caller \
									   "))"

/* The same for one row; would_be: the owner of a new one. */
static inline bool
owner_admits_replacing(Oid owner, Oid caller, Oid would_be)
{
	return owner == would_be || (has_privs_of_role(caller, owner) && !superuser_arg(caller));
}

#endif /* SFN_STORE_OWNER_RULE_H */
