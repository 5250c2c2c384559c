/*
 * schedules.c
 *	  sfn.next_times() and sfn.parse_schedule(): what an expression for times means.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/schedules.h"
#include "api/answers.h"
#include "api/errors.h"
#include "store/sql_version.h"

#define MAX_TIMES 1000
#define EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

/* ---- next_times(expression, timezone, count, after) ---- */

/* Whole seconds since 1970 that have passed. */
static int64
seconds_of(TimestampTz moment)
{
	int64 seconds = moment / USECS_PER_SEC;

	return seconds - (moment % USECS_PER_SEC < 0 ? 1 : 0) + EPOCH_SECONDS;
}

static void
refuse_argument(ActionCall *call, const char *message)
{
	api_error(call, API_VALIDATION, message, message);
}

SFN_FUNCTION(sfn_next_times)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ActionCall call = {.style = ACTION_SQL, .action = "CreateSchedule"};
	int count = PG_GETARG_INT32(2);
	TimestampTz after = PG_GETARG_TIMESTAMPTZ(3);
	Schedule schedule;
	ScheduleZone zone;
	int64 start;
	int64 moment;

	if (count < 1 || count > MAX_TIMES)
		refuse_argument(&call, psprintf("count must be from 1 to %d", MAX_TIMES));
	if (TIMESTAMP_NOT_FINITE(after))
		refuse_argument(&call, "after must be a moment, not infinity");
	api_check(&call, schedule_read(&call, text_to_cstring(PG_GETARG_TEXT_PP(0)), &schedule));
	api_check(&call, schedule_zone_read(&call, text_to_cstring(PG_GETARG_TEXT_PP(1)), &zone));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	start = moment = seconds_of(after);
	while (count-- > 0 && schedule_next(&schedule, &zone, start, moment, &moment))
	{
		Datum values[1] = {TimestampTzGetDatum((moment - EPOCH_SECONDS) * USECS_PER_SEC)};
		bool nulls[1] = {false};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ---- parse_schedule(expression) ---- */

SFN_FUNCTION(sfn_parse_schedule)
{
	static const char *const kinds[] =
		{[SCHEDULE_RATE] = "rate", [SCHEDULE_CRON] = "cron", [SCHEDULE_CRONTAB] = "pg_cron", [SCHEDULE_AT] = "at"};
	ActionCall call = {.style = ACTION_SQL, .action = "CreateSchedule"};
	Schedule schedule;
	StringInfoData out;
	Datum values[2];
	bool nulls[2];

	api_check(&call, schedule_read(&call, text_to_cstring(PG_GETARG_TEXT_PP(0)), &schedule));
	initStringInfo(&out);
	schedule_print(&out, &schedule);
	put_text(values, nulls, 0, kinds[schedule.kind]);
	put_text(values, nulls, 1, out.data);
	return result_row(fcinfo, values, nulls);
}
