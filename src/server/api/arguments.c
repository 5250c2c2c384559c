/*
 * arguments.c
 *	  Arguments of SQL functions.
 */
#include "postgres.h"

#include "common/int.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "api/arguments.h"

char *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(number));
}

char *
jsonb_argument(FunctionCallInfo fcinfo, int number)
{
	Jsonb *value;

	if (PG_ARGISNULL(number))
		return NULL;
	value = PG_GETARG_JSONB_P(number);
	return JsonbToCString(NULL, &value->root, VARSIZE(value));
}

/* As its function's declaration calls it. */
static const char *
argument_name(FunctionCallInfo fcinfo, int number)
{
	HeapTuple function = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	Oid *types;
	char **names;
	char *modes;

	if (!HeapTupleIsValid(function))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	(void) get_func_arg_info(function, &types, &names, &modes);
	ReleaseSysCache(function);
	return names[number];
}

/* PostgreSQL takes JSON that nothing here can hold: lone surrogates, NUL, thousands of levels. */
static const JsonVal *
read_value(FunctionCallInfo fcinfo, int number, const char *text)
{
	JvParseError error;
	const JsonVal *value;

	if (text == NULL)
		return NULL;
	value = jv_parse(text, (int) strlen(text), &error);
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("%s cannot be read: %s at line %d, column %d", argument_name(fcinfo, number), error.message,
						error.line, error.column)));
	return value;
}

const JsonVal *
json_value_argument(FunctionCallInfo fcinfo, int number)
{
	return read_value(fcinfo, number, text_argument(fcinfo, number));
}

const JsonVal *
jsonb_value_argument(FunctionCallInfo fcinfo, int number)
{
	return read_value(fcinfo, number, jsonb_argument(fcinfo, number));
}

const JsonVal *
integer_value_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : jv_int(PG_GETARG_INT32(number));
}

const JsonVal *
text_value_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : jv_string(text_argument(fcinfo, number));
}

void
require_arguments(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", argument_name(fcinfo, i))));
	}
}

char *
required_text(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument)
{
	if (PG_ARGISNULL(number))
		api_error(call, API_CONSTRAINT, "null", argument, "Member must not be null",
				  psprintf("%s must not be null", argument));
	return text_argument(fcinfo, number);
}

char **
text_elements(FunctionCallInfo fcinfo, int number, int *count)
{
	char **texts;
	Datum *elements;
	bool *nulls;

	*count = 0;
	if (PG_ARGISNULL(number))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), ARR_ELEMTYPE(PG_GETARG_ARRAYTYPE_P(number)), -1, false,
					  TYPALIGN_INT, &elements, &nulls, count);
	texts = palloc(sizeof(char *) * (*count + 1));
	for (int i = 0; i < *count; i++)
		texts[i] = nulls[i] ? NULL : TextDatumGetCString(elements[i]);
	return texts;
}

char **
required_texts(ActionCall *call, FunctionCallInfo fcinfo, int number, const char *argument, int *count)
{
	char **texts = text_elements(fcinfo, number, count);

	if (texts == NULL)
		api_error(call, API_CONSTRAINT, "null", argument, "Member must not be null",
				  psprintf("%s must not be null", argument));
	for (int i = 0; i < *count; i++)
		if (texts[i] == NULL)
			api_error(call, API_CONSTRAINT, "null", argument, "Member must not be null",
					  psprintf("%s must not contain null", argument));
	return texts;
}

TimestampTz
moment_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return 0;
	if (TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(number)))
		api_error(call, API_VALIDATION, "dates must not be infinity", "dates must not be infinity");
	return PG_GETARG_TIMESTAMPTZ(number);
}

TimestampTz
moment_after_argument(FunctionCallInfo fcinfo, int number, TimestampTz start)
{
	int64 length = interval_argument(fcinfo, number);
	TimestampTz end;

	if (pg_add_s64_overflow(start, length, &end) || !IS_VALID_TIMESTAMP(end))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s ends at no moment that there is", argument_name(fcinfo, number)),
				 errhint("The last one is in the year 294276.")));
	return DatumGetTimestampTz(
		DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(start), PG_GETARG_DATUM(number)));
}

int64
interval_argument(FunctionCallInfo fcinfo, int number)
{
	Interval *value = PG_ARGISNULL(number) ? NULL : PG_GETARG_INTERVAL_P(number);
	int64 days;
	int64 length;

	if (value == NULL)
		return 0;
	days = (int64) value->month * DAYS_PER_MONTH + value->day;
	if (pg_mul_s64_overflow(days, USECS_PER_DAY, &length) || pg_add_s64_overflow(length, value->time, &length))
		return days < 0 ? PG_INT64_MIN : PG_INT64_MAX;
	return length;
}
