/*
 * unit.h
 *	  What the plain-program tests of the core use: checks that count.
 *
 * A test program calls the checks below and ends with "return unit_done();".
 * Each check prints an "ok" or "not ok" line.
 */
#ifndef SFN_UNIT_H
#define SFN_UNIT_H

#include "base/port.h"

#include "json/json_value.h"

extern bool unit_check(bool passed, const char *format, ...) pg_attribute_printf(2, 3);
extern bool unit_text(const char *actual, const char *expected, const char *format, ...) pg_attribute_printf(3, 4);

/* Prints the count; the program's exit status. */
extern int unit_done(void);

/* Everything palloc'd so far is given back. */
extern void unit_reset_memory(void);

/* The value of a JSON text that is known to be valid; single quotes stand for double ones. */
extern const JsonVal *unit_json(const char *text);

/* A file's content, NUL-terminated. */
extern char *unit_read_file(const char *name, int *length);

#define OK(condition) unit_check((condition), "%s:%d %s", __FILE__, __LINE__, #condition)

#endif /* SFN_UNIT_H */
