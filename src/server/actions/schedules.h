/*
 * schedules.h
 *	  Schedules as callers give them: expressions and time zones.
 */
#ifndef SFN_ACTIONS_SCHEDULES_H
#define SFN_ACTIONS_SCHEDULES_H

#include "postgres.h"

#include "actions/errors.h"
#include "events/schedule.h"

/* False: the call has the error. */
extern SFN_MUST_CHECK bool schedule_read(ActionCall *call, const char *text, Schedule *schedule);
extern SFN_MUST_CHECK bool schedule_zone_read(ActionCall *call, const char *name, ScheduleZone *zone);

#endif /* SFN_ACTIONS_SCHEDULES_H */
