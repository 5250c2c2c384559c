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
#include "utils/lsyscache.h"

#include "store/shard_calls.h"

/* The function of a signature such as "sfn.stop_execution(text, text, text)". */
static Oid
function_of(const char *signature)
{
	Oid function = DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(signature)));

	if (getExtensionOfObject(ProcedureRelationId, function) != get_extension_oid("sfn", false) ||
		get_func_prokind(function) != PROKIND_FUNCTION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no function of the extension sfn", signature)));
	return function;
}

/* SELECT * FROM sfn.name($1::type, ...) */
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
	appendStringInfo(&sql, "SELECT * FROM sfn.%s(", quote_identifier(get_func_name(function)));
	for (int i = 0; i < count; i++)
		appendStringInfo(&sql, "%s$%d::%s", i > 0 ? ", " : "", i + 1, format_type_be_qualified(types[i]));
	appendStringInfoChar(&sql, ')');
	return sql.data;
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
	Oid types[FUNC_MAX_ARGS];
	char nulls[FUNC_MAX_ARGS];
	Datum *values;
	bool *is_null;
	int count;
	int settings = NewGUCNestLevel();
	const char *sql;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
	deconstruct_array(arguments, TEXTOID, -1, false, TYPALIGN_INT, &values, &is_null, &count);
	if (count > FUNC_MAX_ARGS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("too many arguments: %d", count)));
	for (int i = 0; i < count; i++)
	{
		types[i] = TEXTOID;
		nulls[i] = is_null[i] ? 'n' : ' ';
	}
	sql = call_text(function_of(signature), count);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_with_args(sql, count, types, values, nulls, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "the call of \"%s\" has no rows", signature);
	put_rows(result);
	SPI_finish();
	AtEOXact_GUC(false, settings);
}
