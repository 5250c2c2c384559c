/*
 * queues.h
 *	  Queues of messages: making them, sending, receiving.
 */
#ifndef SFN_ACTIONS_QUEUES_H
#define SFN_ACTIONS_QUEUES_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/queues.h"
#include "json/json_value.h"

#define QUEUE_VISIBILITY_TIMEOUT_DEFAULT 30 /* seconds */
#define QUEUE_MAX_VISIBILITY_TIMEOUT 43200  /* twelve hours, in seconds */
#define QUEUE_MAX_DELAY 900
#define QUEUE_MAX_BATCH 10 /* messages of one call of SQS; a SQL caller may have more */

/* What callers name a queue by. */
extern char *queue_url(const char *name);
extern char *queue_arn(const char *name);
/* The name in a queue's name, URL or ARN of this account and region; NULL: it is another's. */
extern const char *queue_name_of(const char *reference);

/* As texts of SQS have moments: milliseconds since 1970. */
extern const JsonVal *queue_millis(TimestampTz moment);

/* dead_letter_queue: its name, URL or ARN, or NULL.  A FIFO queue is one by its name. */
extern SFN_MUST_CHECK bool queue_create(ActionCall *call, QueueRow *queue, const char *dead_letter_queue);

/* What is to be other than it is; -1, and NULL, as it is. */
typedef struct QueueChange
{
	int64 visibility_timeout;
	int64 delay;
	const char *dead_letter_queue; /* its name, URL or ARN; "": none, nor a count */
	int64 max_receive_count;
	int deduplicates_content;
} QueueChange;

extern SFN_MUST_CHECK bool queue_change(ActionCall *call, const char *reference, const QueueChange *change);
extern SFN_MUST_CHECK bool queue_drop(ActionCall *call, const char *name);

/* The queue, if the caller may use it; NULL: *call has the error. */
extern SFN_MUST_CHECK QueueRow *action_queue(ActionCall *call, const char *reference);

typedef struct MessageToSend
{
	const char *body;
	int length;
	const JsonVal *attributes;    /* JSON or NULL */
	int64 delay;                  /* -1: the queue's */
	const char *group;            /* or NULL */
	const char *deduplication_id; /* of FIFO queues; or NULL */
} MessageToSend;

/* Of a group, or against duplicates: letters, digits and punctuation. */
extern bool message_id_is_valid(const char *id);
/* *sent has the message's id, or that of the one of which it is a duplicate. */
extern SFN_MUST_CHECK bool message_send(ActionCall *call, const QueueRow *queue, const MessageToSend *message,
										NewMessage *sent);
/* visibility_timeout: -1 for the queue's. */
extern SFN_MUST_CHECK bool message_receive(ActionCall *call, const QueueRow *queue, int64 max, int64 max_allowed,
										   int64 visibility_timeout, QueueMessage **messages, int *count);

/* A handle that is out of date is an error. */
extern SFN_MUST_CHECK bool message_change_visibility(ActionCall *call, const QueueRow *queue, const char *handle,
													 int64 visibility_timeout);

#endif /* SFN_ACTIONS_QUEUES_H */
