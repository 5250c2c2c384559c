/*
 * machines.h
 *	  State machines and their revisions in the tables.
 */
#ifndef SFN_STORE_MACHINES_H
#define SFN_STORE_MACHINES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/machine_setting_list.h"

typedef struct MachineRow
{
	int64 id;
	char *name;
	bool is_express;
	char *status; /* ACTIVE, DELETING, DELETED */
	Oid role;     /* tasks run as it */
	Oid creator;
	int64 revision_id; /* the current one */
	TimestampTz creation_date;
	TimestampTz update_date; /* 0: never updated */
	int32 version;           /* when named by a version or alias: the version's, as is revision_id then; else 0 */
	char *alias;             /* or NULL */
	int64 map_of;            /* what the children of a Distributed Map run: the machine they belong to; else 0 */
	bool is_hidden;          /* for machine_insert(): it belongs to nobody but itself, so no list shows it */
} MachineRow;

/* What may be set for a machine beside definition and role (machine_setting_list.h). */
typedef enum MachineSetting
{
#define SETTING_ID(id, column, type, member, by, privilege) SETTING_##id,
	MACHINE_SETTING_ROWS(SETTING_ID)
#undef SETTING_ID
		MACHINE_SETTINGS
} MachineSetting;

typedef struct RevisionRow
{
	int64 id;
	int64 state_machine_id;
	char *machine_name;
	bool is_express;
	char *revision_uuid;
	char *definition;
	Oid role;
	char *role_arn;
	char *settings[MACHINE_SETTINGS]; /* as the columns show them as text; NULL: the default */
	TimestampTz creation_date;
} RevisionRow;

/* All run between store_enter() and store_leave(); results are in the context current at the call. */
extern MachineRow *machine_by_name(const char *name); /* not DELETED, not of a Map; NULL when there is none */
extern MachineRow *machine_by_id(int64 id);
extern RevisionRow *revision_by_id(int64 id);

/* Whose share of the executors it uses, without its definition; false: there is no such revision. */
extern bool revision_share(int64 id, Oid *role, int *priority);

extern bool revision_is_first(int64 state_machine_id, int64 revision_id); /* of its machine: AWS's INITIAL */

/* The table's oid; every change of a row invalidates it like a change of the table, for caches of machines. */
extern Oid machine_table(void);
extern void machines_changed(void);

/* The same for revisions, which never change but by being handed over to another role. */
extern Oid revision_table(void);
extern void revisions_changed(void);

/*
 * Stores a new machine with its first revision; fills machine->id, ->revision_id and revision->id.  False,
 * and nothing stored, when a machine of that name exists (also one that another transaction was just adding).
 */
extern bool machine_insert(MachineRow *machine, RevisionRow *revision);

/*
 * Locks the machine's row against other updates, deletion and grants, and reads anew what they change.  Actions call
 * action_lock_machine(), which asks for the right, too.
 */
extern void machine_lock(MachineRow *machine);

/* The role that the machine has now, whatever the transaction's snapshot says. */
extern Oid machine_role_now(const MachineRow *machine);

/*
 * Stores a further revision and makes it the current one.
 */
extern void machine_add_revision(MachineRow *machine, RevisionRow *revision, TimestampTz update_date);
extern void machine_touch(int64 id, TimestampTz update_date); /* an update that changed nothing */
extern void machine_set_status(int64 id, const char *status);

/* Tags: replaced as a whole, read as an object {"key": "value"} or as AWS's list. */

/*
 * A page of the machines that a role may see, by name, beginning behind after (NULL: at the beginning).
 * Returns their number, at most max.
 */
extern int machine_list(Oid role, const char *after, int max, MachineRow ***machines);

/* The ids of the machines that a role may see, InvalidOid: of all; returns their number. */
extern int machines_seen_by(Oid role, int64 **ids);

/* Leaves of these ids those of deleted machines; returns their number. */
extern int machines_that_are_deleted(int64 *ids, int count);

#endif /* SFN_STORE_MACHINES_H */
