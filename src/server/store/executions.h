/*
 * executions.h
 *	  Executions in the tables: starting, describing (any session), claiming and saving (executors only).
 */
#ifndef SFN_STORE_EXECUTIONS_H
#define SFN_STORE_EXECUTIONS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/machines.h"

/*
 * The status of an execution e as callers see it, and whether it has ended: one whose redrive is accepted goes on, a
 * child of a map run waits for it.
 */
#define SHOWN_STATUS \
	"(CASE WHEN e.status > :EXECUTION_SUCCEEDED AND EXISTS (SELECT FROM sfn.inbox i WHERE i.execution_id = e.id" \
	" AND i.kind = :EVENT_REDRIVE) THEN CASE WHEN e.map_run_id IS NULL THEN :EXECUTION_RUNNING" \
	" ELSE :EXECUTION_PENDING_REDRIVE END ELSE e.status END)::int2"

typedef struct ExecutionRow
{
	int64 id;
	int64 state_machine_id;
	int64 revision_id;
	Oid starter;
	char *machine_name;
	char *name; /* as stored: an EXPRESS one's with its UUID */
	int status; /* ExecutionStatus, as callers see it */
	TimestampTz start_date;
	TimestampTz stop_date;    /* 0: still running */
	TimestampTz redrive_date; /* 0: never */
	int redrive_count;
	int64 last_event_id;
	char *input;
	char *output; /* NULL unless SUCCEEDED */
	char *error;
	char *cause;
	char *trace_header;
	int32 version;    /* it was started by; 0: none */
	char *alias;      /* or NULL */
	int64 map_run_id; /* whose child it is; 0: of none */
	char *map_run;    /* the map run's name; NULL: none */
} ExecutionRow;

/*
 * Inserts an execution of the machine as it is named (its revision, version, alias) and its START inbox row and arranges the wake-up at commit.  name NULL: one of
 * our making.  Returns its id, or 0 when an execution of that name exists (*existing is then filled); *name_out the stored name.
 */
extern int64 execution_insert(const MachineRow *machine, Oid starter, const char *name, const char *input,
							  int input_length, const char *trace_header, TimestampTz start_date, char **name_out,
							  ExecutionRow **existing);

/* The STANDARD execution under that chosen name; NULL: none. */
extern ExecutionRow *execution_named(int64 state_machine_id, const char *name);

/* By machine name and stored name; the youngest machine of that name that knows it.  NULL: none. */
extern ExecutionRow *execution_by_name(const char *machine_name, const char *name);
extern ExecutionRow *execution_by_id(int64 id);

/*
 * Notes that a task waits for the end of the execution.  False: somebody is just moving it on (it was there before, or
 * has ended meanwhile).
 */
extern bool execution_adopt_child(int64 id);

/*
 * Does the execution run, or will it by a redrive that is accepted?  And which run is that (execution_run(); of
 * children of map runs STOP_ANY_RUN)?  Whatever this transaction's snapshot sees.
 */
extern bool execution_is_to_be_stopped(int64 id, int32 *run);

/* Number of executions of a machine that have not ended. */
extern int64 execution_count_open(int64 state_machine_id);

/* ---- the inbox: what users may do to an execution is one row each (kind: EventKind) ---- */
extern void inbox_insert(int64 execution_id, int kind, TimestampTz due, const char *payload);
extern void inbox_insert_stop(int64 execution_id, int32 run, TimestampTz due, const char *payload);
extern void inbox_insert_redrive(int64 execution_id, TimestampTz due);
/* One EVENT_MACHINE_DELETED row for each open execution of the machine, and of its Maps; their runs stop. */
extern void inbox_insert_machine_deleted(int64 state_machine_id, TimestampTz due);

#endif /* SFN_STORE_EXECUTIONS_H */
