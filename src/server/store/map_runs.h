/*
 * map_runs.h
 *	  Map runs in the tables: the runs of Distributed Maps, the inputs and results of their children.
 *
 * A map run's row is changed only by who holds its execution.  A child that ends
 * tells so through the execution's inbox (turn_rows_map_run()), so the row counts
 * the news that have been delivered, each once.
 *
 * Everything here runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_MAP_RUNS_H
#define SFN_STORE_MAP_RUNS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "engine/execution.h"

/* What is counted twice: child executions, and the items in them. */
typedef struct MapCounts
{
	int64 total;
	int64 started;
	int64 succeeded;
	int64 failed;
	int64 timed_out;
	int64 aborted;
	int64 pending_redrive; /* ended without success before a redrive, not yet going on */
} MapCounts;

/* Visits begin at 1.  A run that had succeeded is redriven for itself, not for its state, which went on long ago. */
#define MAP_RUN_NO_VISIT 0

typedef struct MapRunRow
{
	int64 id;
	int64 execution_id;
	int32 branch;
	int32 visit; /* MAP_RUN_NO_VISIT: no state waits for it */
	int32 attempt;
	char *name; /* UUID */
	char *label;
	int64 state_machine_id; /* what the children run */
	int64 revision_id;
	int status; /* ExecutionStatus */
	TimestampTz start_date;
	TimestampTz stop_date; /* 0: it runs */
	int32 redrive_count;
	TimestampTz redrive_date; /* 0: never */
	int64 max_concurrency;
	int64 tolerated_count;       /* -1: not given */
	double tolerated_percentage; /* -1: not given */
	bool is_loaded;
	bool is_finishing;
	MapCounts children;
	MapCounts items;
	int64 results_written;
	char *plan;
	char *error; /* why it fails or has failed; NULL: it does not */
	char *cause;
} MapRunRow;

extern int64 map_run_insert(const MapRunRow *run);
extern MapRunRow *map_run_by_id(int64 id);           /* NULL: there is none */
extern MapRunRow *map_run_by_name(const char *name); /* the UUID */
/* Everything but identity, plan and limits that map_run_insert() stored. */
extern void map_run_update(const MapRunRow *run);

/* A page of the map runs of an execution, the youngest first, before the id before (0: from the youngest). */
extern int map_run_list(int64 execution_id, int64 before, int max, MapRunRow ***runs);

/* ---- what the children run ---- */

/*
 * The machine and revision for the children of a Map labelled so, in executions of that revision of that machine:
 * found, or made.
 */
extern void map_run_machine(int64 state_machine_id, int64 revision_id, const char *label, const char *definition,
							bool is_express, MapRunRow *run);

/* ---- inputs: in rows of up to MAP_INPUTS_PER_ROW ---- */

#define MAP_INPUTS_PER_ROW 100

/* inputs: a JSON array; items: how many items each has, or NULL when each has one. */
extern void map_run_add_inputs(int64 map_run_id, int64 first_index, const char *inputs, int length, const int32 *items,
							   int count);
extern void map_run_delete_inputs(int64 map_run_id);

/* ---- children ---- */

/* Starts the next ones, at most count; run->children.started and run->items.started go on.  Returns how many. */
extern int map_run_start_children(MapRunRow *run, int count, Oid starter, bool is_express, TimestampTz now,
								  int64 *input_bytes);

/* Asks all that are open, or about to be redriven, to stop; those whose task runs are cancelled. */
extern void map_run_stop_children(int64 map_run_id, TimestampTz now);

/* Does it run, and not only until its open children have ended? */
extern bool map_run_goes_on(int64 id);

/* Have map runs of the execution children of whose end they have not been told? */
extern bool map_runs_have_open_children(int64 execution_id);

/* Asks all that have not succeeded to go on; returns how many. */
extern int64 map_run_redrive_children(int64 map_run_id, TimestampTz now);

/* ---- results ---- */

typedef struct MapResult
{
	int64 index;
	int status;  /* ExecutionStatus; 0: never started, only input is there */
	char *name;  /* of the execution, as stored */
	char *input; /* JSON text */
	char *output;
	char *error;
	char *cause;
	TimestampTz start_date;
	TimestampTz stop_date;
	int32 redrive_count;
} MapResult;

/* The children from an index on, in their order; at most max.  NULL-terminated texts in the current context. */
extern int map_run_results(int64 map_run_id, int64 from_index, int max, MapResult **results);

/* The inputs of children that have not been started, likewise. */
extern int map_run_pending(const MapRunRow *run, int64 from_index, int max, MapResult **results);

#endif /* SFN_STORE_MAP_RUNS_H */
