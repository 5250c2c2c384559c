/*
 * values.c
 *	  Scalars as services write them, and times in their formats.
 */
#include "aws/request.h"

#include <math.h>

#include "base/hashes.h"
#include "base/timestamps.h"

#define EPOCH_USECS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* Seconds since 1970 that the server's times can be. */
#define MAX_SECONDS 9.0e12

/* ---- times ---- */

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
										  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const day_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* "Wed, 21 Oct 2015 07:28:00 GMT", and with "-" in place of the blanks as cookies have it. */
static bool
read_http_time(const char *text, TimestampTz *moment)
{
	char month[4] = "";
	int day;
	int year;
	int hour;
	int minute;
	int second;
	const char *comma = strchr(text, ',');

	if (comma == NULL ||
		sscanf(comma + 1, " %d%*1[- ]%3s%*1[- ]%d %d:%d:%d", &day, month, &year, &hour, &minute, &second) != 6)
		return false;
	for (int i = 0; i < (int) lengthof(month_names); i++)
	{
		if (strcmp(month_names[i], month) == 0)
		{
			char *iso = psprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", year, i + 1, day, hour, minute, second);

			return timestamp_parse(iso, (int) strlen(iso), moment);
		}
	}
	return false;
}

static bool
read_seconds(double seconds, TimestampTz *moment)
{
	if (!(seconds > -1.0e11 && seconds < MAX_SECONDS))
		return false;
	*moment = (int64) floor(seconds * USECS_PER_SEC + 0.5) - EPOCH_USECS;
	return true;
}

bool
aws_time_read(const JsonVal *value, TimestampTz *moment)
{
	char *end;
	double seconds;

	if (value->type == JV_NUMBER)
		return read_seconds(value->number, moment);
	if (value->type != JV_STRING)
		return false;
	if (timestamp_parse(value->u.text, value->count, moment) || read_http_time(value->u.text, moment))
		return true;
	seconds = strtod(value->u.text, &end);
	return value->count > 0 && *end == '\0' && read_seconds(seconds, moment);
}

/* Without zeros at the end of its fraction. */
static void
cut_zeros(StringInfo out, int from)
{
	char *point = strchr(out->data + from, '.');

	while (point != NULL && out->data[out->len - 1] == '0')
		out->data[--out->len] = '\0';
	if (point != NULL && out->data[out->len - 1] == '.')
		out->data[--out->len] = '\0';
}

static void
print_http_time(StringInfo out, TimestampTz moment)
{
	StringInfoData iso;
	int64 days = (moment - (moment % USECS_PER_DAY + USECS_PER_DAY) % USECS_PER_DAY) / USECS_PER_DAY;
	int year;
	int month;
	int day;

	initStringInfo(&iso);
	timestamp_print(&iso, moment - ((moment % USECS_PER_SEC) + USECS_PER_SEC) % USECS_PER_SEC);
	if (sscanf(iso.data, "%d-%d-%dT", &year, &month, &day) != 3)
		return;
	/* 2000-01-01 was a Saturday */
	appendStringInfo(out, "%s, %02d %s %04d %.8s GMT", day_names[((days + 5) % 7 + 7) % 7], day, month_names[month - 1],
					 year, strchr(iso.data, 'T') + 1);
}

void
aws_time_print(StringInfo out, TimestampTz moment, char time_format)
{
	int from = out->len;
	int64 usecs = moment + EPOCH_USECS;

	if (time_format == 'R')
		print_http_time(out, moment);
	else if (time_format == 'U')
	{
		appendStringInfo(out, "%s" INT64_FORMAT ".%06d", usecs < 0 ? "-" : "",
						 (usecs < 0 ? -usecs : usecs) / USECS_PER_SEC,
						 (int) ((usecs < 0 ? -usecs : usecs) % USECS_PER_SEC));
		cut_zeros(out, from);
	}
	else
	{
		timestamp_print(out, moment);
		out->data[--out->len] = '\0'; /* the Z */
		cut_zeros(out, from);
		appendStringInfoChar(out, 'Z');
	}
}

/* ---- scalars ---- */

bool
aws_wants(const JsonVal *value, JvType type, const char *name, SfnError *error)
{
	static const char *const words[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};

	if (value->type == type)
		return true;
	return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" must be %s, not %s.", name, words[type],
					 words[value->type]);
}

const char *
aws_bytes(const JsonVal *value, int *length)
{
	const char *text = value->type == JV_STRING ? value->u.text : jv_to_text(value);

	*length = value->type == JV_STRING ? value->count : (int) strlen(text);
	return text;
}

static bool
is_number(const JsonVal *value, bool with_fraction)
{
	JvParseError ignored;
	const JsonVal *number = value;
	int64 whole;

	if (value->type == JV_STRING && with_fraction &&
		(strcmp(value->u.text, "NaN") == 0 || strcmp(value->u.text, "Infinity") == 0 ||
		 strcmp(value->u.text, "-Infinity") == 0))
		return true;
	if (value->type == JV_STRING)
		number = jv_parse(value->u.text, value->count, &ignored);
	return jv_is(number, JV_NUMBER) &&
		(with_fraction || jv_to_int64(number, &whole) || strpbrk(number->u.text, ".eE") == NULL);
}

static bool
is_truth(const JsonVal *value)
{
	return value->type == JV_BOOL ||
		(value->type == JV_STRING &&
		 (pg_strcasecmp(value->u.text, "true") == 0 || pg_strcasecmp(value->u.text, "false") == 0));
}

static bool
time_text(const AwsType *type, const JsonVal *value, char time_format, const char *name, const char **text,
		  SfnError *error)
{
	StringInfoData out;
	TimestampTz moment;

	if (!aws_time_read(value, &moment))
		return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" must be a timestamp such as 2026-01-31T12:00:00Z.",
						 name);
	initStringInfo(&out);
	aws_time_print(&out, moment, type->time_format != '\0' ? type->time_format : time_format);
	*text = out.data;
	return true;
}

bool
aws_scalar_text(const AwsType *type, const JsonVal *value, char time_format, const char *name, const char **text,
				SfnError *error)
{
	int length;
	const char *bytes = aws_bytes(value, &length);

	*text = bytes;
	switch (type->kind)
	{
		case 'B':
			*text = base64_encode(bytes, length);
			return true;
		case 't':
			return time_text(type, value, time_format, name, text, error);
		case 'i':
		case 'f':
			if (is_number(value, type->kind == 'f'))
				return true;
			return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" must be a %s.", name,
							 type->kind == 'f' ? "number" : "whole number");
		case 'b':
			*text = bytes[0] == 't' || bytes[0] == 'T' ? "true" : "false";
			return is_truth(value) || aws_wants(value, JV_BOOL, name, error);
		case 's':
			return value->type < JV_ARRAY || aws_wants(value, JV_STRING, name, error);
		default:
			return true;
	}
}

bool
aws_member_of_key(const AwsService *service, const AwsType *structure, const char *key, AwsMember *member,
				  SfnError *error)
{
	const char *nearest;

	if (aws_member_find(service, structure, key, member))
		return true;
	nearest = aws_nearest_member(service, structure, key);
	if (nearest != NULL)
		return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" is not known. Perhaps \"%s\" is meant.", key,
						 nearest);
	return sfn_error(error, ERROR_RUNTIME, "The parameter \"%s\" is not known.", key);
}
