/*
 * versions.h
 *	  Versions and aliases of state machines.
 *
 * "orders:3" or the machine's ARN with ":3" behind it is a version, "orders:live" an
 * alias; SQL callers may use either form, those of AWS's actions ARNs only.
 */
#ifndef SFN_ACTIONS_VERSIONS_H
#define SFN_ACTIONS_VERSIONS_H

#include "postgres.h"

#include "actions/resources.h"
#include "store/versions.h"
#include "json/json_value.h"

/*
 * The machine, if role may do that with it.  Named by a version or alias, its version, alias and revision_id are
 * those that an execution started now runs: an alias of two versions draws one.  Asked for the right to start by a
 * member of its role, who has named it before, it is known without a query; its dates and creator are not filled then.
 */
extern SFN_MUST_CHECK MachineRow *action_qualified_machine(ActionCall *call, Oid role, const char *text,
														   MachinePrivilege privilege);

/*
 * Makes the machine's current revision a version, or finds the one that it is.  revision NULL: no matter which is the
 * current one; else its UUID, "INITIAL" for the first.
 */
extern SFN_MUST_CHECK VersionRow *version_publish(ActionCall *call, MachineRow *machine, const char *revision,
												  const char *description);
extern SFN_MUST_CHECK bool version_remove(ActionCall *call, const char *text);
/* The length of a description, which may be NULL. */
extern SFN_MUST_CHECK bool check_description(ActionCall *call, const char *description, const char *member);

/* An alias together with its machine. */
typedef struct MachineAlias
{
	MachineRow *machine;
	AliasRow *alias;
} MachineAlias;

/* routing: AWS's list of {"stateMachineVersionArn", "weight"}. */
extern SFN_MUST_CHECK bool alias_create(ActionCall *call, const char *name, const JsonVal *routing,
										const char *description, MachineAlias *made);
/* Changes what is given. */
extern SFN_MUST_CHECK bool alias_change(ActionCall *call, const char *text, const JsonVal *routing,
										const char *description, MachineAlias *changed);
extern SFN_MUST_CHECK bool alias_describe(ActionCall *call, const char *text, MachineAlias *found);
extern SFN_MUST_CHECK bool alias_remove(ActionCall *call, const char *text);
/* The aliases of a machine, or those that name a version of it, from behind after. */
extern SFN_MUST_CHECK bool aliases_of(ActionCall *call, const char *text, const char *after, int max,
									  MachineRow **machine, AliasRow **aliases, int *count);
/* As AWS has it. */
extern const JsonVal *alias_routing(const MachineAlias *alias);

#endif /* SFN_ACTIONS_VERSIONS_H */
