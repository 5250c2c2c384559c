/*
 * activities.h
 *	  Activities: making them, and handing their tasks to workers that poll.
 */
#ifndef SFN_ACTIONS_ACTIVITIES_H
#define SFN_ACTIONS_ACTIVITIES_H

#include "postgres.h"

#include "actions/errors.h"
#include "base/error.h"
#include "store/tasks.h"
#include "json/json_value.h"

/* Members of an activity's owner take its tasks. */
extern SFN_MUST_CHECK ActivityRow *activity_create(ActionCall *call, const char *name,
												   const JsonVal *tags); /* tags: or NULL */
/* By ARN, or for SQL callers also by name; NULL: no ARN, no such activity, not allowed. */
extern SFN_MUST_CHECK ActivityRow *action_activity(ActionCall *call, const char *name_or_arn);
extern SFN_MUST_CHECK bool activity_drop(ActionCall *call, const char *name_or_arn);

/* May machines of the role give it work?  False: *error says why not. */
extern bool activity_is_trusted(const ActivityRow *activity, Oid role, SfnError *error);

/* May this caller wait for a task under that name (or NULL)? */
extern SFN_MUST_CHECK bool check_worker(ActionCall *call, const char *worker_name);

/*
 * Tasks of the activity for a worker, at most max; returns how many.  Outside of the call's scope: each look has a snapshot of its own, and
 * leaves no lock behind on what it did not take.
 */
extern int activity_look_for_tasks(const ActivityRow *activity, const char *worker_name, int max, TaskRow **tasks);

#endif /* SFN_ACTIONS_ACTIVITIES_H */
