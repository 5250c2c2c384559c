/*
 * execution_pages.h
 *	  Reading executions and histories for those who ask about them.
 *
 * Everything here runs between store_enter() and store_leave().
 */
#ifndef SFN_STORE_EXECUTION_PAGES_H
#define SFN_STORE_EXECUTION_PAGES_H

#include "postgres.h"

#include "access/transam.h"
#include "datatype/timestamp.h"

typedef struct ExecutionFilter
{
	int64 state_machine_id; /* 0: those of all STANDARD machines that viewer may see, without children of map runs */
	int64 map_run_id;       /* the children of this one, whoever asks; 0: the machine counts */
	Oid viewer;
	int32 version;      /* 0: any */
	const char *alias;  /* NULL: any */
	bool asks_redriven; /* only those that is_redriven says */
	bool is_redriven;
	int status;         /* ExecutionStatus; 0: any */
	TimestampTz since;  /* started at this moment or later; 0: whenever */
	TimestampTz until;  /* started before it; 0: whenever */
	TimestampTz before; /* the page begins behind the execution with this start */
	int64 before_id;    /* and this id; 0: at the beginning */
	int max;
	int max_looked_at; /* the page ends after so many, though few of them be wanted; 0: when it is full */
} ExecutionFilter;

typedef struct ListedExecution
{
	int64 id;
	char *machine_name;
	bool is_express;
	char *name; /* as stored */
	int status; /* the same */
	TimestampTz start_date;
	TimestampTz stop_date;    /* 0: none */
	TimestampTz redrive_date; /* 0: never */
	int redrive_count;
	int32 version;   /* 0: none */
	char *alias;     /* or NULL */
	char *map_run;   /* the name of the map run whose child it is; NULL: of none */
	int32 map_items; /* how many items it has then */
} ListedExecution;

/* The youngest first; children of a map run by their place, the last first. */
extern int execution_list(const ExecutionFilter *filter, ListedExecution **executions);

/* After a page that is not full: has it ended after max_looked_at rows?  Then the next one begins behind *before, *before_id. */
extern bool execution_list_goes_on(const ExecutionFilter *filter, TimestampTz *before, int64 *before_id);

/* Status now, and the transaction that wrote the row; 0 when there is no such execution. */
extern int execution_status(int64 id, TransactionId *writer);

/*
 * The history chunk that holds an event, or the last one before it: its first and last id and the text of
 * its events, an array.  NULL: none.
 */
extern char *history_chunk_at(int64 execution_id, int64 event_id, int64 *first_id, int64 *last_id);

#endif /* SFN_STORE_EXECUTION_PAGES_H */
