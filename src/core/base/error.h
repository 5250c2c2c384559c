/*
 * error.h
 *	  A workflow error as a value: core functions return false and fill it.
 */
#ifndef SFN_BASE_ERROR_H
#define SFN_BASE_ERROR_H

#include "base/port.h"

typedef struct SfnError
{
	const char *name;     /* "States.Runtime", "Lambda.Unknown", ...; NULL: no name at all */
	const char *cause;    /* NULL: no cause at all (not the same as an empty one) */
	const char *location; /* field of the failing expression ("Output/x"), for EvaluationFailed; else NULL */
	int position;         /* byte offset in the source text that could not be parsed; -1: none */
	bool is_evaluation;   /* a JSONata failure: an EvaluationFailed event precedes it */
} SfnError;

/* The names of section 5 of the language reference that the core itself reports. */
#define ERROR_NAME(symbol, name) extern const char *const ERROR_##symbol;
#include "base/error_name_list.h"
#undef ERROR_NAME

/* Fills *error (which may be NULL) with name and formatted cause; always returns false. */
extern bool sfn_error(SfnError *error, const char *name, const char *cause_format, ...) pg_attribute_printf(3, 4);

/* The same with a position in the source text. */
extern bool sfn_error_at(SfnError *error, const char *name, int position, const char *cause_format, ...)
	pg_attribute_printf(4, 5);

/* The formatted text, as psprintf() makes it of arguments of its own. */
extern char *sfn_format(const char *format, va_list args) pg_attribute_printf(1, 0);

#endif /* SFN_BASE_ERROR_H */
