/*
 * zones.c
 *	  Time zones of the server, for schedules.
 *
 * The server keeps a zone that it has read as long as the process lives.
 */
#include "postgres.h"

#include "pgtime.h"

#include "settings/zones.h"

static int
zone_offset(const ScheduleZone *zone, int64 moment)
{
	pg_time_t t = (pg_time_t) moment;
	struct pg_tm *tm = pg_localtime(&t, (const pg_tz *) zone->owner);

	return tm != NULL ? (int) tm->tm_gmtoff : 0;
}

bool
zone_find(const char *name, ScheduleZone *zone)
{
	const pg_tz *found = pg_tzset(name);

	*zone = (ScheduleZone){zone_offset, found};
	return found != NULL;
}
