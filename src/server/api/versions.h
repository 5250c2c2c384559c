/*
 * versions.h
 *	  Versions and aliases of state machines: what SQL functions and sfn.api() share.
 *
 * "orders:3" or the machine's ARN with ":3" behind it is a version, "orders:live" an
 * alias; SQL callers may use either form, sfn.api() ARNs only.
 */
#ifndef SFN_API_VERSIONS_H
#define SFN_API_VERSIONS_H

#include "postgres.h"

#include "api/arguments.h"
#include "store/versions.h"

/*
 * The machine, if role may do that with it.  Named by a version or alias, its version, alias and revision_id are
 * those that an execution started now runs: an alias of two versions draws one.  Asked for the right to start by a
 * member of its role, who has named it before, it is known without a query; its dates and creator are not filled then.
 */
extern MachineRow *api_qualified_machine(const ApiCall *call, Oid role, const char *text, MachinePrivilege privilege);

extern char *version_arn(const char *machine_name, int32 number);
extern char *alias_arn(const char *machine_name, const char *alias);

/*
 * Makes the machine's current revision a version, or finds the one that it is.  revision NULL: no matter which is the
 * current one; else its UUID, "INITIAL" for the first.
 */
extern VersionRow *version_publish(const ApiCall *call, MachineRow *machine, const char *revision,
								   const char *description);
extern void version_remove(const ApiCall *call, const char *text);
/* Checks a description's length; "" where there is none. */
extern const char *check_description(const ApiCall *call, const char *description, const char *member);

/* An alias together with its machine. */
typedef struct MachineAlias
{
	MachineRow *machine;
	AliasRow *alias;
} MachineAlias;

/* routing: AWS's list of {"stateMachineVersionArn", "weight"}. */
extern MachineAlias alias_create(const ApiCall *call, const char *name, const JsonVal *routing,
								 const char *description);
/* Changes what is given. */
extern MachineAlias alias_change(const ApiCall *call, const char *text, const JsonVal *routing,
								 const char *description);
extern MachineAlias alias_describe(const ApiCall *call, const char *text);
extern void alias_remove(const ApiCall *call, const char *text);
/* The aliases of a machine, or those that name a version of it, from behind after. */
extern int aliases_of(const ApiCall *call, const char *text, const char *after, int max, MachineRow **machine,
					  AliasRow **aliases);
/* As AWS has it. */
extern const JsonVal *alias_routing(const MachineAlias *alias);

#endif /* SFN_API_VERSIONS_H */
