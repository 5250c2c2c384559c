/*
 * privileges.c
 *	  The privileges on a state machine, one by one and as sets.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "store/privileges.h"

const char *
privilege_name(MachinePrivilege privilege)
{
	static const char *const names[] = {
#define PRIVILEGE(symbol, name, included, purpose) name,
#include "store/privilege_list.h"
#undef PRIVILEGE
	};

	return names[privilege];
}

const char *
privilege_purpose(MachinePrivilege privilege)
{
	static const char *const purposes[] = {
#define PRIVILEGE(symbol, name, included, purpose) purpose,
#include "store/privilege_list.h"
#undef PRIVILEGE
	};

	return purposes[privilege];
}

PrivilegeSet
privilege_includes(MachinePrivilege privilege)
{
	const PrivilegeSet included[] = {
#define PRIVILEGE(symbol, name, included, purpose) included,
#include "store/privilege_list.h"
#undef PRIVILEGE
	};

	return (included[privilege] | privilege_set(privilege)) & (privilege_set(MACHINE_PRIVILEGE_COUNT) - 1);
}

bool
privilege_of_name(const char *name, MachinePrivilege *privilege)
{
	for (int i = 0; i < MACHINE_PRIVILEGE_COUNT; i++)
	{
		if (strcmp(privilege_name(i), name) != 0)
			continue;
		*privilege = i;
		return true;
	}
	return false;
}

char *
privilege_names(PrivilegeSet set)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < MACHINE_PRIVILEGE_COUNT; i++)
		if (set & privilege_set(i))
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", privilege_name(i));
	return list.data;
}
