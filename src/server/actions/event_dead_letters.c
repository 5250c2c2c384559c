/*
 * event_dead_letters.c
 *	  What becomes of an event that a target could not be told of: a message of the queue that the target's DeadLetterConfig names,
 *	  else a row of sfn.event_dead_letter.
 *
 * The message is sent as the role of the target, in the transaction that gives up.  Where the queue is gone, or not for
 * that role, or of somebody whom it does not trust, the row says so; a schedule has none, so the log does.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "actions/event_dead_letters.h"
#include "actions/queues.h"
#include "actions/resources.h"
#include "actions/schedule_runs.h"
#include "store/fifo_queues.h"
#include "store/trust.h"

#define NOT_TRIED (-1)

const char *
dead_letter_queue_of(const char *aws_members)
{
	const JsonVal *members = aws_members != NULL ? parse_stored(aws_members) : NULL;

	return members != NULL ? jv_get_string(jv_get(members, DEAD_LETTER_CONFIG), "Arn") : NULL;
}

bool
dead_letter_queue_check(ActionCall *call, const char *aws_members)
{
	const char *arn = dead_letter_queue_of(aws_members);
	const char *name = arn != NULL && arn_looks_like(arn) ? queue_name_of(arn) : NULL;

	return arn == NULL || (name != NULL && *name != '\0' && !queue_name_is_fifo(name)) ||
		action_fail(call, API_INVALID_DEAD_LETTER_QUEUE, arn);
}

/* The members with that queue, or without one; NULL: there are none. */
static char *
members_with_queue(const JsonVal *members, const QueueRow *queue)
{
	JvObjectBuilder config;
	JvObjectBuilder object;

	jv_object_begin(&object);
	for (int i = 0; i < members->count; i++)
	{
		if (strcmp(members->u.members[i].key, DEAD_LETTER_CONFIG) != 0)
			jv_object_add(&object, members->u.members[i].key, members->u.members[i].value);
	}
	if (queue != NULL)
	{
		jv_object_begin(&config);
		jv_object_add(&config, "Arn", jv_string(queue_arn(queue->name)));
		jv_object_add(&object, DEAD_LETTER_CONFIG, jv_object_end(&config));
	}
	members = jv_object_end(&object);
	return members->count > 0 ? jv_to_text(members) : NULL;
}

bool
dead_letter_queue_take(ActionCall *call, TargetRow *target)
{
	const JsonVal *members = target->aws_members != NULL ? parse_stored(target->aws_members) : jv_empty_object();
	const char *reference = target->dead_letter_queue;
	ActionCall as_role = *call;
	QueueRow *queue = NULL;

	if (reference == NULL)
		return true;
	if (!jv_is(members, JV_OBJECT))
		return action_invalid(call, "parameters must be an object");
	as_role.scope.caller = target->role;
	if (*reference != '\0' && (queue = action_queue(&as_role, reference)) == NULL)
	{
		call->error = as_role.error;
		return false;
	}
	target->aws_members = members_with_queue(members, queue);
	return true;
}

/* ---- the message ---- */

static void
add_attribute(JvObjectBuilder *attributes, const char *name, const char *value)
{
	JvObjectBuilder attribute;

	if (value == NULL || *value == '\0')
		return;
	jv_object_begin(&attribute);
	jv_object_add(&attribute, "DataType", jv_string("String"));
	jv_object_add(&attribute, "StringValue", jv_string(value));
	jv_object_add(attributes, name, jv_object_end(&attribute));
}

/* What is repeated no more since it will fail for ever has used up nothing. */
static const char *
exhausted_condition(int retries, const TargetRetries *allowed)
{
	if (retries < allowed->count)
		return NULL;
	return allowed->ends_by_age ? "MaximumEventAgeInSeconds" : "MaximumRetryAttempts";
}

static void
add_failure(JvObjectBuilder *attributes, const FailedDelivery *failed, const TargetRetries *allowed)
{
	add_attribute(attributes, "ERROR_CODE", failed->error);
	add_attribute(attributes, "ERROR_MESSAGE", failed->cause);
	add_attribute(attributes, "EXHAUSTED_RETRY_CONDITION", exhausted_condition(failed->retries, allowed));
	add_attribute(attributes, "RETRY_ATTEMPTS", psprintf("%d", Max(failed->retries, 0)));
}

/* NULL: the role trusts whoever has the queue now; else why not. */
static const char *
distrust_of(const QueueRow *queue, Oid role)
{
	OwnedName named = {.kind = NAME_QUEUE, .id = queue->id, .name = queue->name, .owner = queue->owner};
	SfnError distrust;

	return name_is_trusted(&named, role, &distrust) ? NULL : distrust.cause;
}

/* NULL: it is sent; else why not. */
static const char *
send_letter(const char *queue_arn, Oid role, const char *body, const JsonVal *attributes)
{
	ActionCall call = {.style = ACTION_SQL, .action = "SendMessage", .scope = {.caller = role}};
	QueueRow *queue = action_queue(&call, queue_arn);
	MessageToSend message = {.body = body, .length = (int) strlen(body), .attributes = attributes, .delay = -1};
	const char *problem = queue != NULL ? distrust_of(queue, role) : NULL;
	NewMessage sent;

	if (problem != NULL)
		return problem;
	return queue != NULL && message_send(&call, queue, &message, &sent) ? NULL : call.error.sql_text;
}

