/*
 * charges.h
 *	  What starts and redrives take of the quota of the role that the execution runs as.
 */
#ifndef SFN_ACTIONS_CHARGES_H
#define SFN_ACTIONS_CHARGES_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/machines.h"

/* One execution more; may_count: all that this transaction has taken before is in the tables. */
extern SFN_MUST_CHECK bool charge_start(ActionCall *call, const MachineRow *machine, int input_length, bool may_count);
extern void charge_start_undone(const MachineRow *machine, int input_length); /* it was there already */

/* An execution that goes on, with the children of its map runs. */
extern SFN_MUST_CHECK bool charge_redrive(ActionCall *call, int64 execution_id, int64 revision_id);

/* A synchronous one: it is over before anybody could count it.  In a store scope or not. */
extern SFN_MUST_CHECK bool charge_sync_start(ActionCall *call, Oid role);

#endif /* SFN_ACTIONS_CHARGES_H */
