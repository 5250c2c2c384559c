/*
 * functions.c
 *	  The registered functions in the tables.
 *
 * The target is kept as text, so that it survives dump and restore and follows
 * a function that was dropped and made again.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/functions.h"
#include "store/store.h"

enum
{
	FUNCTION_TARGET = 1,
	FUNCTION_ALONE,
	FUNCTION_OWNER
};

FunctionRow *
function_by_name(const char *name)
{
	static StoreQuery query = {"SELECT target, alone, owner::pg_catalog.oid FROM sfn.function WHERE name = $1",
							   1,
							   {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};
	FunctionRow *function;

	if (store_run(&query, args, NULL, 0) == 0)
		return NULL;

	function = palloc0(sizeof(FunctionRow));
	function->name = pstrdup(name);
	function->target = store_text(0, FUNCTION_TARGET);
	function->alone = store_bool(0, FUNCTION_ALONE);
	function->owner = store_oid(0, FUNCTION_OWNER);
	return function;
}

void
function_upsert(const FunctionRow *function)
{
	static StoreQuery query =
		{"INSERT INTO sfn.function AS f (name, target, alone, owner)"
		 " VALUES ($1, $2, $3, $4::pg_catalog.regrole)"
		 " ON CONFLICT (name) DO UPDATE SET target = excluded.target, alone = excluded.alone, owner = excluded.owner",
		 4,
		 {TEXTOID, TEXTOID, BOOLOID, OIDOID}};
	Datum args[4] = {CStringGetTextDatum(function->name), CStringGetTextDatum(function->target),
					 BoolGetDatum(function->alone), ObjectIdGetDatum(function->owner)};

	(void) store_run(&query, args, NULL, 0);
}

bool
function_delete(const char *name)
{
	static StoreQuery query = {"DELETE FROM sfn.function WHERE name = $1", 1, {TEXTOID}};
	Datum args[1] = {CStringGetTextDatum(name)};

	return store_run(&query, args, NULL, 0) > 0;
}
