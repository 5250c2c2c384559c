/*
 * quarantine.c
 *	  sfn.release_execution(): giving an execution that brought workers down another chance.
 */
#include "postgres.h"

#include "fmgr.h"

#include "api/arguments.h"
#include "engine/event.h"
#include "settings/clock.h"
#include "store/claims.h"
#include "store/executions.h"

extern PGDLLEXPORT Datum sfn_release_execution(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_release_execution);
Datum
sfn_release_execution(PG_FUNCTION_ARGS)
{
	ApiCall call;
	ExecutionRow *execution;
	char *arn;

	api_enter(&call, API_SQL, "ReleaseExecution");
	arn = required_text(&call, fcinfo, 0, "execution");
	execution = api_execution(&call, arn, MACHINE_MANAGE, true, NULL);
	if (execution->stop_date != 0)
	{
		api_leave(&call);
		PG_RETURN_VOID(); /* its end has released it */
	}
	if (!execution_is_quarantined(execution->id))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("execution \"%s\" is not quarantined", arn),
				 errhint("The column quarantined_at of sfn.executions shows which are.")));
	inbox_insert(execution->id, EVENT_RELEASE, sfn_now(), NULL);
	api_leave(&call);
	PG_RETURN_VOID();
}
