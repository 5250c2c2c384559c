/*
 * calls.c
 *	  Calls of the API in the database, by requests that have a role.
 */
#include "gateway/calls.h"

#include "base/texts.h"
#include "gateway/failures.h"
#include "gateway/shards.h"

/* APIs by what X-Amz-Target begins with. */
static const struct
{
	const char *target;
	const char *service;
	const char *prefix; /* of the database's names for their actions */
	AnswerStyle style;
} apis[] = {
	{"AWSStepFunctions.", "states", "", ANSWER_JSON},
	{"AWSEvents.", "events", "events:", ANSWER_JSON_11},
	{"AmazonSQS.", "sqs", "sqs:", ANSWER_JSON_SQS},
};

static const struct
{
	const char *name;
	PoolKind pool;
} actions[] = {
	{"CreateActivity", POOL_CALLS},
	{"CreateStateMachine", POOL_CALLS},
	{"CreateStateMachineAlias", POOL_CALLS},
	{"DeleteActivity", POOL_CALLS},
	{"DeleteStateMachine", POOL_CALLS},
	{"DeleteStateMachineAlias", POOL_CALLS},
	{"DeleteStateMachineVersion", POOL_CALLS},
	{"DescribeActivity", POOL_CALLS},
	{"DescribeExecution", POOL_CALLS},
	{"DescribeMapRun", POOL_CALLS},
	{"DescribeStateMachine", POOL_CALLS},
	{"DescribeStateMachineAlias", POOL_CALLS},
	{"DescribeStateMachineForExecution", POOL_CALLS},
	{"GetActivityTask", POOL_CALLS},
	{"GetExecutionHistory", POOL_CALLS},
	{"ListActivities", POOL_CALLS},
	{"ListExecutions", POOL_CALLS},
	{"ListMapRuns", POOL_CALLS},
	{"ListStateMachineAliases", POOL_CALLS},
	{"ListStateMachineVersions", POOL_CALLS},
	{"ListStateMachines", POOL_CALLS},
	{"ListTagsForResource", POOL_CALLS},
	{"PublishStateMachineVersion", POOL_CALLS},
	{"RedriveExecution", POOL_CALLS},
	{"SendTaskFailure", POOL_CALLS},
	{"SendTaskHeartbeat", POOL_CALLS},
	{"SendTaskSuccess", POOL_CALLS},
	{"StartExecution", POOL_CALLS},
	{"StartSyncExecution", POOL_SYNC},
	{"StopExecution", POOL_CALLS},
	{"TagResource", POOL_CALLS},
	{"TestState", POOL_SYNC},
	{"UntagResource", POOL_CALLS},
	{"UpdateMapRun", POOL_CALLS},
	{"UpdateStateMachine", POOL_CALLS},
	{"UpdateStateMachineAlias", POOL_CALLS},
	{"ValidateStateMachineDefinition", POOL_CALLS},
	{"events:CancelReplay", POOL_CALLS},
	{"events:CreateArchive", POOL_CALLS},
	{"events:CreateEventBus", POOL_CALLS},
	{"events:DeleteArchive", POOL_CALLS},
	{"events:DeleteEventBus", POOL_CALLS},
	{"events:DeleteRule", POOL_CALLS},
	{"events:DescribeArchive", POOL_CALLS},
	{"events:DescribeEventBus", POOL_CALLS},
	{"events:DescribeReplay", POOL_CALLS},
	{"events:DescribeRule", POOL_CALLS},
	{"events:DisableRule", POOL_CALLS},
	{"events:EnableRule", POOL_CALLS},
	{"events:ListArchives", POOL_CALLS},
	{"events:ListEventBuses", POOL_CALLS},
	{"events:ListReplays", POOL_CALLS},
	{"events:ListRuleNamesByTarget", POOL_CALLS},
	{"events:ListRules", POOL_CALLS},
	{"events:ListTagsForResource", POOL_CALLS},
	{"events:ListTargetsByRule", POOL_CALLS},
	{"events:PutEvents", POOL_CALLS},
	{"events:PutPermission", POOL_CALLS},
	{"events:PutRule", POOL_CALLS},
	{"events:PutTargets", POOL_CALLS},
	{"events:RemovePermission", POOL_CALLS},
	{"events:RemoveTargets", POOL_CALLS},
	{"events:StartReplay", POOL_CALLS},
	{"events:TagResource", POOL_CALLS},
	{"events:TestEventPattern", POOL_CALLS},
	{"events:UntagResource", POOL_CALLS},
	{"events:UpdateArchive", POOL_CALLS},
	{"events:UpdateEventBus", POOL_CALLS},
	{"sns:CreateTopic", POOL_CALLS},
	{"sns:DeleteTopic", POOL_CALLS},
	{"sns:GetSubscriptionAttributes", POOL_CALLS},
	{"sns:GetTopicAttributes", POOL_CALLS},
	{"sns:ListSubscriptions", POOL_CALLS},
	{"sns:ListSubscriptionsByTopic", POOL_CALLS},
	{"sns:ListTagsForResource", POOL_CALLS},
	{"sns:ListTopics", POOL_CALLS},
	{"sns:Publish", POOL_CALLS},
	{"sns:PublishBatch", POOL_CALLS},
	{"sns:SetSubscriptionAttributes", POOL_CALLS},
	{"sns:SetTopicAttributes", POOL_CALLS},
	{"sns:Subscribe", POOL_CALLS},
	{"sns:TagResource", POOL_CALLS},
	{"sns:Unsubscribe", POOL_CALLS},
	{"sns:UntagResource", POOL_CALLS},
	{"sqs:ChangeMessageVisibility", POOL_CALLS},
	{"sqs:ChangeMessageVisibilityBatch", POOL_CALLS},
	{"sqs:CreateQueue", POOL_CALLS},
	{"sqs:DeleteMessage", POOL_CALLS},
	{"sqs:DeleteMessageBatch", POOL_CALLS},
	{"sqs:DeleteQueue", POOL_CALLS},
	{"sqs:GetQueueAttributes", POOL_CALLS},
	{"sqs:GetQueueUrl", POOL_CALLS},
	{"sqs:ListQueues", POOL_CALLS},
	{"sqs:PurgeQueue", POOL_CALLS},
	{"sqs:ReceiveMessage", POOL_CALLS},
	{"sqs:SendMessage", POOL_CALLS},
	{"sqs:SendMessageBatch", POOL_CALLS},
	{"sqs:SetQueueAttributes", POOL_CALLS},
};

