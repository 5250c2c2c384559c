/*
 * diagnostics.h
 *	  What is wrong with a definition: all problems, each with its place.
 */
#ifndef SFN_ASL_DIAGNOSTICS_H
#define SFN_ASL_DIAGNOSTICS_H

#include "json/json_value.h"

/* The code of what is wrong in itself; others are spelled where they are given. */
#define SCHEMA_VALIDATION_FAILED "SCHEMA_VALIDATION_FAILED"

typedef enum DiagnosticSeverity
{
	DIAGNOSTIC_ERROR,
	DIAGNOSTIC_WARNING
} DiagnosticSeverity;

typedef struct Diagnostic
{
	DiagnosticSeverity severity;
	const char *code;    /* AWS's: SCHEMA_VALIDATION_FAILED, MISSING_TRANSITION_TARGET, ... */
	const char *message; /* AWS's text where AWS has one */
	const char
		*location; /* JSON pointer "/States/X/Field"; for bad JSON AWS's "[Source: ...; line: 1, column: 4]"; or NULL */
	int line;      /* in the definition's text, from 1; 0 when unknown */
	int column;
	const char *hint; /* nearest known name and such, or NULL */
} Diagnostic;

typedef struct DiagnosticList
{
	int count;
	int capacity;
	int error_count; /* all, also those that the list has no room for */
	int warning_count;
	Diagnostic *items;
	const JvPositions *positions; /* of the definition, to find line and column */
} DiagnosticList;

extern void diagnostics_begin(DiagnosticList *list);
extern void diagnostic_add(DiagnosticList *list, DiagnosticSeverity severity, const char *code, const char *location,
						   const char *hint, const char *message_format, ...) pg_attribute_printf(6, 7);
/* The same where the JSON pointer of the place is known, which the location alone may leave in doubt. */
extern void diagnostic_add_at(DiagnosticList *list, DiagnosticSeverity severity, const char *code, const char *location,
							  const char *pointer, const char *hint, const char *message);
/* True when further problems of this severity are only counted. */
extern bool diagnostics_are_full(const DiagnosticList *list, DiagnosticSeverity severity);

#endif /* SFN_ASL_DIAGNOSTICS_H */
