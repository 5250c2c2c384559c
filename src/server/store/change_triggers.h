/*
 * change_triggers.h
 *	  Who made a trigger that starts executions.
 *
 * The server does not keep who created a trigger, and whoever has the privilege
 * TRIGGER may put one on another's table.  So it is noted when the trigger is made, in a
 * table of ours, by the trigger's OID: one of the same name made later has another.
 * The clones on partitions have no notes, that of their root counts.  Notes are not
 * dumped, since a restored trigger has another OID.
 *
 * All but change_triggers_naming() work in any session with a transaction: they read
 * and write as the server does with its catalogs.
 */
#ifndef SFN_STORE_CHANGE_TRIGGERS_H
#define SFN_STORE_CHANGE_TRIGGERS_H

#include "postgres.h"

typedef struct ChangeTriggerRow
{
	Oid id;
	Oid table;
	bool is_clone; /* on a partition, of a trigger on its parent */
	bool is_ours;  /* it starts executions */
} ChangeTriggerRow;

/* The trigger as this command has left it; false: there is none. */
extern bool change_trigger_read(Oid trigger, ChangeTriggerRow *row);
/* The trigger that it is a clone of, at last; itself, if of none. */
extern bool change_trigger_root(Oid trigger, ChangeTriggerRow *row);

/* Replaces an earlier note. */
extern void change_trigger_note(const ChangeTriggerRow *trigger, Oid creator);
extern void change_trigger_forget(Oid trigger);

/* InvalidOid: nobody has noted it.  Known without a look at a table, once it has been asked. */
extern Oid change_trigger_creator(Oid trigger);

/* "table (trigger), ..." of those that name the machine, by name or ARN; NULL: none.  Between store_enter() and store_leave(). */
extern char *change_triggers_naming(const char *name, const char *arn);

#endif /* SFN_STORE_CHANGE_TRIGGERS_H */
