/*
 * shard_calls.c
 *	  Calls that the front of several databases makes here.
 *
 * The front knows functions by their signatures and values as texts, so a new function needs nothing here.  Only
 * the extension's own functions are called, so no one else's code runs for a caller who is far away.
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "store/shard_calls.h"
#include "store/store.h"

#define VIEW_PREFIX "view "

/* A function that was called in this session, or a view that was read, with the plan for that. */
typedef struct KnownCall
{
	Oid object;
	SPIPlanPtr plan; /* kept for the process; NULL: not made yet */
} KnownCall;

static bool
is_ours(Oid catalog, Oid object)
{
	return getExtensionOfObject(catalog, object) == get_extension_oid("sfn", false);
}

static void
require_ours(Oid function, const char *signature)
{
	if (!is_ours(ProcedureRelationId, function) || get_func_prokind(function) != PROKIND_FUNCTION)
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

static char *
view_text(Oid view, const char *name)
{
	if (!is_ours(RelationRelationId, view) || get_rel_relkind(view) != RELKIND_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("\"%s\" is no view of the extension sfn", name)));
	return psprintf("SELECT * FROM %s LIMIT $1::pg_catalog.int8",
					quote_qualified_identifier(get_namespace_name(get_rel_namespace(view)), get_rel_name(view)));
}

/* Functions and views have numbers of their own each. */
static KnownCall *
known_call(bool is_view, Oid object)
{
	static HTAB *calls[2] = {NULL, NULL};
	KnownCall *call;
	bool found;

	if (calls[is_view] == NULL)
	{
		HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(KnownCall)};

		calls[is_view] = hash_create("sfn shard calls", 64, &control, HASH_ELEM | HASH_BLOBS);
	}
	call = hash_search(calls[is_view], &object, HASH_ENTER, &found);
	if (!found)
		call->plan = NULL;
	return call;
}

static void
keep_plan(KnownCall *call, const char *sql, int argument_count)
{
	Oid types[FUNC_MAX_ARGS];
	SPIPlanPtr plan;

	for (int i = 0; i < argument_count; i++)
		types[i] = TEXTOID;
	plan = SPI_prepare(sql, argument_count, types);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare the call \"%s\"", sql);
	call->plan = plan;
}

static SPIPlanPtr
plan_of_view(const char *name)
{
	Oid view = DatumGetObjectId(DirectFunctionCall1(regclassin, CStringGetDatum(name)));
	KnownCall *call = known_call(true, view);

	if (call->plan == NULL)
		keep_plan(call, view_text(view, name), 1);
	return call->plan;
}

/* The plan for the function of a signature such as "sfn.stop_execution(text, text, text)"; SPI is connected. */
static SPIPlanPtr
plan_of(const char *signature, int argument_count)
{
	Oid function = DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(signature)));
	KnownCall *call = known_call(false, function);

	if (call->plan == NULL)
	{
		require_ours(function, signature);
		keep_plan(call, call_text(function, argument_count), argument_count);
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

void
shard_call_texts(ArrayType *arguments, const char **texts, int count)
{
	Datum *values;
	bool *nulls;
	int given;

	deconstruct_array(arguments, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &given);
	for (int i = 0; i < count; i++)
		texts[i] = i < given && !nulls[i] ? TextDatumGetCString(values[i]) : NULL;
}

/* The plan for a call, or for a view, whose argument is how many rows are wanted. */
static SPIPlanPtr
plan_for(const char *name, int argument_count)
{
	if (strncmp(name, VIEW_PREFIX, strlen(VIEW_PREFIX)) == 0 && argument_count == 1)
		return plan_of_view(name + strlen(VIEW_PREFIX));
	return plan_of(name, argument_count);
}

/* What a call finds by its name, and how moments and periods are written, whatever the settings of this database. */
static void
fix_settings(void)
{
	static const char *const fixed[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"DateStyle", "ISO"},
		{"IntervalStyle", "postgres"},
	};

	for (size_t i = 0; i < lengthof(fixed); i++)
		(void) set_config_option(fixed[i][0], fixed[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
shard_call_run(const char *signature, ArrayType *arguments, const ShardRows *rows)
{
	char nulls[FUNC_MAX_ARGS];
	Datum *values;
	bool *is_null;
	int count;
	int settings = NewGUCNestLevel();

	fix_settings();
	deconstruct_array(arguments, TEXTOID, -1, false, TYPALIGN_INT, &values, &is_null, &count);
	if (count > FUNC_MAX_ARGS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("too many arguments: %d", count)));
	for (int i = 0; i < count; i++)
		nulls[i] = is_null[i] ? 'n' : ' ';
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(plan_for(signature, count), values, nulls, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "the call of \"%s\" has no rows", signature);
	for (uint64 i = 0; i < SPI_processed; i++)
		rows->put(row_texts(SPI_tuptable->vals[i], SPI_tuptable->tupdesc), rows->to);
	SPI_finish();
	AtEOXact_GUC(false, settings);
}

/* ---- the map of slots ---- */

/* Starts hold a lock that moves of slots wait for, and see what a move before them has written. */
bool
shard_map_hold(int64 *version)
{
	static StoreQuery query =
		{"SELECT version, server_start = pg_catalog.pg_postmaster_start_time() FROM sfn.shard_map", 0,
		 .sees_latest = true};
	enum
	{
		VERSION = 1,
		IS_CONFIRMED
	};
	StoreScope scope;
	bool is_confirmed = true;

	*version = 0;
	LockRelationOid(get_relname_relid("shard_map", get_namespace_oid("sfn", false)), RowShareLock);
	store_enter(&scope);
	if (store_run(&query, NULL, NULL, 0) > 0)
	{
		*version = store_int64(0, VERSION);
		is_confirmed = store_bool(0, IS_CONFIRMED);
	}
	store_leave(&scope);
	return is_confirmed;
}
