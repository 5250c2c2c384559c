/*
 * privileges.h
 *	  The privileges on a state machine, one by one and as sets.
 */
#ifndef SFN_STORE_PRIVILEGES_H
#define SFN_STORE_PRIVILEGES_H

#include "postgres.h"

typedef enum MachinePrivilege
{
#define PRIVILEGE(symbol, name, included, purpose) MACHINE_##symbol,
#include "store/privilege_list.h"
#undef PRIVILEGE
	MACHINE_PRIVILEGE_COUNT
} MachinePrivilege;

typedef uint32 PrivilegeSet;

#define PRIVILEGE_BIT(symbol) privilege_set(MACHINE_##symbol)

static inline PrivilegeSet
privilege_set(MachinePrivilege privilege)
{
	return (PrivilegeSet) 1 << privilege;
}

extern const char *privilege_name(MachinePrivilege privilege);
extern const char *privilege_purpose(MachinePrivilege privilege);
extern bool privilege_of_name(const char *name, MachinePrivilege *privilege); /* false: there is none */
extern PrivilegeSet privilege_includes(MachinePrivilege privilege);           /* itself, too */

/* "start, see, ..." */
extern char *privilege_names(PrivilegeSet set);

#endif /* SFN_STORE_PRIVILEGES_H */
