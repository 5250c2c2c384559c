/*
 * roles.h
 *	  Roles of restored rows that this cluster did not have.
 */
#ifndef SFN_STORE_ROLES_H
#define SFN_STORE_ROLES_H

#include "postgres.h"

/* The number that stands for a role of that name which is not here. */
extern Oid role_unknown(const char *name);

/* Is it such a number? */
extern bool role_is_unknown(Oid role);

/* Between store_enter() and store_leave(): roles that are here by now take the place of such numbers; warns of those that are not. */
extern void roles_resolve(void);

#endif /* SFN_STORE_ROLES_H */
