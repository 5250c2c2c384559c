/*
 * schedule_targets.h
 *	  What a schedule tells its target, when it is due.
 */
#ifndef SFN_ACTIONS_SCHEDULE_TARGETS_H
#define SFN_ACTIONS_SCHEDULE_TARGETS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/schedules.h"

/* The part of target_check() that schedules alone have. */
extern SFN_MUST_CHECK bool schedule_target_check(ActionCall *call, const ScheduleRow *row);

/* Within a scope of the store: tells the target of that time, or those of the rule whose clock it is. */
extern void schedule_tell(const ScheduleRow *row, TimestampTz due);

#endif /* SFN_ACTIONS_SCHEDULE_TARGETS_H */
