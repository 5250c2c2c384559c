/*
 * error.c
 *	  A workflow error as a value: names and the two ways of filling one.
 */
#include "base/error.h"

#define ERROR_NAME(symbol, name) const char *const ERROR_##symbol = name;
#include "base/error_name_list.h"
#undef ERROR_NAME

static void error_fill(SfnError *error, const char *name, int position, const char *format, va_list args)
	pg_attribute_printf(4, 0);

/* Fills *error (which may be NULL) with name and formatted cause; always returns false. */
bool
sfn_error(SfnError *error, const char *name, const char *cause_format, ...)
{
	va_list args;

	va_start(args, cause_format);
	error_fill(error, name, -1, cause_format, args);
	va_end(args);
	return false;
}

/* The same with a byte offset in the source text. */
bool
sfn_error_at(SfnError *error, const char *name, int position, const char *cause_format, ...)
{
	va_list args;

	va_start(args, cause_format);
	error_fill(error, name, position, cause_format, args);
	va_end(args);
	return false;
}

static void
error_fill(SfnError *error, const char *name, int position, const char *format, va_list args)
{
	char *cause;

	if (error == NULL)
		return;
	cause = sfn_format(format, args); /* the arguments may be of the error that was there before */
	memset(error, 0, sizeof(SfnError));
	error->name = name;
	error->cause = cause;
	error->position = position;
}

char *
sfn_format(const char *format, va_list args)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list again;
		int missing;

		va_copy(again, args);
		missing = appendStringInfoVA(&text, format, again);
		va_end(again);
		if (missing == 0)
			return text.data;
		enlargeStringInfo(&text, missing);
	}
}
