/*
 * queue_sources.h
 *	  Queues of SQS whose messages are fetched: which, and by whom.
 */
#ifndef SFN_ACTIONS_QUEUE_SOURCES_H
#define SFN_ACTIONS_QUEUE_SOURCES_H

#include "postgres.h"

#include "actions/errors.h"

/* source: URL or ARN; credentials: NULL for what the queue's owner calls AWS with.  Changes what there is. */
extern SFN_MUST_CHECK bool queue_source_create(ActionCall *call, const char *queue, const char *source,
											   const char *credentials, bool is_enabled);
extern SFN_MUST_CHECK bool queue_source_drop(ActionCall *call, const char *queue);

/* Events that wake jobs. */
extern SFN_MUST_CHECK bool job_events_create(ActionCall *call, const char *source, const char *credentials);
extern SFN_MUST_CHECK bool job_events_drop(ActionCall *call, const char *source);

#endif /* SFN_ACTIONS_QUEUE_SOURCES_H */
