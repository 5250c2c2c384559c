/*
 * shard_calls.c
 *	  Calls that the front of several databases makes here.
 *
 * The front knows functions by their signatures and values as texts, so a new function needs nothing here.  Only
 * the extension's own functions are called, so no one else's code runs for a caller who is far away.
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "store/shard_calls.h"

/* A function that was called in this session, with the plan of its call. */
typedef struct KnownCall
{
	Oid function;
	SPIPlanPtr plan; /* kept for the process; NULL: not made yet */
} KnownCall;

static void
require_ours(Oid function, const char *signature)
{
	if (getExtensionOfObject(ProcedureRelationId, function) != get_extension_oid("sfn", false) ||
		get_func_prokind(function) != PROKIND_FUNCTION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no function of the extension sfn", signature)));
}

/* SELECT * FROM schema.name($1::type, ...) */
static char *
call_text(Oid function, int argument_count)
{
	StringInfoData sql;
	Oid *types;
	int count;

	(void) get_func_signature(function, &types, &count);
	if (count != argument_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function \"%s\" has %d arguments, not %d", get_func_name(function), count, argument_count)));
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT * FROM %s(",
					 quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
												get_func_name(function)));
	for (int i = 0; i < count; i++)
		appendStringInfo(&sql, "%s$%d::%s", i > 0 ? ", " : "", i + 1, format_type_be_qualified(types[i]));
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

static KnownCall *
known_call(Oid function)
{
	static HTAB *calls = NULL;
	KnownCall *call;
	bool found;

	if (calls == NULL)
	{
		HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(KnownCall)};

		calls = hash_create("sfn shard calls", 64, &control, HASH_ELEM | HASH_BLOBS);
	}
	call = hash_search(calls, &function, HASH_ENTER, &found);
	if (!found)
		call->plan = NULL;
	return call;
}

/* The plan for the function of a signature such as "sfn.stop_execution(text, text, text)"; SPI is connected. */
static SPIPlanPtr
plan_of(const char *signature, int argument_count)
{
	Oid function = DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(signature)));
	KnownCall *call = known_call(function);

	if (call->plan == NULL)
	{
		Oid types[FUNC_MAX_ARGS];
		SPIPlanPtr plan;

		require_ours(function, signature);
		for (int i = 0; i < argument_count; i++)
			types[i] = TEXTOID;
		plan = SPI_prepare(call_text(function, argument_count), argument_count, types);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare the call of \"%s\"", signature);
		call->plan = plan;
	}
	if (SPI_getargcount(call->plan) != argument_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function \"%s\" does not have %d arguments", signature, argument_count)));
	return call->plan;
}

/* The row as a text[]. */
static Datum
row_texts(HeapTuple row, TupleDesc columns)
{
	int count = columns->natts;
	Datum *values = palloc0(count * sizeof(Datum));
	bool *nulls = palloc0(count * sizeof(bool));
	int dims[1] = {count};
	int lower_bounds[1] = {1};

	for (int i = 0; i < count; i++)
	{
		char *text = SPI_getvalue(row, columns, i + 1);

		nulls[i] = text == NULL;
		if (text != NULL)
			values[i] = CStringGetTextDatum(text);
	}
	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lower_bounds, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
put_rows(ReturnSetInfo *result)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Datum row = row_texts(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		bool is_null = false;

		tuplestore_putvalues(result->setResult, result->setDesc, &row, &is_null);
	}
}

void
shard_call_run(const char *signature, ArrayType *arguments, ReturnSetInfo *result)
{
	char nulls[FUNC_MAX_ARGS];
	Datum *values;
	bool *is_null;
	int count;
	int settings = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
	deconstruct_array(arguments, TEXTOID, -1, false, TYPALIGN_INT, &values, &is_null, &count);
	if (count > FUNC_MAX_ARGS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("too many arguments: %d", count)));
	for (int i = 0; i < count; i++)
		nulls[i] = is_null[i] ? 'n' : ' ';
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(plan_of(signature, count), values, nulls, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "the call of \"%s\" has no rows", signature);
	put_rows(result);
	SPI_finish();
	AtEOXact_GUC(false, settings);
}
