/*
 * sync_machines.h
 *	  Which EXPRESS machine a synchronous start runs.
 */
#ifndef SFN_ACTIONS_SYNC_MACHINES_H
#define SFN_ACTIONS_SYNC_MACHINES_H

#include "postgres.h"

#include "actions/errors.h"
#include "actions/machine_names.h"
#include "store/machines.h"

/* Known from an earlier call, without a query; false: to be asked for. */
extern bool sync_machine_known(const char *text, Oid caller, NamedMachine *machine);

/* Asks the tables, with all that may be said against it; *row tells version and alias. */
extern SFN_MUST_CHECK bool sync_machine_find(ActionCall *call, const char *text, NamedMachine *machine,
											 MachineRow **row);

#endif /* SFN_ACTIONS_SYNC_MACHINES_H */
