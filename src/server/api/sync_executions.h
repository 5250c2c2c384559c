/*
 * sync_executions.h
 *	  Synchronous executions of EXPRESS machines: what the SQL function and sfn.api() share.
 */
#ifndef SFN_API_SYNC_EXECUTIONS_H
#define SFN_API_SYNC_EXECUTIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "actions/machine_names.h"
#include "runtime/express.h"
#include "store/machines.h"

/*
 * Fills what the machine and the arguments say: definition, version, input, name.  row: as sync_machine_find() gives it,
 * or NULL where the machine was known.
 */
extern SFN_MUST_CHECK bool sync_run_begin(ActionCall *call, const NamedMachine *machine, const MachineRow *row,
										  ExpressRun *run);

#endif /* SFN_API_SYNC_EXECUTIONS_H */
