/*
 * running.h
 *	  One execution in the hand of a turn: restored, advanced, written back.
 */
#ifndef SFN_RUNTIME_RUNNING_H
#define SFN_RUNTIME_RUNNING_H

#include "postgres.h"

#include "actions/event_rows.h"
#include "engine/engine.h"
#include "runtime/machine_cache.h"
#include "runtime/turn.h"
#include "store/claims.h"
#include "store/tasks.h"
#include "store/turn_rows.h"

/* How long a turn may take, about. */
#define TURN_SHARE_MS 20

/* The same of one that makes room for others. */
#define SHORT_TURN_MS 5

/* What is left of a role's quota on stored bytes. */
typedef struct QuotaAllowance
{
	bool is_limited;
	int64 bytes;
} QuotaAllowance;

/* How long a turn of executions that use up their slices may take when something new has come. */
#define SLOW_TURN_MS 5

/* How long one execution of it may, about, while others wait. */
#define TURN_SLICE_MS 2

/* What one turn shares among its executions. */
typedef struct Turn
{
	const TurnRequest *request;
	TurnResult *result;
	TurnRows *rows;
	EventRows *event_rows; /* what rules lead to that are told of changes of status */
	EngineEnv env;
	TimestampTz started;   /* real time */
	TimestampTz deadline;  /* real time: when the turn's share is used up */
	TimestampTz slice_end; /* the same of the execution in hand, not after the deadline */
	bool has_sliced;       /* an execution has used up its slice */
	uint64 wakeups;        /* of this executor, when the turn began */
	const char *token_key; /* what task tokens are signed with; NULL: not read yet */
	bool has_called;       /* a task has had its share of the turn */
	int steps;             /* of the execution in hand, in a session's turn */
	ClaimedExecution *claimed;
	int claimed_count;
	TaskRow *waiting; /* tasks that wait for the end of one of the claimed executions; NULL: not read yet */
	int waiting_count;
	struct Running *in_hand; /* the execution that is being advanced; NULL: none */
	struct Running *changed; /* those whose status has changed, the last first */
} Turn;

/* A timer asked for in this turn: not written yet, so it can still be taken back. */
typedef struct PendingTimer
{
	struct PendingTimer *next;
	int32 branch;
	int32 visit;
	int32 attempt;
	TimerKind kind;
	TimestampTz due;
} PendingTimer;

/* After that a redrive looks again whether children have ended, and what waits for a redrive comes again. */
#define REDRIVE_PAUSE (100 * INT64CONST(1000))

/* A task begun in this turn that waits for its answer: neither written yet. */
typedef struct PendingTask
{
	struct PendingTask *next;
	TaskInsert *row;
} PendingTask;

typedef struct Running
{
	Turn *turn;
	ClaimedExecution *claimed;
	const CachedMachine *cached;
	Execution execution;
	PendingTimer *timers;
	PendingTask *tasks;
	struct RunInHand *map_runs; /* that this turn has to do with; runtime/map_runs.c */
	bool was_running;
	TimestampTz stop_date; /* when it has ended in this turn */
	int local_tasks;       /* done at once, in this turn */
	int64 local_task_time; /* what they took, microseconds */
	int64 history_bytes;   /* written in this turn */
	QuotaAllowance stored; /* what its role may still write */
	struct Running *next_changed;
} Running;

/* runtime/deliver.c: the inbox row as an event of the engine; false when its payload is none of ours. */
extern bool deliver_event(const InboxRow *row, Event *event);

/* runtime/restore.c: the execution as the engine holds it, from its rows. */
extern bool running_restore(Running *running, Turn *turn, ClaimedExecution *claimed);
extern void running_load_finished(EngineEnv *env, Execution *execution, Branch *parent);

/* runtime/advance.c: delivers all claimed rows of one execution and everything that follows from them. */
extern void running_advance(Running *running);
/* Sets the timers for a task's timeout and heartbeat, from its beginning on. */
extern void running_set_clocks(Running *running, Branch *branch, const TaskInsert *task);
/* True when the turn should take no further work: its time, subtransactions or memory are used up. */
extern bool turn_is_over(const Turn *turn);
/* The same for the execution in hand. */
extern bool turn_slice_is_over(const Turn *turn);
/* A row that this turn writes is due then: the executor must not sleep longer. */
extern void turn_note_due(Turn *turn, TimestampTz due);

/* runtime/task_calls.c: begins the work of a task, now or as an earlier turn put it off. */
extern void running_begin_task(Running *running, const Effect *effect);
extern void running_begin_stored_task(Running *running, const InboxRow *row);

/* runtime/map_runs.c: begins the map run of a Distributed Map, or goes on with it; what a turn of its own was asked for. */
extern void running_begin_map(Running *running, const Effect *effect);
extern void running_begin_stored_map(Running *running, Branch *branch, const JsonVal *plan);
/* A redrive that is not to be delivered: too early, its row is put back; or of a child whose map run goes on no more. */
extern bool running_withhold_redrive(Running *running, const InboxRow *row);
/* Tells the map run that the execution, if it is a child, has not gone on. */
extern void running_tell_no_redrive(Running *running);
/* News of a map run, counted; after all news: children are started, runs ended; at last: their rows stored. */
extern void running_take_map_news(Running *running, const InboxRow *row);
extern void running_settle_maps(Running *running);
extern void running_store_maps(Running *running);

/* runtime/children.c: tells the executions that wait for this one, which has ended. */
extern void running_tell_parents(Running *running, TimestampTz stop_date);

/* runtime/status_events.c: tells the rules that want to know that it has begun or ended; behind running_apply(). */
extern void running_send_status(Running *running);
/* At the end of the turn: the same for sessions that wait for an event. */
extern void turn_tell_waiters(Turn *turn);

/* At the end of the turn: the same for map runs that have ended. */
extern void turn_tell_map_runs(Turn *turn);

/* runtime/apply.c: what came out, into the turn's rows. */
extern void running_apply(Running *running);

/*
 * runtime/quota_use.c: what the execution takes of its role's quota.  The check says whether it may go on, and fails it if not;
 * later, whether it has written what was left; at last its use is charged.
 */
extern bool running_check_quota(Running *running);
extern bool turn_has_used_quota(const Turn *turn);
extern void running_charge_quota(Running *running);

/* How many more children may be started, of count; a wish that is cut down is to be repeated. */
extern int running_quota_for_children(Running *running, int count);
extern void running_charge_children(Running *running, int64 input_bytes);

/* runtime/counting.c: what has happened, into the statistics. */
extern void running_count(const Running *running);

#endif /* SFN_RUNTIME_RUNNING_H */
