/*
 * errors.c
 *	  Errors of actions, as data.
 *
 * The rows are in api_error_list.h; each has both texts, so that an error cannot
 * have one style only.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "actions/errors.h"

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
#include "actions/api_error_list.h"
#undef API_ERROR
};

static const char *fill_in(const char *format, const char *const *args, int count);

bool
action_fail_texts(ActionCall *call, ApiErrorId id, ...)
{
	va_list arguments;

	va_start(arguments, id);
	action_note_error(call, id, NULL, arguments);
	va_end(arguments);
	return false;
}

bool
action_invalid(ActionCall *call, const char *what)
{
	return action_fail(call, API_VALIDATION, what, what);
}

bool
action_fail_detail_texts(ActionCall *call, ApiErrorId id, const char *detail, ...)
{
	va_list arguments;

	va_start(arguments, detail);
	action_note_error(call, id, detail, arguments);
	va_end(arguments);
	return false;
}

void *
action_fail_null_texts(ActionCall *call, ApiErrorId id, ...)
{
	va_list arguments;

	va_start(arguments, id);
	action_note_error(call, id, NULL, arguments);
	va_end(arguments);
	return NULL;
}

void
action_note_error(ActionCall *call, ApiErrorId id, const char *detail, va_list arguments)
{
	const ApiErrorRow *row = &api_errors[id];
	const char *args[MAX_ERROR_ARGS];
	int count = 0;
	const char *arg;
	const char *s = row->sqlstate;

	while ((arg = va_arg(arguments, const char *)) != NULL)
	{
		Assert(count < MAX_ERROR_ARGS);
		args[count++] = arg;
	}
	call->error.id = id;
	call->error.sqlstate = MAKE_SQLSTATE(s[0], s[1], s[2], s[3], s[4]);
	call->error.code = row->aws_code;
	call->error.aws_text = fill_in(row->aws_message, args, count);
	call->error.sql_text = fill_in(row->sql_message, args, count);
	call->error.hint = row->hint != NULL ? fill_in(row->hint, args, count) : NULL;
	call->error.detail = detail;
	if (call->error.hint != NULL && call->error.hint[0] == '\0')
		call->error.hint = NULL;
}

/* The format with {0}, {1}, ... replaced; "{{" and "}}" stand for single braces. */
static const char *
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
