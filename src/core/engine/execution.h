/*
 * execution.h
 *	  A running execution as the engine holds it: a tree of branches.
 *
 * The caller (the runtime, a test, a synchronous Express call) fills in the
 * identity, restores the live branches from what it stored, delivers events
 * with engine_deliver() and then takes away what came out: history chunks,
 * effects, changed branches, the end.  Nothing here knows tables or a clock.
 *
 * A Branch is one line of states being walked: the main line (id 0), one branch
 * of a Parallel, or one iteration of an inline Map.  Only live branches need to
 * be in memory; finished children are fetched by env->load_finished() when the
 * last one ends and their outputs are joined.
 */
#ifndef SFN_ENGINE_EXECUTION_H
#define SFN_ENGINE_EXECUTION_H

#include "asl/machine.h"
#include "engine/event.h"
#include "engine/execution_status.h"
#include "engine/step_observer.h"

/* How bad an event is, for histories and logs that keep only some. */
typedef enum EventWeight
{
	EVENT_ORDINARY = 0,
	EVENT_OF_ERROR = 1, /* something failed, was aborted or timed out */
	EVENT_OF_END = 2    /* and that was the execution */
} EventWeight;

typedef enum BranchStatus /* stored in the image by name */
{
	BRANCH_READY,    /* its state is to be entered next */
	BRANCH_WAITING,  /* in its state, for an event: timer, task, children */
	BRANCH_DELAYED,  /* in its state, for TIMER_RETRY; then the work is begun again */
	BRANCH_FINISHED, /* output is there; its parent has not joined it yet */
	BRANCH_GONE      /* joined or aborted; its row, if any, is to be deleted */
} BranchStatus;

typedef struct Branch Branch;
typedef struct Execution Execution;

struct Branch
{
	int32 id;            /* unique in its execution; 0: the main branch */
	int32 index;         /* which branch of the Parallel, which item of the Map */
	Branch *parent;      /* NULL: the main branch */
	Branch *first_child; /* live and loaded children, by index */
	Branch *next_sibling;
	Branch *next_in_execution; /* all branches touched, GONE ones included */

	BranchStatus status;
	const AslState *state;
	int32 visit;         /* states entered so far */
	int32 attempt;       /* of this visit: 0, then one more for each retry */
	int64 entered_event; /* id of this visit's ...StateEntered */
	int64 entered_after; /* and that event's previousEventId */
	int64 last_event;    /* previousEventId of the next event on this path */
	TimestampTz entered_time;
	const JsonVal *input;     /* raw input of the state */
	const JsonVal *variables; /* this scope's own variables: an object, or NULL for none */
	int *retry_counts;        /* of this visit, one per retrier; NULL: all 0 */
	const JsonVal *output;    /* FINISHED */

	/* in a Task */
	bool task_started;         /* an activity was taken, a call submitted */
	const char *task_token;    /* or NULL */
	TimestampTz heartbeat_due; /* an earlier TIMER_HEARTBEAT is stale; 0: any counts */

	/* in a Parallel or Map */
	int32 child_total; /* branches or items */
	int32 child_started;
	int32 child_finished;
	int64 last_child_event; /* last event of the child that ended last */
	const char *map_run;    /* Distributed Map: the name of its map run, or NULL */
	int32 map_redrives;     /* how often that was redriven */
	const JsonVal *items;   /* Map: the effective items; NULL after a restore: worked out again when needed */

	Branch *kept; /* a copy of this branch and its children from before a failure; see redrive.c */

	/* for the store */
	bool has_timers; /* inbox rows of this visit may exist */
	bool is_stored;  /* a row exists (set by the store) */
	bool is_changed; /* since it was loaded */
	bool input_changed;
	bool variables_changed;
	bool drops_children; /* rows of finished children of this branch are to be deleted */

	/* the engine's own */
	Branch *last_child;
	Branch *newest_child; /* the one that was hung below it last */
	Branch *previous_sibling;
	Branch *next_ready;
	bool is_queued; /* in the queue of ready branches */
};

typedef struct HistoryChunk
{
	struct HistoryChunk *next;
	int64 first_id;
	int64 last_id;
	StringInfoData events; /* JSON event objects joined by commas, without brackets */
} HistoryChunk;

/* What has happened to an execution, for statistics. */
typedef struct ExecutionCounts
{
	int64 states_entered;
	int64 retries;
	int64 errors_caught;
	int64 tasks_scheduled; /* attempts: a retry is one more */
	int64 tasks_succeeded;
	int64 tasks_failed;
	int64 tasks_timed_out;
} ExecutionCounts;

typedef enum EffectKind
{
	EFFECT_RUN_TASK,  /* begin the task's work */
	EFFECT_SET_TIMER, /* deliver EVENT_TIMER_FIRED at due */
	EFFECT_RUN_MAP,   /* begin the map run of a Distributed Map, or go on with it after a redrive */
	EFFECT_CLEAR      /* timers and tasks of this branch (all visits so far) are void: delete them */
} EffectKind;

