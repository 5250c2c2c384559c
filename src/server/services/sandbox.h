/*
 * sandbox.h
 *	  Running a user's SQL inside a turn: as the machine's role, in a subtransaction, leaving nothing behind.
 */
#ifndef SFN_SERVICES_SANDBOX_H
#define SFN_SERVICES_SANDBOX_H

#include "postgres.h"

#include "utils/elog.h"

typedef enum SandboxOutcome
{
	SANDBOX_DONE,       /* effects are in the transaction */
	SANDBOX_FAILED,     /* rolled back; *problem says why */
	SANDBOX_TIMED_OUT,  /* alone: the task's own timeout; rolled back */
	SANDBOX_TOO_LONG,   /* shared: needs a turn of its own; rolled back */
	SANDBOX_RESTRICTED, /* shared: needs what only a turn of its own allows; rolled back */
	SANDBOX_PUT_OFF     /* cancelled for a stop or for DDL: rolled back, to be begun again later */
} SandboxOutcome;

typedef struct Sandbox
{
	Oid role;
	bool is_alone;
	bool is_session;         /* sfn.run_once(): alone, but what the session owns is left as it is */
	bool is_inline;          /* synchronous Express: alone, in the transaction of a caller who may be another role */
	bool is_limited;         /* alone: the time-out is not the task's own: SANDBOX_TOO_LONG */
	bool is_last_try;        /* a failure of the server is the task's own now */
	int64 timeout_ms;        /* 0: none */
	void (*work)(void *arg); /* SPI is connected; results go to memory current at the call of sandbox_run() */
	void *arg;
} Sandbox;

/* When the library is loaded. */
extern void sandbox_install(void);

/* A failure of the server (SQLSTATE class 53, 57, 58, XX) of a task alone is thrown on unless it is the last try. */
extern SandboxOutcome sandbox_run(const Sandbox *sandbox, ErrorData **problem);

/*
 * In a session that calls as others: what tasks of synchronous executions do is finished and cleaned up as in a
 * worker, so that they may do all that they may there and leave nothing.  Ends with the call, or by an error with the
 * (sub)transaction.
 */
extern void sandbox_guard_begin(void);
extern void sandbox_guard_end(void); /* also when the transaction aborts (sfn.c) */
extern void sandbox_guard_subtransaction_aborted(int level);

/* How many are running in this process, one within the other. */
extern int sandbox_depth(void);

/* An error that has a task of a shared turn begun again, alone; elsewhere nothing.  For what leaves the transaction. */
extern void sandbox_want_alone(const char *what);

#endif /* SFN_SERVICES_SANDBOX_H */
