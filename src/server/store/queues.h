/*
 * queues.h
 *	  Queues and their messages in the tables.
 */
#ifndef SFN_STORE_QUEUES_H
#define SFN_STORE_QUEUES_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct QueueRow
{
	int64 id;
	const char *name;
	Oid owner;
	int32 visibility_timeout; /* seconds */
	int32 delay;
	int64 dead_letter_queue_id; /* 0: none */
	int32 max_receive_count;    /* 0: any number */
	bool is_fifo;               /* what its name says */
	bool deduplicates_content;  /* of a FIFO queue */
	TimestampTz creation_date;
	bool has_trigger; /* one that is enabled */
} QueueRow;

/* What is sent. */
typedef struct NewMessage
{
	const char *message_id; /* a duplicate has that of the first one; so the next */
	int64 sequence;
	const char *body;
	const char *attributes;       /* JSON, or NULL */
	int32 delay;                  /* seconds */
	TimestampTz sent;             /* elsewhere; 0: now */
	const char *group;            /* or NULL */
	const char *deduplication_id; /* of FIFO queues, else NULL */
} NewMessage;

typedef struct QueueMessage
{
	int64 id;
	char *message_id;
	char *receipt_handle;
	char *body;
	char *attributes; /* JSON, or NULL */
	int32 receive_count;
	TimestampTz sent;
	TimestampTz first_received;
	char *group;            /* or NULL */
	char *deduplication_id; /* of FIFO queues, with the next; else NULL */
	char *sequence;
} QueueMessage;

typedef struct QueueCounts
{
	int64 visible;
	int64 in_flight; /* received and not deleted */
	int64 delayed;
} QueueCounts;

extern QueueRow *queue_by_name(const char *name); /* NULL: there is none */
extern QueueRow *queue_by_id(int64 id);

/* False, and 0: there is one of that name that is not the owner's, or caller's; or, to delete, none.  Else its id. */
extern bool queue_upsert(const QueueRow *queue);
extern void queue_lock(const char *name, Oid caller);
extern bool queue_update(const QueueRow *queue, Oid caller);
extern int64 queue_delete(const char *name, Oid caller);

/* Queues after the name that the role may use, at most max. */
extern int queue_list(Oid role, const char *prefix, const char *after, int max, const char ***names);

/* May the role send to it and receive from it? */
extern bool queue_is_open(const QueueRow *queue, Oid role);

/* ---- messages; times in seconds ---- */

/* Sends it, unless it is a duplicate. */
extern void message_insert(const QueueRow *queue, NewMessage *message);
/* One that SQS has looked at for duplicates, and that is next in its group if it has one. */
extern void message_insert_fetched(const QueueRow *queue, const NewMessage *message);
/* As texts have it. */
extern char *sequence_number(int64 sequence);
/*
 * Those that are visible, oldest first, passing over what others are just taking; one that was received too often goes to the
 * dead-letter queue instead.  Returns how many.
 */
extern int messages_receive(const QueueRow *queue, int max, int32 visibility_timeout, QueueMessage **messages);
/* False: no message has that handle, any more. */
extern bool message_delete(const QueueRow *queue, const char *receipt_handle);
extern bool message_hide(const QueueRow *queue, const char *receipt_handle, int32 visibility_timeout);
/* Those that the transaction has received. */
extern void messages_delete(const QueueMessage *messages, int count);
extern int64 messages_purge(int64 queue_id);
extern void messages_count(int64 queue_id, QueueCounts *counts);

/* What a handle of another queue's message, or none, looks like is not said here: is it spelled as one? */
extern bool receipt_handle_is_one(const char *receipt_handle);

#endif /* SFN_STORE_QUEUES_H */
