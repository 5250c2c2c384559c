/*
 * schedules.c
 *	  Schedules as callers give them: expressions and time zones.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "actions/schedules.h"
#include "settings/zones.h"

bool
schedule_read(ActionCall *call, const char *text, Schedule *schedule)
{
	ScheduleError error;

	if (schedule_parse(text, (int) strlen(text), schedule, &error))
		return true;
	return action_fail_with_detail(call, API_INVALID_SCHEDULE,
								   psprintf("At character %d of the expression.",
											pg_mbstrlen_with_len(text, error.position) + 1),
								   text, error.message, error.hint != NULL ? error.hint : "");
}

bool
schedule_zone_read(ActionCall *call, const char *name, ScheduleZone *zone)
{
	return zone_find(name, zone) || action_fail(call, API_INVALID_TIME_ZONE, name);
}
