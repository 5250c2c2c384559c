/*
 * event_targets.c
 *	  What a rule can tell of an event, by how the target is written.
 *
 * What may fail is delivered by an execution of a hidden state machine with one Task:
 * Retry, the role, time-outs, the pump and the sandbox are those of every task, and an
 * execution that fails is a dead letter.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/event_dead_letters.h"
#include "actions/event_targets.h"
#include "aws/endpoint.h"
#include "json/json_value.h"

#define MAX_RETRIES 185 /* AWS's, as the age of a day */
#define MAX_AGE 86400
#define MIN_AGE 60
#define MAX_PAUSE 900

#define SDK_TARGET "arn:aws:scheduler:::aws-sdk:" /* Scheduler's name of any action of AWS's */

static const EventTargetKind kinds[] = {
	{"arn:*:states:*:*:stateMachine:", TARGET_START,
	 "\"Resource\": \"arn:aws:states:::states:startExecution\","
	 " \"Parameters\": {\"StateMachineArn\": {0}, \"Input.$\": \"{1}\"}"},
	{"sql:", TARGET_MACHINE, "\"Resource\": {0}, \"InputPath\": \"{1}\""},
	{"arn:*:lambda:*:*:function:", TARGET_MACHINE, "\"Resource\": {0}, \"InputPath\": \"{1}\""},
	{"https://", TARGET_MACHINE,
	 "\"Resource\": \"arn:aws:states:::http:invoke\", \"Parameters\": {\"ApiEndpoint\": {0}, \"Method\": \"POST\","
	 " \"RequestBody.$\": \"{1}\","
	 " \"Headers\": {\"Idempotency-Key.$\": \"States.Format('{}/{2}', $.event.id)\"}}"},
	{SDK_TARGET, TARGET_MACHINE, "\"Resource\": {0}, \"InputPath\": \"{1}\""},
	{"arn:*:events:*:*:event-bus/", TARGET_BUS,
	 "\"Resource\": \"arn:aws:states:::events:putEvents\", \"Parameters\": {\"Entries\": [{\"EventBusName\": {0},"
	 " \"Detail.$\": \"{1}\"{3}}]}"},
	{"arn:*:sqs:*:*:", TARGET_MACHINE,
	 "\"Resource\": \"arn:aws:states:::sqs:sendMessage\", \"Parameters\": {\"QueueUrl\": {0}, \"MessageBody.$\": \"{1}\"{3}}"},
	{"arn:*:sns:*:*:", TARGET_MACHINE,
	 "\"Resource\": \"arn:aws:states:::sns:publish\", \"Parameters\": {\"TopicArn\": {0}, \"Message.$\": \"{1}\"}"},
	{"notify:", TARGET_NOTIFY, NULL},
};

/* Errors that come again however often one tries. */
#define PERMANENT_ERRORS \
	"\"Sql.undefined_function\", \"Sql.insufficient_privilege\", \"States.Permissions\"," \
	" \"Lambda.ResourceNotFoundException\", \"StepFunctions.StateMachineDoesNotExistException\"," \
	" \"StepFunctions.AccessDeniedException\""

static bool
begins_so(const char *target, const char *prefix)
{
	for (; *prefix != '\0'; prefix++)
	{
		if (*prefix == '*')
			target += strcspn(target, ":");
		else if (*target++ != *prefix)
			return false;
	}
	return *target != '\0';
}

const EventTargetKind *
event_target_kind(const char *target)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (begins_so(target, kinds[i].prefix))
			return &kinds[i];
	}
	return NULL;
}

const char *
event_target_name(const char *target)
{
	const char *slash = strrchr(target, '/');

	return slash != NULL && strncmp(target, "arn:", 4) == 0 ? slash + 1 : target + strlen("notify:");
}

/* ---- the hidden machine ---- */

static void
append_task(StringInfo out, const char *task, const char *const *parts)
{
	for (const char *c = task; *c != '\0'; c++)
	{
		if (c[0] == '{' && c[1] >= '0' && c[1] <= '3' && c[2] == '}')
		{
			appendStringInfoString(out, parts[c[1] - '0']);
			c += 2;
		}
		else
			appendStringInfoChar(out, *c);
	}
}

static SFN_MUST_CHECK bool
check_number(ActionCall *call, const JsonVal *retry, const char *member, int64 min, int64 max, int64 *number)
{
	const JsonVal *value = jv_get(retry, member);
	const char *problem;

	*number = max;
	if (value == NULL || (jv_to_int64(value, number) && *number >= min && *number <= max))
		return true;
	problem = psprintf("%s of retry must be from " INT64_FORMAT " to " INT64_FORMAT, member, min, max);
	return action_fail(call, API_VALIDATION, problem, problem);
}

