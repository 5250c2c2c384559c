/*
 * execution_event.h
 *	  "Step Functions Execution Status Change": the event that tells how an execution stands.
 */
#ifndef SFN_EVENTS_EXECUTION_EVENT_H
#define SFN_EVENTS_EXECUTION_EVENT_H

#include "json/json_value.h"

/* Input and output are in the event as long as their texts, escaped as they are there, have no more bytes. */
#define EXECUTION_EVENT_MAX_DATA (248 * 1024)

/* Where it comes from: of STANDARD executions as AWS says, of others, which have none there, in our own name. */
#define EXECUTION_EVENT_SOURCE(is_express) ((is_express) ? "sfn" : "aws.states")
#define EXECUTION_EVENT_TYPE "Step Functions Execution Status Change"

/* What there is to tell; texts that are not there are NULL, moments 0. */
typedef struct ExecutionEventFacts
{
	const char *region;
	const char *account;
	const char *execution_arn;
	const char *machine_arn;
	const char *version_arn;
	const char *alias_arn;
	const char *name;
	const char *status;
	int64 execution_id;
	bool is_express;
	TimestampTz start_date;
	TimestampTz stop_date;
	TimestampTz redrive_date;
	int redrive_count;
	const char *redrive_status;
	const char *redrive_status_reason;
	const char *input; /* JSON texts */
	const char *output;
	bool shows_data; /* may those who get the event see them? */
	const char *error;
	const char *cause;
} ExecutionEventFacts;

/* The same facts give the same event, its id included. */
extern const JsonVal *execution_event(const ExecutionEventFacts *facts);

#endif /* SFN_EVENTS_EXECUTION_EVENT_H */
