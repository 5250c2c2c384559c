/*
 * aws_actions.h
 *	  Actions of sfn.api() that have a file of their own, and what answers are made with.
 */
#ifndef SFN_API_AWS_ACTIONS_H
#define SFN_API_AWS_ACTIONS_H

#include "postgres.h"

#include "api/errors.h"
#include "json/json_value.h"

/* Adds a member unless there is nothing to say: text NULL, moment 0. */
extern void answer_text(JvObjectBuilder *object, const char *name, const char *text);
extern void answer_moment(JvObjectBuilder *object, const char *name, TimestampTz moment);

/* aws_versions.c */
extern const JsonVal *aws_publish_state_machine_version(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_delete_state_machine_version(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_list_state_machine_versions(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_create_state_machine_alias(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_update_state_machine_alias(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_describe_state_machine_alias(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_delete_state_machine_alias(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_list_state_machine_aliases(const ApiCall *call, const JsonVal *request);

/* map_run_functions.c */
extern const JsonVal *aws_describe_map_run(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_list_map_runs(const ApiCall *call, const JsonVal *request);
extern const JsonVal *aws_update_map_run(const ApiCall *call, const JsonVal *request);

#endif /* SFN_API_AWS_ACTIONS_H */
