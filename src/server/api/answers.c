/*
 * answers.c
 *	  What callers are answered with: rows of SQL functions, JSON.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/tokens.h"
#include "api/answers.h"

/* The difference between the Unix epoch and PostgreSQL's. */
#define EPOCH_DIFFERENCE_USECS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* ---- rows ---- */

Datum
result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc columns;

	if (get_call_result_type(fcinfo, NULL, &columns) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(columns), values, nulls));
}

void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	values[column] = text != NULL ? CStringGetTextDatum(text) : (Datum) 0;
}

void
put_moment(Datum *values, bool *nulls, int column, TimestampTz moment)
{
	nulls[column] = moment == 0;
	values[column] = TimestampTzGetDatum(moment);
}

Datum
json_datum(const JsonVal *value)
{
	StringInfoData text;

	initStringInfo(&text);
	jv_print(&text, value);
	return PointerGetDatum(cstring_to_text_with_len(text.data, text.len));
}

const char *
shown_to(const char *text, Oid viewer)
{
	char *hidden = tokens_hide(text, (int) strlen(text), viewer);

	return hidden != NULL ? hidden : text;
}

void
put_shown(Datum *values, bool *nulls, int column, const char *text, Oid viewer)
{
	put_text(values, nulls, column, text != NULL ? shown_to(text, viewer) : NULL);
}

Datum
shown_datum(const JsonVal *value, Oid viewer)
{
	return CStringGetTextDatum(shown_to(jv_to_text(value), viewer));
}

/* ---- JSON ---- */

const JsonVal *
epoch_seconds(TimestampTz moment)
{
	int64 millis = (moment + EPOCH_DIFFERENCE_USECS) / 1000;
	char *text = psprintf(INT64_FORMAT ".%03d", millis / 1000, (int) (millis % 1000));

	return jv_number_text(text, (int) strlen(text));
}

TimestampTz
moment_of_epoch_seconds(double seconds)
{
	const double first = (double) (MIN_TIMESTAMP / USECS_PER_SEC + EPOCH_DIFFERENCE_USECS / USECS_PER_SEC);
	const double last = (double) (END_TIMESTAMP / USECS_PER_SEC + EPOCH_DIFFERENCE_USECS / USECS_PER_SEC - 1);

	seconds = Max(Min(seconds, last), first);
	return (TimestampTz) (rint(seconds * 1000.0) * 1000.0) - EPOCH_DIFFERENCE_USECS;
}

void
answer_text(JvObjectBuilder *object, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(object, name, jv_string(text));
}

void
answer_moment(JvObjectBuilder *object, const char *name, TimestampTz moment)
{
	if (moment != 0)
		jv_object_add(object, name, epoch_seconds(moment));
}
