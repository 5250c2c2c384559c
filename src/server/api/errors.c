/*
 * errors.c
 *	  Errors of callers, in SQL's style or in AWS's.
 *
 * The rows are in api_error_list.h; each has both texts, so that an error cannot
 * have one style only.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/errors.h"

#define MAX_ERROR_ARGS 8

typedef struct ApiErrorRow
{
	const char *sqlstate;
	const char *aws_code;
	const char *aws_message;
	const char *sql_message;
	const char *hint;
} ApiErrorRow;

static const ApiErrorRow api_errors[] = {
#define API_ERROR(symbol, sqlstate, aws_code, aws_message, sql_message, hint) \
	{sqlstate, aws_code, aws_message, sql_message, hint},
#include "api/api_error_list.h"
#undef API_ERROR
};

pg_noreturn static void raise_error(const ApiCall *call, const ApiErrorRow *row, const char *detail, va_list list);
static char *fill_in(const char *format, const char *const *args, int count);

void
api_error(const ApiCall *call, ApiErrorId id, ...)
{
	va_list list;

	va_start(list, id);
	raise_error(call, &api_errors[id], NULL, list);
	va_end(list);
}

void
api_error_with_detail(const ApiCall *call, ApiErrorId id, const char *detail, ...)
{
	va_list list;

	va_start(list, detail);
	raise_error(call, &api_errors[id], detail, list);
	va_end(list);
}

static void
raise_error(const ApiCall *call, const ApiErrorRow *row, const char *detail, va_list list)
{
	const char *args[MAX_ERROR_ARGS];
	int count = 0;
	const char *arg;
	const char *s = row->sqlstate;
	int sqlstate = MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
	char *hint;

	while ((arg = va_arg(list, const char *)) != NULL)
	{
		Assert(count < MAX_ERROR_ARGS);
		args[count++] = arg;
	}

	if (call->style == API_AWS)
		ereport(ERROR,
				(errcode(sqlstate), errmsg_internal("%s: %s", row->aws_code, fill_in(row->aws_message, args, count))));
	hint = row->hint != NULL ? fill_in(row->hint, args, count) : NULL;
	ereport(ERROR,
			(errcode(sqlstate), errmsg_internal("%s", fill_in(row->sql_message, args, count)),
			 detail != NULL ? errdetail_internal("%s", detail) : 0,
			 hint != NULL && hint[0] != '\0' ? errhint("%s", hint) : 0));
}

/* The format with {0}, {1}, ... replaced; "{{" and "}}" stand for single braces. */
static char *
fill_in(const char *format, const char *const *args, int count)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const char *c = format; *c != '\0'; c++)
	{
		if ((c[0] == '{' && c[1] == '{') || (c[0] == '}' && c[1] == '}'))
			appendStringInfoChar(&text, *c++);
		else if (c[0] == '{' && c[1] >= '0' && c[1] < '0' + count && c[2] == '}')
		{
			appendStringInfoString(&text, args[c[1] - '0']);
			c += 2;
		}
		else
			appendStringInfoChar(&text, *c);
	}
	return text.data;
}
