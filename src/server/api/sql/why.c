/*
 * why.c
 *	  The SQL function sfn.why().
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"

#include "actions/why.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "store/sql_version.h"

enum
{
	WHY_LEVEL,
	WHY_EXECUTION,
	WHY_STATE,
	WHY_WAITS_FOR,
	WHY_DETAIL,
	WHY_SINCE,
	WHY_UNTIL,
	WHY_PID,
	WHY_ENDED_BY,
	WHY_STATEMENT,
	WHY_COLUMNS
};

static void
put_row(ReturnSetInfo *result, const WhyRow *row, Oid viewer)
{
	Datum values[WHY_COLUMNS] = {0};
	bool nulls[WHY_COLUMNS] = {false};

	values[WHY_LEVEL] = Int32GetDatum(row->level);
	put_text(values, nulls, WHY_EXECUTION, row->execution_arn);
	put_text(values, nulls, WHY_STATE, row->state);
	put_text(values, nulls, WHY_WAITS_FOR, row->waits_for);
	put_shown(values, nulls, WHY_DETAIL, row->detail, viewer);
	put_moment(values, nulls, WHY_SINCE, row->since);
	put_moment(values, nulls, WHY_UNTIL, row->until);
	values[WHY_PID] = Int32GetDatum(row->pid);
	nulls[WHY_PID] = row->pid == 0;
	put_text(values, nulls, WHY_ENDED_BY, row->ended_by);
	put_shown(values, nulls, WHY_STATEMENT, row->statement, viewer);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

SFN_FUNCTION(sfn_why)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call;
	List *rows = NIL;
	ListCell *cell;

	InitMaterializedSRF(fcinfo, 0);
	api_enter(&call, ACTION_SQL, "DescribeExecution");
	api_check(&call, execution_why(&call, required_text(&call, fcinfo, 0, "execution"), &rows));
	api_leave(&call);
	foreach(cell, rows)
		put_row(result, lfirst(cell), call.scope.caller);
	return (Datum) 0;
}
