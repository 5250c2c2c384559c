/*
 * fifo_queues.h
 *	  What FIFO queues ask of the tables besides.
 */
#ifndef SFN_STORE_FIFO_QUEUES_H
#define SFN_STORE_FIFO_QUEUES_H

#include "postgres.h"

#include "store/queues.h"

#define FIFO_SUFFIX ".fifo"

extern bool queue_name_is_fifo(const char *name);

/* Sends it; false: it is a duplicate of one that was sent in the last minutes, whose id and sequence it has now. */
extern bool fifo_message_insert(const QueueRow *queue, NewMessage *message);

/* Is the group nobody else's to send to, until the transaction ends?  Without waiting. */
extern bool fifo_group_hold(const QueueRow *queue, const char *group);

/*
 * Condition: the group of message m waits, for one that comes before it, for one that is in flight, or for an execution.
 * $2: now.
 */
#define FIFO_GROUP_WAITS \
	"(EXISTS (SELECT FROM sfn.queue_message f WHERE f.queue_id = m.queue_id AND f.message_group = m.message_group" \
	" AND f.visible_at > $2 AND (f.receive_count > 0 OR f.id < m.id))" \
	" OR EXISTS (SELECT FROM sfn.queue_group_run r JOIN sfn.execution e ON e.id = r.execution_id" \
	" AND e.status = :EXECUTION_RUNNING WHERE r.queue_id = m.queue_id AND r.message_group = m.message_group))"

/*
 * The groups of the first max messages that may be received, as text[].  Until the transaction ends nobody else receives
 * of them; those that somebody receives of are passed over.
 */
extern Datum fifo_take_groups(const QueueRow *queue, int max, TimestampTz now);

/* The groups of the messages wait until the execution ends. */
extern void fifo_groups_run(int64 queue_id, const QueueMessage *messages, int count, int64 execution_id);
/* Forgets those that have ended. */
extern void fifo_forget_ended(int64 queue_id);

/* With its queue. */
extern void fifo_forget_queue(int64 queue_id);

#endif /* SFN_STORE_FIFO_QUEUES_H */
