/*
 * arguments.h
 *	  What all functions of the API do with their arguments: scope, names, ARNs, JSON, privileges.
 */
#ifndef SFN_API_ARGUMENTS_H
#define SFN_API_ARGUMENTS_H

#include "postgres.h"

#include "fmgr.h"

#include "api/errors.h"
#include "aws/arn.h"
#include "store/executions.h"
#include "store/machines.h"
#include "json/json_value.h"

/* The rights on a state machine. */
typedef enum MachinePrivilege
{
	MACHINE_START,
	MACHINE_SEE,
	MACHINE_MANAGE
} MachinePrivilege;

/* May this role do that with the machine?  The one place that decides. */
extern bool machine_privilege(const MachineRow *machine, Oid role, MachinePrivilege privilege);
/* The same as an error. */
extern void require_machine_privilege(const ApiCall *call, const MachineRow *machine, Oid role,
									  MachinePrivilege privilege);

/* Opens the store for a call; everything below runs between these two. */
extern void api_enter(ApiCall *call, ApiStyle style, const char *action);
extern void api_leave(ApiCall *call);

/*
 * The machine by name (SQL callers only) or ARN, if role may do that with it: api_machine() asks for the caller.
 * Errors: no ARN, no such machine, not allowed.
 */
extern MachineRow *api_machine(const ApiCall *call, const char *name_or_arn, MachinePrivilege privilege);
extern MachineRow *api_machine_for(const ApiCall *call, Oid role, const char *name_or_arn, MachinePrivilege privilege);

/*
 * The name of the machine that a name (SQL callers only) or ARN is of; *qualifier is the version or alias behind it, or
 * NULL.  NULL: no machine here can have that ARN.
 */
extern const char *api_machine_reference(const ApiCall *call, const char *name_or_arn, const char **qualifier);

/* The machine, or NULL when there is none; asks for no privilege, knows no versions. */
extern MachineRow *api_find_machine(const ApiCall *call, const char *name_or_arn);

/* The execution by ARN, if the caller may do that with its machine (returned when machine is not NULL). */
extern ExecutionRow *api_execution(const ApiCall *call, const char *arn, MachinePrivilege privilege,
								   bool express_allowed, MachineRow **machine);

/* The ARN of that type, taken apart; what: the words for it in errors, example: one. */
extern void api_arn(const ApiCall *call, const char *text, ArnType type, const char *what, const char *example,
					Arn *arn);
extern bool arn_is_ours(const Arn *arn); /* of this region and account */

/* Checks the name of a new machine or execution ("state machine", "execution"). */
extern void check_name(const ApiCall *call, const char *name, const char *what);

/* Checks the input of an execution: JSON, size; returns its value. */
extern const JsonVal *check_input(const ApiCall *call, const char *input, int length);

/* AWS's bound checks in AWS's words. */
extern void check_length(const ApiCall *call, const char *value, const char *member, const char *argument, int min,
						 int max);
extern int check_max_results(const ApiCall *call, int64 max_results); /* 0 means 100 */

/* ARNs under sfn.region and sfn.account_id. */
extern char *machine_arn(const char *name);
extern char *execution_arn(bool is_express, const char *machine_name, const char *stored_name);

/* ---- JSON of answers ---- */
extern const JsonVal *epoch_seconds(TimestampTz moment); /* 1700000000.123 */
extern TimestampTz moment_of_epoch_seconds(double seconds);
extern const JsonVal *json_of_double(double number); /* finite: 1.0, 12.5 */
extern Datum json_datum(const JsonVal *value);
extern const JsonVal *parse_stored(const char *text); /* JSON that the server has accepted before */

/* ---- arguments of SQL functions ---- */
extern char *text_argument(FunctionCallInfo fcinfo, int number); /* NULL when null; text and json */
extern char *jsonb_argument(FunctionCallInfo fcinfo, int number);
/* The argument, or an error that says it must not be null. */
extern char *required_text(const ApiCall *call, FunctionCallInfo fcinfo, int number, const char *argument);

/* ---- a row as the result of a SQL function ---- */

/* Of the type that the function is declared to return. */
extern Datum result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls);
extern void put_text(Datum *values, bool *nulls, int column, const char *text);     /* NULL: null */
extern void put_moment(Datum *values, bool *nulls, int column, TimestampTz moment); /* 0: null */

#endif /* SFN_API_ARGUMENTS_H */
