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

typedef enum AwsApi
{
	AWS_STATES,
	AWS_EVENTS,
	AWS_SCHEDULER
} AwsApi;

/* Which API, and how a call differs from one of sfn.api(). */
typedef struct AwsCallOptions
{
	AwsApi api;
	bool never_waits;          /* a worker that finds no task asks again later */
	const char *invocation_id; /* what the client calls all attempts of one call; NULL: it has no name for it */
	bool checks_role_arn;      /* a roleArn has to look like one, as on AWS */
} AwsCallOptions;

/* The action of that name as the current user; text: the request, NULL for {}.  The answer as json, or the error raised. */
extern Datum aws_call(const char *name, const char *text, const AwsCallOptions *options);

/* Tasks can call the actions, too. */
extern void aws_api_serve_tasks(void);

/* Each ends with a row without name. */
extern const AwsAction aws_activity_actions[];
extern const AwsAction aws_event_actions[];
extern const AwsAction aws_event_archive_actions[];
extern const AwsAction aws_event_bus_actions[];
extern const AwsAction aws_event_rule_actions[];
extern const AwsAction aws_event_tag_actions[];
extern const AwsAction aws_execution_actions[];
extern const AwsAction aws_map_run_actions[];
extern const AwsAction aws_queue_actions[];
extern const AwsAction aws_schedule_actions[];
extern const AwsAction aws_schedule_group_actions[];
extern const AwsAction aws_schedule_tag_actions[];
extern const AwsAction aws_state_machine_actions[];
extern const AwsAction aws_sync_execution_actions[];
extern const AwsAction aws_tag_actions[];
extern const AwsAction aws_task_actions[];
extern const AwsAction aws_testing_actions[];
extern const AwsAction aws_topic_actions[];
extern const AwsAction aws_version_actions[];

#endif /* SFN_API_AWS_ACTIONS_H */
