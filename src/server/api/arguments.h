/*
 * arguments.h
 *	  Arguments of SQL functions.
 */
#ifndef SFN_API_ARGUMENTS_H
#define SFN_API_ARGUMENTS_H

#include "postgres.h"

#include "fmgr.h"

#include "api/errors.h"
#include "json/json_value.h"

extern char *text_argument(FunctionCallInfo fcinfo, int number); /* NULL when null; text and json */
extern char *jsonb_argument(FunctionCallInfo fcinfo, int number);
extern const JsonVal *json_value_argument(FunctionCallInfo fcinfo, int number); /* NULL when null */
extern const JsonVal *jsonb_value_argument(FunctionCallInfo fcinfo, int number);
extern const JsonVal *integer_value_argument(FunctionCallInfo fcinfo, int number);
extern const JsonVal *text_value_argument(FunctionCallInfo fcinfo, int number);
/* An error that names the argument that is null, if any is; first in a function all of whose arguments are needed. */
extern void require_arguments(FunctionCallInfo fcinfo);
/* The argument, or an error that says it must not be null. */
extern char *required_text(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument);
extern TimestampTz moment_argument(ActionCall *call, FunctionCallInfo fcinfo, int number); /* finite; 0 when null */
extern int64 interval_argument(FunctionCallInfo fcinfo,
							   int number); /* microseconds, a month has 30 days; 0 when null */
/* The moment so long after start; the argument is not null. */
extern TimestampTz moment_after_argument(FunctionCallInfo fcinfo, int number, TimestampTz start);
/* The elements of an array of text or json, NULL for null; NULL when the array is null. */
extern char **text_elements(FunctionCallInfo fcinfo, int number, int *count);
/* The same, none of which may be null. */
extern char **required_texts(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument, int *count);

#endif /* SFN_API_ARGUMENTS_H */
