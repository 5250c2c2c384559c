/*
 * queue_sources.h
 *	  Queues of SQS whose messages are fetched: into a queue of this database, or to wake the jobs that they tell of.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_QUEUE_SOURCES_H
#define SFN_STORE_QUEUE_SOURCES_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct QueueSourceRow
{
	int64 id;
	int64 queue_id; /* 0: its messages are events of jobs */
	const char *url;
	const char *credentials; /* NULL: what the role calls AWS with */
	bool is_enabled;
	Oid role; /* who calls: the owner of the queue, or of the credentials */
	int32 failures;
	const char *attempt; /* the id of its next call */
} QueueSourceRow;

/* ---- making and changing ---- */

extern void queue_source_upsert(const QueueSourceRow *source);
extern bool queue_source_delete(int64 queue_id, const char *url); /* false: there is none */

/* Of the queues of an owner who has them no longer; how many. */
extern int64 queue_sources_stop_of(Oid owner);

/* Every change of what their makers say invalidates it, for who fetches. */
extern Oid queue_source_table(void);

/* ---- for who fetches; times are those of the clock ---- */

extern bool queue_sources_exist(void);

/* Those that are due and whose queues have room, which are nobody else's until the lease is over. */
extern int queue_sources_take(TimestampTz now, TimestampTz lease_until, QueueSourceRow **sources);
/* Those that have messages to be deleted. */
extern int queue_sources_to_delete(TimestampTz now, QueueSourceRow **sources);
/* When there is something to do next; DT_NOEND: nothing is fetched and nothing to be deleted. */
extern TimestampTz queue_sources_due(void);

/* What pumps had taken, but for those that are there, is due now. */
extern void queue_sources_recover(const int32 *pids, int pid_count);

/* Is it there yet, fetched from that queue of SQS?  Then nobody changes it until the transaction ends. */
extern bool queue_source_hold(int64 id, const char *url);

/* A call has ended; error NULL: it has told something.  The next call asks for the same, unless this one is_settled. */
extern void queue_source_note(int64 id, TimestampTz next_poll, int new_messages, const char *error, bool is_settled);
extern void queue_source_note_deletion(int64 id, const char *error);

/* Notes that the message is to be deleted; false: it has come before. */
extern bool queue_source_message_is_new(int64 id, const char *message_id, const char *receipt_handle);
extern int queue_source_messages_to_delete(int64 id, TimestampTz now, TimestampTz lease_until, int max,
										   const char ***message_ids, const char ***receipt_handles);
extern void queue_source_messages_deleted(int64 id, const char *const *message_ids, int count);
/* What came so long ago that it does not come again. */
extern void queue_source_messages_forget(TimestampTz before);

#endif /* SFN_STORE_QUEUE_SOURCES_H */
