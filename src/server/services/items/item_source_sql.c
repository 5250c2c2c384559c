/*
 * item_source_sql.c
 *	  The rows of a query or of a table as items: each an object of its columns.
 *
 * They come through a cursor, a few at a time, as the machine's role.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"

#include "base/error.h"
#include "services/items/item_source_kinds.h"
#include "services/sql/sql_task.h"

/* Rows that are fetched at once take about that many bytes. */
#define FETCH_BYTES (1024 * 1024)
#define FETCH_FIRST 10
#define FETCH_MAX 1000

/* Hands on a row; false when there are items enough, or with the error filled. */
static bool
emit_row(ItemReading *reading, HeapTuple row, TupleDesc columns, const char *source_name)
{
	MemoryContext context = MemoryContextSwitchTo(reading->item_context);
	Datum json = sql_task_row(row, columns);
	bool is_taken;

	if (VARSIZE_ANY_EXHDR(DatumGetPointer(json)) > ITEM_MAX_BYTES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("an item cannot be larger than 8 MB")));
	is_taken = item_source_emit(reading, sql_task_value(json, JSONOID), NULL, source_name);
	MemoryContextSwitchTo(context);
	return is_taken && !item_source_has_enough(reading);
}

/* Hands on the rows of one fetch and says how many to fetch next; 0: no more are wanted. */
static long
emit_rows(ItemReading *reading, SPITupleTable *rows, uint64 count, const char *source_name)
{
	uint64 bytes = 1;

	for (uint64 i = 0; i < count; i++)
	{
		bytes += rows->vals[i]->t_len;
		if (!emit_row(reading, rows->vals[i], rows->tupdesc, source_name))
			return 0;
		CHECK_FOR_INTERRUPTS();
	}
	return (long) Max(Min(FETCH_BYTES * count / bytes, FETCH_MAX), 1);
}

static bool
read_query(ItemReading *reading, const char *query, const JsonVal *args, const char *source_name)
{
	MemoryContext context = CurrentMemoryContext;
	ParamListInfo params;
	SPIPlanPtr plan = sql_query_prepare(query, args, &params);
	Portal portal;
	long fetch = FETCH_FIRST;

	MemoryContextSwitchTo(context); /* SPI leaves its own */
	if (!SPI_is_cursor_plan(plan))
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED, "The query of ItemReader does not return rows.");
	portal = SPI_cursor_open_with_paramlist(NULL, plan, params, false);
	while (fetch > 0)
	{
		SPITupleTable *rows;
		uint64 count;

		SPI_cursor_fetch(portal, true, fetch);
		MemoryContextSwitchTo(context);
		rows = SPI_tuptable;
		count = SPI_processed;
		fetch = count > 0 ? emit_rows(reading, rows, count, source_name) : 0;
		SPI_freetuptable(rows);
	}
	SPI_cursor_close(portal);
	return reading->error->name == NULL;
}

bool
item_source_query(ItemReading *reading)
{
	const char *query = item_source_string(reading, "Query");
	const JsonVal *args = jv_get(reading->source->parameters, "Args");

	if (query == NULL)
		return false;
	if (args != NULL && args->type != JV_ARRAY)
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED,
						 "The field 'Args' of the parameters of ItemReader must be an array.");
	return read_query(reading, query, args, "SQL");
}

bool
item_source_table(ItemReading *reading)
{
	const char *name = item_source_string(reading, "Table");
	Oid table;
	const char *qualified;

	if (name == NULL)
		return false;
	table = DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(name)));
	if (get_rel_name(table) == NULL)
		return sfn_error(reading->error, ERROR_ITEM_READER_FAILED, "The table \"%s\" does not exist.", name);
	qualified = quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)), get_rel_name(table));
	return read_query(reading, psprintf("SELECT * FROM %s", qualified), NULL, psprintf("SQL://%s", qualified));
}
