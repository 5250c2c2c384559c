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
#include "services/sandbox.h"
#include "store/tasks.h"

typedef struct ServiceCall
{
	const AslResource *resource;
	const JsonVal *parameters; /* the task's effective input */
	Oid role;                  /* the machine's */
	const char *role_arn;      /* the same as AWS has it */
	const char *task_role;     /* the task's Credentials.RoleArn, or NULL */
	const char *execution_name;
	const char *execution_arn;
	const char *machine_arn;
	int64 timeout_ms; /* 0: none */
	bool is_alone;    /* one execution in this transaction */
	bool is_session;  /* sfn.run_once() */
	bool is_inline;   /* synchronous Express: answered in the caller's backend and transaction */
	bool is_last_try;
	bool is_put_off;  /* by an earlier turn */
	bool is_limited;  /* alone: the time-out is not the task's own; what takes longer is to be begun again alone */
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

/* Each service, by its name in asl/service_list.h. */
#define DECLARE_IN_TURN(name) extern ServiceOutcome service_run_##name(const ServiceCall *call, Event *answer);
#define DECLARE_IN_WORKER(name) DECLARE_IN_TURN(name)
#define DECLARE_AWS(name)
#define DECLARE_OUTSIDE(name) DECLARE_IN_TURN(name)
#define SERVICE(name, resource, patterns, place, arguments) DECLARE_##place(name)
#define FORM(name, kind, resource, patterns, place) DECLARE_##place(name)
#include "asl/service_list.h"

/* Of those whose place is AWS: what is registered here answers itself, else a request is made. */
extern ServiceOutcome service_run_ours_or_aws(const ServiceCall *call, Event *answer);
extern ServiceOutcome service_run_aws(const ServiceCall *call, Event *answer);

/* Leaves *call->task behind, with the call's parameters unless it has its own; SERVICE_BEGUN, or a failure. */
extern ServiceOutcome service_begin(const ServiceCall *call, TaskKind kind, TaskRowState state, Event *answer);

/* What the call says of a sandbox for its work. */
extern Sandbox service_sandbox_of(const ServiceCall *call, void (*work)(void *arg), void *arg);

/*
 * Runs work in the sandbox, as the call says.  True: it is done, or *problem is why not.  False: *outcome, and *answer, are what
 * becomes of the task.
 */
extern bool service_sandbox(const ServiceCall *call, void (*work)(void *arg), void *arg, ErrorData **problem,
							ServiceOutcome *outcome, Event *answer);

/* Fills *answer; always SERVICE_ANSWERED. */
extern ServiceOutcome service_succeed(Event *answer, const JsonVal *value);
extern ServiceOutcome service_fail(Event *answer, const char *error, const char *cause_format, ...)
	pg_attribute_printf(3, 4);

#endif /* SFN_SERVICES_SERVICE_H */
