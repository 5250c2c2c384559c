/*
 * new_executions.h
 *	  The rows of executions that begin: the execution and its START in the inbox.
 *
 * Runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_NEW_EXECUTIONS_H
#define SFN_STORE_NEW_EXECUTIONS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "store/execution_names.h"
#include "store/machines.h"

#define NEW_EXECUTIONS_MAX 250

/* What the lineage of an execution begins with, which is the last of its trace header: see actions/lineage.h. */
#define TRACE_LINEAGE "Lineage=sfn:"

/* What executions of one call share. */
typedef struct NewExecutions
{
	const MachineRow *machine; /* as it is named: its revision, version, alias */
	Oid starter;
	TimestampTz start_date;
	const char *trace_header; /* or NULL */
	bool has_parent;          /* tasks wait for its end; only where new_executions_are_direct() */
} NewExecutions;

typedef struct NewExecution
{
	NewName name;
	Datum input; /* json */
} NewExecution;

/* True: new_executions_store() will not run anything that others have added to the tables. */
extern bool new_executions_are_direct(void);

/* Stores executions whose names nobody else has, at most NEW_EXECUTIONS_MAX; all names are ours, or all chosen. */
extern void new_executions_store(const NewExecutions *shared, int count, const NewExecution *executions);

/*
 * Stores executions of a STANDARD machine under chosen names, at most NEW_EXECUTIONS_MAX, but for those whose name is taken, by another of them
 * or a row that is there: is_taken[] says which.
 */
extern void new_executions_store_chosen(const NewExecutions *shared, int count, const NewExecution *executions,
										bool *is_taken);

#endif /* SFN_STORE_NEW_EXECUTIONS_H */
