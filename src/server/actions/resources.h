/*
 * resources.h
 *	  What callers name: machines and executions by name or ARN, and who may do what with them.
 */
#ifndef SFN_ACTIONS_RESOURCES_H
#define SFN_ACTIONS_RESOURCES_H

#include "postgres.h"

#include "actions/errors.h"
#include "settings/arns.h"
#include "store/executions.h"
#include "store/machines.h"
#include "store/privileges.h"

/* May this role do that with the machine?  The one place that decides. */
extern bool machine_privilege(const MachineRow *machine, Oid role, MachinePrivilege privilege);
/* The same as an error. */
extern SFN_MUST_CHECK bool require_machine_privilege(ActionCall *call, const MachineRow *machine, Oid role,
													 MachinePrivilege privilege);
/* Who has started an execution may see and stop it. */
extern bool starter_privilege(Oid starter, Oid role, MachinePrivilege privilege);

/* What belongs to another, by a row that a statement has found so; InvalidOid: nobody knows whose it is now. */
extern bool fail_owned(ActionCall *call, const char *what, Oid owner);
/* A member of the owner's role may; what: "activity \"x\"". */
extern bool fail_access(ActionCall *call, Oid role, const char *arn, const char *what, Oid owner);

/*
 * Locks the machine's row for a change and asks, of what is committed then, for the right to it: an update, a grant or a
 * revocation that was waited for counts.
 */
extern SFN_MUST_CHECK bool action_lock_machine(ActionCall *call, MachineRow *machine, MachinePrivilege privilege);

/* STATE_MACHINE_DELETING unless the machine is ACTIVE. */
extern SFN_MUST_CHECK bool require_active(ActionCall *call, const MachineRow *machine);

/*
 * The machine by name (SQL callers only) or ARN, if role may do that with it: action_machine() asks for the caller.
 * NULL: no ARN, no such machine, not allowed.
 */
extern SFN_MUST_CHECK MachineRow *action_machine(ActionCall *call, const char *name_or_arn, MachinePrivilege privilege);
extern SFN_MUST_CHECK MachineRow *action_machine_for(ActionCall *call, Oid role, const char *name_or_arn,
													 MachinePrivilege privilege);
extern void *fail_no_machine(ActionCall *call, const char *name_or_arn);

/*
 * The name of the machine that a name (SQL callers only) or ARN is of; *qualifier is the version or alias behind it, or
 * NULL.  *name NULL: no machine here can have that ARN.
 */
extern SFN_MUST_CHECK bool action_machine_reference(ActionCall *call, const char *name_or_arn, const char **name,
													const char **qualifier);

/* The machine, or NULL when there is none; asks for no privilege, knows no versions. */
extern SFN_MUST_CHECK bool action_find_machine(ActionCall *call, const char *name_or_arn, MachineRow **machine);

/*
 * The execution by ARN, in SQL also by "machine/name", if the caller may do that with its machine (returned when machine is not NULL), or has started it
 * and wants to see or to stop it.
 */
extern SFN_MUST_CHECK ExecutionRow *action_execution(ActionCall *call, const char *name_or_arn,
													 MachinePrivilege privilege, bool express_allowed,
													 MachineRow **machine);

/* The ids of the executions of that name or ARN that the viewer may see; 0: none, or it is neither.  Raises nothing. */
extern int execution_ids_of(const char *name_or_arn, Oid viewer, int64 **ids);

/* The ARN of that type, taken apart; what: the words for it in errors, example: one. */
extern SFN_MUST_CHECK bool action_arn(ActionCall *call, const char *text, ArnType type, const char *what,
									  const char *example, Arn *arn);
extern bool fail_arn_type(ActionCall *call, const char *type_name, const char *text, const char *what,
						  const char *example);

#endif /* SFN_ACTIONS_RESOURCES_H */
