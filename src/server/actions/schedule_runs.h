/*
 * schedule_runs.h
 *	  Schedules: making, changing, deleting them, and doing what is due.
 */
#ifndef SFN_ACTIONS_SCHEDULE_RUNS_H
#define SFN_ACTIONS_SCHEDULE_RUNS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/schedules.h"
#include "store/tags.h"

/* Makes the schedule, in place of the caller's one of that name with replace; role InvalidOid: the caller. */
extern SFN_MUST_CHECK bool schedule_create(ActionCall *call, ScheduleRow *schedule, bool replace);
/* Changes what its maker says of it; catch_up NULL: that stays. */
extern SFN_MUST_CHECK bool schedule_change(ActionCall *call, ScheduleRow *schedule);
/* The caller's schedule; locked, or as it is seen. */
extern SFN_MUST_CHECK ScheduleRow *schedule_lock_own(ActionCall *call, const char *group, const char *name);
extern SFN_MUST_CHECK ScheduleRow *schedule_describe(ActionCall *call, const char *group, const char *name);
extern SFN_MUST_CHECK bool schedule_enable(ActionCall *call, const char *group, const char *name, bool is_enabled);
extern SFN_MUST_CHECK bool schedule_drop(ActionCall *call, const char *group, const char *name);
extern SFN_MUST_CHECK bool schedule_drop_owned(ActionCall *call, const char *name); /* "group/name" */

/* Makes, changes or deletes the clock of a rule, as the rule says. */
extern SFN_MUST_CHECK bool rule_clock_set(ActionCall *call, const RuleRow *rule);

/* Has pg_cron, or again the executor, do what the schedules of a database are due for; *job: the number of pg_cron's. */
extern SFN_MUST_CHECK bool schedules_use_pg_cron(ActionCall *call, const char *database, int64 *job);
extern SFN_MUST_CHECK bool schedules_leave_pg_cron(ActionCall *call, const char *database);

/*
 * Does what is due, within a scope of the store; returns of how many schedules.  Of those whose owner's privileges the role
 * has (InvalidOid: of all), since they are locked until its transaction ends.
 */
extern int schedules_run(int limit, Oid role);
/* After an error of schedules_run(): the schedule in whose turn it was, or 0. */
extern int64 schedules_failed(void);
/* For a restored database: what was due before now is not done. */
extern void schedules_skip(void);

/* Members of its owner have schedules in a group, and delete it with all schedules in it; anybody may see it. */
extern SFN_MUST_CHECK bool schedule_group_create(ActionCall *call, const char *name, int64 *id);
extern SFN_MUST_CHECK bool schedule_group_drop(ActionCall *call, const char *name);
extern SFN_MUST_CHECK ScheduleGroupRow *schedule_group_describe(ActionCall *call, const char *name);
/* What carries the tags of a group; the caller's where they are to be changed. */
extern SFN_MUST_CHECK bool schedule_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner);
extern char *schedule_group_arn(const char *group);
extern char *schedule_arn(const char *group, const char *name);

#endif /* SFN_ACTIONS_SCHEDULE_RUNS_H */
