/*
 * store.h
 *	  How C code reaches the extension's tables: one prepared-plan helper.
 *
 * All SQL of the extension's C code is a StoreQuery in a file of src/server/store.
 * It runs between store_enter() and store_leave(): SPI connected, as the bootstrap
 * superuser, search_path locked to pg_catalog.  An error needs no store_leave(): the end
 * of the (sub)transaction restores user, security context and search_path.
 */
#ifndef SFN_STORE_STORE_H
#define SFN_STORE_STORE_H

#include "postgres.h"

#include "executor/spi.h"

#define STORE_MAX_ARGS 24

typedef struct StoreQuery
{
	const char *sql; /* schema-qualified, values as $n */
	int arg_count;
	Oid arg_types[STORE_MAX_ARGS];
	SPIPlanPtr plan; /* made at first use, kept for the process */
	bool
		sees_latest; /* what has been committed until now, also at REPEATABLE READ; for SELECT, and DELETE of what is found so */
	bool
		scans; /* reads much of a table or has optional conditions: planned as the server, not the session, has its settings */
} StoreQuery;

typedef struct StoreScope
{
	Oid caller; /* the role that called: privileges are checked against it */
	Oid saved_user;
	int saved_sec_context;
	int saved_nest_level;
} StoreScope;

extern void store_enter(StoreScope *scope);
extern void store_leave(StoreScope *scope);

/*
 * Runs the query with a new snapshot; rows are in SPI_tuptable (memory of the SPI connection, gone at
 * store_leave()).  Returns SPI_processed.  nulls may be NULL.  limit 0: all rows.
 */
extern uint64 store_run(StoreQuery *query, Datum *args, const char *nulls, long limit);

/* An error where nothing can be written; store_run() asks by itself. */
extern void store_refuse_standby(void);

/*
 * While pinned, look-ups and joins go through indexes, whatever the statistics say.  store_run() pins by itself, and
 * for a query that says that it scans what the server's settings say; this is for several in a row.
 */
extern void store_pin_planner(void);
extern void store_unpin_planner(void);

/* After an error while it is pinned, before the server takes back what was set in the (sub)transaction (sfn.c). */
extern void store_subtransaction_aborted(int level);

/* Columns of a row of the last result, by number from 1, which an enum at the query names; copies made in the current context. */
enum
{
	ONLY_COLUMN = 1 /* of a result that has no other */
};
extern bool store_is_null(uint64 row, int column);
extern int64 store_int64(uint64 row, int column);
extern void store_int64s(int64 *values, uint64 count); /* the only column of so many rows */
extern int32 store_int32(uint64 row, int column);
extern int16 store_int16(uint64 row, int column);
extern bool store_bool(uint64 row, int column);
extern Oid store_oid(uint64 row, int column);
extern TimestampTz store_timestamp(uint64 row, int column); /* 0 when null */
extern char *store_text(uint64 row, int column);            /* NULL when null; text, json, name types */
extern Datum store_array(uint64 row, int column);           /* 0 when null */

/* Arguments of types integer[], bigint[] and text[]. */
extern Datum store_int32_array(const int32 *values, int count);
extern Datum store_int64_array(const int64 *values, int count);
extern Datum store_text_array(const char *const *values, int count);
/* NULL and 0 stand for null, which *null says then. */
extern Datum store_text_or_null(const char *text, char *null);
extern Datum store_moment_or_null(TimestampTz moment, char *null);

#endif /* SFN_STORE_STORE_H */
