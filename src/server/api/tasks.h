/*
 * tasks.h
 *	  Activities and answers to tasks: what SQL functions and sfn.api() share.
 */
#ifndef SFN_API_TASKS_H
#define SFN_API_TASKS_H

#include "postgres.h"

#include "api/errors.h"
#include "datatype/timestamp.h"
#include "store/tasks.h"
#include "json/json_value.h"

/* ---- api/tasks.c: whoever holds a task's token may answer it ---- */
extern void task_send_success(const ApiCall *call, const char *token, const char *output);
extern void task_send_failure(const ApiCall *call, const char *token, const char *error, const char *cause);
extern void task_send_heartbeat(const ApiCall *call, const char *token);

/* ---- api/activities.c: members of an activity's owner take its tasks ---- */
extern ActivityRow *activity_create(const ApiCall *call, const char *name, const JsonVal *tags); /* tags: or NULL */
/* By ARN, or for SQL callers also by name; errors: no ARN, no such activity, not allowed. */
extern ActivityRow *api_activity(const ApiCall *call, const char *name_or_arn);
extern void activity_drop(const ApiCall *call, const char *name_or_arn);
extern char *activity_arn(const char *name);

/* A task of the activity for a worker, waiting for one until the deadline; NULL: there was none. */
extern TaskRow *activity_await_task(const ActivityRow *activity, const char *worker_name, TimestampTz deadline);

/* ---- actions of sfn.api() ---- */
extern const JsonVal *aws_create_activity(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_delete_activity(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_describe_activity(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_get_activity_task(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_list_activities(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_redrive_execution(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_send_task_failure(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_send_task_heartbeat(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_send_task_success(const ApiCall *call, const JsonVal *request);

#endif /* SFN_API_TASKS_H */
