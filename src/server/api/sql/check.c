/*
 * check.c
 *	  sfn.check(): what no key keeps true between the tables.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "api/arguments.h"
#include "store/check.h"
#include "store/sql_version.h"
#include "store/store.h"

static void
put_finding(const CheckFinding *finding, void *arg)
{
	ReturnSetInfo *result = arg;
	Datum values[] = {CStringGetTextDatum(finding->kind), CStringGetTextDatum(finding->object),
					  CStringGetTextDatum(finding->problem), CStringGetTextDatum(finding->cure)};
	bool nulls[lengthof(values)] = {false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

SFN_FUNCTION(sfn_check)
{
	StoreScope scope;

	require_arguments(fcinfo);
	InitMaterializedSRF(fcinfo, 0);
	store_enter(&scope);
	check_tables(PG_GETARG_INT64(0), PG_GETARG_INT64(1), put_finding, fcinfo->resultinfo);
	store_leave(&scope);
	return (Datum) 0;
}