typedef struct Effect
{
	struct Effect *next;
	EffectKind kind;
	Branch *branch; /* SET_TIMER for TIMER_EXECUTION: the main branch */
	int32 visit;
	int32 attempt;
	/* SET_TIMER */
	TimerKind timer;
	TimestampTz due;
	/* RUN_TASK */
	const TaskState *task;
	const JsonVal *parameters;    /* effective input */
	int64 timeout_seconds;        /* 0: none */
	int64 heartbeat_seconds;      /* 0: none */
	const char *credentials_role; /* RoleArn, or NULL */
								  /* RUN_MAP: parameters is the plan (map_run.h), or NULL for a redrive */
} Effect;

/* A transition that was taken back, as if it had not begun: this event, delivered later, does it again. */
typedef struct TakenBack
{
	struct TakenBack *next;
	Event event;
} TakenBack;

struct Execution
{
	/* identity, filled by the caller */
	int64 id;
	const AslMachine *machine;
	const char *arn;
	const char *name;
	const char *role_arn;
	const char *machine_arn;
	const char *machine_name;
	const char *machine_version_arn; /* or NULL */
	const char *machine_alias_arn;   /* or NULL */
	TimestampTz start_time;
	const JsonVal *input;
	const char *input_text; /* as given, for ExecutionStarted */
	int32 redrive_count;
	TimestampTz redrive_time; /* 0: never */
	bool keeps_history;
	EventWeight least_weight; /* lighter events are counted, not kept */
	bool includes_data;       /* false: events without inputs and outputs */

	/* progress, stored */
	ExecutionStatus status;
	int64 last_event_id;
	int32 last_branch_id;
	bool is_deleted; /* its machine was deleted: fails at the next transition */
	Branch *main;    /* NULL before EVENT_START */

	/* at the end */
	const JsonVal *output; /* SUCCEEDED */
	const char *error;
	const char *cause;
	Branch *kept; /* the main branch as it stood, for a redrive; NULL: there was none */

	/* what engine_deliver() leaves for the caller, who empties it */
	bool has_ready_branches;     /* env->must_yield() said so: deliver EVENT_CONTINUE later */
	TakenBack *first_taken_back; /* transitions to be done again; while there are any, no further state is entered */
	Branch *branches;            /* every branch in memory, by next_in_execution */
	HistoryChunk *first_chunk;
	HistoryChunk *last_chunk;
	Effect *first_effect;
	Effect *last_effect;

	ExecutionCounts counts; /* since the execution was begun or restored */

	/* the engine's own */
	Branch *last_branch;   /* end of branches */
	Branch **branch_table; /* by id, open addressing */
	int32 branch_table_size;
	int32 branch_table_used;
	Branch *first_ready;
	Branch *last_ready;
	bool history_is_full;         /* an event did not fit below max_history_events */
	const JsonVal *printed_value; /* its text as a JSON string stands in the last chunk, */
	int printed_offset;           /* from here */
	int printed_length;
	int64 stamp_millis; /* the last event's time, and its text */
	char stamp_text[24];
	int stamp_length;
};

typedef struct EngineEnv EngineEnv;

struct EngineEnv
{
	TimestampTz (*now)(EngineEnv *env);
	double (*random)(EngineEnv *env);   /* 0 <= r < 1 */
	bool (*must_yield)(EngineEnv *env); /* asked between steps; NULL: never */
	/* Puts the finished, unloaded children of parent into the tree (branch_attach). */
	void (*load_finished)(EngineEnv *env, Execution *execution, Branch *parent);
	/* A token for the task of this branch, visit and attempt. */
	const char *(*task_token)(EngineEnv *env, Execution *execution, Branch *branch);
	/* Asked before a task is scheduled (an activity that does not exist is never scheduled); NULL: all can be. */
	bool (*can_schedule)(EngineEnv *env, Execution *execution, const TaskState *task, SfnError *error);

	/*
	 * Does the state's work, to be entered or resumed, take more than a transition's share, as was found before?  Then it is
	 * taken back at once.  And how long one took that was done, or was taken back for its share; NULL: nobody knows.
	 */
	bool (*is_heavy)(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered);
	void (*note_time)(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered,
					  int64 microseconds);

	int64 max_payload_bytes;
	int64 max_history_events;
	int32 max_map_concurrency;
	int64 max_chunk_bytes; /* a history chunk is closed above this */
	const char *region;
	StepObserver *observer; /* tests look into steps; NULL: nobody does */
	Budget budget;          /* of each transition: its bounds and whom to ask; all zero: none */
	void *owner;
};

/* A fresh execution's memory; the identity is the caller's to fill. */
extern void execution_begin(Execution *execution);

/* Copies all that is alive, but not the identity, into the current context: the one it was in may go then.  Effects must
 * have been taken away; history chunks stay where they are. */
extern void execution_move(Execution *execution);

/* The next effect to be done, off the list; NULL: there is none. */
extern Effect *execution_take_effect(Execution *execution);

/* Makes a branch and hangs it into the tree (parent NULL: the main branch). */
extern Branch *branch_attach(Execution *execution, Branch *parent, int32 id, int32 index);
/* The live branch with this id, or NULL. */
extern Branch *branch_find(const Execution *execution, int32 id);

/* The branch as JSON text for the store (without input, variables, output). */
extern void branch_image_print(StringInfo out, const Branch *branch);
/* Restores it; false and *error when the text is none of ours or the state is not in the machine. */
extern bool branch_image_restore(Execution *execution, Branch *branch, const char *text, int length, SfnError *error);

#endif /* SFN_ENGINE_EXECUTION_H */
