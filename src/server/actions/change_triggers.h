/*
 * change_triggers.h
 *	  Triggers that start executions: with whose right they do.
 */
#ifndef SFN_ACTIONS_CHANGE_TRIGGERS_H
#define SFN_ACTIONS_CHANGE_TRIGGERS_H

#include "postgres.h"

#include "utils/relcache.h"
#include "utils/reltrigger.h"

#include "actions/errors.h"
#include "store/machines.h"

/*
 * The machine that the trigger's first argument names, if it may be started by who made the trigger and by the owner of the table that
 * fires it; NULL: not, or there is none.
 */
extern SFN_MUST_CHECK MachineRow *trigger_machine(ActionCall *call, const Trigger *trigger, Relation table);

/* The caller, who owns the table, takes the trigger for his. */
extern SFN_MUST_CHECK bool trigger_allow(ActionCall *call, Oid table, const char *trigger_name);

#endif /* SFN_ACTIONS_CHANGE_TRIGGERS_H */
