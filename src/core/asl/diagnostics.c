/*
 * diagnostics.c
 *	  The list of problems of a definition.
 *
 * A location is written as AWS writes it, "/States/X/Choices[0]/Next"; line and
 * column come from the JSON pointer of the same place.  A definition can be wrong
 * in many thousand places; the list takes only the first errors and warnings, the
 * counts go on.
 */
#include "base/port.h"

#include "asl/diagnostics.h"

#define MAX_ERRORS 200
#define MAX_WARNINGS 100

static char *pointer_of_location(const char *location);

void
diagnostics_begin(DiagnosticList *list)
{
	memset(list, 0, sizeof(DiagnosticList));
}

bool
diagnostics_are_full(const DiagnosticList *list, DiagnosticSeverity severity)
{
	return severity == DIAGNOSTIC_ERROR ? list->error_count >= MAX_ERRORS : list->warning_count >= MAX_WARNINGS;
}

/* Adds a problem; the location's JSON pointer is worked out from it. */
void
diagnostic_add(DiagnosticList *list, DiagnosticSeverity severity, const char *code, const char *location,
			   const char *hint, const char *message_format, ...)
{
	char *message;
	va_list args;

	va_start(args, message_format);
	message = sfn_format(message_format, args);
	va_end(args);
	diagnostic_add_at(list, severity, code, location, location != NULL ? pointer_of_location(location) : NULL, hint,
					  message);
}

void
diagnostic_add_at(DiagnosticList *list, DiagnosticSeverity severity, const char *code, const char *location,
				  const char *pointer, const char *hint, const char *message)
{
	Diagnostic *item;
	bool is_full = diagnostics_are_full(list, severity);

	*(severity == DIAGNOSTIC_ERROR ? &list->error_count : &list->warning_count) += 1;
	if (is_full)
		return;
	if (list->count == list->capacity)
	{
		list->capacity = list->capacity == 0 ? 8 : list->capacity * 2;
		list->items = list->items == NULL ? palloc(list->capacity * sizeof(Diagnostic))
										  : repalloc(list->items, list->capacity * sizeof(Diagnostic));
	}
	item = &list->items[list->count++];
	memset(item, 0, sizeof(Diagnostic));
	item->severity = severity;
	item->code = code;
	item->message = message;
	item->location = location;
	item->hint = hint;
	if (list->positions != NULL && pointer != NULL)
		(void) jv_position_of(list->positions, pointer, &item->line, &item->column);
}

/* "/States/X/Choices[0]/Next" as the JSON pointer "/States/X/Choices/0/Next"; "/" as "". */
static char *
pointer_of_location(const char *location)
{
	StringInfoData pointer;

	initStringInfo(&pointer);
	if (strcmp(location, "/") == 0)
		return pointer.data;
	for (const char *c = location; *c != '\0'; c++)
	{
		size_t digits = *c == '[' ? strspn(c + 1, "0123456789") : 0;

		if (digits > 0 && c[digits + 1] == ']')
		{
			appendStringInfoChar(&pointer, '/');
			appendBinaryStringInfo(&pointer, c + 1, (int) digits);
			c += digits + 1;
		}
		else
			appendStringInfoChar(&pointer, *c);
	}
	return pointer.data;
}
