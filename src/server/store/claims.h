/*
 * claims.h
 *	  What an executor takes from the tables: due inbox rows and the executions they are for.
 *
 * The row lock on an execution is the claim; it is always taken with SKIP LOCKED,
 * so executors never wait for each other.  An inbox row whose execution is in
 * somebody else's hand stays for a later turn.
 */
#ifndef SFN_STORE_CLAIMS_H
#define SFN_STORE_CLAIMS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/itemptr.h"

#include "shared/turn_request.h"

typedef struct InboxRow
{
	struct InboxRow *next; /* of the same execution, in the order of their due times */
	ItemPointerData tid;
	int64 execution_id;
	TimestampTz due;
	int32 branch;
	int32 visit;
	int32 attempt;
	int16 kind;  /* EventKind */
	int16 timer; /* TimerKind */
	char *payload;
	bool is_delivered;
} InboxRow;

typedef struct BranchRow
{
	struct BranchRow *next;
	int32 id;
	int32 parent_id;
	int32 index;
	char *image;
	char *state_input;
	char *variables;
	char *output;
} BranchRow;

typedef struct ClaimedExecution
{
	int64 id;
	int64 state_machine_id;
	int64 revision_id;
	char *name;
	int status; /* ExecutionStatus */
	TimestampTz start_date;
	TimestampTz redrive_date;
	int32 redrive_count;
	int64 last_event_id;
	int32 last_branch_id;
	bool has_branches;
	bool has_parent; /* tasks of other executions may wait for its end */
	bool is_deleted; /* its machine is */
	bool is_quarantined;
	char *input;
	char *image; /* NULL before its first turn */
	char *state_input;
	char *variables;
	int32 version;    /* it was started by; 0: none */
	char *alias;      /* or NULL */
	int64 map_run_id; /* whose child it is; 0: none's */
	int32 map_items;  /* items in its input then */
	Oid starter;
	char *trace_header;  /* or NULL */
	BranchRow *branches; /* live ones, parents before children */
	InboxRow *first_row;
	InboxRow *last_row;
} ClaimedExecution;

/*
 * Claims at most limit due rows and locks their executions; returns how many executions, in *executions.
 * Fills rows_claimed, has_more and next_due of *result.
 */
extern int claim_due(const TurnRequest *request, int limit, TimestampTz now, ClaimedExecution **executions,
					 TurnResult *result);

/* Tells the claims that a row due then was claimed but not delivered in this turn. */
extern void claim_give_back(TimestampTz due);

/* The finished children of a branch, by index: for the join. */
extern BranchRow *claim_finished_children(int64 execution_id, int32 parent_id);

/* Is a stop, a redrive, of the execution committed? */
extern bool inbox_has_stop(int64 execution_id);
extern bool inbox_has_redrive(int64 execution_id);

/* Is a stop of the run that this redrive begins committed, whether or not this turn has claimed it? */
extern bool inbox_stop_follows(int64 execution_id, int32 run, ItemPointer redrive);

/* The earliest due time in the inbox after now; 0 when there is none. */
extern TimestampTz inbox_next_due(TimestampTz now, bool takes_alone);

/*
 * Takes an execution out of the executors' sight until sfn.release_execution(): its rows wait at infinity, those
 * that are due now at once, the others when they come due.  A stop still ends it.  Unless it is for good, an hour
 * releases it, too.  Returns its state machine; 0: it has ended.
 */
extern int64 execution_quarantine(int64 execution_id, const char *reason, bool is_for_good);

/* What is due for it, but for a stop, is due later. */
extern void execution_postpone(int64 execution_id, TimestampTz due);

/* For an executor that holds the execution: undoes that; what waited is due then. */
extern void execution_release(int64 execution_id, TimestampTz due);

/* Inside a store scope. */
extern bool execution_is_quarantined(int64 execution_id);

#endif /* SFN_STORE_CLAIMS_H */
