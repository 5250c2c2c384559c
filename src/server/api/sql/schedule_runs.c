/*
 * schedule_runs.c
 *	  The SQL functions for schedules: create_schedule(), drop_schedule(), run_due_schedules() and others.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/schedule_runs.h"
#include "api/arguments.h"
#include "shared/worker_registry.h"
#include "store/instance.h"
#include "store/sql_version.h"

#define MAX_AT_ONCE 100000

static bool
completion_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	const char *action = required_text(call, fcinfo, number, "action_after_completion");

	if (strcmp(action, "NONE") != 0 && strcmp(action, "DELETE") != 0)
		api_error(call, API_VALIDATION, "ActionAfterCompletion must be NONE or DELETE",
				  "action_after_completion must be NONE or DELETE");
	return action[0] == 'D';
}

static void
take_text(FunctionCallInfo fcinfo, int number, char **text)
{
	if (!PG_ARGISNULL(number))
		*text = text_argument(fcinfo, number);
}

SFN_FUNCTION(sfn_create_schedule)
{
	ActionCall call;
	ScheduleRow row = {.role = PG_ARGISNULL(9) ? InvalidOid : PG_GETARG_OID(9),
					   .retry = text_argument(fcinfo, 10),
					   .is_enabled = !PG_ARGISNULL(11) && PG_GETARG_BOOL(11),
					   .flexible = interval_argument(fcinfo, 7),
					   .description = text_argument(fcinfo, 14),
					   .aws_members = text_argument(fcinfo, 16),
					   .dead_letter_queue = text_argument(fcinfo, 17)};
	char *arn;

	api_enter(&call, ACTION_SQL, "CreateSchedule");
	row.name = required_text(&call, fcinfo, 0, "name");
	row.expression = required_text(&call, fcinfo, 1, "expression");
	row.target = required_text(&call, fcinfo, 2, "target");
	row.input = required_text(&call, fcinfo, 3, "input");
	row.timezone = required_text(&call, fcinfo, 4, "timezone");
	row.start_date = moment_argument(&call, fcinfo, 5);
	row.end_date = moment_argument(&call, fcinfo, 6);
	row.catch_up = required_text(&call, fcinfo, 8, "catch_up");
	row.group = required_text(&call, fcinfo, 12, "group_name");
	row.deletes_itself = completion_argument(&call, fcinfo, 13);
	api_check(&call, schedule_create(&call, &row, !PG_ARGISNULL(15) && PG_GETARG_BOOL(15)));
	arn = schedule_arn(row.group, row.name);
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(arn));
}

/* What is not given stays. */
SFN_FUNCTION(sfn_update_schedule)
{
	ActionCall call;
	ScheduleRow *row;
	char *name;

	api_enter(&call, ACTION_SQL, "UpdateSchedule");
	name = required_text(&call, fcinfo, 0, "name");
	row = schedule_lock_own(&call, required_text(&call, fcinfo, 12, "group_name"), name);
	api_check(&call, row != NULL);
	take_text(fcinfo, 1, &row->expression);
	take_text(fcinfo, 2, &row->target);
	take_text(fcinfo, 3, &row->input);
	take_text(fcinfo, 4, &row->timezone);
	if (!PG_ARGISNULL(5))
		row->start_date = moment_argument(&call, fcinfo, 5);
	if (!PG_ARGISNULL(6))
		row->end_date = moment_argument(&call, fcinfo, 6);
	if (!PG_ARGISNULL(7))
		row->flexible = interval_argument(fcinfo, 7);
	take_text(fcinfo, 8, &row->catch_up);
	if (!PG_ARGISNULL(9))
		row->role = PG_GETARG_OID(9);
	take_text(fcinfo, 10, &row->retry);
	if (!PG_ARGISNULL(11))
		row->is_enabled = PG_GETARG_BOOL(11);
	if (!PG_ARGISNULL(13))
		row->deletes_itself = completion_argument(&call, fcinfo, 13);
	take_text(fcinfo, 14, &row->description);
	take_text(fcinfo, 15, &row->aws_members);
	take_text(fcinfo, 16, &row->dead_letter_queue);
	api_check(&call, schedule_change(&call, row));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- groups ---- */

SFN_FUNCTION(sfn_create_schedule_group)
{
	ActionCall call;
	char *name;
	char *arn;
	int64 id;

	api_enter(&call, ACTION_SQL, "CreateScheduleGroup");
	name = required_text(&call, fcinfo, 0, "name");
	api_check(&call, schedule_group_create(&call, name, &id));
	arn = schedule_group_arn(name);
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(arn));
}

SFN_FUNCTION(sfn_drop_schedule_group)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteScheduleGroup");
	api_check(&call, schedule_group_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- the rest of schedules ---- */

SFN_FUNCTION(sfn_drop_schedule)
{
	ActionCall call;
	char *name;

	api_enter(&call, ACTION_SQL, "DeleteSchedule");
	name = required_text(&call, fcinfo, 0, "name");
	api_check(&call, schedule_drop(&call, required_text(&call, fcinfo, 1, "group_name"), name));
	api_leave(&call);
	PG_RETURN_VOID();
}

static Datum
set_enabled(FunctionCallInfo fcinfo, bool is_enabled)
{
	ActionCall call;
	char *name;

	api_enter(&call, ACTION_SQL, "UpdateSchedule");
	name = required_text(&call, fcinfo, 0, "name");
	api_check(&call, schedule_enable(&call, required_text(&call, fcinfo, 1, "group_name"), name, is_enabled));
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_enable_schedule)
{
	return set_enabled(fcinfo, true);
}

SFN_FUNCTION(sfn_disable_schedule)
{
	return set_enabled(fcinfo, false);
}

/* A copy that nobody has adopted leaves the world alone. */
SFN_FUNCTION(sfn_run_due_schedules)
{
	int32 limit = PG_GETARG_INT32(0);
	ActionCall call;
	int count;

	require_arguments(fcinfo);
	if (instance_check() == INSTANCE_FOREIGN)
		PG_RETURN_INT32(0);
	api_enter(&call, ACTION_SQL, "RunDueSchedules");
	if (limit < 1 || limit > MAX_AT_ONCE)
		api_error(&call, API_VALIDATION, "limit must be from 1 to 100000", "limit must be from 1 to 100000");
	count = schedules_run(limit, call.scope.caller);
	api_leave(&call);
	PG_RETURN_INT32(count);
}

/* ---- pg_cron ---- */

static char *
database_argument(ActionCall *call, FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		api_error(call, API_VALIDATION, "database must not be null", "database must not be null");
	return pstrdup(NameStr(*PG_GETARG_NAME(0)));
}

SFN_FUNCTION(sfn_use_pg_cron)
{
	ActionCall call;
	int64 job;

	api_enter(&call, ACTION_SQL, "UsePgCron");
	api_check(&call, schedules_use_pg_cron(&call, database_argument(&call, fcinfo), &job));
	api_leave(&call);
	PG_RETURN_INT64(job);
}

SFN_FUNCTION(sfn_leave_pg_cron)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "LeavePgCron");
	api_check(&call, schedules_leave_pg_cron(&call, database_argument(&call, fcinfo)));
	api_leave(&call);
	PG_RETURN_VOID();
}
