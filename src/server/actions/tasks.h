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

#define TASKS_AT_ONCE 1000

/*
 * The same for several tasks; is_late[i] says that nobody waits for that answer any more, which is no error here.  errors and causes, and
 * elements of them, may be NULL.
 */
extern SFN_MUST_CHECK bool tasks_send_successes(ActionCall *call, char **tokens, char **outputs, int count,
												bool *is_late);
extern SFN_MUST_CHECK bool tasks_send_failures(ActionCall *call, char **tokens, char **errors, char **causes, int count,
											   bool *is_late);

extern SFN_MUST_CHECK bool task_send_heartbeat(ActionCall *call, const char *token);

#endif /* SFN_ACTIONS_TASKS_H */
