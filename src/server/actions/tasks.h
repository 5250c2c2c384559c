/*
 * tasks.h
 *	  Answering tasks: whoever holds a task's token may, once.
 */
#ifndef SFN_ACTIONS_TASKS_H
#define SFN_ACTIONS_TASKS_H

#include "postgres.h"

#include "actions/errors.h"

extern SFN_MUST_CHECK bool task_send_success(ActionCall *call, const char *token, const char *output);
extern SFN_MUST_CHECK bool task_send_failure(ActionCall *call, const char *token, const char *error, const char *cause);
extern SFN_MUST_CHECK bool task_send_heartbeat(ActionCall *call, const char *token);

#endif /* SFN_ACTIONS_TASKS_H */
