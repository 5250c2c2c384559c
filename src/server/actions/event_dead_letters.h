/*
 * event_dead_letters.h
 *	  What becomes of an event that a target could not be told of: a message of the queue that the target's DeadLetterConfig names,
 *	  else a row of sfn.event_dead_letter.
 */
#ifndef SFN_ACTIONS_EVENT_DEAD_LETTERS_H
#define SFN_ACTIONS_EVENT_DEAD_LETTERS_H

#include "postgres.h"

#include "actions/event_rule_cache.h"
#include "store/schedules.h"
#include "json/json_value.h"

#define DEAD_LETTER_CONFIG "DeadLetterConfig"

/* The ARN in the members that AWS's API has of a target; NULL: none is named. */
extern const char *dead_letter_queue_of(const char *aws_members);
extern SFN_MUST_CHECK bool dead_letter_queue_check(ActionCall *call, const char *aws_members);
/* Puts the queue that target->dead_letter_queue names among these members; the target's role may send to it. */
extern SFN_MUST_CHECK bool dead_letter_queue_take(ActionCall *call, TargetRow *target);

/* An event that a rule's target was not told of when it was sent. */
extern void dead_letter_keep(const CachedRule *rule, const CachedTarget *target, const char *event, const char *error,
							 const char *cause);

/* An execution of a hidden machine that has failed. */
typedef struct FailedDelivery
{
	int64 machine_id;
	int64 execution_id;
	Oid role;
	const JsonVal *input; /* the execution's */
	const char *error;    /* or NULL; so the next */
	const char *cause;
	int retries; /* how often it was tried again; negative: it was not tried at all */
} FailedDelivery;

extern void dead_letter_of_failed(const FailedDelivery *failed);

/* What an execution that delivers for a schedule has as "letter" in its input; NULL: there is no queue for its dead letter. */
extern const JsonVal *dead_letter_of_schedule(const ScheduleRow *row, const char *time);

#endif /* SFN_ACTIONS_EVENT_DEAD_LETTERS_H */
