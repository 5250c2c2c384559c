/*
 * errors.h
 *	  Errors of callers, in SQL's style or in AWS's.
 */
#ifndef SFN_API_ERRORS_H
#define SFN_API_ERRORS_H

#include "postgres.h"

#include "base/port.h"
#include "store/store.h"

typedef enum ApiErrorId
{
#define API_ERROR(symbol, sqlstate, aws_code, aws_message, sql_message, hint) API_##symbol,
#include "api/api_error_list.h"
#undef API_ERROR
	API_ERROR_COUNT
} ApiErrorId;

typedef enum ApiStyle
{
	API_SQL, /* a function of its own: lower-case message, hint */
	API_AWS  /* sfn.api(): "<code>: <message>" */
} ApiStyle;

/* One call of a function or action: how its errors read, and the store's scope it runs in. */
typedef struct ApiCall
{
	ApiStyle style;
	const char *action; /* AWS's name */
	StoreScope scope;   /* scope.caller: whose privileges count */
} ApiCall;

/* Raises the error; the arguments are texts and end with NULL. */
pg_noreturn extern void api_error(const ApiCall *call, ApiErrorId id, ...);
/* The same with a detail for SQL callers. */
pg_noreturn extern void api_error_with_detail(const ApiCall *call, ApiErrorId id, const char *detail, ...);

#endif /* SFN_API_ERRORS_H */
