/*
 * log_deliveries.h
 *	  Log events on their way to log groups of CloudWatch Logs.
 *
 * All run between store_enter() and store_leave().
 */
#ifndef SFN_STORE_LOG_DELIVERIES_H
#define SFN_STORE_LOG_DELIVERIES_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Of one state machine. */
typedef struct LogDelivery
{
	int64 state_machine_id;
	const char *machine_name;
	Oid role; /* who calls, with the role ARN */
	const char *role_arn;
	const char *log_group; /* its ARN; NULL: the events are not sent any more */
	const char *stream;    /* NULL: it is to be made */
	int32 failures;
} LogDelivery;

typedef struct UnsentEvent
{
	int64 row;    /* of sfn.log_event */
	int32 number; /* in it, from 1 on */
	int32 count;  /* of the row's events */
	const char *execution_arn;
	int32 redrive_count;
	const char *event; /* JSON */
} UnsentEvent;

extern bool unsent_logs_exist(void);

/* Those that have something to send and are due, which are nobody else's until the lease is over. */
extern int log_deliveries_take(TimestampTz now, TimestampTz lease_until, LogDelivery **deliveries);
/* When there is something to send next; DT_NOEND: nothing is. */
extern TimestampTz log_deliveries_due(void);
/* What pumps had taken, but for those that are there, is due now. */
extern void log_deliveries_recover(const int32 *pids, int pid_count);

/* The next events, in their order. */
extern int log_delivery_events(int64 state_machine_id, UnsentEvent **events);
/* Those rows are sent, but for rest_of (0: none), of which only the first ones are. */
extern void log_delivery_sent(int64 state_machine_id, const int64 *rows, int count, int64 rest_of, int32 rest_from);
/* Nothing more is to be sent of what there is. */
extern void log_delivery_forget(int64 state_machine_id);

/* A call has ended: what was sent, and what was wrong (NULL: nothing).  The stream is that of the log group. */
extern void log_delivery_note(const LogDelivery *delivery, TimestampTz next_attempt, int sent, const char *error);

#endif /* SFN_STORE_LOG_DELIVERIES_H */
