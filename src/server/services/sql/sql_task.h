/*
 * sql_task.h
 *	  What SQL functions and SQL queries as tasks have in common.
 */
#ifndef SFN_SERVICES_SQL_SQL_TASK_H
#define SFN_SERVICES_SQL_SQL_TASK_H

#include "postgres.h"

#include "executor/spi.h"

#include "services/service.h"

/* Two ways to write a failure: as JSON text the AWS function runtime would write, or one of ours. */
typedef enum CauseStyle
{
	CAUSE_SQL,      /* {"message":...,"detail":...,"sqlstate":...} */
	CAUSE_FUNCTION, /* {"errorMessage": ..., "errorType": ..., ...}, spaced as the runtime does */
	CAUSE_INVOKE    /* the same, compact */
} CauseStyle;

/* Runs work in the sandbox as the call says; service_succeed(answer, *result) or the failure. */
extern ServiceOutcome sql_task_run(const ServiceCall *call, uint64 verdict, bool always_alone, CauseStyle style,
								   void (*work)(void *arg), void *arg, const JsonVal **result, Event *answer);

/* A saved plan for the text, kept for the process; thrown errors are the task's. */
extern SPIPlanPtr sql_task_plan(const char *sql, int arg_count, Oid *arg_types);

/* A plan of the current SPI connection for a query with $1, $2 ..., and its parameters from an array (NULL: none). */
extern SPIPlanPtr sql_query_prepare(const char *query, const JsonVal *args, ParamListInfo *params);

/* JSON text of a datum of type json, jsonb or text, as a value in the current context. */
extern const JsonVal *sql_task_value(Datum datum, Oid type);

/* A row of a result as a datum of type json: an object. */
extern Datum sql_task_row(HeapTuple tuple, TupleDesc columns);

/* The value as a datum of type json or jsonb. */
extern Datum sql_task_datum(const JsonVal *value, Oid type);

/* Calls the function with the input; service_run_... share it. */
extern ServiceOutcome sql_function_call(const ServiceCall *call, Oid function, bool always_alone, const JsonVal *input,
										CauseStyle style, const JsonVal **result, Event *answer);

typedef enum FunctionFit
{
	FUNCTION_FITS,
	FUNCTION_AMBIGUOUS,    /* several take it equally well */
	FUNCTION_TAKES_OTHERS, /* those of that name have other parameters */
	FUNCTION_MISSING
} FunctionFit;

/*
 * Would a task of this role find a function of that name for such an input, of which only the names of the members
 * count (NULL: the input is not known)?  *signatures: those there are when not one takes it.
 */
extern FunctionFit sql_function_fit(const char *name, Oid role, const JsonVal *input, char **signatures);

/* Would a task of this role find a table, or a view, of that name? */
extern bool sql_table_is_there(const char *name, Oid role);

#endif /* SFN_SERVICES_SQL_SQL_TASK_H */
