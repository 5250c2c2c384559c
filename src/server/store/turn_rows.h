/*
 * turn_rows.h
 *	  Everything a turn writes, collected in memory and written set-wise at its end.
 */
#ifndef SFN_STORE_TURN_ROWS_H
#define SFN_STORE_TURN_ROWS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "storage/itemptr.h"

#include "store/tasks.h"

typedef struct TurnRows TurnRows;

/* Collects in the current context, which must outlive the turn's end. */
extern TurnRows *turn_rows_begin(void);
/* Map runs that have ended in this turn: those that are noted, and behind turn_rows_write() those that it has ended. */
extern void turn_rows_map_run_ended(TurnRows *rows, int64 id);
extern int turn_rows_ended_map_runs(const TurnRows *rows, const int64 **ids);
extern Size turn_rows_bytes(const TurnRows *rows); /* payload collected so far */

typedef struct ExecutionUpdate
{
	int64 id;
	int status;
	TimestampTz stop_date; /* 0: running */
	int64 last_event_id;
	int32 last_branch_id;
	bool has_branches;
	bool is_deleted;
	int64 history_bytes; /* more than before */
	const char *image;   /* texts may be NULL */
	const char *state_input;
	bool keeps_state_input; /* the column stays as it is */
	const char *variables;
	bool keeps_variables;
	const char *output;
	const char *error;
	const char *cause;
} ExecutionUpdate;

typedef struct StatusRow
{
	int64 state_machine_id;
	int64 map_run_id; /* 0: no child */
	TimestampTz start_date;
	int64 execution_id;
	int status;
} StatusRow;

typedef struct BranchUpdate
{
	int64 execution_id;
	int32 id;
	int32 parent_id;
	int32 index;
	bool is_finished;
	const char *image;
	const char *state_input;
	const char *variables;
	const char *output;
} BranchUpdate;

typedef struct InboxInsert
{
	int64 execution_id;
	TimestampTz due;
	int32 branch;
	int32 visit;
	int32 attempt;
	int kind;
	int timer;
	const char *payload;
} InboxInsert;

/* Events for sfn.log_event. */
typedef struct LogRow
{
	int64 state_machine_id;
	const char *execution_name; /* as stored */
	int32 redrive_count;
	int64 first_event_id;
	TimestampTz log_date;
	bool is_sent; /* to a log group */
} LogRow;

extern void turn_rows_log(TurnRows *rows, const LogRow *row, const char *events, int length);
extern void turn_rows_history(TurnRows *rows, int64 execution_id, int64 first_id, int64 last_id, const char *events,
							  int length);
extern void turn_rows_execution(TurnRows *rows, const ExecutionUpdate *update);
extern void turn_rows_redrive(TurnRows *rows, int64 execution_id, int32 redrive_count, TimestampTz redrive_date,
							  TimestampTz start_date);
/* In sfn.execution_status: a row begins to be, or goes. */
extern void turn_rows_status(TurnRows *rows, const StatusRow *row);
extern void turn_rows_status_delete(TurnRows *rows, const StatusRow *row);
extern void turn_rows_branch(TurnRows *rows, const BranchUpdate *update); /* inserts or replaces */
extern void turn_rows_branch_delete(TurnRows *rows, int64 execution_id, int32 id);
extern void turn_rows_children_delete(TurnRows *rows, int64 execution_id, int32 parent_id);
extern void turn_rows_branches_clear_all(TurnRows *rows, int64 execution_id);
extern void turn_rows_inbox(TurnRows *rows, const InboxInsert *insert);
extern void turn_rows_inbox_done(TurnRows *rows, ItemPointer tid); /* a claimed row that was delivered */
extern void turn_rows_inbox_clear(TurnRows *rows, int64 execution_id, int32 branch); /* rows stored before this turn */
extern void turn_rows_inbox_clear_all(TurnRows *rows, int64 execution_id);
extern void turn_rows_heartbeat_clear(TurnRows *rows, int64 execution_id, int32 branch); /* its timers */
extern void turn_rows_task(TurnRows *rows, const TaskInsert *insert);

/*
 * Tasks stored before this turn, of a branch up to that visit and attempt, or all of an execution, are void; executions
 * begun for them are stopped.
 */
extern void turn_rows_task_clear(TurnRows *rows, int64 execution_id, int32 branch, int32 visit, int32 attempt,
								 TimestampTz now);
extern void turn_rows_task_clear_all(TurnRows *rows, int64 execution_id, TimestampTz now);
/* A child of a map run has ended with that status (1), or goes on after it (-1), with its items. */
extern void turn_rows_map_news(TurnRows *rows, int64 map_run_id, int status, int children, int64 items);
extern void turn_rows_task_answered(TurnRows *rows, int64 task_id);         /* unless somebody holds its row */
extern void turn_rows_machine_idle(TurnRows *rows, int64 state_machine_id); /* a deleted machine may be empty now */

/* Writes all of it; call between store_enter() and store_leave(). */
extern void turn_rows_write(TurnRows *rows);

#endif /* SFN_STORE_TURN_ROWS_H */
