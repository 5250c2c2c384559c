/*
 * answers.h
 *	  What callers are answered with: rows of SQL functions, JSON.
 */
#ifndef SFN_API_ANSWERS_H
#define SFN_API_ANSWERS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "json/json_value.h"

/* ---- a row as the result of a SQL function ---- */

/* Of the type that the function is declared to return. */
extern Datum result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls);
extern void put_text(Datum *values, bool *nulls, int column, const char *text);     /* NULL: null */
extern void put_moment(Datum *values, bool *nulls, int column, TimestampTz moment); /* 0: null */
extern Datum json_datum(const JsonVal *value);

/* The same for what may have task tokens in it, which are hidden from a viewer who may not answer them. */
extern void put_shown(Datum *values, bool *nulls, int column, const char *text, Oid viewer);
/* The text, with tokens that are not for the viewer hidden. */
extern const char *shown_to(const char *text, Oid viewer);
extern Datum shown_datum(const JsonVal *value, Oid viewer);

/* ---- JSON ---- */
extern const JsonVal *epoch_seconds(TimestampTz moment);    /* 1700000000.123 */
extern TimestampTz moment_of_epoch_seconds(double seconds); /* the first or last one there is, if beyond them */
/* Adds a member unless there is nothing to say: text NULL, moment 0. */
extern void answer_text(JvObjectBuilder *object, const char *name, const char *text);
extern void answer_moment(JvObjectBuilder *object, const char *name, TimestampTz moment);

#endif /* SFN_API_ANSWERS_H */
