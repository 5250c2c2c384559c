/*
 * machines.h
 *	  State machines and their revisions in the tables.
 */
#ifndef SFN_STORE_MACHINES_H
#define SFN_STORE_MACHINES_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct MachineRow
{
	int64		id;
	char	   *name;
	bool		is_express;
	char	   *status;			/* ACTIVE, DELETING */
	Oid			role;			/* tasks run as it */
	Oid			creator;
	int64		revision_id;	/* the current one */
	TimestampTz creation_date;
	TimestampTz update_date;	/* 0: never updated */
} MachineRow;

typedef struct RevisionRow
{
	int64		id;
	int64		state_machine_id;
	char	   *machine_name;
	bool		is_express;
	char	   *revision_uuid;
	char	   *definition;
	Oid			role;
	char	   *role_arn;
	char	   *logging;		/* JSON text or NULL */
	char	   *tracing;
	TimestampTz creation_date;
} RevisionRow;

/* All run between store_enter() and store_leave(); results are in the context current at the call. */
extern MachineRow *machine_by_name(const char *name);	/* not DELETED; NULL when there is none */
extern MachineRow *machine_by_id(int64 id);
extern RevisionRow *revision_by_id(int64 id);

#endif							/* SFN_STORE_MACHINES_H */