typedef struct Call
{
	Job job;
	Request *request;
	PoolKind pool;
	const char *action;
	const char *body;
	void (*done)(Request *request, const char *answer);
} Call;

/* Nobody waits for the end of the execution any more. */
static void
hung_up(Watch *watch, uint32 events)
{
	Request *request = watch->owner;
	Call *call = request->call;

	(void) events;
	arena_use(request->arena);
	request_forget_client(request);
	request->closes = true;
	pool_cancel(POOL_SYNC, &call->job);
}

bool
action_find(const char *name, const char **known_name, PoolKind *pool)
{
	for (size_t i = 0; i < lengthof(actions); i++)
	{
		if (strcmp(actions[i].name, name) == 0)
		{
			*known_name = actions[i].name;
			*pool = actions[i].pool;
			return true;
		}
	}
	return false;
}

void
request_asks_for(Request *request, const char *service, const char *call)
{
	const char *colon = strchr(call, ':');

	request->service = service;
	request->call_name = call;
	request->action = colon != NULL ? colon + 1 : call;
}

bool
request_take_target(Request *request, const char *target)
{
	const char *name;
	PoolKind pool;

	for (size_t i = 0; i < lengthof(apis); i++)
	{
		if (!text_begins_with(target, apis[i].target))
			continue;
		request->style = apis[i].style;
		if (!action_find(psprintf("%s%s", apis[i].prefix, target + strlen(apis[i].target)), &name, &pool))
			return false;
		request_asks_for(request, apis[i].service, name);
		return true;
	}
	return false;
}

static void ask_database(Call *call);

/*
 * What a shard could not do the front may: it knows roles and changes that the shard lacks, other shards where an execution may be,
 * and who has which names by now.
 */
static bool
is_for_front(const Call *call, const char *sqlstate)
{
	static const char *const states[] = {"42704", "55000", "SF010", "SF014", "SF017", "SF090"};

	if (call->job.statement != STATEMENT_ENTER)
		return false;
	for (size_t i = 0; i < lengthof(states); i++)
	{
		if (strcmp(states[i], sqlstate) == 0)
			return true;
	}
	return strncmp(sqlstate, "08", 2) == 0 && !call->job.was_sent;
}