/* ---- rules ---- */

static const char *
send_of_rule(const CachedRule *rule, const CachedTarget *target, const char *event, const FailedDelivery *failed)
{
	JvObjectBuilder attributes;

	jv_object_begin(&attributes);
	add_attribute(&attributes, "RULE_ARN", rule->arn);
	add_attribute(&attributes, "TARGET_ARN", target->target);
	add_failure(&attributes, failed, &target->retries);
	return send_letter(target->dead_letter_queue, target->role, event, jv_object_end(&attributes));
}

/* NULL: its queue has it; else the cause for the row. */
static const char *
cause_unless_sent(const CachedRule *rule, const CachedTarget *target, const char *event, const FailedDelivery *failed)
{
	const char *cause = failed->cause != NULL ? failed->cause : "";
	const char *problem;

	if (target == NULL || target->dead_letter_queue == NULL)
		return cause;
	problem = send_of_rule(rule, target, event, failed);
	return problem != NULL
		? psprintf("%s The dead letter could not be sent to %s: %s.", cause, target->dead_letter_queue, problem)
		: NULL;
}

void
dead_letter_keep(const CachedRule *rule, const CachedTarget *target, const char *event, const char *error,
				 const char *cause)
{
	FailedDelivery failed = {.error = error, .cause = cause, .retries = NOT_TRIED};

	cause = cause_unless_sent(rule, target, event, &failed);
	if (cause != NULL)
		dead_letter_insert(rule->id, target->id, event, error, cause);
}

static const CachedTarget *
target_of_machine(int64 machine_id, const CachedRule **rule)
{
	for (*rule = event_rules(); *rule != NULL; *rule = (*rule)->next)
	{
		for (const CachedTarget *target = (*rule)->targets; target != NULL; target = target->next)
		{
			if (target->machine_id == machine_id)
				return target;
		}
	}
	return NULL;
}

static void
keep_of_rule(const FailedDelivery *failed)
{
	const CachedRule *rule;
	const CachedTarget *target = target_of_machine(failed->machine_id, &rule);
	char *event = jv_to_text(jv_get(failed->input, "event"));
	const char *cause = cause_unless_sent(rule, target, event, failed);

	if (cause != NULL)
		dead_letter_of_execution(failed->machine_id, failed->execution_id, event, failed->error,
								 failed->cause != NULL || *cause != '\0' ? cause : NULL);
}

/* ---- schedules ---- */

/* The schedule may be another one by then, or gone. */
const JsonVal *
dead_letter_of_schedule(const ScheduleRow *row, const char *time)
{
	const char *queue = dead_letter_queue_of(row->aws_members);
	TargetRetries retries;
	JvObjectBuilder letter;

	if (queue == NULL)
		return NULL;
	retries = event_target_retries_of(row->retry);
	jv_object_begin(&letter);
	jv_object_add(&letter, "queue", jv_string(queue));
	jv_object_add(&letter, "schedule", jv_string(schedule_arn(row->group, row->name)));
	jv_object_add(&letter, "target", jv_string(row->target));
	jv_object_add(&letter, "time", jv_string(time));
	jv_object_add(&letter, "retries", jv_int(retries.count));
	jv_object_add(&letter, "ends_by_age", jv_bool(retries.ends_by_age));
	return jv_object_end(&letter);
}

static bool
is_true(const JsonVal *value)
{
	return jv_is(value, JV_BOOL) && value->boolean;
}

static void
send_of_schedule(const JsonVal *letter, const FailedDelivery *failed)
{
	const char *queue = jv_get_string(letter, "queue");
	const char *schedule = jv_get_string(letter, "schedule");
	TargetRetries allowed = {.ends_by_age = is_true(jv_get(letter, "ends_by_age"))};
	JvObjectBuilder attributes;
	const char *problem;

	(void) jv_to_int64(jv_get(letter, "retries"), &allowed.count);
	jv_object_begin(&attributes);
	add_attribute(&attributes, "SCHEDULE_ARN", schedule);
	add_attribute(&attributes, "TARGET_ARN", jv_get_string(letter, "target"));
	add_attribute(&attributes, "EXECUTION_ID", jv_get_string(jv_get(failed->input, "event"), "id"));
	add_attribute(&attributes, "SCHEDULED_TIME", jv_get_string(letter, "time"));
	add_attribute(&attributes, "IS_PAYLOAD_TRUNCATED", "false");
	add_failure(&attributes, failed, &allowed);
	problem = send_letter(queue, failed->role, jv_to_text(jv_get(failed->input, "input")), jv_object_end(&attributes));
	if (problem != NULL)
		ereport(WARNING,
				(errmsg("the dead letter of schedule \"%s\" could not be sent to \"%s\": %s", schedule, queue, problem),
				 errhint("The execution that has failed has its input and its error.")));
}

/* ---- either ---- */

void
dead_letter_of_failed(const FailedDelivery *failed)
{
	const JsonVal *letter = jv_get(failed->input, "letter");

	if (letter != NULL)
		send_of_schedule(letter, failed);
	else if (jv_get(failed->input, "event") != NULL)
		keep_of_rule(failed);
}
