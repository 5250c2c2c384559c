/*
 * errors.h
 *	  Errors of actions, as data: which row of api_error_list.h, and its texts filled in.
 *
 * An action that cannot do what it was asked leaves the error in its call and returns
 * false or NULL.  Nothing here raises it: who called the action decides what becomes
 * of it (api/errors.c raises it, a Task answers with it).
 */
#ifndef SFN_ACTIONS_ERRORS_H
#define SFN_ACTIONS_ERRORS_H

#include "postgres.h"

#include "store/store.h"

/* What can fail so must be looked at. */
#define SFN_MUST_CHECK __attribute__((warn_unused_result))

typedef enum ApiErrorId
{
#define API_ERROR(symbol, sqlstate, aws_code, aws_message, sql_message, hint) API_##symbol,
#include "actions/api_error_list.h"
#undef API_ERROR
	API_ERROR_COUNT
} ApiErrorId;

typedef enum ActionStyle
{
	ACTION_SQL, /* for a SQL function of its own: names beside ARNs, what only this database has */
	ACTION_AWS  /* as AWS's action of that name: ARNs only, deleting what is not there is no error */
} ActionStyle;

typedef struct ActionError
{
	ApiErrorId id;
	int sqlstate;
	const char *code;     /* AWS's name of it */
	const char *aws_text; /* AWS's words */
	const char *sql_text; /* the same in ours */
	const char *hint;     /* for SQL callers; or NULL */
	const char *detail;   /* likewise */
} ActionError;

/* One call of an action: who calls what, in which scope of the store, and what went wrong. */
typedef struct ActionCall
{
	ActionStyle style;
	const char *action;        /* AWS's name */
	StoreScope scope;          /* scope.caller: whose privileges count */
	bool never_waits;          /* a worker that finds no task asks again later */
	bool is_unattended;        /* of a task or schedule: whoever has a name now has to be trusted */
	const char *invocation_id; /* what the client calls all attempts of one call; NULL: it has no name for it */
	bool checks_role_arn;      /* a roleArn has to look like one, as on AWS */
	ActionError error;         /* of an action that failed */
} ActionCall;

/* Leaves the error in the call; texts for its row follow the id.  Always false. */
#define action_fail(call, ...) action_fail_texts(call, __VA_ARGS__, (const char *) NULL)
/* The same with a detail for SQL callers behind the id. */
#define action_fail_with_detail(call, ...) action_fail_detail_texts(call, __VA_ARGS__, (const char *) NULL)
/* The same for functions that return a pointer: always NULL. */
#define action_fail_null(call, ...) action_fail_null_texts(call, __VA_ARGS__, (const char *) NULL)

/* A ValidationException whose text says all. */
extern bool action_invalid(ActionCall *call, const char *what);
extern bool action_fail_texts(ActionCall *call, ApiErrorId id, ...);
extern bool action_fail_detail_texts(ActionCall *call, ApiErrorId id, const char *detail, ...);
extern void *action_fail_null_texts(ActionCall *call, ApiErrorId id, ...);
extern void action_note_error(ActionCall *call, ApiErrorId id, const char *detail, va_list arguments);

#endif /* SFN_ACTIONS_ERRORS_H */