/*
 * Pauses grow to a quarter of an hour and are half of that on the average, so the age
 * is a number of attempts, too, and needs no timer.
 */
static SFN_MUST_CHECK bool
read_retries(ActionCall *call, const char *text, TargetRetries *retries)
{
	JvParseError error;
	const JsonVal *retry = text != NULL ? jv_parse(text, (int) strlen(text), &error) : jv_empty_object();
	int64 age;
	int64 count_of_age;

	if (!jv_is(retry, JV_OBJECT))
		return action_fail(call, API_VALIDATION, "RetryPolicy must be an object", "retry must be an object");
	if (!check_number(call, retry, "MaximumRetryAttempts", 0, MAX_RETRIES, &retries->count) ||
		!check_number(call, retry, "MaximumEventAgeInSeconds", MIN_AGE, MAX_AGE, &age))
		return false;
	count_of_age = 10 + age / (MAX_PAUSE / 2);
	retries->ends_by_age = count_of_age < retries->count;
	retries->count = Min(retries->count, count_of_age);
	return true;
}

TargetRetries
event_target_retries_of(const char *retry)
{
	ActionCall call = {.style = ACTION_SQL};
	TargetRetries retries;

	if (!read_retries(&call, retry, &retries))
		elog(ERROR, "a target has an impossible retry policy: %s", call.error.sql_text);
	return retries;
}

/* What the task names: a queue by its URL, since SQS knows no ARNs. */
static const char *
resource_of(const char *target)
{
	const char *url = aws_queue_url(target);

	if (url != NULL)
		return url;
	return strncmp(target, SDK_TARGET, strlen(SDK_TARGET)) == 0
		? psprintf("arn:aws:states:::aws-sdk:%s", target + strlen(SDK_TARGET))
		: target;
}

/* Of a bus: how the event begins.  Of a queue: the group. */
static char *
parameters_text(const EventTargetKind *kind, const JsonVal *members)
{
	static const char *const rows[][2] = {{BUS_PARAMETERS, "Source"},
										  {BUS_PARAMETERS, "DetailType"},
										  {"SqsParameters", "MessageGroupId"}};
	StringInfoData out;

	initStringInfo(&out);
	for (size_t i = 0; i < lengthof(rows); i++)
	{
		const JsonVal *object = jv_get(members, rows[i][0]);
		const char *value = object != NULL ? jv_get_string(object, rows[i][1]) : NULL;

		if (value == NULL || (kind->way == TARGET_BUS) != (strcmp(rows[i][0], BUS_PARAMETERS) == 0))
			continue;
		appendStringInfo(&out, ", \"%s\": ", rows[i][1]);
		jv_print_string(&out, value, (int) strlen(value));
	}
	return out.data;
}

bool
event_target_definition(ActionCall *call, const TargetRow *target, char **definition)
{
	const EventTargetKind *kind = event_target_kind(target->target);
	bool is_whole = target->input == NULL && target->input_path == NULL && target->input_transformer == NULL;
	const JsonVal *members = target->aws_members != NULL ? parse_stored(target->aws_members) : jv_empty_object();
	const char *parts[4] = {NULL, is_whole ? "$.event" : "$.input", target->id, parameters_text(kind, members)};
	const char *resource;
	StringInfoData quoted;
	StringInfoData out;
	TargetRetries retries;

	*definition = NULL;
	if (!dead_letter_queue_check(call, target->aws_members) || !read_retries(call, target->retry, &retries))
		return false;
	if (kind->task == NULL || (kind->way == TARGET_BUS && jv_get(members, BUS_PARAMETERS) == NULL))
		return true;
	initStringInfo(&quoted);
	resource = resource_of(target->target);
	jv_print_string(&quoted, resource, (int) strlen(resource));
	parts[0] = quoted.data;
	initStringInfo(&out);
	appendStringInfoString(&out, "{\"StartAt\": \"Deliver\", \"States\": {\"Deliver\": {\"Type\": \"Task\", ");
	append_task(&out, kind->task, parts);
	appendStringInfo(&out,
					 ", \"Retry\": [{\"ErrorEquals\": [" PERMANENT_ERRORS "], \"MaxAttempts\": 0},"
					 " {\"ErrorEquals\": [\"States.ALL\"], \"IntervalSeconds\": 1, \"BackoffRate\": 2,"
					 " \"MaxAttempts\": " INT64_FORMAT
					 ", \"MaxDelaySeconds\": %d, \"JitterStrategy\": \"FULL\"}], \"End\": true}}}",
					 retries.count, MAX_PAUSE);
	*definition = out.data;
	return true;
}
