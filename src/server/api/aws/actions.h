/*
 * actions.h
 *	  What an action of sfn.api() is; the rows of each family.
 */
#ifndef SFN_API_AWS_ACTIONS_H
#define SFN_API_AWS_ACTIONS_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

typedef struct AwsAction
{
	const char *name; /* AWS's */

	/*
	 * Its members, separated by blanks, each "name:type" with type s(tring), i(nteger), n(umber), b(oolean),
	 * o(bject) or a(rray); "!" behind it: required.  Members that are null count as absent.
	 */
	const char *members;

	/* The answer; NULL: the call has the error. */
	const JsonVal *(*run)(ActionCall *call, const JsonVal *request);

	bool hands_out_tokens; /* the caller may have them whatever his rights on the machine are */
} AwsAction;

/* Each ends with a row without name. */
extern const AwsAction aws_activity_actions[];
extern const AwsAction aws_event_actions[];
extern const AwsAction aws_execution_actions[];
extern const AwsAction aws_map_run_actions[];
extern const AwsAction aws_state_machine_actions[];
extern const AwsAction aws_sync_execution_actions[];
extern const AwsAction aws_tag_actions[];
extern const AwsAction aws_task_actions[];
extern const AwsAction aws_testing_actions[];
extern const AwsAction aws_version_actions[];

#endif /* SFN_API_AWS_ACTIONS_H */