static void
call_done(Job *job, const PGresult *result, const char *sqlstate)
{
	Call *call = job->owner;
	const char *answer;

	if (sqlstate != NULL && is_for_front(call, sqlstate))
	{
		if (strcmp(sqlstate, "SF090") == 0)
			shards_map_is_old(call->request->database);
		ask_database(call);
		return;
	}
	if (sqlstate != NULL)
	{
		fail_of_database(call->request, result, sqlstate);
		call->done(call->request, NULL);
		return;
	}
	answer = result_value(result, 0);
	call->done(call->request, pstrdup(answer != NULL ? answer : "{}"));
}

static Call *
begin_call(Request *request, Statement statement, void (*done)(Request *request, const char *answer))
{
	Call *call = palloc0(sizeof(Call));

	call->request = request;
	call->done = done;
	call->job = (Job){.arena = request->arena,
					  .database = request->database,
					  .statement = statement,
					  .done = call_done,
					  .owner = call};
	return call;
}

void
call_page(Request *request, const char *page, const char *body, void (*done)(Request *request, const char *answer))
{
	Call *call = begin_call(request, STATEMENT_PAGE, done);

	call->job.parameters[0] = request->role;
	call->job.parameters[1] = page;
	call->job.parameters[2] = body;
	pool_ask(POOL_CALLS, &call->job);
}

/* Starts without a name wait for nobody, so one commit will do for several of a role. */
static const char *
shared_by(const Call *call)
{
	return strcmp(call->action, "StartExecution") == 0 && strstr(call->body, "\"name\"") == NULL ? call->request->role
																								 : NULL;
}

/* The request's own; a front has done by then what it was asked for, so nothing is asked of it together. */
static void
ask_database(Call *call)
{
	Request *request = call->request;

	call->job =
		(Job){.arena = request->arena,
			  .database = request->database,
			  .statement = STATEMENT_CALL,
			  .parameters = {request->role, call->action, call->body, request_header(request, "amz-sdk-invocation-id")},
			  .shares = pool_is_front(request->database) ? NULL : shared_by(call),
			  .done = call_done,
			  .owner = call};
	pool_ask(call->pool, &call->job);
}

static void
ask_shard(Call *call, const ShardPlace *place)
{
	Request *request = call->request;

	call->job = (Job){.arena = request->arena,
					  .database = place->database,
					  .statement = STATEMENT_ENTER,
					  .parameters = {place->shard, request->role_name, place->version, call->action, call->body,
									 request_header(request, "amz-sdk-invocation-id")},
					  .shares = shared_by(call),
					  .done = call_done,
					  .owner = call};
	pool_ask(call->pool, &call->job);
}

static Call *
begin_api_call(Request *request, const char *action, const char *body, PoolKind pool,
			   void (*done)(Request *request, const char *answer))
{
	Call *call = palloc0(sizeof(Call));

	call->request = request;
	call->pool = pool;
	call->action = action;
	call->body = body;
	call->done = done;
	request->call = call;
	return call;
}

void
call_poll(Request *request, int database, void (*done)(Request *request, const char *answer))
{
	Call *call = begin_api_call(request, "GetActivityTask", request->body, POOL_CALLS, done);
	ShardPlace place;

	if (database != request->database && shards_place(request->database, database, &place))
		ask_shard(call, &place);
	else
		ask_database(call);
}

void
call_api(Request *request, const char *action, const char *body, PoolKind pool,
		 void (*done)(Request *request, const char *answer))
{
	Call *call = begin_api_call(request, action, body, pool, done);
	ShardPlace place;

	if (pool == POOL_SYNC)
		request_watch_client(request, hung_up);
	if (shards_find(request, action, body, &place))
		ask_shard(call, &place);
	else
		ask_database(call);
}

void
call_answer(Request *request, const char *action, const char *body, void (*done)(Request *request, const char *answer))
{
	Call *call = begin_call(request, STATEMENT_ANSWER, done);

	call->job.parameters[0] = action;
	call->job.parameters[1] = body;
	pool_ask(POOL_CALLS, &call->job);
}
