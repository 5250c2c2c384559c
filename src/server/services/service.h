/*
 * service.h
 *	  Calling what a Task names.
 *
 * Services inside the database answer at once, within the turn; the others are
 * begun between transactions and answer through the inbox.
 */
#ifndef SFN_SERVICES_SERVICE_H
#define SFN_SERVICES_SERVICE_H

#include "postgres.h"

#include "asl/machine.h"
#include "engine/event.h"
#include "store/tasks.h"

typedef struct ServiceCall
{
	const AslResource *resource;
	const JsonVal *parameters; /* the task's effective input */
	Oid role;                  /* the machine's */
	int64 timeout_ms;          /* 0: none */
	bool is_alone;             /* one execution in this transaction */
	bool is_session;           /* sfn.run_once() */
	bool is_inline;            /* synchronous Express: answered in the caller's backend and transaction */
	bool is_last_try;
	int64 share_ms;   /* shared: what is left of the turn */
	TaskInsert *task; /* for services outside: the row to leave behind; all but kind, state and parameters is
								 * filled in.  NULL: nothing can be left behind here */
} ServiceCall;

typedef enum ServiceOutcome
{
	SERVICE_ANSWERED,    /* *answer is EVENT_TASK_SUCCEEDED or EVENT_TASK_FAILED */
	SERVICE_NEEDS_ALONE, /* to be begun again in a turn of its own */
	SERVICE_PUT_OFF,     /* to be begun again in a later turn */
	SERVICE_BEGUN        /* *call->task waits for an answer; *answer is EVENT_TASK_SUBMITTED, or its kind is 0 */
} ServiceOutcome;

/* The one way into the services. */
extern ServiceOutcome service_call(const ServiceCall *call, Event *answer);

/* Each service; services.c has the table. */
extern ServiceOutcome service_run_sql_function(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_sql_call(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_sql_query(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_function(const ServiceCall *call, Event *answer); /* function ARN */
extern ServiceOutcome service_run_lambda_invoke(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_activity(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_start_execution(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_http_invoke(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_http_post(const ServiceCall *call, Event *answer); /* "https://..." */

/* Leaves *call->task behind, with the call's parameters unless it has its own; SERVICE_BEGUN, or a failure. */
extern ServiceOutcome service_begin(const ServiceCall *call, TaskKind kind, TaskRowState state, Event *answer);

/* Fills *answer; always SERVICE_ANSWERED. */
extern ServiceOutcome service_succeed(Event *answer, const JsonVal *value);
extern ServiceOutcome service_fail(Event *answer, const char *error, const char *cause_format, ...)
	pg_attribute_printf(3, 4);

#endif /* SFN_SERVICES_SERVICE_H */
