/*
 * zones.h
 *	  Time zones of the server, for schedules.
 */
#ifndef SFN_SETTINGS_ZONES_H
#define SFN_SETTINGS_ZONES_H

#include "postgres.h"

#include "events/schedule.h"

/* The zone of that name, for as long as the process lives; false: there is none. */
extern bool zone_find(const char *name, ScheduleZone *zone);

#endif /* SFN_SETTINGS_ZONES_H */
